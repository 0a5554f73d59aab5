/* States: open -> dead (the server is gone, or a statement was interrupted). A dead connection
 * answers every call with CONNECTION and can only be closed. */
#include "db/connection/connection.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/sql/predicate.h"
#include "db/connection/exchange.h"

#define ANSWER_GRACE_NS (10 * NS_PER_S)

void connection_watch(const volatile int *interrupt)
{
    exchange_watch(interrupt);
}

bool connection_is_interrupted(void)
{
    return exchange_is_interrupted();
}

static int refuse_dead(const struct connection *c, const char *name, struct error *err)
{
    if (!c->dead)
        return 0;
    return error_set(err, ERROR_CONNECTION, "%s: the connection is gone", name);
}

void connection_close(struct connection *c)
{
    if (c == NULL)
        return;
    PQfinish(c->pg);
    for (int i = 0; i < c->prepared_count; i++)
        free(c->prepared[i]);
    free(c->prepared);
    for (int i = 0; i < EXCHANGE_REPORTED; i++)
        free(c->reported[i]);
    free(c);
}

/* A server that keeps to its statement_timeout has answered by then, or will never. */
static void be_patient(struct connection *c, const struct work_setting *setting)
{
    if (strcmp(setting->name, "statement_timeout") == 0)
        connection_patience(c, strtoll(setting->value, NULL, 10));
}

void connection_patience(struct connection *c, int64_t timeout_ms)
{
    c->patience_ns = timeout_ms == 0 ? 0 : timeout_ms * NS_PER_MS + ANSWER_GRACE_NS;
}

/* What the server reports of its own accord, of all that decides what keys and rows mean. */
static const char *const reported[] = {
    "TimeZone",   "DateStyle", "IntervalStyle", "client_encoding", "standard_conforming_strings",
    "search_path"};

_Static_assert(sizeof reported / sizeof reported[0] == EXCHANGE_REPORTED, "one place for each");

static void note_reported(struct connection *c)
{
    for (int i = 0; i < EXCHANGE_REPORTED; i++) {
        free(c->reported[i]);
        c->reported[i] = memory_copy_string(PQparameterStatus(c->pg, reported[i]));
    }
}

int connection_pin(struct connection *c, const struct work_setting *settings, int count,
                   struct error *err)
{
    static const struct sql set = {"set a session setting",
                                   "SELECT pg_catalog.set_config($1, $2, false)"};

    for (int i = 0; i < count; i++) {
        const char *values[] = {settings[i].name, settings[i].value};
        if (connection_query(c, &set, (struct parameters){2, values, NULL}, NULL, err) != 0) {
            if (err->kind == ERROR_SERVER)
                err->kind = ERROR_CONFIG;
            error_context(err, "setting %s to '%s'", settings[i].name, settings[i].value);
            return -1;
        }
        be_patient(c, &settings[i]);
    }
    note_reported(c);
    return 0;
}

int connection_restore(struct connection *c, const struct work_setting *settings, int count,
                       struct error *err)
{
    struct text text = TEXT_INIT;

    text_add(&text, "RESET ROLE; RESET SESSION AUTHORIZATION; RESET ALL; SELECT ");
    for (int i = 0; i < count; i++) {
        text_add(&text, i > 0 ? ", pg_catalog.set_config(" : "pg_catalog.set_config(");
        predicate_literal(&text, settings[i].name);
        text_add(&text, ", ");
        predicate_literal(&text, settings[i].value);
        text_add(&text, ", false)");
    }
    const struct sql sql = {"restoring the session's settings", text_string(&text)};
    int rc = connection_script(c, &sql, err);
    text_free(&text);
    return rc;
}

const char *connection_changed_setting(const struct connection *c)
{
    for (int i = 0; i < EXCHANGE_REPORTED; i++) {
        const char *now = PQparameterStatus(c->pg, reported[i]);
        if (now != NULL && c->reported[i] != NULL && strcmp(now, c->reported[i]) != 0)
            return reported[i];
    }
    return NULL;
}

bool connection_is_in_transaction(const struct connection *c)
{
    return PQtransactionStatus(c->pg) == PQTRANS_INTRANS;
}

