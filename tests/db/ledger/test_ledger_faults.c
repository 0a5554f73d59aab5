/* The life of a run, cut off at each exchange with the server in turn: the request that does not
 * arrive, and the answer that nobody hears. Whatever the moment, the next attempt finishes it, each
 * row is updated once, and nothing of ours is left. And what else can happen to a ledger, caused.
 */
#include "lab.h"

#include "base/clock.h"
#include "core/plan/plan_quality.h"
#include "db/cycle/marks.h"
#include "db/ledger/ledger.h"
#include "db/ledger/ledger_attempt.h"
#include "db/ledger/ledger_run.h"
#include "db/ledger/ledger_steps.h"
#include "db/ledger/status.h"
#include "wire.h"

/* Two chunks of 60 rows, and a row for which the update fails until it is mended. */
#define FAULTS_JOB                                                                                 \
    "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], \"row_id\": "   \
    "\"id\","                                                                                      \
    " \"flag\": \"busy\", \"update\": \"update.sql\", \"chunk\": {\"target_rows\": 60, "           \
    "\"max_rows\": 60},"                                                                           \
    " \"before\": [\"before.sql\"], \"after\": [{\"file\": \"after.sql\", \"transaction\": "       \
    "false}],"                                                                                     \
    " \"connection\": {\"lock_timeout_ms\": 200}, \"limits\": {\"retries\": 1}}"
#define FAULTS_PLAIN_JOB                                                                           \
    "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], \"update\": "   \
    "\"update.sql\", \"chunk\": {\"target_rows\": 60, \"max_rows\": 60},"                          \
    " \"connection\": {\"lock_timeout_ms\": 200}, \"limits\": {\"retries\": 1}}"
#define FAULTS_UPDATE                                                                              \
    "UPDATE lab.item AS t SET updates = updates + 1, value = 10 / value WHERE {chunk_filter}"

/* Disks are slow, and no server crashes here. */
static void hurry(struct lab *lab)
{
    lab_sql(lab, "ALTER SYSTEM SET fsync = off");
    lab_sql(lab, "SELECT pg_reload_conf()");
}

static void begin_faults(struct lab *lab, struct wire *wire, const char *job)
{
    lab_begin(lab, job, FAULTS_UPDATE);
    hurry(lab);
    lab_file(lab, "before.sql", "SELECT 1; SELECT 2");
    lab_file(lab, "after.sql", "SELECT 3");
    wire_open(wire);
}

/* From one place to the next; more than 1 where a program is slow (tests/tools/memcheck). */
static int stride(void)
{
    const char *given = getenv("FAULTS_STRIDE");
    int stride = given == NULL ? 1 : (int)strtol(given, NULL, 10);

    return stride > 0 ? stride : 1;
}

static void fresh_table(struct lab *lab, bool with_a_bad_row)
{
    lab_table(lab);
    if (with_a_bad_row)
        lab_sql(lab, "UPDATE lab.item SET value = 0 WHERE id = 120");
}

/* The job's run: found, and gone on with, or made. */
static int enter(struct lab *lab, struct ledger_run *run, struct error *err)
{
    struct session *s = &lab->session;
    struct ledger_run finished = {0};
    char identity[65], update[65];
    bool made, has;
    int rc = -1;

    if (session_open(lab->job_file, NULL, 0, "test", s, err) != 0)
        return -1;
    if (ledger_create(s->control, &s->work, &made, err) != 0 ||
        ledger_require(s->control, &s->work, "lab", err) != 0 ||
        ledger_attempt_lock(s->control, &s->work, false, err) != 0 ||
        ledger_attempt_has_lock(s->control, &s->work, &has, err) != 0 ||
        ledger_run_find(s->control, &s->work, NULL, run, &finished, err) != 0)
        goto out;
    CU_ASSERT_TRUE(has);
    if (!run->facts.exists) {
        struct ledger_run none = *run;
        *run = finished;
        finished = none;
    }
    if (run->facts.exists)
        rc = session_adopt(s, run, false, err);
    else if (ledger_run_hashes(s->control, &s->work, &s->config, identity, update, err) == 0 &&
             target_pin_window(s->control, &s->config, &s->work, err) == 0)
        rc = ledger_run_create(s->control, &s->work, NULL, identity, update, err);
out:
    ledger_run_clear(&finished);
    if (rc != 0)
        session_close(s);
    return rc;
}

