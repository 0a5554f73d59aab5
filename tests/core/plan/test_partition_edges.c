/* The partitioner's edges, written out: where chunks close, oversized keys at the ends and side by
 * side, NULLs, key sets, what is refused, and the quality of a plan. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "core/plan/partition.h"
#include "core/plan/plan_quality.h"
#include "unit.h"

/* Each chunk becomes a word: "(a,b]10 " is a range of 10 rows, "b)" an exclusive end, "b:1-4/4 " a
 * slice, "null:..", "{..}"; "+" when a batch may end behind it. */
static int describe(void *context, const struct chunk *c, bool may_end, struct error *err)
{
    struct text *out = context;
    const char *lower = key_is_set(&c->lower) ? c->lower.values[0] : "";
    const char *upper = key_is_set(&c->upper) ? c->upper.values[0] : "";

    (void)err;
    if (c->kind == CHUNK_RANGE)
        text_format(out, "(%s,%s%s%lld", lower, upper, c->upper_open ? ")" : "]",
                    (long long)c->rows);
    else if (c->kind == CHUNK_KEYS)
        text_format(out, "%s%lld", c->sets.values[0], (long long)c->rows);
    else
        text_format(out, "%s:%s-%s/%lld", c->kind == CHUNK_NULLS ? "null" : upper,
                    c->row_lower == NULL ? "" : c->row_lower,
                    c->row_upper == NULL ? "" : c->row_upper, (long long)c->rows);
    text_add(out, may_end ? "+ " : " ");
    return 0;
}

static int64_t bounds_given; /* how many the slicer answers */

static int slice(void *context, const struct key *key, int64_t step, char ***bounds, int64_t *count,
                 struct error *err)
{
    (void)context;
    (void)key;
    (void)err;
    *count = bounds_given;
    *bounds = memory_zero((size_t)*count, sizeof **bounds);
    for (int64_t i = 0; i < *count; i++) {
        struct text text = TEXT_INIT;
        text_format(&text, "%" PRId64, (i + 1) * step);
        (*bounds)[i] = text_take(&text);
    }
    return 0;
}

struct counted {
    const char *key;
    int64_t rows;
};

static int add_all(struct partition *p, const struct counted *keys, struct error *err)
{
    for (; keys->key != NULL; keys++) {
        struct key key = {1, {memory_copy_string(keys->key)}};
        int rc = partition_add(p, &key, keys->rows, err);
        key_clear(&key);
        if (rc != 0)
            return -1;
    }
    return 0;
}

static void check_plan(struct partition_limits limits, const struct counted *keys, int64_t nulls,
                       const char *expected)
{
    struct text out = TEXT_INIT;
    struct error err = ERROR_INIT;
    struct partition *p = partition_new(&limits, describe, slice, &out);

    CU_ASSERT_EQUAL(add_all(p, keys, &err), 0);
    CU_ASSERT_EQUAL(partition_end(p, &err), 0);
    CU_ASSERT_EQUAL(partition_add_nulls(p, nulls, &err), 0);
    CU_ASSERT_STRING_EQUAL(text_string(&out), expected);
    if (strcmp(text_string(&out), expected) != 0)
        printf("\n  is:        %s\n  should be: %s\n", text_string(&out), expected);
    partition_free(p);
    text_free(&out);
}

#define KEYS(...) ((const struct counted[]){__VA_ARGS__, {NULL, 0}})
static const struct partition_limits ranges = {.target_rows = 10, .max_rows = 20};
static const struct partition_limits sets = {
    .target_rows = 10, .max_rows = 20, .keys_filter = true};

static void a_chunk_closes_before_the_key_that_would_take_it_past_its_target(void)
{
    check_plan(ranges, KEYS({"a", 4}, {"b", 6}, {"c", 1}, {"d", 10}, {"e", 2}), 0,
               "(,b]10+ (b,c]1+ (c,d]10+ (d,]2 ");
    check_plan(ranges, KEYS({"a", 4}, {"b", 7}), 0, "(,a]4+ (a,]7 ");
}

static void a_key_between_target_and_maximum_has_a_chunk_of_its_own(void)
{
    check_plan(ranges, KEYS({"a", 1}, {"b", 20}, {"c", 1}), 0, "(,a]1+ (a,b]20+ (b,]1 ");
}

static void no_keys_are_one_empty_range_or_no_set(void)
{
    static const struct counted none[] = {{NULL, 0}};

    check_plan(ranges, none, 0, "(,]0 ");
    check_plan(sets, none, 0, "");
}

static void an_oversized_key_ends_the_range_before_it_exclusive(void)
{
    bounds_given = 2;
    check_plan(ranges, KEYS({"a", 3}, {"b", 21}, {"c", 1}), 0,
               "(,b)3 b:-7/7 b:7-14/7 b:14-/7+ (b,]1 ");
}

static void oversized_keys_first_last_and_in_a_row_have_empty_ranges_beside_them(void)
{
    bounds_given = 2;
    check_plan(ranges, KEYS({"a", 30}), 0, "(,a)0 a:-10/10 a:10-20/10 a:20-/10+ (a,]0 ");
    check_plan(ranges, KEYS({"a", 30}, {"b", 30}), 0,
               "(,a)0 a:-10/10 a:10-20/10 a:20-/10+ (a,b)0 b:-10/10 b:10-20/10 b:20-/10+ (b,]0 ");
}

static void with_key_sets_nothing_is_empty(void)
{
    bounds_given = 2;
    check_plan(sets, KEYS({"a", 30}, {"b", 1}, {"c", 30}), 0,
               "a:-10/10 a:10-20/10 a:20-/10+ {\"b\"}1+ c:-10/10 c:10-20/10 c:20-/10+ ");
}

