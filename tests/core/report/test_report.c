/* The report as JSON: valid, exact, and as docs/REPORT.md says. */
#include "core/report/report.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "core/plan/plan_quality.h"
#include "report_sample.h"
#include "unit.h"

static struct report_sample sample;
static struct text out;

static cJSON *print(const struct report *r)
{
    text_clear(&out);
    report_json(r, &out);
    return cJSON_Parse(text_string(&out));
}

/* The member at a path such as "ranks[1].host"; NULL when there is none. */
static const cJSON *member(const cJSON *root, const char *path)
{
    const cJSON *at = root;
    char name[64];

    while (at != NULL && *path != '\0') {
        size_t bytes = strcspn(path, ".[");
        snprintf(name, sizeof name, "%.*s", (int)bytes, path);
        at = cJSON_GetObjectItemCaseSensitive(at, name);
        path += bytes;
        if (*path == '[') {
            at = cJSON_GetArrayItem(at, (int)strtol(path + 1, NULL, 10));
            path = strchr(path, ']') + 1;
        }
        if (*path == '.')
            path++;
    }
    return at;
}

static double number(const cJSON *root, const char *path)
{
    const cJSON *item = member(root, path);
    return cJSON_IsNumber(item) ? item->valuedouble : -12345.0;
}

static const char *string(const cJSON *root, const char *path)
{
    const char *value = cJSON_GetStringValue(member(root, path));
    return value == NULL ? "(no string)" : value;
}

/* The paths of all leaves, one a line, lists as "[]": only their first item counts. */
static void add_paths(const cJSON *item, const char *path, struct text *paths)
{
    char below[256];

    if (item == NULL)
        return;
    if (cJSON_IsArray(item)) {
        snprintf(below, sizeof below, "%s[]", path);
        add_paths(item->child, below, paths);
    } else if (cJSON_IsObject(item)) {
        for (const cJSON *child = item->child; child != NULL; child = child->next) {
            snprintf(below, sizeof below, "%s%s%s", path, path[0] == '\0' ? "" : ".",
                     child->string);
            add_paths(child, below, paths);
        }
    } else {
        text_format(paths, "%s\n", path);
    }
}

/* The first cells in backquotes of the tables of docs/REPORT.md. */
static void add_documented(struct text *paths)
{
    char line[1000];
    FILE *file = fopen("docs/REPORT.md", "r");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "| `", 3) != 0)
            continue;
        line[3 + strcspn(line + 3, "`")] = '\0';
        text_format(paths, "%s\n", line + 3);
    }
    fclose(file);
}

static void docs_name_every_member_in_order_and_no_other(void)
{
    struct text written = TEXT_INIT;
    struct text documented = TEXT_INIT;
    cJSON *root = print(sample_init(&sample));

    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    add_paths(root, "", &written);
    add_documented(&documented);
    CU_ASSERT_STRING_EQUAL(text_string(&written), text_string(&documented));
    cJSON_Delete(root);
    text_free(&written);
    text_free(&documented);
}

