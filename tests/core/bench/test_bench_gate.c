/* Every number that a repetition's figures stand on, made wrong once. */
#include <stddef.h>
#include <string.h>

#include "core/bench/bench_gate.h"
#include "core/plan/chunk.h"
#include "unit.h"

/* 10 chunks of 100 rows, 950 updated and 50 released. */
static struct report good_report(bool has_flag)
{
    struct report r = {.outcome = "done", .has_flag = has_flag};

    r.ledger = (struct report_ledger){.chunks = 10,
                                      .chunks_done = 10,
                                      .rows_planned = 1000,
                                      .rows_matched = has_flag ? 1000 : 950,
                                      .rows_updated = 950,
                                      .rows_released = has_flag ? 50 : 0,
                                      .rows_drifted = has_flag ? 0 : 50};
    r.stats = (struct stats){.chunks_done = 10,
                             .rows_marked = has_flag ? 1000 : 0,
                             .rows_updated = 950,
                             .rows_released = has_flag ? 50 : 0};
    return r;
}

static struct bench_count good_count(bool has_flag)
{
    return (struct bench_count){.in_scope = 1000, .marked = 0, .written = has_flag ? 1000 : 950};
}

static void expect(const struct report *r, const struct bench_count *count,
                   struct bench_expected expected, const char *says)
{
    struct text why = TEXT_INIT;
    bool is_good = bench_gate(r, count, &expected, &why);

    CU_ASSERT_EQUAL(is_good, says == NULL);
    CU_ASSERT(says == NULL ? why.bytes == 0 : strstr(text_string(&why), says) != NULL);
    if (says != NULL && strstr(text_string(&why), says) == NULL)
        printf("\n    wanted: %s\n    found:  %s\n", says, text_string(&why));
    text_free(&why);
}

static void a_run_whose_numbers_hold_passes(void)
{
    for (int has_flag = 0; has_flag < 2; has_flag++) {
        struct report r = good_report(has_flag);
        struct bench_count count = good_count(has_flag);
        expect(&r, &count, (struct bench_expected){0, -1}, NULL);
        expect(&r, &count, (struct bench_expected){0, 950}, NULL);
    }
}

static void each_number_of_the_report_that_is_wrong_is_seen(void)
{
    static const struct {
        size_t place;
        int64_t value;
        const char *says;
    } wrong[] = {
        {offsetof(struct report, ledger.chunks_split), 1, "were split"},
        {offsetof(struct report, ledger.chunks_left), 1, "1 chunk left, not 0"},
        {offsetof(struct report, ledger.chunks_done), 9, "do not add up"},
        {offsetof(struct report, ledger.rows_matched), 999, "do not add up"},
        {offsetof(struct report, stats.rows_updated), 949,
         "the workers counted 949 rows, the ledger 950"},
        {offsetof(struct report, stats.rows_marked), 999, "the workers counted"},
        {offsetof(struct report, stats.chunks_done), 11, "the workers counted"},
        {offsetof(struct report, ledger.rows_elsewhere), 1, "1 row elsewhere, 0 lost, 0 failed"},
        {offsetof(struct report, ledger.rows_failed), 2, "2 failed"},
        {offsetof(struct report, ledger.rows_planned), 1001, "1,000 rows marked of 1,001 planned"},
    };
    struct bench_count count = good_count(true);

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct report r = good_report(true);
        memcpy((char *)&r + wrong[i].place, &wrong[i].value, sizeof wrong[i].value);
        expect(&r, &count, (struct bench_expected){0, -1}, wrong[i].says);
    }
}

static void a_run_that_did_not_end_as_done_is_seen(void)
{
    static const char *const outcomes[] = {"done_with_gaps", "interrupted", "failed"};
    struct bench_count count = good_count(true);

    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        struct report r = good_report(true);
        r.outcome = outcomes[i];
        expect(&r, &count, (struct bench_expected){0, -1}, "the run ended as");
    }
}

static void what_the_table_says_otherwise_is_seen(void)
{
    for (int has_flag = 0; has_flag < 2; has_flag++) {
        struct report r = good_report(has_flag);
        struct bench_count fewer = good_count(has_flag), marked = fewer, unwritten = fewer;

        fewer.in_scope = 999;
        expect(&r, &fewer, (struct bench_expected){0, -1},
               "the plan has 1,000 rows, the table 999 in scope");
        marked.marked = 3;
        expect(&r, &marked, (struct bench_expected){0, -1}, "3 rows still marked");
        unwritten.written--;
        expect(&r, &unwritten, (struct bench_expected){0, -1}, "written, the table");
    }
}

static void a_run_that_updates_nothing_or_other_rows_than_those_before_is_seen(void)
{
    struct report r = good_report(false), idle = r;
    struct bench_count count = good_count(false), none = {.in_scope = 1000};

    expect(&r, &count, (struct bench_expected){0, 951},
           "950 rows updated, but 951 in the repetitions before");
    idle.ledger.rows_matched = idle.ledger.rows_updated = idle.stats.rows_updated = 0;
    expect(&idle, &none, (struct bench_expected){0, -1}, "no row was updated");
}

static void of_a_sample_just_its_chunks_are_done(void)
{
    struct report r = good_report(true);
    struct bench_count count = {.in_scope = 1000, .written = 500};
    int64_t taken = 0;

    for (int64_t id = 1; id <= 10; id++)
        taken += chunk_is_sampled(id, 0.5);
    CU_ASSERT_EQUAL_FATAL(taken, 5);
    r.outcome = "interrupted";
    r.ledger.chunks_done = r.stats.chunks_done = 5;
    r.ledger.chunks_left = 5;
    r.ledger.rows_left = 500;
    r.ledger.rows_matched = r.stats.rows_marked = 500;
    r.ledger.rows_updated = r.stats.rows_updated = 475;
    r.ledger.rows_released = r.stats.rows_released = 25;
    expect(&r, &count, (struct bench_expected){0.5, -1}, NULL);
    expect(&r, &count, (struct bench_expected){0.4, -1}, "5 chunks left, not 6");
    expect(&r, &count, (struct bench_expected){0, -1}, "the run ended as interrupted");
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_run_whose_numbers_hold_passes),
        TEST(each_number_of_the_report_that_is_wrong_is_seen),
        TEST(a_run_that_did_not_end_as_done_is_seen),
        TEST(what_the_table_says_otherwise_is_seen),
        TEST(a_run_that_updates_nothing_or_other_rows_than_those_before_is_seen),
        TEST(of_a_sample_just_its_chunks_are_done),
        CU_TEST_INFO_NULL,
    };

    return unit_run("bench_gate", tests);
}
