/* What may start, resume or is refused; labels, exit statuses, and the texts behind the work hash.
 */
#include <stdio.h>
#include <string.h>

#include "core/protocol/lifecycle.h"
#include "unit.h"

static struct run_facts run(const char *label, enum run_state state)
{
    struct run_facts facts = {.exists = true, .state = state, .chunks_open = 12};

    snprintf(facts.label, sizeof facts.label, "%s", label);
    return facts;
}

/* The answer, or -1 with what the refusal says in err. */
static int start(const char *label, const struct run_facts *unfinished,
                 const struct run_facts *same_label, struct error *err)
{
    enum lifecycle_answer answer = LIFECYCLE_CREATE;

    error_clear(err);
    return lifecycle_start("visits", label, unfinished, same_label, &answer, err) == 0 ? (int)answer
                                                                                       : -1;
}

static void a_job_that_never_ran_is_created(void)
{
    struct run_facts none = {.exists = false};
    struct error err;

    CU_ASSERT_EQUAL(start(NULL, NULL, NULL, &err), LIFECYCLE_CREATE);
    CU_ASSERT_EQUAL(start("monday", &none, &none, &err), LIFECYCLE_CREATE);
}

static void an_unfinished_run_is_resumed_by_its_label_or_by_none(void)
{
    static const enum run_state states[] = {RUN_PLANNING, RUN_RUNNING};
    struct error err;

    for (int i = 0; i < 2; i++) {
        struct run_facts open = run("monday", states[i]);
        CU_ASSERT_EQUAL(start(NULL, &open, NULL, &err), LIFECYCLE_RESUME);
        CU_ASSERT_EQUAL(start("monday", &open, NULL, &err), LIFECYCLE_RESUME);
    }
}

static void another_label_is_refused_and_names_the_unfinished_one(void)
{
    struct run_facts open = run("monday", RUN_RUNNING);
    struct error err;

    CU_ASSERT_EQUAL(start("tuesday", &open, NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "job visits"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "label monday is unfinished (12 chunks open)"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "label tuesday"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "; try chunkmill run without --label"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "chunkmill abandon"));
}

static void an_abandoning_run_is_refused_whatever_the_label(void)
{
    struct run_facts open = run("monday", RUN_ABANDONING);
    struct error err;

    CU_ASSERT_EQUAL(start(NULL, &open, NULL, &err), -1);
    CU_ASSERT_EQUAL(start("monday", &open, NULL, &err), -1);
    CU_ASSERT_EQUAL(start("tuesday", &open, NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "label monday"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "; try chunkmill abandon"));
}

static void a_finished_label_does_not_run_again(void)
{
    static const enum run_state states[] = {RUN_DONE, RUN_DONE_WITH_GAPS, RUN_ABANDONED};
    struct error err;

    for (int i = 0; i < 3; i++) {
        struct run_facts finished = run(LIFECYCLE_DEFAULT_LABEL, states[i]);
        CU_ASSERT_EQUAL(start(NULL, NULL, &finished, &err), LIFECYCLE_ALREADY_DONE);
        CU_ASSERT_EQUAL(start(LIFECYCLE_DEFAULT_LABEL, NULL, &finished, &err),
                        LIFECYCLE_ALREADY_DONE);
    }
}

static void an_unfinished_run_goes_before_a_finished_one(void)
{
    struct run_facts open = run("tuesday", RUN_PLANNING);
    struct run_facts finished = run(LIFECYCLE_DEFAULT_LABEL, RUN_DONE);
    struct error err;

    CU_ASSERT_EQUAL(start(NULL, &open, &finished, &err), LIFECYCLE_RESUME);
}

static void labels_are_fit_for_file_names(void)
{
    static const char *const good[] = {
        "a",       "once", "slurm-123_4.b",
        "2026-01", "_x",   "123456789012345678901234567890123456789012345678901234567890123"};
    static const char *const bad[] = {
        "",         "-x",  ".x",
        "a/b",      "a b", "a\n",
        "\xc3\xa4", "a\"", "1234567890123456789012345678901234567890123456789012345678901234"};
    struct error err;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CU_ASSERT_EQUAL(lifecycle_check_label(good[i], &err), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        error_clear(&err);
        CU_ASSERT_EQUAL(lifecycle_check_label(bad[i], &err), -1);
        CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
        CU_ASSERT_EQUAL(start(bad[i], NULL, NULL, &err), -1);
    }
}

