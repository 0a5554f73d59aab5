/* Writes the texts, and asks the catalog and the planner about them. */
#include "db/plan/distribution_query.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sql/predicate.h"
#include "sql_statements.h"

/* Rows of the next key that a skip looks at: so many seen, and its end not among them, it counts
 * anew. */
#define SKIP_GLANCE "100"

/* One column of the key, of the bound that is known, of the bound in the settings, or of the next
 * key. */
enum operand { KEY, KNOWN, SETTING, NEXT };

static void add_operand(struct text *out, const struct work *work, int column, enum operand operand)
{
    if (operand == KEY)
        text_format(out, "(%s\n)", work->keys[column].expression);
    else if (operand == KNOWN || operand == NEXT)
        text_format(out, "%s.key_%d", operand == KNOWN ? "b" : "n", column + 1);
    else
        text_format(out, "pg_catalog.current_setting('chunkmill.after_%d')::%s", column + 1,
                    work->keys[column].type);
}

static void add_row(struct text *out, const struct work *work, enum operand operand)
{
    text_add(out, work->key_columns > 1 ? "ROW(" : "(");
    for (int i = 0; i < work->key_columns; i++) {
        text_add(out, i > 0 ? ", " : "");
        add_operand(out, work, i, operand);
    }
    text_add(out, ")");
}

/* Keys behind the bound (sign ">"), or before it ("<"). As predicate_tile has a range with the one
 * bound, but that it is no parameter. */
static void add_beside(struct text *out, const struct work *work, const char *sign,
                       enum operand bound)
{
    if (work->key_columns > 1) {
        add_operand(out, work, 0, KEY);
        text_format(out, " %s= ", sign);
        add_operand(out, work, 0, bound);
        text_add(out, " AND ");
    }
    add_row(out, work, KEY);
    text_format(out, " %s ", sign);
    add_row(out, work, bound);
}

static void add_from(struct text *out, const struct work *work, struct predicate_shape shape)
{
    text_format(out, "\nFROM %s AS t\nWHERE (", work->table);
    predicate_tile(out, work, shape, 1);
    text_add(out, ")\n  AND ");
    predicate_rows(out, work);
}

/* FROM the table WHERE behind the bound (KEY: from the first key on), no NULL in the key, scope and
 * window.
 */
static void add_source(struct text *out, const struct work *work, enum operand bound)
{
    add_from(out, work, (struct predicate_shape){.kind = CHUNK_RANGE});
    if (bound == KEY)
        return;
    text_add(out, "\n  AND ");
    add_beside(out, work, ">", bound);
}

/* "k1, k2", "1, 2", "1 DESC, 2 DESC", "key_1, key_2", "n.key_1, n.key_2", "p.key_1 AS last_1,
 * p.key_2 AS last_2", or "k1 AS key_1, k2 AS key_2". */
enum columns { EXPRESSIONS, NUMBERS, DOWNWARDS, NAMES, NEXT_NAMES, LAST_NAMES, NAMED };

static void add_columns(struct text *out, const struct work *work, enum columns form)
{
    for (int i = 0; i < work->key_columns; i++) {
        text_add(out, i > 0 ? ", " : "");
        switch (form) {
        case EXPRESSIONS:
        case NAMED:
            add_operand(out, work, i, KEY);
            if (form == NAMED)
                text_format(out, " AS key_%d", i + 1);
            break;
        case NUMBERS:
        case DOWNWARDS:
            text_format(out, "%d%s", i + 1, form == DOWNWARDS ? " DESC" : "");
            break;
        case NAMES:
        case NEXT_NAMES:
            text_format(out, "%skey_%d", form == NEXT_NAMES ? "n." : "", i + 1);
            break;
        case LAST_NAMES:
            text_format(out, "p.key_%d AS last_%d", i + 1, i + 1);
            break;
        }
    }
}

void distribution_query_text(const struct work *work, bool after, struct text *out)
{
    text_add(out, "SELECT ");
    add_columns(out, work, EXPRESSIONS);
    text_add(out, ", count(*)");
    add_source(out, work, after ? SETTING : KEY);
    text_add(out, "\nGROUP BY ");
    add_columns(out, work, NUMBERS);
    text_add(out, "\nORDER BY ");
    add_columns(out, work, NUMBERS);
}

