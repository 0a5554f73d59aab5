/* The dispatcher, event by event: what is handed out next, and what stops it. Thousands of workers
 * at once are in test_dispatch_simulation.c. */
#include <string.h>

#include "core/dispatch/dispatch.h"
#include "unit.h"

static struct dispatch *queue_of(struct dispatch_options options, const int64_t *rows, int count)
{
    struct dispatch *d = dispatch_new(&options);

    for (int i = 0; i < count; i++)
        dispatch_add(d, 101 + i, rows[i], false);
    return d;
}

static const int64_t ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
static const struct dispatch_options two_workers = {
    .workers = 2, .max_failed_chunks = 10, .busy_delay_ns = 100};

/* The chunk that the worker is handed, 0 for WAIT, -1 for STOP. */
static int64_t next(struct dispatch *d, int worker, int64_t now_ns)
{
    int64_t id = 0;

    switch (dispatch_next(d, worker, now_ns, &id)) {
    case DISPATCH_CHUNK:
        return id;
    case DISPATCH_WAIT:
        return 0;
    case DISPATCH_STOP:
        return -1;
    }
    return -2;
}

static void done(struct dispatch *d, int worker, int64_t chunk_id, enum cycle_outcome outcome,
                 int64_t now_ns)
{
    dispatch_done(d, worker, &(struct cycle_result){.chunk_id = chunk_id, .outcome = outcome},
                  now_ns);
}

static void chunks_go_out_in_plan_order_and_then_it_stops(void)
{
    struct dispatch *d = queue_of(two_workers, ones, 3);

    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    CU_ASSERT_EQUAL(next(d, 1, 0), 102);
    CU_ASSERT_EQUAL(next(d, 0, 0), 103);
    CU_ASSERT_EQUAL(next(d, 1, 0), 0);
    CU_ASSERT_FALSE(dispatch_is_finished(d));
    CU_ASSERT_FALSE(dispatch_is_idle(d));
    done(d, 0, 101, CYCLE_DONE, 1);
    done(d, 1, 102, CYCLE_SKIPPED, 1);
    done(d, 0, 103, CYCLE_DONE, 1);
    CU_ASSERT_EQUAL(next(d, 1, 2), -1);
    CU_ASSERT_EQUAL(next(d, 0, 2), -1);
    CU_ASSERT_TRUE(dispatch_is_finished(d));
    CU_ASSERT_TRUE(dispatch_is_idle(d));
    dispatch_free(d);
}

static void chunks_planned_meanwhile_are_handed_out(void)
{
    struct dispatch *d = queue_of(two_workers, ones, 0);

    CU_ASSERT_EQUAL(next(d, 0, 0), -1);
    dispatch_add(d, 7, 5, false);
    CU_ASSERT_EQUAL(next(d, 0, 0), 7);
    CU_ASSERT_EQUAL(next(d, 1, 0), 0);
    dispatch_free(d);
}

static void while_the_plan_grows_who_finds_nothing_waits(void)
{
    struct dispatch *d = queue_of(two_workers, ones, 1);

    dispatch_grow(d, true);
    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    done(d, 0, 101, CYCLE_DONE, 1);
    CU_ASSERT_EQUAL(next(d, 0, 2), 0);
    CU_ASSERT_FALSE(dispatch_is_finished(d));
    CU_ASSERT_FALSE(dispatch_is_idle(d));
    dispatch_add(d, 102, 1, false);
    CU_ASSERT_EQUAL(next(d, 1, 3), 102);
    dispatch_grow(d, false);
    CU_ASSERT_EQUAL(next(d, 0, 4), 0);
    done(d, 1, 102, CYCLE_DONE, 5);
    CU_ASSERT_EQUAL(next(d, 0, 6), -1);
    CU_ASSERT_TRUE(dispatch_is_finished(d));
    dispatch_free(d);
}

