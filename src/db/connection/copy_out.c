/* States: sent -> copying -> ended. Waits for the end of the statement, which follows the last
 * row at once. */
#include "db/connection/copy_out.h"

#include <libpq-fe.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "db/connection/exchange.h"

enum { ROWS_A_LOOK = 128 /* at the clock */ };

static int failed(struct copy_out *out, const struct error *err)
{
    if (err->kind == ERROR_CONNECTION)
        out->connection->dead = true; /* there is no server to cancel anything */
    else if (err->kind != ERROR_SERVER)
        copy_out_stop(out);
    return -1;
}

int copy_out_begin(struct copy_out *out, struct connection *c, const struct sql *sql,
                   struct error *err)
{
    *out = (struct copy_out){.connection = c, .name = sql->name, .heard_ns = clock_now_ns()};
    if (connection_is_dead(c))
        return error_set(err, ERROR_CONNECTION, "%s: the connection is gone", sql->name);
    if (PQsendQuery(c->pg, sql->text) != 0)
        return 0;
    exchange_broken(c, sql->name, err);
    return failed(out, err);
}

/* The server's yes, if it has come. */
static int start(struct copy_out *out, struct error *err)
{
    struct connection *c = out->connection;

    if (PQflush(c->pg) < 0 || PQconsumeInput(c->pg) == 0)
        return exchange_broken(c, out->name, err);
    if (PQisBusy(c->pg) != 0)
        return 0;
    PGresult *result = PQgetResult(c->pg);
    out->is_copying = PQresultStatus(result) == PGRES_COPY_OUT;
    int rc = out->is_copying ? 0 : exchange_judge(c, out->name, result, err);
    PQclear(result);
    if (rc == 0 && !out->is_copying)
        rc = error_set(err, ERROR_BUG, "%s: no COPY", out->name);
    if (rc != 0)
        exchange_drain(c);
    return rc;
}

static int finish(struct copy_out *out, struct error *err)
{
    PGresult *last = NULL;
    int rc = exchange_last(out->connection, out->name, &last, err);

    PQclear(last);
    return rc;
}

/* Nothing is there now: whether that has been so for too long. */
static int be_patient(const struct copy_out *out, struct error *err)
{
    int64_t patience_ns = out->connection->patience_ns;

    if (patience_ns == 0 || clock_now_ns() - out->heard_ns < patience_ns)
        return 0;
    return error_sql(err, ERROR_CONNECTION, "08006", "%s: no answer in time", out->name);
}

/* The next row, its bytes in *bytes: 0: nothing more is there now; -1: that was all. */
static int next_row(struct copy_out *out, char **line, int *bytes, struct error *err)
{
    PGconn *pg = out->connection->pg;

    *bytes = PQgetCopyData(pg, line, 1);
    if (*bytes != 0 || PQconsumeInput(pg) == 0)
        return *bytes >= -1 && *bytes != 0 ? 0 : exchange_broken(out->connection, out->name, err);
    *bytes = PQgetCopyData(pg, line, 1);
    return *bytes >= -1 ? 0 : exchange_broken(out->connection, out->name, err);
}

static int take(struct copy_out *out, int64_t until_ns, copy_out_each *each, void *context,
                bool *ended, struct error *err)
{
    char *line = NULL;
    int bytes;

    for (int rows = 0;; rows++) {
        if (rows % ROWS_A_LOOK == ROWS_A_LOOK - 1 && clock_now_ns() >= until_ns)
            return 0;
        if (next_row(out, &line, &bytes, err) != 0)
            return -1;
        if (rows == 0 && bytes == 0)
            return be_patient(out, err);
        out->heard_ns = rows == 0 ? clock_now_ns() : out->heard_ns;
        *ended = bytes == -1;
        if (bytes <= 0)
            return *ended ? finish(out, err) : 0;
        int rc = each(context, line, (size_t)bytes - 1, err);
        PQfreemem(line);
        if (rc != 0)
            return -1;
    }
}

int copy_out_turn(struct copy_out *out, int64_t until_ns, copy_out_each *each, void *context,
                  bool *ended, struct error *err)
{
    *ended = false;
    if (exchange_is_interrupted()) {
        error_set(err, ERROR_INTERRUPTED, "interrupted");
        return failed(out, err);
    }
    if (!out->is_copying && start(out, err) != 0)
        return failed(out, err);
    if (!out->is_copying)
        return be_patient(out, err) == 0 ? 0 : failed(out, err);
    return take(out, until_ns, each, context, ended, err) == 0 ? 0 : failed(out, err);
}

void copy_out_wait(const struct copy_out *out, int64_t most_ns)
{
    struct pollfd wait = {.fd = PQsocket(out->connection->pg), .events = POLLIN};

    /* a signal ends it, too */
    if (wait.fd >= 0)
        poll(&wait, 1, (int)((most_ns + NS_PER_MS - 1) / NS_PER_MS));
}

void copy_out_stop(struct copy_out *out)
{
    if (out->connection == NULL || out->connection->dead)
        return;
    exchange_cancel(out->connection->pg);
    out->connection->dead = true;
}

static char unescaped(char c)
{
    static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
    const char *at = strchr(from, c);

    return at == NULL || c == '\0' ? c : to[at - from];
}

/* In place; a value without a backslash stays as it is. */
static char *unescape(char *value)
{
    char *to = strchr(value, '\\');

    if (to == NULL)
        return value;
    if (strcmp(value, "\\N") == 0)
        return NULL;
    for (const char *from = to; *from != '\0'; from++) {
        if (*from == '\\' && from[1] != '\0')
            *to++ = unescaped(*++from);
        else
            *to++ = *from;
    }
    *to = '\0';
    return value;
}

int copy_out_split(char *line, size_t bytes, char **values, int most)
{
    char *end = line + bytes;
    bool is_escaped = memchr(line, '\\', bytes) != NULL; /* seldom: looked for once a row */
    int count = 0;

    *end = '\0';
    for (char *at = line; at != NULL; count++) {
        if (count == most)
            return -1;
        values[count] = at;
        at = memchr(at, '\t', (size_t)(end - at));
        if (at != NULL)
            *at++ = '\0';
        if (is_escaped)
            values[count] = unescape(values[count]);
    }
    return count;
}
