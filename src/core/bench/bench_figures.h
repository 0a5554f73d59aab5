/* The figures of one repetition, and their spread over several. One table of figures (name,
 * unit) serves the results, the state file and the table of spreads. */
#ifndef CHUNKMILL_CORE_BENCH_BENCH_FIGURES_H
#define CHUNKMILL_CORE_BENCH_BENCH_FIGURES_H

#include "core/report/report.h"

enum bench_figure {
    BENCH_RATE,     /* rows updated by the second of the work phase */
    BENCH_RUN_RATE, /* by the second of the whole run */
    BENCH_ROW_TIME, /* of the work phase, a row */
    BENCH_ROWS,
    BENCH_CHUNKS,
    BENCH_CONNECT,
    BENCH_DISTRIBUTION,
    BENCH_PLAN,
    BENCH_WORK,
    BENCH_REDUCE,
    BENCH_OTHER,
    BENCH_TOTAL,
    BENCH_CHUNK_P50,
    BENCH_CHUNK_P95,
    BENCH_CHUNK_MAX,
    BENCH_IMBALANCE,
    BENCH_WAL,
    BENCH_HOT,
    BENCH_DEAD,
    BENCH_TABLE_GROWTH,
    BENCH_INDEX_GROWTH,
    BENCH_MANAGER_CPU,
    BENCH_WORKERS_CPU,
    BENCH_FIGURES
};

/* NAN: not known. */
struct bench_figures {
    double values[BENCH_FIGURES];
};

/* "rows_per_second", "rows/s" */
const char *bench_figures_name(enum bench_figure figure);
const char *bench_figures_unit(enum bench_figure figure);

/* What the server's view of the table and the ranks' own clocks add to a report: differences over
 * the repetition. */
struct bench_costs {
    int64_t wal_bytes, updates, hot_updates, dead_rows, table_bytes, index_bytes;
    int64_t manager_cpu_ns, workers_cpu_ns;
};

/* bench_figures_take(figures, report, costs): all of them. */
void bench_figures_take(struct bench_figures *figures, const struct report *report,
                        const struct bench_costs *costs);

/* Over the values that are known. */
struct bench_spread {
    int count;
    double max, min, mean, stddev,
        median; /* stddev: of a sample (n - 1), 0 with one; all NAN without any */
};
struct bench_spread bench_figures_spread(const double *values, int count);

/* bench_figures_median_place(values, count): which of the values is the median, of an even number
 * the lower of the two in the middle; -1: none is known. */
int bench_figures_median_place(const double *values, int count);

#endif
