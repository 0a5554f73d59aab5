/* The results for a program: everything, repetition by repetition, units in the names. */
#include <cjson/cJSON.h>
#include <math.h>

#include "core/bench/bench_json.h"

static void add_spread(cJSON *object, const char *name, struct bench_spread spread)
{
    cJSON *members = cJSON_AddObjectToObject(object, name);

    bench_json_number(members, "max", spread.max);
    bench_json_number(members, "min", spread.min);
    bench_json_number(members, "mean", spread.mean);
    bench_json_number(members, "stddev", spread.stddev);
    bench_json_number(members, "median", spread.median);
}

static void add_cell(cJSON *object, const struct bench_cell *cell)
{
    for (int i = 0; i < BENCH_AXES; i++) {
        enum bench_axis_name axis = (enum bench_axis_name)i;
        struct text word = TEXT_INIT;

        bench_plan_axis_print(axis, cell->values[i], &word);
        if (axis == BENCH_FLAG)
            cJSON_AddBoolToObject(object, bench_plan_axis_word(axis), cell->values[i] != 0);
        else if (bench_plan_axis_is_number(axis))
            cJSON_AddNumberToObject(object, bench_plan_axis_word(axis), (double)cell->values[i]);
        else
            cJSON_AddStringToObject(object, bench_plan_axis_word(axis), text_string(&word));
        text_free(&word);
    }
}

static void add_repetition(cJSON *list, const struct bench_repetition *repetition, int number)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddNumberToObject(object, "repetition", number + 1);
    cJSON_AddBoolToObject(object, "good", repetition->is_good);
    if (repetition->is_good)
        bench_json_figures(object, &repetition->figures);
    else
        bench_json_string(object, "why", repetition->why);
    cJSON_AddItemToArray(list, object);
}

static cJSON *describe(const struct bench_results *results, int index)
{
    const struct bench_cell cell = bench_plan_cell(&results->plan, index);
    int median_run = bench_results_median_run(results, index);
    cJSON *object = cJSON_CreateObject();
    int good = 0;

    cJSON_AddNumberToObject(object, "cell", index + 1);
    add_cell(object, &cell);
    for (int i = 0; i < results->plan.repetitions; i++)
        good += bench_results_at(results, index, i)->is_good;
    cJSON_AddNumberToObject(object, "good_repetitions", good);
    bench_json_number(object, "of_best_cell", bench_results_of_best(results, index, false));
    bench_json_number(object, "of_best_size", bench_results_of_best(results, index, true));
    cJSON *figures = cJSON_AddObjectToObject(object, "figures");
    for (int i = 0; i < BENCH_FIGURES; i++) {
        enum bench_figure figure = (enum bench_figure)i;
        add_spread(figures, bench_figures_name(figure),
                   bench_results_spread(results, index, figure));
    }
    cJSON *list = cJSON_AddArrayToObject(object, "repetitions");
    for (int i = 0; i < results->plan.repetitions; i++)
        if (bench_results_at(results, index, i)->is_measured)
            add_repetition(list, bench_results_at(results, index, i), i);
    bench_json_number(object, "median_repetition", median_run < 0 ? (double)NAN : median_run + 1);
    if (median_run < 0)
        cJSON_AddArrayToObject(object, "median_chunks");
    else
        bench_json_records(object, "median_chunks", bench_results_at(results, index, median_run),
                           true);
    return object;
}

void bench_results_json(const struct bench_results *results, struct text *out)
{
    static const char *const members[] = {"id",      "worker",    "begin_ns",     "end_ns",
                                          "mark_ns", "update_ns", "updated_rows", "outcome"};
    int cells = bench_plan_cells(&results->plan);
    cJSON *root = cJSON_CreateObject();

    cJSON_AddNumberToObject(root, "chunkmill_bench", BENCH_RESULTS_VERSION);
    bench_json_pairs(root, "environment", &results->environment);
    bench_json_pairs(root, "settings", &results->settings);
    bench_json_pairs(root, "sweep", &results->sweep);
    cJSON_AddNumberToObject(root, "repetitions", results->plan.repetitions);
    cJSON_AddNumberToObject(root, "measured", bench_results_measured(results));
    cJSON_AddNumberToObject(root, "refused", bench_results_refused(results));
    cJSON *units = cJSON_AddObjectToObject(root, "units");
    for (int i = 0; i < BENCH_FIGURES; i++)
        cJSON_AddStringToObject(units, bench_figures_name((enum bench_figure)i),
                                bench_figures_unit((enum bench_figure)i));
    cJSON_AddItemToObject(
        root, "chunk_members",
        cJSON_CreateStringArray(members, (int)(sizeof members / sizeof members[0])));
    cJSON *list = cJSON_AddArrayToObject(root, "cells");
    for (int i = 0; i < cells; i++)
        cJSON_AddItemToArray(list, describe(results, i));
    bench_json_print(root, true, out);
}