static void second_passes_and_suspects_wait_for_the_end_of_the_plan(void)
{
    struct dispatch *d = queue_of(two_workers, ones, 2);

    dispatch_grow(d, true);
    dispatch_suspect(d, 102);
    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    done(d, 0, 101, CYCLE_PUT_BACK, 1);
    CU_ASSERT_EQUAL(next(d, 0, 2), 0);
    dispatch_add(d, 103, 1, false);
    CU_ASSERT_EQUAL(next(d, 0, 3), 103);
    done(d, 0, 103, CYCLE_DONE, 4);
    CU_ASSERT_EQUAL(next(d, 0, 5), 0);
    dispatch_grow(d, false);
    CU_ASSERT_EQUAL(next(d, 0, 6), 101);
    done(d, 0, 101, CYCLE_DONE, 7);
    CU_ASSERT_EQUAL(next(d, 0, 8), 102);
    dispatch_free(d);
}

static void a_drain_ends_it_though_the_plan_grows(void)
{
    struct dispatch *d = queue_of(two_workers, ones, 1);

    dispatch_grow(d, true);
    next(d, 0, 0);
    dispatch_drain(d);
    CU_ASSERT_EQUAL(next(d, 1, 1), -1);
    CU_ASSERT_FALSE(dispatch_is_idle(d));
    done(d, 0, 101, CYCLE_DONE, 2);
    CU_ASSERT_TRUE(dispatch_is_idle(d));
    dispatch_free(d);
}

static void counts_follow_the_chunks(void)
{
    static const int64_t rows[] = {10, 20, 30, 40};
    struct dispatch *d = queue_of(two_workers, rows, 4);

    next(d, 0, 0);
    next(d, 0, 0);
    next(d, 1, 0);
    done(d, 0, 102, CYCLE_DONE, 1);
    done(d, 1, 103, CYCLE_FAILED, 1);
    struct dispatch_counts counts = dispatch_counts(d);
    CU_ASSERT_EQUAL(counts.waiting, 1);
    CU_ASSERT_EQUAL(counts.handed, 1);
    CU_ASSERT_EQUAL(counts.done, 1);
    CU_ASSERT_EQUAL(counts.failed, 1);
    CU_ASSERT_EQUAL(counts.rows_done, 20);
    CU_ASSERT_EQUAL(counts.rows_total, 100);
    dispatch_free(d);
}

static void a_busy_chunk_rests_before_it_is_tried_again(void)
{
    struct dispatch *d = queue_of(two_workers, ones, 2);

    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    done(d, 0, 101, CYCLE_BUSY, 50);
    CU_ASSERT_EQUAL(next(d, 0, 50), 102);
    CU_ASSERT_EQUAL(next(d, 1, 149), 0);
    CU_ASSERT_EQUAL(next(d, 1, 150), 101);
    done(d, 1, 101, CYCLE_BUSY, 160);
    done(d, 0, 102, CYCLE_DONE, 160);
    CU_ASSERT_EQUAL(next(d, 0, 200), 0);
    CU_ASSERT_FALSE(dispatch_is_finished(d));
    CU_ASSERT_FALSE(dispatch_is_idle(d));
    CU_ASSERT_EQUAL(next(d, 0, 260), 101);
    dispatch_free(d);
}

static void second_passes_come_after_all_others(void)
{
    struct dispatch *d = dispatch_new(&two_workers);

    dispatch_add(d, 1, 1, true);
    dispatch_add(d, 2, 1, false);
    dispatch_add(d, 3, 1, false);
    CU_ASSERT_EQUAL(next(d, 0, 0), 2);
    done(d, 0, 2, CYCLE_PUT_BACK, 1);
    CU_ASSERT_EQUAL(next(d, 0, 1), 3);
    done(d, 0, 3, CYCLE_STOPPED, 2);
    CU_ASSERT_EQUAL(next(d, 1, 2), 3);
    CU_ASSERT_EQUAL(next(d, 1, 2), 1);
    CU_ASSERT_EQUAL(next(d, 0, 2), 2);
    CU_ASSERT_EQUAL(next(d, 0, 2), 0);
    dispatch_free(d);
}

