/* Who is to blame when a chunk comes to no good end: a cancel, a full disk, a trigger, a former
 * attempt; and which rows a part owns. */
#include "lab.h"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/cycle/transaction.h"
#include "db/ledger/ledger_attempt.h"
#include "db/ledger/ledger_run.h"

#define DBLINK(lab)                                                                                \
    lab_sql(                                                                                       \
        (lab),                                                                                     \
        "CREATE EXTENSION dblink SCHEMA lab; CREATE FUNCTION lab.elsewhere(text) RETURNS text "    \
        "LANGUAGE sql AS $$ SELECT lab.dblink_exec('dbname=' || current_database() || ' host=' "   \
        "|| "                                                                                      \
        "current_setting('unix_socket_directories') || ' port=' || current_setting('port') || "    \
        "' options=-csynchronous_commit=off', $1, false) $$")

#define JOB(flag, limits)                                                                          \
    "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], \"row_id\": "   \
    "\"id\","                                                                                      \
    " \"update\": \"update.sql\", " flag " \"chunk\": {\"target_rows\": 12}, "                     \
    "\"connection\": {\"lock_timeout_ms\": 100, \"statement_timeout_ms\": 400}, \"limits\": "      \
    "{" limits "}}"
#define FLAG "\"flag\": \"busy\","
#define SLOW_UPDATE                                                                                \
    "UPDATE lab.item AS t SET updates = updates + 1, busy = NULL, value = lab.slow(t.id) + "       \
    "t.value WHERE "                                                                               \
    "{chunk_filter}"

static void begin(struct lab *lab, const char *job, const char *body)
{
    char text[600];

    lab_begin(lab, job, SLOW_UPDATE);
    lab_sql(lab, "CREATE TABLE lab.cost AS SELECT 0::float8 AS row_ms; CREATE SEQUENCE lab.times;");
    snprintf(text, sizeof text,
             "CREATE FUNCTION lab.slow(bigint) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN"
             " %s RETURN 0; END $$",
             body);
    lab_sql(lab, text);
    lab_start(lab);
}

#define SLEEPS "PERFORM pg_sleep((SELECT row_ms FROM lab.cost) / 1000);"

/* What happens the first time when a chunk gets this state (or a part is inserted). */
static void when(struct lab *lab, const char *when, const char *what)
{
    char text[800];

    snprintf(text, sizeof text,
             "CREATE FUNCTION lab.meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
             " %s RETURN NEW; END $$;"
             "CREATE TRIGGER meddle BEFORE %s EXECUTE FUNCTION lab.meddle()",
             what, when);
    lab_sql(lab, text);
}

#define CANCEL_ONCE                                                                                \
    "IF nextval('lab.times') = 1 THEN PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM "       \
    "pg_sleep(0.02); "                                                                             \
    "END IF;"

static void a_cancel_in_the_middle_of_a_split_blames_nobody(void)
{
    struct lab lab;
    struct cycle_result result;

    begin(&lab, JOB(FLAG, "\"retries\": 10"), SLEEPS);
    lab_sql(&lab, "UPDATE lab.cost SET row_ms = 150");
    when(&lab, "INSERT ON chunkmill.chunk FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL)",
         CANCEL_ONCE);
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_NOT_EQUAL(result.outcome, CYCLE_FAILED);
    cycle_close(cycle);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.chunk WHERE state = 'failed'"),
                    0);
    lab_end(&lab);
}

static void a_cancel_while_a_chunk_is_quarantined_stops_no_run(void)
{
    struct lab lab;
    struct cycle_result result;

    begin(&lab, JOB(FLAG, "\"retries\": 10"), "IF $1 = 5 THEN RAISE 'no'; END IF;");
    when(&lab, "UPDATE ON chunkmill.chunk FOR EACH ROW WHEN (NEW.state = 'failed')", CANCEL_ONCE);
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_FAILED);
    cycle_close(cycle);
    lab_end(&lab);
}

static void a_full_disk_in_the_middle_of_a_split_stops_the_run(void)
{
    struct lab lab;
    struct cycle_result result;

    begin(&lab, JOB(FLAG, "\"retries\": 10"), SLEEPS);
    lab_sql(&lab, "UPDATE lab.cost SET row_ms = 150");
    when(&lab, "INSERT ON chunkmill.chunk FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL)",
         "RAISE 'full' USING ERRCODE = '53100';");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_STOPPED);
    CU_ASSERT_STRING_EQUAL(result.sqlstate, "53100");
    cycle_close(cycle);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.chunk WHERE state = 'failed'"),
                    0);
    lab_end(&lab);
}

