/* The protocol's cycle against a real server, one chunk at a time: what is updated, released,
 * counted, put back, quarantined. */
#include "db/ledger/ledger_attempt.h"
#include "db/ledger/ledger_run.h"
#include "lab.h"

static struct cycle_result run_chunk(struct lab *lab, int index)
{
    struct cycle *cycle = lab_open_cycle(lab, 0);
    struct cycle_result result;

    lab_run_chunk(cycle, &lab->chunks[index], &result);
    cycle_close(cycle);
    return result;
}

static void run_all(struct lab *lab)
{
    struct cycle *cycle = lab_open_cycle(lab, 0);
    struct cycle_result result;

    for (int i = 0; i < lab->chunk_count; i++) {
        lab_run_chunk(cycle, &lab->chunks[i], &result);
        CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    }
    cycle_close(cycle);
}

/* T1, then `between` by another program, then T2: T1's own transaction raises the attempt, so that
 * the fence stops T2; the next attempt finds the chunk marked and does T2 alone. */
static struct cycle_result run_with_between(struct lab *lab, int index, const char *between)
{
    struct cycle *cycle = lab_open_cycle(lab, 0);
    struct cycle_result result;
    struct error err = ERROR_INIT;

    lab_sql(lab, "CREATE FUNCTION lab.raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                 " UPDATE chunkmill.run SET attempt = attempt + 1; RETURN NULL; END $$;"
                 "CREATE TRIGGER raise AFTER UPDATE ON chunkmill.chunk FOR EACH ROW WHEN "
                 "(NEW.state = 'marked')"
                 " EXECUTE FUNCTION lab.raise()");
    lab_run_chunk(cycle, &lab->chunks[index], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_STOPPED);
    CU_ASSERT_EQUAL(result.error_kind, ERROR_LIVE);
    cycle_close(cycle);
    lab_sql(lab, "DROP TRIGGER raise ON chunkmill.chunk; DROP FUNCTION lab.raise()");
    lab_sql(lab, between);
    lab_must(ledger_attempt_begin(lab->session.control, &lab->session.work, lab_who(), &err), &err,
             "next attempt");
    return run_chunk(lab, index);
}

static void a_flagged_run_updates_each_row_once_and_leaves_no_mark(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    enum run_state state;
    struct report_ledger totals;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_start(&lab);
    CU_ASSERT_EQUAL(lab.chunk_count, 10);
    run_all(&lab);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 1 AND busy IS NULL"), 120);
    lab_must(ledger_run_finish(lab.session.control, &lab.session.work, &state, &err), &err,
             "finishing");
    CU_ASSERT_EQUAL(state, RUN_DONE);
    lab_must(ledger_run_finish(lab.session.control, &lab.session.work, &state, &err), &err,
             "finishing again");
    CU_ASSERT_EQUAL(state, RUN_DONE);
    lab_must(ledger_run_totals(lab.session.control, &lab.session.work, &totals, &err), &err,
             "totals");
    CU_ASSERT_EQUAL(totals.rows_matched, 120);
    CU_ASSERT_EQUAL(totals.rows_updated, 120);
    CU_ASSERT_EQUAL(totals.rows_drifted, 0);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.chunk WHERE key_upper IS NOT "
                                     "NULL OR row_ids IS NOT NULL"),
                    0);
    lab_end(&lab);
}

static void an_update_that_leaves_the_flag_has_it_released_for_it(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE " AND value = 1");
    lab_sql(&lab, "UPDATE lab.item SET value = 2 WHERE id <= 2");
    lab_start(&lab);
    struct cycle_result result = run_chunk(&lab, 0);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(result.rows_marked, 12);
    CU_ASSERT_EQUAL(result.rows_updated, 10);
    CU_ASSERT_EQUAL(result.rows_released, 2);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL"), 0);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), 10);
    lab_end(&lab);
}