static void there_is_no_third_pass(void)
{
    struct dispatch *d = queue_of(two_workers, ones, 1);

    next(d, 0, 0);
    done(d, 0, 101, CYCLE_PUT_BACK, 1);
    CU_ASSERT_EQUAL(next(d, 0, 1), 101);
    done(d, 0, 101, CYCLE_PUT_BACK, 2);
    CU_ASSERT_EQUAL(next(d, 0, 2), -1);
    CU_ASSERT_TRUE(dispatch_is_finished(d));
    dispatch_free(d);
}

static void what_a_lost_worker_held_goes_to_others(void)
{
    struct dispatch *d = queue_of(two_workers, ones, 3);

    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    CU_ASSERT_EQUAL(next(d, 0, 0), 102);
    CU_ASSERT_EQUAL(next(d, 1, 0), 103);
    dispatch_lost(d, 0);
    CU_ASSERT_EQUAL(dispatch_counts(d).waiting, 2);
    CU_ASSERT_EQUAL(next(d, 1, 1), 101);
    CU_ASSERT_EQUAL(next(d, 1, 1), 102);
    CU_ASSERT_EQUAL(next(d, 1, 1), 0);
    dispatch_free(d);
}

static void a_late_answer_of_a_lost_worker_is_ignored(void)
{
    struct dispatch *d = queue_of(two_workers, ones, 1);

    next(d, 0, 0);
    dispatch_lost(d, 0);
    done(d, 0, 101, CYCLE_DONE, 1);
    CU_ASSERT_EQUAL(dispatch_counts(d).done, 0);
    CU_ASSERT_EQUAL(next(d, 1, 1), 101);
    done(d, 0, 101, CYCLE_DONE, 2);
    CU_ASSERT_EQUAL(dispatch_counts(d).handed, 1);
    done(d, 1, 101, CYCLE_DONE, 3);
    done(d, 1, 101, CYCLE_DONE, 4);
    done(d, 1, 999, CYCLE_DONE, 4);
    CU_ASSERT_EQUAL(dispatch_counts(d).done, 1);
    CU_ASSERT_EQUAL(dispatch_counts(d).handed, 0);
    dispatch_free(d);
}

static void a_draining_dispatcher_hands_out_nothing(void)
{
    struct dispatch *d = queue_of(two_workers, ones, 3);

    next(d, 0, 0);
    CU_ASSERT_FALSE(dispatch_is_draining(d));
    dispatch_drain(d);
    CU_ASSERT_TRUE(dispatch_is_draining(d));
    CU_ASSERT_EQUAL(next(d, 1, 0), -1);
    CU_ASSERT_FALSE(dispatch_is_idle(d));
    done(d, 0, 101, CYCLE_DONE, 1);
    CU_ASSERT_TRUE(dispatch_is_idle(d));
    CU_ASSERT_FALSE(dispatch_is_finished(d));
    CU_ASSERT_EQUAL(next(d, 0, 1), -1);
    dispatch_free(d);
}

static void a_canary_ends_after_its_chunks(void)
{
    struct dispatch_options options = two_workers;

    options.max_chunks = 2;
    struct dispatch *d = queue_of(options, ones, 5);
    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    CU_ASSERT_EQUAL(next(d, 0, 0), 102);
    CU_ASSERT_EQUAL(next(d, 1, 0), 0);
    done(d, 0, 101, CYCLE_BUSY, 0); /* not an attempt: it does not count */
    CU_ASSERT_EQUAL(next(d, 1, 1), 103);
    done(d, 0, 102, CYCLE_DONE, 2);
    CU_ASSERT_EQUAL(next(d, 0, 2), 0);
    done(d, 1, 103, CYCLE_FAILED, 2);
    CU_ASSERT_EQUAL(next(d, 0, 200), -1);
    CU_ASSERT_TRUE(dispatch_is_idle(d));
    CU_ASSERT_FALSE(dispatch_is_finished(d));
    dispatch_free(d);
}

