/* Statements that travel together: one round trip, answers in order, each with an error and a time
 * of its own. */
#include "lab.h"

#include <pthread.h>

#include "base/clock.h"
#include "db/connection/pipeline.h"
#include "wire.h"

static const struct sql one = {"one", "SELECT 1 AS n"};
static const struct sql insert = {"insert", "INSERT INTO kept SELECT $1::integer"};
static const struct sql count_kept = {"count", "SELECT count(*) FROM kept"};
static const struct sql rest = {"rest", "SELECT pg_sleep($1::float8 / 1000)"};
static const struct sql bad = {"bad", "SELECT 1 / $1::integer"};
static const struct sql cancelled = {"cancelled",
                                     "SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)"};

static struct connection *open_one(void)
{
    struct error err = ERROR_INIT;
    const struct sql make = {"make",
                             "CREATE TEMPORARY TABLE kept (n integer UNIQUE DEFERRABLE INITIALLY "
                             "DEFERRED)"};
    struct connection *c = NULL;

    lab_must(connection_open(NULL, 0, "test", &c, &err), &err, "connecting");
    lab_must(connection_script(c, &make, &err), &err, "a table");
    return c;
}

static void add(struct pipeline *pipeline, const struct sql *sql, const char *value)
{
    const char *values[] = {value};

    pipeline_add(pipeline, sql, (struct parameters){value == NULL ? 0 : 1, values, NULL});
}

static int64_t ask(struct connection *c, const struct sql *sql)
{
    struct error err = ERROR_INIT;
    struct rows *rows = NULL;

    lab_must(connection_query(c, sql, PARAMETERS_NONE, &rows, &err), &err, sql->name);
    int64_t number = rows_int64(rows, 0, 0);
    rows_free(rows);
    return number;
}

static void check_error(const struct error *err, enum error_kind kind, const char *sqlstate,
                        const char *name)
{
    CU_ASSERT_EQUAL(err->kind, kind);
    CU_ASSERT_STRING_EQUAL(err->sqlstate, sqlstate);
    CU_ASSERT_PTR_NOT_NULL(strstr(err->text, name));
    if (err->kind != kind || strstr(err->text, name) == NULL)
        fprintf(stderr, "told: kind %d, %s (%s)\n", (int)err->kind, err->text, err->sqlstate);
}

static void a_pipeline_is_one_round_trip_and_its_answers_come_in_order(void)
{
    struct wire wire;
    struct error err = ERROR_INIT;
    struct rows *rows = NULL;
    struct pipeline pipeline;

    wire_open(&wire);
    struct connection *c = open_one();
    for (int time = 0; time < 3; time++) { /* what has to be prepared travels with it */
        int before = atomic_load(&wire.passed);
        pipeline_begin(&pipeline, c);
        pipeline_add_command(&pipeline, &connection_sql_begin);
        add(&pipeline, &insert, "7");
        add(&pipeline, &count_kept, NULL);
        add(&pipeline, &rest, "400");
        pipeline_add_command(&pipeline, &connection_sql_commit);
        pipeline_add_command(&pipeline, &connection_sql_begin);
        add(&pipeline, &one, NULL);
        pipeline_add_command(&pipeline, &connection_sql_commit);
        lab_must(pipeline_send(&pipeline, &err), &err, "sending");
        lab_must(pipeline_next(&pipeline, &rows, &err), &err, "the insert");
        CU_ASSERT_EQUAL(rows_affected(rows), 1);
        rows_free(rows);
        lab_must(pipeline_next(&pipeline, &rows, &err), &err, "the count");
        CU_ASSERT_EQUAL(rows_int64(rows, 0, 0), 1);
        rows_free(rows);
        lab_must(pipeline_next(&pipeline, NULL, &err), &err, "the rest");
        CU_ASSERT_TRUE(connection_elapsed_ns(c) >=
                       200 * NS_PER_MS); /* less what the answers before it waited */
        lab_must(pipeline_next(&pipeline, &rows, &err), &err, "one");
        CU_ASSERT_EQUAL(rows_int64(rows, 0, 0), 1);
        rows_free(rows);
        lab_must(pipeline_finish(&pipeline, &err), &err, "finishing");
        CU_ASSERT_EQUAL(atomic_load(&wire.passed) - before, 1);
        const struct sql empty = {"empty", "DELETE FROM kept"};
        lab_must(connection_script(c, &empty, &err), &err, "emptying");
    }
    connection_close(c);
    wire_close(&wire);
}

