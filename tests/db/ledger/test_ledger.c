/* Runs, attempts, locks and steps in a real ledger. */
#include "db/ledger/ledger.h"
#include "db/ledger/ledger_attempt.h"
#include "db/ledger/ledger_run.h"
#include "db/ledger/ledger_steps.h"
#include "lab.h"

static void a_missing_ledger_names_the_command_that_makes_it(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    bool made;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_open(&lab);
    CU_ASSERT_EQUAL(ledger_require(lab.session.control, &lab.session.work, "my.json", &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "chunkmill ledger my.json create"));
    lab_must(ledger_create(lab.session.control, &lab.session.work, &made, &err), &err, "creating");
    CU_ASSERT_TRUE(made);
    lab_must(ledger_create(lab.session.control, &lab.session.work, &made, &err), &err,
             "creating again");
    CU_ASSERT_FALSE(made);
    CU_ASSERT_EQUAL(ledger_require(lab.session.control, &lab.session.work, "my.json", &err), 0);
    lab_sql(&lab, "UPDATE chunkmill.ledger SET version = 99");
    CU_ASSERT_EQUAL(ledger_require(lab.session.control, &lab.session.work, "my.json", &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "newer"));
    lab_end(&lab);
}

static void a_ledger_with_an_unfinished_run_is_not_dropped(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    CU_ASSERT_EQUAL(ledger_drop(lab.session.control, &lab.session.work, false, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
    lab_must(ledger_drop(lab.session.control, &lab.session.work, true, &err), &err,
             "dropping by force");
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM pg_namespace WHERE nspname = 'chunkmill'"), 0);
    lab_end(&lab);
}

static void a_second_session_is_refused_while_the_first_is_live(void)
{
    struct lab lab;
    struct session other;
    struct error err = ERROR_INIT;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_must(session_open(lab.job_file, NULL, 0, "other", &other, &err), &err,
             "opening another session");
    CU_ASSERT_EQUAL(ledger_drop(other.control, &other.work, true, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_LIVE);
    CU_ASSERT_EQUAL(ledger_attempt_lock(other.control, &other.work, false, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_LIVE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "on lab"));
    session_close(&other);
    lab_end(&lab);
}

static void a_new_attempt_ends_the_sessions_of_the_former_one(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct cycle *cycle = NULL;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_must(cycle_open(&lab.session.work, 3, &cycle, &err), &err, "a worker");
    int pid = connection_backend_pid(cycle_session(cycle));
    char text[120];
    snprintf(text, sizeof text, "SELECT count(*) FROM pg_stat_activity WHERE pid = %d", pid);
    CU_ASSERT_EQUAL(lab_number(&lab, text), 1);
    lab_must(ledger_attempt_begin(lab.session.control, &lab.session.work, lab_who(), &err), &err,
             "next attempt");
    int64_t left = 1;
    for (int i = 0; i < 500 && left > 0; i++) {
        left = lab_number(&lab, text);
        usleep(10000);
    }
    CU_ASSERT_EQUAL(left, 0);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.backend"), 1);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM chunkmill.attempt WHERE outcome = 'overtaken'"), 1);
    cycle_close(cycle);
    lab_end(&lab);
}

static void another_identity_is_refused_and_another_update_is_accepted_on_demand(void)
{
    struct lab lab;
    struct session later;
    struct error err = ERROR_INIT;
    struct ledger_run unfinished, finished;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_must(
        ledger_run_find(lab.session.control, &lab.session.work, NULL, &unfinished, &finished, &err),
        &err, "finding");
    CU_ASSERT_TRUE(unfinished.facts.exists);
    CU_ASSERT_FALSE(finished.facts.exists);

    lab_file(&lab, "update.sql", LAB_UPDATE " AND true");
    lab_must(session_open(lab.job_file, NULL, 0, "later", &later, &err), &err, "opening");
    CU_ASSERT_EQUAL(session_adopt(&later, &unfinished, false, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "--accept-changes"));
    CU_ASSERT_EQUAL(session_adopt(&later, &unfinished, true, &err), 0);
    session_close(&later);

    const char *sets[] = {"scope=t.id > 5"};
    lab_must(session_open(lab.job_file, sets, 1, "later", &later, &err), &err,
             "opening with another scope");
    CU_ASSERT_EQUAL(session_adopt(&later, &unfinished, true, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "abandon"));
    session_close(&later);
    ledger_run_clear(&unfinished);
    ledger_run_clear(&finished);
    lab_end(&lab);
}

static void a_step_runs_once(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;

    lab_begin(&lab,
              "{\"job\": \"lab\", \"table\": \"lab.item\", \"update\": \"update.sql\", \"before\": "
              "[\"before.sql\"],"
              " \"after\": [{\"file\": \"after.sql\", \"transaction\": false}]}",
              LAB_UPDATE);
    lab_file(&lab, "before.sql",
             "INSERT INTO lab.item (value) VALUES (77); INSERT INTO lab.item (value) VALUES (77)");
    lab_file(&lab, "after.sql", "VACUUM lab.item");
    lab_start(&lab);
    for (int i = 0; i < 2; i++) {
        lab_must(ledger_steps_run(lab.session.control, &lab.session.work, &lab.session.config,
                                  false, &err),
                 &err, "before");
        lab_must(ledger_steps_run(lab.session.control, &lab.session.work, &lab.session.config, true,
                                  &err),
                 &err, "after");
    }
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE value = 77"), 2);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.step"), 2);
    lab_end(&lab);
}

static void the_window_is_pinned_by_the_servers_clock(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;

    lab_begin(
        &lab,
        "{\"job\": \"lab\", \"table\": \"lab.item\", \"update\": \"update.sql\","
        " \"window\": {\"on\": \"t.day\", \"from\": \"now() - interval '1 day'\", \"to\": \"date "
        "'2027-01-31'\"}}",
        LAB_UPDATE);
    lab_open(&lab);
    lab_must(target_pin_window(lab.session.control, &lab.session.config, &lab.session.work, &err),
             &err, "pinning");
    CU_ASSERT_STRING_EQUAL(lab.session.work.window_type, "pg_catalog.date");
    CU_ASSERT_STRING_EQUAL(lab.session.work.window_to, "2027-01-31");
    CU_ASSERT_EQUAL(strlen(lab.session.work.window_from), 10);
    lab_end(&lab);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_missing_ledger_names_the_command_that_makes_it),
        TEST(a_ledger_with_an_unfinished_run_is_not_dropped),
        TEST(a_second_session_is_refused_while_the_first_is_live),
        TEST(a_new_attempt_ends_the_sessions_of_the_former_one),
        TEST(another_identity_is_refused_and_another_update_is_accepted_on_demand),
        TEST(a_step_runs_once),
        TEST(the_window_is_pinned_by_the_servers_clock),
        CU_TEST_INFO_NULL,
    };
    return unit_run("ledger", tests);
}
