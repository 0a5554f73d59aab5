/* Writes the bounds of a chunk as SQL about the alias t. Key expressions and types are SQL text
 * of the work; values are parameters. A person wrote the expressions, so each is put into
 * parentheses of its own, with a newline before the closing one: neither a bare OR nor a
 * trailing comment can affect what follows. */
#include "core/sql/predicate.h"

#include <stdio.h>
#include <string.h>

#include "core/sql/sql_lexer.h"

struct predicate_shape predicate_shape(const struct chunk *chunk)
{
    struct predicate_shape shape = {.kind = chunk->kind};

    switch (chunk->kind) {
    case CHUNK_RANGE:
        shape.has_lower = key_is_set(&chunk->lower);
        shape.has_upper = key_is_set(&chunk->upper);
        shape.upper_open = shape.has_upper && chunk->upper_open;
        break;
    case CHUNK_SLICE:
    case CHUNK_NULLS:
        shape.has_lower = chunk->row_lower != NULL;
        shape.has_upper = chunk->row_upper != NULL;
        break;
    case CHUNK_KEYS:
        break;
    }
    return shape;
}

void predicate_shape_name(struct predicate_shape shape, char name[16])
{
    const char *upper = shape.upper_open ? "o" : "u";

    snprintf(name, 16, "%s_%s%s", chunk_kind_name(shape.kind), shape.has_lower ? "l" : "",
             shape.has_upper ? upper : "");
}

/* a, a.b, a."B".c: nothing that could need parentheses. */
static bool is_identifier(const char *s)
{
    for (;;) {
        struct sql_token name = sql_lexer_token(s);
        if (!name.is_closed || (name.kind != SQL_WORD && name.kind != SQL_QUOTED_IDENTIFIER))
            return false;
        struct sql_token point = sql_lexer_token(sql_lexer_next(&name));
        if (point.kind == SQL_END)
            return true;
        if (!sql_lexer_is_sign(&point, '.'))
            return false;
        s = sql_lexer_next(&point);
    }
}

static void add_expression(struct text *out, const char *sql)
{
    if (is_identifier(sql))
        text_add(out, sql);
    else
        text_format(out, "(%s\n)", sql);
}

static void add_key(struct text *out, const struct work *work, int column)
{
    add_expression(out, work->keys[column].expression);
}

static void add_key_parameter(struct text *out, const struct work *work, int column, int first)
{
    text_format(out, "$%d::%s", first + column, work->keys[column].type);
}

/* The key tuple, or the parameters $first .. as one: plain when there is one column. */
static void add_tuple(struct text *out, const struct work *work, int first)
{
    if (work->key_columns > 1)
        text_add(out, "ROW(");
    for (int i = 0; i < work->key_columns; i++) {
        if (i > 0)
            text_add(out, ", ");
        if (first == 0)
            add_key(out, work, i);
        else
            add_key_parameter(out, work, i, first);
    }
    if (work->key_columns > 1)
        text_add(out, ")");
}

static void add_and(struct text *out, size_t start_bytes)
{
    if (out->bytes > start_bytes)
        text_add(out, " AND ");
}

/* PostgreSQL estimates no row comparison: without a bound on the first column alone it expects a
 * tenth of the table and reads all of it (DESIGN.md, "Chunks tile the key space"). The bound is
 * implied, so it changes no result. */
static void add_planner_bound(struct text *out, const struct work *work,
                              struct predicate_shape shape, int lower, int upper)
{
    if (work->key_columns < 2 || !(shape.has_lower || shape.has_upper))
        return;
    add_key(out, work, 0);
    if (shape.has_lower && shape.has_upper) {
        text_add(out, " BETWEEN ");
        add_key_parameter(out, work, 0, lower);
        text_add(out, " AND ");
    } else {
        text_add(out, shape.has_lower ? " >= " : " <= ");
    }
    add_key_parameter(out, work, 0, shape.has_upper ? upper : lower);
}

static void add_range(struct text *out, const struct work *work, struct predicate_shape shape,
                      int first)
{
    size_t start = out->bytes;
    int upper = shape.has_lower ? first + work->key_columns : first;

    add_planner_bound(out, work, shape, first, upper);
    if (shape.has_lower) {
        add_and(out, start);
        add_tuple(out, work, 0);
        text_add(out, " > ");
        add_tuple(out, work, first);
    }
    if (shape.has_upper) {
        add_and(out, start);
        add_tuple(out, work, 0);
        text_add(out, shape.upper_open ? " < " : " <= ");
        add_tuple(out, work, upper);
    }
    /* the first column decides a row comparison even when a later one is NULL; those rows have
     * chunks of their own */
    for (int i = 0; i < work->key_columns; i++) {
        if (!work->keys[i].nullable)
            continue;
        add_and(out, start);
        add_key(out, work, i);
        text_add(out, " IS NOT NULL");
    }
    if (out->bytes == start)
        text_add(out, "true");
}

