/* What T2 does with the rows that T1 has marked: the job's update, the release of those that it
 * left, the count of those that are gone or were never ours (docs/PROTOCOL.md, "The cycle"). */
#ifndef CHUNKMILL_DB_CYCLE_SETTLE_H
#define CHUNKMILL_DB_CYCLE_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/plan/chunk.h"
#include "db/connection/pipeline.h"
#include "db/cycle/claim.h"
#include "db/cycle/executor.h"

/* The rows of one pass. */
struct settled {
    int64_t updated, released, lost;
    int64_t others;   /* in the tile, and not ours */
    bool is_put_back; /* for a second pass */
};

/* What one scan after the update saw, and released. */
struct settle_left {
    int64_t untouched, written, others;
    int64_t flagged; /* of ours, with the flag still set */
    int64_t released;
};

/* settle_add(executor, pipeline, chunk, mark_xid): the job's update and the scan behind it, queued
 * behind the claim. */
void settle_add(struct executor *executor, struct pipeline *pipeline, const struct chunk *chunk,
                const char *mark_xid);

/* settle_take(pipeline, settled, left, err): their answers; *settled starts zeroed. */
int settle_take(struct pipeline *pipeline, struct settled *settled, struct settle_left *left,
                struct error *err);

/* settle_rest(executor, chunk, claimed, left, settled, err): behind the pipeline, in its
 * transaction: where the sums don't match, by row id. Errors as the server's. */
int settle_rest(struct executor *executor, const struct chunk *chunk, const struct claim *claimed,
                const struct settle_left *left, struct settled *settled, struct error *err);

#endif
