/* The sweep of `bench`: one mpirun makes many runs of the job, each by some of the ranks in a
 * communicator of their own, with the code of `run`. */
#ifndef CHUNKMILL_RUN_BENCH_BENCH_H
#define CHUNKMILL_RUN_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bench/bench_plan.h"

/* What the command line says; strings are borrowed. */
struct bench_options {
    const char *job_file;
    const char *const *sets;
    int set_count;
    const char *const *skip; /* --skip-check */
    int skip_count;
    const char
        *axes[BENCH_AXES]; /* lists; NULL: the job's own value, and as many workers as there are */
    int64_t repetitions, warm_ups;
    int64_t limit_rows;     /* 0: all */
    const char *scratch;    /* the database that may be rewritten; NULL: none was named */
    const char *reset;      /* an SQL file; NULL: none */
    const char *state;      /* NULL: the default path */
    const char *json, *csv; /* "-": standard output; NULL: not wanted */
    bool print_cells;
    int log_level; /* enum log_level */
    const char *command_line;
};

/* Where the sweep's own ledger is. */
#define BENCH_LEDGER_SCHEMA "chunkmill_bench"

/* bench_run(options, argc, argv): collective: every rank calls it once. Returns the exit status,
 * the same on all ranks: 0 the sweep is whole and good; 4 some repetitions failed the gate; what a
 * run ended with that can't go on; 75 interrupted: the state file has what was measured. */
int bench_run(const struct bench_options *options, int *argc, char ***argv);

#endif
