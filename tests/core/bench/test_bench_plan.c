/* Lists, the cells that they span, the order of the rounds, the time left. */
#include <string.h>

#include "core/bench/bench_plan.h"
#include "core/plan/chunk.h"
#include "unit.h"

static struct bench_plan plan_of(const char *rows, const char *workers, const char *filters,
                                 int repetitions)
{
    struct bench_plan plan = {.repetitions = repetitions};
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL_FATAL(bench_plan_read(&plan, BENCH_TARGET_ROWS, rows, &err), 0);
    CU_ASSERT_EQUAL_FATAL(bench_plan_read(&plan, BENCH_WORKERS, workers, &err), 0);
    CU_ASSERT_EQUAL_FATAL(bench_plan_read(&plan, BENCH_FILTER, filters, &err), 0);
    bench_plan_default(&plan, BENCH_SCHEDULE, 0);
    bench_plan_default(&plan, BENCH_FLAG, 1);
    return plan;
}

static void a_list_is_read_and_a_wrong_one_says_what_it_takes(void)
{
    static const struct {
        enum bench_axis_name axis;
        const char *text, *says;
    } wrong[] = {
        {BENCH_TARGET_ROWS, "", "--target-rows \"\": it takes whole numbers from 1 to 10000000"},
        {BENCH_TARGET_ROWS, "1,", "\"\": it takes"},
        {BENCH_TARGET_ROWS, ",1", "\"\": it takes"},
        {BENCH_TARGET_ROWS, "1 ,2", "\"1 \": it takes"},
        {BENCH_TARGET_ROWS, "0", "\"0\": it takes"},
        {BENCH_TARGET_ROWS, "-1", "\"-1\": it takes"},
        {BENCH_TARGET_ROWS, "10000001", "\"10000001\": it takes"},
        {BENCH_TARGET_ROWS, "99999999999999999999", "it takes"},
        {BENCH_WORKERS, "1,2,1", "--workers: 1 is there twice"},
        {BENCH_WORKERS,
         "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,"
         "33",
         "at most 32 values"},
        {BENCH_FILTER, "ranges", "--filter \"ranges\": it takes range, keys or both"},
        {BENCH_SCHEDULE, "dynamic;static", "--schedule"},
        {BENCH_FLAG, "with,with", "--flag: with is there twice"},
    };
    struct bench_plan plan = {.repetitions = 1};
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL(bench_plan_read(&plan, BENCH_TARGET_ROWS, "1000,1,10000000", &err), 0);
    CU_ASSERT_EQUAL(plan.axes[BENCH_TARGET_ROWS].count, 3);
    CU_ASSERT_EQUAL(plan.axes[BENCH_TARGET_ROWS].values[2], 10000000);
    CU_ASSERT_EQUAL(bench_plan_read(&plan, BENCH_FLAG, "with,without", &err), 0);
    CU_ASSERT_EQUAL(plan.axes[BENCH_FLAG].values[0], 1);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(bench_plan_read(&plan, wrong[i].axis, wrong[i].text, &err), -1);
        CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, wrong[i].says));
    }
}

static void the_cells_are_every_combination_once(void)
{
    struct bench_plan plan = plan_of("500,1000,2000", "1,4", "range,keys", 1);
    int cells = bench_plan_cells(&plan);

    CU_ASSERT_EQUAL(cells, 12);
    for (int i = 0; i < cells; i++)
        for (int j = 0; j < i; j++) {
            struct bench_cell a = bench_plan_cell(&plan, i), b = bench_plan_cell(&plan, j);
            CU_ASSERT_NOT_EQUAL(memcmp(&a, &b, sizeof a), 0);
        }
    struct bench_cell last = bench_plan_cell(&plan, 11);
    struct text text = TEXT_INIT;
    bench_plan_cell_describe(&last, &text);
    CU_ASSERT_STRING_EQUAL(text_string(&text), "2,000 rows x 4 workers, keys, dynamic, with flag");
    text_free(&text);
}

static void a_default_does_not_take_the_place_of_what_is_given(void)
{
    struct bench_plan plan = plan_of("500", "1,4", "keys", 1);

    bench_plan_default(&plan, BENCH_WORKERS, 9);
    CU_ASSERT_EQUAL(plan.axes[BENCH_WORKERS].count, 2);
    CU_ASSERT_EQUAL(bench_plan_cell(&plan, 0).values[BENCH_SCHEDULE], 0);
}

