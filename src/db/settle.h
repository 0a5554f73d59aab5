/* What T2 does with the rows that T1 has marked: updated by the job, released where the update left them,
 * counted where they are gone or were never ours (PROTOCOL, section "The cycle"). */
#ifndef CHUNKMILL_DB_SETTLE_H
#define CHUNKMILL_DB_SETTLE_H

#include <stdint.h>

#include "base/error.h"
#include "core/chunk.h"
#include "db/cycle_send.h"
#include "db/cycle_steps.h"

/* The rows of one pass. */
struct settled {
    int64_t updated, released, lost;
    int64_t others; /* in the tile, and not ours */
};

/* settle_marked(steps, chunk, claimed, settled, err): in the transaction that has claimed the chunk as
 * marked; *settled starts zeroed. Errors as the server's. */
int settle_marked(struct steps *steps, const struct chunk *chunk, const struct steps_claim *claimed,
                  struct settled *settled, struct error *err);

#endif
