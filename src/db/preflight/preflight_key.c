/* Checks key, scope, window and flag: what the expressions use, and which values the flag holds.
 * The server reads the expressions: the check makes a temporary view of them and reads its
 * dependencies. */
#include <stdlib.h>
#include <string.h>

#include "core/sql/predicate.h"
#include "db/preflight/preflight_checks.h"
#include "sql_statements.h"

/* A run only glances at the scope: what it marks holds the released value, and all else is counted.
 */
enum { GLANCE_MS = 50, SCAN_MS = 30000 };

int preflight_key_parts(struct preflight_run *run, int parts, struct rows **rows, struct error *err)
{
    const struct work *work = run->work;
    struct text text = TEXT_INIT;
    const char *comma = "";

    text_add(&text, "SAVEPOINT chunkmill_parts; CREATE TEMPORARY VIEW chunkmill_check AS SELECT ");
    for (int i = 0; (parts & PREFLIGHT_KEY) != 0 && i < work->key_columns; i++, comma = ", ")
        text_format(&text, "%s(%s\n) AS k%d", comma, work->keys[i].expression, i);
    if ((parts & PREFLIGHT_SCOPE) != 0 && work->scope != NULL) {
        text_format(&text, "%s(%s\n) AS scope", comma, work->scope);
        comma = ", ";
    }
    if ((parts & PREFLIGHT_WINDOW) != 0 && work->window_on != NULL)
        text_format(&text, "%s(%s\n) AS window_on", comma, work->window_on);
    text_format(&text, " FROM %s AS t", work->table);
    const struct sql view = {"a temporary view of the job's expressions", text_string(&text)};
    int rc = connection_script(run->c, &view, err);
    text_free(&text);
    if (rc != 0 && strcmp(err->sqlstate, "42501") == 0)
        preflight_advise(run, "GRANT TEMPORARY ON DATABASE %s TO %s", connection_database(run->c),
                         run->role);
    if (rc != 0 || preflight_ask_table(run, &sql_inspect_view, rows, err) != 0)
        return -1;
    rc = preflight_script(run, "ROLLBACK TO chunkmill_parts", err);
    if (rc != 0)
        rows_free(*rows);
    return rc;
}

/* Parsing alone finds a type without an order, and needs no right on the table. */
static int find_order(struct preflight_run *run, const struct work_key *key, struct error *err)
{
    struct text text = TEXT_INIT;
    uint32_t types[KEY_COLUMNS_MAX + 2];
    int count;

    text_format(&text, "SELECT FROM %s AS t ORDER BY (%s\n)", run->work->table, key->expression);
    const struct sql sql = {"ordering by the key", text_string(&text)};
    int rc = connection_describe(run->c, &sql, types, &count, err);
    text_free(&text);
    return rc;
}

static int say_volatile(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;

    if (preflight_key_parts(run, PREFLIGHT_KEY, &rows, err) != 0)
        return -1;
    for (int64_t i = 0; i < rows_count(rows); i++) {
        if (strcmp(rows_text(rows, i, 0), "volatile") == 0) {
            preflight_say(run, PREFLIGHT_FAIL, "volatile: %s gives a row another key each time",
                          rows_text(rows, i, 1));
            preflight_advise(run, "make the key of columns and immutable functions");
        } else if (strcmp(rows_text(rows, i, 0), "stable") == 0) {
            preflight_say(run, PREFLIGHT_WARN,
                          "not immutable: %s, so that no index can hold the key",
                          rows_text(rows, i, 1));
            preflight_advise(
                run, "write it with immutable functions, e.g. (t.\"at\" AT TIME ZONE 'UTC')::date");
        }
    }
    rows_free(rows);
    return 0;
}

/* What a row's own rewriting changes is no way to find it again. */
static int say_system_columns(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;

    if (preflight_key_parts(run, PREFLIGHT_KEY | PREFLIGHT_SCOPE | PREFLIGHT_WINDOW, &rows, err) !=
        0)
        return -1;
    for (int64_t i = 0; i < rows_count(rows); i++) {
        if (strcmp(rows_text(rows, i, 0), "system_column") != 0)
            continue;
        preflight_say(run, PREFLIGHT_FAIL,
                      "key, scope or window read the system column %s, which changes with each "
                      "update of a row",
                      rows_text(rows, i, 1));
        preflight_advise(run, "take it out of them in %s, and name columns of the table",
                         run->config->path);
    }
    rows_free(rows);
    return 0;
}

static int look_into(struct preflight_run *run, struct error *err)
{
    return say_system_columns(run, err) != 0 ? -1 : say_volatile(run, err);
}