void distribution_query_keys(const struct work *work, bool after, int64_t limit, struct text *out)
{
    distribution_query_text(work, after, out);
    if (limit > 0)
        text_format(out, "\nLIMIT %" PRId64, limit);
}

/* Where the open chunk ends: the first key that does not fit into it any more. */
static void add_next(struct text *out, const struct work *work, enum operand bound,
                     const char *capacity)
{
    text_add(out, "(SELECT ");
    add_columns(out, work, NAMES);
    text_add(out, ", count(*) AS seen FROM (SELECT ");
    add_columns(out, work, NAMED);
    add_source(out, work, bound);
    text_add(out, "\nORDER BY ");
    add_columns(out, work, NUMBERS);
    text_format(out, "\nOFFSET (%s) LIMIT " SKIP_GLANCE ") AS behind GROUP BY ", capacity);
    add_columns(out, work, NUMBERS);
    text_add(out, " ORDER BY ");
    add_columns(out, work, NUMBERS);
    text_add(out, " LIMIT 1) AS n");
}

/* All its rows; it has been seen, so there is one. */
static void add_next_rows(struct text *out, const struct work *work)
{
    text_add(out, "(SELECT greatest(count(*), 1) AS rows");
    add_source(out, work, KEY);
    for (int i = 0; i < work->key_columns; i++) {
        text_add(out, "\n  AND ");
        add_operand(out, work, i, KEY);
        text_add(out, " = ");
        add_operand(out, work, i, NEXT);
    }
    text_add(out, ") AS c");
}

/* The last key before it. */
static void add_last(struct text *out, const struct work *work, enum operand bound)
{
    text_add(out, "(SELECT ");
    add_columns(out, work, NAMED);
    add_source(out, work, bound);
    text_add(out, "\n  AND ");
    add_beside(out, work, "<", NEXT);
    text_add(out, "\nORDER BY ");
    add_columns(out, work, DOWNWARDS);
    text_add(out, " LIMIT 1) AS p");
}

/* The bounds are in order in any case. The numbers need not agree where a function of the scope is
 * volatile, random() say: so they are kept to what can be. */
static void add_skip(struct text *out, const struct work *work, enum operand bound,
                     const char *capacity)
{
    text_add(out, "SELECT ");
    add_columns(out, work, NEXT_NAMES);
    text_format(out,
                ", c.rows, greatest(1, least((%s), CASE WHEN n.seen < " SKIP_GLANCE
                " THEN (%s) + n.seen - c.rows\nELSE (SELECT count(*)",
                capacity, capacity);
    add_source(out, work, bound);
    text_add(out, "\n  AND ");
    add_beside(out, work, "<", NEXT);
    text_add(out, ") END)) AS before, ");
    add_columns(out, work, LAST_NAMES);
    text_add(out, "\nFROM ");
    add_next(out, work, bound, capacity);
    text_add(out, "\nCROSS JOIN LATERAL ");
    add_next_rows(out, work);
    text_add(out, "\nLEFT JOIN LATERAL ");
    add_last(out, work, bound);
    text_add(out, " ON true");
}

void distribution_query_skip_scan(const struct work *work, bool after,
                                  const struct distribution_skip_scan *skips, struct text *out)
{
    char first[24], next[120];

    snprintf(first, sizeof first, "%" PRId64, skips->capacity);
    snprintf(next, sizeof next,
             "CASE WHEN b.rows > %" PRId64 " THEN %" PRId64 " ELSE greatest(%" PRId64
             " - b.rows, 0) END",
             skips->max_rows, skips->target_rows, skips->target_rows);
    text_add(out, "WITH RECURSIVE chunkmill_skip AS (\n(");
    add_skip(out, work, after ? SETTING : KEY, first);
    text_add(out, ")\nUNION ALL\nSELECT l.* FROM chunkmill_skip AS b CROSS JOIN LATERAL (");
    add_skip(out, work, KNOWN, next);
    text_format(out, ") AS l)\nSELECT * FROM chunkmill_skip LIMIT %" PRId64, skips->limit);
}

