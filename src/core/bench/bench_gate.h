/* Decides whether a repetition's figures may be shown: a fast run with wrong rows counts for
 * nothing. The sums of the report must hold, and agree with a count of the table that was made
 * without the run. */
#ifndef CHUNKMILL_CORE_BENCH_BENCH_GATE_H
#define CHUNKMILL_CORE_BENCH_BENCH_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "core/report/report.h"

/* The table after the run, as it counts itself. */
struct bench_count {
    int64_t in_scope;
    int64_t marked;  /* of these: the flag is not its released value */
    int64_t written; /* of these: their version is younger than the repetition */
};

struct bench_expected {
    double share; /* of the chunks that were to be done, 0 to 1; 0: all */
    int64_t
        rows_updated; /* what other repetitions of the same work came to; -1: this is the first */
};

/* bench_gate(report, count, expected, why): true: the figures may be shown. Otherwise `why` is the
 * first thing that does not hold. */
bool bench_gate(const struct report *report, const struct bench_count *count,
                const struct bench_expected *expected, struct text *why);

#endif
