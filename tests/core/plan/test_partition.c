/* The tiling, over many random distributions with a fixed seed, and the edges one by one. Keys are
 * numbers of six digits here, so that the test, other than the partitioner, can compare them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "core/plan/partition.h"
#include "core/plan/plan_quality.h"
#include "unit.h"

enum { CHUNKS_MAX = 4000, KEYS_MAX = 60 };

struct distribution {
    int keys[KEYS_MAX];
    int64_t rows[KEYS_MAX];
    int count;
    int64_t nulls;
};

struct plan {
    struct chunk chunks[CHUNKS_MAX];
    bool may_end[CHUNKS_MAX];
    int count;
    int refuse_after; /* chunks; 0: never */
};

static uint64_t seed;

static int64_t below(int64_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)limit);
}

static int keep(void *context, const struct chunk *chunk, bool may_end, struct error *err)
{
    struct plan *plan = context;

    if (plan->refuse_after > 0 && plan->count == plan->refuse_after)
        return error_set(err, ERROR_INTERRUPTED, "enough");
    plan->may_end[plan->count] = may_end;
    chunk_copy(&plan->chunks[plan->count++], chunk);
    return 0;
}

/* Row ids of a key are 1 .. rows, and the rows of the key being added are in rows_now. */
static int64_t rows_now;

static int slice_evenly(void *context, const struct key *key, int64_t step, char ***bounds,
                        int64_t *count, struct error *err)
{
    (void)context;
    (void)key;
    (void)err;
    *count = (rows_now - 1) / step;
    *bounds = memory_zero((size_t)*count, sizeof **bounds);
    for (int64_t i = 0; i < *count; i++) {
        char text[24];
        snprintf(text, sizeof text, "%" PRId64, (i + 1) * step);
        (*bounds)[i] = memory_copy_string(text);
    }
    return 0;
}

static void clear(struct plan *plan)
{
    for (int i = 0; i < plan->count; i++)
        chunk_clear(&plan->chunks[i]);
    plan->count = 0;
    plan->refuse_after = 0;
}

static int add(struct partition *p, int key, int64_t rows, struct error *err)
{
    char text[16];
    struct key k = {1, {text}};

    snprintf(text, sizeof text, "%06d", key);
    rows_now = rows;
    return partition_add(p, &k, rows, err);
}

/* A whole fold over the keys [from .. count). */
static void fold(struct partition *p, const struct distribution *d, int from)
{
    struct error err = ERROR_INIT;

    for (int i = from; i < d->count; i++)
        CU_ASSERT_EQUAL_FATAL(add(p, d->keys[i], d->rows[i], &err), 0);
    CU_ASSERT_EQUAL_FATAL(partition_end(p, &err), 0);
    rows_now = d->nulls;
    CU_ASSERT_EQUAL_FATAL(partition_add_nulls(p, d->nulls, &err), 0);
}

static bool owns(const struct chunk *chunk, const char *key, int64_t row)
{
    switch (chunk->kind) {
    case CHUNK_RANGE:
        if (key_is_set(&chunk->lower) && strcmp(key, chunk->lower.values[0]) <= 0)
            return false;
        if (!key_is_set(&chunk->upper))
            return true;
        return strcmp(key, chunk->upper.values[0]) < (chunk->upper_open ? 0 : 1);
    case CHUNK_SLICE:
        if (strcmp(key, chunk->upper.values[0]) != 0)
            return false;
        if (chunk->row_lower != NULL && row <= strtoll(chunk->row_lower, NULL, 10))
            return false;
        return chunk->row_upper == NULL || row <= strtoll(chunk->row_upper, NULL, 10);
    case CHUNK_KEYS: {
        char quoted[24];
        snprintf(quoted, sizeof quoted, "\"%s\"", key);
        return strstr(chunk->sets.values[0], quoted) != NULL;
    }
    case CHUNK_NULLS:
        break;
    }
    return false;
}

static int owners(const struct plan *plan, int key, int64_t row)
{
    char text[16];
    int count = 0;

    snprintf(text, sizeof text, "%06d", key);
    for (int i = 0; i < plan->count; i++)
        count += owns(&plan->chunks[i], text, row);
    return count;
}

/* Some keys are larger than max_rows: alone, in a row, at the ends. */
static void random_distribution(struct distribution *d, int64_t max_rows)
{
    int key = 0;

    d->count = (int)below(KEYS_MAX);
    for (int i = 0; i < d->count; i++) {
        key += 2 + (int)below(5) * 2; /* even: the odd ones appear after planning */
        d->keys[i] = key;
        d->rows[i] = below(5) == 0 ? max_rows + 1 + below(3 * max_rows) : 1 + below(max_rows);
    }
    d->nulls = below(3) == 0 ? 1 + below(3 * max_rows) : 0;
}

static struct partition_limits random_limits(void)
{
    struct partition_limits limits = {.target_rows = 5 + below(50), .keys_filter = below(2) == 1};

    limits.max_rows = limits.target_rows + below(100);
    limits.max_keys = limits.keys_filter ? below(6) : 0;
    return limits;
}

