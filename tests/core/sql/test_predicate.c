/* The chunk's SQL, shape by shape, for one key column and for several. */
#include <stdio.h>
#include <string.h>

#include "core/sql/predicate.h"
#include "unit.h"

#define DATE "\"pg_catalog\".\"date\""
#define TEXT "\"pg_catalog\".\"text\""
#define INT8 "\"pg_catalog\".\"int8\""
#define DAY  "(t.\"VisitDate\"::date\n)"
#define SSN  "t.\"SSN\""

static char day_expression[] = "t.\"VisitDate\"::date";
static char ssn_expression[] = "t.\"SSN\"";
static char date_type[] = DATE;
static char text_type[] = TEXT;
static char int8_type[] = INT8;
static char row_id[] = "\"ID\"";

/* Two columns, the second one nullable. */
static struct work visits(void)
{
    struct work work = {
        .key_columns = 2, .row_id = row_id, .row_id_type = int8_type, .row_id_oid = 20};

    work.keys[0] = (struct work_key){day_expression, date_type, 1082, 1182, false};
    work.keys[1] = (struct work_key){ssn_expression, text_type, 25, 1009, true};
    return work;
}

/* One column, a plain identifier. */
static struct work by_ssn(bool nullable)
{
    struct work work = {
        .key_columns = 1, .row_id = row_id, .row_id_type = int8_type, .row_id_oid = 20};

    work.keys[0] = (struct work_key){ssn_expression, text_type, 25, 1009, nullable};
    return work;
}

static void check_tile(struct work work, struct predicate_shape shape, int first,
                       const char *expected)
{
    struct text out = TEXT_INIT;

    predicate_tile(&out, &work, shape, first);
    CU_ASSERT_STRING_EQUAL(text_string(&out), expected);
    if (strcmp(text_string(&out), expected) != 0)
        printf("\n  is:        %s\n  should be: %s\n", text_string(&out), expected);
    text_free(&out);
}

static struct predicate_shape shape_of(enum chunk_kind kind, bool has_lower, bool has_upper,
                                       bool upper_open)
{
    return (struct predicate_shape){kind, has_lower, has_upper, upper_open};
}

static void a_range_has_a_bound_that_the_planner_can_estimate(void)
{
    check_tile(visits(), shape_of(CHUNK_RANGE, true, true, false), 1,
               DAY " BETWEEN $1::" DATE " AND $3::" DATE " AND ROW(" DAY ", " SSN
                   ") > ROW($1::" DATE ", $2::" TEXT ") AND ROW(" DAY ", " SSN ") <= ROW($3::" DATE
                   ", $4::" TEXT ") AND " SSN " IS NOT NULL");
}

static void a_first_range_has_no_lower_bound(void)
{
    check_tile(visits(), shape_of(CHUNK_RANGE, false, true, false), 3,
               DAY " <= $3::" DATE " AND ROW(" DAY ", " SSN ") <= ROW($3::" DATE ", $4::" TEXT
                   ") AND " SSN " IS NOT NULL");
}

static void a_last_range_has_no_upper_bound(void)
{
    check_tile(visits(), shape_of(CHUNK_RANGE, true, false, false), 1,
               DAY " >= $1::" DATE " AND ROW(" DAY ", " SSN ") > ROW($1::" DATE ", $2::" TEXT
                   ") AND " SSN " IS NOT NULL");
}

static void a_range_before_an_oversized_key_ends_exclusive(void)
{
    check_tile(visits(), shape_of(CHUNK_RANGE, false, true, true), 1,
               DAY " <= $1::" DATE " AND ROW(" DAY ", " SSN ") < ROW($1::" DATE ", $2::" TEXT
                   ") AND " SSN " IS NOT NULL");
}

static void a_key_of_one_column_is_compared_plainly(void)
{
    check_tile(by_ssn(false), shape_of(CHUNK_RANGE, true, true, false), 1,
               SSN " > $1::" TEXT " AND " SSN " <= $2::" TEXT);
    check_tile(by_ssn(true), shape_of(CHUNK_RANGE, true, true, true), 5,
               SSN " > $5::" TEXT " AND " SSN " < $6::" TEXT " AND " SSN " IS NOT NULL");
}

static void a_range_of_everything_is_true_or_leaves_out_nulls(void)
{
    check_tile(by_ssn(false), shape_of(CHUNK_RANGE, false, false, false), 1, "true");
    check_tile(by_ssn(true), shape_of(CHUNK_RANGE, false, false, false), 1, SSN " IS NOT NULL");
    check_tile(visits(), shape_of(CHUNK_RANGE, false, false, false), 1, SSN " IS NOT NULL");
}

