/* A table of a few places. What the ledger says at T2 decides, never what stands here. */
#include "db/cycle_ahead.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/log.h"
#include "db/cycle_link.h"
#include "db/cycle_steps.h"

/* chunk_id 0: a free place. */
static struct ahead *find(struct cycle_ahead *ahead, int64_t chunk_id)
{
    for (int i = 0; i < CYCLE_AHEAD_MAX; i++)
        if (ahead->chunks[i].result.chunk_id == chunk_id)
            return &ahead->chunks[i];
    return NULL;
}

void ahead_mark(struct cycle_ahead *ahead, struct steps *steps, const struct chunk *chunk,
                const struct cycle_result *begun)
{
    struct error err = ERROR_INIT;
    struct ahead *place = find(ahead, 0);

    if (place == NULL || find(ahead, chunk->id) != NULL)
        return;
    place->result = *begun;
    if (link_is_up(steps) && steps_mark(steps, chunk, &place->marked, &place->result, &err) == 0)
        return;
    place->marked = (struct claim){0};
    place->result.tries = 1; /* the transaction is tried again by the cycle */
    log_debug("chunk %" PRId64 " is not marked ahead: %s (SQLSTATE %s)", chunk->id, err.text, err.sqlstate);
    if (link_is_up(steps))
        connection_rollback(steps->connection);
}

bool ahead_take(struct cycle_ahead *ahead, int64_t chunk_id, struct claim *marked,
                struct cycle_result *result)
{
    struct ahead *place = find(ahead, chunk_id);

    if (place == NULL)
        return false;
    bool is_marked = place->marked.state[0] != '\0';
    *marked = place->marked;
    if (is_marked)
        *result = place->result;
    result->tries = place->result.tries;
    *place = (struct ahead){0};
    return is_marked;
}

bool ahead_forget(struct cycle_ahead *ahead)
{
    bool has_any = false;

    for (int i = 0; i < CYCLE_AHEAD_MAX; i++)
        has_any = has_any || ahead->chunks[i].result.chunk_id != 0;
    *ahead = (struct cycle_ahead){0};
    return has_any;
}
