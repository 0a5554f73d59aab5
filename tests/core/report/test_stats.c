/* Sums, the reduction, percentiles and the figures a rank. */
#include <string.h>

#include "core/report/stats.h"
#include "unit.h"

static struct cycle_result cycle(enum cycle_outcome outcome, int64_t marked, int64_t updated)
{
    return (struct cycle_result){.outcome = outcome,
                                 .tries = 1,
                                 .rows_planned = 100,
                                 .rows_marked = marked,
                                 .rows_updated = updated,
                                 .rows_released = marked - updated,
                                 .rows_elsewhere = 3,
                                 .begin_ns = 1000,
                                 .end_ns = 1900,
                                 .mark_ns = 200,
                                 .update_ns = 300};
}

static void a_done_cycle_counts_whole(void)
{
    struct stats s = {0};
    struct cycle_result r = cycle(CYCLE_DONE, 90, 80);

    stats_add(&s, &r);
    CU_ASSERT_EQUAL(s.chunks_done, 1);
    CU_ASSERT_EQUAL(s.rows_planned, 100);
    CU_ASSERT_EQUAL(s.rows_marked, 90);
    CU_ASSERT_EQUAL(s.rows_updated, 80);
    CU_ASSERT_EQUAL(s.rows_released, 10);
    CU_ASSERT_EQUAL(s.rows_elsewhere, 3);
    CU_ASSERT_EQUAL(s.tries, 1);
    CU_ASSERT_EQUAL(s.mark_ns, 200);
    CU_ASSERT_EQUAL(s.update_ns, 300);
    CU_ASSERT_EQUAL(s.busy_ns, 500);
    CU_ASSERT_EQUAL(s.max_chunk_ns, 900);
}

static void a_chunk_of_two_passes_is_planned_once(void)
{
    struct stats s = {0};
    struct cycle_result first = cycle(CYCLE_PUT_BACK, 60, 60);
    struct cycle_result second = cycle(CYCLE_DONE, 30, 30);

    stats_add(&s, &first);
    stats_add(&s, &second);
    CU_ASSERT_EQUAL(s.chunks_put_back, 1);
    CU_ASSERT_EQUAL(s.chunks_done, 1);
    CU_ASSERT_EQUAL(s.rows_planned, 100);
    CU_ASSERT_EQUAL(s.rows_elsewhere, 3);
    CU_ASSERT_EQUAL(s.rows_updated, 90);
}

static void a_split_chunk_counts_as_such_and_its_rows_with_its_parts(void)
{
    struct stats s = {0};
    struct cycle_result split = cycle(CYCLE_SPLIT, 60, 60);

    stats_add(&s, &split);
    CU_ASSERT_EQUAL(s.chunks_split, 1);
    CU_ASSERT_EQUAL(s.chunks_done, 0);
    CU_ASSERT_EQUAL(s.rows_planned + s.rows_updated, 0);
}

static void rows_that_were_rolled_back_are_not_counted(void)
{
    static const enum cycle_outcome outcomes[] = {CYCLE_FAILED, CYCLE_STOPPED, CYCLE_BUSY,
                                                  CYCLE_SKIPPED};
    struct stats s = {0};

    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        struct cycle_result r = cycle(outcomes[i], 50, 40);
        stats_add(&s, &r);
    }
    CU_ASSERT_EQUAL(
        s.rows_marked + s.rows_updated + s.rows_released + s.rows_planned + s.rows_elsewhere, 0);
    CU_ASSERT_EQUAL(s.chunks_failed, 1);
    CU_ASSERT_EQUAL(s.chunks_skipped, 1);
    CU_ASSERT_EQUAL(s.chunks_done, 0);
    CU_ASSERT_EQUAL(s.tries, 4);
}

static void numbered(struct stats *s, int64_t factor, int64_t offset)
{
    int64_t members[STATS_MEMBERS];

    for (int i = 0; i < STATS_MEMBERS; i++)
        members[i] = factor * i + offset;
    memcpy(s, members, sizeof members);
}

static void the_reduction_adds_sums_and_keeps_maxima(void)
{
    struct stats a;
    struct stats b;

    numbered(&a, 1, 10);
    numbered(&b, 2, 0);
    stats_merge(&a, &b);
    CU_ASSERT_EQUAL(a.chunks_done, 10);
    CU_ASSERT_EQUAL(a.chunks_skipped, 13);
    CU_ASSERT_EQUAL(a.reconnects, 3 * 15 + 10);
    CU_ASSERT_EQUAL(a.max_chunk_ns, 32);
    CU_ASSERT_EQUAL(a.max_connect_ns, 34);
    CU_ASSERT_EQUAL(a.max_work_ns, 36);
}

static void the_reduction_is_commutative_and_associative(void)
{
    struct stats abc, cba, a, b, c;

    numbered(&a, 3, 1);
    numbered(&b, -2, 70);
    numbered(&c, 5, -9);
    abc = a;
    stats_merge(&abc, &b);
    stats_merge(&abc, &c);
    cba = c;
    stats_merge(&b, &a);
    stats_merge(&cba, &b);
    CU_ASSERT_EQUAL(memcmp(&abc, &cba, sizeof abc), 0);
}