static void behind_an_error_nothing_is_run_and_the_statement_is_named(void)
{
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    struct pipeline pipeline;

    for (int time = 0; time < 2; time++) { /* once before the others are prepared, once after */
        error_clear(&err);
        pipeline_begin(&pipeline, c);
        add(&pipeline, &insert, "1");
        pipeline_add_command(&pipeline, &connection_sql_begin);
        add(&pipeline, &bad, time == 0 ? "0" : "no number");
        add(&pipeline, &insert, "2");
        pipeline_add_command(&pipeline, &connection_sql_commit);
        lab_must(pipeline_send(&pipeline, &err), &err, "sending");
        lab_must(pipeline_next(&pipeline, NULL, &err), &err, "the first");
        CU_ASSERT_EQUAL(pipeline_next(&pipeline, NULL, &err), -1);
        check_error(&err, ERROR_SERVER, time == 0 ? "22012" : "22P02", "bad");
        CU_ASSERT_PTR_NULL(strstr(err.text, "no number"));
        CU_ASSERT_FALSE(connection_is_dead(c));
        connection_rollback(c);
        CU_ASSERT_EQUAL(ask(c, &count_kept),
                        0); /* the BEGIN took what was before it into its transaction */
    }
    error_clear(&err);
    pipeline_begin(&pipeline, c);
    add(&pipeline, &insert, "3");
    lab_must(pipeline_send(&pipeline, &err), &err, "sending");
    lab_must(pipeline_next(&pipeline, NULL, &err), &err, "the session lives");
    lab_must(pipeline_finish(&pipeline, &err), &err, "finishing");
    CU_ASSERT_EQUAL(ask(c, &count_kept), 1);
    connection_close(c);
}

static void a_commit_that_is_refused_is_told_as_the_commits(void)
{
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    struct pipeline pipeline;

    pipeline_begin(&pipeline, c);
    pipeline_add_command(&pipeline, &connection_sql_begin);
    add(&pipeline, &insert, "1");
    add(&pipeline, &insert, "1");
    pipeline_add_command(&pipeline, &connection_sql_commit);
    lab_must(pipeline_send(&pipeline, &err), &err, "sending");
    lab_must(pipeline_next(&pipeline, NULL, &err), &err, "the first");
    lab_must(pipeline_next(&pipeline, NULL, &err), &err, "the second");
    CU_ASSERT_EQUAL(pipeline_finish(&pipeline, &err), -1);
    check_error(&err, ERROR_SERVER, "23505", "commit");
    CU_ASSERT_FALSE(connection_is_dead(c));
    CU_ASSERT_EQUAL(ask(c, &count_kept), 0);
    connection_close(c);
}

static void a_statement_has_a_time_of_its_own(void)
{
    const struct sql set = {"set", "SET statement_timeout = 1000"};
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    struct pipeline pipeline;

    lab_must(connection_script(c, &set, &err), &err, "a timeout");
    for (int is_cancel = 0; is_cancel <= 1;
         is_cancel++) { /* cancelled at once, behind one that took long */
        error_clear(&err);
        pipeline_begin(&pipeline, c);
        pipeline_add_command(&pipeline, &connection_sql_begin);
        add(&pipeline, &rest, "600");
        if (is_cancel == 1)
            add(&pipeline, &cancelled, NULL);
        else
            add(&pipeline, &rest, "3000");
        add(&pipeline, &insert, "1");
        pipeline_add_command(&pipeline, &connection_sql_commit);
        lab_must(pipeline_send(&pipeline, &err), &err, "sending");
        lab_must(pipeline_next(&pipeline, NULL, &err), &err, "the first");
        CU_ASSERT_EQUAL(pipeline_next(&pipeline, NULL, &err), -1);
        check_error(&err, ERROR_SERVER, "57014", is_cancel == 1 ? "cancelled" : "rest");
        int64_t elapsed_ms = connection_elapsed_ns(c) / NS_PER_MS;
        CU_ASSERT_TRUE(is_cancel == 1 ? elapsed_ms < 600 : elapsed_ms >= 900);
        connection_rollback(c);
        CU_ASSERT_EQUAL(ask(c, &count_kept), 0);
    }
    connection_close(c);
}

static volatile int interrupt;

static void *raise_soon(void *ignored)
{
    clock_sleep_ns(300 * NS_PER_MS);
    interrupt = 1;
    return ignored;
}

