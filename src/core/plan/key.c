/* Copies of keys, and array literals of their values. */
#include "core/plan/key.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void key_copy(struct key *to, const struct key *from)
{
    memset(to, 0, sizeof *to);
    to->columns = from->columns;
    for (int i = 0; i < from->columns; i++)
        to->values[i] = memory_copy_string(from->values[i]);
}

void key_clear(struct key *key)
{
    for (int i = 0; i < key->columns; i++)
        free(key->values[i]);
    memset(key, 0, sizeof *key);
}

void key_array_add(struct text *array, const char *value)
{
    text_add(array, array->bytes == 0 ? "{\"" : ",\"");
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            text_add(array, "\\");
        text_add_bytes(array, p, 1);
    }
    text_add(array, "\"");
}

void key_array_end(struct text *array)
{
    text_add(array, array->bytes == 0 ? "{}" : "}");
}

char *key_array(const struct key *key)
{
    struct text array = TEXT_INIT;

    if (!key_is_set(key))
        return NULL;
    for (int i = 0; i < key->columns; i++)
        key_array_add(&array, key->values[i]);
    key_array_end(&array);
    return text_take(&array);
}

bool key_is_same(const struct key *a, const struct key *b)
{
    bool is_same = a->columns == b->columns;

    for (int i = 0; is_same && i < a->columns; i++)
        is_same = strcmp(a->values[i], b->values[i]) == 0;
    return is_same;
}
