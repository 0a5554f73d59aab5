/* A worker: one connection and a queue of chunks. It does one cycle after the other and sends
 * each result to the manager. It decides nothing. It is never in a blocking MPI call; inside
 * libpq it sleeps in poll(). */
#ifndef CHUNKMILL_RUN_WORK_WORKER_H
#define CHUNKMILL_RUN_WORK_WORKER_H

#include <stdint.h>

#include "base/error.h"
#include "core/protocol/work.h"
#include "run/mpi/comm.h"
#include "run/work/rank_stats.h"

/* worker_run(comm, work, workers, rank_stats, err): does a worker's part from the broadcast of work
 * to its last message: connects, takes its portion of the first wave (collective: ranks beyond
 * `workers` do only this, and need no connection), then works until it is stopped. Errors:
 * INTERRUPTED: the connection is closed, the manager was not told. All other errors are sent to the
 * manager as a STOPPED result.
 */
int worker_run(const struct comm *comm, const struct work *work, int workers,
               struct rank_stats *rank_stats, struct error *err);

/* worker_stopped(result, rank, chunk_id, err): the result of a worker that can't go on. */
void worker_stopped(struct cycle_result *result, int rank, int64_t chunk_id,
                    const struct error *err);

#endif