static void an_interrupt_cancels_what_runs_and_the_pipeline_with_it(void)
{
    struct connection *c = open_one(), *other = open_one();
    struct error err = ERROR_INIT;
    struct pipeline pipeline;
    pthread_t thread;
    char text[160];

    pipeline_begin(&pipeline, c);
    pipeline_add_command(&pipeline, &connection_sql_begin);
    add(&pipeline, &one, NULL);
    add(&pipeline, &rest, "20000");
    add(&pipeline, &rest, "20000");
    pipeline_add_command(&pipeline, &connection_sql_commit);
    lab_must(pipeline_send(&pipeline, &err), &err, "sending");
    lab_must(pipeline_next(&pipeline, NULL, &err), &err, "the first");
    interrupt = 0;
    connection_watch(&interrupt);
    pthread_create(&thread, NULL, raise_soon, NULL);
    CU_ASSERT_EQUAL(pipeline_next(&pipeline, NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_INTERRUPTED);
    pthread_join(thread, NULL);
    connection_watch(NULL);
    CU_ASSERT_TRUE(connection_is_dead(c));
    snprintf(text, sizeof text,
             "SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND state = 'active'",
             connection_backend_pid(c));
    const struct sql active = {"active", text};
    int64_t deadline_ns = clock_now_ns() + 10 * NS_PER_S; /* by itself it would take 40 s */
    while (ask(other, &active) > 0 && clock_now_ns() < deadline_ns)
        clock_sleep_ns(10 * NS_PER_MS);
    CU_ASSERT_EQUAL(ask(other, &active), 0);
    connection_close(c);
    connection_close(other);
}

static void a_session_that_is_ended_amid_a_pipeline_is_a_dead_connection(void)
{
    const struct sql end = {"end", "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(5)"};
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    struct pipeline pipeline;

    pipeline_begin(&pipeline, c);
    add(&pipeline, &one, NULL);
    add(&pipeline, &end, NULL);
    add(&pipeline, &one, NULL);
    lab_must(pipeline_send(&pipeline, &err), &err, "sending");
    lab_must(pipeline_next(&pipeline, NULL, &err), &err, "the first");
    CU_ASSERT_EQUAL(pipeline_next(&pipeline, NULL, &err), -1);
    check_error(&err, ERROR_CONNECTION, "57P01", "end");
    CU_ASSERT_TRUE(connection_is_dead(c));
    error_clear(&err);
    pipeline_begin(&pipeline, c);
    add(&pipeline, &one, NULL);
    CU_ASSERT_EQUAL(pipeline_send(&pipeline, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    connection_close(c);
}

static void a_pipeline_that_is_cut_off_is_a_dead_connection_and_what_was_answered_stands(void)
{
    static const enum wire_fault faults[] = {WIRE_CUT_REQUEST, WIRE_CUT_ANSWER, WIRE_CUT_WITHIN,
                                             WIRE_CUT_LATER};
    struct wire wire;
    struct pipeline pipeline;

    wire_open(&wire);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct connection *c = open_one();
        struct error err = ERROR_INIT;
        wire_arm(&wire, faults[i], 1);
        pipeline_begin(&pipeline, c);
        add(&pipeline, &one, NULL);
        add(&pipeline, &rest, "100");
        add(&pipeline, &rest, "100");
        lab_must(pipeline_send(&pipeline, &err), &err, "sending");
        bool is_later = faults[i] == WIRE_CUT_LATER;
        if (is_later)
            lab_must(pipeline_next(&pipeline, NULL, &err), &err, "the first answer");
        CU_ASSERT_EQUAL(pipeline_next(&pipeline, NULL, &err), -1);
        check_error(&err, ERROR_CONNECTION, "", is_later ? "rest" : "one");
        CU_ASSERT_TRUE(wire_disarm(&wire));
        CU_ASSERT_TRUE(connection_is_dead(c));
        connection_close(c);
    }
    wire_close(&wire);
}

static void what_is_queued_before_a_pipeline_is_spoilt_leaves_the_session_as_it_was(void)
{
    struct connection *c = open_one();
    struct error err = ERROR_INIT, why = ERROR_INIT;
    struct pipeline pipeline;

    error_set(&why, ERROR_CONFIG, "no such placeholder");
    pipeline_begin(&pipeline, c);
    pipeline_add_command(&pipeline, &connection_sql_begin);
    add(&pipeline, &insert, "1");
    pipeline_spoil(&pipeline, &why);
    add(&pipeline, &insert, "2");
    pipeline_add_command(&pipeline, &connection_sql_commit);
    CU_ASSERT_EQUAL(pipeline_send(&pipeline, &err), -1);
    check_error(&err, ERROR_CONFIG, "", "no such placeholder");
    CU_ASSERT_FALSE(connection_is_dead(c));
    connection_rollback(c);
    CU_ASSERT_EQUAL(ask(c, &count_kept), 0);
    connection_close(c);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_pipeline_is_one_round_trip_and_its_answers_come_in_order),
        TEST(behind_an_error_nothing_is_run_and_the_statement_is_named),
        TEST(a_commit_that_is_refused_is_told_as_the_commits),
        TEST(a_statement_has_a_time_of_its_own),
        TEST(an_interrupt_cancels_what_runs_and_the_pipeline_with_it),
        TEST(a_session_that_is_ended_amid_a_pipeline_is_a_dead_connection),
        TEST(a_pipeline_that_is_cut_off_is_a_dead_connection_and_what_was_answered_stands),
        TEST(what_is_queued_before_a_pipeline_is_spoilt_leaves_the_session_as_it_was),
        CU_TEST_INFO_NULL,
    };
    return unit_run("pipeline", tests);
}