static void a_slice_is_one_key_between_row_ids(void)
{
    check_tile(visits(), shape_of(CHUNK_SLICE, true, true, false), 1,
               DAY " = $1::" DATE " AND " SSN " = $2::" TEXT " AND t.\"ID\" > $3::" INT8
                   " AND t.\"ID\" <= $4::" INT8);
    check_tile(visits(), shape_of(CHUNK_SLICE, false, true, false), 2,
               DAY " = $2::" DATE " AND " SSN " = $3::" TEXT " AND t.\"ID\" <= $4::" INT8);
    check_tile(by_ssn(false), shape_of(CHUNK_SLICE, true, false, false), 1,
               SSN " = $1::" TEXT " AND t.\"ID\" > $2::" INT8);
}

static void null_keys_are_those_of_nullable_columns(void)
{
    struct work work = visits();

    check_tile(work, shape_of(CHUNK_NULLS, false, false, false), 1, "(" SSN " IS NULL)");
    work.keys[0].nullable = true;
    check_tile(work, shape_of(CHUNK_NULLS, true, true, false), 1,
               "(" DAY " IS NULL OR " SSN " IS NULL) AND t.\"ID\" > $1::" INT8
               " AND t.\"ID\" <= $2::" INT8);
    check_tile(by_ssn(false), shape_of(CHUNK_NULLS, false, false, false), 1, "(false)");
}

static void key_sets_travel_as_arrays(void)
{
    check_tile(by_ssn(true), shape_of(CHUNK_KEYS, false, false, false), 4,
               SSN " IN (SELECT unnest($4::" TEXT "[]))");
    check_tile(visits(), shape_of(CHUNK_KEYS, false, false, false), 1,
               "ROW(" DAY ", " SSN ") IN (SELECT * FROM unnest($1::" DATE "[], $2::" TEXT "[]))");
}

static void a_comment_or_a_bare_or_in_a_key_does_not_leak(void)
{
    static char comment[] = "t.a -- the key";
    static char either[] = "t.a OR t.b";
    struct work work = by_ssn(false);

    work.keys[0].expression = comment;
    check_tile(work, shape_of(CHUNK_RANGE, false, true, false), 1,
               "(t.a -- the key\n) <= $1::" TEXT);
    work.keys[0].expression = either;
    check_tile(work, shape_of(CHUNK_RANGE, true, false, false), 1, "(t.a OR t.b\n) > $1::" TEXT);
}

static void only_identifiers_go_without_parentheses(void)
{
    static char plain[][20] = {"t.a", "a_1", "t.\"a \"\"b\"\" -- c\""};
    static char others[][20] = {"t.", "1", "t.\"a", "t.a--x", "\"a\"\"b", "f(t.a)"};
    char expected[80];
    struct work work = by_ssn(true);

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        work.keys[0].expression = plain[i];
        snprintf(expected, sizeof expected, "%s IS NOT NULL", plain[i]);
        check_tile(work, shape_of(CHUNK_RANGE, false, false, false), 1, expected);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        work.keys[0].expression = others[i];
        snprintf(expected, sizeof expected, "(%s\n) IS NOT NULL", others[i]);
        check_tile(work, shape_of(CHUNK_RANGE, false, false, false), 1, expected);
    }
}

static void check_rows(const struct work *work, const char *expected)
{
    struct text out = TEXT_INIT;

    predicate_rows(&out, work);
    CU_ASSERT_STRING_EQUAL(text_string(&out), expected);
    text_free(&out);
}

static void scope_and_window_stand_in_parentheses(void)
{
    static char scope[] = "t.a OR t.b -- both";
    static char from[] = "2024-01-01";
    static char to[] = "2026-02-01";
    struct work work = visits();

    check_rows(&work, "true");
    work.scope = scope;
    check_rows(&work, "(t.a OR t.b -- both\n)");
    work.window_on = day_expression;
    work.window_type = date_type;
    work.window_from = from;
    work.window_to = to;
    check_rows(&work, "(t.a OR t.b -- both\n) AND " DAY " >= '2024-01-01'::" DATE " AND " DAY
                      " <= '2026-02-01'::" DATE);
    work.scope = NULL;
    work.window_from = NULL;
    check_rows(&work, DAY " <= '2026-02-01'::" DATE);
}

static void a_literal_doubles_quotes_and_backslashes(void)
{
    static const char *const literals[][2] = {{"", "''"},
                                              {"O'Neill", "'O''Neill'"},
                                              {"a\\b", "E'a\\\\b'"},
                                              {"\\'; drop", "E'\\\\''; drop'"}};

    for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
        struct text out = TEXT_INIT;
        predicate_literal(&out, literals[i][0]);
        CU_ASSERT_STRING_EQUAL(text_string(&out), literals[i][1]);
        text_free(&out);
    }
}

