/* Waits in poll() with a short limit, so that an interrupt that came between the test and the
 * poll is noticed soon. A waiting rank uses no CPU. */
#include "db/connection/exchange.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/protocol/retry.h"

enum { POLL_MS = 200 };

static const volatile int *watched;

void exchange_watch(const volatile int *interrupt)
{
    watched = interrupt;
}

bool exchange_is_interrupted(void)
{
    return watched != NULL && *watched != 0;
}

void exchange_cancel(PGconn *pg)
{
    char ignored[256];
    PGcancel *cancel = PQgetCancel(pg);

    if (cancel == NULL)
        return;
    PQcancel(cancel, ignored, sizeof ignored);
    PQfreeCancel(cancel);
}

int exchange_failed(struct connection *c, const struct error *err)
{
    if (err->kind == ERROR_INTERRUPTED)
        exchange_cancel(c->pg);
    if (err->kind != ERROR_SERVER && err->kind != ERROR_CONFIG)
        c->dead = true;
    return -1;
}

bool exchange_is_prepared(const struct connection *c, const char *name)
{
    for (int i = 0; i < c->prepared_count; i++)
        if (strcmp(c->prepared[i], name) == 0)
            return true;
    return false;
}

void exchange_note_prepared(struct connection *c, const char *name)
{
    c->prepared = memory_grow(c->prepared, (size_t)c->prepared_count + 1, sizeof *c->prepared);
    c->prepared[c->prepared_count++] = memory_copy_string(name);
}

/* SQLSTATE's class of lost connections, for what no server was there to say: so it isn't taken for
 * a session that died. */
#define CONNECTION_FAILURE "08006"

/* Until the socket is ready; *is_broken: poll says that it has an error. */
static int wait_ready(PGconn *pg, bool for_write, int64_t deadline_ns, bool *is_broken,
                      struct error *err)
{
    struct pollfd wait = {.fd = PQsocket(pg), .events = for_write ? POLLOUT : POLLIN};

    for (;;) {
        if (exchange_is_interrupted())
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
        if (wait.fd < 0)
            return error_set(err, ERROR_CONNECTION, "waiting: the connection is gone");
        if (clock_now_ns() > deadline_ns)
            return error_sql(err, ERROR_CONNECTION, CONNECTION_FAILURE, "no answer in time");
        int ready = poll(&wait, 1, POLL_MS);
        if (ready > 0) {
            *is_broken = (wait.revents & POLLERR) != 0;
            return 0;
        }
        if (ready < 0 && errno != EINTR)
            return error_set(err, ERROR_CONNECTION, "poll: %s", strerror(errno));
    }
}

int exchange_wait_until(PGconn *pg, bool for_write, int64_t deadline_ns, struct error *err)
{
    bool is_broken; /* libpq finds out, and may have another host to try */

    return wait_ready(pg, for_write, deadline_ns, &is_broken, err);
}

/* What the network says of a connection that it can't keep. A peer that closed or reset it is
 * libpq's to report: its process died. */
static int judge_network(int fd, struct error *err)
{
    int why = 0;
    socklen_t bytes = sizeof why;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &bytes) != 0 || why == 0 || why == ECONNRESET ||
        why == EPIPE)
        return 0;
    return error_sql(err, ERROR_CONNECTION, CONNECTION_FAILURE,
                     "the network lost the connection: %s", strerror(why));
}

static int wait_for_server(const struct connection *c, bool for_write, int64_t deadline_ns,
                           struct error *err)
{
    bool is_broken = false;

    if (wait_ready(c->pg, for_write, deadline_ns, &is_broken, err) != 0)
        return -1;
    return is_broken ? judge_network(PQsocket(c->pg), err) : 0;
}

static int64_t deadline(const struct connection *c)
{
    return c->patience_ns == 0 ? INT64_MAX : clock_now_ns() + c->patience_ns;
}

int exchange_wait(struct connection *c, bool for_write, struct error *err)
{
    return wait_for_server(c, for_write, deadline(c), err);
}

int exchange_broken(const struct connection *c, const char *name, struct error *err)
{
    char words[400];
    size_t length;

    snprintf(words, sizeof words, "%s", PQerrorMessage(c->pg));
    length = strcspn(words, "\n");
    words[length] = '\0';
    return error_sql(err, ERROR_CONNECTION, c->notice, "%s: the connection is gone%s%s", name,
                     length > 0 ? ": " : "", words);
}

