/* Steps leave the session as it was, and end no transaction that they did not begin; and what the
 * session's settings are whatever the database, the role or a function says. */
#include "db/ledger/ledger.h"
#include "db/ledger/ledger_steps.h"
#include "lab.h"

static struct lab lab;

static void begin(const char *step, const char *file)
{
    char job[300];

    snprintf(job, sizeof job,
             "{\"job\": \"lab\", \"table\": \"lab.item\", \"update\": \"update.sql\", "
             "\"before\": [%s], \"chunk\": {\"target_rows\": 12}}",
             file);
    lab_begin(&lab, job, LAB_UPDATE);
    lab_file(&lab, "step.sql", step);
    lab_start(&lab);
}

static int run_steps(struct error *err)
{
    const struct session *s = &lab.session;

    return ledger_steps_run(s->control, &s->work, &s->config, false, err);
}

static const char *setting(struct connection *c, const char *name)
{
    static char value[100];
    struct error err = ERROR_INIT;
    struct rows *rows = NULL;
    const char *values[] = {name};
    const struct sql sql = {"show", "SELECT current_setting($1)"};

    lab_must(connection_query_once(c, &sql, (struct parameters){1, values, NULL}, &rows, &err),
             &err, name);
    snprintf(value, sizeof value, "%s", rows_text(rows, 0, 0));
    rows_free(rows);
    return value;
}

#define INSIDE  "\"step.sql\""
#define OUTSIDE "{\"file\": \"step.sql\", \"transaction\": false}"

static void settings_and_the_role_are_as_before_the_step(void)
{
    static const struct {
        const char *step, *file;
    } steps[] = {
        {"SET search_path = ''; SET TimeZone = 'Pacific/Auckland'; SET work_mem = '77MB'; SET ROLE "
         "pg_read_all_data",
         INSIDE},
        {"SET search_path = ''", OUTSIDE},
        {"SET ROLE pg_read_all_data", OUTSIDE},
    };

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct error err = ERROR_INIT;
        begin(steps[i].step, steps[i].file);
        struct connection *c = lab.session.control;
        char path[100], memory[100];
        snprintf(path, sizeof path, "%s", setting(c, "search_path"));
        snprintf(memory, sizeof memory, "%s", setting(c, "work_mem"));
        lab_must(run_steps(&err), &err, "the step");
        CU_ASSERT_STRING_EQUAL(setting(c, "search_path"), path);
        CU_ASSERT_STRING_EQUAL(setting(c, "work_mem"), memory);
        CU_ASSERT_STRING_EQUAL(setting(c, "TimeZone"), "UTC");
        CU_ASSERT_STRING_EQUAL(setting(c, "role"), "none");
        CU_ASSERT_STRING_EQUAL(setting(c, "application_name"), "chunkmill test");
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.step"), 1);
        lab_end(&lab);
    }
}

static void a_step_that_ends_its_transaction_stops_the_run(void)
{
    static const char *const steps[] = {
        "UPDATE lab.item SET value = 2; COMMIT",
        "COMMIT; BEGIN; UPDATE lab.item SET value = 2",
        "ROLLBACK; SELECT 1",
    };

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct error err = ERROR_INIT;
        begin(steps[i], INSIDE);
        CU_ASSERT_EQUAL(run_steps(&err), -1);
        CU_ASSERT_EQUAL(err.kind, ERROR_FATAL);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "step.sql ends the transaction"));
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.step"), 0);
        CU_ASSERT_FALSE(connection_is_in_transaction(lab.session.control));
        lab_end(&lab);
    }
}

static void a_step_that_leaves_a_transaction_open_stops_the_run(void)
{
    struct error err = ERROR_INIT;

    begin("BEGIN", OUTSIDE);
    CU_ASSERT_EQUAL(run_steps(&err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "step.sql leaves a transaction open"));
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.step"), 0);
    CU_ASSERT_FALSE(connection_is_in_transaction(lab.session.control));
    lab_end(&lab);
}

/* Whatever the database says. */
static void what_decides_how_text_is_read_is_pinned(void)
{
    static const char *const settings[][3] = {
        {"standard_conforming_strings", "off", "on"},
        {"transform_null_equals", "on", "off"},
        {"array_nulls", "off", "on"},
        {"quote_all_identifiers", "on", "off"},
        {"default_transaction_isolation", "serializable", "read committed"},
        {"bytea_output", "escape", "hex"},
    };
    char text[200];

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        lab_begin(&lab, LAB_PLAIN_JOB, LAB_UPDATE);
        snprintf(text, sizeof text, "ALTER DATABASE postgres SET %s = '%s'", settings[i][0],
                 settings[i][1]);
        lab_sql(&lab, text);
        lab_open(&lab);
        CU_ASSERT_STRING_EQUAL(setting(lab.session.control, settings[i][0]), settings[i][2]);
        lab_sql(&lab, "ALTER DATABASE postgres RESET ALL");
        lab_end(&lab);
    }
}

