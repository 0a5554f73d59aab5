/* Decides what a worker's result means for the other workers. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/log.h"
#include "core/protocol/message.h"
#include "core/protocol/retry.h"
#include "run/work/manager_results.h"

enum { SPLITS_TOLD = 10 };

/* A worker that can't go on: others may, unless its reason is everybody's. */
static void take_stopped(struct manager *m, int worker, const struct cycle_result *result)
{
    enum error_kind kind = (enum error_kind)result->error_kind;
    bool is_its_own =
        kind == ERROR_CONNECTION ||
        (result->sqlstate[0] != '\0' && retry_action(result->sqlstate, false) == RETRY_FEWER);

    dispatch_lost(m->dispatch, worker);
    manager_state_stop_worker(m, worker);
    if (is_its_own) {
        log_warning("worker %d is gone, its chunks go to the others: %s",
                    manager_state_rank_of(m, worker), result->error);
        return;
    }
    manager_state_stop_run(m, kind == ERROR_SERVER ? ERROR_FATAL : kind, result->sqlstate,
                           result->error);
}

/* Sessions were ended: one line an act, for with 64 workers one command ends 64. */
static void take_ended(struct manager *m, int worker, const struct cycle_result *result,
                       int64_t now_ns)
{
    int acts = throttle_ended(&m->throttle, now_ns);

    if (acts == 0)
        return;
    log_warning(
        "somebody has ended the session of worker %d, and maybe others, while the server goes on; "
        "what was in flight is tried again",
        manager_state_rank_of(m, worker));
    if (acts >= 3)
        manager_state_stop_run(
            m, ERROR_INTERRUPTED, result->sqlstate,
            "an administrator has ended sessions of ours three times within five minutes: "
            "draining; try the same command again when the server may be used");
}

/* Half of the workers only: those that are not cancelled would go on with what lies in their
 * queues. */
static void call_back(struct manager *m)
{
    for (int worker = 0; m->local == NULL && worker < m->attempt->workers; worker++)
        if (!m->is_stopped[worker])
            mail_send(m->mail, manager_state_rank_of(m, worker), MAIL_RETURN, NULL);
}

/* A person has cancelled a statement of a worker, or ended its session. */
static void take_cancelled(struct manager *m, int worker, const struct cycle_result *result)
{
    int64_t now_ns = clock_now_ns();

    if (result->is_ended != 0) {
        take_ended(m, worker, result, now_ns);
    } else if (throttle_cancelled(&m->throttle, now_ns)) {
        log_warning(
            "a statement of worker %d was cancelled by somebody; going on with half of the workers "
            "for a minute (%d of %d)",
            manager_state_rank_of(m, worker), throttle_active(&m->throttle, now_ns),
            m->attempt->workers);
        call_back(m);
    }
}

/* The first ones are told one by one; the report has their number. */
static void say_split(struct manager *m, int64_t chunk_id, int parts)
{
    m->splits++;
    if (m->splits > SPLITS_TOLD) {
        log_debug("chunk %" PRId64 " ran into its statement_timeout: split into %s", chunk_id,
                  human_count(parts, "part").text);
        return;
    }
    log_info("chunk %" PRId64 " ran into its statement_timeout: split into %s", chunk_id,
             human_count(parts, "part").text);
    if (m->splits == SPLITS_TOLD)
        log_warning(
            "many chunks run into their statement_timeout, further ones are not told one by one; "
            "try "
            "a smaller chunk.target_rows or a larger connection.statement_timeout_ms next time");
}

/* The parts of a split chunk, unless they are known: another worker may have told of them. */
static int take_parts(struct manager *m, const struct cycle_result *result,
                      const struct text *parts, size_t at, struct error *err)
{
    int rc = 0, count = 0;

    while (rc == 0 && at < parts->bytes) {
        struct chunk_store_entry entry = {0};
        if (message_unpack_chunk(parts->data, parts->bytes, &at, &entry.chunk, err) != 0)
            return -1;
        if (chunk_pool_find(m->attempt->pool, entry.chunk.id) == NULL) {
            rc = chunk_pool_add(m->attempt->pool, &entry, err);
            dispatch_add_part(m->dispatch, result->chunk_id, entry.chunk.id, entry.chunk.rows);
            count++;
        }
        chunk_clear(&entry.chunk);
    }
    if (count > 0)
        say_split(m, result->chunk_id, count);
    return rc;
}

static void say_result(const struct manager *m, int worker, const struct cycle_result *result)
{
    if (result->outcome == CYCLE_FAILED)
        log_warning("chunk %" PRId64 " is quarantined: %s (SQLSTATE %s)", result->chunk_id,
                    result->error, result->sqlstate);
    else if (result->outcome == CYCLE_SUSPECT)
        log_warning("chunk %" PRId64
                    ": the session of worker %d has died with it once too often; it is tried once "
                    "more when nothing else is at work",
                    result->chunk_id, manager_state_rank_of(m, worker));
}

static bool is_plain(const struct cycle_result *result)
{
    return result->tries == 0 &&
           (result->outcome == CYCLE_DONE || result->outcome == CYCLE_SKIPPED ||
            result->outcome == CYCLE_FAILED);
}

int manager_results_take(struct manager *m, int worker, const struct cycle_result *result,
                         const struct text *parts, size_t at, struct error *err)
{
    m->outcome->is_plain = m->outcome->is_plain && is_plain(result);
    dispatch_done(m->dispatch, worker, result, clock_now_ns());
    say_result(m, worker, result);
    if (result->outcome == CYCLE_STOPPED)
        take_stopped(m, worker, result);
    if (result->outcome == CYCLE_CANCELLED)
        take_cancelled(m, worker, result);
    if (result->outcome == CYCLE_DONE) {
        m->chunk_ns += result->end_ns - result->begin_ns;
        m->chunks++;
    }
    return result->outcome == CYCLE_SPLIT ? take_parts(m, result, parts, at, err) : 0;
}