static void a_key_set_closes_at_max_keys_too(void)
{
    struct partition_limits two_keys = sets;

    two_keys.max_keys = 2;
    check_plan(two_keys, KEYS({"a", 1}, {"b", 1}, {"c", 1}, {"d", 10}), 0,
               "{\"a\",\"b\"}2+ {\"c\"}1+ {\"d\"}10+ ");
    check_plan(sets, KEYS({"a", 1}, {"b", 1}, {"c", 1}, {"d", 10}), 0,
               "{\"a\",\"b\",\"c\"}3+ {\"d\"}10+ ");
}

static void null_keys_come_last_and_are_sliced_when_they_are_many(void)
{
    bounds_given = 2;
    check_plan(ranges, KEYS({"a", 1}), 20, "(,]1 null:-/20 ");
    check_plan(ranges, KEYS({"a", 1}), 21, "(,]1 null:-7/7 null:7-14/7 null:14-/7 ");
    check_plan(sets, KEYS({"a", 1}), 5, "{\"a\"}1+ null:-/5 ");
}

/* The slicer looks at the table later than the distribution did. */
static void slices_add_up_to_the_rows_that_were_counted(void)
{
    bounds_given = 4;
    check_plan(ranges, KEYS({"a", 25}), 0,
               "(,a)0 a:-9/9 a:9-18/9 a:18-27/7 a:27-36/0 a:36-/0+ (a,]0 ");
    bounds_given = 0;
    check_plan(ranges, KEYS({"a", 25}), 0, "(,a)0 a:-/25+ (a,]0 ");
}

static void without_a_row_id_an_oversized_key_is_refused_without_its_value(void)
{
    struct text out = TEXT_INIT;
    struct error err = ERROR_INIT;
    struct partition *p = partition_new(&ranges, describe, NULL, &out);

    CU_ASSERT_EQUAL(add_all(p, KEYS({"111-22-3333", 21}), &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "21 rows"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row_id"));
    CU_ASSERT_PTR_NULL(strstr(err.text, "111-22-3333"));
    partition_free(p);
    text_free(&out);
}

static void without_a_row_id_null_keys_are_refused(void)
{
    struct text out = TEXT_INIT;
    struct error err = ERROR_INIT;
    struct partition *p = partition_new(&ranges, describe, NULL, &out);

    CU_ASSERT_EQUAL(partition_end(p, &err), 0);
    CU_ASSERT_EQUAL(partition_add_nulls(p, 0, &err), 0);
    CU_ASSERT_EQUAL(partition_add_nulls(p, 1, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row_id"));
    partition_free(p);
    text_free(&out);
}

static void quality_is_over_chunks_that_have_rows(void)
{
    struct plan_quality q = {0};

    plan_quality_add(&q, &(struct chunk){.rows = 0, .keys = 0});
    CU_ASSERT_EQUAL(q.min_rows, 0);
    CU_ASSERT_DOUBLE_EQUAL(plan_quality_rows_cv(&q), 0.0, 1e-9);
    plan_quality_add(&q, &(struct chunk){.rows = 20, .keys = 4});
    plan_quality_add(&q, &(struct chunk){.rows = 10, .keys = 6});
    plan_quality_add(&q, &(struct chunk){.kind = CHUNK_SLICE, .rows = 10});
    CU_ASSERT_EQUAL(q.chunks, 4);
    CU_ASSERT_EQUAL(q.rows, 40);
    CU_ASSERT_EQUAL(q.keys, 10);
    CU_ASSERT_EQUAL(q.min_rows, 10);
    CU_ASSERT_EQUAL(q.max_rows, 20);
    CU_ASSERT_EQUAL(q.min_keys, 4);
    CU_ASSERT_EQUAL(q.max_keys, 6);
    CU_ASSERT_EQUAL(q.oversized_slices, 1);
    /* rows 0, 20, 10, 10: mean 10, variance 50; keys 0, 4, 6, 0: mean 2.5, variance 6.75 */
    CU_ASSERT_DOUBLE_EQUAL(plan_quality_rows_cv(&q), 0.707107, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(plan_quality_keys_cv(&q), 1.039230, 1e-6);
}

static void no_schedule_beats_the_makespan_bound(void)
{
    struct plan_quality q = {.rows = 100, .max_rows = 40};

    CU_ASSERT_DOUBLE_EQUAL(plan_quality_makespan_rows(&q, 1), 100.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(plan_quality_makespan_rows(&q, 2), 50.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(plan_quality_makespan_rows(&q, 4), 40.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(plan_quality_makespan_rows(&q, 0), 100.0, 1e-9);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_chunk_closes_before_the_key_that_would_take_it_past_its_target),
        TEST(a_key_between_target_and_maximum_has_a_chunk_of_its_own),
        TEST(no_keys_are_one_empty_range_or_no_set),
        TEST(an_oversized_key_ends_the_range_before_it_exclusive),
        TEST(oversized_keys_first_last_and_in_a_row_have_empty_ranges_beside_them),
        TEST(with_key_sets_nothing_is_empty),
        TEST(a_key_set_closes_at_max_keys_too),
        TEST(null_keys_come_last_and_are_sliced_when_they_are_many),
        TEST(slices_add_up_to_the_rows_that_were_counted),
        TEST(without_a_row_id_an_oversized_key_is_refused_without_its_value),
        TEST(without_a_row_id_null_keys_are_refused),
        TEST(quality_is_over_chunks_that_have_rows),
        TEST(no_schedule_beats_the_makespan_bound),
        CU_TEST_INFO_NULL,
    };

    return unit_run("partition_edges", tests);
}