static void check_parameters(const struct work *work, const struct chunk *chunk,
                             const char *expected)
{
    const char *values[PREDICATE_PARAMETERS_MAX];
    uint32_t types[PREDICATE_PARAMETERS_MAX];
    struct text out = TEXT_INIT;
    int count = predicate_parameters(work, chunk, values, types);

    for (int i = 0; i < count; i++)
        text_format(&out, "%s/%u ", values[i], types[i]);
    CU_ASSERT_STRING_EQUAL(text_string(&out), expected);
    text_free(&out);
}

static void parameters_come_in_the_order_of_the_tile(void)
{
    static char a[] = "a", b[] = "b", c[] = "c", d[] = "d", one[] = "1", nine[] = "9";
    struct work work = visits();
    struct chunk range = {.kind = CHUNK_RANGE, .lower = {2, {a, b}}, .upper = {2, {c, d}}};
    struct chunk slice = {
        .kind = CHUNK_SLICE, .upper = {2, {c, d}}, .row_lower = one, .row_upper = nine};
    struct chunk nulls = {.kind = CHUNK_NULLS, .row_upper = nine};
    struct chunk keys = {.kind = CHUNK_KEYS, .upper = {2, {c, d}}, .sets = {2, {a, b}}};
    struct chunk all = {.kind = CHUNK_RANGE};

    check_parameters(&work, &range, "a/1082 b/25 c/1082 d/25 ");
    range.lower.columns = 0;
    check_parameters(&work, &range, "c/1082 d/25 ");
    check_parameters(&work, &slice, "c/1082 d/25 1/20 9/20 ");
    slice.row_lower = NULL;
    check_parameters(&work, &slice, "c/1082 d/25 9/20 ");
    check_parameters(&work, &nulls, "9/20 ");
    check_parameters(&work, &keys, "a/1182 b/1009 ");
    check_parameters(&work, &all, "");
}

static void a_shape_is_read_from_the_chunk(void)
{
    static char a[] = "a", one[] = "1";
    struct chunk range = {.kind = CHUNK_RANGE, .upper = {1, {a}}, .upper_open = true};
    struct chunk slice = {.kind = CHUNK_SLICE, .upper = {1, {a}}, .row_lower = one};
    struct predicate_shape shape = predicate_shape(&range);

    CU_ASSERT_TRUE(!shape.has_lower && shape.has_upper && shape.upper_open);
    range.upper.columns = 0; /* no bound can't be open: one shape, one statement */
    CU_ASSERT_FALSE(predicate_shape(&range).upper_open);
    shape = predicate_shape(&slice);
    CU_ASSERT_TRUE(shape.kind == CHUNK_SLICE && shape.has_lower && !shape.has_upper &&
                   !shape.upper_open);
}

static void every_shape_has_a_name_of_its_own(void)
{
    char names[32][16];
    int count = 0;

    for (int kind = CHUNK_RANGE; kind <= CHUNK_KEYS; kind++) {
        for (int bits = 0; bits < (kind == CHUNK_KEYS ? 1 : 4); bits++) {
            struct predicate_shape shape =
                shape_of((enum chunk_kind)kind, bits & 1, bits & 2, false);
            predicate_shape_name(shape, names[count++]);
            shape.upper_open = kind == CHUNK_RANGE && shape.has_upper;
            if (shape.upper_open)
                predicate_shape_name(shape, names[count++]);
        }
    }
    CU_ASSERT_EQUAL(count, 15);
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < i; k++)
            CU_ASSERT_STRING_NOT_EQUAL(names[i], names[k]);
    }
    CU_ASSERT_STRING_EQUAL(names[0], "range_");
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_range_has_a_bound_that_the_planner_can_estimate),
        TEST(a_first_range_has_no_lower_bound),
        TEST(a_last_range_has_no_upper_bound),
        TEST(a_range_before_an_oversized_key_ends_exclusive),
        TEST(a_key_of_one_column_is_compared_plainly),
        TEST(a_range_of_everything_is_true_or_leaves_out_nulls),
        TEST(a_slice_is_one_key_between_row_ids),
        TEST(null_keys_are_those_of_nullable_columns),
        TEST(key_sets_travel_as_arrays),
        TEST(a_comment_or_a_bare_or_in_a_key_does_not_leak),
        TEST(only_identifiers_go_without_parentheses),
        TEST(scope_and_window_stand_in_parentheses),
        TEST(a_literal_doubles_quotes_and_backslashes),
        TEST(parameters_come_in_the_order_of_the_tile),
        TEST(a_shape_is_read_from_the_chunk),
        TEST(every_shape_has_a_name_of_its_own),
        CU_TEST_INFO_NULL,
    };

    return unit_run("predicate", tests);
}
