/* A worker's way with a chunk: try, and when that fails do what core/retry's table says. The connection is
 * opened again here, and nowhere else; what the ledger says after that decides, never what was known before.
 */
#include "db/cycle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/retry.h"
#include "db/cycle_steps.h"
#include "db/ledger.h"

#define BACKOFF_BASE_NS      (50 * NS_PER_MS)
#define BACKOFF_CEILING_NS   (5 * NS_PER_S)
#define OPEN_LIMIT_NS        (10 * NS_PER_S) /* the manager is connected, so the server is there */
#define RECONNECT_LIMIT_NS   (60 * NS_PER_S)
#define RECONNECT_CEILING_NS (2 * NS_PER_S)

struct cycle {
    struct steps steps;
    unsigned short random[3]; /* erand48's state: jitter */
    int64_t reconnects;
};

static void rest(struct cycle *cycle, int try_number, int64_t ceiling_ns)
{
    int64_t until_ns =
        clock_now_ns() + retry_backoff_ns(try_number, BACKOFF_BASE_NS, ceiling_ns, erand48(cycle->random));

    while (clock_now_ns() < until_ns && !connection_is_interrupted())
        clock_sleep_ns(10 * NS_PER_MS);
}

static int open_once(struct cycle *cycle, struct error *err)
{
    const struct work *work = cycle->steps.work;
    struct connection *c = NULL;
    char purpose[64];

    snprintf(purpose, sizeof purpose, "chunkmill worker %d", cycle->steps.worker);
    if (connection_open(work->parameters, work->parameter_count, purpose, &c, err) != 0)
        return -1;
    if (connection_pin(c, work->settings, work->setting_count, err) != 0 ||
        ledger_add_backend(c, work, cycle->steps.worker, err) != 0) {
        connection_close(c);
        return -1;
    }
    cycle->steps.connection = c;
    return 0;
}

/* Whether trying to connect again can help. */
static bool is_passing(const struct error *err)
{
    if (err->kind == ERROR_CONNECTION)
        return true;
    if (err->kind != ERROR_SERVER)
        return false;
    enum retry_action action = retry_action(err->sqlstate, false);
    return action != RETRY_STOP_RUN && action != RETRY_SET_ASIDE;
}

static int open_patiently(struct cycle *cycle, int64_t limit_ns, struct error *err)
{
    int64_t deadline_ns = clock_now_ns() + limit_ns;

    for (int try_number = 0;; try_number++) {
        if (open_once(cycle, err) == 0)
            return 0;
        if (connection_is_interrupted())
            return error_set(err, ERROR_INTERRUPTED, "interrupted while connecting");
        if (!is_passing(err) || clock_now_ns() > deadline_ns)
            return -1;
        log_debug("worker %d: %s; trying again", cycle->steps.worker, err->text);
        rest(cycle, try_number, RECONNECT_CEILING_NS);
    }
}

int cycle_open(const struct work *work, int worker, struct cycle **cycle, struct error *err)
{
    struct cycle *made = memory_zero(1, sizeof *made);

    made->steps.work = work;
    made->steps.worker = worker;
    made->random[0] = (unsigned short)worker;
    made->random[1] = (unsigned short)clock_now_ns();
    if (open_patiently(made, OPEN_LIMIT_NS, err) != 0) {
        cycle_close(made);
        return -1;
    }
    *cycle = made;
    return 0;
}

void cycle_close(struct cycle *cycle)
{
    if (cycle == NULL)
        return;
    connection_close(cycle->steps.connection);
    steps_clear(&cycle->steps);
    free(cycle);
}

int64_t cycle_reconnects(const struct cycle *cycle)
{
    return cycle->reconnects;
}

struct connection *cycle_connection(struct cycle *cycle)
{
    return cycle->steps.connection;
}

static void note(struct cycle_result *result, enum cycle_outcome outcome, enum error_kind kind,
                 const struct error *err)
{
    result->outcome = outcome;
    result->error_kind = kind;
    snprintf(result->sqlstate, sizeof result->sqlstate, "%s", err->sqlstate);
    snprintf(result->error, sizeof result->error, "%.*s", (int)sizeof result->error - 1, err->text);
}