static bool travels(const PQconninfoOption *option)
{
    /* What is secret, local to a host, or set by each rank itself. */
    static const char *const stays[] = {"password",         "sslpassword",
                                        "passfile",         "service",
                                        "application_name", "fallback_application_name",
                                        "replication",      "options"};

    if (option->val == NULL || option->val[0] == '\0')
        return false;
    for (size_t i = 0; i < sizeof stays / sizeof stays[0]; i++)
        if (strcmp(option->keyword, stays[i]) == 0)
            return false;
    return true;
}

void connection_parameters(const struct connection *c, struct work *work)
{
    PQconninfoOption *options = PQconninfo(c->pg);
    const char *session_options = PQoptions(c->pg);

    for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
        if (travels(o))
            work_add_parameter(work, o->keyword, o->val);
    PQconninfoFree(options);
    /* Never empty, or libpq would take each rank's own PGOPTIONS. */
    bool has_options = session_options != NULL && session_options[0] != '\0';
    work_add_parameter(work, "options", has_options ? session_options : "-c jit=off");
}

/* Takes the answer to what was just sent. */
static int answer(struct connection *c, int sent, const char *name, struct rows **rows,
                  struct error *err)
{
    PGresult *result = NULL;
    int64_t sent_ns = clock_now_ns();

    if (sent == 0) {
        exchange_broken(c, name, err);
        return exchange_failed(c, err);
    }
    int rc = exchange_last(c, name, &result, err);
    c->elapsed_ns = clock_now_ns() - sent_ns;
    if (rc != 0)
        return exchange_failed(c, err);
    if (rows == NULL) {
        PQclear(result);
        return 0;
    }
    *rows = memory_zero(1, sizeof **rows);
    (*rows)->result = result;
    return 0;
}

static int prepare(struct connection *c, const struct sql *sql, struct parameters p,
                   struct error *err)
{
    if (exchange_is_prepared(c, sql->name))
        return 0;
    int sent = PQsendPrepare(c->pg, sql->name, sql->text, p.types == NULL ? 0 : p.count, p.types);
    if (answer(c, sent, sql->name, NULL, err) != 0)
        return -1;
    exchange_note_prepared(c, sql->name);
    return 0;
}

int connection_query(struct connection *c, const struct sql *sql, struct parameters p,
                     struct rows **rows, struct error *err)
{
    if (refuse_dead(c, sql->name, err) != 0 || prepare(c, sql, p, err) != 0)
        return -1;
    int sent = PQsendQueryPrepared(c->pg, sql->name, p.count, p.values, NULL, NULL, 0);
    return answer(c, sent, sql->name, rows, err);
}

int connection_query_once(struct connection *c, const struct sql *sql, struct parameters p,
                          struct rows **rows, struct error *err)
{
    if (refuse_dead(c, sql->name, err) != 0)
        return -1;
    int sent = PQsendQueryParams(c->pg, sql->text, p.count, p.types, p.values, NULL, NULL, 0);
    return answer(c, sent, sql->name, rows, err);
}

int connection_script(struct connection *c, const struct sql *sql, struct error *err)
{
    if (refuse_dead(c, sql->name, err) != 0)
        return -1;
    return answer(c, PQsendQuery(c->pg, sql->text), sql->name, NULL, err);
}

const struct sql connection_sql_begin = {"begin", "BEGIN ISOLATION LEVEL READ COMMITTED"};
const struct sql connection_sql_commit = {"commit", "COMMIT"};

int connection_begin(struct connection *c, struct error *err)
{
    return connection_script(c, &connection_sql_begin, err);
}

int connection_commit(struct connection *c, struct error *err)
{
    return connection_script(c, &connection_sql_commit, err);
}

void connection_rollback(struct connection *c)
{
    static const struct sql rollback = {"rollback", "ROLLBACK"};
    struct error ignored = ERROR_INIT;

    if (!c->dead && PQtransactionStatus(c->pg) != PQTRANS_IDLE)
        connection_script(c, &rollback, &ignored);
}

static int stream_row(const PGresult *row, connection_each *each, void *context, struct error *err)
{
    const char *values[64];
    int columns = PQnfields(row);

    if (columns > (int)(sizeof values / sizeof values[0]))
        return error_set(err, ERROR_BUG, "a stream of %d columns", columns);
    for (int i = 0; i < columns; i++)
        values[i] = PQgetisnull(row, 0, i) ? NULL : PQgetvalue(row, 0, i);
    return each(context, columns, values, err);
}