static void marked_rows_are_updated_or_released(void)
{
    struct stats s = {.rows_marked = 10, .rows_updated = 7, .rows_released = 3};

    CU_ASSERT_TRUE(stats_add_up(&s, true));
    s.rows_released = 2;
    CU_ASSERT_FALSE(stats_add_up(&s, true));
    CU_ASSERT_FALSE(stats_add_up(&s, false));
    s.rows_released = 0;
    CU_ASSERT_TRUE(stats_add_up(&s, false));
}

static void percentiles_are_nearest_ranks(void)
{
    int64_t values[100];

    for (int i = 0; i < 100; i++)
        values[i] = i + 1;
    for (int percent = 1; percent <= 100; percent++)
        CU_ASSERT_EQUAL(stats_percentile(values, 100, percent), percent);
    CU_ASSERT_EQUAL(stats_percentile(values, 100, 0), 1);
    CU_ASSERT_EQUAL(stats_percentile(values, 3, 101), 3);
    CU_ASSERT_EQUAL(stats_percentile(values, 3, 50), 2);
    CU_ASSERT_EQUAL(stats_percentile(values, 4, 50), 2);
    CU_ASSERT_EQUAL(stats_percentile(values, 1, 95), 1);
    CU_ASSERT_EQUAL(stats_percentile(values, 0, 50), 0);
}

static void chunk_times_are_of_done_chunks_alone(void)
{
    struct chunk_record records[] = {
        {.outcome = CYCLE_DONE, .begin_ns = 5, .end_ns = 35},
        {.outcome = CYCLE_FAILED, .begin_ns = 0, .end_ns = 9000},
        {.outcome = CYCLE_DONE, .begin_ns = 10, .end_ns = 20},
        {.outcome = CYCLE_SKIPPED, .begin_ns = 0, .end_ns = 1},
        {.outcome = CYCLE_DONE, .begin_ns = 0, .end_ns = 50},
    };
    struct chunk_times times = stats_chunk_times(records, 5);

    CU_ASSERT_EQUAL(times.count, 3);
    CU_ASSERT_EQUAL(times.p50_ns, 30);
    CU_ASSERT_EQUAL(times.p95_ns, 50);
    CU_ASSERT_EQUAL(times.max_ns, 50);
    CU_ASSERT_EQUAL(times.mean_ns, 30);
    times = stats_chunk_times(NULL, 0);
    CU_ASSERT_EQUAL(times.count + times.max_ns + times.mean_ns, 0);
}

static void a_rank_works_from_its_first_begin_to_its_last_end(void)
{
    struct chunk_record records[] = {
        {.worker = 1,
         .rows_updated = 5,
         .begin_ns = 50,
         .end_ns = 90,
         .mark_ns = 10,
         .update_ns = 20},
        {.worker = 1,
         .rows_updated = 6,
         .begin_ns = 20,
         .end_ns = 60,
         .mark_ns = 1,
         .update_ns = 2},
        {.worker = 2, .rows_updated = 7, .begin_ns = 0, .end_ns = 10, .mark_ns = 0, .update_ns = 9},
        {.worker = 3, .rows_updated = 9, .begin_ns = 0, .end_ns = 10},
        {.worker = -1, .rows_updated = 9, .begin_ns = 0, .end_ns = 10},
    };
    struct rank_summary ranks[3];

    memset(ranks, 0xff, sizeof ranks);
    stats_by_rank(records, 5, 3, ranks);
    CU_ASSERT_EQUAL(ranks[0].chunks + ranks[0].rows_updated + ranks[0].busy_ns + ranks[0].work_ns,
                    0);
    CU_ASSERT_EQUAL(ranks[1].chunks, 2);
    CU_ASSERT_EQUAL(ranks[1].rows_updated, 11);
    CU_ASSERT_EQUAL(ranks[1].busy_ns, 33);
    CU_ASSERT_EQUAL(ranks[1].work_ns, 70);
    CU_ASSERT_EQUAL(ranks[2].chunks, 1);
    CU_ASSERT_EQUAL(ranks[2].work_ns, 10);
}

static void imbalance_is_the_largest_over_the_mean(void)
{
    struct rank_summary even[] = {{.busy_ns = 10}, {.busy_ns = 10}};
    struct rank_summary uneven[] = {
        {.busy_ns = 30}, {.busy_ns = 10}, {.busy_ns = 20}, {.busy_ns = 20}};
    struct rank_summary idle[] = {{.busy_ns = 0}, {.busy_ns = 0}};

    CU_ASSERT_DOUBLE_EQUAL(stats_imbalance(even, 2), 1.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(stats_imbalance(uneven, 4), 1.5, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(stats_imbalance(idle, 2), 1.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(stats_imbalance(NULL, 0), 1.0, 1e-9);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_done_cycle_counts_whole),
        TEST(a_chunk_of_two_passes_is_planned_once),
        TEST(a_split_chunk_counts_as_such_and_its_rows_with_its_parts),
        TEST(rows_that_were_rolled_back_are_not_counted),
        TEST(the_reduction_adds_sums_and_keeps_maxima),
        TEST(the_reduction_is_commutative_and_associative),
        TEST(marked_rows_are_updated_or_released),
        TEST(percentiles_are_nearest_ranks),
        TEST(chunk_times_are_of_done_chunks_alone),
        TEST(a_rank_works_from_its_first_begin_to_its_last_end),
        TEST(imbalance_is_the_largest_over_the_mean),
        CU_TEST_INFO_NULL,
    };

    return unit_run("stats", tests);
}
