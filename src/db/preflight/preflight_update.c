/* Checks the job's SQL: whether the server accepts the update, whether it updates the target,
 * whether it moves rows out of their chunk, whether rows are checked again after a wait, and
 * whether the steps before and after are well formed. Executes nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "core/sql/template.h"
#include "core/sql/update_outline.h"
#include "db/preflight/preflight_checks.h"
#include "db/target/target.h"
#include "sql_statements.h"

/* The update was explained: is it the target that its outermost statement updates? */
static int say_target(struct preflight_run *run, const struct rows *plan, struct error *err)
{
    const char *values[] = {rows_text(plan, 0, 0), run->table_oid};
    struct rows *rows = NULL;
    bool is_updated = false;

    if (preflight_ask(run, &sql_inspect_plan, 2, values, &rows, err) != 0)
        return -1;
    for (int64_t i = 0; i < rows_count(rows); i++)
        is_updated |= rows_bool(rows, i, 3) && strcmp(rows_text(rows, i, 0), "update") == 0;
    rows_free(rows);
    if (!is_updated) {
        preflight_say(run, PREFLIGHT_FAIL, "%s does not update %s", run->config->update_name,
                      run->table);
        preflight_advise(run, "write UPDATE %s AS t SET .. WHERE {chunk_filter}", run->table);
    }
    return 0;
}

static bool is_accepted(const struct config *config, const char *column)
{
    for (int i = 0; i < config->may_assign_count; i++)
        if (strcmp(config->may_assign[i], column) == 0)
            return true;
    return false;
}

/* The columns that the update assigns and that these parts of the job read, perhaps by way of a
 * generated column; of the key only those that the job doesn't accept. */
static int list_assigned(struct preflight_run *run, const struct update_outline *outline, int parts,
                         struct text *names, struct error *err)
{
    struct rows *rows = NULL;

    if (preflight_key_parts(run, parts, &rows, err) != 0)
        return -1;
    for (int64_t i = 0; i < rows_count(rows); i++) {
        const char *name = rows_text(rows, i, 1);
        bool is_column = strcmp(rows_text(rows, i, 0), "column") == 0;
        if (is_column && update_outline_assigns(outline, name) &&
            !(parts == PREFLIGHT_KEY && is_accepted(run->config, name)))
            text_format(names, "%s\"%s\"", names->bytes > 0 ? ", " : "", name);
    }
    rows_free(rows);
    return 0;
}

/* Columns that decide which chunk a row is in, and whether it is in one. */
static int say_assigned(struct preflight_run *run, const struct update_outline *outline,
                        struct error *err)
{
    struct text moving = TEXT_INIT, leaving = TEXT_INIT;
    int rc = list_assigned(run, outline, PREFLIGHT_KEY, &moving, err);

    if (rc == 0)
        rc = list_assigned(run, outline, PREFLIGHT_SCOPE | PREFLIGHT_WINDOW, &leaving, err);
    if (rc == 0 && moving.bytes > 0) {
        preflight_say(run, PREFLIGHT_FAIL,
                      "it assigns %s, of which the key is made: a row may move into a chunk that "
                      "comes later, and be updated again there",
                      text_string(&moving));
        preflight_advise(run,
                         "choose a \"key\" that the update leaves alone; or, if it does no harm "
                         "twice, set \"may_assign\": [%s] in %s",
                         text_string(&moving), run->config->path);
    }
    if (rc == 0 && leaving.bytes > 0) {
        preflight_say(run, PREFLIGHT_WARN,
                      "it assigns %s, of which scope or window are made: rows may leave the scope, "
                      "or come into it in a chunk that is done",
                      text_string(&leaving));
        preflight_advise(run, "choose scope and window that the update leaves alone");
    }
    text_free(&moving);
    text_free(&leaving);
    return rc;
}

/* What EXPLAIN says below "Update on .." and "  ->  Result" where there is nothing to update; what
 * belongs to a subquery stands further in. */