static void the_exit_status_follows_the_ledger(void)
{
    struct run_facts none = {.exists = false};
    struct run_facts facts = run("a", RUN_DONE);

    CU_ASSERT_EQUAL(lifecycle_exit_status(NULL), 5);
    CU_ASSERT_EQUAL(lifecycle_exit_status(&none), 5);
    CU_ASSERT_EQUAL(lifecycle_exit_status(&facts), 0);
    facts.state = RUN_DONE_WITH_GAPS;
    CU_ASSERT_EQUAL(lifecycle_exit_status(&facts), 4);
    facts.state = RUN_ABANDONED;
    CU_ASSERT_EQUAL(lifecycle_exit_status(&facts), 5);
    facts.state = RUN_ABANDONING;
    CU_ASSERT_EQUAL(lifecycle_exit_status(&facts), 5);
    facts.state = RUN_PLANNING;
    CU_ASSERT_EQUAL(lifecycle_exit_status(&facts), 75);
    facts.state = RUN_RUNNING;
    CU_ASSERT_EQUAL(lifecycle_exit_status(&facts), 75);
    facts.stopped_fatally = true;
    CU_ASSERT_EQUAL(lifecycle_exit_status(&facts), 5);
    facts.attempt_is_live = true;
    CU_ASSERT_EQUAL(lifecycle_exit_status(&facts), 6);
}

static void run_states_have_names_that_parse_back(void)
{
    int unfinished = 0;

    for (int i = RUN_PLANNING; i <= RUN_ABANDONED; i++) {
        enum run_state state = i == RUN_PLANNING ? RUN_DONE : RUN_PLANNING;
        CU_ASSERT_EQUAL(run_state_parse(run_state_name((enum run_state)i), &state), 0);
        CU_ASSERT_EQUAL((int)state, i);
        unfinished += run_state_is_unfinished((enum run_state)i);
    }
    CU_ASSERT_EQUAL(unfinished, 3);
    CU_ASSERT_TRUE(run_state_is_unfinished(RUN_ABANDONING));
    CU_ASSERT_FALSE(run_state_is_unfinished(RUN_DONE_WITH_GAPS));
    enum run_state state;
    CU_ASSERT_EQUAL(run_state_parse("finished", &state), -1);
}

static bool same_identity(const struct work *a, const struct work *b)
{
    struct text x = TEXT_INIT;
    struct text y = TEXT_INIT;

    lifecycle_identity_text(&x, a, false, "now() - interval '2 years'", NULL);
    lifecycle_identity_text(&y, b, false, "now() - interval '2 years'", NULL);
    bool same = strcmp(text_string(&x), text_string(&y)) == 0;
    text_free(&x);
    text_free(&y);
    return same;
}

static char one[] = "1";
static char two[] = "2";

static void the_identity_changes_with_everything_that_decides_rows(void)
{
    struct work work = {.table = one,
                        .key_columns = 1,
                        .row_id = one,
                        .scope = one,
                        .window_on = one,
                        .flag = one,
                        .marked = one,
                        .released = one};
    work.keys[0] = (struct work_key){.expression = one, .type = one};
    char **members[] = {&work.table,   &work.keys[0].expression, &work.keys[0].type, &work.row_id,
                        &work.scope,   &work.window_on,          &work.flag,         &work.marked,
                        &work.released};

    CU_ASSERT_TRUE(same_identity(&work, &work));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        struct work before = work;
        *members[i] = two;
        CU_ASSERT_FALSE(same_identity(&before, &work));
        *members[i] = one;
    }
    struct work more = work;
    more.keys[1] = work.keys[0];
    more.key_columns = 2;
    CU_ASSERT_FALSE(same_identity(&work, &more));
}

