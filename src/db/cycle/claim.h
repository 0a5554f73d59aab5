/* The fence and the locked read of the chunk's row, in this order, which give a transaction the
 * right to decide on a chunk. The transactions of the cycle send more statements in the same
 * pipeline; others look at the row first. */
#ifndef CHUNKMILL_DB_CYCLE_CLAIM_H
#define CHUNKMILL_DB_CYCLE_CLAIM_H

#include <stdbool.h>

#include "base/error.h"
#include "core/plan/chunk.h"
#include "core/protocol/chunk_state.h"
#include "core/protocol/cycle_result.h"
#include "db/connection/pipeline.h"
#include "db/cycle/executor.h"

/* What the ledger says of a chunk, read FOR UPDATE. */
struct claim {
    enum chunk_state state;
    int pass;
    char mark_xid[16]; /* "": none */
    int64_t own_rows;  /* marked in this pass, to be settled by T2 */
};

/* Of a chunk that is not open, because it has been ended already: SPLIT or SKIPPED. */
enum cycle_outcome claim_outcome(const struct claim *claimed);

/* claim_begin(executor, chunk, claimed, err): sends BEGIN, fence and claim alone, so that the
 * caller can look at the row first. LIVE when fenced. One round trip. */
int claim_begin(struct executor *executor, const struct chunk *chunk, struct claim *claimed,
                struct error *err);

/* claim_add(executor, pipeline, chunk, expected): fence and claim, queued behind a BEGIN. expected:
 * the server runs none of the statements behind them if the chunk is in another state, has another
 * mark_xid, or has killed a rank or session too often. NULL: any state is accepted, and the
 * statements behind must test it themselves. */
void claim_add(struct executor *executor, struct pipeline *pipeline, const struct chunk *chunk,
               const struct claim *expected);

/* claim_take(executor, pipeline, claimed, err): their answers. -1: the pipeline is over; LIVE when
 * fenced; where executor->is_refused, the chunk was not as expected. */
int claim_take(struct executor *executor, struct pipeline *pipeline, struct claim *claimed,
               struct error *err);

/* Whether the server has refused by dividing by zero, as the fences and claim_expected do. */
bool claim_is_refusal(const struct error *err);

/* claim_check(executor, chunk, claimed, err): FATAL where the chunk is not in the ledger;
 * RETRY_KILLER where ranks or sessions have died with it once too often, the last time alone. */
int claim_check(const struct executor *executor, const struct chunk *chunk,
                const struct claim *claimed, struct error *err);

#endif
