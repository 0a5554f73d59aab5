/* Rank 0's part of `bench`: checks what is asked for, makes repetition after repetition, and
 * writes the results. */
#ifndef CHUNKMILL_RUN_BENCH_BENCH_SWEEP_H
#define CHUNKMILL_RUN_BENCH_BENCH_SWEEP_H

#include "base/error.h"
#include "core/report/report.h"
#include "run/bench/bench.h"
#include "run/mpi/comm.h"

/* bench_sweep(options, world, places, status, err): *status is the exit status of a sweep that came
 * to its end, or was stopped by a run that can't go on (whose reason is logged). Errors: CONFIG,
 * REFUSED: nothing was done; INTERRUPTED: the state file has what was measured; CONNECTION and what
 * the server says. Whenever it returns, the other ranks wait for a comm_number. */
int bench_sweep(const struct bench_options *options, const struct comm *world,
                const struct report_place *places, int *status, struct error *err);

#endif