static int plan(struct session *s, const struct ledger_run *run, struct error *err)
{
    struct connection *reader = NULL, *slicer = NULL;
    struct distribution_totals totals;
    struct plan_quality quality;
    struct chunk_store *store = chunk_store_new(&s->work, &run->planned_to, run->planned_chunks);
    int rc = -1;

    if (connection_open(s->work.parameters, s->work.parameter_count, "reader", &reader, err) != 0 ||
        connection_open(s->work.parameters, s->work.parameter_count, "slicer", &slicer, err) != 0 ||
        connection_pin(reader, s->work.settings, s->work.setting_count, err) != 0 ||
        connection_pin(slicer, s->work.settings, s->work.setting_count, err) != 0)
        goto out;
    const struct distribution_job job = {.reader = reader,
                                         .slicer = slicer,
                                         .config = &s->config,
                                         .work = &s->work,
                                         .after = &run->planned_to,
                                         .next_id = 1,
                                         .sink = lab_store,
                                         .context = store};
    if (distribution_whole_plan(&job, &totals, &quality, err) == 0)
        rc = chunk_store_end(store, s->control, err);
out:
    chunk_store_free(store);
    connection_close(reader);
    connection_close(slicer);
    return rc;
}

/* Each open chunk once; what is put back or given back is open again. */
static int work_once(struct lab *lab, struct cycle *cycle, struct error *err)
{
    const struct session *s = &lab->session;
    int rc = 0;

    lab_forget_chunks(lab);
    if (chunk_store_read_open(s->control, &s->work, lab_keep, lab, err) != 0)
        return -1;
    for (int i = 0; rc == 0 && i < lab->chunk_count; i++) {
        struct cycle_result result;
        for (int j = i; j <= i + 1 && j < lab->chunk_count; j++)
            cycle_mark_ahead(cycle, &lab->chunks[j], clock_now_ns());
        lab_run_chunk(cycle, &lab->chunks[i], &result);
        if (result.outcome == CYCLE_STOPPED)
            rc = error_set(err, result.error_kind, "%s", result.error);
    }
    return rc;
}

static int work_on_chunks(struct lab *lab, struct error *err)
{
    enum { ROUNDS_MAX = 5 };
    struct cycle *cycle = NULL;
    int rc = cycle_open(&lab->session.work, 0, &cycle, err);

    if (rc != 0)
        return -1;
    for (int i = 0; rc == 0 && i < ROUNDS_MAX && (i == 0 || lab->chunk_count > 0); i++)
        rc = work_once(lab, cycle, err);
    cycle_close(cycle);
    return rc;
}

/* What a person may ask, and what the end of an attempt writes. */
static int look(struct session *s, struct error *err)
{
    struct report_ledger totals;
    struct report_failure failures[4];
    struct status_run *runs = NULL;
    struct status_attempt attempts[STATUS_ATTEMPTS_MAX];
    struct status_failure sums[STATUS_FAILURES_MAX];
    struct marks_count marks;
    struct ledger_run latest = {0};
    int64_t run_count;
    int count;
    int rc = 0;

    if (ledger_run_totals(s->control, &s->work, &totals, err) != 0 ||
        ledger_run_failures(s->control, &s->work, failures, 4, &count, err) != 0 ||
        status_runs(s->control, &s->work, 0, &runs, &run_count, err) != 0 ||
        status_attempts(s->control, &s->work, s->work.run_id, attempts, &count, err) != 0 ||
        status_failures(s->control, &s->work, s->work.run_id, sums, &count, err) != 0 ||
        (work_has_flag(&s->work) && marks_count(s->control, &s->work, &marks, err) != 0) ||
        ledger_run_latest(s->control, &s->work, NULL, &latest, err) != 0)
        rc = -1;
    free(runs);
    ledger_run_clear(&latest);
    return rc;
}

