/* What a person reads after a run. */
#include "core/report/report.h"

#include <string.h>

#include "base/human.h"
#include "report_sample.h"
#include "unit.h"

static struct report_sample sample;
static struct text out;

static const char *print(const struct report *r)
{
    text_clear(&out);
    report_text(r, &out);
    return text_string(&out);
}

static bool has(const char *s)
{
    return strstr(text_string(&out), s) != NULL;
}

static int count_of(const char *s)
{
    int count = 0;

    for (const char *at = text_string(&out); (at = strstr(at, s)) != NULL; at += strlen(s))
        count++;
    return count;
}

/* Every line's width is within 100 columns, and none ends in a space. */
static bool is_tidy(void)
{
    char line[1000];
    const char *at = text_string(&out);

    for (const char *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        size_t bytes = (size_t)(end - at);

        if (bytes >= sizeof line)
            return false;
        memcpy(line, at, bytes);
        line[bytes] = '\0';
        if (human_columns(line) > 100 || (bytes > 0 && line[bytes - 1] == ' '))
            return false;
    }
    return *at == '\0';
}

static void the_first_line_is_the_outcome_in_words(void)
{
    static const struct {
        const char *outcome, *line;
    } cases[] = {
        {"done", "conflict_visits (label nightly): done, 41 chunks; 339,900 rows updated\n"},
        {"done_with_gaps",
         "conflict_visits (label nightly): done with gaps, 2 of 41 chunks failed and 7 "
         "rows marked elsewhere;\n"},
        {"interrupted", "conflict_visits (label nightly): interrupted, 3 of 41 chunks left; "
                        "339,900 rows updated\n"},
        {"failed",
         "conflict_visits (label nightly): stopped with a failure, 3 of 41 chunks left; "},
        {"already done",
         "conflict_visits (label nightly): already done, nothing was left to do in 41 "},
    };
    struct report *r = sample_init(&sample);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        r->outcome = cases[i].outcome;
        CU_ASSERT_NSTRING_EQUAL(print(r), cases[i].line, strlen(cases[i].line));
    }
}

static void chunks_and_rows_stand_in_columns(void)
{
    print(sample_init(&sample));
    CU_ASSERT_TRUE(
        has("                          chunks                rows\n"
            "planned                       41             404,232\n"
            "done                          36             340,019  as planned\n"
            "  skipped                     12             118,310  done before this attempt\n"
            "failed                         2              20,000\n"
            "left                           3              44,213\n"));
    sample.report.rows_before = 0;
    print(&sample.report);
    CU_ASSERT_TRUE(
        has("  skipped                     12                   -  done before this attempt\n"));
}

static void rows_are_counted_by_what_became_of_them(void)
{
    print(sample_init(&sample));
    CU_ASSERT_TRUE(has("marked                   340,000\nupdated                  339,900\n"));
    CU_ASSERT_TRUE(has("\nreleased                      95  marked, "));
    CU_ASSERT_TRUE(has("\nmarked elsewhere               7  by another program"));
    CU_ASSERT_TRUE(has("\nlost                           5  ours when marked"));
}

static void without_a_flag_nothing_is_said_of_marks(void)
{
    struct report *r = sample_init(&sample);

    r->has_flag = false;
    r->ledger.rows_elsewhere = 0;
    print(r);
    CU_ASSERT_TRUE(has("\nupdated "));
    CU_ASSERT_TRUE(has("\ndrifted "));
    CU_ASSERT_FALSE(has("\nmarked "));
    CU_ASSERT_FALSE(has("\nreleased "));
    CU_ASSERT_FALSE(has("\nlost "));
}

static void drift_is_explained_where_there_is_some(void)
{
    struct report *r = sample_init(&sample);

    print(r);
    CU_ASSERT_TRUE(has("drifted                       12  planned, but gone"));
    r->ledger.rows_drifted = -1200;
    print(r);
    CU_ASSERT_TRUE(has("drifted                   -1,200  more there when"));
    CU_ASSERT_TRUE(has("live table"));
    r->ledger.rows_drifted = 0;
    print(r);
    CU_ASSERT_TRUE(has("drifted                        0\n"));
    CU_ASSERT_FALSE(has("live table"));
}

