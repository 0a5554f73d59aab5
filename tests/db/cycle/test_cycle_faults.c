/* A worker whose server, network or rights go away: what becomes of its chunk, and what the worker
 * says. The life of a whole run that is cut off at each exchange is in test_ledger_faults.c. */
#include "lab.h"

#include <pthread.h>

#include "base/clock.h"
#include "wire.h"

static volatile int interrupt;

static void *raise_soon(void *ignored)
{
    clock_sleep_ns(300 * NS_PER_MS);
    interrupt = 1;
    return ignored;
}

static void watch(pthread_t *thread)
{
    interrupt = 0;
    connection_watch(&interrupt);
    pthread_create(thread, NULL, raise_soon, NULL);
}

static void unwatch(pthread_t thread)
{
    pthread_join(thread, NULL);
    connection_watch(NULL);
}

static void a_worker_that_connects_to_silence_can_be_interrupted(void)
{
    struct lab lab;
    struct wire wire;
    struct error err = ERROR_INIT;
    struct cycle *cycle = NULL;
    pthread_t thread;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    wire_open(&wire);
    lab_start(&lab);
    wire_arm(&wire, WIRE_STALL, 1);
    watch(&thread);
    CU_ASSERT_EQUAL(cycle_open(&lab.session.work, 1, &cycle, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_INTERRUPTED);
    unwatch(thread);
    CU_ASSERT_TRUE(wire_disarm(&wire));
    wire_close(&wire);
    lab_end(&lab);
}

static void a_worker_that_is_cut_off_while_it_connects_tries_again(void)
{
    struct lab lab;
    struct wire wire;
    struct error err = ERROR_INIT;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    wire_open(&wire);
    lab_start(&lab);
    for (int number = 1; number <= 4; number++) {
        struct cycle *cycle = NULL;
        wire_arm(&wire, number % 2 == 0 ? WIRE_CUT_ANSWER : WIRE_CUT_REQUEST, number);
        lab_must(cycle_open(&lab.session.work, 1, &cycle, &err), &err, "a worker");
        CU_ASSERT_TRUE(wire_disarm(&wire));
        error_clear(&err);
        cycle_close(cycle);
    }
    wire_close(&wire);
    lab_end(&lab);
}

static void a_worker_that_may_not_write_to_the_ledger_is_told_at_once(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct cycle *cycle = NULL;
    int64_t began_ns = clock_now_ns();

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_sql(&lab, "CREATE ROLE onlooker LOGIN");
    work_add_parameter(&lab.session.work, "user", "onlooker");
    CU_ASSERT_EQUAL(cycle_open(&lab.session.work, 1, &cycle, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_SERVER);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "42501");
    work_add_setting(&lab.session.work, "no_such_setting", "1");
    CU_ASSERT_EQUAL(cycle_open(&lab.session.work, 1, &cycle, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
    CU_ASSERT_TRUE(clock_now_ns() - began_ns < 8 * NS_PER_S);
    lab_sql(&lab, "DROP ROLE onlooker");
    lab_end(&lab);
}

/* The chunk's cycle with what the update does to it. */
static struct cycle_result run_first_chunk(struct lab *lab, const char *job, const char *update)
{
    struct error err = ERROR_INIT;
    struct cycle *cycle = NULL;
    struct cycle_result result;

    lab_begin(lab, job, update);
    lab_start(lab);
    lab_must(cycle_open(&lab->session.work, 1, &cycle, &err), &err, "a worker");
    lab_run_chunk(cycle, &lab->chunks[0], &result);
    cycle_close(cycle);
    return result;
}

static void a_backend_that_dies_each_time_does_not_go_round_for_ever(void)
{
    struct lab lab;
    struct cycle_result result =
        run_first_chunk(&lab, LAB_FLAGGED_JOB,
                        "UPDATE lab.item AS t SET updates = updates + CASE WHEN "
                        "pg_terminate_backend(pg_backend_pid()) THEN 1 END "
                        "WHERE {chunk_filter}");

    CU_ASSERT_NOT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), 0);
    lab_end(&lab);
}

static void a_server_that_is_broken_stops_the_run_and_not_the_chunk(void)
{
    struct lab lab;
    struct cycle_result result = run_first_chunk(
        &lab, LAB_FLAGGED_JOB,
        "UPDATE lab.item AS t SET updates = updates + length(pg_read_file('no/such')) "
        "WHERE {chunk_filter}");

    CU_ASSERT_EQUAL(result.outcome, CYCLE_STOPPED);
    CU_ASSERT_EQUAL(result.error_kind, ERROR_FATAL);
    CU_ASSERT_STRING_EQUAL(result.sqlstate, "58P01");
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.chunk WHERE state = 'failed'"),
                    0);
    /* nobody has died of it: else the next attempts would count it, and set it aside for that */
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.in_flight"), 0);
    lab_end(&lab);
}

static void
an_interrupt_amid_the_update_rolls_it_back_and_leaves_the_chunk_to_the_next_attempt(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct cycle *cycle = NULL;
    struct cycle_result result;
    pthread_t thread;

    lab_begin(&lab, LAB_FLAGGED_JOB,
              "UPDATE lab.item AS t SET updates = updates + (SELECT 1 FROM pg_sleep(20)) WHERE "
              "{chunk_filter}");
    lab_start(&lab);
    lab_must(cycle_open(&lab.session.work, 1, &cycle, &err), &err, "a worker");
    watch(&thread);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    unwatch(thread);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_STOPPED);
    CU_ASSERT_EQUAL(result.error_kind, ERROR_INTERRUPTED);
    cycle_close(cycle);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), 0);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.chunk WHERE state = 'marked'"),
                    1);
    lab_end(&lab);
}

static void a_worker_cut_off_for_good_can_be_interrupted_while_it_tries(void)
{
    struct lab lab;
    struct wire wire;
    struct error err = ERROR_INIT;
    struct cycle *cycle = NULL;
    struct cycle_result result;
    pthread_t thread;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    wire_open(&wire);
    lab_start(&lab);
    lab_must(cycle_open(&lab.session.work, 1, &cycle, &err), &err, "a worker");
    atomic_store(&wire.down, true);
    wire_arm(&wire, WIRE_CUT_REQUEST, 3);
    watch(&thread);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    unwatch(thread);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_STOPPED);
    CU_ASSERT_EQUAL(result.error_kind, ERROR_INTERRUPTED);
    cycle_close(cycle);
    wire_close(&wire);
    lab_end(&lab);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_worker_that_connects_to_silence_can_be_interrupted),
        TEST(a_worker_that_is_cut_off_while_it_connects_tries_again),
        TEST(a_worker_that_may_not_write_to_the_ledger_is_told_at_once),
        TEST(a_backend_that_dies_each_time_does_not_go_round_for_ever),
        TEST(a_server_that_is_broken_stops_the_run_and_not_the_chunk),
        TEST(an_interrupt_amid_the_update_rolls_it_back_and_leaves_the_chunk_to_the_next_attempt),
        TEST(a_worker_cut_off_for_good_can_be_interrupted_while_it_tries),
        CU_TEST_INFO_NULL,
    };
    return unit_run("cycle faults", tests);
}
