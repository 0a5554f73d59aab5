/* The manager's pump: what dispatch decides, carried out: the first wave scattered, results taken
 * in, next chunks sent, heartbeats, signals, the end of the Slurm job, progress. With one rank it
 * does the cycles itself, between polls. */
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

struct manager_job {
    const struct comm *comm;
    struct lease *lease;
    struct attempt *attempt; /* its plan may still be growing (planning.h) */
    struct chunk_pool *pool; /* grows by the plan, and by the parts of split chunks */
    int workers;
    int64_t max_chunks;            /* 0: no limit */
    int64_t only_chunk;            /* 0: all of pool; -1: none, as when planning failed */
    double share;                  /* of pool, evenly spaced; 0: all */
    struct rank_stats *rank_stats; /* rank 0's own: used when it is alone */
};

struct manager_outcome {
    struct error
        stop; /* why it ended before the chunks did; NONE: it did not, or was asked to (drained) */
    bool has_too_many_failures;
    bool is_plain; /* no chunk was tried again, put back or half done by somebody else, so what the
                      workers marked, updated and released must add up */
    int64_t work_ns;
};

/* manager_run(job, outcome, err): collective with worker_run. When it returns 0 every worker has
 * left and no message is outstanding; nothing was written to the ledger but heartbeats. Errors:
 * INTERRUPTED: this rank was told to leave at once. */
int manager_run(const struct manager_job *job, struct manager_outcome *outcome, struct error *err);

#endif
