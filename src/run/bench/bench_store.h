/* The files of a sweep: the state, which gets a line as each repetition ends, and the results at
 * the end. */
#ifndef CHUNKMILL_RUN_BENCH_BENCH_STORE_H
#define CHUNKMILL_RUN_BENCH_BENCH_STORE_H

#include "base/error.h"
#include "core/bench/bench_results.h"

struct bench_store {
    char path[512];
    int file; /* -1: not open */
};

/* bench_store_open(store, path, job, results, err): path NULL: "./JOB.bench.state.jsonl". What is
 * in it goes into results. Errors: CONFIG: another sweep's, or no file that could be written; LIVE:
 * another bench has it. */
int bench_store_open(struct bench_store *store, const char *path, const char *job,
                     struct bench_results *results, struct error *err);
/* bench_store_add(store, results, cell, number, err): on the disk when it returns. FATAL when it
 * can't. */
int bench_store_add(struct bench_store *store, const struct bench_results *results, int cell,
                    int number, struct error *err);
void bench_store_close(struct bench_store *store);

/* bench_store_check(option, path, err): a file for results that is not there yet, in a folder that
 * can be written to: better to know before a long sweep. NULL and "-" are fine. */
int bench_store_check(const char *option, const char *path, struct error *err);
/* bench_store_print(path, text, err): to the file, or for "-" to standard output. */
int bench_store_print(const char *path, const char *text, struct error *err);

#endif
