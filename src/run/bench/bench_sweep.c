/* The order is: preflight, environment, state, repetitions, results. Each step needs the one
 * before it. */
#include "run/bench/bench_sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/exit_status.h"
#include "base/human.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/job/config_files.h"
#include "db/ledger/session.h"
#include "db/stats/bench_server.h"
#include "db/target/target.h"
#include "run/bench/bench_environment.h"
#include "run/bench/bench_preflight.h"
#include "run/bench/bench_store.h"
#include "run/bench/bench_trial.h"
#include "run/mpi/signals.h"

struct sweep {
    const struct bench_options *options;
    const struct comm *world;
    struct bench_results results;
    struct bench_store store;
    struct text reset; /* the file's text */
    double share;      /* of the chunks; 0: all */
    int status;        /* of the run that stopped it; DONE: none did */
};

static const char *reset_of(const struct sweep *sweep)
{
    return sweep->options->reset == NULL ? NULL : text_string(&sweep->reset);
}

static int read_reset(struct sweep *sweep, struct error *err)
{
    if (sweep->options->reset == NULL)
        return 0;
    if (config_files_read(sweep->options->reset, &sweep->reset, err) == 0)
        return 0;
    error_context(err, "--reset");
    return -1;
}

static int count_scope(struct session *s, int64_t *rows, struct error *err)
{
    const struct counters none = {0};
    struct bench_count count;

    if (target_pin_window(s->control, &s->config, &s->work, err) != 0 ||
        bench_server_lift_timeouts(s->control, err) != 0 ||
        bench_server_count_rows(s->control, &s->work, &none, &count, err) != 0)
        return -1;
    *rows = count.in_scope;
    return 0;
}

/* Everything up to the first run. */
static int begin(struct sweep *sweep, struct session *s, const struct report_place *places,
                 struct error *err)
{
    const struct bench_options *options = sweep->options;
    struct bench_environment facts = {.options = options,
                                      .session = s,
                                      .reset = reset_of(sweep),
                                      .places = places,
                                      .ranks = sweep->world->ranks};

    if (bench_store_check("--json", options->json, err) != 0 ||
        bench_store_check("--csv", options->csv, err) != 0 ||
        bench_preflight_database(options, s, err) != 0)
        return -1;
    bench_environment_sweep(&facts, &sweep->results);
    if (bench_store_open(&sweep->store, options->state, s->config.job, &sweep->results, err) != 0 ||
        count_scope(s, &facts.rows_in_scope, err) != 0 ||
        bench_environment_read(&facts, &sweep->results, err) != 0)
        return -1;
    if (options->limit_rows > 0 && options->limit_rows < facts.rows_in_scope)
        sweep->share = (double)options->limit_rows / (double)facts.rows_in_scope;
    return 0;
}

/* What the same chunks came to before; a sample's chunks depend on how they were cut. */
static int64_t rows_before(const struct sweep *sweep, const struct bench_cell *cell)
{
    const struct bench_plan *plan = &sweep->results.plan;

    for (int i = 0; i < bench_plan_cells(plan); i++) {
        const struct bench_cell other = bench_plan_cell(plan, i);
        bool is_alike = other.values[BENCH_TARGET_ROWS] == cell->values[BENCH_TARGET_ROWS] &&
                        other.values[BENCH_FILTER] == cell->values[BENCH_FILTER];
        for (int j = 0; (sweep->share == 0 || is_alike) && j < plan->repetitions; j++)
            if (bench_results_at(&sweep->results, i, j)->is_good)
                return (int64_t)bench_results_at(&sweep->results, i, j)->figures.values[BENCH_ROWS];
    }
    return -1;
}

static int trial(const struct sweep *sweep, const struct bench_cell *cell, const char *label,
                 struct bench_repetition *repetition, int *status, struct error *err)
{
    const struct bench_trial trial = {
        .options = sweep->options,
        .world = sweep->world,
        .cell = cell,
        .label = label,
        .reset = reset_of(sweep),
        .expected = {sweep->share, rows_before(sweep, cell)},
    };