static void add_row_ids(struct text *out, const struct work *work, struct predicate_shape shape,
                        int next)
{
    if (shape.has_lower)
        text_format(out, " AND t.%s > $%d::%s", work->row_id, next++, work->row_id_type);
    if (shape.has_upper)
        text_format(out, " AND t.%s <= $%d::%s", work->row_id, next, work->row_id_type);
}

static void add_nulls(struct text *out, const struct work *work)
{
    int found = 0;

    text_add(out, "(");
    for (int i = 0; i < work->key_columns; i++) {
        if (!work->keys[i].nullable)
            continue;
        text_add(out, found++ > 0 ? " OR " : "");
        add_key(out, work, i);
        text_add(out, " IS NULL");
    }
    text_add(out, found > 0 ? ")" : "false)");
}

static void add_sets(struct text *out, const struct work *work, int first)
{
    if (work->key_columns == 1) {
        add_key(out, work, 0);
        text_format(out, " IN (SELECT unnest($%d::%s[]))", first, work->keys[0].type);
        return;
    }
    add_tuple(out, work, 0);
    text_add(out, " IN (SELECT * FROM unnest(");
    for (int i = 0; i < work->key_columns; i++)
        text_format(out, "%s$%d::%s[]", i > 0 ? ", " : "", first + i, work->keys[i].type);
    text_add(out, "))");
}

void predicate_tile(struct text *out, const struct work *work, struct predicate_shape shape,
                    int first)
{
    switch (shape.kind) {
    case CHUNK_RANGE:
        add_range(out, work, shape, first);
        break;
    case CHUNK_SLICE:
        for (int i = 0; i < work->key_columns; i++) {
            text_add(out, i > 0 ? " AND " : "");
            add_key(out, work, i);
            text_add(out, " = ");
            add_key_parameter(out, work, i, first);
        }
        add_row_ids(out, work, shape, first + work->key_columns);
        break;
    case CHUNK_NULLS:
        add_nulls(out, work);
        add_row_ids(out, work, shape, first);
        break;
    case CHUNK_KEYS:
        add_sets(out, work, first);
        break;
    }
}

static void add_window_bound(struct text *out, const struct work *work, const char *comparison,
                             const char *value)
{
    text_format(out, "(%s\n) %s ", work->window_on, comparison);
    predicate_literal(out, value);
    text_format(out, "::%s", work->window_type);
}

void predicate_rows(struct text *out, const struct work *work)
{
    size_t start = out->bytes;

    if (work->scope != NULL)
        text_format(out, "(%s\n)", work->scope);
    if (work->window_on != NULL && work->window_from != NULL) {
        add_and(out, start);
        add_window_bound(out, work, ">=", work->window_from);
    }
    if (work->window_on != NULL && work->window_to != NULL) {
        add_and(out, start);
        add_window_bound(out, work, "<=", work->window_to);
    }
    if (out->bytes == start)
        text_add(out, "true");
}

int predicate_parameters(const struct work *work, const struct chunk *chunk, const char **values,
                         uint32_t *types)
{
    struct predicate_shape shape = predicate_shape(chunk);
    bool by_rows = chunk->kind == CHUNK_SLICE || chunk->kind == CHUNK_NULLS;
    const struct key *tuples[2] = {NULL, NULL};
    int count = 0;

    if (chunk->kind == CHUNK_RANGE && shape.has_lower)
        tuples[0] = &chunk->lower;
    if (chunk->kind == CHUNK_SLICE || (chunk->kind == CHUNK_RANGE && shape.has_upper))
        tuples[1] = &chunk->upper;
    if (chunk->kind == CHUNK_KEYS)
        tuples[1] = &chunk->sets;
    for (int side = 0; side < 2; side++) {
        for (int i = 0; tuples[side] != NULL && i < work->key_columns; i++) {
            values[count] = tuples[side]->values[i];
            types[count++] =
                chunk->kind == CHUNK_KEYS ? work->keys[i].array_oid : work->keys[i].type_oid;
        }
    }
    if (by_rows && shape.has_lower) {
        values[count] = chunk->row_lower;
        types[count++] = work->row_id_oid;
    }
    if (by_rows && shape.has_upper) {
        values[count] = chunk->row_upper;
        types[count++] = work->row_id_oid;
    }
    return count;
}

void predicate_literal(struct text *out, const char *text)
{
    text_add(out, strchr(text, '\\') != NULL ? "E'" : "'");
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\'' || *p == '\\')
            text_add_bytes(out, p, 1);
        text_add_bytes(out, p, 1);
    }
    text_add(out, "'");
}
