/* Key array literals as PostgreSQL reads them, and copies of keys and chunks. */
#include <string.h>

#include "core/plan/chunk.h"
#include "unit.h"

static void check_array(const char *const *values, int count, const char *expected)
{
    struct text array = TEXT_INIT;

    for (int i = 0; i < count; i++)
        key_array_add(&array, values[i]);
    key_array_end(&array);
    CU_ASSERT_STRING_EQUAL(text_string(&array), expected);
    text_free(&array);
}

static void an_array_literal_quotes_every_value(void)
{
    check_array((const char *[]){"2024-01-05"}, 1, "{\"2024-01-05\"}");
    check_array((const char *[]){"a", "b c", "1,2"}, 3, "{\"a\",\"b c\",\"1,2\"}");
    check_array((const char *[]){"NULL", "{}"}, 2, "{\"NULL\",\"{}\"}");
}

static void an_array_literal_keeps_empty_strings(void)
{
    check_array((const char *[]){""}, 1, "{\"\"}");
    check_array((const char *[]){"", ""}, 2, "{\"\",\"\"}");
}

static void an_array_literal_escapes_quotes_and_backslashes(void)
{
    check_array((const char *[]){"a\"b"}, 1, "{\"a\\\"b\"}");
    check_array((const char *[]){"\\"}, 1, "{\"\\\\\"}");
    check_array((const char *[]){"O'Neill"}, 1, "{\"O'Neill\"}");
}

static void an_array_literal_leaves_utf8_alone(void)
{
    check_array((const char *[]){"Z\xc3\xbcrich", "\xe2\x82\xac"}, 2,
                "{\"Z\xc3\xbcrich\",\"\xe2\x82\xac\"}");
}

static void an_array_without_values_is_empty(void)
{
    check_array(NULL, 0, "{}");
}

static void a_key_copy_outlives_its_original(void)
{
    char first[] = "2024-01-05";
    char second[] = "x";
    struct key key = {2, {first, second}};
    struct key copy;

    key_copy(&copy, &key);
    first[0] = 'X';
    second[0] = 'X';
    CU_ASSERT_EQUAL(copy.columns, 2);
    CU_ASSERT_STRING_EQUAL(copy.values[0], "2024-01-05");
    CU_ASSERT_STRING_EQUAL(copy.values[1], "x");
    key_clear(&copy);
    CU_ASSERT_FALSE(key_is_set(&copy));
    CU_ASSERT_PTR_NULL(copy.values[0]);
}

static void a_key_copy_keeps_nulls_and_no_key(void)
{
    struct key with_null = {2, {NULL, NULL}};
    struct key none = {0};
    struct key copy;

    key_copy(&copy, &with_null);
    CU_ASSERT_EQUAL(copy.columns, 2);
    CU_ASSERT_PTR_NULL(copy.values[0]);
    key_clear(&copy);
    key_copy(&copy, &none);
    CU_ASSERT_FALSE(key_is_set(&copy));
}

static void a_chunk_copy_shares_nothing(void)
{
    char lower[] = "a";
    char upper[] = "b";
    char set[] = "{\"a\"}";
    char row_lower[] = "1";
    char row_upper[] = "9";
    struct chunk chunk = {.id = 7, .kind = CHUNK_SLICE, .upper_open = true, .rows = 5, .keys = 2};
    struct chunk copy;

    chunk.lower = (struct key){1, {lower}};
    chunk.upper = (struct key){1, {upper}};
    chunk.sets = (struct key){1, {set}};
    chunk.row_lower = row_lower;
    chunk.row_upper = row_upper;
    chunk_copy(&copy, &chunk);
    lower[0] = upper[0] = set[0] = row_lower[0] = row_upper[0] = '#';
    CU_ASSERT_EQUAL(copy.id, 7);
    CU_ASSERT_EQUAL(copy.kind, CHUNK_SLICE);
    CU_ASSERT_TRUE(copy.upper_open);
    CU_ASSERT_EQUAL(copy.rows, 5);
    CU_ASSERT_EQUAL(copy.keys, 2);
    CU_ASSERT_STRING_EQUAL(copy.lower.values[0], "a");
    CU_ASSERT_STRING_EQUAL(copy.upper.values[0], "b");
    CU_ASSERT_STRING_EQUAL(copy.sets.values[0], "{\"a\"}");
    CU_ASSERT_STRING_EQUAL(copy.row_lower, "1");
    CU_ASSERT_STRING_EQUAL(copy.row_upper, "9");
    chunk_clear(&copy);
    CU_ASSERT_PTR_NULL(copy.row_lower);
    CU_ASSERT_FALSE(key_is_set(&copy.upper));
}

static void chunk_kinds_have_names_that_parse_back(void)
{
    for (int i = CHUNK_RANGE; i <= CHUNK_KEYS; i++) {
        enum chunk_kind kind = i == CHUNK_RANGE ? CHUNK_KEYS : CHUNK_RANGE;
        CU_ASSERT_EQUAL(chunk_kind_parse(chunk_kind_name((enum chunk_kind)i), &kind), 0);
        CU_ASSERT_EQUAL((int)kind, i);
    }
    enum chunk_kind kind;
    CU_ASSERT_EQUAL(chunk_kind_parse("Range", &kind), -1);
    CU_ASSERT_EQUAL(chunk_kind_parse("", &kind), -1);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(an_array_literal_quotes_every_value),
        TEST(an_array_literal_keeps_empty_strings),
        TEST(an_array_literal_escapes_quotes_and_backslashes),
        TEST(an_array_literal_leaves_utf8_alone),
        TEST(an_array_without_values_is_empty),
        TEST(a_key_copy_outlives_its_original),
        TEST(a_key_copy_keeps_nulls_and_no_key),
        TEST(a_chunk_copy_shares_nothing),
        TEST(chunk_kinds_have_names_that_parse_back),
        CU_TEST_INFO_NULL,
    };

    return unit_run("key", tests);
}
