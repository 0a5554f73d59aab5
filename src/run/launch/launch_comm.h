/* One attempt by the ranks of a communicator, which may be some of all ranks. `run` makes one,
 * `bench` many. Between MPI_Init and MPI_Finalize, with the signal handlers installed. */
#ifndef CHUNKMILL_RUN_LAUNCH_LAUNCH_COMM_H
#define CHUNKMILL_RUN_LAUNCH_LAUNCH_COMM_H

#include <stdint.h>

#include "base/error.h"
#include "run/launch/launch.h"
#include "run/mpi/comm.h"

/* Collective: the comm's rank 0 calls launch_lead, the others launch_follow. */

/* launch_lead(comm, options, start_ns): returns the exit status; what went wrong was logged.
 * start_ns: since when the total counts. When this rank is told to leave (SIGTERM, SIGINT) the
 * process ends in here. */
int launch_lead(const struct comm *comm, const struct attempt_options *options, int64_t start_ns);

/* launch_follow(comm, err): a worker's part. Errors: INTERRUPTED: this rank was told to leave;
 * anything else: the ranks are not of one mind any more. */
int launch_follow(const struct comm *comm, struct error *err);

#endif
