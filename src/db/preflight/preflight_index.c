/* Finds the CREATE INDEX that a job needs, and tries it on an empty temporary copy of the table,
 * so that the printed statement is known to work: an expression may not be immutable, a scope
 * not allowed in an index. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/memory.h"
#include "db/preflight/preflight_checks.h"
#include "sql_statements.h"

enum { LEAVES_SHOWN = 3 };

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* The alias at s, not the end of a longer name: how many bytes to leave out. */
static size_t alias_bytes(const char *start, const char *s)
{
    bool is_alone = s == start || (!is_word(s[-1]) && s[-1] != '.' && s[-1] != '"');

    if (!is_alone)
        return 0;
    if (s[0] == 't' && s[1] == '.')
        return 2;
    return strncmp(s, "\"t\".", 4) == 0 ? 4 : 0;
}

/* An index has no alias for its table: t."x" becomes "x", outside of quotes. Owned by the caller.
 */
static char *without_alias(const char *sql)
{
    struct text out = TEXT_INIT;
    char quote = '\0';

    for (const char *s = sql; *s != '\0'; s++) {
        size_t skip = quote == '\0' ? alias_bytes(sql, s) : 0;
        if (skip > 0) {
            s += skip - 1;
            continue;
        }
        if (quote == '\0' && (*s == '\'' || *s == '"'))
            quote = *s;
        else if (*s == quote)
            quote = '\0';
        text_add_bytes(&out, s, 1);
    }
    return text_take(&out);
}

static bool is_plain_column(const char *sql)
{
    if (*sql == '"') {
        const char *end = strchr(sql + 1, '"');
        return end != NULL && end[1] == '\0';
    }
    while (is_word(*sql))
        sql++;
    return *sql == '\0';
}

/* Columns that the key's index lacks for answering the distribution alone. */
static int include_columns(struct preflight_run *run, int parts, const char *keys, struct text *out,
                           struct error *err)
{
    struct rows *rows = NULL;

    if (preflight_key_parts(run, parts, &rows, err) != 0)
        return -1;
    for (int64_t i = 0; i < rows_count(rows); i++) {
        char *name = connection_identifier(run->c, rows_text(rows, i, 1));
        struct text as_key = TEXT_INIT;
        text_format(&as_key, ", %s,", name); /* keys are written ", a, b," for this */
        bool is_column = strcmp(rows_text(rows, i, 0), "column") == 0;
        if (is_column && strstr(keys, text_string(&as_key)) == NULL)
            text_format(out, "%s%s", out->bytes == 0 ? " INCLUDE (" : ", ", name);
        text_free(&as_key);
        free(name);
    }
    if (out->bytes > 0)
        text_add(out, ")");
    rows_free(rows);
    return 0;
}

/* The key columns as an index has them, and for include_columns. */
static void key_list(struct preflight_run *run, struct text *list, struct text *names)
{
    const struct work *work = run->work;

    text_add(names, ",");
    for (int i = 0; i < work->key_columns; i++) {
        char *sql = without_alias(work->keys[i].expression);
        bool is_plain = is_plain_column(sql), has_comment = strstr(sql, "--") != NULL;
        if (i > 0)
            text_add(list, ", ");
        text_format(list, is_plain ? "%s" : has_comment ? "(%s\n)" : "(%s)", sql);
        if (is_plain && sql[0] != '"') { /* as connection_identifier quotes it */
            for (char *s = sql; *s != '\0'; s++)
                *s = (char)tolower((unsigned char)*s);
            text_format(names, " \"%s\",", sql);
        } else {
            text_format(names, " %s,", sql);
        }
        free(sql);
    }
}

/* What follows the table's name in CREATE INDEX; with the scope as its predicate or without. */
static int index_tail(struct preflight_run *run, bool with_scope, struct text *tail,
                      struct error *err)
{
    struct text list = TEXT_INIT, names = TEXT_INIT, include = TEXT_INIT;
    int parts = PREFLIGHT_KEY | PREFLIGHT_WINDOW | (with_scope ? 0 : PREFLIGHT_SCOPE);

    key_list(run, &list, &names);
    int rc = include_columns(run, parts, text_string(&names), &include, err);
    text_format(tail, "(%s)%s", text_string(&list), text_string(&include));
    if (with_scope) {
        char *scope = without_alias(run->work->scope);
        text_format(tail, strstr(scope, "--") != NULL ? " WHERE (%s\n)" : " WHERE %s", scope);
        free(scope);
    }
    text_free(&list);
    text_free(&names);
    text_free(&include);
    return rc;
}

/* 0: it can be made; the temporary things are gone again. */
static int try_index(struct preflight_run *run, bool with_scope, struct text *tail,
                     struct error *err)
{
    struct error ignored = ERROR_INIT;
    struct text text = TEXT_INIT;
    int rc = preflight_script(run, "SAVEPOINT chunkmill_try", err);

    if (rc == 0)
        rc = index_tail(run, with_scope, tail, err);
    text_format(&text, "CREATE TEMPORARY TABLE chunkmill_copy (LIKE %s); ", run->work->table);
    text_format(&text, "CREATE INDEX ON pg_temp.chunkmill_copy %s", text_string(tail));
    if (rc == 0)
        rc = preflight_script(run, text_string(&text), err);
    preflight_script(run, "ROLLBACK TO SAVEPOINT chunkmill_try", rc == 0 ? err : &ignored);
    text_free(&text);
    if (rc != 0)
        text_clear(tail);
    return rc;
}

static int advise_leaves(struct preflight_run *run, const char *tail, struct error *err)
{
    struct rows *rows = NULL;

    if (preflight_ask_table(run, &sql_list_leaves, &rows, err) != 0)
        return -1;
    for (int64_t i = 0; i < rows_count(rows) && i < LEAVES_SHOWN; i++)
        preflight_advise(run, "CREATE INDEX CONCURRENTLY ON %s %s", rows_text(rows, i, 0), tail);
    if (rows_count(rows) > LEAVES_SHOWN)
        preflight_advise(run, "and so on, for all of %s",
                         human_count(rows_count(rows), "partition").text);
    rows_free(rows);
    return 0;
}

int preflight_index_advise(struct preflight_run *run, struct error *err)
{
    struct text tail = TEXT_INIT;
    struct error why = ERROR_INIT;
    int rc = -1;

    if (run->work->scope != NULL)
        rc = try_index(run, true, &tail, &why);
    if (rc != 0 && why.kind != ERROR_CONNECTION && why.kind != ERROR_INTERRUPTED)
        rc = try_index(run, false, &tail, &why);
    if (rc == 0 && run->kind == 'p') {
        rc = advise_leaves(run, text_string(&tail), err);
    } else if (rc == 0) {
        preflight_advise(run, "CREATE INDEX CONCURRENTLY ON %s %s", run->table, text_string(&tail));
    } else if (why.kind == ERROR_SERVER) {
        preflight_say(run, PREFLIGHT_FAIL, "no index can hold this key: %s", why.text);
        preflight_advise(run, "write the key with immutable functions, then give it an index");
        rc = 0;
    } else {
        *err = why;
    }
    if (rc == 0)
        preflight_advise(run, "then, or if there is such an index: ANALYZE %s", run->table);
    text_free(&tail);
    return rc;
}
