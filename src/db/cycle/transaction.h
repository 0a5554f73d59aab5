/* The transactions of a cycle, each tried once: cycle.c decides what an error means, retries and
 * reconnects. On -1 the caller rolls back; the error is LIVE when the fence refuses, otherwise
 * the server's. */
#ifndef CHUNKMILL_DB_CYCLE_TRANSACTION_H
#define CHUNKMILL_DB_CYCLE_TRANSACTION_H

#include "base/error.h"
#include "core/plan/chunk.h"
#include "core/protocol/cycle_result.h"
#include "db/cycle/claim.h"
#include "db/cycle/executor.h"

/* transaction_mark(executor, chunk, claimed, result, err): records the chunk as in flight and does
 * T1, if the ledger has it as planned. Only with a flag. *claimed is the chunk's state after it,
 * for T2. One round trip, two in a second pass. */
int transaction_mark(struct executor *executor, const struct chunk *chunk, struct claim *claimed,
                     struct cycle_result *result, struct error *err);

/* The same in a pipeline of the caller: _add queues it, _take reads its answers. Only of a first
 * pass; in a second one *claimed stays planned. -1: the pipeline is over. */
void transaction_mark_add(struct executor *executor, struct pipeline *pipeline,
                          const struct chunk *chunk);
int transaction_mark_take(struct executor *executor, struct pipeline *pipeline,
                          const struct chunk *chunk, struct claim *claimed, struct error *err);

/* transaction_update_add(executor, pipeline, chunk, marked): queues T2 up to the point where its
 * sums are checked.
 */
void transaction_update_add(struct executor *executor, struct pipeline *pipeline,
                            const struct chunk *chunk, const struct claim *marked);

/* transaction_cycle(executor, chunk, marked, sent, result, err): records the chunk as in flight,
 * and does the transactions that it needs in the state that the ledger has it in. marked: the state
 * that an earlier T1 left, so that only T2 is missing; NULL: there was none. sent: a pipeline in
 * which transaction_update_add has been sent, and is the next to be answered; or NULL. 0:
 * result->outcome is DONE, SKIPPED, SPLIT (it was before) or PUT_BACK, and the counts and times are
 * filled. result->tries goes into the ledger. T2, and all of it without a flag, are two round trips
 * (DESIGN.md, "Round trips"). */
int transaction_cycle(struct executor *executor, const struct chunk *chunk,
                      const struct claim *marked, struct pipeline *sent,
                      struct cycle_result *result, struct error *err);

/* transaction_fail(executor, chunk, cause, result, err): quarantines the chunk with its error, its
 * marks released, in one transaction. 0: result->outcome is FAILED. */
int transaction_fail(struct executor *executor, const struct chunk *chunk,
                     const struct error *cause, struct cycle_result *result, struct error *err);

/* Each a statement of its own, outside of a transaction. give_back: the chunk (NULL: all chunks of
 * this worker) is no longer in flight, and counts no crash. count_try: counts one more try.
 * count_crash: counts one more crash; *crashes: how many there are now.
 */
int transaction_give_back(struct executor *executor, const struct chunk *chunk, struct error *err);
int transaction_count_try(struct executor *executor, const struct chunk *chunk, struct error *err);
int transaction_count_crash(struct executor *executor, const struct chunk *chunk, int *crashes,
                            struct error *err);

/* transaction_unmark(executor, chunk, freed, err): frees a marked chunk's marks by id and sets it
 * to planned, in one transaction; only chunk->id is read. */
int transaction_unmark(struct executor *executor, const struct chunk *chunk, int64_t *freed,
                       struct error *err);

#endif
