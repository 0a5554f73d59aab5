/* Speaking to a real server: errors by kind, nothing private in them, interruption, a lost server.
 */
#include "lab.h"

#include <pthread.h>

#include "base/clock.h"

static struct connection *open_one(void)
{
    struct error err = ERROR_INIT;
    struct connection *c = NULL;

    lab_must(connection_open(NULL, 0, "test", &c, &err), &err, "connecting");
    return c;
}

static int query(struct connection *c, const char *text, struct rows **rows, struct error *err)
{
    const struct sql sql = {"a test's query", text};

    return connection_query_once(c, &sql, PARAMETERS_NONE, rows, err);
}

static void a_refused_statement_gives_its_sqlstate_and_the_session_goes_on(void)
{
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    struct rows *rows = NULL;

    CU_ASSERT_EQUAL(query(c, "SELECT nothing_like_this", &rows, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_SERVER);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "42703");
    CU_ASSERT_FALSE(connection_is_dead(c));
    CU_ASSERT_EQUAL(query(c, "SELECT 42", &rows, &err), 0);
    CU_ASSERT_EQUAL(rows_int64(rows, 0, 0), 42);
    rows_free(rows);
    connection_close(c);
}

static void values_of_rows_are_not_in_errors(void)
{
    struct connection *c = open_one();
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL(query(c, "SELECT '111-22-3333'::integer", NULL, &err), -1);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "22P02");
    CU_ASSERT_PTR_NULL(strstr(err.text, "111"));
    CU_ASSERT_EQUAL(query(c, "DO $$ BEGIN RAISE EXCEPTION '111-22-3333'; END $$", NULL, &err), -1);
    CU_ASSERT_PTR_NULL(strstr(err.text, "111"));
    CU_ASSERT_EQUAL(
        query(c, "DO $$ BEGIN RAISE '111-22-3333' USING ERRCODE = '40001'; END $$", NULL, &err),
        -1);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "40001");
    CU_ASSERT_PTR_NULL(strstr(err.text, "111"));
    CU_ASSERT_EQUAL(query(c, "DO $$ BEGIN EXECUTE 'SELECT \"111-22-3333\"'; END $$", NULL, &err),
                    -1);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "42703");
    CU_ASSERT_PTR_NULL(strstr(err.text, "111"));
    connection_close(c);
}

static void a_lost_server_is_a_dead_connection(void)
{
    struct connection *c = open_one(), *other = open_one();
    struct error err = ERROR_INIT;
    char text[80];

    snprintf(text, sizeof text, "SELECT pg_terminate_backend(%d, 5000)", connection_backend_pid(c));
    CU_ASSERT_EQUAL(query(other, text, NULL, &err), 0);
    CU_ASSERT_EQUAL(query(c, "SELECT 1", NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    CU_ASSERT_TRUE(connection_is_dead(c));
    CU_ASSERT_EQUAL(query(c, "SELECT 1", NULL, &err), -1);
    connection_close(c);
    connection_close(other);
}

static volatile int interrupt;

static void *raise_soon(void *ignored)
{
    clock_sleep_ns(200 * NS_PER_MS);
    interrupt = 1;
    return ignored;
}

static void an_interrupt_cancels_the_statement_in_flight(void)
{
    struct connection *c = open_one(), *other = open_one();
    struct error err = ERROR_INIT;
    struct rows *rows = NULL;
    pthread_t thread;
    int64_t began_ns = clock_now_ns();

    connection_watch(&interrupt);
    pthread_create(&thread, NULL, raise_soon, NULL);
    CU_ASSERT_EQUAL(query(c, "SELECT pg_sleep(30)", NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_INTERRUPTED);
    pthread_join(thread, NULL);
    connection_close(c);
    interrupt = 0;
    connection_watch(NULL);
    int64_t running = 1;
    while (running > 0 && clock_now_ns() - began_ns < 20 * NS_PER_S) {
        CU_ASSERT_EQUAL(
            query(other,
                  "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE "
                  "'SELECT pg_sleep%'",
                  &rows, &err),
            0);
        running = rows_int64(rows, 0, 0);
        rows_free(rows);
    }
    CU_ASSERT_EQUAL(running, 0);
    CU_ASSERT_TRUE(clock_now_ns() - began_ns < 20 * NS_PER_S);
    connection_close(other);
}

static int sum(void *context, int columns, const char *const *values, struct error *err)
{
    int64_t *total = context;

    (void)err;
    CU_ASSERT_EQUAL(columns, 1);
    *total += strtoll(values[0], NULL, 10);
    return 0;
}

static void a_stream_gives_every_row(void)
{
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    int64_t total = 0;
    const struct sql good = {"series", "SELECT generate_series(1, 1000)"};
    const struct sql bad = {"series", "SELECT 10 / (5 - i) FROM generate_series(1, 10) i"};

    CU_ASSERT_EQUAL(connection_stream(c, &good, PARAMETERS_NONE, sum, &total, &err), 0);
    CU_ASSERT_EQUAL(total, 500500);
    CU_ASSERT_EQUAL(connection_stream(c, &bad, PARAMETERS_NONE, sum, &total, &err), -1);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "22012");
    CU_ASSERT_EQUAL(connection_stream(c, &good, PARAMETERS_NONE, sum, &total, &err), 0);
    connection_close(c);
}

static void a_server_that_is_not_there_is_said_so(void)
{
    struct work work = {0};
    struct error err = ERROR_INIT;
    struct connection *c = NULL;

    work_add_parameter(&work, "host", "/nowhere");
    CU_ASSERT_EQUAL(connection_open(work.parameters, work.parameter_count, "test", &c, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "/nowhere"));
    work_clear(&work);
}

static void pinned_settings_override_the_environment(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct rows *rows = NULL;

    setenv("PGDATESTYLE", "SQL, DMY", 1);
    setenv("PGTZ", "Asia/Tokyo", 1);
    setenv("PGOPTIONS", "-c extra_float_digits=0 -c default_transaction_isolation=serializable", 1);
    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_open(&lab);
    CU_ASSERT_EQUAL(query(lab.session.control,
                          "SELECT current_setting('datestyle'), current_setting('timezone'), "
                          "current_setting('extra_float_digits')",
                          &rows, &err),
                    0);
    CU_ASSERT_STRING_EQUAL(rows_text(rows, 0, 0), "ISO, MDY");
    CU_ASSERT_STRING_EQUAL(rows_text(rows, 0, 1), "UTC");
    CU_ASSERT_STRING_EQUAL(rows_text(rows, 0, 2), "1");
    rows_free(rows);
    lab_end(&lab);
    unsetenv("PGDATESTYLE");
    unsetenv("PGTZ");
    unsetenv("PGOPTIONS");
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_refused_statement_gives_its_sqlstate_and_the_session_goes_on),
        TEST(values_of_rows_are_not_in_errors),
        TEST(a_lost_server_is_a_dead_connection),
        TEST(an_interrupt_cancels_the_statement_in_flight),
        TEST(a_stream_gives_every_row),
        TEST(a_server_that_is_not_there_is_said_so),
        TEST(pinned_settings_override_the_environment),
        CU_TEST_INFO_NULL,
    };
    return unit_run("connection", tests);
}
