/* Computes figures from a report, and spreads from figures. */
#include "core/bench/bench_figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const double ns_per_second = 1e9;

static const struct {
    const char *name, *unit;
} figures_known[BENCH_FIGURES] = {
    [BENCH_RATE] = {"rows_per_second", "rows/s"},
    [BENCH_RUN_RATE] = {"run_rows_per_second", "rows/s"},
    [BENCH_ROW_TIME] = {"row_microseconds", "us"},
    [BENCH_ROWS] = {"updated_rows", "rows"},
    [BENCH_CHUNKS] = {"done_chunks", "chunks"},
    [BENCH_CONNECT] = {"connect_seconds", "s"},
    [BENCH_DISTRIBUTION] = {"distribution_seconds", "s"},
    [BENCH_PLAN] = {"plan_seconds", "s"},
    [BENCH_WORK] = {"work_seconds", "s"},
    [BENCH_REDUCE] = {"reduce_seconds", "s"},
    [BENCH_OTHER] = {"other_seconds", "s"},
    [BENCH_TOTAL] = {"total_seconds", "s"},
    [BENCH_CHUNK_P50] = {"chunk_p50_seconds", "s"},
    [BENCH_CHUNK_P95] = {"chunk_p95_seconds", "s"},
    [BENCH_CHUNK_MAX] = {"chunk_max_seconds", "s"},
    [BENCH_IMBALANCE] = {"imbalance", "max/mean"},
    [BENCH_WAL] = {"wal_bytes_per_row", "bytes/row"},
    [BENCH_HOT] = {"hot_share", "of updates"},
    [BENCH_DEAD] = {"dead_rows", "rows"},
    [BENCH_TABLE_GROWTH] = {"table_growth_bytes", "bytes"},
    [BENCH_INDEX_GROWTH] = {"index_growth_bytes", "bytes"},
    [BENCH_MANAGER_CPU] = {"manager_cpu_seconds", "s"},
    [BENCH_WORKERS_CPU] = {"workers_cpu_seconds", "s"},
};

const char *bench_figures_name(enum bench_figure figure)
{
    return figures_known[figure].name;
}

const char *bench_figures_unit(enum bench_figure figure)
{
    return figures_known[figure].unit;
}

static double seconds(int64_t ns)
{
    return (double)ns / ns_per_second;
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

static void take_times(struct bench_figures *figures, const struct report *r)
{
    const struct {
        enum bench_figure figure;
        int64_t ns;
    } times[] = {
        {BENCH_CONNECT, r->connect_ns},     {BENCH_DISTRIBUTION, r->distribution_ns},
        {BENCH_PLAN, r->plan_ns},           {BENCH_WORK, r->work_ns},
        {BENCH_REDUCE, r->reduce_ns},       {BENCH_OTHER, report_other_ns(r)},
        {BENCH_TOTAL, r->total_ns},         {BENCH_CHUNK_P50, r->times.p50_ns},
        {BENCH_CHUNK_P95, r->times.p95_ns}, {BENCH_CHUNK_MAX, r->times.max_ns},
    };

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        figures->values[times[i].figure] = seconds(times[i].ns);
}

void bench_figures_take(struct bench_figures *figures, const struct report *r,
                        const struct bench_costs *costs)
{
    double rows = (double)r->stats.rows_updated;
    double *to = figures->values;

    take_times(figures, r);
    to[BENCH_RATE] = ratio(rows, seconds(r->work_ns));
    to[BENCH_RUN_RATE] = ratio(rows, seconds(r->total_ns));
    to[BENCH_ROW_TIME] = ratio((double)r->work_ns / 1000, rows);
    to[BENCH_ROWS] = rows;
    to[BENCH_CHUNKS] = (double)r->stats.chunks_done;
    to[BENCH_IMBALANCE] = r->imbalance;
    to[BENCH_WAL] = ratio((double)costs->wal_bytes, rows);
    to[BENCH_HOT] = ratio((double)costs->hot_updates, (double)costs->updates);
    to[BENCH_DEAD] = (double)costs->dead_rows;
    to[BENCH_TABLE_GROWTH] = (double)costs->table_bytes;
    to[BENCH_INDEX_GROWTH] = (double)costs->index_bytes;
    to[BENCH_MANAGER_CPU] = seconds(costs->manager_cpu_ns);
    to[BENCH_WORKERS_CPU] = seconds(costs->workers_cpu_ns);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The known ones, in order. Owned by the caller. */
static double *sorted(const double *values, int count, int *known)
{
    double *kept = memory_zero((size_t)count, sizeof *kept);

    *known = 0;
    for (int i = 0; i < count; i++)
        if (!isnan(values[i]))
            kept[(*known)++] = values[i];
    qsort(kept, (size_t)*known, sizeof *kept, by_value);
    return kept;
}

struct bench_spread bench_figures_spread(const double *values, int count)
{
    int known = 0;
    double *kept = sorted(values, count, &known);
    double sum = 0, squares = 0;
    struct bench_spread spread = {0,           (double)NAN, (double)NAN,
                                  (double)NAN, (double)NAN, (double)NAN};

    if (known > 0) {
        for (int i = 0; i < known; i++)
            sum += kept[i];
        spread.mean = sum / known;
        for (int i = 0; i < known; i++)
            squares += (kept[i] - spread.mean) * (kept[i] - spread.mean);
        spread.count = known;
        spread.max = kept[known - 1];
        spread.min = kept[0];
        spread.stddev = known > 1 ? sqrt(squares / (known - 1)) : 0;
        spread.median = (kept[(known - 1) / 2] + kept[known / 2]) / 2;
    }
    free(kept);
    return spread;
}

int bench_figures_median_place(const double *values, int count)
{
    int known = 0, place = -1;
    double *kept = sorted(values, count, &known);

    for (int i = 0; known > 0 && place < 0 && i < count; i++)
        if (values[i] == kept[(known - 1) / 2])
            place = i;
    free(kept);
    return place;
}