static int end_run(struct session *s, struct error *err)
{
    enum run_state state;

    if (ledger_steps_run(s->control, &s->work, &s->config, true, err) != 0 ||
        ledger_run_finish(s->control, &s->work, &state, err) != 0 || look(s, err) != 0)
        return -1;
    CU_ASSERT_TRUE(state == RUN_DONE || state == RUN_DONE_WITH_GAPS);
    return ledger_attempt_end(s->control, &s->work, "finished", 0, err) != 0
               ? -1
               : ledger_attempt_save_report(s->control, &s->work, "{}", err);
}

/* An attempt from its beginning to its end. A finished run is left as it is, or its failed chunks
 * are done again. */
static int attempt(struct lab *lab, struct error *err)
{
    struct session *s = &lab->session;
    struct ledger_run run = {0};
    int64_t reopened = 1;
    bool current = true;
    int rc = -1;

    if (enter(lab, &run, err) != 0) {
        ledger_run_clear(&run);
        return -1;
    }
    if (run.facts.exists &&
        ledger_run_retry_failed(s->control, &s->work, run.run_id, &reopened, err) != 0)
        goto out;
    if (run.facts.exists && !run_state_is_unfinished(run.facts.state) && reopened == 0) {
        rc = 0;
        goto out;
    }
    if (ledger_attempt_begin(s->control, &s->work, lab_who(), err) != 0 ||
        ledger_attempt_heartbeat(s->control, &s->work, err) != 0 ||
        ledger_steps_run(s->control, &s->work, &s->config, false, err) != 0 ||
        (!run.plan_complete && plan(s, &run, err) != 0) ||
        ledger_attempt_is_current(s->control, &s->work, &current, err) != 0 ||
        work_on_chunks(lab, err) != 0)
        goto out;
    CU_ASSERT_TRUE(current);
    rc = end_run(s, err);
out:
    ledger_run_clear(&run);
    session_close(s);
    return rc;
}

static void check_done(struct lab *lab)
{
    CU_ASSERT_EQUAL(
        lab_number(lab, "SELECT count(*) FROM lab.item WHERE updates = 1 AND busy IS NULL"), 120);
    CU_ASSERT_EQUAL(lab_number(lab, "SELECT count(*) FROM chunkmill.run"), 1);
    CU_ASSERT_EQUAL(
        lab_number(lab, "SELECT count(*) FROM chunkmill.run JOIN chunkmill.plan USING (run_id) "
                        "WHERE state = 'done' AND planned_to "
                        "IS NULL"),
        1);
    CU_ASSERT_EQUAL(
        lab_number(lab, "SELECT count(*) FROM chunkmill.chunk WHERE state <> 'done' OR key_lower "
                        "IS NOT NULL OR key_upper IS NOT NULL OR row_ids IS NOT NULL"),
        0);
    CU_ASSERT_EQUAL(lab_number(lab, "SELECT sum(rows_updated) FROM chunkmill.chunk"), 120);
}

static void kind_is_of_a_lost_connection(const struct error *err, int number)
{
    if (err->kind == ERROR_CONNECTION)
        return;
    fprintf(stderr, "at request %d: kind %d, %s\n", number, (int)err->kind, err->text);
    CU_FAIL("a cut connection is told as one");
}

/* One life, cut off at one place; false: it was over before. */
static bool live_once(struct lab *lab, struct wire *wire, enum wire_fault fault, int number)
{
    struct error err = ERROR_INIT;

    fresh_table(lab, false);
    wire_arm(wire, fault, number);
    int rc = attempt(lab, &err);
    bool struck = wire_disarm(wire);
    if (rc != 0) {
        CU_ASSERT_TRUE(struck);
        kind_is_of_a_lost_connection(&err, number);
        error_clear(&err);
        lab_must(attempt(lab, &err), &err, "the next attempt");
    }
    check_done(lab);
    return struck;
}

/* every: of so many places one, beside stride. */
static void live_many_times(const char *job, enum wire_fault fault, int every)
{
    struct lab lab;
    struct wire wire;
    int number = 1;

    begin_faults(&lab, &wire, job);
    while (number < 500 && live_once(&lab, &wire, fault, number))
        number += every * stride();
    CU_ASSERT_TRUE(number > 40 && number < 500);
    wire_close(&wire);
    lab_end(&lab);
}

