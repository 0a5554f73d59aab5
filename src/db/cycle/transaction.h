/* The transactions of a cycle, one try each: no retry and no reconnection here. cycle.c decides what an error
 * means. On -1 the caller rolls back; LIVE when fenced, else as the server said. */
#ifndef CHUNKMILL_DB_CYCLE_TRANSACTION_H
#define CHUNKMILL_DB_CYCLE_TRANSACTION_H

#include "base/error.h"
#include "core/plan/chunk.h"
#include "core/protocol/cycle_result.h"
#include "db/cycle/claim.h"
#include "db/cycle/executor.h"

/* steps_mark(steps, chunk, claimed, result, err): takes the chunk in hand and does T1, where the ledger has
 * it planned. Only with a flag. *claimed: what the chunk is by then, for its T2. One round trip, two in a
 * second pass. */
int steps_mark(struct steps *steps, const struct chunk *chunk, struct claim *claimed,
               struct cycle_result *result, struct error *err);

/* The same in a batch of the caller's: queued, and its answers; of a first pass only (else *claimed says
 * planned). -1: the batch is over. */
void steps_mark_add(struct steps *steps, struct batch *batch, const struct chunk *chunk);
int steps_mark_take(struct steps *steps, struct batch *batch, struct claim *claimed, struct error *err);

/* steps_update_add(steps, batch, chunk, marked): T2 up to where its sums are looked at, queued. */
void steps_update_add(struct steps *steps, struct batch *batch, const struct chunk *chunk,
                      const struct claim *marked);

/* steps_cycle(steps, chunk, marked, sent, result, err): takes the chunk in hand, and does its transactions,
 * from whatever state the ledger has it in; marked: what T1 has made of it before, T2 is to come; NULL: it
 * has not. sent: a batch in which steps_update_add has been sent, and is the next to be answered; or NULL. 0:
 * result->outcome is DONE, SKIPPED, SPLIT (it was before) or PUT_BACK, and the counts and times are filled.
 * result->tries goes into the ledger. T2, and all of it without a flag, are two round trips (DESIGN.md,
 * "Round trips"). */
int steps_cycle(struct steps *steps, const struct chunk *chunk, const struct claim *marked,
                struct batch *sent, struct cycle_result *result, struct error *err);

/* steps_fail(steps, chunk, cause, result, err): sets the chunk aside with its error, its marks released, in
 * one transaction. 0: result->outcome is FAILED. */
int steps_fail(struct steps *steps, const struct chunk *chunk, const struct error *cause,
               struct cycle_result *result, struct error *err);

/* Each a statement of its own, outside of a transaction. give_back: the chunk (NULL: all that this worker has
 * in hand) is innocent. count_try: one more. count_crash: one more; *crashes: by now. */
int steps_give_back(struct steps *steps, const struct chunk *chunk, struct error *err);
int steps_count_try(struct steps *steps, const struct chunk *chunk, struct error *err);
int steps_count_crash(struct steps *steps, const struct chunk *chunk, int *crashes, struct error *err);

/* steps_unmark(steps, chunk, freed, err): frees a marked chunk's marks by id and sets it to planned, in one
 * transaction; only chunk->id is read. */
int steps_unmark(struct steps *steps, const struct chunk *chunk, int64_t *freed, struct error *err);

#endif