static void a_function_that_changes_a_pinned_setting_stops_the_run(void)
{
    static const char *const calls[] = {"set_config('TimeZone', 'Pacific/Auckland', false)",
                                        "set_config('DateStyle', 'German', false)",
                                        "set_config('standard_conforming_strings', 'off', false)"};
    char update[300];

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct cycle_result result;
        snprintf(update, sizeof update,
                 "UPDATE lab.item AS t SET updates = updates + length(%s) WHERE {chunk_filter}",
                 calls[i]);
        lab_begin(&lab, LAB_PLAIN_JOB, update);
        lab_start(&lab);
        struct cycle *cycle = lab_open_cycle(&lab, 0);
        lab_run_chunk(cycle, &lab.chunks[0], &result);
        CU_ASSERT_EQUAL(result.outcome, CYCLE_STOPPED);
        CU_ASSERT_EQUAL(result.error_kind, ERROR_FATAL);
        CU_ASSERT_PTR_NOT_NULL(strstr(result.error, "ALTER FUNCTION"));
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), 0);
        cycle_close(cycle);
        lab_end(&lab);
    }
}

static void a_setting_of_a_transaction_or_function_of_its_own_stops_nothing(void)
{
    struct cycle_result result;

    lab_begin(&lab, LAB_PLAIN_JOB,
              "UPDATE lab.item AS t SET updates = updates + 1, name = lab.f() WHERE "
              "{chunk_filter}");
    lab_sql(&lab, "CREATE FUNCTION lab.f() RETURNS text LANGUAGE plpgsql SET TimeZone = "
                  "'Pacific/Auckland' AS $$ BEGIN RETURN 'n1'; END $$");
    lab_start(&lab);
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    cycle_close(cycle);
    lab_end(&lab);
}

static void another_time_zone_or_setting_of_a_person_is_another_run(void)
{
    static const char *const sets[][2] = {
        {"time_zone=Pacific/Auckland", NULL},
        {"connection.settings.app.tenant=8", NULL},
        {"connection.settings.work_mem=8MB", "taken"},
    };
    struct ledger_run run, other;
    struct error err = ERROR_INIT;

    lab_begin(&lab, LAB_PLAIN_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_must(ledger_run_find(lab.session.control, &lab.session.work, NULL, &run, &other, &err),
             &err, "finding the run");
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        struct session later;
        lab_must(session_open(lab.job_file, sets[i], 1, "test", &later, &err), &err, "opening");
        int rc = session_adopt(&later, &run, false, &err);
        CU_ASSERT_EQUAL(rc, sets[i][1] == NULL ? -1 : 0);
        if (rc != 0)
            CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
        error_clear(&err);
        session_close(&later);
    }
    ledger_run_clear(&run);
    ledger_run_clear(&other);
    lab_end(&lab);
}

static void two_ledgers_do_not_lock_each_other_out(void)
{
    static const char *const ledgers[] = {"ledger_schema=chunkmill", "ledger_schema=chunkmill_2"};
    struct session sessions[2];
    struct error err = ERROR_INIT;
    bool made;

    lab_begin(&lab, LAB_PLAIN_JOB, LAB_UPDATE);
    lab_sql(&lab, "DROP SCHEMA IF EXISTS chunkmill_2 CASCADE");
    for (int i = 0; i < 2; i++) {
        struct session *s = &sessions[i];
        lab_must(session_open(lab.job_file, &ledgers[i], 1, "test", s, &err), &err, "opening");
        lab_must(ledger_create(s->control, &s->work, &made, &err), &err, "ledger");
        lab_must(ledger_attempt_lock(s->control, &s->work, true, &err), &err, "locking");
    }
    session_close(&sessions[0]);
    session_close(&sessions[1]);
    lab_sql(&lab, "DROP SCHEMA chunkmill_2 CASCADE");
    lab_end(&lab);
}

static void a_server_that_is_switched_to_read_only_takes_no_chunk(void)
{
    struct cycle_result result;

    lab_begin(&lab, LAB_PLAIN_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_sql(&lab, "ALTER DATABASE postgres SET default_transaction_read_only = on");
    lab.session.work.retries = 1;
    struct cycle *cycle = NULL;
    struct error err = ERROR_INIT;
    if (cycle_open(&lab.session.work, 0, &cycle, &err) == 0) {
        lab_run_chunk(cycle, &lab.chunks[0], &result);
        CU_ASSERT_EQUAL(result.error_kind, ERROR_CONNECTION);
        cycle_close(cycle);
    } else {
        CU_ASSERT_STRING_EQUAL(err.sqlstate, "25006");
    }
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), 0);
    lab_sql(&lab, "ALTER DATABASE postgres RESET ALL");
    lab_end(&lab);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(settings_and_the_role_are_as_before_the_step),
        TEST(a_step_that_ends_its_transaction_stops_the_run),
        TEST(a_step_that_leaves_a_transaction_open_stops_the_run),
        TEST(what_decides_how_text_is_read_is_pinned),
        TEST(a_function_that_changes_a_pinned_setting_stops_the_run),
        TEST(a_setting_of_a_transaction_or_function_of_its_own_stops_nothing),
        TEST(another_time_zone_or_setting_of_a_person_is_another_run),
        TEST(two_ledgers_do_not_lock_each_other_out),
        TEST(a_server_that_is_switched_to_read_only_takes_no_chunk),
        CU_TEST_INFO_NULL,
    };

    return unit_run("steps", tests);
}