static void the_example_in_the_docs_has_every_member(void)
{
    static char docs[40000];
    FILE *file = fopen("docs/REPORT.md", "r");
    struct text written = TEXT_INIT;
    struct text shown = TEXT_INIT;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    docs[fread(docs, 1, sizeof docs - 1, file)] = '\0';
    fclose(file);
    const char *begin = strstr(docs, "```json\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(begin);
    cJSON *example = cJSON_ParseWithOpts(begin + strlen("```json\n"), NULL, false);
    cJSON *root = print(sample_init(&sample));
    CU_ASSERT_PTR_NOT_NULL_FATAL(example);
    add_paths(example, "", &shown);
    add_paths(root, "", &written);
    CU_ASSERT_STRING_EQUAL(text_string(&shown), text_string(&written));
    cJSON_Delete(example);
    cJSON_Delete(root);
    text_free(&shown);
    text_free(&written);
}

static void members_hold_the_report_s_values(void)
{
    cJSON *root = print(sample_init(&sample));

    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CU_ASSERT_EQUAL(number(root, "chunkmill_report"), REPORT_VERSION);
    CU_ASSERT_STRING_EQUAL(string(root, "outcome"), "interrupted");
    CU_ASSERT_EQUAL(number(root, "exit_status"), 75);
    CU_ASSERT_STRING_EQUAL(string(root, "where.table"), "conflict.conflictvisitmaps");
    CU_ASSERT_STRING_EQUAL(string(root, "settings.filter"), "range");
    CU_ASSERT_STRING_EQUAL(string(root, "settings.schedule"), "dynamic");
    CU_ASSERT_STRING_EQUAL(string(root, "window.to"), "2026-03-02");
    CU_ASSERT_EQUAL(number(root, "ledger.lost_rows"), 5);
    CU_ASSERT_EQUAL(number(root, "ledger.left_rows"), 44213);
    CU_ASSERT_EQUAL(number(root, "work.skipped_chunks"), 12);
    CU_ASSERT_EQUAL(number(root, "work.found_done_chunks"), 1);
    CU_ASSERT_STRING_EQUAL(string(root, "ranks[0].role"), "manager");
    CU_ASSERT_STRING_EQUAL(string(root, "ranks[2].binding"), "4-5");
    CU_ASSERT_EQUAL(number(root, "ranks[2].busy_share"), 0.02);
    CU_ASSERT_EQUAL(number(root, "ranks[2].memory_bytes"), 68719476736.0);
    CU_ASSERT_STRING_EQUAL(string(root, "chunks[0].outcome"), "done");
    CU_ASSERT_STRING_EQUAL(string(root, "chunks[1].outcome"), "failed");
    CU_ASSERT_EQUAL(number(root, "failures[1].id"), 17);
    CU_ASSERT_STRING_EQUAL(string(root, "failures[0].sqlstate"), "22P02");
    cJSON_Delete(root);
}

static void each_outcome_of_a_chunk_has_a_name(void)
{
    struct report *r = sample_init(&sample);

    for (int outcome = CYCLE_DONE; outcome <= CYCLE_STOPPED; outcome++) {
        sample.records[0].outcome = outcome;
        cJSON *root = print(r);
        CU_ASSERT_TRUE(cJSON_IsString(member(root, "chunks[0].outcome")));
        CU_ASSERT_STRING_NOT_EQUAL(string(root, "chunks[0].outcome"), "unknown");
        cJSON_Delete(root);
    }
}

static void the_plan_states_its_makespan_bound(void)
{
    struct report *r = sample_init(&sample);
    cJSON *root = print(r);

    CU_ASSERT_EQUAL(number(root, "plan.makespan_bound_rows"),
                    plan_quality_makespan_rows(&r->plan, 2));
    CU_ASSERT_EQUAL(number(root, "plan.makespan_bound_rows"), 202116.0);
    CU_ASSERT_DOUBLE_EQUAL(number(root, "plan.mean_rows"), 404232.0 / 41, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(number(root, "plan.rows_cv"), plan_quality_rows_cv(&r->plan), 1e-12);
    cJSON_Delete(root);
}

static void times_are_seconds_with_as_few_digits_as_they_need(void)
{
    cJSON *root = print(sample_init(&sample));

    CU_ASSERT_EQUAL(number(root, "phases.total_seconds"), 2.8);
    CU_ASSERT_EQUAL(number(root, "phases.other_seconds"), 0.2796);
    CU_ASSERT_EQUAL(number(root, "chunk_times.p50_seconds"), 0.081);
    CU_ASSERT_EQUAL(number(root, "chunks[0].end_seconds"), 0.0815);
    CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&out), "\"reduce_seconds\":\t0.0004,"));
    CU_ASSERT_EQUAL(number(root, "work.rows_per_second"), 109950);
    cJSON_Delete(root);
}

static void counts_are_exact_past_the_doubles(void)
{
    cJSON_Delete(print(sample_init(&sample)));
    CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&out), "\"run_id\":\t9007199254740993,"));
}

static bool adds_up(const struct report *r)
{
    cJSON *root = print(r);
    const cJSON *item = member(root, "adds_up");
    bool is_true = cJSON_IsTrue(item);

    CU_ASSERT_TRUE(cJSON_IsBool(item));
    cJSON_Delete(root);
    return is_true;
}

static void it_says_whether_the_numbers_add_up(void)
{
    struct report *r = sample_init(&sample);
    int64_t *counts[] = {&r->ledger.chunks,        &r->ledger.chunks_done,
                         &r->ledger.chunks_failed, &r->ledger.chunks_left,
                         &r->ledger.rows_matched,  &r->ledger.rows_updated,
                         &r->ledger.rows_released, &r->ledger.rows_lost};

    CU_ASSERT_TRUE(adds_up(r));
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        ++*counts[i];
        CU_ASSERT_FALSE(adds_up(r));
        --*counts[i];
    }
    r->ledger.rows_drifted++;
    r->ledger.rows_elsewhere++;
    CU_ASSERT_TRUE(adds_up(r));
    r->has_flag = false;
    CU_ASSERT_FALSE(adds_up(r));
    r->ledger.rows_matched = r->ledger.rows_updated;
    CU_ASSERT_TRUE(adds_up(r));
}

