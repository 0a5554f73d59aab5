/* What is sent before its right to run is known: where the fence or the claim refuses, the server
 * runs none of it. A sequence, which no rollback takes back, tells. */
#include "lab.h"

/* Each row that anybody writes to is told. */
#define TOLD                                                                                       \
    "CREATE SEQUENCE lab.told;"                                                                    \
    "CREATE FUNCTION lab.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"                      \
    " PERFORM nextval('lab.told'); RETURN NEW; END $$;"                                            \
    "CREATE TRIGGER tell BEFORE UPDATE ON lab.item FOR EACH ROW EXECUTE FUNCTION lab.tell()"

static void begin(struct lab *lab, const char *job)
{
    bool has_flag = strstr(job, "\"flag\"") != NULL;

    lab_begin(lab, job, has_flag ? LAB_UPDATE_CLEARING : LAB_UPDATE);
    lab_start(lab);
    lab_sql(lab, TOLD);
}

static int64_t told(struct lab *lab)
{
    return lab_number(lab, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM lab.told");
}

static const char *const jobs[] = {LAB_FLAGGED_JOB, LAB_PLAIN_JOB};

static void behind_a_fence_that_refuses_no_row_is_touched(void)
{
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        struct lab lab;
        begin(&lab, jobs[i]);
        lab_sql(&lab, "UPDATE chunkmill.run SET attempt = attempt + 1");
        struct cycle_result result = lab_run_first(&lab);
        CU_ASSERT_EQUAL(result.outcome, CYCLE_STOPPED);
        CU_ASSERT_EQUAL(result.error_kind, ERROR_LIVE);
        CU_ASSERT_EQUAL(told(&lab), 0);
        lab_end(&lab);
    }
}

static void a_chunk_that_is_done_is_skipped_and_not_touched(void)
{
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        struct lab lab;
        begin(&lab, jobs[i]);
        lab_sql(&lab, "UPDATE chunkmill.chunk SET state = 'done' WHERE chunk_id = 1");
        CU_ASSERT_EQUAL(lab_run_first(&lab).outcome, CYCLE_SKIPPED);
        CU_ASSERT_EQUAL(told(&lab), 0);
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.in_flight"), 0);
        lab_end(&lab);
    }
}

static void a_chunk_that_has_killed_too_often_is_quarantined_and_not_touched(void)
{
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        struct lab lab;
        begin(&lab, jobs[i]);
        lab_sql(&lab, "UPDATE chunkmill.chunk SET crashes = 99 WHERE chunk_id = 1");
        struct cycle_result result = lab_run_first(&lab);
        CU_ASSERT_EQUAL(result.outcome, CYCLE_FAILED);
        CU_ASSERT_STRING_EQUAL(result.sqlstate, "KM001");
        CU_ASSERT_EQUAL(told(&lab), 0);
        lab_end(&lab);
    }
}

/* Between T1 and T2 of one worker another one has brought it to its end, or freed its marks. */
static void a_chunk_that_is_not_as_it_was_marked_is_not_updated_as_such(void)
{
    static const struct {
        const char *meanwhile;
        enum cycle_outcome outcome;
        int64_t told, updated;
    } cases[] = {
        {"UPDATE chunkmill.chunk SET state = 'done', row_ids = NULL, mark_xid = NULL WHERE "
         "chunk_id = 1;"
         "UPDATE lab.item SET busy = NULL WHERE busy IS NOT NULL",
         CYCLE_SKIPPED, 24, 0},
        {"UPDATE chunkmill.chunk SET state = 'planned', row_ids = NULL, mark_xid = NULL, "
         "rows_marked = 0"
         " WHERE chunk_id = 1; UPDATE lab.item SET busy = NULL WHERE busy IS NOT NULL",
         CYCLE_DONE, 48, 12}, /* marked and updated anew */
        {"UPDATE chunkmill.chunk SET mark_xid = '3' WHERE chunk_id = 1", CYCLE_DONE, 24, 12},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lab lab;
        struct cycle_result result;
        begin(&lab, LAB_FLAGGED_JOB);
        struct cycle *cycle = lab_open_cycle(&lab, 0);
        cycle_mark_ahead(cycle, &lab.chunks[0], clock_now_ns());
        cycle_mark_ahead(cycle, &lab.chunks[1],
                         clock_now_ns()); /* so that the first one's mark is sent */
        CU_ASSERT_EQUAL(told(&lab), 12);
        lab_sql(&lab, cases[i].meanwhile);
        lab_run_chunk(cycle, &lab.chunks[0], &result);
        CU_ASSERT_EQUAL(result.outcome, cases[i].outcome);
        /* the second chunk's mark was sent along: 12 */
        CU_ASSERT_EQUAL(told(&lab), cases[i].told + 12);
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), cases[i].updated);
        cycle_close(cycle);
        lab_end(&lab);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(behind_a_fence_that_refuses_no_row_is_touched),
        TEST(a_chunk_that_is_done_is_skipped_and_not_touched),
        TEST(a_chunk_that_has_killed_too_often_is_quarantined_and_not_touched),
        TEST(a_chunk_that_is_not_as_it_was_marked_is_not_updated_as_such),
        CU_TEST_INFO_NULL,
    };
    return unit_run("refusals", tests);
}
