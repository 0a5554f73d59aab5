/* Opens a connection within a time limit, interruptible, asleep in poll() while it waits. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "db/connection/connection.h"
#include "db/connection/exchange.h"

static int text_bytes(const char *s)
{
    return (int)strcspn(s, "\n");
}

static int open_failed(PGconn *pg, const char *why, struct error *err)
{
    const char *words = PQerrorMessage(pg);
    const char *advice =
        PQconnectionNeedsPassword(pg) ? "; try PGPASSFILE or a service file for the password" : "";

    if (why != NULL)
        return error_set(err, ERROR_CONNECTION, "connecting to the server: %s", why);
    return error_set(err, ERROR_CONNECTION, "connecting to the server: %.*s%s", text_bytes(words),
                     words, advice);
}

static int64_t connect_limit_ns(PGconn *pg)
{
    enum { DEFAULT_S = 10 };
    int64_t seconds = 0, hosts = 1;
    PQconninfoOption *options = PQconninfo(pg);

    for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
        if (o->val == NULL)
            continue;
        if (strcmp(o->keyword, "connect_timeout") == 0)
            seconds = strtol(o->val, NULL, 10);
        if (strcmp(o->keyword, "host") == 0)
            for (const char *p = o->val; *p != '\0'; p++)
                hosts += *p == ',';
    }
    PQconninfoFree(options);
    return (seconds > 0 ? seconds : DEFAULT_S) * hosts * NS_PER_S;
}

static int finish_connecting(PGconn *pg, struct error *err)
{
    int64_t deadline_ns = clock_now_ns() + connect_limit_ns(pg);
    PostgresPollingStatusType step = PGRES_POLLING_WRITING;

    while (step != PGRES_POLLING_OK) {
        if (step == PGRES_POLLING_FAILED || PQstatus(pg) == CONNECTION_BAD)
            return open_failed(pg, NULL, err);
        if (exchange_wait_until(pg, step == PGRES_POLLING_WRITING, deadline_ns, err) != 0)
            return err->kind == ERROR_INTERRUPTED ? -1 : open_failed(pg, "no answer in time", err);
        step = PQconnectPoll(pg);
    }
    return 0;
}

/* Notices may hold values of rows, so they are not shown. But a server that ends a session for a
 * reason of its own says so in one: with it a session that was ended beside another that crashed
 * can be told from that one. */
static void hear(void *connection, const PGresult *notice)
{
    struct connection *c = connection;
    const char *sqlstate = PQresultErrorField(notice, PG_DIAG_SQLSTATE);

    if (sqlstate != NULL && strncmp(sqlstate, "57P", 3) == 0)
        snprintf(c->notice, sizeof c->notice, "%s", sqlstate);
}

int connection_open(const struct work_setting *parameters, int count, const char *purpose,
                    struct connection **connection, struct error *err)
{
    /* A dead rank's backend, or a dead server's socket, must not be believed in for long. */
    static const char *const ours[][2] = {
        {"keepalives", "1"},       {"keepalives_idle", "10"},     {"keepalives_interval", "5"},
        {"keepalives_count", "3"}, {"tcp_user_timeout", "30000"}, {"client_encoding", "UTF8"}};
    enum { OURS = sizeof ours / sizeof ours[0] };
    const char **names = memory_zero((size_t)count + OURS + 2, sizeof *names);
    const char **values = memory_zero((size_t)count + OURS + 2, sizeof *values);
    int used = 0, rc = -1;

    for (int i = 0; i < OURS; i++, used++) {
        names[used] = ours[i][0];
        values[used] = ours[i][1];
    }
    for (int i = 0; i < count; i++, used++) {
        names[used] = parameters[i].name;
        values[used] = parameters[i].value;
    }
    names[used] = "application_name";
    values[used] = purpose;

    struct connection *c = memory_zero(1, sizeof *c);
    c->pg = PQconnectStartParams(names, values, 0);
    if (c->pg == NULL)
        abort();
    if (PQstatus(c->pg) == CONNECTION_BAD)
        open_failed(c->pg, NULL, err);
    else
        rc = finish_connecting(c->pg, err);
    if (rc == 0 && PQsetnonblocking(c->pg, 1) != 0)
        rc = open_failed(c->pg, NULL, err);
    free(names);
    free(values);
    if (rc != 0) {
        connection_close(c);
        return -1;
    }
    PQsetNoticeReceiver(c->pg, hear, c);
    *connection = c;
    return 0;
}