/* Attempts that a full disk stops: nobody has died. */
static void a_full_disk_makes_no_suspects(void)
{
    struct lab lab;
    struct cycle_result result;
    struct error err = ERROR_INIT;

    begin(&lab, JOB(FLAG, "\"retries\": 10"),
          "IF $1 = 5 THEN RAISE 'full' USING ERRCODE = '53100'; END IF;");
    for (int i = 0; i < 4; i++) {
        struct cycle *cycle = lab_open_cycle(&lab, 0);
        lab_run_chunk(cycle, &lab.chunks[0], &result);
        CU_ASSERT_EQUAL(result.outcome, CYCLE_STOPPED);
        cycle_close(cycle);
        lab_must(ledger_attempt_begin(lab.session.control, &lab.session.work, lab_who(), &err),
                 &err, "next");
    }
    lab_sql(
        &lab,
        "CREATE OR REPLACE FUNCTION lab.slow(bigint) RETURNS integer LANGUAGE sql AS 'SELECT 0'");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    cycle_close(cycle);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT crashes FROM chunkmill.chunk WHERE chunk_id = 1"), 0);
    lab_end(&lab);
}

/* Quarantined after many cancels, planned again: it has its tries anew. */
static void what_is_planned_again_has_all_its_tries(void)
{
    struct lab lab;
    struct cycle_result result;
    struct error err = ERROR_INIT;
    int64_t chunks;

    begin(&lab, JOB(FLAG, "\"retries\": 3"),
          "IF $1 = 5 AND (SELECT row_ms FROM lab.cost) > 0 THEN PERFORM "
          "pg_cancel_backend(pg_backend_pid()); "
          "PERFORM pg_sleep(0.02); END IF;");
    lab_sql(&lab, "UPDATE lab.cost SET row_ms = 1");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    for (int i = 0; i < 9; i++) {
        lab_run_chunk(cycle, &lab.chunks[0], &result);
        if (result.outcome == CYCLE_FAILED)
            break;
    }
    CU_ASSERT_EQUAL(result.outcome, CYCLE_FAILED);
    lab_must(ledger_run_retry_failed(lab.session.control, &lab.session.work,
                                     lab.session.work.run_id, &chunks, &err),
             &err, "again");
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_CANCELLED); /* one cancel is not the end of it */
    cycle_close(cycle);
    lab_end(&lab);
}

/* A range around one key becomes more than two parts, each shared its marks by a statement of its
 * own: a row that moves in between belongs to one part all the same. */
static void a_row_that_moves_between_two_parts_has_one_owner(void)
{
    struct lab lab;
    struct cycle_result result;

    begin(&lab,
          "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], "
          "\"row_id\": \"id\","
          " \"update\": \"update.sql\", \"flag\": \"busy\", \"chunk\": {\"target_rows\": 3}, "
          "\"connection\": {\"lock_timeout_ms\": 100, \"statement_timeout_ms\": 400}, \"limits\": "
          "{\"retries\": 3}}",
          SLEEPS);
    lab_sql(&lab, "UPDATE lab.cost SET row_ms = 150");
    /* a row of chunk 6's key (2026-01-02, n2) is below it while the first part gets its share, and
     * back for the second's */
    DBLINK(&lab);
    lab_sql(
        &lab,
        "CREATE TABLE lab.mover AS SELECT min(id) AS id FROM lab.item WHERE day = '2026-01-02' AND "
        "name = 'n2'");
    when(&lab, "INSERT ON chunkmill.chunk FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL)",
         "CASE nextval('lab.times') WHEN 1 THEN PERFORM lab.elsewhere('UPDATE lab.item SET name = "
         "''n1x'' "
         "WHERE id = (SELECT id FROM lab.mover)');"
         " WHEN 2 THEN PERFORM lab.elsewhere('UPDATE lab.item SET name = ''n2'' WHERE id = (SELECT "
         "id FROM "
         "lab.mover)'); ELSE END CASE;");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    CU_ASSERT_TRUE(lab_run_chunk(cycle, &lab.chunks[5], &result) >= 3);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM chunkmill.chunk c, unnest(c.row_ids::bigint[]) id "
                         "WHERE parent_id = 6 AND id = (SELECT id FROM lab.mover)"),
        1);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT sum(rows_marked) FROM chunkmill.chunk WHERE parent_id = 6"), 3);
    lab_sql(&lab, "UPDATE lab.cost SET row_ms = 0");
    lab_read_open(&lab);
    bool is_flagged = false;
    for (; lab.chunk_count > 0; lab_read_open(&lab)) {
        for (int i = lab.chunk_count - 1; i >= 0; i--) { /* the slices first */
            if (lab.chunks[i].id <= 10)
                continue;
            lab_run_chunk(cycle, &lab.chunks[i], &result);
            if (is_flagged ||
                lab_number(&lab,
                           "SELECT updates FROM lab.item WHERE id = (SELECT id FROM lab.mover)") ==
                    0)
                continue;
            is_flagged = true; /* another program's, as soon as it is free */
            lab_sql(&lab, "UPDATE lab.item SET busy = 1 WHERE id = (SELECT id FROM lab.mover)");
        }
        if (lab_number(
                &lab,
                "SELECT count(*) FROM chunkmill.chunk WHERE parent_id = 6 AND state <> 'done'") ==
            0)
            break;
    }
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE id = (SELECT id FROM lab.mover) "
                         "AND updates = 1 AND busy = 1"),
        1);
    cycle_close(cycle);
    lab_end(&lab);
}