int preflight_key_expressions(struct preflight_run *run, struct error *err)
{
    const struct work *work = run->work;

    if (!run->is_resolved) {
        bool is_told = run->has_column_fault;
        preflight_say(run, is_told ? PREFLIGHT_SKIPPED : PREFLIGHT_FAIL, "%s",
                      is_told ? "needs the columns: see columns and row_id" : run->unresolved.text);
        if (!is_told)
            preflight_advise(run, "put it right in %s; expressions are about the alias t",
                             run->config->path);
        return 0;
    }
    for (int i = 0; i < work->key_columns; i++) {
        const struct work_key *key = &work->keys[i];
        const char *dot = strrchr(key->type, '.'), *name = dot == NULL ? key->type : dot + 1;
        size_t quotes = *name == '"' ? 1 : 0;
        preflight_say(run, PREFLIGHT_PASS, "%s (%.*s%s)", key->expression,
                      (int)(strlen(name) - 2 * quotes), name + quotes,
                      key->nullable ? ", nullable" : "");
    }
    for (int i = 0; i < work->key_columns; i++) {
        if (find_order(run, &work->keys[i], err) == 0)
            continue;
        if (err->kind != ERROR_SERVER)
            return -1;
        preflight_say(run, PREFLIGHT_FAIL, "%s has no order: %s", work->keys[i].expression,
                      err->text);
        preflight_advise(run, "make the key of types that a btree index can hold");
        return 0;
    }
    return run->is_standby ? 0 : look_into(run, err);
}

int preflight_key_flag(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;
    bool is_named = false;

    if (preflight_key_parts(run, PREFLIGHT_KEY | PREFLIGHT_SCOPE | PREFLIGHT_WINDOW, &rows, err) !=
        0)
        return -1;
    for (int64_t i = 0; i < rows_count(rows); i++) {
        const char *what = rows_text(rows, i, 0);
        is_named |=
            strcmp(what, "whole_row") == 0 ||
            (strcmp(what, "column") == 0 && strcmp(rows_text(rows, i, 1), run->config->flag) == 0);
    }
    rows_free(rows);
    if (is_named) {
        preflight_say(
            run, PREFLIGHT_FAIL,
            "key, scope or window read the flag \"%s\": marking would change which rows are in it",
            run->config->flag);
        preflight_advise(run, "take it out of them in %s: the ledger knows which rows are done",
                         run->config->path);
    } else {
        preflight_say(run, PREFLIGHT_PASS, "key, scope and window don't read the flag");
    }
    return 0;
}

/* The statement with which a person sees the values; ours only asks whether there are any. */
static void advise_values(struct preflight_run *run, const char *rows_sql)
{
    const struct work *work = run->work;

    preflight_advise(
        run,
        "look at them with SELECT t.%s, count(*) FROM %s AS t WHERE %s GROUP BY 1; then set "
        "them to %s, or name the job's own values: \"flag\": {\"column\": .., \"marked\": .., "
        "\"released\": ..}",
        work->flag, work->table, rows_sql, work->released);
}

int preflight_key_flag_values(struct preflight_run *run, struct error *err)
{
    const struct work *work = run->work;
    struct text text = TEXT_INIT, in_scope = TEXT_INIT;
    struct rows *rows = NULL;
    int rc = 0;

    predicate_rows(&in_scope, work);
    text_format(
        &text,
        "SELECT 1 FROM %s AS t WHERE %s AND t.%s IS DISTINCT FROM %s AND t.%s IS DISTINCT FROM %s "
        "LIMIT 1",
        work->table, text_string(&in_scope), work->flag, work->marked, work->flag, work->released);
    const struct sql sql = {"looking for other flag values", text_string(&text)};
    int limit_ms = run->options->quick ? GLANCE_MS : SCAN_MS;
    if (preflight_limit(run, limit_ms, err) == 0 &&
        preflight_ask(run, &sql, 0, NULL, &rows, err) == 0) {
        char *shown = text_take(&in_scope);
        preflight_flatten(shown);
        if (rows_count(rows) > 0) {
            preflight_say(run, PREFLIGHT_FAIL,
                          "rows in scope have a flag that is neither %s nor %s: it would be lost",
                          work->marked, work->released);
            advise_values(run, shown);
        } else {
            preflight_say(run, PREFLIGHT_PASS, "%s and %s only", work->marked, work->released);
        }
        free(shown);
    } else if (preflight_timed_out(err)) {
        preflight_say(run, run->options->quick ? PREFLIGHT_SKIPPED : PREFLIGHT_WARN,
                      "no other value found within %d ms; the scope was not seen to its end",
                      limit_ms);
    } else {
        rc = -1;
    }
    rows_free(rows);
    text_free(&text);
    text_free(&in_scope);
    return rc;
}

int preflight_key_flag_index(struct preflight_run *run, struct error *err)
{
    const char *values[] = {run->table_oid, run->config->flag};
    struct rows *rows = NULL;

    if (preflight_ask(run, &sql_inspect_flag_indexes, 2, values, &rows, err) != 0)
        return -1;
    for (int64_t i = 0; i < rows_count(rows); i++) {
        preflight_say(run, PREFLIGHT_WARN, "%s holds the flag", rows_text(rows, i, 0));
        if (rows_bool(rows, i, 1))
            preflight_advise(run, "if nothing needs it: DROP INDEX CONCURRENTLY %s",
                             rows_text(rows, i, 0));
    }
    if (rows_count(rows) > 0)
        preflight_say(run, PREFLIGHT_WARN,
                      "no mark and no release can be HOT: about two thirds of the speed");
    else
        preflight_say(run, PREFLIGHT_PASS, "none holds the flag");
    rows_free(rows);
    return 0;
}
