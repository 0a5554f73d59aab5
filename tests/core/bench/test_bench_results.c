/* Figures and spreads, the three shapes of the results, and the state file's way there and back. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "core/bench/bench_results.h"
#include "core/bench/bench_state.h"
#include "unit.h"

static void spreads_are_those_of_a_sample(void)
{
    const double values[] = {4, 2, (double)NAN, 8, 6}, one[] = {3}, none[] = {(double)NAN};
    struct bench_spread spread = bench_figures_spread(values, 5);

    CU_ASSERT_EQUAL(spread.count, 4);
    CU_ASSERT_DOUBLE_EQUAL(spread.max, 8, 0);
    CU_ASSERT_DOUBLE_EQUAL(spread.min, 2, 0);
    CU_ASSERT_DOUBLE_EQUAL(spread.mean, 5, 0);
    CU_ASSERT_DOUBLE_EQUAL(spread.median, 5, 0);
    CU_ASSERT_DOUBLE_EQUAL(spread.stddev, 2.5819888974716, 1e-12); /* sqrt(20 / 3) */
    CU_ASSERT_DOUBLE_EQUAL(bench_figures_spread(one, 1).stddev, 0, 0);
    CU_ASSERT_DOUBLE_EQUAL(bench_figures_spread(one, 1).median, 3, 0);
    CU_ASSERT(isnan(bench_figures_spread(none, 1).mean));
    CU_ASSERT_EQUAL(bench_figures_spread(none, 1).count, 0);
}

static void the_median_run_is_one_that_there_was(void)
{
    const double odd[] = {9, 1, 5}, even[] = {(double)NAN, 9, 1, 5, 4}, none[] = {(double)NAN};

    CU_ASSERT_EQUAL(bench_figures_median_place(odd, 3), 2);
    CU_ASSERT_EQUAL(bench_figures_median_place(even, 5), 4);
    CU_ASSERT_EQUAL(bench_figures_median_place(none, 1), -1);
}