static void a_run_without_a_flag_is_one_transaction_a_chunk(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_PLAIN_JOB, LAB_UPDATE);
    lab_start(&lab);
    run_all(&lab);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 1"), 120);
    CU_ASSERT_EQUAL(run_chunk(&lab, 3).outcome, CYCLE_SKIPPED);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), 120);
    lab_end(&lab);
}

static void rows_marked_elsewhere_are_left_alone_and_counted_in_a_second_pass(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_sql(&lab, "UPDATE lab.item SET busy = 1 WHERE id IN (1, 2, 3)");
    lab_start(&lab);
    CU_ASSERT_EQUAL(run_chunk(&lab, 0).outcome, CYCLE_PUT_BACK);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT pass FROM chunkmill.chunk WHERE chunk_id = 1"), 2);
    lab_sql(&lab, "UPDATE lab.item SET busy = NULL WHERE id = 3"); /* freed meanwhile: the second
                                                                      pass takes it */
    struct cycle_result result = run_chunk(&lab, 0);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(result.rows_elsewhere, 2);
    CU_ASSERT_EQUAL(
        lab_number(&lab,
                   "SELECT count(*) FROM lab.item WHERE id IN (1, 2) AND busy = 1 AND updates = 0"),
        2);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), 10);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates > 1"), 0);
    lab_end(&lab);
}

/* No trigger of people's: the foreign key writes to them in our transaction, or a function of the
 * update does. */
static void rows_marked_elsewhere_that_our_transaction_writes_to_keep_their_mark(void)
{
    static const char *const updates[] = {
        "UPDATE lab.item AS t SET updates = updates + 1, code = -code, busy = NULL WHERE "
        "{chunk_filter}",
        "UPDATE lab.item AS t SET updates = updates + lab.touch(2) WHERE {chunk_filter} AND id = 5",
    };

    for (size_t i = 0; i < sizeof updates / sizeof updates[0]; i++) {
        struct lab lab;
        lab_begin(&lab, LAB_FLAGGED_JOB, updates[i]);
        lab_sql(&lab,
                "ALTER TABLE lab.item ADD code integer UNIQUE,"
                " ADD of integer REFERENCES lab.item (code) ON UPDATE CASCADE;"
                "UPDATE lab.item SET code = id; UPDATE lab.item SET of = 5, busy = 1 WHERE id = 2;"
                "CREATE FUNCTION lab.touch(integer) RETURNS integer LANGUAGE sql AS"
                " 'UPDATE lab.item SET value = 7 WHERE id = $1 RETURNING 1'");
        lab_start(&lab);
        CU_ASSERT_EQUAL(run_chunk(&lab, 0).outcome, CYCLE_PUT_BACK);
        CU_ASSERT_EQUAL(
            lab_number(&lab, "SELECT count(*) FROM lab.item WHERE of = -5 OR value = 7"), 1);
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT busy FROM lab.item WHERE id = 2"), 1);
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL"),
                        1);
        lab_end(&lab);
    }
}

static void a_row_flagged_at_the_mark_and_free_at_the_update_is_not_lost(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_sql(&lab, "UPDATE lab.item SET busy = 1 WHERE id = 1");
    lab_start(&lab);
    struct cycle_result result =
        run_with_between(&lab, 0, "UPDATE lab.item SET busy = NULL WHERE id = 1");
    CU_ASSERT_EQUAL(result.outcome, CYCLE_PUT_BACK);
    CU_ASSERT_EQUAL(run_chunk(&lab, 0).outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item WHERE id <= 12"), 12);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT rows_elsewhere FROM chunkmill.chunk WHERE chunk_id = 1"), 0);
    lab_end(&lab);
}

