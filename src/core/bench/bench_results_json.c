/* Writes the results as JSON: every repetition, with units in the names. */
#include <math.h>

#include "base/json.h"
#include "core/bench/bench_json.h"

static void add_spread(struct cJSON *object, const char *name, struct bench_spread spread)
{
    struct cJSON *members = json_object(object, name);

    json_real(members, "max", spread.max);
    json_real(members, "min", spread.min);
    json_real(members, "mean", spread.mean);
    json_real(members, "stddev", spread.stddev);
    json_real(members, "median", spread.median);
}

static void add_cell(struct cJSON *object, const struct bench_cell *cell)
{
    for (int i = 0; i < BENCH_AXES; i++) {
        enum bench_axis_name axis = (enum bench_axis_name)i;
        struct text word = TEXT_INIT;

        bench_plan_axis_print(axis, cell->values[i], &word);
        if (axis == BENCH_FLAG)
            json_bool(object, bench_plan_axis_word(axis), cell->values[i] != 0);
        else if (bench_plan_axis_is_number(axis))
            json_number(object, bench_plan_axis_word(axis), cell->values[i]);
        else
            json_string(object, bench_plan_axis_word(axis), text_string(&word));
        text_free(&word);
    }
}

static void add_repetition(struct cJSON *list, const struct bench_repetition *repetition,
                           int number)
{
    struct cJSON *object = json_object(list, NULL);

    json_number(object, "repetition", number + 1);
    json_bool(object, "good", repetition->is_good);
    if (repetition->is_good)
        bench_json_figures(object, &repetition->figures);
    else
        json_string(object, "why", repetition->why);
}

static void describe(struct cJSON *cells, const struct bench_results *results, int index)
{
    const struct bench_cell cell = bench_plan_cell(&results->plan, index);
    int median_run = bench_results_median_run(results, index);
    struct cJSON *object = json_object(cells, NULL);
    int good = 0;

    json_number(object, "cell", index + 1);
    add_cell(object, &cell);
    for (int i = 0; i < results->plan.repetitions; i++)
        good += bench_results_at(results, index, i)->is_good;
    json_number(object, "good_repetitions", good);
    json_real(object, "of_best_cell", bench_results_of_best(results, index, false));
    json_real(object, "of_best_size", bench_results_of_best(results, index, true));
    struct cJSON *figures = json_object(object, "figures");
    for (int i = 0; i < BENCH_FIGURES; i++) {
        enum bench_figure figure = (enum bench_figure)i;
        add_spread(figures, bench_figures_name(figure),
                   bench_results_spread(results, index, figure));
    }
    struct cJSON *list = json_array(object, "repetitions");
    for (int i = 0; i < results->plan.repetitions; i++)
        if (bench_results_at(results, index, i)->is_measured)
            add_repetition(list, bench_results_at(results, index, i), i);
    json_real(object, "median_repetition", median_run < 0 ? (double)NAN : median_run + 1);
    if (median_run < 0)
        json_array(object, "median_chunks");
    else
        bench_json_records(object, "median_chunks", bench_results_at(results, index, median_run),
                           true);
}

void bench_results_json(const struct bench_results *results, struct text *out)
{
    int cells = bench_plan_cells(&results->plan);
    struct cJSON *root = json_object(NULL, NULL);

    json_number(root, "chunkmill_bench", BENCH_RESULTS_VERSION);
    bench_json_pairs(root, "environment", &results->environment);
    bench_json_pairs(root, "settings", &results->settings);
    bench_json_pairs(root, "sweep", &results->sweep);
    json_number(root, "repetitions", results->plan.repetitions);
    json_number(root, "measured", bench_results_measured(results));
    json_number(root, "refused", bench_results_refused(results));
    struct cJSON *units = json_object(root, "units");
    for (int i = 0; i < BENCH_FIGURES; i++)
        json_string(units, bench_figures_name((enum bench_figure)i),
                    bench_figures_unit((enum bench_figure)i));
    struct cJSON *members = json_array(root, "chunk_members");
    for (int i = 0; i < CHUNK_RECORD_MEMBERS; i++)
        json_string(members, NULL, chunk_record_name(i));
    struct cJSON *list = json_array(root, "cells");
    for (int i = 0; i < cells; i++)
        describe(list, results, i);
    json_text(root, JSON_IN_LINES, out);
}