static void the_identity_knows_the_settings_that_may_decide_rows(void)
{
    static const struct {
        const char *name;
        bool decides;
    } settings[] = {{"timezone", true}, {"app.tenant", true}, {"work_mem", false}};

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        struct work a = {.table = one}, b = {.table = one};
        work_add_setting(&a, settings[i].name, "1");
        work_add_setting(&b, settings[i].name, "2");
        CU_ASSERT_EQUAL(same_identity(&a, &b), !settings[i].decides);
        a.table = b.table = NULL;
        work_clear(&a);
        work_clear(&b);
    }
}

static void the_identity_covers_filter_and_window(void)
{
    struct work work = {.table = one};
    struct text texts[4] = {TEXT_INIT, TEXT_INIT, TEXT_INIT, TEXT_INIT};

    lifecycle_identity_text(&texts[0], &work, false, NULL, "a");
    lifecycle_identity_text(&texts[1], &work, true, NULL, "a");
    lifecycle_identity_text(&texts[2], &work, false, "a", NULL);
    lifecycle_identity_text(&texts[3], &work, false, NULL, NULL);
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < i; k++)
            CU_ASSERT_STRING_NOT_EQUAL(text_string(&texts[i]), text_string(&texts[k]));
    }
    for (int i = 0; i < 4; i++)
        text_free(&texts[i]);
}

static void the_identity_does_not_know_sizes_and_timeouts(void)
{
    struct work a = {
        .table = one, .update = one, .statement_timeout_ms = 1, .attempt = 1, .run_id = 1};
    struct work b = {.table = one,
                     .update = two,
                     .statement_timeout_ms = 2,
                     .attempt = 2,
                     .run_id = 2,
                     .table_oid = 3};

    CU_ASSERT_TRUE(same_identity(&a, &b));
}

/* Two facts side by side can't be read as one another: every value has its length. */
static void the_identity_is_not_fooled_by_line_ends_in_values(void)
{
    static char scope[] = "a\nwindow on -";
    static char plain[] = "a";
    struct work a = {.table = one, .scope = scope};
    struct work b = {.table = one, .scope = plain};

    CU_ASSERT_FALSE(same_identity(&a, &b));
}

static void line_ends_do_not_change_the_work(void)
{
    static char unix_ends[] = "UPDATE t\nSET a = 1\n\nWHERE {chunk_filter}\n";
    static char other_ends[] = "UPDATE t\r\nSET a = 1\r\rWHERE {chunk_filter}\r\n";
    struct work a = {.table = one, .scope = unix_ends, .update = unix_ends};
    struct work b = {.table = one, .scope = other_ends, .update = other_ends};
    struct text x = TEXT_INIT;
    struct text y = TEXT_INIT;

    lifecycle_update_text(&x, &a);
    lifecycle_update_text(&y, &b);
    CU_ASSERT_STRING_EQUAL(text_string(&x), unix_ends);
    CU_ASSERT_STRING_EQUAL(text_string(&y), unix_ends);
    CU_ASSERT_TRUE(same_identity(&a, &b));
    text_free(&x);
    text_free(&y);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_job_that_never_ran_is_created),
        TEST(an_unfinished_run_is_resumed_by_its_label_or_by_none),
        TEST(another_label_is_refused_and_names_the_unfinished_one),
        TEST(an_abandoning_run_is_refused_whatever_the_label),
        TEST(a_finished_label_does_not_run_again),
        TEST(an_unfinished_run_goes_before_a_finished_one),
        TEST(labels_are_fit_for_file_names),
        TEST(the_exit_status_follows_the_ledger),
        TEST(run_states_have_names_that_parse_back),
        TEST(the_identity_changes_with_everything_that_decides_rows),
        TEST(the_identity_knows_the_settings_that_may_decide_rows),
        TEST(the_identity_covers_filter_and_window),
        TEST(the_identity_does_not_know_sizes_and_timeouts),
        TEST(the_identity_is_not_fooled_by_line_ends_in_values),
        TEST(line_ends_do_not_change_the_work),
        CU_TEST_INFO_NULL,
    };

    return unit_run("lifecycle", tests);
}
