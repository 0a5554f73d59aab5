/* Writes the results as CSV (RFC 4180): a line for each repetition, nothing summed up. */
#include <math.h>

#include "core/bench/bench_results.h"

static void add_quoted(struct text *out, const char *s)
{
    text_add(out, "\"");
    for (; *s != '\0'; s++) {
        text_add_bytes(out, s, 1);
        if (*s == '"')
            text_add(out, "\"");
    }
    text_add(out, "\"");
}

static void add_head(struct text *out)
{
    text_add(out, "cell");
    for (int i = 0; i < BENCH_AXES; i++)
        text_format(out, ",%s", bench_plan_axis_word((enum bench_axis_name)i));
    text_add(out, ",repetition,good,why");
    for (int i = 0; i < BENCH_FIGURES; i++)
        text_format(out, ",%s", bench_figures_name((enum bench_figure)i));
    text_add(out, "\r\n");
}

static void add_line(struct text *out, const struct bench_results *results, int index, int number)
{
    const struct bench_repetition *repetition = bench_results_at(results, index, number);
    const struct bench_cell cell = bench_plan_cell(&results->plan, index);

    text_format(out, "%d", index + 1);
    for (int i = 0; i < BENCH_AXES; i++) {
        text_add(out, ",");
        bench_plan_axis_print((enum bench_axis_name)i, cell.values[i], out);
    }
    text_format(out, ",%d,%s,", number + 1, repetition->is_good ? "true" : "false");
    add_quoted(out, repetition->is_good ? "" : repetition->why);
    for (int i = 0; i < BENCH_FIGURES; i++) {
        double value = repetition->figures.values[i];
        if (repetition->is_good && !isnan(value))
            text_format(out, ",%.15g", value);
        else
            text_add(out, ",");
    }
    text_add(out, "\r\n");
}

void bench_results_csv(const struct bench_results *results, struct text *out)
{
    int cells = bench_plan_cells(&results->plan);

    add_head(out);
    for (int cell = 0; cell < cells; cell++)
        for (int i = 0; i < results->plan.repetitions; i++)
            if (bench_results_at(results, cell, i)->is_measured)
                add_line(out, results, cell, i);
}
