/* One attempt at a run, from MPI_Init to MPI_Finalize. The command `run` calls it. */
#ifndef CHUNKMILL_RUN_LAUNCH_LAUNCH_H
#define CHUNKMILL_RUN_LAUNCH_LAUNCH_H

#include "run/attempt/attempt.h"

/* launch_run(options, argc, argv): collective: every rank calls it once. Returns the exit status,
 * the same on all ranks. Rank 0 alone reads the job file and talks to the person. */
int launch_run(const struct attempt_options *options, int *argc, char ***argv);

#endif
