/* One repetition: resets the table, makes a ledger of its own, runs the job in a communicator,
 * and counts in the table what it did. */
#ifndef CHUNKMILL_RUN_BENCH_BENCH_TRIAL_H
#define CHUNKMILL_RUN_BENCH_BENCH_TRIAL_H

#include <stdint.h>

#include "base/error.h"
#include "core/bench/bench_gate.h"
#include "core/bench/bench_results.h"
#include "run/bench/bench.h"
#include "run/mpi/comm.h"

struct bench_trial {
    const struct bench_options *options;
    const struct comm *world;
    const struct bench_cell *cell;
    const char *label;
    const char *reset; /* the file's text; NULL: none */
    struct bench_expected expected;
};

enum { BENCH_SETS_MAX = 80 };

/* The --set of one cell: the person's, then the sweep's. */
struct bench_sets {
    const char *values[BENCH_SETS_MAX];
    int count;
    char *own[BENCH_AXES]; /* to be freed */
    int own_count;
};
/* cell NULL: the ledger's schema alone is the sweep's. */
void bench_trial_sets_init(struct bench_sets *sets, const struct bench_options *options,
                           const struct bench_cell *cell);
void bench_trial_sets_clear(struct bench_sets *sets);

/* bench_trial_lead(trial, repetition, status, err): rank 0. *status is the run's: where it left a
 * report the repetition is measured, good or not. Errors: what the server says around the run; then
 * the other ranks still wait for a comm_number. */
int bench_trial_lead(const struct bench_trial *trial, struct bench_repetition *repetition,
                     int *status, struct error *err);

/* bench_trial_follow(world, ranks, err): the other ranks, once rank 0 has told them how many take
 * part. */
int bench_trial_follow(const struct comm *world, int ranks, struct error *err);

#endif