    return bench_trial_lead(&trial, repetition, status, err);
}

static int64_t left_ns(const struct sweep *sweep)
{
    const struct bench_plan *plan = &sweep->results.plan;
    int all = bench_plan_cells(plan) * plan->repetitions;
    int64_t *taken_ns = memory_zero((size_t)all, sizeof *taken_ns);

    for (int i = 0; i < all; i++)
        if (sweep->results.repetitions[i].is_measured)
            taken_ns[i] = sweep->results.repetitions[i].taken_ns;
    int64_t left = bench_plan_left_ns(plan, taken_ns);
    free(taken_ns);
    return left;
}

static void say(const struct sweep *sweep, const struct bench_cell *cell,
                const struct bench_repetition *repetition)
{
    const struct bench_plan *plan = &sweep->results.plan;
    struct text what = TEXT_INIT;
    int measured = bench_results_measured(&sweep->results);

    bench_plan_cell_describe(cell, &what);
    if (repetition->is_good)
        log_info("%d of %d: %s: %s rows/s; %s left", measured,
                 bench_plan_cells(plan) * plan->repetitions, text_string(&what),
                 human_number((int64_t)(repetition->figures.values[BENCH_RATE] + 0.5)).text,
                 human_duration(left_ns(sweep)).text);
    else
        log_warning("%d of %d: %s: not counted: %s", measured,
                    bench_plan_cells(plan) * plan->repetitions, text_string(&what),
                    repetition->why);
    text_free(&what);
}

/* Whether the runs may go on: what ails this one may not ail the next. */
static bool is_passing(const struct sweep *sweep, int status)
{
    return status == EXIT_STATUS_DONE || status == EXIT_STATUS_GAPS || status == EXIT_STATUS_BUG ||
           (status == EXIT_STATUS_INTERRUPTED && sweep->share > 0 && !signals_is_draining());
}

static int warm_up(struct sweep *sweep, struct error *err)
{
    const struct bench_cell cell = bench_plan_cell(&sweep->results.plan, 0);

    for (int64_t i = 0; i < sweep->options->warm_ups && sweep->status == EXIT_STATUS_DONE; i++) {
        struct bench_repetition thrown_away;
        int status = EXIT_STATUS_DONE;
        log_info("warm-up %" PRId64 " of %" PRId64, i + 1, sweep->options->warm_ups);
        if (trial(sweep, &cell, "warm-up", &thrown_away, &status, err) != 0)
            return -1;
        free(thrown_away.records);
        if (!is_passing(sweep, status))
            sweep->status = status;
    }
    return 0;
}

static int repeat(struct sweep *sweep, int index, int number, struct error *err)
{
    const struct bench_cell cell = bench_plan_cell(&sweep->results.plan, index);
    struct bench_repetition *to = bench_results_at(&sweep->results, index, number);
    struct bench_repetition repetition;
    int status = EXIT_STATUS_DONE;
    char label[48];

    snprintf(label, sizeof label, "cell-%d-repetition-%d", index + 1, number + 1);
    if (trial(sweep, &cell, label, &repetition, &status, err) != 0)
        return -1;
    if (!is_passing(sweep, status) || !repetition.is_measured) {
        free(repetition.records);
        sweep->status = status == EXIT_STATUS_DONE ? EXIT_STATUS_BUG : status;
        return 0;
    }
    *to = repetition;
    if (bench_store_add(&sweep->store, &sweep->results, index, number, err) != 0)
        return -1;
    say(sweep, &cell, to);
    return 0;
}

static int run_all(struct sweep *sweep, struct error *err)
{
    const struct bench_plan *plan = &sweep->results.plan;
    int cells = bench_plan_cells(plan), rc = 0;
    int *order = memory_zero((size_t)cells, sizeof *order);

    for (int round = 0; round < plan->repetitions; round++) {
        bench_plan_order(plan, round, order);
        for (int i = 0; rc == 0 && sweep->status == EXIT_STATUS_DONE && i < cells; i++)
            if (!bench_results_at(&sweep->results, order[i], round)->is_good)
                rc = repeat(sweep, order[i], round, err);
    }
    free(order);
    return rc;
}