static int reconnect(struct cycle *cycle, struct error *err)
{
    connection_close(cycle->steps.connection);
    cycle->steps.connection = NULL;
    cycle->reconnects++;
    return open_patiently(cycle, RECONNECT_LIMIT_NS, err);
}

enum verdict { AGAIN, AGAIN_COUNTED, BUSY, ASIDE, STOP };

/* What an error of a try means for the chunk. */
static enum verdict judge(const struct cycle *cycle, const struct error *err)
{
    if (err->kind == ERROR_CONNECTION)
        return AGAIN;
    if (err->kind != ERROR_SERVER)
        return STOP;
    switch (retry_action(err->sqlstate, !cycle->steps.is_claimed)) {
    case RETRY_TRANSACTION:
    case RETRY_TIMED_OUT:
        return AGAIN_COUNTED;
    case RETRY_LATER:
        return BUSY;
    case RETRY_RECONNECT:
    case RETRY_PRIMARY:
        return AGAIN;
    case RETRY_FEWER:
    case RETRY_STOP_RUN:
        return STOP;
    case RETRY_SET_ASIDE:
        break;
    }
    return ASIDE;
}

/* Sets the chunk aside, as often as it takes within the retries. */
static void set_aside(struct cycle *cycle, const struct chunk *chunk, const struct error *cause,
                      struct cycle_result *result)
{
    struct error err = ERROR_INIT;
    int try_number = 0;

    while (steps_fail(&cycle->steps, chunk, result->tries, cause, &err) != 0) {
        connection_rollback(cycle->steps.connection);
        if (connection_is_dead(cycle->steps.connection) && reconnect(cycle, &err) != 0)
            break;
        if (err.kind != ERROR_NONE && err.kind != ERROR_SERVER && err.kind != ERROR_CONNECTION)
            break;
        if (++try_number > cycle->steps.work->retries)
            break;
        rest(cycle, try_number, BACKOFF_CEILING_NS);
        error_clear(&err);
    }
    if (err.kind == ERROR_NONE)
        note(result, CYCLE_FAILED, cause->kind, cause);
    else
        note(result, CYCLE_STOPPED, err.kind, &err);
}

/* Whether there is to be another try; else *result says what became of the chunk. */
static bool try_again(struct cycle *cycle, const struct chunk *chunk, struct error *err,
                      struct cycle_result *result)
{
    enum verdict verdict = judge(cycle, err);

    log_debug("chunk %" PRId64 ": %s (SQLSTATE %s)", chunk->id, err->text, err->sqlstate);
    if (cycle->steps.connection != NULL && !connection_is_dead(cycle->steps.connection))
        connection_rollback(cycle->steps.connection);
    if (verdict == AGAIN) {
        /* Bounded, or a statement that kills its backend each time would go round for ever. */
        if (result->tries++ < cycle->steps.work->retries && reconnect(cycle, err) == 0)
            return true;
        verdict = STOP;
    }
    if (verdict == AGAIN_COUNTED && result->tries < cycle->steps.work->retries) {
        rest(cycle, result->tries++, BACKOFF_CEILING_NS);
        return true;
    }
    if (verdict == BUSY)
        note(result, CYCLE_BUSY, err->kind, err);
    else if (verdict == STOP)
        note(result, CYCLE_STOPPED, err->kind == ERROR_SERVER ? ERROR_FATAL : err->kind, err);
    else
        set_aside(cycle, chunk, err, result);
    return false;
}

void cycle_run(struct cycle *cycle, const struct chunk *chunk, int64_t start_ns, struct cycle_result *result)
{
    struct error err = ERROR_INIT;

    memset(result, 0, sizeof *result);
    result->chunk_id = chunk->id;
    result->worker = cycle->steps.worker;
    result->rows_planned = chunk->rows;
    result->begin_ns = clock_now_ns() - start_ns;
    for (;;) {
        if (steps_cycle(&cycle->steps, chunk, result->tries, result, &err) == 0)
            break;
        if (!try_again(cycle, chunk, &err, result))
            break;
        error_clear(&err);
    }
    result->end_ns = clock_now_ns() - start_ns;
}
