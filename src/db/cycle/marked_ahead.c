/* A small table. It is only a hint: T2 goes by the ledger. */
#include "db/cycle/marked_ahead.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "db/cycle/cycle_connection.h"
#include "db/cycle/transaction.h"

/* chunk_id 0: a free place. */
static struct marked_chunk *find(struct marked_ahead *ahead, int64_t chunk_id)
{
    for (int i = 0; i < CYCLE_AHEAD_MAX; i++)
        if (ahead->chunks[i].result.chunk_id == chunk_id)
            return &ahead->chunks[i];
    return NULL;
}

static void failed(struct marked_chunk *place, struct executor *executor, const struct error *err)
{
    place->marked = (struct claim){0};
    place->result.tries = 1; /* the transaction is tried again by the cycle */
    log_debug("chunk %" PRId64 " is not marked ahead: %s (SQLSTATE %s)", place->result.chunk_id,
              err->text, err->sqlstate);
    if (cycle_connection_is_up(executor))
        connection_rollback(executor->connection);
}

/* By itself. */
static void send_waiting(struct marked_ahead *ahead, struct executor *executor)
{
    const struct chunk *chunk = ahead->waiting;
    struct error err = ERROR_INIT;

    ahead->waiting = NULL;
    if (chunk == NULL)
        return;
    struct marked_chunk *place = find(ahead, chunk->id);
    if (!cycle_connection_is_up(executor))
        error_set(&err, ERROR_CONNECTION, "the connection is gone");
    if (err.kind != ERROR_NONE ||
        transaction_mark(executor, chunk, &place->marked, &place->result, &err) != 0)
        failed(place, executor, &err);
}

void marked_ahead_mark(struct marked_ahead *ahead, struct executor *executor,
                       const struct chunk *chunk, const struct cycle_result *begun)
{
    struct marked_chunk *place = find(ahead, 0);

    if (place == NULL || find(ahead, chunk->id) != NULL)
        return;
    send_waiting(ahead, executor);
    place->result = *begun;
    ahead->waiting = chunk;
}

bool marked_ahead_take(struct marked_ahead *ahead, struct executor *executor, int64_t chunk_id,
                       struct claim *marked, struct cycle_result *result)
{
    struct marked_chunk *place = find(ahead, chunk_id);

    if (place == NULL)
        return false;
    if (ahead->waiting != NULL && ahead->waiting->id == chunk_id)
        send_waiting(ahead, executor);
    bool is_marked = place->marked.state != CHUNK_STATE_ABSENT;
    *marked = place->marked;
    if (is_marked)
        *result = place->result;
    result->tries = place->result.tries;
    *place = (struct marked_chunk){0};
    return is_marked;
}

/* The waiting chunk's T1 has been sent: its answers. False: it has failed, and with it all that was
 * sent. */
static bool is_answered(struct marked_chunk *place, struct executor *executor,
                        const struct chunk *chunk, struct pipeline *pipeline, struct error *err)
{
    struct claim *marked = &place->marked;

    if (transaction_mark_take(executor, pipeline, chunk, marked, err) != 0)
        return false;
    if (marked->state == CHUNK_STATE_PLANNED || claim_check(executor, chunk, marked, err) != 0)
        *marked = (struct claim){0}; /* a second pass, or its own cycle's to say */
    place->result.rows_marked = marked->own_rows;
    return true;
}

bool marked_ahead_send(struct marked_ahead *ahead, struct executor *executor,
                       const struct chunk *chunk, const struct claim *marked,
                       struct pipeline *pipeline)
{
    const struct chunk *waiting = ahead->waiting;
    struct error err = ERROR_INIT;
    int64_t began_ns = clock_now_ns();

    if (waiting == NULL || marked == NULL || marked->state != CHUNK_STATE_MARKED) {
        send_waiting(ahead, executor);
        return false;
    }
    struct marked_chunk *place = find(ahead, waiting->id);
    ahead->waiting = NULL;
    if (!cycle_connection_is_up(executor))
        return false;
    failpoint_at("before_mark");
    pipeline_begin(pipeline, executor->connection);
    transaction_mark_add(executor, pipeline, waiting);
    transaction_update_add(executor, pipeline, chunk, marked);
    if (pipeline_send(pipeline, &err) != 0 ||
        !is_answered(place, executor, waiting, pipeline, &err)) {
        failed(place, executor, &err);
        return false;
    }
    failpoint_at("mark_committed");
    place->result.mark_ns += clock_now_ns() - began_ns;
    return true;
}

bool marked_ahead_forget(struct marked_ahead *ahead)
{
    bool has_any = false;

    for (int i = 0; i < CYCLE_AHEAD_MAX; i++)
        has_any = has_any || ahead->chunks[i].result.chunk_id != 0;
    *ahead = (struct marked_ahead){0};
    return has_any;
}
