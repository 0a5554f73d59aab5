/* What `bench` measures: the axes of values, the cells that they span, and the order of the
 * repetitions. It has no clock and no randomness that differs from one start to the next, so
 * that an interrupted sweep can be resumed. */
#ifndef CHUNKMILL_CORE_BENCH_BENCH_PLAN_H
#define CHUNKMILL_CORE_BENCH_BENCH_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* In this order a cell is named, and the first of them varies most slowly. */
enum bench_axis_name {
    BENCH_TARGET_ROWS,
    BENCH_WORKERS,
    BENCH_FILTER,
    BENCH_SCHEDULE,
    BENCH_FLAG,
    BENCH_AXES
};

enum { BENCH_VALUES_MAX = 32 };

/* The values of one axis: numbers, or places in its list of words. */
struct bench_axis {
    int64_t values[BENCH_VALUES_MAX];
    int count;
};

struct bench_plan {
    struct bench_axis axes[BENCH_AXES];
    int repetitions;
};

struct bench_cell {
    int64_t values[BENCH_AXES];
};

/* "target_rows", "workers", "filter", "schedule", "flag": members of the results. */
const char *bench_plan_axis_word(enum bench_axis_name axis);
/* The axis's value as a person types it: "10000", "range", "static", "with". */
void bench_plan_axis_print(enum bench_axis_name axis, int64_t value, struct text *out);
/* Whether its values are numbers. */
bool bench_plan_axis_is_number(enum bench_axis_name axis);

/* bench_plan_read(plan, axis, text, err): a list, "1000,2000,10000" or "range,keys", each value
 * once. Errors: CONFIG, with the option's name and what it takes. */
int bench_plan_read(struct bench_plan *plan, enum bench_axis_name axis, const char *text,
                    struct error *err);

/* bench_plan_default(plan, axis, value): for an axis that was not given. */
void bench_plan_default(struct bench_plan *plan, enum bench_axis_name axis, int64_t value);

int bench_plan_cells(const struct bench_plan *plan);
/* 0 <= index < bench_plan_cells */
struct bench_cell bench_plan_cell(const struct bench_plan *plan, int index);

/* bench_plan_order(plan, round, order): the cells in the order of this round (from 0), each once:
 * another one each round, so that neither a slow minute nor what ran before hits always the same.
 * order has space for all cells. */
void bench_plan_order(const struct bench_plan *plan, int round, int *order);

/* "chunk.target_rows=1000" and its like, for --set; "" where the job's own value is meant (with
 * flag, and the workers, which are no setting). */
void bench_plan_cell_set(const struct bench_cell *cell, enum bench_axis_name axis,
                         struct text *out);

/* "10,000 rows x 4 workers, range, dynamic, with flag" */
void bench_plan_cell_describe(const struct bench_cell *cell, struct text *out);

/* bench_plan_left_ns(plan, taken_ns): how long the repetitions left will take: taken_ns[cell *
 * repetitions + number] of those that are measured, 0 of the others, which are expected to take
 * what their cell's have taken in the mean, or all cells' where theirs has none; 0: nothing is
 * known. */
int64_t bench_plan_left_ns(const struct bench_plan *plan, const int64_t *taken_ns);

#endif
