/* Resolves the job file's names and expressions with reads of the catalog alone. */
#include "db/target/target.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/sql/template.h"
#include "sql_statements.h"

int target_expand(struct connection *c, const struct config *config, const char *name,
                  const char *text, struct text *out, struct error *err)
{
    struct template_value values[CONFIG_LIST_MAX + 1];
    char *quoted[CONFIG_LIST_MAX];
    int count = 0;

    for (; count < config->schema_count; count++) {
        quoted[count] = connection_identifier(c, config->schemas[count].value);
        values[count] = (struct template_value){config->schemas[count].name, quoted[count]};
    }
    values[count] = (struct template_value){"chunk_filter", NULL};
    int rc = template_expand(name, text, values, count + 1, out, err);
    while (count > 0)
        free(quoted[--count]);
    return rc;
}

/* Sets *result to a value of the job file with its schemas; leaves it alone where text is NULL. */
static int expanded(struct connection *c, const struct config *config, const char *name,
                    const char *text, char **result, struct error *err)
{
    struct text out = TEXT_INIT;

    if (text == NULL)
        return 0;
    if (target_expand(c, config, name, text, &out, err) != 0) {
        text_free(&out);
        return -1;
    }
    *result = text_take(&out);
    return 0;
}

/* An expression or name of the job file that the server refuses is an error of the job file, unless
 * the user lacks a privilege (42501). */
static int blame(struct error *err, const struct config *config, const char *key)
{
    if (err->kind == ERROR_SERVER)
        err->kind = strcmp(err->sqlstate, "42501") == 0 ? ERROR_REFUSED : ERROR_CONFIG;
    error_context(err, "%s: %s", config->path, key);
    return -1;
}

static int lookup(struct connection *c, const struct sql *sql, uint32_t oid, const char *name,
                  struct rows **rows, struct error *err)
{
    char number[16];
    const char *values[] = {number, name};

    snprintf(number, sizeof number, "%" PRIu32, oid);
    return connection_query_once(c, sql, (struct parameters){name == NULL ? 1 : 2, values, NULL},
                                 rows, err);
}

static int find_type(struct connection *c, uint32_t oid, char **name, uint32_t *array_oid,
                     struct error *err)
{
    struct rows *rows = NULL;

    if (lookup(c, &sql_find_type, oid, NULL, &rows, err) != 0)
        return -1;
    if (rows_count(rows) == 1) {
        free(*name);
        *name = memory_copy_string(rows_text(rows, 0, 0));
        *array_oid = (uint32_t)rows_int64(rows, 0, 1);
    }
    int rc =
        rows_count(rows) == 1 ? 0 : error_set(err, ERROR_BUG, "no type has the oid %" PRIu32, oid);
    if (rc == 0 && rows_bool(rows, 0, 2))
        rc = error_set(err, ERROR_CONFIG, "it is not one value, but of the row or pseudo-type %s",
                       *name);
    rows_free(rows);
    return rc;
}

/* What the text `a < b` means is found by the search path; what ORDER BY means is not. Where they
 * differ, chunks would hold other rows than were planned for them. Errors: CONFIG. */
static int prove_operators(struct connection *c, uint32_t oid, const char *type, struct error *err)
{
    struct rows *rows = NULL;
    int rc = 0;

    if (lookup(c, &sql_find_operators, oid, NULL, &rows, err) != 0)
        return -1;
    if (!rows_is_null(rows, 0, 0))
        rc = error_set(err, ERROR_CONFIG,
                       "the operators that order the type %s are in schema %s, which is not on the "
                       "search_path, so its values would be compared by other rules; add the "
                       "schema: ALTER ROLE .. SET search_path = .., %s;",
                       type, rows_text(rows, 0, 0), rows_text(rows, 0, 0));
    else if (!rows_is_null(rows, 0, 1))
        rc = error_set(err, ERROR_CONFIG,
                       "the operator %s would compare values of the type %s, which are ordered by "
                       "others; take its schema off the search_path",
                       rows_text(rows, 0, 1), type);
    rows_free(rows);
    return rc;
}

static int resolve_table(struct connection *c, const struct config *config, struct work *work,
                         struct error *err)
{
    struct rows *rows = NULL;
    char *name = NULL;
    int rc = -1;

    if (expanded(c, config, "table", config->table, &name, err) != 0)
        return blame(err, config, "table");
    const char *values[] = {name};
    if (connection_query_once(c, &sql_resolve_table, (struct parameters){1, values, NULL}, &rows,
                              err) != 0) {
        blame(err, config, "table");
        goto out;
    }
    if (rows_count(rows) == 0) {
        error_set(err, ERROR_CONFIG,
                  "%s: table: there is no table %s in database %s; try psql's \\dt, and mind the "
                  "exact spelling",
                  config->path, name, connection_database(c));
        goto out;
    }
    work->table_oid = (uint32_t)rows_int64(rows, 0, 0);
    free(work->table);
    work->table = memory_copy_string(rows_text(rows, 0, 2));
    rc = 0;
out:
    free(name);
    rows_free(rows);
    return rc;
}