static int64_t total(const struct distribution *d)
{
    int64_t sum = d->nulls;

    for (int i = 0; i < d->count; i++)
        sum += d->rows[i];
    return sum;
}

/* What no chunk may break: ids, limits, may_end and the sums. */
static void check_chunks(const struct plan *plan, const struct partition_limits *limits,
                         const struct distribution *d)
{
    int64_t rows = total(d);
    int64_t keys = d->count;
    int wrong = 0;

    for (int i = 0; i < plan->count; i++) {
        const struct chunk *c = &plan->chunks[i];
        const struct chunk *next = i + 1 < plan->count ? &plan->chunks[i + 1] : NULL;
        bool goes_on = next != NULL && next->kind == CHUNK_SLICE && next->row_lower != NULL;
        bool can_resume =
            c->kind != CHUNK_NULLS && key_is_set(&c->upper) && !c->upper_open && !goes_on;
        wrong += c->id != i + 1 || c->rows > limits->max_rows || plan->may_end[i] != can_resume;
        wrong += c->keys > 1 && c->rows > limits->target_rows;
        wrong += limits->keys_filter && (c->kind == CHUNK_RANGE || c->rows < 1);
        wrong += limits->max_keys > 0 && c->keys > limits->max_keys;
        rows -= c->rows;
        keys -= c->keys;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(rows, 0);
    CU_ASSERT_EQUAL(keys, 0);
}

static void every_key_and_row_is_owned_by_exactly_one_chunk(void)
{
    static struct plan plan;
    struct distribution d;

    seed = 20260101;
    for (int round = 0; round < 1000; round++) {
        struct partition_limits limits = random_limits();
        struct partition *p = partition_new(&limits, keep, slice_evenly, &plan);
        int later = limits.keys_filter ? 0 : 1; /* owners of a key that appears later */
        int wrong = 0;
        random_distribution(&d, limits.max_rows);
        fold(p, &d, 0);
        check_chunks(&plan, &limits, &d);
        for (int i = 0; i < d.count; i++) {
            wrong += owners(&plan, d.keys[i], 1) != 1 || owners(&plan, d.keys[i], d.rows[i]) != 1;
            wrong += owners(&plan, d.keys[i], 1 + below(d.rows[i])) != 1;
            wrong += owners(&plan, d.keys[i], d.rows[i] + 1000) != 1; /* a row that appears later */
            wrong += owners(&plan, d.keys[i] - 1, 1) != later ||
                     owners(&plan, d.keys[i] + 1, 1) != later;
        }
        CU_ASSERT_EQUAL(wrong, 0);
        partition_free(p);
        clear(&plan);
    }
}

static bool same_key(const struct key *a, const struct key *b)
{
    return a->columns == b->columns && (a->columns == 0 || strcmp(a->values[0], b->values[0]) == 0);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_chunk(const struct chunk *a, const struct chunk *b)
{
    return a->id == b->id && a->kind == b->kind && same_key(&a->lower, &b->lower) &&
           same_key(&a->upper, &b->upper) && a->upper_open == b->upper_open &&
           same_key(&a->sets, &b->sets) && same_text(a->row_lower, b->row_lower) &&
           same_text(a->row_upper, b->row_upper) && a->rows == b->rows && a->keys == b->keys;
}

/* Plans again behind chunk `at` of the whole plan, and compares all that follow. */
static int differences_after_resume(const struct plan *whole, int at,
                                    const struct partition_limits *limits,
                                    const struct distribution *d)
{
    static struct plan rest;
    const struct key *after = &whole->chunks[at].upper;
    struct partition *p = partition_new(limits, keep, slice_evenly, &rest);
    int from = 0;
    int wrong = 0;

    while (from < d->count && d->keys[from] <= strtoll(after->values[0], NULL, 10))
        from++;
    partition_resume(p, after, whole->chunks[at].id + 1);
    fold(p, d, from);
    wrong += rest.count != whole->count - at - 1;
    for (int i = 0; wrong == 0 && i < rest.count; i++)
        wrong += !same_chunk(&rest.chunks[i], &whole->chunks[at + 1 + i]);
    partition_free(p);
    clear(&rest);
    return wrong;
}

static void a_plan_resumed_behind_any_batch_is_the_same_plan(void)
{
    static struct plan whole;
    struct distribution d;
    int resumed = 0;

    seed = 7;
    for (int round = 0; round < 200; round++) {
        struct partition_limits limits = random_limits();
        struct partition *p = partition_new(&limits, keep, slice_evenly, &whole);
        random_distribution(&d, limits.max_rows);
        fold(p, &d, 0);
        for (int at = 0; at < whole.count; at++) {
            if (!whole.may_end[at])
                continue;
            CU_ASSERT_EQUAL(differences_after_resume(&whole, at, &limits, &d), 0);
            resumed++;
        }
        partition_free(p);
        clear(&whole);
    }
    CU_ASSERT_TRUE(resumed > 1000);
}

/* As the server skips: to the first key that doesn't fit into the capacity, with the rows before
 * it; then on. */
static void fold_skips(struct plan *plan, const struct partition_limits *limits,
                       const struct distribution *d, bool is_counted)
{
    struct partition *p = partition_new(limits, keep, slice_evenly, plan);
    struct error err = ERROR_INIT;
    int64_t rows = 0;
    char text[16];
    const struct key last = {1, {text}};

    for (int i = 0, first = 0; i <= d->count; i++) {
        if (i < d->count && rows + d->rows[i] <= partition_capacity(p)) {
            rows += d->rows[i];
            continue;
        }
        snprintf(text, sizeof text, "%06d", i > 0 ? d->keys[i - 1] : 0);
        int64_t keys = is_counted ? i - first : CHUNK_KEYS_UNCOUNTED;
        if (rows > 0)
            CU_ASSERT_EQUAL_FATAL(partition_add_many(p, &last, rows, keys, &err), 0);
        if (i < d->count)
            CU_ASSERT_EQUAL_FATAL(add(p, d->keys[i], d->rows[i], &err), 0);
        rows = 0;
        first = i + 1;
    }
    CU_ASSERT_EQUAL_FATAL(partition_end(p, &err), 0);
    partition_free(p);
}

static void a_plan_by_a_skip_scan_is_the_same_plan(void)
{
    static struct plan one_by_one, leaping;
    struct distribution d;
    int chunks = 0;

    seed = 11;
    for (int round = 0; round < 300; round++) {
        struct partition_limits limits = random_limits();
        limits.keys_filter = false;
        struct partition *p = partition_new(&limits, keep, slice_evenly, &one_by_one);
        random_distribution(&d, limits.max_rows);
        d.nulls = 0;
        fold(p, &d, 0);
        fold_skips(&leaping, &limits, &d, true);
        CU_ASSERT_EQUAL(one_by_one.count, leaping.count);
        for (int i = 0; i < leaping.count && i < one_by_one.count; i++)
            CU_ASSERT_TRUE(same_chunk(&one_by_one.chunks[i], &leaping.chunks[i]) &&
                           one_by_one.may_end[i] == leaping.may_end[i]);
        chunks += leaping.count;
        partition_free(p);
        clear(&one_by_one);
        clear(&leaping);
    }
    CU_ASSERT_TRUE(chunks > 1000);
}

static void keys_that_nobody_counted_stay_so(void)
{
    static struct plan plan;
    static const struct partition_limits limits = {.target_rows = 7, .max_rows = 7};
    struct distribution d = {.count = 3, .keys = {1, 2, 3}, .rows = {3, 3, 7}};
    struct plan_quality q = {0};

    fold_skips(&plan, &limits, &d, false);
    CU_ASSERT_EQUAL_FATAL(plan.count, 2);
    CU_ASSERT_EQUAL(plan.chunks[0].keys, CHUNK_KEYS_UNCOUNTED);
    CU_ASSERT_EQUAL(plan.chunks[0].rows, 6);
    CU_ASSERT_EQUAL(plan.chunks[1].keys, 1);
    for (int i = 0; i < plan.count; i++)
        plan_quality_add(&q, &plan.chunks[i]);
    CU_ASSERT_EQUAL(q.keys, CHUNK_KEYS_UNCOUNTED);
    CU_ASSERT_EQUAL(q.rows, 13);
    clear(&plan);
}

static void more_rows_than_a_chunk_holds_are_a_bug(void)
{
    static struct plan plan;
    static const struct partition_limits limits = {.target_rows = 7, .max_rows = 7};
    struct partition *p = partition_new(&limits, keep, NULL, &plan);
    struct key k = {1, {memory_unconst("1")}};
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL(partition_add_many(p, &k, 8, 8, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_BUG);
    partition_free(p);
}

static void a_sink_that_refuses_stops_the_fold(void)
{
    static struct plan plan;
    struct partition_limits limits = {.target_rows = 10, .max_rows = 20};
    struct partition *p = partition_new(&limits, keep, slice_evenly, &plan);
    struct error err = ERROR_INIT;

    plan.refuse_after = 1;
    CU_ASSERT_EQUAL(add(p, 1, 10, &err), 0);
    CU_ASSERT_EQUAL(add(p, 2, 10, &err), 0);
    CU_ASSERT_EQUAL(add(p, 3, 10, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_INTERRUPTED);
    CU_ASSERT_EQUAL(plan.count, 1);
    partition_free(p);
    clear(&plan);
}

static void a_key_without_rows_is_a_bug(void)
{
    static struct plan plan;
    struct partition_limits limits = {.target_rows = 10, .max_rows = 20};
    struct partition *p = partition_new(&limits, keep, slice_evenly, &plan);
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL(add(p, 1, 0, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_BUG);
    partition_free(p);
    clear(&plan);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(every_key_and_row_is_owned_by_exactly_one_chunk),
        TEST(a_plan_resumed_behind_any_batch_is_the_same_plan),
        TEST(a_plan_by_a_skip_scan_is_the_same_plan),
        TEST(keys_that_nobody_counted_stay_so),
        TEST(more_rows_than_a_chunk_holds_are_a_bug),
        TEST(a_sink_that_refuses_stops_the_fold),
        TEST(a_key_without_rows_is_a_bug),
        CU_TEST_INFO_NULL,
    };

    return unit_run("partition", tests);
}
