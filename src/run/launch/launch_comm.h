/* One attempt by the ranks of a team, which may be some of all: what `run` does once, and `bench` again and
 * again. Between MPI_Init and MPI_Finalize, with the signals open. */
#ifndef CHUNKMILL_RUN_LAUNCH_LAUNCH_TEAM_H
#define CHUNKMILL_RUN_LAUNCH_LAUNCH_TEAM_H

#include <stdint.h>

#include "base/error.h"
#include "run/mpi/comm.h"
#include "run/launch/launch.h"

/* Collective: the team's rank 0 calls launch_lead, the others launch_follow. */

/* launch_lead(team, options, start_ns): returns the exit status; what went wrong was logged. start_ns: since
 * when the total counts. When this rank is told to leave (SIGTERM, SIGINT) the process ends in here. */
int launch_lead(const struct collect *team, const struct launch_options *options, int64_t start_ns);

/* launch_follow(team, err): a worker's part. Errors: INTERRUPTED: this rank was told to leave; anything else:
 * the ranks are not of one mind any more. */
int launch_follow(const struct collect *team, struct error *err);

#endif