/* A column's name, and the key of the job file that gives it. */
struct named_column {
    const char *key;
    const char *name;
};

static int find_column(struct connection *c, const struct config *config, const struct work *work,
                       struct named_column column, struct rows **rows, struct error *err)
{
    if (lookup(c, &sql_find_column, work->table_oid, column.name, rows, err) != 0)
        return -1;
    if (rows_count(*rows) == 1)
        return 0;
    rows_free(*rows);
    *rows = NULL;
    return error_set(err, ERROR_CONFIG,
                     "%s: %s: table %s has no column %s; column names are as in the catalog: mind "
                     "upper and lower case",
                     config->path, column.key, work->table, column.name);
}

enum { OID_RECORD = 2249 }; /* the same in every PostgreSQL */

/* The type of the expression, which the server tells by describing a query. Errors: CONFIG: not one
 * value; SERVER: the server refuses the expression. */
static int expression_type(struct connection *c, const struct work *work, const char *expression,
                           uint32_t *oid, struct error *err)
{
    struct text query = TEXT_INIT;
    uint32_t types[KEY_COLUMNS_MAX + 2];
    int count = 0;

    text_format(&query, "SELECT (%s\n) FROM %s AS t", expression, work->table);
    const struct sql sql = {"describing an expression", text_string(&query)};
    int rc = connection_describe(c, &sql, types, &count, err);
    text_free(&query);
    if (rc == 0 && count != 1)
        rc = error_set(err, ERROR_CONFIG, "it is not one expression");
    if (rc == 0 && types[0] == OID_RECORD)
        rc = error_set(err, ERROR_CONFIG,
                       "it is a row, not one value; try each column as an expression of its own");
    if (rc == 0)
        *oid = types[0];
    return rc;
}

static int add_key(struct connection *c, const struct config *config, struct work *work,
                   char *expression, struct error *err)
{
    struct work_key *key = &work->keys[work->key_columns++];
    struct rows *rows = NULL;

    key->expression = expression;
    if (expression_type(c, work, expression, &key->type_oid, err) != 0 ||
        find_type(c, key->type_oid, &key->type, &key->array_oid, err) != 0 ||
        prove_operators(c, key->type_oid, key->type, err) != 0)
        return blame(err, config, "key");
    if (lookup(c, &sql_is_not_null_column, work->table_oid, expression, &rows, err) != 0)
        return -1;
    key->nullable = !rows_bool(rows, 0, 0);
    rows_free(rows);
    if (config->keys_filter && key->array_oid == 0)
        return error_set(err, ERROR_CONFIG,
                         "%s: chunk.filter: a key of type %s has no array type; try \"range\"",
                         config->path, key->type);
    return 0;
}

static int key_of_job(struct connection *c, const struct config *config, struct work *work,
                      struct error *err)
{
    for (int i = 0; i < config->key_count; i++) {
        char *expression = NULL;
        if (expanded(c, config, "key", config->keys[i], &expression, err) != 0)
            return blame(err, config, "key");
        if (add_key(c, config, work, expression, err) != 0)
            return -1;
    }
    return 0;
}

static int key_of_table(struct connection *c, const struct config *config, struct work *work,
                        struct error *err)
{
    struct rows *rows = NULL;
    int rc = 0;

    if (lookup(c, &sql_primary_key, work->table_oid, NULL, &rows, err) != 0)
        return -1;
    int64_t columns = rows_count(rows);
    if (columns == 0 && config->key_count == 0)
        rc = error_set(err, ERROR_CONFIG,
                       "%s: key: table %s has no primary key; name the columns of the key",
                       config->path, work->table);
    if (columns == 1 && config->row_id == NULL)
        work->row_id = memory_copy_string(rows_text(rows, 0, 0));
    if (columns > KEY_COLUMNS_MAX && config->key_count == 0)
        rc = error_set(err, ERROR_CONFIG,
                       "%s: key: the primary key has more than %d columns; name those to use",
                       config->path, KEY_COLUMNS_MAX);
    for (int64_t i = 0; rc == 0 && config->key_count == 0 && i < columns; i++) {
        struct text expression = TEXT_INIT;
        text_format(&expression, "t.%s", rows_text(rows, i, 0));
        rc = add_key(c, config, work, text_take(&expression), err);
    }
    rows_free(rows);
    return rc;
}

static int resolve_row_id(struct connection *c, const struct config *config, struct work *work,
                          struct error *err)
{
    struct rows *rows = NULL;
    uint32_t array_oid = 0;
    struct text expression = TEXT_INIT;