static void numbers_that_do_not_add_up_are_called_a_bug(void)
{
    struct report *r = sample_init(&sample);

    print(r);
    CU_ASSERT_FALSE(has("do not add up"));
    r->ledger.rows_lost++;
    print(r);
    CU_ASSERT_TRUE(has("do not add up"));
    CU_ASSERT_TRUE(is_tidy());
}

static void phases_that_overlap_leave_nothing(void)
{
    struct report *r = sample_init(&sample);

    r->total_ns = 2400000000;
    print(r);
    CU_ASSERT_TRUE(has("\nstart, checks                0 s     0%\n"));
}

static void times_are_human_with_their_shares(void)
{
    print(sample_init(&sample));
    CU_ASSERT_TRUE(has("\nconnect                   120 ms     4%\n"));
    CU_ASSERT_TRUE(has("\ndistribution              340 ms    12%\n"));
    CU_ASSERT_TRUE(has("\nplan                       60 ms     2%\n"));
    CU_ASSERT_TRUE(has("\nwork                       2.0 s    71%\n"));
    CU_ASSERT_TRUE(has("\nreduce                    0.4 ms    <1%\n"));
    CU_ASSERT_TRUE(has("\nstart, checks             280 ms    10%\n"));
    CU_ASSERT_TRUE(has("\ntotal                      2.8 s   100%\n"));
    CU_ASSERT_TRUE(
        has("\nrate              109,950 rows/s over the work phase, 97% of the updates HOT\n"));
    CU_ASSERT_TRUE(has("\nchunk times       p50 81 ms, p95 120 ms, max 1.2 s, over 24 chunks\n"));
    CU_ASSERT_TRUE(has("\nimbalance         1.18 "));
    sample.report.hot_share = -1;
    print(&sample.report);
    CU_ASSERT_FALSE(has("HOT"));
}

static void up_to_sixteen_ranks_each_has_a_line(void)
{
    struct report *r = sample_init(&sample);

    sample_ranks(&sample, 16);
    print(r);
    CU_ASSERT_TRUE(
        has("  rank      chunks              rows     busy  host                          binding\n"
            "     0           0                 0  manager  node0                         0-1\n"
            "     1          11           100,001       1%  node0                         2-3\n"));
    CU_ASSERT_EQUAL(count_of("  node"), 16);
    CU_ASSERT_FALSE(has("the other"));
    sample_ranks(&sample, 1);
    print(r);
    CU_ASSERT_FALSE(has("manager"));
    CU_ASSERT_TRUE(has("1 node, 1 rank (1 worker)"));
}

static void of_more_ranks_the_busiest_the_idlest_and_the_rest(void)
{
    struct report *r = sample_init(&sample);

    sample_ranks(&sample, 17);
    print(r);
    CU_ASSERT_EQUAL(count_of("  node"), 11);
    CU_ASSERT_TRUE(has("\n     0           0                 0  manager"));
    CU_ASSERT_TRUE(has("\n    16          26           100,016      16%"));
    CU_ASSERT_TRUE(has("\n    12          22           100,012      12%"));
    CU_ASSERT_TRUE(has("\n    ..         111           600,051       8%  the other 6 workers"));
    CU_ASSERT_TRUE(has("\n     5          15           100,005       5%"));
    const char *busiest = strstr(text_string(&out), "\n    16 ");
    CU_ASSERT_TRUE(busiest != NULL && strstr(busiest, "\n    ..") != NULL);
    CU_ASSERT_TRUE(busiest != NULL && strstr(busiest, "\n     1 ") != NULL);
    CU_ASSERT_FALSE(has("\n     6 "));
    CU_ASSERT_FALSE(has("\n    11 "));
}

static void it_says_where_it_ran(void)
{
    struct report *r = sample_init(&sample);

    sample_ranks(&sample, 9);
    print(r);
    CU_ASSERT_TRUE(
        has("3 nodes, 9 ranks (8 workers), 24 cores, 192.0 GiB of memory; rank 0: Example CPU"));
    CU_ASSERT_TRUE(has("Open MPI 4.1.4; Slurm job 4711\n"));
    CU_ASSERT_TRUE(
        has("PostgreSQL 15.8 at db.example.com, database lab, primary, role chunkmill_worker\n"));
    CU_ASSERT_TRUE(has("conflict.conflictvisitmaps\n"));
}

