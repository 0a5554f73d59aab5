/* Writes the results as users of IOR and HPL know them: where they were measured, then a line
 * for each cell, with units in the headings. Tables describe the columns: heading, width,
 * figure, format. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/human.h"
#include "core/bench/bench_results.h"

enum { COLUMNS = 120, NAME = 20, CELL = 28 };

struct column {
    const char *over, *head; /* two lines of heading */
    int width;
    enum bench_figure figure;
    double scale;
    int digits; /* behind the point; -1: whole, with thousands separated */
};

static const struct column times[] = {
    {"", "connect s", 11, BENCH_CONNECT, 1, 3},
    {"distri-", "bution s", 10, BENCH_DISTRIBUTION, 1, 3},
    {"", "plan s", 9, BENCH_PLAN, 1, 3},
    {"", "work s", 10, BENCH_WORK, 1, 3},
    {"", "reduce s", 10, BENCH_REDUCE, 1, 3},
    {"", "other s", 9, BENCH_OTHER, 1, 3},
    {"", "total s", 10, BENCH_TOTAL, 1, 3},
    {"work", "us/row", 9, BENCH_ROW_TIME, 1, 2},
    {"whole", "rows/s", 10, BENCH_RUN_RATE, 1, -1},
};

static const struct column chunks[] = {
    {"", "chunks", 8, BENCH_CHUNKS, 1, -1},
    {"p50", "ms", 9, BENCH_CHUNK_P50, 1000, 1},
    {"p95", "ms", 9, BENCH_CHUNK_P95, 1000, 1},
    {"max", "ms", 9, BENCH_CHUNK_MAX, 1000, 1},
    {"imbalance", "max/mean", 11, BENCH_IMBALANCE, 1, 3},
    {"manager", "CPU s", 9, BENCH_MANAGER_CPU, 1, 3},
    {"workers", "CPU s", 9, BENCH_WORKERS_CPU, 1, 3},
};

static const struct column costs[] = {
    {"", "rows", 13, BENCH_ROWS, 1, -1},
    {"WAL", "bytes/row", 11, BENCH_WAL, 1, -1},
    {"HOT", "%", 7, BENCH_HOT, 100, 1},
    {"dead", "rows", 13, BENCH_DEAD, 1, -1},
    {"table", "+MiB", 10, BENCH_TABLE_GROWTH, 1.0 / 1048576, 1},
    {"indexes", "+MiB", 10, BENCH_INDEX_GROWTH, 1.0 / 1048576, 1},
};

static void add_pairs(struct text *out, const struct bench_pairs *pairs)
{
    for (int i = 0; i < pairs->count; i++) {
        char name[NAME + 1];
        snprintf(name, sizeof name, "%s", pairs->items[i].name);
        for (char *s = name; *s != '\0'; s++)
            *s = *s == '_' ? ' ' : *s;
        human_cell(out, NAME, name);
        human_wrap(out, NAME, COLUMNS, pairs->items[i].value);
    }
}

static void add_settings(struct text *out, const struct bench_pairs *settings)
{
    struct text line = TEXT_INIT;

    for (int i = 0; i < settings->count; i++)
        text_format(&line, "%s%s=%s", i > 0 ? ", " : "", settings->items[i].name,
                    settings->items[i].value);
    human_cell(out, NAME, "server settings");
    human_wrap(out, NAME, COLUMNS, text_string(&line));
    text_free(&line);
}

static void add_number(struct text *out, int width, double value, int digits)
{
    char plain[32];

    if (isnan(value))
        text_format(out, "%*s", width, "-");
    else if (digits < 0)
        text_format(out, "%*s", width, human_number((int64_t)llround(value)).text);
    else if (snprintf(plain, sizeof plain, "%.*f", digits, value) > 0)
        text_format(out, "%*s", width, plain);
}

/* Which cell a line is about, in CELL columns. */
static void add_cell(struct text *out, const struct bench_results *results, int index)
{
    const struct bench_cell cell = bench_plan_cell(&results->plan, index);

    text_format(out, "%5d%13s%10" PRId64, index + 1,
                human_number(cell.values[BENCH_TARGET_ROWS]).text, cell.values[BENCH_WORKERS]);
}

