/* What a worker's result means for the other workers: chunks that come back, parts of a split
 * chunk, workers that are gone, a server that wants fewer sessions. Only the manager includes
 * it. */
#ifndef CHUNKMILL_RUN_WORK_MANAGER_RESULTS_H
#define CHUNKMILL_RUN_WORK_MANAGER_RESULTS_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "core/protocol/cycle_result.h"
#include "run/work/manager_state.h"

/* manager_results_take(m, worker, result, parts, at, err): what became of a chunk; the parts of a
 * split are messages in parts from byte `at` on. Errors: BUG: a damaged message. */
int manager_results_take(struct manager *m, int worker, const struct cycle_result *result,
                         const struct text *parts, size_t at, struct error *err);

#endif