static void the_parts_of_a_suspect_are_no_worse_than_it(void)
{
    struct lab lab;
    struct cycle_result result;
    struct error err = ERROR_INIT;

    begin(&lab, JOB(FLAG, "\"retries\": 3"), SLEEPS);
    lab_sql(&lab, "UPDATE lab.cost SET row_ms = 150; UPDATE chunkmill.chunk SET crashes = 3 WHERE "
                  "chunk_id = 1");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    CU_ASSERT_TRUE(lab_run_chunk(cycle, &lab.chunks[0], &result) >= 2);
    /* both parts at work when mpirun goes down */
    lab_sql(&lab,
            "INSERT INTO chunkmill.in_flight SELECT c.run_id, chunk_id, r.attempt, chunk_id - "
            "1000000000000 FROM chunkmill.chunk c, chunkmill.run r WHERE parent_id = 1");
    lab_must(ledger_attempt_begin(lab.session.control, &lab.session.work, lab_who(), &err), &err,
             "next");
    lab_sql(&lab, "UPDATE lab.cost SET row_ms = 0");
    cycle_close(cycle);
    cycle = lab_open_cycle(&lab, 0);
    lab_read_open(&lab);
    for (int i = 0; i < lab.chunk_count; i++)
        lab_run_chunk(cycle, &lab.chunks[i], &result);
    cycle_close(cycle);
    fprintf(
        stderr, "# failed: %lld\n",
        (long long)lab_number(&lab, "SELECT count(*) FROM chunkmill.chunk WHERE state = 'failed'"));
    lab_end(&lab);
}

/* A child by inheritance has triggers of its own. */
static void a_childs_trigger_counts_as_the_tables(void)
{
    struct lab lab;
    struct cycle_result result;

    lab_begin(&lab, JOB(FLAG, "\"retries\": 3"),
              "UPDATE lab.item AS t SET updates = updates + 1, busy = NULL WHERE {chunk_filter}");
    lab_sql(
        &lab,
        "CREATE TABLE lab.child (UNIQUE (id)) INHERITS (lab.item);"
        "WITH gone AS (DELETE FROM ONLY lab.item RETURNING *) INSERT INTO lab.child SELECT * FROM "
        "gone;"
        "UPDATE lab.item SET busy = 1 WHERE id = 7;" /* another program's */
        "CREATE FUNCTION lab.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.id = 5 AND NEW.busy = 1 THEN UPDATE lab.item SET value = 9 WHERE id = 7; END IF; "
        "RETURN "
        "NULL; END $$;"
        "CREATE TRIGGER touch AFTER UPDATE ON lab.child FOR EACH ROW EXECUTE FUNCTION lab.touch()");
    lab_start(&lab);
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE id = 7 AND busy = 1 AND updates = 0"),
        1);
    cycle_close(cycle);
    lab_end(&lab);
}

