/* The dispatcher when chunks misbehave: split ones, suspects, cancelled ones, and fewer workers. */
#include <string.h>

#include "core/dispatch/dispatch.h"
#include "unit.h"

static struct dispatch *queue_of(int workers, int64_t max_chunks, int count)
{
    const struct dispatch_options options = {.workers = workers,
                                             .max_chunks = max_chunks,
                                             .max_failed_chunks = 10,
                                             .busy_delay_ns = 100};
    struct dispatch *d = dispatch_new(&options);

    for (int i = 0; i < count; i++)
        dispatch_add(d, 101 + i, 10, false);
    return d;
}

/* The chunk that the worker is handed, 0 for WAIT, -1 for STOP. */
static int64_t next(struct dispatch *d, int worker, int64_t now_ns)
{
    int64_t id = 0;
    enum dispatch_answer answer = dispatch_next(d, worker, now_ns, &id);

    if (answer == DISPATCH_CHUNK)
        return id;
    return answer == DISPATCH_WAIT ? 0 : -1;
}

static void done(struct dispatch *d, int worker, int64_t chunk_id, enum cycle_outcome outcome,
                 int64_t now_ns)
{
    dispatch_done(d, worker, &(struct cycle_result){.chunk_id = chunk_id, .outcome = outcome},
                  now_ns);
}

static void the_parts_of_a_split_chunk_take_its_place(void)
{
    struct dispatch *d = queue_of(2, 0, 1);

    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    done(d, 0, 101, CYCLE_SPLIT, 1);
    dispatch_add(d, 901, 4, false);
    dispatch_add(d, 902, 6, false);
    CU_ASSERT_EQUAL(dispatch_counts(d).rows_total, 10);
    CU_ASSERT_EQUAL(next(d, 0, 2), 901);
    CU_ASSERT_EQUAL(next(d, 1, 2), 902);
    CU_ASSERT_FALSE(dispatch_is_finished(d));
    done(d, 0, 901, CYCLE_DONE, 3);
    done(d, 1, 902, CYCLE_DONE, 3);
    CU_ASSERT_TRUE(dispatch_is_finished(d));
    CU_ASSERT_EQUAL(dispatch_counts(d).rows_done, 10);
    CU_ASSERT_EQUAL(dispatch_counts(d).done, 2);
    dispatch_free(d);
}

static void a_suspect_runs_last_and_alone(void)
{
    struct dispatch *d = queue_of(2, 0, 3);

    dispatch_suspect(d, 101);
    CU_ASSERT_EQUAL(next(d, 0, 0), 102);
    CU_ASSERT_EQUAL(next(d, 1, 0), 103);
    CU_ASSERT_EQUAL(next(d, 1, 0), 0);
    done(d, 0, 102, CYCLE_DONE, 1);
    CU_ASSERT_EQUAL(next(d, 0, 1), 0); /* 103 is still in flight */
    done(d, 1, 103, CYCLE_PUT_BACK, 2);
    CU_ASSERT_EQUAL(next(d, 0, 2), 103);
    CU_ASSERT_EQUAL(next(d, 1, 2), 0);
    done(d, 0, 103, CYCLE_DONE, 3);
    CU_ASSERT_EQUAL(next(d, 1, 3), 101);
    CU_ASSERT_EQUAL(next(d, 0, 3), 0);
    dispatch_add(d, 104, 10, false);
    CU_ASSERT_EQUAL(next(d, 0, 3), 0); /* whatever waits */
    CU_ASSERT_EQUAL(next(d, 1, 3), 0);
    done(d, 1, 101, CYCLE_FAILED, 4);
    CU_ASSERT_EQUAL(next(d, 0, 4), 104);
    done(d, 0, 104, CYCLE_DONE, 5);
    CU_ASSERT_EQUAL(next(d, 0, 5), -1);
    dispatch_free(d);
}

static void the_parts_of_a_suspect_run_one_by_one_too(void)
{
    struct dispatch *d = queue_of(2, 0, 1);

    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    done(d, 0, 101, CYCLE_SUSPECT, 1);
    CU_ASSERT_EQUAL(next(d, 0, 1), 101);
    done(d, 0, 101, CYCLE_SPLIT, 2);
    dispatch_add_part(d, 101, 901, 4);
    dispatch_add_part(d, 101, 902, 6);
    CU_ASSERT_EQUAL(next(d, 0, 2), 901);
    CU_ASSERT_EQUAL(next(d, 1, 2), 0);
    done(d, 0, 901, CYCLE_DONE, 3);
    CU_ASSERT_EQUAL(next(d, 1, 3), 902);
    done(d, 1, 902, CYCLE_DONE, 4);
    CU_ASSERT_TRUE(dispatch_is_finished(d));
    dispatch_free(d);
}

static void the_parts_of_a_second_pass_are_handed_out_last(void)
{
    struct dispatch *d = queue_of(1, 0, 2);

    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    done(d, 0, 101, CYCLE_PUT_BACK, 1);
    CU_ASSERT_EQUAL(next(d, 0, 1), 102);
    done(d, 0, 102, CYCLE_DONE, 2);
    CU_ASSERT_EQUAL(next(d, 0, 2), 101);
    done(d, 0, 101, CYCLE_SPLIT, 3);
    dispatch_add_part(d, 101, 901, 10);
    dispatch_add(d, 103, 10, false);
    CU_ASSERT_EQUAL(next(d, 0, 3), 103);
    done(d, 0, 103, CYCLE_DONE, 4);
    CU_ASSERT_EQUAL(next(d, 0, 4), 901);
    dispatch_free(d);
}