static void more_failures_than_allowed_stop_the_run(void)
{
    struct dispatch_options options = two_workers;

    options.max_failed_chunks = 1;
    struct dispatch *d = queue_of(options, ones, 5);
    next(d, 0, 0);
    done(d, 0, 101, CYCLE_FAILED, 0);
    CU_ASSERT_FALSE(dispatch_has_too_many_failures(d));
    CU_ASSERT_EQUAL(next(d, 0, 0), 102);
    CU_ASSERT_EQUAL(next(d, 1, 0), 103);
    done(d, 0, 102, CYCLE_FAILED, 0);
    CU_ASSERT_TRUE(dispatch_has_too_many_failures(d));
    CU_ASSERT_EQUAL(next(d, 0, 0), -1);
    CU_ASSERT_FALSE(dispatch_is_idle(d));
    done(d, 1, 103, CYCLE_DONE, 0);
    CU_ASSERT_TRUE(dispatch_is_idle(d));
    dispatch_free(d);
}

static void check_assigned(struct dispatch *d, int worker, const int64_t *ids)
{
    for (; *ids != 0; ids++)
        CU_ASSERT_EQUAL(next(d, worker, 0), *ids);
    CU_ASSERT_EQUAL(next(d, worker, 0), 0);
}

static void static_assignments_are_largest_first_onto_the_least_loaded(void)
{
    static const int64_t rows[] = {3, 8, 5, 5, 2, 7};
    struct dispatch_options options = two_workers;

    /* 8 -> 0; 7 -> 1; 5 (103) -> 1 = 12; 5 (104) -> 0 = 13; 3 -> 1 = 15; 2 -> 0 = 15 */
    options.schedule = DISPATCH_STATIC;
    struct dispatch *d = queue_of(options, rows, 6);
    CU_ASSERT_EQUAL(next(d, 0, 0), 0);
    dispatch_arrange(d);
    check_assigned(d, 0, (const int64_t[]){102, 104, 105, 0});
    check_assigned(d, 1, (const int64_t[]){101, 103, 106, 0});
    dispatch_free(d);
}

static void static_ties_go_by_id_and_worker_number(void)
{
    struct dispatch_options options = {
        .workers = 3, .schedule = DISPATCH_STATIC, .max_failed_chunks = 1};
    struct dispatch *d = queue_of(options, ones, 7);

    dispatch_arrange(d);
    check_assigned(d, 0, (const int64_t[]){101, 104, 107, 0});
    check_assigned(d, 1, (const int64_t[]){102, 105, 0});
    check_assigned(d, 2, (const int64_t[]){103, 106, 0});
    dispatch_free(d);
}

static void a_static_assignment_is_nobody_elses_until_its_worker_is_lost(void)
{
    struct dispatch_options options = two_workers;

    options.schedule = DISPATCH_STATIC;
    struct dispatch *d = queue_of(options, ones, 4);
    dispatch_arrange(d);
    CU_ASSERT_EQUAL(next(d, 1, 0), 102);
    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    CU_ASSERT_EQUAL(next(d, 0, 0), 103);
    CU_ASSERT_EQUAL(next(d, 0, 0), 0);
    dispatch_lost(d, 1);
    CU_ASSERT_EQUAL(next(d, 0, 0), 102);
    CU_ASSERT_EQUAL(next(d, 0, 0), 104);
    dispatch_add(d, 200, 1, false); /* a late child of a split */
    CU_ASSERT_EQUAL(next(d, 0, 0), 200);
    dispatch_free(d);
}

static void a_large_chunk_is_not_begun_last(void)
{
    static const int64_t rows[] = {1000, 100, 1100, 0, 5000, 1023, 90, 1};
    static const int64_t order[] = {105, 103, 101, 106, 102, 107, 104, 108};
    struct dispatch *d = queue_of(two_workers, rows, 8);

    dispatch_arrange(d);
    for (int i = 0; i < 8; i++)
        CU_ASSERT_EQUAL(next(d, i % 2, 0), order[i]);
    dispatch_free(d);
}