static void add_table(struct text *out, const struct bench_results *results, const char *title,
                      const struct column *columns, int count)
{
    int cells = bench_plan_cells(&results->plan);

    text_format(out, "\n%s\n%*s", title, CELL, "");
    for (int i = 0; i < count; i++)
        text_format(out, "%*s", columns[i].width, columns[i].over);
    text_add(out, "\n cell   rows/chunk   workers");
    for (int i = 0; i < count; i++)
        text_format(out, "%*s", columns[i].width, columns[i].head);
    text_add(out, "\n");
    for (int cell = 0; cell < cells; cell++) {
        add_cell(out, results, cell);
        for (int i = 0; i < count; i++)
            add_number(out, columns[i].width,
                       bench_results_spread(results, cell, columns[i].figure).median *
                           columns[i].scale,
                       columns[i].digits);
        text_add(out, "\n");
    }
}

static void add_rates(struct text *out, const struct bench_results *results)
{
    int cells = bench_plan_cells(&results->plan);

    text_add(
        out,
        "\nRows a second of the work phase\n"
        "                                                           max      min     mean   stddev"
        "   median  of best  of best\n"
        " cell   rows/chunk   workers filter schedule    flag runs   rows/s   rows/s   rows/s   "
        "rows/s"
        "   rows/s     cell     size\n");
    for (int i = 0; i < cells; i++) {
        const struct bench_cell cell = bench_plan_cell(&results->plan, i);
        struct bench_spread rate = bench_results_spread(results, i, BENCH_RATE);
        const double values[] = {rate.max, rate.min, rate.mean, rate.stddev, rate.median};
        struct text words[BENCH_AXES] = {TEXT_INIT};

        for (int axis = BENCH_FILTER; axis < BENCH_AXES; axis++)
            bench_plan_axis_print((enum bench_axis_name)axis, cell.values[axis], &words[axis]);
        add_cell(out, results, i);
        text_format(out, "%7s%9s%8s%5d", text_string(&words[BENCH_FILTER]),
                    text_string(&words[BENCH_SCHEDULE]), text_string(&words[BENCH_FLAG]),
                    rate.count);
        for (size_t j = 0; j < sizeof values / sizeof values[0]; j++)
            add_number(out, 9, values[j], -1);
        add_number(out, 9, bench_results_of_best(results, i, false), 3);
        add_number(out, 9, bench_results_of_best(results, i, true), 3);
        text_add(out, "\n");
        for (int axis = BENCH_FILTER; axis < BENCH_AXES; axis++)
            text_free(&words[axis]);
    }
}

static void add_refused(struct text *out, const struct bench_results *results)
{
    int cells = bench_plan_cells(&results->plan);

    if (bench_results_refused(results) > 0)
        text_add(out, "\nNot counted: the numbers of these repetitions do not hold\n");
    for (int cell = 0; cell < cells; cell++)
        for (int i = 0; i < results->plan.repetitions; i++) {
            const struct bench_repetition *repetition = bench_results_at(results, cell, i);
            if (repetition->is_measured && !repetition->is_good)
                text_format(out, "  cell %d, repetition %d: %s\n", cell + 1, i + 1,
                            repetition->why);
        }
}

#define TABLE(columns) columns, (int)(sizeof(columns) / sizeof(columns)[0])

void bench_results_text(const struct bench_results *results, struct text *out)
{
    int all = bench_plan_cells(&results->plan) * results->plan.repetitions;
    int measured = bench_results_measured(results);

    add_pairs(out, &results->environment);
    add_settings(out, &results->settings);
    add_rates(out, results);
    add_table(out, results,
              "Time of each phase, medians (work phase a row; rows a second of the whole run)",
              TABLE(times));
    add_table(out, results, "Chunks and ranks, medians", TABLE(chunks));
    add_table(out, results, "What it cost the server, medians", TABLE(costs));
    add_refused(out, results);
    if (measured < all)
        text_format(out, "\nNot at its end: %d of %d repetitions are measured\n", measured, all);
}
