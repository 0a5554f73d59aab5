/* How often a worker waits for the network: a chunk's round trips, counted on the wire (DESIGN.md,
 * "Round trips"). */
#include "lab.h"

#include "wire.h"

/* As worker.c has it: the chunk whose turn it is, and `ahead` of those behind it, are marked before
 * it is updated. */
static void work(struct lab *lab, struct cycle *cycle, int index, int ahead)
{
    struct cycle_result result;

    for (int i = index; ahead > 0 && i <= index + ahead && i < lab->chunk_count; i++)
        cycle_mark_ahead(cycle, &lab->chunks[i], clock_now_ns());
    lab_run_chunk(cycle, &lab->chunks[index], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(result.rows_updated, 12);
}

/* Of each chunk in the steady state: the statements are prepared, and there are chunks left to
 * mark. */
static void check_round_trips(const char *job, const char *update, int ahead, int at_most)
{
    struct lab lab;
    struct wire wire;

    lab_begin(&lab, job, update);
    wire_open(&wire);
    lab_start(&lab);
    CU_ASSERT_EQUAL_FATAL(lab.chunk_count, 10);
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    for (int i = 0; i < lab.chunk_count; i++) {
        int before = atomic_load(&wire.passed);
        work(&lab, cycle, i, ahead);
        int round_trips = atomic_load(&wire.passed) - before;
        if (i >= 2 && i < 6)
            CU_ASSERT_EQUAL(round_trips, at_most);
    }
    cycle_close(cycle);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 1 AND busy IS NULL"), 120);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.in_flight"), 0);
    wire_close(&wire);
    lab_end(&lab);
}

static void a_chunk_without_a_flag_takes_two_round_trips(void)
{
    check_round_trips(LAB_PLAIN_JOB, LAB_UPDATE, 0, 2);
}

static void a_chunk_with_a_flag_takes_three_round_trips(void)
{
    check_round_trips(LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING, 0, 3);
    check_round_trips(LAB_FLAGGED_JOB, LAB_UPDATE, 0, 3); /* with something to release */
}

static void marking_ahead_takes_no_round_trip_of_its_own(void)
{
    check_round_trips(LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING, 2, 2);
    check_round_trips(LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING, 1, 2);
}

/* The chunk that was to be marked is somebody else's for now: the one whose turn it is has lost
 * nothing by it. */
static void a_mark_that_fails_takes_nothing_with_it(void)
{
    struct lab lab;
    struct cycle_result result;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_start(&lab);
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    cycle_mark_ahead(cycle, &lab.chunks[0], clock_now_ns());
    cycle_mark_ahead(cycle, &lab.chunks[1], clock_now_ns());
    lab_sql(&lab, "BEGIN");
    lab_sql(&lab, "SELECT FROM chunkmill.chunk WHERE chunk_id = 2 FOR UPDATE");
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(result.rows_updated, 12);
    CU_ASSERT_EQUAL(result.tries, 0);
    lab_run_chunk(cycle, &lab.chunks[1], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_BUSY);
    lab_sql(&lab, "ROLLBACK");
    lab_run_chunk(cycle, &lab.chunks[1], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    cycle_close(cycle);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 1 AND busy IS NULL"), 24);
    lab_end(&lab);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_chunk_without_a_flag_takes_two_round_trips),
        TEST(a_chunk_with_a_flag_takes_three_round_trips),
        TEST(marking_ahead_takes_no_round_trip_of_its_own),
        TEST(a_mark_that_fails_takes_nothing_with_it),
        CU_TEST_INFO_NULL,
    };
    return unit_run("round trips", tests);
}