static void neighbours_are_not_in_flight_together(void)
{
    enum { WINDOW = 24, CHUNKS = 30 };
    const struct dispatch_options options = {.workers = 1, .max_failed_chunks = 1};
    int64_t rows[CHUNKS], turn[CHUNKS + 1];

    for (int i = 0; i < CHUNKS; i++)
        rows[i] = 6000; /* all of one size */
    struct dispatch *d = queue_of(options, rows, CHUNKS);
    dispatch_arrange(d);
    for (int i = 0; i < CHUNKS; i++) {
        int64_t id = next(d, 0, 0) - 100;
        CU_ASSERT_FATAL(id >= 1 && id <= CHUNKS);
        CU_ASSERT_EQUAL(id <= WINDOW, i < WINDOW);
        turn[id] = i;
    }
    for (int id = 1; id < WINDOW; id++)
        CU_ASSERT(llabs(turn[id + 1] - turn[id]) >= WINDOW / 3);
    dispatch_free(d);
}

static void small_neighbours_are_done_one_after_the_other(void)
{
    static const int64_t rows[] = {2047, 2048, 4095, 4095, 4095, 2100, 2047};
    static const int64_t order[] = {102, 103, 104, 105, 106, 101, 107};
    struct dispatch *d = queue_of(two_workers, rows, 7);

    dispatch_arrange(d);
    for (int i = 0; i < 7; i++)
        CU_ASSERT_EQUAL(next(d, i % 2, 0), order[i]);
    dispatch_free(d);
}

static void arranging_again_forgets_the_former_order(void)
{
    static const int64_t rows[] = {5000, 5000, 5000, 5000, 5000, 5000, 5000};
    const struct dispatch_options options = {.workers = 1, .max_failed_chunks = 1};
    struct dispatch *once = queue_of(options, rows, 7), *twice = queue_of(options, rows, 7);

    dispatch_arrange(once);
    dispatch_arrange(twice);
    dispatch_arrange(twice);
    for (int i = 0; i < 7; i++)
        CU_ASSERT_EQUAL(next(once, 0, 0), next(twice, 0, 0));
    dispatch_free(once);
    dispatch_free(twice);
}

static void queues_grow_shorter_towards_the_end(void)
{
    struct dispatch *d = queue_of(two_workers, ones, 7);

    CU_ASSERT(dispatch_may_queue(d, 0));
    CU_ASSERT(dispatch_may_queue(d, 4)); /* 7 wait, 3 a worker */
    CU_ASSERT(!dispatch_may_queue(d, 5));
    for (int i = 0; i < 6; i++)
        next(d, i % 2, 0);
    CU_ASSERT(dispatch_may_queue(d, 1));
    CU_ASSERT(!dispatch_may_queue(d, 2));
    dispatch_free(d);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(chunks_go_out_in_plan_order_and_then_it_stops),
        TEST(chunks_planned_meanwhile_are_handed_out),
        TEST(while_the_plan_grows_who_finds_nothing_waits),
        TEST(second_passes_and_suspects_wait_for_the_end_of_the_plan),
        TEST(a_drain_ends_it_though_the_plan_grows),
        TEST(counts_follow_the_chunks),
        TEST(a_busy_chunk_rests_before_it_is_tried_again),
        TEST(second_passes_come_after_all_others),
        TEST(there_is_no_third_pass),
        TEST(what_a_lost_worker_held_goes_to_others),
        TEST(a_late_answer_of_a_lost_worker_is_ignored),
        TEST(a_draining_dispatcher_hands_out_nothing),
        TEST(a_canary_ends_after_its_chunks),
        TEST(more_failures_than_allowed_stop_the_run),
        TEST(a_large_chunk_is_not_begun_last),
        TEST(neighbours_are_not_in_flight_together),
        TEST(small_neighbours_are_done_one_after_the_other),
        TEST(arranging_again_forgets_the_former_order),
        TEST(queues_grow_shorter_towards_the_end),
        TEST(static_assignments_are_largest_first_onto_the_least_loaded),
        TEST(static_ties_go_by_id_and_worker_number),
        TEST(a_static_assignment_is_nobody_elses_until_its_worker_is_lost),
        CU_TEST_INFO_NULL,
    };

    return unit_run("dispatch", tests);
}
