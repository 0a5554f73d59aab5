/* The manager's loop, which carries out what the dispatcher decides: scatters the first wave,
 * takes in results, sends the next chunks, plans, sends heartbeats, obeys signals and the end of
 * the Slurm job, and shows progress. With one rank it does the cycles itself, between polls. */
#ifndef CHUNKMILL_RUN_WORK_MANAGER_H
#define CHUNKMILL_RUN_WORK_MANAGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "run/attempt/attempt.h"
#include "run/attempt/chunk_pool.h"
#include "run/attempt/lease.h"
#include "run/mpi/comm.h"
#include "run/work/rank_stats.h"

struct manager_outcome {
    struct error
        stop; /* why it ended before the chunks did; NONE: it did not, or was asked to (drained) */
    bool has_too_many_failures;
    bool is_plain; /* no chunk was tried again, put back or half done by a former attempt, so what
                      the workers marked, updated and released must add up */
    int64_t work_ns;
};

/* manager_run(comm, attempt, rank_stats, outcome, err): hands out the attempt's open chunks, and
 * those that its plan still brings; rank_stats are rank 0's own, which count where it is the only
 * rank. Collective with worker_run. When it returns 0 every worker has left and no message is
 * outstanding; nothing was written to the ledger but heartbeats and the plan. Errors: INTERRUPTED:
 * this rank was told to leave at once. */
int manager_run(const struct comm *comm, struct attempt *attempt, struct rank_stats *rank_stats,
                struct manager_outcome *outcome, struct error *err);

#endif