static void a_cell_sets_what_the_job_file_would(void)
{
    static const char *const wanted[BENCH_AXES] = {"chunk.target_rows=500", "", "chunk.filter=keys",
                                                   "schedule=static", "flag=null"};
    const struct bench_cell cell = {{500, 4, 1, 1, 0}}, flagged = {{500, 4, 1, 1, 1}};
    struct text text = TEXT_INIT;

    for (int i = 0; i < BENCH_AXES; i++) {
        text_clear(&text);
        bench_plan_cell_set(&cell, (enum bench_axis_name)i, &text);
        CU_ASSERT_STRING_EQUAL(text_string(&text), wanted[i]);
    }
    text_clear(&text);
    bench_plan_cell_set(&flagged, BENCH_FLAG, &text);
    CU_ASSERT_STRING_EQUAL(text_string(&text), "");
    text_free(&text);
}

/* Place of a cell in a round's order. */
static int place_of(const int *order, int cells, int cell)
{
    for (int i = 0; i < cells; i++)
        if (order[i] == cell)
            return i;
    return -1;
}

static void each_round_has_every_cell_once_in_an_order_of_its_own(void)
{
    struct bench_plan plan = plan_of("1,2,3,4,5,6", "1,2", "range,keys", 40);
    int cells = bench_plan_cells(&plan), order[24], again[24], before[24];
    double places[24] = {0};

    for (int round = 0; round < plan.repetitions; round++) {
        bench_plan_order(&plan, round, order);
        bench_plan_order(&plan, round, again);
        CU_ASSERT_EQUAL(memcmp(order, again, sizeof order), 0);
        CU_ASSERT(round == 0 || memcmp(order, before, sizeof order) != 0);
        for (int cell = 0; cell < cells; cell++) {
            CU_ASSERT(place_of(order, cells, cell) >= 0);
            places[cell] += place_of(order, cells, cell);
        }
        memcpy(before, order, sizeof order);
    }
    /* nobody is always early or late: the mean place is 11.5, its deviation over 40 rounds 1.1 */
    for (int cell = 0; cell < cells; cell++)
        CU_ASSERT(places[cell] / plan.repetitions > 7 && places[cell] / plan.repetitions < 16);
}

static void the_time_left_is_what_the_cells_own_repetitions_took(void)
{
    struct bench_plan plan = plan_of("1,2,3", "1", "range", 2);
    int64_t taken_ns[6] = {0};

    CU_ASSERT_EQUAL(bench_plan_left_ns(&plan, taken_ns), 0);
    taken_ns[0] = 100;
    CU_ASSERT_EQUAL(bench_plan_left_ns(&plan, taken_ns), 500);
    taken_ns[2] = 300; /* cell 0: 100, cell 1: 300, cell 2: twice 200 */
    CU_ASSERT_EQUAL(bench_plan_left_ns(&plan, taken_ns), 800);
    for (int i = 0; i < 6; i++)
        taken_ns[i] = 7;
    CU_ASSERT_EQUAL(bench_plan_left_ns(&plan, taken_ns), 0);
}

static void a_sample_is_evenly_spaced_and_of_the_share_that_is_wanted(void)
{
    static const double shares[] = {0.001, 0.1, 0.25, 1.0 / 3, 0.5, 0.9, 1};

    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        int64_t taken = 0, last = 0, widest = 0;
        for (int64_t id = 1; id <= 10000; id++) {
            if (!chunk_is_sampled(id, shares[i]))
                continue;
            taken++;
            widest = last > 0 && id - last > widest ? id - last : widest;
            last = id;
        }
        CU_ASSERT(taken >= (int64_t)(10000 * shares[i]) &&
                  taken <= (int64_t)(10000 * shares[i]) + 1);
        CU_ASSERT(taken < 2 || widest <= (int64_t)(1 / shares[i]) + 1);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_list_is_read_and_a_wrong_one_says_what_it_takes),
        TEST(the_cells_are_every_combination_once),
        TEST(a_default_does_not_take_the_place_of_what_is_given),
        TEST(a_cell_sets_what_the_job_file_would),
        TEST(each_round_has_every_cell_once_in_an_order_of_its_own),
        TEST(the_time_left_is_what_the_cells_own_repetitions_took),
        TEST(a_sample_is_evenly_spaced_and_of_the_share_that_is_wanted),
        CU_TEST_INFO_NULL,
    };

    return unit_run("bench_plan", tests);
}
