/* Checks the target from the catalog: what kind of table it is, its rules, columns, row id, row
 * security and triggers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/memory.h"
#include "db/preflight/preflight_checks.h"
#include "db/target/target.h"
#include "sql_statements.h"

/* Finds the table by its name; what the server refuses (no right on the schema) is kept for the
 * check. */
static int find_table(struct preflight_run *run, struct error *err)
{
    static const struct sql find = {"finding the table", "SELECT to_regclass($1::text)::oid::text"};
    struct text name = TEXT_INIT;
    struct rows *rows = NULL;
    int rc = target_expand(run->c, run->config, "table", run->config->table, &name, err);

    if (rc == 0) {
        const char *values[] = {text_string(&name)};
        run->wanted = memory_copy_string(values[0]);
        rc = preflight_ask(run, &find, 1, values, &rows, err);
    }
    if (rc == 0)
        snprintf(run->table_oid, sizeof run->table_oid, "%s", rows_text(rows, 0, 0));
    rows_free(rows);
    text_free(&name);
    return rc;
}

int preflight_table_read(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;
    int rc = find_table(run, err);

    if (rc == 0 && run->table_oid[0] != '\0')
        rc = preflight_ask_table(run, &sql_inspect_table, &rows, err);
    if (rc != 0 && (err->kind == ERROR_SERVER || err->kind == ERROR_CONFIG)) {
        run->unresolved = *err;
        error_clear(err);
        run->table_oid[0] = '\0';
        return 0;
    }
    if (rows != NULL && rows_count(rows) > 0) {
        run->kind = rows_text(rows, 0, 0)[0];
        run->table = memory_copy_string(rows_text(rows, 0, 2));
        run->pages = rows_int64(rows, 0, 3);
        run->rows = rows_int64(rows, 0, 4);
    }
    rows_free(rows);
    return rc;
}

