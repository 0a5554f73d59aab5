/* Faults of the server, of the network and of who may connect, each of them caused: what a caller
 * is told, and that nothing waits for ever. */
#include "lab.h"

#include <netinet/in.h>

#include "base/clock.h"
#include "wire.h"

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

static void must(struct connection *c, const char *text)
{
    struct error err = ERROR_INIT;
    const struct sql sql = {"a test's script", text};

    lab_must(connection_script(c, &sql, &err), &err, text);
}

/* Whatever is asked of a dead connection, it answers at once. */
static void check_dead(struct connection *c)
{
    const struct sql sql = {"later", "SELECT 1"};
    struct error err = ERROR_INIT;
    uint32_t types[KEY_COLUMNS_MAX + 2];
    int count;
    int64_t rows;

    CU_ASSERT_TRUE(connection_is_dead(c));
    CU_ASSERT_EQUAL(connection_query(c, &sql, PARAMETERS_NONE, NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    CU_ASSERT_EQUAL(connection_query_once(c, &sql, PARAMETERS_NONE, NULL, &err), -1);
    CU_ASSERT_EQUAL(connection_script(c, &sql, &err), -1);
    CU_ASSERT_EQUAL(connection_begin(c, &err), -1);
    CU_ASSERT_EQUAL(connection_commit(c, &err), -1);
    CU_ASSERT_EQUAL(connection_stream(c, &sql, PARAMETERS_NONE, NULL, NULL, &err), -1);
    CU_ASSERT_EQUAL(connection_describe(c, &sql, types, &count, &err), -1);
    CU_ASSERT_EQUAL(connection_copy_begin(c, &sql, &err), -1);
    CU_ASSERT_EQUAL(connection_copy_data(c, "x\n", 2, &err), -1);
    CU_ASSERT_EQUAL(connection_copy_end(c, &rows, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    connection_rollback(c);
}

static volatile int interrupt;

static void *raise_soon(void *ignored)
{
    clock_sleep_ns(200 * NS_PER_MS);
    interrupt = 1;
    return ignored;
}

static void *cancel_soon(void *pid)
{
    struct connection *c = open_one();
    char text[200];

    snprintf(text, sizeof text,
             "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %d AND state "
             "= 'active')"
             " LOOP PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); END LOOP; END $$",
             *(int *)pid);
    must(c, text);
    snprintf(text, sizeof text, "SELECT pg_cancel_backend(%d)", *(int *)pid);
    must(c, text);
    connection_close(c);
    return NULL;
}

/* Over TCP a refusal comes after the connect has begun. */
static void a_host_that_refuses_is_told_and_the_next_one_is_tried(void)
{
    struct error err = ERROR_INIT;
    struct connection *c = NULL;
    char hosts[256], ports[64];
    struct work_setting refused[] = {{memory_unconst("host"), memory_unconst("127.0.0.1")},
                                     {memory_unconst("port"), memory_unconst("1")}};
    struct work_setting both[] = {{memory_unconst("host"), hosts}, {memory_unconst("port"), ports}};

    CU_ASSERT_EQUAL(connection_open(refused, 2, "test", &c, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "Connection refused"));
    snprintf(hosts, sizeof hosts, "127.0.0.1,%s", getenv("PGHOST"));
    snprintf(ports, sizeof ports, "1,%s", getenv("PGPORT"));
    lab_must(connection_open(both, 2, "test", &c, &err), &err, "the second host");
    connection_close(c);
}

static void a_statement_that_a_person_cancels_leaves_the_session_alive(void)
{
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    int pid = connection_backend_pid(c);
    pthread_t thread;

    pthread_create(&thread, NULL, cancel_soon, &pid);
    CU_ASSERT_EQUAL(query(c, "SELECT pg_sleep(30)", NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_SERVER);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "57014");
    pthread_join(thread, NULL);
    CU_ASSERT_FALSE(connection_is_dead(c));
    CU_ASSERT_EQUAL(query(c, "SELECT 1", NULL, &err), 0);
    connection_close(c);
}

static void a_request_that_is_cut_off_is_a_dead_connection(void)
{
    static const enum wire_fault faults[] = {WIRE_CUT_REQUEST, WIRE_CUT_ANSWER, WIRE_CUT_WITHIN};
    const struct sql sql = {"forty-two", "SELECT 42"};
    struct error err = ERROR_INIT;
    struct wire wire;

    wire_open(&wire);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        for (int number = 1; number <= 2; number++) { /* prepare, execute */
            struct connection *c = open_one();
            wire_arm(&wire, faults[i], number);
            CU_ASSERT_EQUAL(connection_query(c, &sql, PARAMETERS_NONE, NULL, &err), -1);
            CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "forty-two"));
            CU_ASSERT_TRUE(wire_disarm(&wire));
            check_dead(c);
            connection_close(c);
        }
    }
    wire_close(&wire);
}

static void a_description_that_is_cut_off_is_a_dead_connection(void)
{
    const struct sql sql = {"types", "SELECT 1::bigint, 'x'::text"};
    struct error err = ERROR_INIT;
    struct wire wire;
    uint32_t types[KEY_COLUMNS_MAX + 2];
    int count = 0;

    wire_open(&wire);
    for (int number = 1; number <= 3; number++) {
        struct connection *c = open_one();
        wire_arm(&wire, WIRE_CUT_ANSWER, number);
        int rc = connection_describe(c, &sql, types, &count, &err);
        CU_ASSERT_EQUAL(wire_disarm(&wire), number <= 2);
        CU_ASSERT_EQUAL(rc, number <= 2 ? -1 : 0);
        if (rc != 0)
            check_dead(c);
        connection_close(c);
    }
    CU_ASSERT_EQUAL(count, 2);
    CU_ASSERT_EQUAL(types[0], 20);
    wire_close(&wire);
}

static void a_refused_description_leaves_the_session_alive(void)
{
    const struct sql sql = {"types", "SELECT nothing_like_this"};
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    uint32_t types[KEY_COLUMNS_MAX + 2];
    int count;

    CU_ASSERT_EQUAL(connection_describe(c, &sql, types, &count, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_SERVER);
    CU_ASSERT_FALSE(connection_is_dead(c));
    connection_close(c);
}

static int count_row(void *context, int columns, const char *const *values, struct error *err)
{
    int64_t *rows = context;

    (void)columns;
    (void)values;
    (void)err;
    ++*rows;
    return 0;
}

static void a_stream_that_is_cut_off_gives_whole_rows_and_then_an_error(void)
{
    const struct sql sql = {"series", "SELECT repeat('x', 1000) FROM generate_series(1, 5000)"};
    struct error err = ERROR_INIT;
    struct wire wire;
    struct connection *c;
    int64_t rows = 0;

    wire_open(&wire);
    c = open_one();
    wire_arm(&wire, WIRE_CUT_WITHIN, 1);
    CU_ASSERT_EQUAL(connection_stream(c, &sql, PARAMETERS_NONE, count_row, &rows, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    CU_ASSERT_TRUE(rows > 0 && rows < 5000);
    CU_ASSERT_TRUE(wire_disarm(&wire));
    check_dead(c);
    connection_close(c);
    wire_close(&wire);
}

struct killer {
    struct connection *other;
    int pid;
    int64_t rows;
};

static int kill_at_100(void *context, int columns, const char *const *values, struct error *err)
{
    struct killer *killer = context;
    char text[80];

    count_row(&killer->rows, columns, values, err);
    snprintf(text, sizeof text, "SELECT pg_terminate_backend(%d, 5000)", killer->pid);
    return killer->rows == 100 ? query(killer->other, text, NULL, err) : 0;
}

static void a_backend_that_is_killed_amid_a_stream_is_a_dead_connection(void)
{
    const struct sql sql = {"series", "SELECT repeat('x', 1000) FROM generate_series(1, 5000000)"};
    struct connection *c = open_one();
    struct killer killer = {open_one(), connection_backend_pid(c), 0};
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL(connection_stream(c, &sql, PARAMETERS_NONE, kill_at_100, &killer, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    CU_ASSERT_TRUE(killer.rows >= 100 && killer.rows < 5000000);
    check_dead(c);
    connection_close(c);
    connection_close(killer.other);
}

static int give_up(void *context, int columns, const char *const *values, struct error *err)
{
    (void)context;
    (void)columns;
    (void)values;
    return error_set(err, ERROR_BUG, "enough");
}

static void a_stream_that_its_reader_ends_is_closed_with_the_readers_error(void)
{
    const struct sql sql = {"series", "SELECT generate_series(1, 5000000)"};
    struct connection *c = open_one();
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL(connection_stream(c, &sql, PARAMETERS_NONE, give_up, NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_BUG);
    CU_ASSERT_STRING_EQUAL(err.text, "enough");
    check_dead(c);
    connection_close(c);
}

static void a_stream_of_too_many_columns_is_our_own_fault(void)
{
    struct text columns = TEXT_INIT;
    struct connection *c = open_one();
    struct error err = ERROR_INIT;

    for (int i = 0; i < 65; i++)
        text_format(&columns, "%s%d", i == 0 ? "SELECT " : ", ", i);
    const struct sql sql = {"wide", text_string(&columns)};
    CU_ASSERT_EQUAL(connection_stream(c, &sql, PARAMETERS_NONE, give_up, NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_BUG);
    text_free(&columns);
    connection_close(c);
}

static const struct sql copy_in = {"copy", "COPY copied FROM STDIN"};

static void a_copy_that_the_server_refuses_says_so_at_its_end(void)
{
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    int64_t rows = 0;

    must(c, "CREATE TEMPORARY TABLE copied (n integer)");
    lab_must(connection_copy_begin(c, &copy_in, &err), &err, "copying");
    CU_ASSERT_EQUAL(connection_copy_data(c, "1\n111-22-3333\n", 14, &err), 0);
    CU_ASSERT_EQUAL(connection_copy_end(c, &rows, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_SERVER);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "22P02");
    CU_ASSERT_PTR_NULL(strstr(err.text, "111"));
    lab_must(connection_copy_begin(c, &copy_in, &err), &err, "copying again");
    CU_ASSERT_EQUAL(connection_copy_data(c, "1\n2\n", 4, &err), 0);
    CU_ASSERT_EQUAL(connection_copy_end(c, &rows, &err), 0);
    CU_ASSERT_EQUAL(rows, 2);
    connection_close(c);
}

/* More than any buffer between us and the server holds. */
static int copy_much(struct connection *c, struct error *err)
{
    enum { LINES = 1000, TIMES = 500 };
    struct text lines = TEXT_INIT;
    int64_t rows;
    int rc = 0;

    for (int i = 0; i < LINES; i++)
        text_add(&lines, "123456789\n");
    for (int i = 0; rc == 0 && i < TIMES; i++)
        rc = connection_copy_data(c, text_string(&lines), lines.bytes, err);
    text_free(&lines);
    return rc != 0 ? -1 : connection_copy_end(c, &rows, err);
}

static void a_copy_that_is_cut_off_is_a_dead_connection(void)
{
    struct error err = ERROR_INIT;
    struct wire wire;

    wire_open(&wire);
    for (int number = 2; number <= 40; number += 19) {
        struct connection *c = open_one();
        must(c, "CREATE TEMPORARY TABLE copied (n integer)");
        wire_arm(&wire, WIRE_CUT_REQUEST, number);
        lab_must(connection_copy_begin(c, &copy_in, &err), &err, "copying");
        CU_ASSERT_EQUAL(copy_much(c, &err), -1);
        CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
        CU_ASSERT_TRUE(wire_disarm(&wire));
        check_dead(c);
        connection_close(c);
    }
    wire_close(&wire);
}

static void a_copy_into_a_backend_that_is_killed_is_a_dead_connection(void)
{
    struct connection *c = open_one(), *other = open_one();
    struct error err = ERROR_INIT;
    char text[80];

    must(c, "CREATE TEMPORARY TABLE copied (n integer)");
    lab_must(connection_copy_begin(c, &copy_in, &err), &err, "copying");
    snprintf(text, sizeof text, "SELECT pg_terminate_backend(%d, 5000)", connection_backend_pid(c));
    CU_ASSERT_EQUAL(query(other, text, NULL, &err), 0);
    CU_ASSERT_EQUAL(copy_much(c, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    check_dead(c);
    connection_close(c);
    connection_close(other);
}

/* An interrupt while nothing answers; done with within seconds, and told as what it is. */
static void check_interrupted(struct connection *c, int (*act)(struct connection *, struct error *))
{
    struct error err = ERROR_INIT;
    int64_t began_ns = clock_now_ns();
    pthread_t thread;

    interrupt = 0;
    connection_watch(&interrupt);
    pthread_create(&thread, NULL, raise_soon, NULL);
    CU_ASSERT_EQUAL(act(c, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_INTERRUPTED);
    pthread_join(thread, NULL);
    connection_watch(NULL);
    CU_ASSERT_TRUE(clock_now_ns() - began_ns < 10 * NS_PER_S);
    check_dead(c);
}

static int ask(struct connection *c, struct error *err)
{
    return query(c, "SELECT 1", NULL, err);
}

/* Longer than a socket's buffer, so that it can't be sent. */
static int ask_at_length(struct connection *c, struct error *err)
{
    enum { BYTES = 4 << 20 };
    char *value = memory_zero(BYTES + 1, 1);
    const char *values[] = {memset(value, 'x', BYTES)};
    const struct sql sql = {"length", "SELECT length($1)"};
    int rc = connection_query_once(c, &sql, (struct parameters){1, values, NULL}, NULL, err);

    free(value);
    return rc;
}

static int stream(struct connection *c, struct error *err)
{
    const struct sql sql = {"series", "SELECT 1"};
    int64_t rows = 0;

    return connection_stream(c, &sql, PARAMETERS_NONE, count_row, &rows, err);
}

static int describe(struct connection *c, struct error *err)
{
    const struct sql sql = {"types", "SELECT 1"};
    uint32_t types[KEY_COLUMNS_MAX + 2];
    int count;

    return connection_describe(c, &sql, types, &count, err);
}

static int copy(struct connection *c, struct error *err)
{
    return connection_copy_begin(c, &copy_in, err) != 0 ? -1 : copy_much(c, err);
}

static void a_network_that_says_nothing_more_can_be_interrupted(void)
{
    int (*const acts[])(struct connection *, struct error *) = {ask,      ask_at_length, stream,
                                                                describe, copy,          copy};
    const int requests[] = {1, 1, 1, 2, 2, 20};
    struct wire wire;

    wire_open(&wire);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        struct connection *c = open_one();
        must(c, "CREATE TEMPORARY TABLE copied (n integer)");
        wire_arm(&wire, WIRE_STALL, requests[i]);
        check_interrupted(c, acts[i]);
        CU_ASSERT_TRUE(wire_disarm(&wire));
        connection_close(c);
    }
    wire_close(&wire);
}

static void a_request_longer_than_all_buffers_meets_a_cut(void)
{
    struct error err = ERROR_INIT;
    struct wire wire;
    struct connection *c;

    wire_open(&wire);
    c = open_one();
    CU_ASSERT_EQUAL(ask_at_length(c, &err), 0);
    wire_arm(&wire, WIRE_CUT_REQUEST, 3);
    CU_ASSERT_EQUAL(ask_at_length(c, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    check_dead(c);
    connection_close(c);
    wire_close(&wire);
}

static int connect_to(const struct work *work, struct error *err)
{
    struct connection *c = NULL;

    error_clear(err);
    int rc = connection_open(work->parameters, work->parameter_count, "test", &c, err);
    connection_close(rc == 0 ? c : NULL);
    return rc;
}

/* A TCP socket that listens and never answers. */
static int silent_listener(struct work *work)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char port[8];

    wire_must(listener >= 0 && bind(listener, (struct sockaddr *)&address, length) == 0 &&
                  listen(listener, 0) == 0 &&
                  getsockname(listener, (struct sockaddr *)&address, &length) == 0,
              "a silent socket");
    snprintf(port, sizeof port, "%d", ntohs(address.sin_port));
    work_add_parameter(work, "host", "127.0.0.1");
    work_add_parameter(work, "port", port);
    return listener;
}

static void a_server_that_never_answers_is_given_up_in_time(void)
{
    struct work work = {0};
    struct error err = ERROR_INIT;
    int listener = silent_listener(&work);
    pthread_t thread;

    work_add_parameter(&work, "connect_timeout", "1");
    int64_t began_ns = clock_now_ns();
    /* The first are taken into the backlog, and not answered; then it is full, and the network
     * drops them. */
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(connect_to(&work, &err), -1);
        CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no answer in time"));
    }
    CU_ASSERT_TRUE(clock_now_ns() - began_ns < 10 * NS_PER_S);
    interrupt = 0;
    connection_watch(&interrupt);
    work_add_parameter(&work, "connect_timeout", "60");
    pthread_create(&thread, NULL, raise_soon, NULL);
    CU_ASSERT_EQUAL(connect_to(&work, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_INTERRUPTED);
    pthread_join(thread, NULL);
    connection_watch(NULL);
    work_clear(&work);
    close(listener);
}

static void a_list_of_hosts_has_a_limit_for_each(void)
{
    struct work work = {0};
    struct error err = ERROR_INIT;
    char hosts[120];

    snprintf(hosts, sizeof hosts, "/nowhere,%s", getenv("PGHOST"));
    work_add_parameter(&work, "host", hosts);
    CU_ASSERT_EQUAL(connect_to(&work, &err), 0);
    work_add_parameter(&work, "no_such_parameter", "1");
    CU_ASSERT_EQUAL(connect_to(&work, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no_such_parameter"));
    work_clear(&work);
}

static void a_full_backlog_is_no_connection(void)
{
    char folder[] = "/tmp/chunkmill-full-XXXXXX";
    struct work work = {0};
    struct error err = ERROR_INIT;
    struct sockaddr_un address;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    int listener = wire_listen(folder, 0);
    int waiting = wire_connect(folder);
    work_add_parameter(&work, "host", folder);
    work_add_parameter(&work, "connect_timeout", "1");
    CU_ASSERT_EQUAL(connect_to(&work, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    close(waiting);
    close(listener);
    wire_address(&address, folder);
    unlink(address.sun_path);
    rmdir(folder);
    work_clear(&work);
}

static void whom_the_server_does_not_let_in_is_told_why(void)
{
    struct connection *c = open_one();
    struct work work = {0};
    struct error err = ERROR_INIT;

    must(c, "CREATE ROLE full_up LOGIN CONNECTION LIMIT 0; CREATE ROLE barred NOLOGIN");
    work_add_parameter(&work, "user", "full_up");
    CU_ASSERT_EQUAL(connect_to(&work, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "too many connections"));
    work_clear(&work);
    work_add_parameter(&work, "user", "barred");
    CU_ASSERT_EQUAL(connect_to(&work, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "not permitted to log in"));
    work_clear(&work);
    work_add_parameter(&work, "dbname", "nosuch");
    CU_ASSERT_EQUAL(connect_to(&work, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "\"nosuch\" does not exist"));
    work_clear(&work);
    must(c, "DROP ROLE full_up, barred");
    connection_close(c);
}

/* The server writes its own file: it is another user's. */
static void set_hba(struct connection *c, const char *first_line)
{
    char text[400];
    struct rows *rows = NULL;
    struct error err = ERROR_INIT;

    lab_must(query(c, "SHOW hba_file", &rows, &err), &err, "asking");
    snprintf(
        text, sizeof text,
        "COPY (SELECT unnest(ARRAY['%s', 'local all all trust'])) TO '%s'; SELECT pg_reload_conf()",
        first_line, rows_text(rows, 0, 0));
    rows_free(rows);
    must(c, text);
}

/* The postmaster reads the file when it gets to it. */
static bool is_refused_soon(const struct work *work, const char *words, struct error *err)
{
    for (int i = 0; i < 500; i++) {
        if (connect_to(work, err) != 0 && strstr(err->text, words) != NULL)
            return true;
        clock_sleep_ns(20 * NS_PER_MS);
    }
    return false;
}

static void a_password_that_is_missing_or_wrong_is_never_shown(void)
{
    struct connection *c = open_one();
    struct work work = {0};
    struct error err = ERROR_INIT;

    must(c,
         "SET password_encryption = 'scram-sha-256'; CREATE ROLE gated LOGIN PASSWORD 'right-one'");
    work_add_parameter(&work, "user", "gated");
    work_add_parameter(&work, "dbname", "postgres");
    set_hba(c, "local all gated scram-sha-256");
    setenv("PGPASSFILE", "/dev/null", 1);
    CU_ASSERT_TRUE(is_refused_soon(&work, "no password supplied", &err));
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "try PGPASSFILE"));
    setenv("PGPASSWORD", "wrong-one", 1);
    CU_ASSERT_TRUE(is_refused_soon(&work, "authentication failed", &err));
    CU_ASSERT_PTR_NULL(strstr(err.text, "wrong-one"));
    setenv("PGPASSWORD", "right-one", 1);
    CU_ASSERT_EQUAL(connect_to(&work, &err), 0);
    set_hba(c, "local all gated reject");
    CU_ASSERT_TRUE(is_refused_soon(&work, "rejects connection", &err));
    unsetenv("PGPASSWORD");
    unsetenv("PGPASSFILE");
    set_hba(c, "# open again");
    must(c, "DROP ROLE gated");
    work_clear(&work);
    connection_close(c);
}

static void a_setting_that_the_server_does_not_know_is_the_job_files_fault(void)
{
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    struct work_setting setting = {memory_copy_string("no_such_setting"), memory_copy_string("1")};

    CU_ASSERT_EQUAL(connection_pin(c, &setting, 1, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no_such_setting"));
    free(setting.name);
    free(setting.value);
    connection_close(c);
}

/* One backend dies of kill -9: the server ends all the others, and recovers. */
static void *crash_soon(void *ignored)
{
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    char text[120];

    clock_sleep_ns(200 * NS_PER_MS);
    snprintf(text, sizeof text, "COPY (SELECT 1) TO PROGRAM 'kill -9 %d'",
             connection_backend_pid(c));
    CU_ASSERT_EQUAL(query(c, text, NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    connection_close(c);
    return ignored;
}

static void a_server_that_crashes_amid_a_statement_is_a_dead_connection(void)
{
    struct connection *c = open_one();
    struct error err = ERROR_INIT;
    pthread_t thread;

    pthread_create(&thread, NULL, crash_soon, NULL);
    CU_ASSERT_EQUAL(query(c, "SELECT pg_sleep(30)", NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    pthread_join(thread, NULL);
    check_dead(c);
    connection_close(c);
    /* What comes while it starts is told as what it is, and in the end it is there again. */
    struct work nothing = {0};
    int rc = -1;
    for (int i = 0; rc != 0 && i < 600; i++) {
        rc = connect_to(&nothing, &err);
        CU_ASSERT_TRUE(rc == 0 || err.kind == ERROR_CONNECTION);
        clock_sleep_ns(50 * NS_PER_MS);
    }
    CU_ASSERT_EQUAL(rc, 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_host_that_refuses_is_told_and_the_next_one_is_tried),
        TEST(a_statement_that_a_person_cancels_leaves_the_session_alive),
        TEST(a_request_that_is_cut_off_is_a_dead_connection),
        TEST(a_description_that_is_cut_off_is_a_dead_connection),
        TEST(a_refused_description_leaves_the_session_alive),
        TEST(a_stream_that_is_cut_off_gives_whole_rows_and_then_an_error),
        TEST(a_backend_that_is_killed_amid_a_stream_is_a_dead_connection),
        TEST(a_stream_that_its_reader_ends_is_closed_with_the_readers_error),
        TEST(a_stream_of_too_many_columns_is_our_own_fault),
        TEST(a_copy_that_the_server_refuses_says_so_at_its_end),
        TEST(a_copy_that_is_cut_off_is_a_dead_connection),
        TEST(a_copy_into_a_backend_that_is_killed_is_a_dead_connection),
        TEST(a_network_that_says_nothing_more_can_be_interrupted),
        TEST(a_request_longer_than_all_buffers_meets_a_cut),
        TEST(a_server_that_never_answers_is_given_up_in_time),
        TEST(a_list_of_hosts_has_a_limit_for_each),
        TEST(a_full_backlog_is_no_connection),
        TEST(whom_the_server_does_not_let_in_is_told_why),
        TEST(a_password_that_is_missing_or_wrong_is_never_shown),
        TEST(a_setting_that_the_server_does_not_know_is_the_job_files_fault),
        TEST(a_server_that_crashes_amid_a_statement_is_a_dead_connection),
        CU_TEST_INFO_NULL,
    };
    return unit_run("connection faults", tests);
}