static void figures_are_taken_from_report_and_costs(void)
{
    struct report r = {.work_ns = 2000000000, .total_ns = 4000000000, .imbalance = 1.25};
    const struct bench_costs costs = {.wal_bytes = 5000,
                                      .updates = 2000,
                                      .hot_updates = 500,
                                      .dead_rows = 7,
                                      .table_bytes = 8192,
                                      .manager_cpu_ns = 1000000,
                                      .workers_cpu_ns = 2000000};
    struct bench_figures figures;

    r.stats.rows_updated = 1000;
    r.times.p95_ns = 30000000;
    bench_figures_take(&figures, &r, &costs);
    CU_ASSERT_DOUBLE_EQUAL(figures.values[BENCH_RATE], 500, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(figures.values[BENCH_RUN_RATE], 250, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(figures.values[BENCH_ROW_TIME], 2000, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(figures.values[BENCH_OTHER], 2, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(figures.values[BENCH_CHUNK_P95], 0.03, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(figures.values[BENCH_WAL], 5, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(figures.values[BENCH_HOT], 0.25, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(figures.values[BENCH_TABLE_GROWTH], 8192, 0);
    CU_ASSERT_DOUBLE_EQUAL(figures.values[BENCH_WORKERS_CPU], 0.002, 1e-9);
    r.stats.rows_updated = 0;
    bench_figures_take(&figures, &r, &(struct bench_costs){0});
    CU_ASSERT(isnan(figures.values[BENCH_WAL]) && isnan(figures.values[BENCH_HOT]));
}

/* Two cells, two repetitions: the second of cell 2 failed the gate, the first of cell 2 is not
 * measured. */
static void make(struct bench_results *results)
{
    struct error err = ERROR_INIT;

    memset(results, 0, sizeof *results);
    results->plan.repetitions = 2;
    bench_plan_read(&results->plan, BENCH_TARGET_ROWS, "500,1000", &err);
    for (int i = BENCH_WORKERS; i < BENCH_AXES; i++)
        bench_plan_default(&results->plan, (enum bench_axis_name)i, 1);
    bench_results_pairs_add(&results->sweep, "job", "%s", "a \"job\"");
    bench_results_pairs_add(&results->sweep, "set", "%s", "");
    bench_results_pairs_add(&results->environment, "command_line", "bench \xFF x");
    bench_results_pairs_add(&results->settings, "fsync", "on");
    bench_results_init(results);
}

static void fill(struct bench_results *results)
{
    for (int i = 0; i < 2; i++) {
        struct bench_repetition *good = bench_results_at(results, 0, i);
        good->is_measured = good->is_good = true;
        good->taken_ns = 1000 + i;
        for (int j = 0; j < BENCH_FIGURES; j++)
            good->figures.values[j] = j + i / 8.0;
        good->figures.values[BENCH_HOT] = (double)NAN;
        good->records = memory_zero(1, sizeof *good->records);
        good->records[0] = (struct chunk_record){.chunk_id = 5,
                                                 .worker = 1,
                                                 .rows_updated = 100,
                                                 .begin_ns = 10,
                                                 .end_ns = 9007199254740991,
                                                 .mark_ns = 3,
                                                 .update_ns = 4};
        good->record_count = 1;
    }
    struct bench_repetition *bad = bench_results_at(results, 1, 1);
    bad->is_measured = true;
    snprintf(bad->why, sizeof bad->why, "3 rows \"still\" marked");
}

static void what_is_measured_survives_the_state_file(void)
{
    struct bench_results results, again;
    struct error err = ERROR_INIT;
    struct text state = TEXT_INIT;
    size_t whole = 0;

    make(&results);
    fill(&results);
    make(&again);
    bench_state_head(&results, &state);
    bench_state_line(&results, 0, 0, &state);
    bench_state_line(&results, 1, 1, &state);
    bench_state_line(&results, 0, 1, &state);
    size_t bytes = state.bytes;
    text_add(&state, "{\"cell\":2,\"rep");
    CU_ASSERT_EQUAL(bench_state_read(text_string(&state), "s", &again, &whole, &err), 0);
    CU_ASSERT_EQUAL(whole, bytes);
    CU_ASSERT_EQUAL(bench_results_measured(&again), 3);
    CU_ASSERT_EQUAL(bench_results_refused(&again), 1);
    CU_ASSERT_STRING_EQUAL(bench_results_at(&again, 1, 1)->why, "3 rows \"still\" marked");
    const struct bench_repetition *back = bench_results_at(&again, 0, 1);
    CU_ASSERT(back->is_good);
    CU_ASSERT_EQUAL(back->taken_ns, 1001);
    CU_ASSERT_DOUBLE_EQUAL(back->figures.values[BENCH_WAL], BENCH_WAL + 0.125, 0);
    CU_ASSERT(isnan(back->figures.values[BENCH_HOT]));
    CU_ASSERT_EQUAL_FATAL(back->record_count, 1);
    CU_ASSERT_EQUAL(
        memcmp(back->records, bench_results_at(&results, 0, 1)->records, sizeof *back->records), 0);
    text_free(&state);
    bench_results_clear(&results);
    bench_results_clear(&again);
}

static void another_sweep_s_state_is_refused_and_said_what_differs(void)
{
    struct bench_results results, other;
    struct error err = ERROR_INIT;
    struct text state = TEXT_INIT;
    size_t whole = 0;

    make(&results);
    make(&other);
    bench_results_pairs_clear(&other.sweep);
    bench_results_pairs_add(&other.sweep, "job", "%s", "another");
    bench_state_head(&results, &state);
    CU_ASSERT_EQUAL(bench_state_read(text_string(&state), "s", &other, &whole, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(err.text, "s holds another sweep, with job a \"job\", not another; try"));
    text_free(&state);
    bench_results_clear(&results);
    bench_results_clear(&other);
}

static void what_is_no_state_file_is_left_alone(void)
{
    static const char *const files[] = {"a poem", "a poem\n", "{}\n", "[]\n",
                                        "{\"chunkmill_bench_state\":99}\n"};
    static const char *const lines[] = {"{}\n", "x\n", "{\"cell\":3,\"repetition\":1}\n",
                                        "{\"cell\":1,\"repetition\":3}\n",
                                        "{\"cell\":1e300,\"repetition\":1}\n"};
    struct bench_results results;
    struct error err = ERROR_INIT;
    size_t whole = 0;

    make(&results);
    CU_ASSERT_EQUAL(bench_state_read("", "s", &results, &whole, &err), 0);
    CU_ASSERT_EQUAL(whole, 0);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        CU_ASSERT_EQUAL(bench_state_read(files[i], "s", &results, &whole, &err), -1);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct text state = TEXT_INIT;
        bench_state_head(&results, &state);
        text_add(&state, lines[i]);
        CU_ASSERT_EQUAL(bench_state_read(text_string(&state), "s", &results, &whole, &err), -1);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no state file"));
        text_free(&state);
    }
    bench_results_clear(&results);
}

/* 500 and 1000 rows x 1 and 2 workers: 100, 60; 80, 200. */
static void the_best_is_that_of_all_and_that_of_the_same_but_for_the_size(void)
{
    static const double rates[] = {100, 60, 80, 200};
    struct bench_results results = {.plan.repetitions = 1};
    struct error err = ERROR_INIT;

    bench_plan_read(&results.plan, BENCH_TARGET_ROWS, "500,1000", &err);
    bench_plan_read(&results.plan, BENCH_WORKERS, "1,2", &err);
    for (int i = BENCH_FILTER; i < BENCH_AXES; i++)
        bench_plan_default(&results.plan, (enum bench_axis_name)i, 1);
    bench_results_init(&results);
    CU_ASSERT(isnan(bench_results_of_best(&results, 0, true)));
    for (int i = 0; i < 4; i++) {
        bench_results_at(&results, i, 0)->is_good = true;
        bench_results_at(&results, i, 0)->figures.values[BENCH_RATE] = rates[i];
    }
    CU_ASSERT_DOUBLE_EQUAL(bench_results_of_best(&results, 0, false), 0.5, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(bench_results_of_best(&results, 0, true), 1, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(bench_results_of_best(&results, 1, true), 0.3, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(bench_results_of_best(&results, 2, true), 0.8, 1e-9);
    bench_results_clear(&results);
}

static void no_figure_is_shown_of_what_failed_the_gate(void)
{
    struct bench_results results;
    struct text text = TEXT_INIT, json = TEXT_INIT, csv = TEXT_INIT;

    make(&results);
    fill(&results);
    bench_results_text(&results, &text);
    bench_results_json(&results, &json);
    bench_results_csv(&results, &csv);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text_string(&text), "cell 2, repetition 2: 3 rows \"still\" marked\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&text), "3 of 4 repetitions are measured"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text_string(&text),
               "with    0        -        -        -        -        -        -        -\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&json), "\"why\":\t\"3 rows \\\"still\\\" marked\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&json), "\"command_line\":\t\"bench ? x\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&json), "\"hot_share\":\tnull"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text_string(&csv),
               "\r\n2,1000,1,keys,static,with,2,false,\"3 rows \"\"still\"\" marked\",,"));
    for (const char *s = text_string(&text), *end; (end = strchr(s, '\n')) != NULL; s = end + 1)
        CU_ASSERT(end - s <= 120);
    text_free(&text);
    text_free(&json);
    text_free(&csv);
    bench_results_clear(&results);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(spreads_are_those_of_a_sample),
        TEST(the_median_run_is_one_that_there_was),
        TEST(figures_are_taken_from_report_and_costs),
        TEST(what_is_measured_survives_the_state_file),
        TEST(another_sweep_s_state_is_refused_and_said_what_differs),
        TEST(what_is_no_state_file_is_left_alone),
        TEST(the_best_is_that_of_all_and_that_of_the_same_but_for_the_size),
        TEST(no_figure_is_shown_of_what_failed_the_gate),
        CU_TEST_INFO_NULL,
    };

    return unit_run("bench_results", tests);
}