static void a_run_whose_request_is_lost_anywhere_is_finished_by_the_next_attempt(void)
{
    live_many_times(FAULTS_JOB, WIRE_CUT_REQUEST,
                    3); /* to the server much as the answer before it */
}

static void a_run_whose_answer_is_lost_anywhere_is_finished_by_the_next_attempt(void)
{
    live_many_times(FAULTS_JOB, WIRE_CUT_ANSWER, 1);
}

static void a_run_without_a_flag_is_finished_as_well(void)
{
    live_many_times(FAULTS_PLAIN_JOB, WIRE_CUT_ANSWER, 2);
}

/* Between the statements that travel together: fence and claim are answered, and then nothing is.
 */
static void a_run_that_is_cut_off_amid_a_batch_is_finished_by_the_next_attempt(void)
{
    live_many_times(FAULTS_JOB, WIRE_CUT_LATER, 1);
    live_many_times(FAULTS_PLAIN_JOB, WIRE_CUT_LATER, 2);
}

/* A run that ended with gaps is retried, and the retry is cut off. */
static bool retry_once(struct lab *lab, struct wire *wire, int number)
{
    struct error err = ERROR_INIT;

    fresh_table(lab, true);
    wire_arm(wire, WIRE_CUT_ANSWER, number);
    int rc = attempt(lab, &err);
    bool struck = wire_disarm(wire);
    error_clear(&err);
    if (rc != 0)
        lab_must(attempt(lab, &err), &err, "the next attempt");
    CU_ASSERT_EQUAL(
        lab_number(lab, "SELECT count(*) FROM chunkmill.run WHERE state = 'done_with_gaps'"), 1);
    CU_ASSERT_EQUAL(lab_number(lab,
                               "SELECT count(*) FROM chunkmill.chunk WHERE state = 'failed' AND "
                               "error_sqlstate = '22012' AND row_ids IS NULL"),
                    1);
    CU_ASSERT_EQUAL(lab_number(lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL"), 0);
    lab_sql(lab, "UPDATE lab.item SET value = 1 WHERE id = 120");
    wire_arm(wire, WIRE_CUT_ANSWER, number);
    rc = attempt(lab, &err);
    struck = wire_disarm(wire) || struck;
    error_clear(&err);
    if (rc != 0)
        lab_must(attempt(lab, &err), &err, "the retry's next attempt");
    check_done(lab);
    return struck;
}

static void a_chunk_that_fails_and_is_retried_may_be_cut_off_anywhere(void)
{
    struct lab lab;
    struct wire wire;
    int number = 1;

    begin_faults(&lab, &wire, FAULTS_JOB);
    while (number < 500 && retry_once(&lab, &wire, number))
        number += 2 * stride();
    CU_ASSERT_TRUE(number > 40 && number < 500);
    wire_close(&wire);
    lab_end(&lab);
}

/* As `chunkmill abandon` does it. */
static int give_up(struct lab *lab, struct error *err)
{
    struct session *s = &lab->session;
    struct ledger_run run = {0};
    int64_t rows, chunks;
    bool changed = true;
    int rc = -1;

    if (enter(lab, &run, err) != 0) {
        ledger_run_clear(&run);
        return -1;
    }
    if (run.facts.exists && !run_state_is_unfinished(run.facts.state)) {
        rc = 0;
        goto out;
    }
    enum run_state state = run.facts.exists ? run.facts.state : RUN_PLANNING;
    if (ledger_attempt_begin(s->control, &s->work, lab_who(), err) != 0 ||
        (state != RUN_ABANDONING &&
         ledger_run_set_state(s->control, &s->work, state, RUN_ABANDONING, &changed, err) != 0) ||
        marks_release(s->control, &s->work, &rows, &chunks, err) != 0)
        goto out;
    CU_ASSERT_TRUE(changed);
    rc = ledger_run_set_state(s->control, &s->work, RUN_ABANDONING, RUN_ABANDONED, &changed, err);
    CU_ASSERT_TRUE(rc != 0 || changed);
out:
    ledger_run_clear(&run);
    session_close(s);
    return rc;
}

static void check_given_up(struct lab *lab)
{
    CU_ASSERT_EQUAL(
        lab_number(lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL OR updates > 1"), 0);
    CU_ASSERT_EQUAL(lab_number(lab, "SELECT count(*) FROM lab.item WHERE updates = 1"),
                    lab_number(lab, "SELECT coalesce(sum(rows_updated), 0) FROM chunkmill.chunk"));
    CU_ASSERT_EQUAL(
        lab_number(lab, "SELECT count(*) FROM chunkmill.run WHERE state IN ('abandoned', 'done')"),
        1);
    CU_ASSERT_EQUAL(
        lab_number(lab, "SELECT count(*) FROM chunkmill.plan WHERE planned_to IS NOT NULL"), 0);
    CU_ASSERT_EQUAL(
        lab_number(lab, "SELECT count(*) FROM chunkmill.chunk WHERE key_lower IS NOT NULL OR "
                        "key_upper IS NOT NULL OR row_ids IS NOT NULL"),
        0);
}

/* The life that is given up: ended at its first T1, whose chunk is left marked. */
static void leave_marks(struct lab *lab)
{
    struct error err = ERROR_INIT;

    fresh_table(lab, false);
    lab_must(enter(lab, &(struct ledger_run){0}, &err), &err, "entering");
    lab_must(ledger_attempt_begin(lab->session.control, &lab->session.work, lab_who(), &err), &err,
             "attempt");
    lab_must(plan(&lab->session, &(struct ledger_run){0}, &err), &err, "planning");
    lab_sql(lab, "CREATE FUNCTION lab.raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                 " UPDATE chunkmill.run SET attempt = attempt + 1; RETURN NULL; END $$;"
                 "CREATE TRIGGER raise AFTER UPDATE ON chunkmill.chunk FOR EACH ROW WHEN "
                 "(NEW.state = 'marked')"
                 " EXECUTE FUNCTION lab.raise()");
    CU_ASSERT_EQUAL(work_on_chunks(lab, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_LIVE);
    lab_sql(lab, "DROP TRIGGER raise ON chunkmill.chunk");
    CU_ASSERT_EQUAL(lab_number(lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL"), 60);
    session_close(&lab->session);
}

static void abandoning_may_be_cut_off_anywhere(void)
{
    static const enum wire_fault faults[] = {WIRE_CUT_REQUEST, WIRE_CUT_ANSWER};
    struct lab lab;
    struct wire wire;

    begin_faults(&lab, &wire, FAULTS_JOB);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        bool struck = true;
        for (int number = 1; struck; number += stride()) {
            struct error err = ERROR_INIT;
            leave_marks(&lab);
            wire_arm(&wire, faults[i], number);
            int rc = give_up(&lab, &err);
            struck = wire_disarm(&wire);
            CU_ASSERT_TRUE(rc == 0 || struck); /* it may strike at the goodbye */
            error_clear(&err);
            if (rc != 0)
                lab_must(give_up(&lab, &err), &err, "abandoning again");
            check_given_up(&lab);
        }
    }
    wire_close(&wire);
    lab_end(&lab);
}

static void dropping_may_be_cut_off_anywhere(void)
{
    struct lab lab;
    struct wire wire;
    bool struck = true;

    begin_faults(&lab, &wire, FAULTS_JOB);
    for (int number = 1; struck; number += stride()) {
        struct error err = ERROR_INIT;
        bool made;
        lab_open(&lab);
        lab_must(ledger_create(lab.session.control, &lab.session.work, &made, &err), &err,
                 "creating");
        wire_arm(&wire, WIRE_CUT_ANSWER, number);
        int rc = ledger_drop(lab.session.control, &lab.session.work, false, &err);
        struck = wire_disarm(&wire);
        CU_ASSERT_EQUAL(rc != 0, struck);
        session_close(&lab.session);
        error_clear(&err);
        lab_open(&lab);
        if (ledger_drop(lab.session.control, &lab.session.work, false, &err) != 0)
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "there is no ledger"));
        session_close(&lab.session);
        CU_ASSERT_EQUAL(
            lab_number(&lab, "SELECT count(*) FROM pg_namespace WHERE nspname = 'chunkmill'"), 0);
    }
    wire_close(&wire);
    lab_end(&lab);
}

static void a_ledger_of_another_version_is_neither_used_nor_made_anew(void)
{
    static const char *const versions[][2] = {{"0", "older"}, {"99", "newer"}};
    struct lab lab;
    struct error err = ERROR_INIT;
    bool made;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    for (int i = 0; i < 2; i++) {
        char text[64];
        snprintf(text, sizeof text, "UPDATE chunkmill.ledger SET version = %s", versions[i][0]);
        lab_sql(&lab, text);
        CU_ASSERT_EQUAL(ledger_require(lab.session.control, &lab.session.work, "my.json", &err),
                        -1);
        CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, versions[i][1]));
        CU_ASSERT_EQUAL(ledger_create(lab.session.control, &lab.session.work, &made, &err), -1);
        CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "another version"));
    }
    lab_end(&lab);
}