static int measure(struct sweep *sweep, struct error *err)
{
    const struct bench_plan *plan = &sweep->results.plan;
    int all = bench_plan_cells(plan) * plan->repetitions;
    int good = bench_results_measured(&sweep->results) - bench_results_refused(&sweep->results);

    if (good == all) {
        log_info(
            "all %d repetitions are in %s already; try --state with another name to measure anew",
            all, sweep->store.path);
        return 0;
    }
    log_info("%d repetitions, %d of them measured already; state: %s", all, good,
             sweep->store.path);
    if (warm_up(sweep, err) != 0 || run_all(sweep, err) != 0)
        return -1;
    if (sweep->status != EXIT_STATUS_DONE)
        log_info("stopped; the same command goes on with what %s has", sweep->store.path);
    return bench_preflight_clear(sweep->options, err);
}

/* Text where nothing else goes to standard output; files only when the sweep is whole. */
static int print(const struct sweep *sweep, struct error *err)
{
    const struct bench_options *options = sweep->options;
    struct text text = TEXT_INIT, json = TEXT_INIT, csv = TEXT_INIT;
    bool is_taken = (options->json != NULL && strcmp(options->json, "-") == 0) ||
                    (options->csv != NULL && strcmp(options->csv, "-") == 0);
    bool is_whole = sweep->status == EXIT_STATUS_DONE;
    int rc = 0;

    bench_results_text(&sweep->results, &text);
    bench_results_json(&sweep->results, &json);
    bench_results_csv(&sweep->results, &csv);
    if (!is_taken)
        rc = bench_store_print("-", text_string(&text), err);
    if (rc == 0 && is_whole && options->json != NULL)
        rc = bench_store_print(options->json, text_string(&json), err);
    if (rc == 0 && is_whole && options->csv != NULL)
        rc = bench_store_print(options->csv, text_string(&csv), err);
    text_free(&text);
    text_free(&json);
    text_free(&csv);
    return rc;
}

static int print_cells(const struct sweep *sweep, struct session *s, struct error *err)
{
    const struct bench_environment facts = {.options = sweep->options, .session = s};
    struct text text = TEXT_INIT;
    int rc = bench_environment_cells(&facts, &sweep->results.plan, &text, err);

    if (rc == 0)
        rc = bench_store_print("-", text_string(&text), err);
    text_free(&text);
    return rc;
}

static int prepare(struct sweep *sweep, const struct report_place *places, bool *is_ready,
                   struct error *err)
{
    const struct bench_options *options = sweep->options;
    struct session s = {0};
    int ranks = options->print_cells ? 0 : sweep->world->ranks;

    if (read_reset(sweep, err) != 0 ||
        session_open(options->job_file, options->sets, options->set_count, "bench", &s, err) != 0)
        return -1;
    int rc = bench_preflight_plan(options, &s, ranks, &sweep->results.plan, err);
    if (rc == 0 && options->print_cells) {
        rc = print_cells(sweep, &s, err);
    } else if (rc == 0) {
        bench_results_init(&sweep->results);
        rc = begin(sweep, &s, places, err);
        *is_ready = rc == 0;
    }
    session_close(&s);
    return rc;
}

int bench_sweep(const struct bench_options *options, const struct comm *world,
                const struct report_place *places, int *status, struct error *err)
{
    struct sweep sweep = {.options = options, .world = world, .store = {.file = -1}};
    bool is_ready = false;
    int rc = prepare(&sweep, places, &is_ready, err);

    if (rc == 0 && is_ready)
        rc = measure(&sweep, err);
    if (rc == 0 && is_ready)
        rc = print(&sweep, err);
    *status = sweep.status;
    if (rc == 0 && *status == EXIT_STATUS_DONE && is_ready &&
        bench_results_refused(&sweep.results) > 0)
        *status = EXIT_STATUS_GAPS;
    bench_store_close(&sweep.store);
    bench_results_clear(&sweep.results);
    text_free(&sweep.reset);
    return rc;
}