/* The scope means its own table, whatever the statements call their parts. */
static void a_scope_may_name_a_table_as_a_statement_names_its_parts(void)
{
    static const char *const names[] = {"settled", "own", "marked"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct lab lab;
        char job[500], made[100];
        snprintf(job, sizeof job,
                 "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], "
                 "\"row_id\": "
                 "\"id\", \"scope\": \"t.id IN (SELECT row_id FROM %s)\", \"flag\": \"busy\", "
                 "\"update\": "
                 "\"update.sql\", \"chunk\": {\"target_rows\": 12, \"max_rows\": 12}}",
                 names[i]);
        snprintf(made, sizeof made, "CREATE TABLE public.%s AS SELECT id AS row_id FROM lab.item",
                 names[i]);
        lab_begin(&lab, job, LAB_UPDATE_CLEARING);
        lab_sql(&lab, made);
        lab_sql(&lab, "UPDATE lab.item SET busy = 1 WHERE id = 1");
        lab_start(&lab);
        CU_ASSERT_EQUAL(run_chunk(&lab, 0).outcome, CYCLE_PUT_BACK);
        lab_sql(&lab, "UPDATE lab.item SET busy = NULL WHERE id = 1");
        CU_ASSERT_EQUAL(run_chunk(&lab, 0).outcome, CYCLE_DONE);
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT updates FROM lab.item WHERE id = 1"), 1);
        CU_ASSERT_EQUAL(
            lab_number(&lab, "SELECT rows_elsewhere FROM chunkmill.chunk WHERE chunk_id = 1"), 0);
        snprintf(made, sizeof made, "DROP TABLE public.%s", names[i]);
        lab_sql(&lab, made);
        lab_end(&lab);
    }
}

static void a_row_of_ours_that_another_session_writes_to_is_updated_once(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_start(&lab);
    struct cycle_result result =
        run_with_between(&lab, 0, "UPDATE lab.item SET value = 7 WHERE id = 1");
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(result.rows_updated, 12);
    CU_ASSERT_EQUAL(
        lab_number(&lab,
                   "SELECT count(*) FROM lab.item WHERE id <= 12 AND updates = 1 AND busy IS NULL"),
        12);
    lab_end(&lab);
}

static void a_row_that_a_trigger_writes_once_more_in_a_subtransaction_is_updated_once(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_sql(&lab, "CREATE FUNCTION lab.once_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                  " BEGIN UPDATE lab.item SET value = 9 WHERE id = NEW.id;"
                  " EXCEPTION WHEN unique_violation THEN NULL; END; RETURN NULL; END $$;"
                  "CREATE TRIGGER once_more AFTER UPDATE ON lab.item FOR EACH ROW"
                  " WHEN (NEW.updates > OLD.updates) EXECUTE FUNCTION lab.once_more()");
    lab_start(&lab);
    CU_ASSERT_EQUAL(run_chunk(&lab, 0).outcome,
                    CYCLE_DONE); /* by id they can be told from others' rows */
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE id <= 12 AND updates = 1"), 12);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT rows_updated FROM chunkmill.chunk WHERE chunk_id = 1"),
                    12);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL"), 0);
    lab_end(&lab);
}

static void rows_of_ours_that_move_or_go_leave_no_mark_and_are_counted(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_start(&lab);
    struct cycle_result result = run_with_between(
        &lab, 0,
        "UPDATE lab.item SET day = '2026-02-01' WHERE id = 1; DELETE FROM lab.item WHERE id = 2");
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(result.rows_updated, 10);
    CU_ASSERT_EQUAL(result.rows_released, 1);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT rows_lost FROM chunkmill.chunk WHERE chunk_id = 1"),
                    1);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL"), 0);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT updates FROM lab.item WHERE id = 1"), 0);
    lab_end(&lab);
}

static void an_update_that_moves_rows_out_of_the_chunk_leaves_no_mark(void)
{
    struct lab lab;

    lab_begin(
        &lab, LAB_FLAGGED_JOB,
        "UPDATE lab.item AS t SET updates = updates + 1, day = t.day + 100 WHERE {chunk_filter}");
    lab_start(&lab);
    struct cycle_result result = run_chunk(&lab, 0);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(result.rows_updated, 12);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL"), 0);
    lab_end(&lab);
}

