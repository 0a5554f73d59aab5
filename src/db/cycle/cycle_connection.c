/* Backoff and jitter around opening a connection. The error with which the server refuses a
 * connection only decides whether to try again. */
#include "db/cycle/cycle_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/protocol/retry.h"
#include "db/ledger/ledger_attempt.h"

#define BACKOFF_BASE_NS      (50 * NS_PER_MS)
#define BACKOFF_CEILING_NS   (5 * NS_PER_S)
#define OPEN_LIMIT_NS        (5 * NS_PER_S)
#define RECONNECT_LIMIT_NS   (60 * NS_PER_S)
#define RECONNECT_CEILING_NS (2 * NS_PER_S)

static void rest(struct cycle_connection *link, int try_number, int64_t ceiling_ns)
{
    int64_t until_ns = clock_now_ns() + retry_backoff_ns(try_number, BACKOFF_BASE_NS, ceiling_ns,
                                                         erand48(link->random));

    while (clock_now_ns() < until_ns && !connection_is_interrupted())
        clock_sleep_ns(10 * NS_PER_MS);
}

bool cycle_connection_is_up(const struct executor *executor)
{
    return executor->connection != NULL && !connection_is_dead(executor->connection);
}

void cycle_connection_rest(struct cycle_connection *link, int try_number)
{
    rest(link, try_number, BACKOFF_CEILING_NS);
}

int cycle_connection_open_bare(struct cycle_connection *link, struct error *err)
{
    struct executor *executor = link->executor;
    char purpose[64];

    connection_close(executor->connection);
    executor->connection = NULL;
    snprintf(purpose, sizeof purpose, "chunkmill worker %d", executor->worker);
    return connection_open(executor->work->parameters, executor->work->parameter_count, purpose,
                           &executor->connection, err);
}

static int open_once(struct cycle_connection *link, struct error *err)
{
    const struct work *work = link->executor->work;
    int worker = link->executor->worker;

    if (cycle_connection_open_bare(link, err) != 0)
        return -1;
    struct connection *c = link->executor->connection;
    if (connection_pin(c, work->settings, work->setting_count, err) == 0 &&
        ledger_attempt_end_own_backends(c, work, worker, err) == 0 &&
        ledger_attempt_add_backend(c, work, worker, link->server_start, err) == 0)
        return 0;
    connection_close(c);
    link->executor->connection = NULL;
    return -1;
}

/* Whether trying to connect again can help. */
static bool is_passing(const struct error *err)
{
    return err->kind == ERROR_CONNECTION ||
           (err->kind == ERROR_SERVER && retry_may_pass(err->sqlstate));
}

static int open_patiently(struct cycle_connection *link, int64_t limit_ns, struct error *err)
{
    int64_t deadline_ns = clock_now_ns() + limit_ns;

    for (int try_number = 0;; try_number++) {
        if (open_once(link, err) == 0)
            return 0;
        if (connection_is_interrupted())
            return error_set(err, ERROR_INTERRUPTED, "interrupted while connecting");
        if (!is_passing(err) || clock_now_ns() > deadline_ns)
            return -1;
        log_debug("worker %d: %s; trying again", link->executor->worker, err->text);
        rest(link, try_number, RECONNECT_CEILING_NS);
    }
}

int cycle_connection_open(struct cycle_connection *link, struct error *err)
{
    return open_patiently(link, OPEN_LIMIT_NS, err);
}

int cycle_connection_reopen(struct cycle_connection *link, bool *is_same_server, struct error *err)
{
    char before[LEDGER_TIME_BYTES];

    snprintf(before, sizeof before, "%s", link->server_start);
    link->reconnects++;
    if (open_patiently(link, RECONNECT_LIMIT_NS, err) != 0)
        return -1;
    *is_same_server = strcmp(before, link->server_start) == 0;
    return 0;
}