    if (config->row_id != NULL) {
        if (find_column(c, config, work, (struct named_column){"row_id", config->row_id}, &rows,
                        err) != 0)
            return -1;
        work->row_id = memory_copy_string(rows_text(rows, 0, 0));
        rows_free(rows);
    }
    if (work->row_id == NULL)
        return config->flag == NULL
                   ? 0
                   : error_set(err, ERROR_CONFIG,
                               "%s: row_id: a job with a flag needs one, and table %s has no "
                               "primary key of a single column; name a unique column",
                               config->path, work->table);
    text_format(&expression, "t.%s", work->row_id);
    int rc = expression_type(c, work, text_string(&expression), &work->row_id_oid, err);
    text_free(&expression);
    if (rc != 0 || find_type(c, work->row_id_oid, &work->row_id_type, &array_oid, err) != 0 ||
        prove_operators(c, work->row_id_oid, work->row_id_type, err) != 0)
        return blame(err, config, "row_id");
    return array_oid != 0 || config->flag == NULL
               ? 0
               : error_set(err, ERROR_CONFIG,
                           "%s: row_id: the type %s has no array type, in which the ledger could "
                           "keep the ids of a chunk; name another unique column",
                           config->path, work->row_id_type);
}

static int resolve_flag(struct connection *c, const struct config *config, struct work *work,
                        struct error *err)
{
    struct rows *rows = NULL;

    if (config->flag == NULL)
        return 0;
    if (find_column(c, config, work, (struct named_column){"flag", config->flag}, &rows, err) != 0)
        return -1;
    work->flag = memory_copy_string(rows_text(rows, 0, 0));
    work->marked = memory_copy_string(config->flag_marked);
    work->released = memory_copy_string(config->flag_released);
    rows_free(rows);
    return 0;
}

int target_triggers(struct connection *c, const struct config *config, struct work *work,
                    struct error *err)
{
    struct rows *rows = NULL;

    if (lookup(c, &sql_has_update_triggers, work->table_oid, NULL, &rows, err) != 0)
        return -1;
    bool has_triggers = rows_bool(rows, 0, 0);
    rows_free(rows);
    work->marks_by_id = has_triggers && config->flag != NULL;
    work->rows_may_move = has_triggers && config->may_assign_count == 0;
    return 0;
}

static int resolve_rows(struct connection *c, const struct config *config, struct work *work,
                        struct error *err)
{
    uint32_t oid = 0, array_oid;

    if (expanded(c, config, "scope", config->scope, &work->scope, err) != 0)
        return blame(err, config, "scope");
    if (work->scope != NULL && expression_type(c, work, work->scope, &oid, err) != 0)
        return blame(err, config, "scope");
    if (config->window_on == NULL)
        return 0;
    if (expanded(c, config, "window.on", config->window_on, &work->window_on, err) != 0 ||
        expression_type(c, work, work->window_on, &oid, err) != 0 ||
        find_type(c, oid, &work->window_type, &array_oid, err) != 0 ||
        prove_operators(c, oid, work->window_type, err) != 0)
        return blame(err, config, "window.on");
    return 0;
}

int target_resolve(struct connection *c, const struct config *config, struct work *work,
                   struct error *err)
{
    work_forget_strings(work);
    work->job = memory_copy_string(config->job);
    work->ledger = connection_identifier(c, config->ledger_schema);
    if (resolve_table(c, config, work, err) != 0 || key_of_table(c, config, work, err) != 0 ||
        key_of_job(c, config, work, err) != 0 || resolve_row_id(c, config, work, err) != 0 ||
        resolve_flag(c, config, work, err) != 0 || target_triggers(c, config, work, err) != 0 ||
        resolve_rows(c, config, work, err) != 0)
        return -1;
    return expanded(c, config, config->update_name, config->update, &work->update, err);
}

int target_pin_window(struct connection *c, const struct config *config, struct work *work,
                      struct error *err)
{
    struct text query = TEXT_INIT;
    struct rows *rows = NULL;
    char *from = NULL, *to = NULL;
    int rc = -1;

    if (work->window_on == NULL)
        return 0;
    if (expanded(c, config, "window.from", config->window_from, &from, err) != 0 ||
        expanded(c, config, "window.to", config->window_to, &to, err) != 0)
        goto out;
    text_format(&query, "SELECT ((%s\n)::%s)::text, ((%s\n)::%s)::text", from, work->window_type,
                to, work->window_type);
    const struct sql sql = {"the window's from and to", text_string(&query)};
    if (connection_query_once(c, &sql, PARAMETERS_NONE, &rows, err) != 0) {
        blame(err, config, "window");
        goto out;
    }
    if (rows_is_null(rows, 0, 0) || rows_is_null(rows, 0, 1)) {
        error_set(err, ERROR_CONFIG, "%s: window: from or to is NULL", config->path);
        goto out;
    }
    free(work->window_from);
    free(work->window_to);
    work->window_from = memory_copy_string(rows_text(rows, 0, 0));
    work->window_to = memory_copy_string(rows_text(rows, 0, 1));
    rc = 0;
out:
    free(from);
    free(to);
    rows_free(rows);
    text_free(&query);
    return rc;
}
