/* One table of axes serves the parser, the names and the settings of a cell. */
#include "core/bench/bench_plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"

/* words[0] has the value 0; none: numbers from 1 to max. */
static const struct {
    const char *word, *option, *key;
    const char *words[2];
    int64_t max;
} axes[BENCH_AXES] = {
    [BENCH_TARGET_ROWS] =
        {"target_rows", "--target-rows", "chunk.target_rows", {NULL, NULL}, 10000000},
    [BENCH_WORKERS] = {"workers", "--workers", NULL, {NULL, NULL}, 1000000},
    [BENCH_FILTER] = {"filter", "--filter", "chunk.filter", {"range", "keys"}, 0},
    [BENCH_SCHEDULE] = {"schedule", "--schedule", "schedule", {"dynamic", "static"}, 0},
    [BENCH_FLAG] = {"flag", "--flag", NULL, {"without", "with"}, 0},
};

const char *bench_plan_axis_word(enum bench_axis_name axis)
{
    return axes[axis].word;
}

bool bench_plan_axis_is_number(enum bench_axis_name axis)
{
    return axes[axis].words[0] == NULL;
}

void bench_plan_axis_print(enum bench_axis_name axis, int64_t value, struct text *out)
{
    if (bench_plan_axis_is_number(axis))
        text_format(out, "%" PRId64, value);
    else
        text_add(out, axes[axis].words[value]);
}

static int refuse(enum bench_axis_name axis, const char *item, size_t bytes, struct error *err)
{
    int shown = bytes < 40 ? (int)bytes : 40;

    if (bench_plan_axis_is_number(axis))
        return error_set(err, ERROR_CONFIG,
                         "%s \"%.*s\": it takes whole numbers from 1 to %" PRId64
                         ", with commas between",
                         axes[axis].option, shown, item, axes[axis].max);
    return error_set(err, ERROR_CONFIG,
                     "%s \"%.*s\": it takes %s, %s or both, with a comma between",
                     axes[axis].option, shown, item, axes[axis].words[0], axes[axis].words[1]);
}

/* -1: not a value of this axis. */
static int64_t read_item(enum bench_axis_name axis, const char *item, size_t bytes)
{
    char *end = NULL;

    if (!bench_plan_axis_is_number(axis)) {
        for (int i = 0; i < 2; i++)
            if (strlen(axes[axis].words[i]) == bytes &&
                strncmp(axes[axis].words[i], item, bytes) == 0)
                return i;
        return -1;
    }
    if (bytes == 0 || strspn(item, "0123456789") < bytes)
        return -1;
    errno = 0;
    long long number = strtoll(item, &end, 10);
    return errno != 0 || number < 1 || number > axes[axis].max ? -1 : number;
}

int bench_plan_read(struct bench_plan *plan, enum bench_axis_name axis, const char *text,
                    struct error *err)
{
    struct bench_axis *to = &plan->axes[axis];

    to->count = 0;
    for (const char *item = text;; item++) {
        size_t bytes = strcspn(item, ",");
        int64_t value = read_item(axis, item, bytes);
        if (value < 0)
            return refuse(axis, item, bytes, err);
        for (int i = 0; i < to->count; i++)
            if (to->values[i] == value)
                return error_set(err, ERROR_CONFIG, "%s: %.*s is there twice; try it once",
                                 axes[axis].option, (int)bytes, item);
        if (to->count == BENCH_VALUES_MAX)
            return error_set(err, ERROR_CONFIG, "%s: at most %d values", axes[axis].option,
                             BENCH_VALUES_MAX);
        to->values[to->count++] = value;
        item += bytes;
        if (*item == '\0')
            return 0;
    }
}

void bench_plan_default(struct bench_plan *plan, enum bench_axis_name axis, int64_t value)
{
    if (plan->axes[axis].count == 0)
        plan->axes[axis] = (struct bench_axis){{value}, 1};
}

int bench_plan_cells(const struct bench_plan *plan)
{
    int64_t cells = 1;

    for (int i = 0; i < BENCH_AXES; i++)
        cells *= plan->axes[i].count;
    return (int)cells; /* 32 * 32 * 2 * 2 * 2 at most */
}

struct bench_cell bench_plan_cell(const struct bench_plan *plan, int index)
{
    struct bench_cell cell = {{0}};

    for (int i = BENCH_AXES - 1; i >= 0; i--) {
        cell.values[i] = plan->axes[i].values[index % plan->axes[i].count];
        index /= plan->axes[i].count;
    }
    return cell;
}

/* splitmix64. Source: Steele, Lea, Flood 2014, Fast splittable pseudorandom number generators. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void bench_plan_order(const struct bench_plan *plan, int round, int *order)
{
    uint64_t state = (uint64_t)round;
    int cells = bench_plan_cells(plan);

    for (int i = 0; i < cells; i++)
        order[i] = i;
    /* Fisher and Yates; what the modulo prefers is nothing with so few cells */
    for (int i = cells - 1; i > 0; i--) {
        int other = (int)(draw(&state) % (uint64_t)(i + 1));
        int kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}

void bench_plan_cell_set(const struct bench_cell *cell, enum bench_axis_name axis, struct text *out)
{
    if (axes[axis].key != NULL) {
        text_format(out, "%s=", axes[axis].key);
        bench_plan_axis_print(axis, cell->values[axis], out);
    } else if (axis == BENCH_FLAG && cell->values[axis] == 0) {
        text_add(out, "flag=null");
    }
}

void bench_plan_cell_describe(const struct bench_cell *cell, struct text *out)
{
    text_format(out, "%s x %s", human_count(cell->values[BENCH_TARGET_ROWS], "row").text,
                human_count(cell->values[BENCH_WORKERS], "worker").text);
    for (int i = BENCH_FILTER; i < BENCH_AXES; i++) {
        text_add(out, ", ");
        bench_plan_axis_print((enum bench_axis_name)i, cell->values[i], out);
    }
    text_add(out, " flag");
}

int64_t bench_plan_left_ns(const struct bench_plan *plan, const int64_t *taken_ns)
{
    int cells = bench_plan_cells(plan);
    int64_t all_ns = 0, all = 0;
    double left_ns = 0;

    for (int i = 0; i < cells * plan->repetitions; i++) {
        all_ns += taken_ns[i];
        all += taken_ns[i] > 0;
    }
    for (int cell = 0; all > 0 && cell < cells; cell++) {
        int64_t own_ns = 0, own = 0;
        for (int i = 0; i < plan->repetitions; i++) {
            own_ns += taken_ns[cell * plan->repetitions + i];
            own += taken_ns[cell * plan->repetitions + i] > 0;
        }
        double mean_ns = own > 0 ? (double)own_ns / (double)own : (double)all_ns / (double)all;
        left_ns += mean_ns * (double)(plan->repetitions - own);
    }
    return (int64_t)left_ns;
}
