/* Array literals of keys: the first byte separates values from each other; what a small parser of
 * its own reads from the literal must be the values. Source:
 * https://www.postgresql.org/docs/current/arrays.html, "Array Input and Output Syntax". */
#include "core/plan/key.h"
#include "fuzz.h"

enum { VALUES_MAX = 64 };

/* The next element of a literal whose elements are all quoted, owned by the caller; moves *s behind
 * it. */
static char *element(const char **s)
{
    struct text value = TEXT_INIT;

    REQUIRE(*(*s)++ == '"');
    while (**s != '"') {
        *s += **s == '\\';
        REQUIRE(**s != '\0');
        text_add_bytes(&value, (*s)++, 1);
    }
    ++*s;
    return text_take(&value);
}

static void check_literal(char *const *values, int count)
{
    struct text array = TEXT_INIT;

    for (int i = 0; i < count; i++)
        key_array_add(&array, values[i]);
    key_array_end(&array);
    const char *s = text_string(&array);
    REQUIRE(*s++ == '{');
    for (int i = 0; i < count; i++) {
        REQUIRE(i == 0 || *s++ == ',');
        char *found = element(&s);
        REQUIRE(strcmp(found, values[i]) == 0);
        free(found);
    }
    REQUIRE(*s++ == '}');
    REQUIRE(s == text_string(&array) + array.bytes);
    text_free(&array);
}

static void check_copy(char *const *values, int count)
{
    struct key key = {.columns = count < KEY_COLUMNS_MAX ? count : KEY_COLUMNS_MAX};
    struct key copy;

    for (int i = 0; i < key.columns; i++)
        key.values[i] = *values[i] == '\0' ? NULL : values[i];
    key_copy(&copy, &key);
    REQUIRE(copy.columns == key.columns && key_is_set(&copy) == (count > 0));
    for (int i = 0; i < key.columns; i++)
        REQUIRE(key.values[i] == NULL ? copy.values[i] == NULL
                                      : strcmp(copy.values[i], key.values[i]) == 0 &&
                                            copy.values[i] != key.values[i]);
    key_clear(&copy);
    REQUIRE(!key_is_set(&copy));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *values[VALUES_MAX];
    int count = 0;

    for (size_t start = 1; start < bytes && count < VALUES_MAX; count++) {
        const uint8_t *end = memchr(data + start, data[0], bytes - start);
        size_t length = end == NULL ? bytes - start : (size_t)(end - data) - start;
        values[count] = fuzz_string(data + start, length);
        start += length + 1;
    }
    check_literal(values, count);
    check_copy(values, count);
    for (int i = 0; i < count; i++)
        free(values[i]);
    return 0;
}
