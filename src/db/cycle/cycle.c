/* Tries a chunk, and on an error does what the table of core/protocol/retry says. After a lost
 * connection the ledger decides, not what was known before. */
#include "db/cycle/cycle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/protocol/retry.h"
#include "db/cycle/cycle_connection.h"
#include "db/cycle/marked_ahead.h"
#include "db/cycle/split.h"
#include "db/cycle/transaction.h"

/* When a statement began we know from its predecessor's answer, which the network, or a scheduler
 * with much to do, may have brought late. A cancel that comes so shortly before the timeout is
 * taken for it: the chunk is split. */
static int64_t slack_ns(int64_t timeout_ns)
{
    int64_t tenth_ns = timeout_ns / 10;

    return tenth_ns < NS_PER_S ? tenth_ns : NS_PER_S;
}

struct cycle {
    struct executor executor;
    struct cycle_connection link;
    struct marked_ahead ahead;
};

int cycle_open(const struct work *work, int worker, struct cycle **cycle, struct error *err)
{
    struct cycle *made = memory_zero(1, sizeof *made);

    made->executor.work = work;
    made->executor.worker = worker;
    made->link.executor = &made->executor;
    made->link.random[0] = (unsigned short)worker;
    made->link.random[1] = (unsigned short)clock_now_ns();
    if (cycle_connection_open(&made->link, err) != 0) {
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
    connection_close(cycle->executor.connection);
    executor_clear(&cycle->executor);
    free(cycle);
}

static bool is_linked(const struct cycle *cycle)
{
    return cycle_connection_is_up(&cycle->executor);
}

void cycle_give_back(struct cycle *cycle)
{
    struct error err = ERROR_INIT;

    if (is_linked(cycle))
        connection_rollback(cycle->executor.connection);
    if (is_linked(cycle) || cycle_connection_open_bare(&cycle->link, &err) == 0)
        transaction_give_back(&cycle->executor, NULL, &err);
}

void cycle_put_down(struct cycle *cycle)
{
    struct error err = ERROR_INIT;

    if (marked_ahead_forget(&cycle->ahead) && is_linked(cycle))
        transaction_give_back(&cycle->executor, NULL, &err);
}

int64_t cycle_reconnects(const struct cycle *cycle)
{
    return cycle->link.reconnects;
}

struct connection *cycle_session(struct cycle *cycle)
{
    return cycle->executor.connection;
}

static void note(struct cycle_result *result, enum cycle_outcome outcome, enum error_kind kind,
                 const struct error *err)
{
    result->outcome = (int32_t)outcome;
    result->error_kind = (int32_t)kind;
    snprintf(result->sqlstate, sizeof result->sqlstate, "%s", err->sqlstate);
    snprintf(result->error, sizeof result->error, "%.*s", (int)sizeof result->error - 1, err->text);
}

enum verdict { FINE, LOST, AGAIN, BUSY, TOO_LONG, CANCELLED, ASIDE, STOP };

/* 57014 is a timeout where the time was up, and otherwise a cancel by a person. Never told by the
 * message.
 */
static enum verdict judge_cancelled(const struct cycle *cycle)
{
    int64_t timeout_ns = cycle->executor.work->statement_timeout_ms * NS_PER_MS;
    bool is_up =
        timeout_ns > 0 &&
        connection_elapsed_ns(cycle->executor.connection) + slack_ns(timeout_ns) >= timeout_ns;

    if (!is_up)
        return CANCELLED;
    return cycle->executor.is_claimed ? TOO_LONG : BUSY;
}

/* What an error of a try means for the chunk. */
static enum verdict judge(const struct cycle *cycle, const struct error *err)
{
    if (err->kind == ERROR_CONNECTION)
        return LOST;
    if (err->kind != ERROR_SERVER)
        return STOP;
    switch (retry_action(err->sqlstate, !cycle->executor.is_claimed)) {
    case RETRY_TRANSACTION:
        return AGAIN;
    case RETRY_TIMED_OUT:
        return judge_cancelled(cycle);
    case RETRY_LATER:
        return BUSY;
    case RETRY_RECONNECT:
        return is_linked(cycle) ? AGAIN
                                : LOST; /* it was another connection's, and this one is alive */
    case RETRY_PRIMARY:
        return LOST;
    case RETRY_FEWER:
    case RETRY_STOP_RUN:
        return STOP;
    case RETRY_QUARANTINE:
        break;
    }
    return ASIDE;
}

/* A server that takes no writes is as good as gone: the next start may find it well. */
static void stop(struct cycle_result *result, const struct error *err)
{
    bool is_read_only =
        err->kind == ERROR_SERVER && retry_action(err->sqlstate, false) == RETRY_PRIMARY;
    enum error_kind kind = err->kind == ERROR_SERVER ? ERROR_FATAL : err->kind;

    note(result, CYCLE_STOPPED, is_read_only ? ERROR_CONNECTION : kind, err);
}

/* One way to end with a chunk: a transaction of its own. */
typedef int ending(struct executor *executor, const struct chunk *chunk, const struct error *cause,
                   struct cycle_result *result, struct error *err);

static bool is_passing(enum verdict verdict)
{
    return verdict == LOST || verdict == AGAIN || verdict == BUSY || verdict == CANCELLED;
}

/* Does it, as often as it takes within the retries: -1: it can't be done, *verdict says why. */
static enum verdict insist(struct cycle *cycle, const struct chunk *chunk, ending *end,
                           const struct error *cause, struct cycle_result *result,
                           struct error *err)
{
    bool is_same_server;

    for (int try_number = 0; end(&cycle->executor, chunk, cause, result, err) != 0; try_number++) {
        enum verdict verdict = judge(cycle, err);
        if (verdict != LOST && is_linked(cycle))
            connection_rollback(cycle->executor.connection);
        if (!is_passing(verdict) || try_number == cycle->executor.work->retries ||
            (verdict == LOST && cycle_connection_reopen(&cycle->link, &is_same_server, err) != 0))
            return verdict;
        cycle_connection_rest(&cycle->link, try_number);
        error_clear(err);
    }
    return FINE;
}

static void quarantined(struct cycle *cycle, const struct chunk *chunk, const struct error *cause,
                        struct cycle_result *result)
{
    struct error err = ERROR_INIT;

    if (insist(cycle, chunk, transaction_fail, cause, result, &err) != FINE)
        stop(result, &err);
    else if (result->outcome == CYCLE_FAILED) /* else it was at its end already */
        note(result, CYCLE_FAILED, cause->kind, cause);
}

/* A person has cancelled the statement: the chunk goes back with its marks in place, but only so
 * often. */
static void yield(struct cycle *cycle, const struct chunk *chunk, const struct error *cause,
                  bool is_ended, struct cycle_result *result)
{
    struct error err = ERROR_INIT;

    if (cycle->executor.is_claimed &&
        cycle->executor.tries + result->tries >= cycle->executor.work->retries) {
        quarantined(cycle, chunk, cause, result);
        return;
    }
    if (transaction_count_try(&cycle->executor, chunk, &err) != 0)
        log_debug("chunk %" PRId64 ": counting a try: %s", chunk->id, err.text);
    result->is_ended = is_ended ? 1 : 0;
    note(result, CYCLE_CANCELLED, cause->kind, cause);
}

/* Its time was up: two or more of it; where it can't be split, aside. But who is in the way of the
 * split, or a server that can't go on, is not the chunk's fault. */
static void split(struct cycle *cycle, const struct chunk *chunk, const struct error *cause,
                  struct cycle_result *result)
{
    struct error err = ERROR_INIT;

    result->outcome = CYCLE_STOPPED;
    enum verdict verdict = insist(cycle, chunk, split_chunk, cause, result, &err);
    if (verdict == FINE && result->outcome == CYCLE_STOPPED)
        verdict = ASIDE; /* it can't be split */
    switch (verdict) {
    case FINE:
        if (result->outcome == CYCLE_SPLIT)
            note(result, CYCLE_SPLIT, cause->kind, cause);
        break;
    case BUSY:
        note(result, CYCLE_BUSY, err.kind, &err);
        break;
    case CANCELLED:
        yield(cycle, chunk, &err, false, result);
        break;
    case LOST:
    case STOP:
        stop(result, &err);
        break;
    case AGAIN:
    case TOO_LONG: /* not even its middle can be found in time */
    case ASIDE:
        quarantined(cycle, chunk, cause, result);
        break;
    }
}

/* The session died without a word while the chunk was at work: that counts against the chunk.
 * Whether it may be tried again at once. */
static bool survives_crash(struct cycle *cycle, const struct chunk *chunk,
                           const struct error *cause, struct cycle_result *result)
{
    struct error err = ERROR_INIT;
    int crashes = 0;

    if (transaction_count_crash(&cycle->executor, chunk, &crashes, &err) != 0)
        log_debug("chunk %" PRId64 ": counting a crash: %s", chunk->id, err.text);
    if (crashes != cycle->executor.work->suspect_after)
        return true; /* what has crashed more often is refused by its own claim */
    note(result, CYCLE_SUSPECT, cause->kind, cause);
    return false;
}

/* Connected again; whether there is to be another try. */
static bool recover(struct cycle *cycle, const struct chunk *chunk, const struct error *cause,
                    struct cycle_result *result)
{
    struct error err = ERROR_INIT;
    bool is_same_server = false;

    /* Bounded, or a server that takes us in and throws us out would keep us for ever. */
    if (result->tries++ >= cycle->executor.work->retries) {
        stop(result, cause);
        return false;
    }
    if (cycle_connection_reopen(&cycle->link, &is_same_server, &err) != 0) {
        stop(result, &err);
        return false;
    }
    if (strcmp(cause->sqlstate, "57P01") == 0 && is_same_server) {
        yield(cycle, chunk, cause, true, result);
        return false;
    }
    return cause->sqlstate[0] != '\0' || !cycle->executor.is_claimed ||
           survives_crash(cycle, chunk, cause, result);
}

/* Whether there is to be another try; else *result says what became of the chunk. */
static bool try_again(struct cycle *cycle, const struct chunk *chunk, const struct error *cause,
                      struct cycle_result *result)
{
    enum verdict verdict = judge(cycle, cause);

    log_debug("chunk %" PRId64 ": %s (SQLSTATE %s)", chunk->id, cause->text, cause->sqlstate);
    if (verdict != LOST && is_linked(cycle))
        connection_rollback(cycle->executor.connection);
    if (verdict == AGAIN && result->tries >= cycle->executor.work->retries)
        verdict = ASIDE;
    switch (verdict) {
    case FINE:
        break;
    case LOST:
        return recover(cycle, chunk, cause, result);
    case AGAIN:
        cycle_connection_rest(&cycle->link, result->tries++);
        return true;
    case BUSY:
        note(result, CYCLE_BUSY, cause->kind, cause);
        break;
    case TOO_LONG:
        split(cycle, chunk, cause, result);
        break;
    case CANCELLED:
        result->tries++;
        yield(cycle, chunk, cause, false, result);
        break;
    case ASIDE:
        quarantined(cycle, chunk, cause, result);
        break;
    case STOP:
        stop(result, cause);
        break;
    }
    return false;
}

/* Whether the chunk was not ended by its own transaction, and yet nobody has died of it, or that
 * has been counted: a worker that can still tell the ledger lives. */
static bool is_innocent(const struct cycle *cycle, const struct cycle_result *result)
{
    switch ((enum cycle_outcome)result->outcome) {
    case CYCLE_BUSY:
    case CYCLE_CANCELLED:
    case CYCLE_SUSPECT:
    case CYCLE_SKIPPED:
        return is_linked(cycle);
    case CYCLE_STOPPED: /* a session that was lost and lost again may be the chunk's doing */
        return is_linked(cycle) && result->error_kind != ERROR_CONNECTION;
    default:
        return false;
    }
}

/* What is innocent is given back; the parts of a split are read. */
static void conclude(struct cycle *cycle, const struct chunk *chunk, struct cycle_result *result,
                     struct text *parts)
{
    struct error err = ERROR_INIT;

    if (result->outcome == CYCLE_SPLIT && split_parts(&cycle->executor, chunk, parts, &err) != 0) {
        log_warning("the parts of chunk %" PRId64 " are left to the next attempt: %s", chunk->id,
                    err.text);
        text_clear(parts);
    }
    if (is_innocent(cycle, result))
        transaction_give_back(&cycle->executor, chunk, &err);
}

static void begin_result(const struct cycle *cycle, const struct chunk *chunk, int64_t start_ns,
                         struct cycle_result *result)
{
    memset(result, 0, sizeof *result);
    result->chunk_id = chunk->id;
    result->worker = cycle->executor.worker;
    result->rows_planned = chunk->rows;
    result->begin_ns = clock_now_ns() - start_ns;
}

void cycle_mark_ahead(struct cycle *cycle, const struct chunk *chunk, int64_t start_ns)
{
    struct cycle_result begun;

    if (!work_has_flag(cycle->executor.work))
        return;
    begin_result(cycle, chunk, start_ns, &begun);
    marked_ahead_mark(&cycle->ahead, &cycle->executor, chunk, &begun);
}

void cycle_run(struct cycle *cycle, const struct chunk *chunk, int64_t start_ns,
               struct cycle_result *result, struct text *parts)
{
    struct error err = ERROR_INIT;
    struct claim marked;
    struct pipeline pipeline;

    text_clear(parts);
    begin_result(cycle, chunk, start_ns, result);
    bool is_marked = marked_ahead_take(&cycle->ahead, &cycle->executor, chunk->id, &marked, result);
    bool is_sent = marked_ahead_send(&cycle->ahead, &cycle->executor, chunk,
                                     is_marked ? &marked : NULL, &pipeline);
    while (transaction_cycle(&cycle->executor, chunk, is_marked ? &marked : NULL,
                             is_sent ? &pipeline : NULL, result, &err) != 0 &&
           try_again(cycle, chunk, &err, result)) {
        error_clear(&err);
        is_marked = is_sent = false;
    }
    conclude(cycle, chunk, result, parts);
    result->end_ns = clock_now_ns() - start_ns;
}