static const char *kind_name(char kind)
{
    static const struct {
        char kind;
        const char *name;
    } kinds[] = {
        {'r', "ordinary table"},
        {'p', "partitioned table"},
        {'v', "view"},
        {'m', "materialized view"},
        {'f', "foreign table"},
        {'S', "sequence"},
        {'c', "composite type"},
        {'i', "index"},
        {'I', "partitioned index"},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return "relation";
}

static void missing_table(struct preflight_run *run)
{
    if (run->unresolved.kind != ERROR_NONE)
        preflight_say(run, PREFLIGHT_FAIL, "%s", run->unresolved.text);
    else
        preflight_say(run, PREFLIGHT_FAIL, "there is no table %s", run->wanted);
    if (strcmp(run->unresolved.sqlstate, "42501") == 0)
        preflight_advise(run, "GRANT USAGE ON SCHEMA .. TO %s, with the schema of %s", run->role,
                         run->wanted);
    else
        preflight_advise(
            run,
            "put `table` right in %s, or connect to the database that has it; names with "
            "capitals need double quotes",
            run->config->path);
}

/* Partitions and children that an UPDATE of the target would reach. */
static void say_partitions(struct preflight_run *run, const struct rows *rows)
{
    bool is_partitioned = run->kind == 'p';
    const char *foreign = rows_value(rows, 0, 7), *unlogged = rows_value(rows, 0, 8);

    if (foreign != NULL) {
        preflight_say(
            run, PREFLIGHT_FAIL,
            "partitions or children on another server, which the ledger's transaction does not "
            "cover: %s",
            foreign);
        preflight_advise(run, "name the partitions of this server as targets of jobs of their own");
    }
    if (unlogged != NULL && is_partitioned) {
        preflight_say(
            run, PREFLIGHT_FAIL,
            "unlogged partitions, which a crash of the server empties while the ledger says "
            "done: %s",
            unlogged);
        preflight_advise(run, "name the logged partitions as targets of jobs of their own");
    } else if (unlogged != NULL) {
        preflight_say(run, PREFLIGHT_WARN,
                      "unlogged: a crash of the server empties it while the ledger says done");
        preflight_advise(run, "after a crash, abandon the run and begin another");
    }
    if (rows_int64(rows, 0, 9) > 0 && run->config->flag != NULL) {
        preflight_say(run, PREFLIGHT_FAIL,
                      "%s by inheritance, and a flag: rows of two of them may have the same row "
                      "id, so that the ledger could not tell which of them is marked",
                      human_count(rows_int64(rows, 0, 9), "child table").text);
        preflight_advise(run, "name each child as \"table\" of a job of its own, and write UPDATE "
                              "ONLY; or leave the flag out");
    } else if (rows_int64(rows, 0, 9) > 0) {
        preflight_say(run, PREFLIGHT_WARN,
                      "%s by inheritance: their rows are updated too, and no index of "
                      "the parent covers them",
                      human_count(rows_int64(rows, 0, 9), "child table").text);
        preflight_advise(
            run, "write UPDATE ONLY and \"table\" of each child as jobs of their own, if that "
                 "isn't meant");
    }
}

int preflight_table_kind(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;

    if (run->table_oid[0] == '\0') {
        missing_table(run);
        return 0;
    }
    if (preflight_ask_table(run, &sql_inspect_table, &rows, err) != 0)
        return -1;
    bool is_table = run->kind == 'r' || run->kind == 'p';
    preflight_say(run, is_table ? PREFLIGHT_PASS : PREFLIGHT_FAIL, "%s is %s %s", run->table,
                  strchr("aeiou", kind_name(run->kind)[0]) != NULL ? "an" : "a",
                  kind_name(run->kind));
    if (is_table) {
        preflight_say(run, PREFLIGHT_PASS, "about %s, %s", human_count(run->rows, "row").text,
                      human_bytes(rows_int64(rows, 0, 5)).text);
        say_partitions(run, rows);
    } else {
        preflight_advise(run,
                         "name the table that holds the rows: an ordinary or a partitioned one");
    }
    if (rows_text(rows, 0, 1)[0] == 't') {
        preflight_say(run, PREFLIGHT_FAIL, "temporary: the workers' sessions can't see it");
        preflight_advise(run, "name a table that other sessions see");
    }
    rows_free(rows);
    return 0;
}

int preflight_table_rules(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;

    if (preflight_ask_table(run, &sql_inspect_rules, &rows, err) != 0)
        return -1;
    if (!rows_is_null(rows, 0, 0)) {
        preflight_say(run, PREFLIGHT_FAIL, "rules rewrite an UPDATE of it: %s",
                      rows_text(rows, 0, 0));
        preflight_advise(
            run,
            "have the owner of %s replace them by triggers, or name the table that they "
            "write to",
            run->table);
    } else if (rows_int64(rows, 0, 1) > 0) {
        preflight_say(run, PREFLIGHT_PASS, "none for UPDATE, %s for others",
                      human_count(rows_int64(rows, 0, 1), "rule").text);
    } else {
        preflight_say(run, PREFLIGHT_PASS, "none");
    }
    rows_free(rows);
    return 0;
}

static int look_at_column(struct preflight_run *run, const char *key, const char *name,
                          struct error *err)
{
    const char *values[] = {run->table_oid, name};
    struct rows *rows = NULL;

    if (name == NULL)
        return 0;
    if (preflight_ask(run, &sql_inspect_column, 2, values, &rows, err) != 0)
        return -1;
    if (!rows_bool(rows, 0, 0)) {
        run->has_column_fault = true;
        preflight_say(run, PREFLIGHT_FAIL, "%s: %s has no column \"%s\"", key, run->table, name);
        if (!rows_is_null(rows, 0, 2))
            preflight_advise(run, "write \"%s\": \"%s\" in %s, as the catalog has it", key,
                             rows_text(rows, 0, 2), run->config->path);
        else
            preflight_advise(run, "put \"%s\" right in %s", key, run->config->path);
    } else if (rows_bool(rows, 0, 1) && strcmp(key, "flag") == 0) {
        preflight_say(run, PREFLIGHT_FAIL,
                      "flag: \"%s\" is a generated column: it can't be written", name);
        preflight_advise(run, "name a column that can be written, or none");
    } else {
        preflight_say(run, PREFLIGHT_PASS, "%s \"%s\"", key, name);
    }
    rows_free(rows);
    return 0;
}

int preflight_table_columns(struct preflight_run *run, struct error *err)
{
    const struct config *config = run->config;

    if (look_at_column(run, "row_id", config->row_id, err) != 0 ||
        look_at_column(run, "flag", config->flag, err) != 0)
        return -1;
    if (config->row_id == NULL && config->flag == NULL)
        preflight_say(run, PREFLIGHT_PASS, "the job names no column");
    return 0;
}

/* The row id's column is there: is it unique and never NULL? */
static void judge_row_id(struct preflight_run *run, const struct rows *rows)
{
    const char *name = rows_text(rows, 0, 0), *serving = rows_value(rows, 0, 2),
               *faulty = rows_value(rows, 0, 3);
    bool is_not_null = rows_bool(rows, 0, 1);

    if (is_not_null && serving != NULL) {
        preflight_say(run, PREFLIGHT_PASS, "%s, unique by %s", name, serving);
        return;
    }
    if (!is_not_null) {
        preflight_say(run, PREFLIGHT_FAIL, "%s may be NULL", name);
        preflight_advise(run, "name a column that is declared NOT NULL as \"row_id\" in %s",
                         run->config->path);
    }
    if (serving == NULL) {
        preflight_say(run, PREFLIGHT_FAIL, "no unique index of %s alone serves%s%s", name,
                      faulty == NULL ? "" : ": ", faulty == NULL ? "" : faulty);
        if (run->kind == 'r')
            preflight_advise(run, "CREATE UNIQUE INDEX CONCURRENTLY ON %s (%s)", run->table, name);
        else
            preflight_advise(
                run,
                "CREATE UNIQUE INDEX CONCURRENTLY on (%s) of each partition does not "
                "make it unique over all of them: name the partitions as targets of jobs "
                "of their own",
                name);
    }
}

int preflight_table_row_id(struct preflight_run *run, struct error *err)
{
    const struct config *config = run->config;
    const char *values[] = {run->table_oid, config->row_id};
    struct rows *rows = NULL;

    if (preflight_ask(run, &sql_inspect_row_id, 2, values, &rows, err) != 0)
        return -1;
    if (rows_count(rows) > 0) {
        judge_row_id(run, rows);
    } else if (config->row_id != NULL) {
        preflight_say(run, PREFLIGHT_SKIPPED, "needs the column: see columns");
    } else if (config->flag != NULL) {
        run->has_column_fault = true;
        preflight_say(run, PREFLIGHT_FAIL,
                      "a job with a flag needs a row id, and %s has no primary key of one column",
                      run->table);
        preflight_advise(run, "name a unique column that is NOT NULL as \"row_id\" in %s",
                         config->path);
    } else {
        preflight_say(run, PREFLIGHT_PASS,
                      "none needed, unless a key has more than %lld rows or may be NULL",
                      (long long)config->max_rows);
    }
    rows_free(rows);
    return 0;
}

int preflight_table_row_security(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;

    if (preflight_ask_table(run, &sql_inspect_table, &rows, err) != 0)
        return -1;
    if (rows_bool(rows, 0, 10)) {
        preflight_say(run, PREFLIGHT_FAIL, "policies of %s hide rows from role %s", run->table,
                      run->role);
        preflight_advise(
            run,
            "run as a role that they don't apply to: the owner %s (unless FORCE ROW LEVEL "
            "SECURITY is set), or one with BYPASSRLS",
            rows_text(rows, 0, 11));
    } else {
        preflight_say(run, PREFLIGHT_PASS, "does not apply to role %s", run->role);
    }
    rows_free(rows);
    return 0;
}

static bool holds_column(const struct rows *read, const char *column)
{
    for (int64_t i = 0; i < rows_count(read); i++)
        if (strcmp(rows_text(read, i, 0), "column") == 0 &&
            strcmp(rows_text(read, i, 1), column) == 0)
            return true;
    return false;
}

/* A trigger that assigns what the key reads moves rows into chunks that come later; with a flag the
 * mark alone can take rows out of the scope. What a function's text doesn't show, the run notices
 * at its first chunk. */
static int say_moving(struct preflight_run *run, struct error *err)
{
    int parts = PREFLIGHT_KEY;
    struct rows *assigned = NULL, *read = NULL;

    if (work_has_flag(run->work))
        parts |= PREFLIGHT_SCOPE | PREFLIGHT_WINDOW;
    if (preflight_ask_table(run, &sql_inspect_assigning_triggers, &assigned, err) != 0)
        return -1;
    int rc = rows_count(assigned) == 0 || run->config->may_assign_count > 0
                 ? 0
                 : preflight_key_parts(run, parts, &read, err);
    for (int64_t i = 0; rc == 0 && read != NULL && i < rows_count(assigned); i++) {
        if (!holds_column(read, rows_text(assigned, i, 2)))
            continue;
        preflight_say(run, PREFLIGHT_FAIL,
                      "trigger %s of %s assigns \"%s\", which key, scope or window read: rows "
                      "would be done twice or not at all",
                      rows_text(assigned, i, 1), rows_text(assigned, i, 0),
                      rows_text(assigned, i, 2));
        preflight_advise(run, "take \"%s\" out of them in %s", rows_text(assigned, i, 2),
                         run->config->path);
    }
    rows_free(assigned);
    rows_free(read);
    return rc;
}

int preflight_table_triggers(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;
    int64_t row_triggers = 0;

    if (preflight_ask_table(run, &sql_inspect_triggers, &rows, err) != 0)
        return -1;
    int64_t count = rows_count(rows);
    for (int64_t i = 0; i < count; i++) {
        row_triggers += rows_bool(rows, i, 3);
        if (!rows_bool(rows, i, 4))
            continue;
        bool is_accepted = run->config->triggers_may_skip;
        preflight_say(
            run, is_accepted ? PREFLIGHT_WARN : PREFLIGHT_FAIL,
            "trigger %s of %s (function %s) may return NULL or OLD, so that its row is skipped%s",
            rows_text(rows, i, 1), rows_text(rows, i, 0), rows_text(rows, i, 2),
            is_accepted ? ", as the job accepts" : "");
    }
    if (run->finding->answer == PREFLIGHT_FAIL)
        preflight_advise(run, "if skipped rows are meant, set \"triggers_may_skip\": true in %s",
                         run->config->path);
    if (count == 0)
        preflight_say(run, PREFLIGHT_PASS, "none");
    else
        preflight_say(run, PREFLIGHT_WARN, "%s at an UPDATE, %lld of them for each row%s",
                      human_count(count, "trigger").text, (long long)row_triggers,
                      run->config->flag != NULL && row_triggers > 0 ? ", at mark and update both"
                                                                    : "");
    rows_free(rows);
    return count > 0 && run->is_resolved && !run->is_standby ? say_moving(run, err) : 0;
}