int connection_stream(struct connection *c, const struct sql *sql, struct parameters p,
                      connection_each *each, void *context, struct error *err)
{
    PGresult *result = NULL;
    int rc = 0;

    if (refuse_dead(c, sql->name, err) != 0)
        return -1;
    if (PQsendQueryParams(c->pg, sql->text, p.count, p.types, p.values, NULL, NULL, 0) == 0 ||
        PQsetSingleRowMode(c->pg) == 0) {
        exchange_broken(c, sql->name, err);
        return exchange_failed(c, err);
    }
    while (rc == 0) {
        if (exchange_result(c, sql->name, &result, err) != 0)
            return exchange_failed(c, err);
        if (result == NULL)
            return 0;
        if (exchange_judge(c, sql->name, result, err) != 0) {
            PQclear(result);
            struct error judged = *err;
            exchange_drain(c);
            *err = judged;
            return exchange_failed(c, err);
        }
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE)
            rc = stream_row(result, each, context, err);
        PQclear(result);
    }
    exchange_cancel(c->pg);
    c->dead = true;
    return -1;
}

int connection_describe(struct connection *c, const struct sql *sql, uint32_t *types, int *count,
                        struct error *err)
{
    PGresult *described = NULL;

    if (refuse_dead(c, sql->name, err) != 0)
        return -1;
    if (answer(c, PQsendPrepare(c->pg, "", sql->text, 0, NULL), sql->name, NULL, err) != 0)
        return -1;
    if (PQsendDescribePrepared(c->pg, "") == 0 || exchange_last(c, sql->name, &described, err) != 0)
        return exchange_failed(c, err);
    *count = PQnfields(described);
    for (int i = 0; i < *count && i < KEY_COLUMNS_MAX + 2; i++)
        types[i] = PQftype(described, i);
    PQclear(described);
    return 0;
}

int connection_copy_begin(struct connection *c, const struct sql *sql, struct error *err)
{
    return connection_script(c, sql, err);
}

int connection_copy_data(struct connection *c, const char *data, size_t bytes, struct error *err)
{
    int sent;

    if (refuse_dead(c, "copy", err) != 0)
        return -1;
    while ((sent = PQputCopyData(c->pg, data, (int)bytes)) == 0)
        if (exchange_wait(c, true, err) != 0)
            return exchange_failed(c, err);
    if (sent > 0)
        return 0;
    exchange_broken(c, "copy", err);
    return exchange_failed(c, err);
}

int connection_copy_end(struct connection *c, int64_t *rows, struct error *err)
{
    struct rows *tag = NULL;
    int sent;

    if (refuse_dead(c, "copy", err) != 0)
        return -1;
    while ((sent = PQputCopyEnd(c->pg, NULL)) == 0)
        if (exchange_wait(c, true, err) != 0)
            return exchange_failed(c, err);
    if (answer(c, sent > 0, "copy", &tag, err) != 0)
        return -1;
    *rows = rows_affected(tag);
    rows_free(tag);
    return 0;
}

char *connection_identifier(struct connection *c, const char *name)
{
    char *quoted = PQescapeIdentifier(c->pg, name, strlen(name));
    char *copy = memory_copy_string(quoted == NULL ? "\"\"" : quoted);

    PQfreemem(quoted);
    return copy;
}

int64_t connection_elapsed_ns(const struct connection *c)
{
    return c->elapsed_ns;
}

bool connection_is_dead(const struct connection *c)
{
    return c->dead || PQstatus(c->pg) == CONNECTION_BAD;
}

int connection_backend_pid(const struct connection *c)
{
    return PQbackendPID(c->pg);
}

int connection_server_version(const struct connection *c)
{
    return PQserverVersion(c->pg);
}

const char *connection_database(const struct connection *c)
{
    return PQdb(c->pg);
}

const char *connection_host(const struct connection *c)
{
    return PQhost(c->pg);
}

const char *connection_user(const struct connection *c)
{
    return PQuser(c->pg);
}

int connection_library_version(void)
{
    return PQlibVersion();
}