static const char nothing_to_update[] = "        One-Time Filter: false";

/* With a filter that is never true the server must see that there is nothing to update; else it
 * stands beside OR or under NOT, and a chunk would update the rows of others. */
static int say_leak(struct preflight_run *run, struct error *err)
{
    const struct template_value values[] = {{"chunk_filter", "(false)"}};
    struct text text = TEXT_INIT;
    struct rows *plan = NULL;
    bool is_empty = false;
    int rc = -1;

    text_add(&text, "EXPLAIN ");
    if (template_expand("update", run->work->update, values, 1, &text, err) == 0) {
        const struct sql sql = {"update", text_string(&text)};
        rc = connection_query_once(run->c, &sql, PARAMETERS_NONE, &plan, err);
    }
    text_free(&text);
    if (rc != 0)
        return -1;
    for (int64_t i = 0; i < rows_count(plan); i++)
        is_empty |= strcmp(rows_text(plan, i, 0), nothing_to_update) == 0;
    rows_free(plan);
    if (is_empty)
        return 0;
    preflight_say(run, PREFLIGHT_FAIL,
                  "it updates rows that {chunk_filter} does not choose: the filter stands beside "
                  "OR or under NOT");
    preflight_advise(
        run, "join {chunk_filter} to the rest of the WHERE by AND, the rest in parentheses");
    return 0;
}

static int say_outline(struct preflight_run *run, struct error *err)
{
    struct update_outline outline;
    int rc = 0;

    update_outline_read(run->work->update, &outline);
    if (!outline.is_update) {
        preflight_say(
            run, PREFLIGHT_FAIL,
            "its outermost statement is no UPDATE, so the rows it updates could not be counted");
        preflight_advise(run, "make UPDATE the outermost statement of %s",
                         run->config->update_name);
    } else if (outline.is_filtered && !outline.is_about_t) {
        preflight_say(run, PREFLIGHT_FAIL,
                      "the table that it updates is not called t in it, so {chunk_filter} would "
                      "be about another table");
        preflight_advise(run, "write UPDATE %s AS t SET .. WHERE {chunk_filter}", run->table);
    } else if (!outline.is_filtered) {
        preflight_say(run, PREFLIGHT_WARN,
                      "{chunk_filter} stands in a subquery or WITH: the server does not look at it "
                      "again when "
                      "a row has moved, and a scan more is a fifth slower");
        preflight_advise(
            run, "put {chunk_filter} into the WHERE of the UPDATE itself, about the alias t");
    }
    if (outline.is_update && !run->is_standby)
        rc = say_assigned(run, &outline, err);
    if (rc == 0 && outline.is_filtered && !run->is_standby)
        rc = say_leak(run, err);
    update_outline_clear(&outline);
    return rc;
}

#define UNDEFINED_FUNCTION "42883" /* or operator */
#define CANNOT_COERCE      "42846"

/* What the server says to the update; a right that lacks is the privileges check's. */
static int refused(struct preflight_run *run, const struct error *why)
{
    if (strcmp(why->sqlstate, "42501") == 0) {
        preflight_say(run, PREFLIGHT_SKIPPED, "needs the right to execute it: see privileges");
        return 0;
    }
    if (strcmp(why->sqlstate, CANNOT_COERCE) == 0)
        preflight_say(run, PREFLIGHT_FAIL, "%s: the t that {chunk_filter} is about is not %s (%s)",
                      run->config->update_name, run->table, why->text);
    else
        preflight_say(run, PREFLIGHT_FAIL, "%s: %s", run->config->update_name, why->text);
    if (strcmp(why->sqlstate, UNDEFINED_FUNCTION) == 0)
        preflight_advise(run,
                         "put it right in %s; functions and operators are found by the "
                         "search_path of role %s",
                         run->config->update_name, run->role);
    else
        preflight_advise(run,
                         "put it right; its form is UPDATE %s AS t SET .. WHERE {chunk_filter}",
                         run->table);
    return 0;
}