static void failures_name_chunk_rows_state_and_text(void)
{
    struct report *r = sample_init(&sample);

    print(r);
    CU_ASSERT_TRUE(
        has("chunk 14, 9,900 rows, SQLSTATE 22P02: update: the server refused a value\n"));
    CU_ASSERT_TRUE(
        has("chunk 17, 1 row, SQLSTATE none: update: the connection was lost three times\n"));
    CU_ASSERT_FALSE(has("more"));
    r->ledger.chunks_failed = 3;
    print(r);
    CU_ASSERT_TRUE(has("and 1 failed chunk more\n"));
    r->failure_count = 0;
    r->ledger.chunks_failed = 0;
    print(r);
    CU_ASSERT_FALSE(has("failures"));
}

static void the_next_step_is_in_words(void)
{
    struct report *r = sample_init(&sample);

    r->ledger.chunks_failed = 0;
    print(r);
    CU_ASSERT_TRUE(has("\nnext              start the same command again to resume\n"));
    r->exit_status = 4;
    r->outcome = "done_with_gaps";
    r->ledger.chunks_failed = 1;
    r->ledger.chunks_left = 0;
    r->ledger.rows_elsewhere = 0;
    print(r);
    CU_ASSERT_TRUE(has("\nnext              `chunkmill status JOB` tells of the 1 failed chunk; "
                       "`run --retry-failed` does"));
    r->ledger.chunks_failed = 0;
    r->ledger.rows_elsewhere = 7;
    print(r);
    CU_ASSERT_TRUE(
        has("\nnext              `chunkmill release JOB --foreign` shows the 7 rows marked"));
    r->ledger.rows_elsewhere = 0;
    r->exit_status = 0;
    r->outcome = "already done";
    print(r);
    CU_ASSERT_TRUE(has("\nnext              `--label NAME` runs the job again\n"));
    r->outcome = "done";
    print(r);
    CU_ASSERT_FALSE(has("\nnext "));
}

static void no_line_is_wider_than_a_hundred_columns(void)
{
    char host[64];
    struct report *r = sample_init(&sample);

    memset(host, 'h', sizeof host - 1);
    host[sizeof host - 1] = '\0';
    for (int ranks = 1; ranks <= SAMPLE_RANKS; ranks++) {
        sample_ranks(&sample, ranks);
        memcpy(sample.places[0].host, host, sizeof host);
        memcpy(sample.places[0].binding, host, sizeof host);
        print(r);
        CU_ASSERT_TRUE(is_tidy());
    }
    r->job = r->table = r->server_host = r->label = r->mpi_version =
        "a_very_long_name_that_does_not_end_before_"
        "column_hundred_and_has_no_space_in_it_"
        "but_goes_on_and_on_and_on_and_on_and_on";
    memset(sample.failures[0].error, 'e', sizeof sample.failures[0].error - 1);
    r->ledger.rows_planned = r->ledger.rows_matched = r->ledger.rows_updated = INT64_MAX / 4;
    r->ledger.rows_drifted = INT64_MIN;
    print(r);
    CU_ASSERT_TRUE(is_tidy());
}

static void an_empty_report_can_be_printed(void)
{
    struct report r = {.hot_share = -1};

    print(&r);
    CU_ASSERT_TRUE(has("unknown (label unknown): "));
    CU_ASSERT_FALSE(has("ranks\n"));
    CU_ASSERT_FALSE(has("time ("));
    CU_ASSERT_TRUE(is_tidy());
}

int main(void)
{
    CU_TestInfo tests[] = {TEST(the_first_line_is_the_outcome_in_words),
                           TEST(chunks_and_rows_stand_in_columns),
                           TEST(rows_are_counted_by_what_became_of_them),
                           TEST(without_a_flag_nothing_is_said_of_marks),
                           TEST(drift_is_explained_where_there_is_some),
                           TEST(numbers_that_do_not_add_up_are_called_a_bug),
                           TEST(phases_that_overlap_leave_nothing),
                           TEST(times_are_human_with_their_shares),
                           TEST(up_to_sixteen_ranks_each_has_a_line),
                           TEST(of_more_ranks_the_busiest_the_idlest_and_the_rest),
                           TEST(it_says_where_it_ran),
                           TEST(failures_name_chunk_rows_state_and_text),
                           TEST(the_next_step_is_in_words),
                           TEST(no_line_is_wider_than_a_hundred_columns),
                           TEST(an_empty_report_can_be_printed),
                           CU_TEST_INFO_NULL};
    int status = unit_run("report_text", tests);
    text_free(&out);
    return status;
}
