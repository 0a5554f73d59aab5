/* Where and with what a sweep is made: the blocks at the top of its results, and the facts that
 * identify the sweep. */
#ifndef CHUNKMILL_RUN_BENCH_BENCH_ENVIRONMENT_H
#define CHUNKMILL_RUN_BENCH_BENCH_ENVIRONMENT_H

#include <stdint.h>

#include "core/bench/bench_results.h"
#include "core/report/report.h"
#include "db/ledger/session.h"
#include "run/bench/bench.h"

struct bench_environment {
    const struct bench_options *options;
    struct session *session;           /* the job as it is without a cell */
    const char *reset;                 /* the file's text; NULL: none */
    const struct report_place *places; /* [ranks] */
    int ranks;
    int64_t rows_in_scope;
};

/* bench_environment_sweep(facts, results): results->sweep: the job, the server, the program, the
 * axes, and all else that a repetition's figures come from. */
void bench_environment_sweep(const struct bench_environment *facts, struct bench_results *results);

/* bench_environment_read(facts, results, err): results->environment and ->settings. */
int bench_environment_read(const struct bench_environment *facts, struct bench_results *results,
                           struct error *err);

/* bench_environment_cells(facts, plan, out, err): the matrix, and about how long it takes: by the
 * rate of the job's last run, and without one by an assumed rate. Reads no row of the table. */
int bench_environment_cells(const struct bench_environment *facts, const struct bench_plan *plan,
                            struct text *out, struct error *err);

#endif
