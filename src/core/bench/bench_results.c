/* Stores the repetitions of a sweep and answers questions about a cell. */
#include "core/bench/bench_results.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void bench_results_pairs_add(struct bench_pairs *pairs, const char *name, const char *format, ...)
{
    va_list arguments;
    char value[1000];

    assert(pairs->count < BENCH_PAIRS_MAX);
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    pairs->items[pairs->count].name = memory_copy_string(name);
    pairs->items[pairs->count++].value = memory_copy_string(value);
}

void bench_results_pairs_clear(struct bench_pairs *pairs)
{
    for (int i = 0; i < pairs->count; i++) {
        free(pairs->items[i].name);
        free(pairs->items[i].value);
    }
    pairs->count = 0;
}

const char *bench_results_pairs_find(const struct bench_pairs *pairs, const char *name)
{
    for (int i = 0; i < pairs->count; i++)
        if (strcmp(pairs->items[i].name, name) == 0)
            return pairs->items[i].value;
    return NULL;
}

static int all(const struct bench_results *results)
{
    return bench_plan_cells(&results->plan) * results->plan.repetitions;
}

void bench_results_init(struct bench_results *results)
{
    results->repetitions = memory_zero((size_t)all(results), sizeof *results->repetitions);
}

void bench_results_clear(struct bench_results *results)
{
    for (int i = 0; results->repetitions != NULL && i < all(results); i++)
        free(results->repetitions[i].records);
    free(results->repetitions);
    results->repetitions = NULL;
    bench_results_pairs_clear(&results->sweep);
    bench_results_pairs_clear(&results->environment);
    bench_results_pairs_clear(&results->settings);
}

struct bench_repetition *bench_results_at(const struct bench_results *results, int cell, int number)
{
    return &results->repetitions[cell * results->plan.repetitions + number];
}

int bench_results_measured(const struct bench_results *results)
{
    int count = 0;

    for (int i = 0; i < all(results); i++)
        count += results->repetitions[i].is_measured;
    return count;
}

int bench_results_refused(const struct bench_results *results)
{
    int count = 0;

    for (int i = 0; i < all(results); i++)
        count += results->repetitions[i].is_measured && !results->repetitions[i].is_good;
    return count;
}

/* NAN where a repetition has none. Owned by the caller. */
static double *values_of(const struct bench_results *results, int cell, enum bench_figure figure)
{
    int count = results->plan.repetitions;
    double *values = memory_zero((size_t)count, sizeof *values);

    for (int i = 0; i < count; i++) {
        const struct bench_repetition *repetition = bench_results_at(results, cell, i);
        values[i] = repetition->is_good ? repetition->figures.values[figure] : (double)NAN;
    }
    return values;
}

struct bench_spread bench_results_spread(const struct bench_results *results, int cell,
                                         enum bench_figure figure)
{
    double *values = values_of(results, cell, figure);
    struct bench_spread spread = bench_figures_spread(values, results->plan.repetitions);

    free(values);
    return spread;
}

int bench_results_median_run(const struct bench_results *results, int cell)
{
    double *values = values_of(results, cell, BENCH_RATE);
    int place = bench_figures_median_place(values, results->plan.repetitions);

    free(values);
    return place;
}

static bool is_alike(const struct bench_results *results, int one, int other)
{
    const struct bench_cell a = bench_plan_cell(&results->plan, one);
    const struct bench_cell b = bench_plan_cell(&results->plan, other);
    bool alike = true;

    for (int i = BENCH_TARGET_ROWS + 1; i < BENCH_AXES; i++)
        alike = alike && a.values[i] == b.values[i];
    return alike;
}

double bench_results_of_best(const struct bench_results *results, int cell, bool alike)
{
    double best = (double)NAN;

    for (int i = 0; i < bench_plan_cells(&results->plan); i++)
        if (!alike || is_alike(results, cell, i))
            best = fmax(best, bench_results_spread(results, i, BENCH_RATE).median);
    return bench_results_spread(results, cell, BENCH_RATE).median / best;
}