static void suspects_run_one_by_one(void)
{
    struct dispatch *d = queue_of(2, 0, 2);

    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    CU_ASSERT_EQUAL(next(d, 1, 0), 102);
    done(d, 0, 101, CYCLE_SUSPECT, 1);
    CU_ASSERT_EQUAL(next(d, 0, 1), 0);
    done(d, 1, 102, CYCLE_SUSPECT, 1);
    CU_ASSERT_EQUAL(next(d, 0, 1), 101);
    CU_ASSERT_EQUAL(next(d, 1, 1), 0);
    done(d, 0, 101, CYCLE_DONE, 2);
    CU_ASSERT_EQUAL(next(d, 1, 2), 102);
    done(d, 1, 102, CYCLE_DONE, 3);
    CU_ASSERT_TRUE(dispatch_is_finished(d));
    dispatch_free(d);
}

static void a_suspect_whose_worker_is_lost_stays_one(void)
{
    struct dispatch *d = queue_of(2, 0, 1);

    dispatch_suspect(d, 101);
    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    dispatch_lost(d, 0);
    dispatch_add(d, 102, 10, false);
    CU_ASSERT_EQUAL(next(d, 1, 1), 102);
    CU_ASSERT_EQUAL(next(d, 1, 1), 0);
    done(d, 1, 102, CYCLE_DONE, 2);
    CU_ASSERT_EQUAL(next(d, 1, 2), 101);
    done(d, 1, 101, CYCLE_STOPPED, 3);
    CU_ASSERT_EQUAL(next(d, 1, 3), 101);
    dispatch_free(d);
}

static void a_suspect_that_is_cancelled_rests_and_stays_one(void)
{
    struct dispatch *d = queue_of(2, 0, 1);

    dispatch_suspect(d, 101);
    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    done(d, 0, 101, CYCLE_CANCELLED, 1000);
    dispatch_add(d, 102, 10, false);
    CU_ASSERT_EQUAL(next(d, 1, 1100), 102);
    CU_ASSERT_EQUAL(next(d, 0, 1100), 0); /* 102 is in flight */
    done(d, 1, 102, CYCLE_DONE, 1050);
    CU_ASSERT_EQUAL(next(d, 0, 1099), 0); /* it rests */
    CU_ASSERT_EQUAL(next(d, 0, 1100), 101);
    CU_ASSERT_EQUAL(next(d, 1, 1100), 0);
    done(d, 0, 101, CYCLE_DONE, 1200);
    CU_ASSERT_TRUE(dispatch_is_finished(d));
    dispatch_free(d);
}

static void a_cancelled_chunk_rests_before_it_is_tried_again(void)
{
    struct dispatch *d = queue_of(1, 0, 1);

    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    done(d, 0, 101, CYCLE_CANCELLED, 1000);
    CU_ASSERT_EQUAL(next(d, 0, 1099), 0);
    CU_ASSERT_EQUAL(next(d, 0, 1100), 101);
    dispatch_free(d);
}

static void no_more_workers_than_the_limit_hold_chunks(void)
{
    struct dispatch *d = queue_of(3, 0, 6);

    dispatch_limit(d, 2);
    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    CU_ASSERT_EQUAL(next(d, 1, 0), 102);
    CU_ASSERT_EQUAL(next(d, 2, 0), 0);
    CU_ASSERT_EQUAL(next(d, 0, 0), 103); /* it is one of the two */
    dispatch_limit(d, 1);
    CU_ASSERT_EQUAL(next(d, 0, 0), 0); /* two hold some */
    done(d, 1, 102, CYCLE_DONE, 1);
    CU_ASSERT_EQUAL(next(d, 1, 1), 0);
    done(d, 0, 101, CYCLE_DONE, 1);
    CU_ASSERT_EQUAL(next(d, 1, 1), 0);
    done(d, 0, 103, CYCLE_DONE, 1);
    CU_ASSERT_EQUAL(next(d, 1, 1), 104);
    CU_ASSERT_EQUAL(next(d, 0, 1), 0);
    dispatch_limit(d, 3);
    CU_ASSERT_EQUAL(next(d, 0, 1), 105);
    CU_ASSERT_EQUAL(next(d, 2, 1), 106);
    dispatch_free(d);
}

static void a_canary_counts_no_chunk_that_came_back(void)
{
    struct dispatch *d = queue_of(2, 1, 2);

    CU_ASSERT_EQUAL(next(d, 0, 0), 101);
    done(d, 0, 101, CYCLE_CANCELLED, 0);
    CU_ASSERT_EQUAL(next(d, 0, 0), 102);
    done(d, 0, 102, CYCLE_SUSPECT, 1);
    CU_ASSERT_EQUAL(next(d, 0, 200), 101);
    done(d, 0, 101, CYCLE_DONE, 201);
    CU_ASSERT_EQUAL(next(d, 0, 201), -1);
    dispatch_free(d);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(the_parts_of_a_split_chunk_take_its_place),
        TEST(a_suspect_runs_last_and_alone),
        TEST(suspects_run_one_by_one),
        TEST(the_parts_of_a_suspect_run_one_by_one_too),
        TEST(the_parts_of_a_second_pass_are_handed_out_last),
        TEST(a_suspect_whose_worker_is_lost_stays_one),
        TEST(a_suspect_that_is_cancelled_rests_and_stays_one),
        TEST(a_cancelled_chunk_rests_before_it_is_tried_again),
        TEST(no_more_workers_than_the_limit_hold_chunks),
        TEST(a_canary_counts_no_chunk_that_came_back),
        CU_TEST_INFO_NULL,
    };

    return unit_run("dispatch_faults", tests);
}