/* A generic plan would read the whole key for each slice. */
static void slices_are_planned_for_their_own_bounds(void)
{
    struct lab lab;
    struct cycle_result result;
    struct error err = ERROR_INIT;
    struct rows *rows = NULL;
    const struct sql generic = {"generic plans",
                                "SELECT count(*), sum(generic_plans) FROM pg_prepared_statements"
                                " WHERE name LIKE '% slice%' OR name LIKE '% nulls%'"};

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_sql(
        &lab,
        "UPDATE lab.item SET day = '2026-01-01', name = CASE WHEN id < 20 THEN name END;"
        "INSERT INTO lab.item (day, name) SELECT '2026-01-05', 'n2' FROM generate_series(1, 120)");
    lab_start(&lab);
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    for (int i = 0; i < lab.chunk_count; i++)
        lab_run_chunk(cycle, &lab.chunks[i], &result);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 1 AND busy IS NULL"), 240);
    lab_must(connection_query_once(cycle_session(cycle), &generic, PARAMETERS_NONE, &rows, &err),
             &err, "looking");
    CU_ASSERT_TRUE(rows_int64(rows, 0, 0) >=
                   12); /* three statements, with both, one, and the other bound */
    CU_ASSERT_EQUAL(rows_int64(rows, 0, 1), 0);
    rows_free(rows);
    cycle_close(cycle);
    lab_end(&lab);
}

static void an_old_attempt_is_stopped_by_the_fence(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct cycle_result result;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_start(&lab);
    lab_sql(&lab, "UPDATE chunkmill.run SET attempt = attempt + 1");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_STOPPED);
    CU_ASSERT_EQUAL(result.error_kind, ERROR_LIVE);
    cycle_close(cycle);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL OR updates > 0"), 0);
    lab_must(ledger_attempt_begin(lab.session.control, &lab.session.work, lab_who(), &err), &err,
             "next attempt");
    CU_ASSERT_EQUAL(lab.session.work.attempt, 3);
    lab_end(&lab);
}

static void a_chunk_whose_ledger_row_is_locked_goes_back_for_later(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_start(&lab);
    lab_sql(&lab, "BEGIN; SELECT FROM chunkmill.chunk WHERE chunk_id = 1 FOR UPDATE");
    CU_ASSERT_EQUAL(run_chunk(&lab, 0).outcome, CYCLE_BUSY);
    lab_sql(&lab, "COMMIT");
    CU_ASSERT_EQUAL(run_chunk(&lab, 0).outcome, CYCLE_DONE);
    lab_end(&lab);
}

static void a_chunk_that_fails_is_quarantined_with_its_marks_released_and_no_value_shown(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB,
              "UPDATE lab.item AS t SET updates = updates + 1, value = name::integer WHERE "
              "{chunk_filter}");
    lab_start(&lab);
    struct cycle_result result = run_chunk(&lab, 0);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_FAILED);
    CU_ASSERT_STRING_EQUAL(result.sqlstate, "22P02");
    CU_ASSERT_PTR_NULL(strstr(result.error, "n1"));
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL OR updates > 0"), 0);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM chunkmill.failures WHERE error_sqlstate = '22P02'"),
        1);
    lab_end(&lab);
}