static void what_is_hidden_of_the_planning_counts_once(void)
{
    struct report *r = sample_init(&sample);
    int64_t other_ns = report_other_ns(r);

    r->hidden_ns = 100000000;
    CU_ASSERT_EQUAL(report_other_ns(r), other_ns + 100000000);
    cJSON *root = print(r);
    CU_ASSERT_DOUBLE_EQUAL(number(root, "phases.planning_hidden_seconds"), 0.1, 1e-9);
    cJSON_Delete(root);
}

static void what_is_not_known_is_null(void)
{
    struct report *r = sample_init(&sample);

    r->slurm_job = NULL;
    r->window_from = r->window_to = NULL;
    r->hot_share = -1;
    r->rows_before = 0;
    cJSON *root = print(r);
    CU_ASSERT_TRUE(cJSON_IsNull(member(root, "where.slurm_job")));
    CU_ASSERT_TRUE(cJSON_IsNull(member(root, "window")));
    CU_ASSERT_TRUE(cJSON_IsNull(member(root, "work.hot_share")));
    CU_ASSERT_TRUE(cJSON_IsNull(member(root, "work.skipped_rows")));
    cJSON_Delete(root);
    r->chunks_before = 0;
    root = print(r);
    CU_ASSERT_EQUAL(number(root, "work.skipped_rows"), 0);
    cJSON_Delete(root);
}

static void broken_utf_8_is_mended_and_good_is_kept(void)
{
    static const struct {
        const char *in, *shown;
    } cases[] = {
        {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"cut \xe2\x82", "cut ??"},
        {"\xff\xfe \x80", "?? ?"},
        {"overlong \xc0\xaf \xe0\x80\xaf", "overlong ?? ???"},
        {"surrogate \xed\xa0\x80", "surrogate ???"},
        {"beyond \xf4\x90\x80\x80", "beyond ????"},
        {"quote \" tab \t", "quote \" tab \t"},
    };
    struct report *r = sample_init(&sample);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        r->command_line = cases[i].in;
        cJSON *root = print(r);
        CU_ASSERT_STRING_EQUAL(string(root, "command_line"), cases[i].shown);
        cJSON_Delete(root);
    }
}

static void an_empty_report_is_valid_json(void)
{
    struct report r = {.hot_share = -1};
    cJSON *root = print(&r);

    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CU_ASSERT_TRUE(cJSON_IsNull(member(root, "job")));
    CU_ASSERT_TRUE(cJSON_IsTrue(member(root, "adds_up")));
    CU_ASSERT_EQUAL(cJSON_GetArraySize(member(root, "ranks")), 0);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(member(root, "chunks")), 0);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(member(root, "failures")), 0);
    CU_ASSERT_EQUAL(number(root, "plan.makespan_bound_rows"), 0);
    cJSON_Delete(root);
}

static void lists_have_one_item_a_line(void)
{
    cJSON_Delete(print(sample_init(&sample)));
    CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&out), "\n\t\t{\"id\":13,\"worker\":1,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&out), "\n\t\t{\"id\":14,\"worker\":2,"));
    CU_ASSERT_EQUAL(text_string(&out)[out.bytes - 1], '\n');
}

int main(void)
{
    CU_TestInfo tests[] = {TEST(docs_name_every_member_in_order_and_no_other),
                           TEST(the_example_in_the_docs_has_every_member),
                           TEST(members_hold_the_report_s_values),
                           TEST(each_outcome_of_a_chunk_has_a_name),
                           TEST(the_plan_states_its_makespan_bound),
                           TEST(times_are_seconds_with_as_few_digits_as_they_need),
                           TEST(counts_are_exact_past_the_doubles),
                           TEST(it_says_whether_the_numbers_add_up),
                           TEST(what_is_hidden_of_the_planning_counts_once),
                           TEST(what_is_not_known_is_null),
                           TEST(broken_utf_8_is_mended_and_good_is_kept),
                           TEST(an_empty_report_is_valid_json),
                           TEST(lists_have_one_item_a_line),
                           CU_TEST_INFO_NULL};
    int status = unit_run("report", tests);
    text_free(&out);
    return status;
}
