/* What a sweep has measured so far, and its three forms: a table for a person, JSON and CSV for
 * programs (docs/BENCH.md). It holds no key. */
#ifndef CHUNKMILL_CORE_BENCH_BENCH_RESULTS_H
#define CHUNKMILL_CORE_BENCH_BENCH_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "core/bench/bench_figures.h"
#include "core/bench/bench_plan.h"
#include "core/report/stats.h"

enum {
    BENCH_RESULTS_VERSION = 1,
    BENCH_PAIRS_MAX = 48,
    BENCH_RECORDS_MAX = 20000,
    BENCH_WHY_BYTES = 240
};

/* Names and values in order, as a block of the results. */
struct bench_pairs {
    struct {
        char *name, *value;
    } items[BENCH_PAIRS_MAX];
    int count;
};
void bench_results_pairs_add(struct bench_pairs *pairs, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void bench_results_pairs_clear(struct bench_pairs *pairs);
/* NULL: there is none of this name. */
const char *bench_results_pairs_find(const struct bench_pairs *pairs, const char *name);

struct bench_repetition {
    bool is_measured;
    bool is_good;              /* passed the gate: only then are there figures */
    char why[BENCH_WHY_BYTES]; /* not good: what did not hold */
    int64_t taken_ns;          /* with all that is around the run: the reset, the counts */
    struct bench_figures figures;
    struct chunk_record *records; /* none where there are more than BENCH_RECORDS_MAX */
    int64_t record_count;
};

struct bench_results {
    struct bench_plan plan;
    struct bench_pairs sweep;             /* what makes it this sweep and no other */
    struct bench_pairs environment;       /* of this start of it */
    struct bench_pairs settings;          /* the server's */
    struct bench_repetition *repetitions; /* [cells * plan.repetitions], cell by cell */
};

/* bench_results_init(results): space for the plan's repetitions; the plan is whole. */
void bench_results_init(struct bench_results *results);
void bench_results_clear(struct bench_results *results);

struct bench_repetition *bench_results_at(const struct bench_results *results, int cell,
                                          int number);
/* Repetitions that were measured, and those of them that failed the gate. */
int bench_results_measured(const struct bench_results *results);
int bench_results_refused(const struct bench_results *results);

/* bench_results_spread(results, cell, figure): over the cell's good repetitions. */
struct bench_spread bench_results_spread(const struct bench_results *results, int cell,
                                         enum bench_figure figure);
/* bench_results_median_run(results, cell): the number of its repetition with the median rate; -1:
 * none. */
int bench_results_median_run(const struct bench_results *results, int cell);

/* bench_results_of_best(results, cell, alike): the cell's median rate by the best one's: of all
 * cells, or (alike) of those that differ from it in nothing but the size of the chunks. NAN where
 * it has none. */
double bench_results_of_best(const struct bench_results *results, int cell, bool alike);

/* Environment first, then a line a cell: at most 120 columns. */
void bench_results_text(const struct bench_results *results, struct text *out);
/* {"chunkmill_bench": BENCH_RESULTS_VERSION, ..}; always valid UTF-8, ends with a newline. */
void bench_results_json(const struct bench_results *results, struct text *out);
/* A head, and a line a repetition. */
void bench_results_csv(const struct bench_results *results, struct text *out);

#endif
