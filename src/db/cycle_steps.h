/* The transactions of a cycle, one try each: no retry and no reconnection here. cycle.c decides what an error
 * means. */
#ifndef CHUNKMILL_DB_CYCLE_STEPS_H
#define CHUNKMILL_DB_CYCLE_STEPS_H

#include "base/error.h"
#include "core/chunk.h"
#include "core/cycle_result.h"
#include "db/cycle_send.h"

/* steps_cycle(steps, chunk, tries, result, err): the chunk's transactions, from whatever state the ledger has
 * it in. 0: result->outcome is DONE, SKIPPED or PUT_BACK, and the counts and times are filled. -1: roll back;
 * LIVE when fenced, else as the server said. */
int steps_cycle(struct steps *steps, const struct chunk *chunk, int tries, struct cycle_result *result,
                struct error *err);

/* steps_fail(steps, chunk, tries, cause, err): sets the chunk aside with its error, its marks released, in
 * one transaction. */
int steps_fail(struct steps *steps, const struct chunk *chunk, int tries, const struct error *cause,
               struct error *err);

/* steps_unmark(steps, chunk, freed, err): frees a marked chunk's marks by id and sets it to planned, in one
 * transaction; only chunk->id is read. */
int steps_unmark(struct steps *steps, const struct chunk *chunk, int64_t *freed, struct error *err);

#endif