static void a_chunk_that_was_quarantined_is_done_when_it_is_retried(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    enum run_state state;
    struct report_ledger totals;
    int64_t chunks = 0;

    lab_begin(
        &lab, LAB_FLAGGED_JOB,
        "UPDATE lab.item AS t SET updates = updates + 1, value = 1 / value, busy = NULL WHERE "
        "{chunk_filter}");
    lab_sql(
        &lab,
        "UPDATE lab.item SET value = 0 WHERE id = 1; UPDATE lab.item SET busy = 1 WHERE id = 2");
    lab_start(&lab);
    lab_sql(&lab, "UPDATE lab.item SET value = 1 WHERE id = 1");
    CU_ASSERT_EQUAL(run_chunk(&lab, 0).outcome,
                    CYCLE_PUT_BACK); /* the first pass settles eleven rows */
    lab_sql(&lab, "UPDATE lab.item SET busy = NULL, value = 0 WHERE id = 2");
    CU_ASSERT_EQUAL(run_chunk(&lab, 0).outcome, CYCLE_FAILED);
    for (int i = 1; i < lab.chunk_count; i++)
        CU_ASSERT_EQUAL(run_chunk(&lab, i).outcome, CYCLE_DONE);
    lab_must(ledger_run_finish(lab.session.control, &lab.session.work, &state, &err), &err,
             "finishing");
    CU_ASSERT_EQUAL(state, RUN_DONE_WITH_GAPS);

    lab_must(ledger_run_retry_failed(lab.session.control, &lab.session.work,
                                     lab.session.work.run_id, &chunks, &err),
             &err, "retrying");
    CU_ASSERT_EQUAL(chunks, 1);
    lab_sql(&lab, "UPDATE lab.item SET value = 1 WHERE id = 2");
    lab_must(ledger_attempt_begin(lab.session.control, &lab.session.work, lab_who(), &err), &err,
             "next attempt");
    lab_read_open(&lab);
    CU_ASSERT_EQUAL(lab.chunk_count, 1);
    CU_ASSERT_EQUAL(run_chunk(&lab, 0).outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 1 AND busy IS NULL"), 120);
    lab_must(ledger_run_finish(lab.session.control, &lab.session.work, &state, &err), &err,
             "finishing again");
    CU_ASSERT_EQUAL(state, RUN_DONE);
    lab_must(ledger_run_totals(lab.session.control, &lab.session.work, &totals, &err), &err,
             "totals");
    CU_ASSERT_EQUAL(totals.rows_matched, 120);
    CU_ASSERT_EQUAL(totals.rows_updated, 120);
    lab_end(&lab);
}

static void a_killed_backend_is_replaced_and_the_ledger_is_read_again(void)
{
    struct lab lab;
    struct cycle_result result;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_start(&lab);
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    lab_sql(&lab, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
                  "'chunkmill worker 0'");
    lab_run_chunk(cycle, &lab.chunks[1], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_CANCELLED); /* somebody doesn't want us now */
    CU_ASSERT_EQUAL(result.is_ended, 1);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.in_flight"), 0);
    lab_run_chunk(cycle, &lab.chunks[1], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(cycle_reconnects(cycle), 1);
    cycle_close(cycle);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 1"), 24);
    lab_end(&lab);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_flagged_run_updates_each_row_once_and_leaves_no_mark),
        TEST(an_update_that_leaves_the_flag_has_it_released_for_it),
        TEST(a_run_without_a_flag_is_one_transaction_a_chunk),
        TEST(rows_marked_elsewhere_are_left_alone_and_counted_in_a_second_pass),
        TEST(rows_marked_elsewhere_that_our_transaction_writes_to_keep_their_mark),
        TEST(a_row_flagged_at_the_mark_and_free_at_the_update_is_not_lost),
        TEST(a_scope_may_name_a_table_as_a_statement_names_its_parts),
        TEST(a_row_of_ours_that_another_session_writes_to_is_updated_once),
        TEST(a_row_that_a_trigger_writes_once_more_in_a_subtransaction_is_updated_once),
        TEST(rows_of_ours_that_move_or_go_leave_no_mark_and_are_counted),
        TEST(an_update_that_moves_rows_out_of_the_chunk_leaves_no_mark),
        TEST(slices_are_planned_for_their_own_bounds),
        TEST(an_old_attempt_is_stopped_by_the_fence),
        TEST(a_chunk_whose_ledger_row_is_locked_goes_back_for_later),
        TEST(a_chunk_that_fails_is_quarantined_with_its_marks_released_and_no_value_shown),
        TEST(a_chunk_that_was_quarantined_is_done_when_it_is_retried),
        TEST(a_killed_backend_is_replaced_and_the_ledger_is_read_again),
        CU_TEST_INFO_NULL,
    };
    return unit_run("cycle", tests);
}
