/* Splits a chunk that is too large for its statement_timeout: the parts are disjoint, together
 * cover its tile, have its state, and divide its marks between them (docs/PROTOCOL.md, "Chunks
 * tile the key space"). */
#ifndef CHUNKMILL_DB_CYCLE_SPLIT_H
#define CHUNKMILL_DB_CYCLE_SPLIT_H

#include "base/error.h"
#include "base/text.h"
#include "core/plan/chunk.h"
#include "core/protocol/cycle_result.h"
#include "db/cycle/executor.h"

/* split_chunk(executor, chunk, cause, result, err): retires the chunk and inserts its parts, in one
 * transaction. 0: result->outcome is SPLIT; SKIPPED where another worker has ended it; as it
 * was where it can't be split: of one row or none, or of one key in a job without a row id. A step
 * as those of cycle_steps.h: -1: roll back. Reads the chunk's keys. cause is not looked at. */
int split_chunk(struct executor *executor, const struct chunk *chunk, const struct error *cause,
                struct cycle_result *result, struct error *err);

/* split_parts(executor, chunk, parts, err): the open parts of a split chunk, as messages, appended.
 */
int split_parts(struct executor *executor, const struct chunk *chunk, struct text *parts,
                struct error *err);

#endif