static void a_role_without_rights_is_told_at_which_ledger(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    bool made;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_sql(&lab, "CREATE ROLE stranger; GRANT USAGE ON SCHEMA lab TO stranger");
    const struct sql become = {"become", "SET ROLE stranger"};
    lab_must(connection_script(lab.session.control, &become, &err), &err, "becoming a stranger");
    CU_ASSERT_EQUAL(ledger_require(lab.session.control, &lab.session.work, "my.json", &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
    CU_ASSERT_EQUAL(ledger_create(lab.session.control, &lab.session.work, &made, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "chunkmill"));
    lab_sql(&lab, "DROP SCHEMA chunkmill CASCADE");
    CU_ASSERT_EQUAL(ledger_create(lab.session.control, &lab.session.work, &made, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
    CU_ASSERT_FALSE(made);
    CU_ASSERT_EQUAL(ledger_drop(lab.session.control, &lab.session.work, false, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
    lab_end(&lab);
    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_sql(&lab, "DROP OWNED BY stranger; DROP ROLE stranger");
    lab_end(&lab);
}

static void a_run_that_is_taken_over_while_it_is_planned_is_left_alone(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct session *s = &lab.session;
    struct ledger_run none = {0};

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_must(enter(&lab, &none, &err), &err, "entering");
    lab_must(ledger_attempt_begin(s->control, &s->work, lab_who(), &err), &err, "beginning");
    lab_sql(&lab, "UPDATE chunkmill.run SET attempt = attempt + 1");
    CU_ASSERT_EQUAL(plan(s, &none, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_LIVE);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.chunk"), 0);
    lab_end(&lab);
}

static void of_two_that_begin_a_run_the_second_is_told(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct session *s = &lab.session;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    CU_ASSERT_EQUAL(ledger_run_create(s->control, &s->work, "other", "x", "y", &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_LIVE);
    lab_sql(&lab, "DELETE FROM chunkmill.run; DELETE FROM chunkmill.job");
    CU_ASSERT_EQUAL(ledger_run_create(s->control, &s->work, NULL, "x", "y", &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_BUG);
    lab_end(&lab);
}

static void what_a_person_deletes_from_the_ledger_is_missed(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct session *s = &lab.session;
    enum run_state state;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_sql(&lab, "DELETE FROM chunkmill.chunk");
    struct chunk *chunk = &lab.chunks[0];
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    struct cycle_result result;
    lab_run_chunk(cycle, chunk, &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_STOPPED);
    CU_ASSERT_EQUAL(result.error_kind, ERROR_FATAL);
    cycle_close(cycle);
    lab_sql(&lab, "DELETE FROM chunkmill.run");
    CU_ASSERT_EQUAL(ledger_run_finish(s->control, &s->work, &state, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_FATAL);
    CU_ASSERT_EQUAL(ledger_attempt_begin(s->control, &s->work, lab_who(), &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
    lab_end(&lab);
}

static void an_abandoned_run_is_not_retried(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct session *s = &lab.session;
    int64_t chunks;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_sql(&lab, "UPDATE chunkmill.run SET state = 'abandoned'; UPDATE chunkmill.chunk SET state "
                  "= 'failed'");
    CU_ASSERT_EQUAL(ledger_run_retry_failed(s->control, &s->work, s->work.run_id, &chunks, &err),
                    -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM chunkmill.chunk WHERE state <> 'failed'"), 0);
    lab_end(&lab);
}

static void another_jobs_table_is_not_shared_unasked(void)
{
    struct lab lab;
    struct session other;
    struct error err = ERROR_INIT;
    const char *sets[] = {"job=another"};

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_must(session_open(lab.job_file, sets, 1, "test", &other, &err), &err, "another job");
    CU_ASSERT_EQUAL(ledger_attempt_lock(other.control, &other.work, false, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_LIVE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "share_table"));
    session_close(&other);
    lab_end(&lab);
}

static void a_run_goes_on_under_the_search_path_that_it_began_with(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;

    lab_begin(&lab, LAB_FLAGGED_JOB,
              "UPDATE item AS t SET updates = updates + 1 WHERE {chunk_filter}");
    lab_sql(&lab, "ALTER ROLE postgres SET search_path = lab");
    lab_start(&lab);
    session_close(&lab.session);
    lab_sql(&lab, "ALTER ROLE postgres SET search_path = public");
    lab_must(attempt(&lab, &err), &err, "the next attempt");
    lab_sql(&lab, "ALTER ROLE postgres RESET search_path");
    check_done(&lab);
    lab_end(&lab);
}

static void *hold_the_run_for_a_second(void *context)
{
    struct lab *lab = context;

    lab_sql(lab, "BEGIN; SELECT FROM chunkmill.run FOR SHARE");
    lab_sql(lab, "SELECT pg_sleep(1); COMMIT");
    return NULL;
}

static void a_new_attempt_waits_for_the_last_transaction_of_the_former_one(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct session *s = &lab.session;
    pthread_t thread;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    pthread_create(&thread, NULL, hold_the_run_for_a_second, &lab);
    const struct sql waits = {
        "held", "SELECT count(*) FROM pg_locks WHERE mode = 'RowShareLock' AND relation = "
                "'chunkmill.run'::regclass"};
    int64_t held = 0;
    while (held == 0) {
        struct rows *rows = NULL;
        lab_must(connection_query_once(s->control, &waits, PARAMETERS_NONE, &rows, &err), &err,
                 "looking");
        held = rows_int64(rows, 0, 0);
        rows_free(rows);
    }
    CU_ASSERT_EQUAL(ledger_attempt_begin(s->control, &s->work, lab_who(), &err), 0);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT attempt FROM chunkmill.run"), 2);
    lab_end(&lab);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_run_whose_request_is_lost_anywhere_is_finished_by_the_next_attempt),
        TEST(a_run_whose_answer_is_lost_anywhere_is_finished_by_the_next_attempt),
        TEST(a_run_without_a_flag_is_finished_as_well),
        TEST(a_run_that_is_cut_off_amid_a_batch_is_finished_by_the_next_attempt),
        TEST(a_chunk_that_fails_and_is_retried_may_be_cut_off_anywhere),
        TEST(abandoning_may_be_cut_off_anywhere),
        TEST(dropping_may_be_cut_off_anywhere),
        TEST(a_ledger_of_another_version_is_neither_used_nor_made_anew),
        TEST(a_role_without_rights_is_told_at_which_ledger),
        TEST(a_run_that_is_taken_over_while_it_is_planned_is_left_alone),
        TEST(of_two_that_begin_a_run_the_second_is_told),
        TEST(what_a_person_deletes_from_the_ledger_is_missed),
        TEST(an_abandoned_run_is_not_retried),
        TEST(another_jobs_table_is_not_shared_unasked),
        TEST(a_run_goes_on_under_the_search_path_that_it_began_with),
        TEST(a_new_attempt_waits_for_the_last_transaction_of_the_former_one),
        CU_TEST_INFO_NULL,
    };
    return unit_run("ledger faults", tests);
}