/* The chunk that is explained has no bounds, so it need not say t; those of a run do. And t must be
 * a row of the target: of another table it can't be cast, wherever the filter stands. */
static int try_alias(struct preflight_run *run, struct error *err)
{
    const struct predicate_shape shape = {.kind = CHUNK_RANGE, .has_lower = true};
    struct text filter = TEXT_INIT, update = TEXT_INIT, text = TEXT_INIT;
    uint32_t types[KEY_COLUMNS_MAX + 2];
    int columns;

    text_format(&filter, "({chunk_filter} AND (t::%s IS NULL) IS NOT NULL)", run->work->table);
    const struct template_value values[] = {{"chunk_filter", text_string(&filter)}};
    int rc = template_expand("update", run->work->update, values, 1, &update, err);
    struct work work = *run->work;
    work.update = update.data;
    if (rc == 0)
        rc = statement_text(&work, STATEMENT_UPDATE, shape, &text, err);
    const struct sql sql = {"update", text_string(&text)};
    if (rc == 0)
        rc = connection_describe(run->c, &sql, types, &columns, err);
    text_free(&filter);
    text_free(&update);
    text_free(&text);
    return rc;
}

int preflight_update_check(struct preflight_run *run, struct error *err)
{
    struct rows *plan = NULL;

    if (try_alias(run, err) != 0 ||
        preflight_plan_explain(run, STATEMENT_UPDATE, NULL, NULL, &plan, err) != 0) {
        bool is_ours = err->kind == ERROR_SERVER || err->kind == ERROR_CONFIG;
        return is_ours ? refused(run, err) : -1;
    }
    int rc = say_target(run, plan, err);
    rows_free(plan);
    if (rc == 0)
        rc = say_outline(run, err);
    if (rc == 0 && run->finding->answer == PREFLIGHT_PASS)
        preflight_say(run, PREFLIGHT_PASS, "%s updates %s", run->config->update_name, run->table);
    return rc;
}

/* Errors: CONFIG from a placeholder; anything else can't happen here. */
static void look_at_step(struct preflight_run *run, const struct config_step *step)
{
    struct text sql = TEXT_INIT;
    struct error why = ERROR_INIT;

    if (target_expand(run->c, run->config, step->name, step->sql, &sql, &why) != 0) {
        preflight_say(run, PREFLIGHT_FAIL, "%s", why.text);
        preflight_advise(run, "put %s right", step->name);
    } else if (template_statements(text_string(&sql)) == 0) {
        preflight_say(run, PREFLIGHT_FAIL, "%s holds no statement", step->name);
        preflight_advise(run, "take %s out of %s, or fill it", step->name, run->config->path);
    } else if (step->transaction && template_ends_transaction(text_string(&sql))) {
        preflight_say(run, PREFLIGHT_FAIL,
                      "%s ends the transaction that it runs in, so that what it does could be done "
                      "twice",
                      step->name);
        preflight_advise(run,
                         "take COMMIT and ROLLBACK out of %s, or write {\"file\": \"%s\", "
                         "\"transaction\": false}",
                         step->name, step->name);
    } else if (!step->transaction && template_statements(text_string(&sql)) > 1) {
        preflight_say(
            run, PREFLIGHT_WARN,
            "%s is to run outside of a transaction, but several statements in one message are one",
            step->name);
        preflight_advise(run, "give each statement of %s a step of its own", step->name);
    }
    text_free(&sql);
}

int preflight_update_steps(struct preflight_run *run, struct error *err)
{
    const struct config *config = run->config;

    (void)err;
    for (int i = 0; i < config->before_count; i++)
        look_at_step(run, &config->before[i]);
    for (int i = 0; i < config->after_count; i++)
        look_at_step(run, &config->after[i]);
    preflight_say(run, PREFLIGHT_PASS, "%d before, %d after", config->before_count,
                  config->after_count);
    return 0;
}
