/* The chunks that this worker has marked before their turn, with the counts of their T1. */
#ifndef CHUNKMILL_DB_CYCLE_MARKED_AHEAD_H
#define CHUNKMILL_DB_CYCLE_MARKED_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/plan/chunk.h"
#include "core/protocol/cycle_result.h"
#include "db/connection/pipeline.h"
#include "db/cycle/claim.h"
#include "db/cycle/cycle.h"
#include "db/cycle/executor.h"

struct marked_chunk {
    struct cycle_result result; /* chunk_id 0: free */
    struct claim marked;        /* as T1 has left it; ABSENT: T1 is still to come, or has failed */
};

/* Starts zeroed. */
struct marked_ahead {
    struct marked_chunk chunks[CYCLE_AHEAD_MAX];
    const struct chunk *waiting; /* its T1 is to be sent, with what goes next; NULL: none */
};

/* marked_ahead_mark(ahead, executor, chunk, begun): plans the T1 of a chunk, once for each chunk,
 * if there is space; begun: its result so far. The next call of these functions sends it, so chunk
 * must live until then. A T1 that fails is rolled back and forgotten, except that it counts as a
 * try. */
void marked_ahead_mark(struct marked_ahead *ahead, struct executor *executor,
                       const struct chunk *chunk, const struct cycle_result *begun);

/* marked_ahead_take(ahead, executor, chunk_id, marked, result): takes it out; *result goes on from
 * what T1 has counted, *marked is what T1 has made of the chunk. Whether T1 was done. */
bool marked_ahead_take(struct marked_ahead *ahead, struct executor *executor, int64_t chunk_id,
                       struct claim *marked, struct cycle_result *result);

/* marked_ahead_send(ahead, executor, chunk, marked, pipeline): sends the T1 that is waiting; where
 * this chunk is marked (else marked is NULL) its T2 with it, as transaction_update_add. Whether T2
 * is the next in the pipeline to be answered. */
bool marked_ahead_send(struct marked_ahead *ahead, struct executor *executor,
                       const struct chunk *chunk, const struct claim *marked,
                       struct pipeline *pipeline);

/* Whether there were any. */
bool marked_ahead_forget(struct marked_ahead *ahead);

#endif