/* A server that sends while we send must be read, or both sides wait for ever. */
static int wait_both(PGconn *pg, struct error *err)
{
    struct pollfd wait = {.fd = PQsocket(pg), .events = POLLIN | POLLOUT};

    if (exchange_is_interrupted())
        return error_set(err, ERROR_INTERRUPTED, "interrupted");
    if (poll(&wait, 1, POLL_MS) < 0 && errno != EINTR)
        return error_set(err, ERROR_CONNECTION, "poll: %s", strerror(errno));
    return 0;
}

static int flush(struct connection *c, const char *name, int64_t deadline_ns, struct error *err)
{
    int left;

    while ((left = PQflush(c->pg)) > 0) {
        if (wait_both(c->pg, err) != 0)
            return -1;
        if (clock_now_ns() > deadline_ns)
            return error_sql(err, ERROR_CONNECTION, CONNECTION_FAILURE, "%s: no answer in time",
                             name);
        if (PQconsumeInput(c->pg) == 0)
            return exchange_broken(c, name, err);
    }
    return left == 0 ? 0 : exchange_broken(c, name, err);
}

int exchange_result(struct connection *c, const char *name, PGresult **result, struct error *err)
{
    int64_t deadline_ns = deadline(c);

    if (flush(c, name, deadline_ns, err) != 0)
        return -1;
    while (PQisBusy(c->pg)) {
        if (wait_for_server(c, false, deadline_ns, err) != 0) {
            if (err->kind == ERROR_CONNECTION)
                error_context(err, "%s", name);
            return -1;
        }
        if (PQconsumeInput(c->pg) == 0)
            return exchange_broken(c, name, err);
    }
    *result = PQgetResult(c->pg);
    return 0;
}

/* An SQLSTATE that ends the session, whether or not libpq has noticed yet. Not where the server
 * calls it a mere error, never translated: what a trigger's dblink or a foreign table says of a
 * server of its own. */
static bool ends_session(const PGresult *result, const char *sqlstate)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    return retry_action(sqlstate, false) == RETRY_RECONNECT &&
           (severity == NULL || strcmp(severity, "ERROR") != 0);
}

/* A person's RAISE may say what it likes under any SQLSTATE, and so may SQL that a function has put
 * together.
 */
static bool is_persons(const PGresult *result)
{
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

    return PQresultErrorField(result, PG_DIAG_INTERNAL_QUERY) != NULL ||
           (function != NULL && strcmp(function, "exec_stmt_raise") == 0);
}

int exchange_judge(const struct connection *c, const char *name, const PGresult *result,
                   struct error *err)
{
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE ||
        status == PGRES_COPY_IN || status == PGRES_EMPTY_QUERY)
        return 0;
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);
    const char *column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

    if (sqlstate == NULL)
        return exchange_broken(c, name, err);
    enum error_kind kind = ends_session(result, sqlstate) ? ERROR_CONNECTION : ERROR_SERVER;
    bool shown = retry_shows_message(sqlstate) && !is_persons(result) && primary != NULL;
    error_sql(err, kind, sqlstate, "%s: %s%s%s%s%s%s%s", name,
              shown
                  ? primary
                  : "refused by the server (its text may hold values of rows, so it is not shown)",
              table == NULL ? "" : ", table ", table == NULL ? "" : table,
              column == NULL ? "" : ", column ", column == NULL ? "" : column,
              constraint == NULL ? "" : ", constraint ", constraint == NULL ? "" : constraint);
    return -1;
}

void exchange_drain(struct connection *c)
{
    struct error ignored = ERROR_INIT;
    PGresult *rest = NULL;

    while (PQstatus(c->pg) == CONNECTION_OK &&
           exchange_result(c, "the rest", &rest, &ignored) == 0 && rest != NULL)
        PQclear(rest);
}

int exchange_last(struct connection *c, const char *name, PGresult **result, struct error *err)
{
    PGresult *next = NULL;
    int rc = 0;

    *result = NULL;
    for (;;) {
        struct error later = ERROR_INIT;
        if (exchange_result(c, name, &next, rc == 0 ? err : &later) != 0) {
            rc = -1;
            break;
        }
        if (next == NULL)
            break;
        if (rc == 0)
            rc = exchange_judge(c, name, next, err);
        PQclear(*result);
        *result = next;
        if (PQresultStatus(next) == PGRES_COPY_IN || PQstatus(c->pg) == CONNECTION_BAD)
            break;
    }
    if (rc == 0 && *result == NULL)
        rc = exchange_broken(c, name, err);
    if (rc != 0) {
        PQclear(*result);
        *result = NULL;
    }
    return rc;
}