void distribution_query_nulls(const struct work *work, struct text *out)
{
    text_add(out, "SELECT count(*)");
    add_from(out, work, (struct predicate_shape){.kind = CHUNK_NULLS});
}

void distribution_query_slices(const struct work *work, bool key, int64_t step, struct text *out)
{
    text_format(
        out,
        "SELECT row_id FROM (SELECT t.%s AS row_id, row_number() OVER (ORDER BY t.%s) AS number, "
        "count(*) OVER () AS all_rows",
        work->row_id, work->row_id);
    add_from(out, work, (struct predicate_shape){.kind = key ? CHUNK_SLICE : CHUNK_NULLS});
    text_format(
        out, ") AS numbered WHERE number %% %" PRId64 " = 0 AND number < all_rows ORDER BY number",
        step);
}

int distribution_query_begin_behind(struct connection *c, const struct work *work,
                                    const struct key *key, struct error *err)
{
    struct text text = TEXT_INIT;

    text_add(&text, "SELECT ");
    for (int i = 0; i < work->key_columns; i++)
        text_format(&text, "%spg_catalog.set_config('chunkmill.after_%d', $%d, false)",
                    i > 0 ? ", " : "", i + 1, i + 1);
    const struct sql sql = {"beginning behind a key", text_string(&text)};
    const struct parameters p = {work->key_columns, (const char *const *)key->values, NULL};
    int rc = connection_query(c, &sql, p, NULL, err);
    text_free(&text);
    return rc;
}

/* Whether the server would answer in the order of an index, without sorting all of it first. */
static int ask_whether_it_streams(struct connection *c, const char *text, bool *streams,
                                  struct error *err)
{
    struct text explain = TEXT_INIT;
    struct rows *rows = NULL;

    text_format(&explain, "EXPLAIN (FORMAT JSON) %s", text);
    const struct sql sql = {"explaining the distribution", text_string(&explain)};
    int rc = connection_query_once(c, &sql, PARAMETERS_NONE, &rows, err);
    text_free(&explain);
    if (rc != 0)
        return -1;
    /* in JSON a quote inside an expression of the job is escaped, so it can't look like this */
    const char *plan = rows_text(rows, 0, 0);
    *streams = strstr(plan, "\"Node Type\": \"Sort\"") == NULL &&
               strstr(plan, "\"Node Type\": \"Incremental Sort\"") == NULL;
    rows_free(rows);
    return 0;
}

int distribution_query_is_unique(struct connection *c, const struct work *work, bool *is_unique,
                                 struct error *err)
{
    struct key columns = {.columns = work->key_columns};
    char oid[16];
    struct rows *rows = NULL;

    for (int i = 0; i < work->key_columns; i++)
        columns.values[i] = work->keys[i].expression;
    snprintf(oid, sizeof oid, "%" PRIu32, work->table_oid);
    char *array = key_array(&columns);
    const char *values[] = {oid, array};
    int rc = connection_query_once(c, &sql_has_unique_index, (struct parameters){2, values, NULL},
                                   &rows, err);
    free(array);
    if (rc != 0)
        return -1;
    *is_unique = rows_bool(rows, 0, 0);
    rows_free(rows);
    return 0;
}

/* A skip scan is only used where the server reads the keys in the order of an index: it reads the
 * same index. */
int distribution_query_way(struct connection *c, const struct work *work,
                           const struct distribution_skip_scan *skips, bool counts_keys,
                           struct distribution_way *way, struct error *err)
{
    struct text keys = TEXT_INIT, skip = TEXT_INIT;

    *way = (struct distribution_way){0};
    distribution_query_text(work, false, &keys);
    int rc = ask_whether_it_streams(c, text_string(&keys), &way->streams, err);
    bool may_skip = way->streams && skips != NULL;
    if (rc == 0 && may_skip)
        rc = distribution_query_is_unique(c, work, &way->is_unique, err);
    if (rc == 0 && may_skip && (way->is_unique || !counts_keys)) {
        distribution_query_skip_scan(work, false, skips, &skip);
        rc = ask_whether_it_streams(c, text_string(&skip), &way->skips, err);
    }
    text_free(&keys);
    text_free(&skip);
    return rc;
}