/* A trigger or foreign table whose own server is away says so in class 08, while our session lives
 * on. */
static void an_error_that_leaves_the_session_alive_is_no_lost_connection(void)
{
    struct lab lab;
    struct cycle_result result;
    struct error err = ERROR_INIT;

    begin(&lab, JOB(FLAG, "\"retries\": 2"), "PERFORM lab.dblink_connect('host=/nowhere');");
    lab_sql(&lab, "CREATE EXTENSION dblink SCHEMA lab");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_FAILED); /* not: the worker is gone */
    CU_ASSERT_STRING_EQUAL(result.sqlstate, "08001");
    CU_ASSERT_EQUAL(cycle_reconnects(cycle), 0);
    cycle_close(cycle);
    lab_must(ledger_attempt_begin(lab.session.control, &lab.session.work, lab_who(), &err), &err,
             "next");
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(crashes) FROM chunkmill.chunk"), 0);
    lab_end(&lab);
}

/* What an old rank says that wakes up is no news of a chunk that the next attempt has. */
static void a_former_attempt_counts_nothing(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    int crashes = 0;

    begin(&lab, JOB(FLAG, "\"retries\": 3"), SLEEPS);
    struct work old = lab.session.work;
    struct executor *executor = memory_zero(1, sizeof *executor);
    executor->work = &old;
    lab_must(connection_open(NULL, 0, "old", &executor->connection, &err), &err, "old");
    lab_must(ledger_attempt_begin(lab.session.control, &lab.session.work, lab_who(), &err), &err,
             "next");
    lab_must(transaction_count_crash(executor, &lab.chunks[0], &crashes, &err), &err, "crash");
    lab_must(transaction_count_try(executor, &lab.chunks[0], &err), &err, "try");
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT crashes + tries FROM chunkmill.chunk WHERE chunk_id = 1"), 0);
    connection_close(executor->connection);
    executor_clear(executor);
    free(executor);
    lab_end(&lab);
}

/* The COMMIT of T2 waits for a standby, and the session is ended there: it is committed all the
 * same. */
static pid_t in_background(const char *script)
{
    pid_t pid = fork();

    if (pid == 0) {
        execlp("sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void what_was_done_is_not_called_quarantined(void)
{
    struct lab lab;
    struct cycle_result result;

    begin(&lab, JOB(FLAG, "\"retries\": 1"), SLEEPS);
    DBLINK(&lab);
    lab_sql(&lab, "SET synchronous_commit = off");
    when(&lab, "UPDATE ON chunkmill.chunk FOR EACH ROW WHEN (NEW.state = 'marked')",
         "PERFORM lab.elsewhere('ALTER SYSTEM SET synchronous_standby_names = nobody');"
         "PERFORM pg_reload_conf(); PERFORM pg_sleep(0.2);");
    pid_t ender = in_background(
        "export PGOPTIONS='-c synchronous_commit=off'; for i in $(seq 200); do sleep 0.02; "
        "[ \"$(psql -XAtc \"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
        "query = 'COMMIT' AND wait_event = 'SyncRep'\")\" != t ] || break; done; "
        "psql -Xqc 'ALTER SYSTEM RESET synchronous_standby_names' -c 'SELECT "
        "pg_reload_conf()' >/dev/null");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_SKIPPED);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.chunk WHERE state = 'done'"),
                    1);
    cycle_close(cycle);
    waitpid(ender, NULL, 0);
    lab_end(&lab);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_cancel_in_the_middle_of_a_split_blames_nobody),
        TEST(a_cancel_while_a_chunk_is_quarantined_stops_no_run),
        TEST(a_full_disk_in_the_middle_of_a_split_stops_the_run),
        TEST(a_full_disk_makes_no_suspects),
        TEST(what_is_planned_again_has_all_its_tries),
        TEST(a_row_that_moves_between_two_parts_has_one_owner),
        TEST(the_parts_of_a_suspect_are_no_worse_than_it),
        TEST(a_childs_trigger_counts_as_the_tables),
        TEST(a_former_attempt_counts_nothing),
        TEST(an_error_that_leaves_the_session_alive_is_no_lost_connection),
        TEST(what_was_done_is_not_called_quarantined),
        CU_TEST_INFO_NULL,
    };

    return unit_run("blame", tests);
}
