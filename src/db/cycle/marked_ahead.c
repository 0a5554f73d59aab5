/* A table of a few places. What the ledger says at T2 decides, never what stands here. */
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
static struct ahead *find(struct cycle_ahead *ahead, int64_t chunk_id)
{
    for (int i = 0; i < CYCLE_AHEAD_MAX; i++)
        if (ahead->chunks[i].result.chunk_id == chunk_id)
            return &ahead->chunks[i];
    return NULL;
}

static void failed(struct ahead *place, struct steps *steps, const struct error *err)
{
    place->marked = (struct claim){0};
    place->result.tries = 1; /* the transaction is tried again by the cycle */
    log_debug("chunk %" PRId64 " is not marked ahead: %s (SQLSTATE %s)", place->result.chunk_id, err->text,
              err->sqlstate);
    if (link_is_up(steps))
        connection_rollback(steps->connection);
}

/* By itself. */
static void send_waiting(struct cycle_ahead *ahead, struct steps *steps)
{
    const struct chunk *chunk = ahead->waiting;
    struct error err = ERROR_INIT;

    ahead->waiting = NULL;
    if (chunk == NULL)
        return;
    struct ahead *place = find(ahead, chunk->id);
    if (!link_is_up(steps))
        error_set(&err, ERROR_CONNECTION, "the connection is gone");
    if (err.kind != ERROR_NONE || steps_mark(steps, chunk, &place->marked, &place->result, &err) != 0)
        failed(place, steps, &err);
}

void ahead_mark(struct cycle_ahead *ahead, struct steps *steps, const struct chunk *chunk,
                const struct cycle_result *begun)
{
    struct ahead *place = find(ahead, 0);

    if (place == NULL || find(ahead, chunk->id) != NULL)
        return;
    send_waiting(ahead, steps);
    place->result = *begun;
    ahead->waiting = chunk;
}

bool ahead_take(struct cycle_ahead *ahead, struct steps *steps, int64_t chunk_id, struct claim *marked,
                struct cycle_result *result)
{
    struct ahead *place = find(ahead, chunk_id);

    if (place == NULL)
        return false;
    if (ahead->waiting != NULL && ahead->waiting->id == chunk_id)
        send_waiting(ahead, steps);
    bool is_marked = place->marked.state[0] != '\0';
    *marked = place->marked;
    if (is_marked)
        *result = place->result;
    result->tries = place->result.tries;
    *place = (struct ahead){0};
    return is_marked;
}

/* The waiting chunk's T1 has been sent: its answers. False: it has failed, and with it all that was sent. */
static bool is_answered(struct ahead *place, struct steps *steps, const struct chunk *chunk,
                        struct batch *batch, struct error *err)
{
    struct claim *marked = &place->marked;

    if (steps_mark_take(steps, batch, marked, err) != 0)
        return false;
    if (strcmp(marked->state, "planned") == 0 || claim_check(steps, chunk, marked, err) != 0)
        *marked = (struct claim){0}; /* a second pass, or its own cycle's to say */
    place->result.rows_marked = marked->own_rows;
    return true;
}

bool ahead_send(struct cycle_ahead *ahead, struct steps *steps, const struct chunk *chunk,
                const struct claim *marked, struct batch *batch)
{
    const struct chunk *waiting = ahead->waiting;
    struct error err = ERROR_INIT;
    int64_t began_ns = clock_now_ns();

    if (waiting == NULL || marked == NULL || strcmp(marked->state, "marked") != 0) {
        send_waiting(ahead, steps);
        return false;
    }
    struct ahead *place = find(ahead, waiting->id);
    ahead->waiting = NULL;
    if (!link_is_up(steps))
        return false;
    hook_at("before_mark");
    batch_begin(batch, steps->connection);
    steps_mark_add(steps, batch, waiting);
    steps_update_add(steps, batch, chunk, marked);
    if (batch_send(batch, &err) != 0 || !is_answered(place, steps, waiting, batch, &err)) {
        failed(place, steps, &err);
        return false;
    }
    hook_at("mark_committed");
    place->result.mark_ns += clock_now_ns() - began_ns;
    return true;
}

bool ahead_forget(struct cycle_ahead *ahead)
{
    bool has_any = false;

    for (int i = 0; i < CYCLE_AHEAD_MAX; i++)
        has_any = has_any || ahead->chunks[i].result.chunk_id != 0;
    *ahead = (struct cycle_ahead){0};
    return has_any;
}
