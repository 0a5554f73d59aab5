/* The cache of expanded statements, and where the value of each parameter comes from. */
#include "db/cycle/executor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { PARAMETERS_MAX = STATEMENT_OWN_MAX + PREDICATE_PARAMETERS_MAX };

static int shape_index(struct predicate_shape shape)
{
    return (int)shape.kind * 8 + (shape.has_lower ? 4 : 0) + (shape.has_upper ? 2 : 0) +
           (shape.upper_open ? 1 : 0);
}

void executor_clear(struct executor *executor)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        for (int j = 0; j < EXECUTOR_SHAPES; j++) {
            free(memory_unconst(executor->statements[i][j].name));
            free(memory_unconst(executor->statements[i][j].text));
        }
    }
    memset(executor->statements, 0, sizeof executor->statements);
}

static int expand(const struct work *work, enum statement statement, struct predicate_shape shape,
                  struct sql *expanded, struct error *err)
{
    struct text text = TEXT_INIT, name = TEXT_INIT;

    if (statement_text(work, statement, shape, &text, err) != 0) {
        text_free(&text);
        return -1;
    }
    text_add(&name, statement_name(statement));
    if (statement_has_tile(statement)) {
        char shape_name[16];
        predicate_shape_name(shape, shape_name);
        text_format(&name, " %s", shape_name);
    }
    expanded->name = text_take(&name);
    expanded->text = text_take(&text);
    return 0;
}

static int find_sql(struct executor *executor, enum statement statement, const struct chunk *chunk,
                    const struct sql **sql, struct error *err)
{
    struct predicate_shape shape = {0};

    if (statement_has_tile(statement))
        shape = predicate_shape(chunk);
    struct sql *known = &executor->statements[statement][shape_index(shape)];
    if (known->text == NULL && expand(executor->work, statement, shape, known, err) != 0)
        return -1;
    *sql = known;
    return 0;
}

/* A number as the text of a parameter. */
struct number {
    char text[24];
};

static const char *format_number(struct number *number, int64_t value)
{
    snprintf(number->text, sizeof number->text, "%" PRId64, value);
    return number->text;
}

static const char *boolean(bool value)
{
    return value ? "t" : "f";
}

static const char *chunk_value(const struct chunk *chunk, enum parameter parameter,
                               struct number *number)
{
    switch (parameter) {
    case PARAMETER_CHUNK_ID:
        return format_number(number, chunk->id);
    case PARAMETER_KIND:
        return chunk_kind_name(chunk->kind);
    case PARAMETER_UPPER_OPEN:
        return boolean(chunk->upper_open);
    case PARAMETER_ROW_LOWER:
        return chunk->row_lower;
    case PARAMETER_ROW_UPPER:
        return chunk->row_upper;
    case PARAMETER_ROWS_PLANNED:
        return format_number(number, chunk->rows);
    case PARAMETER_KEYS_PLANNED:
        return format_number(number, chunk->keys);
    default:
        return NULL;
    }
}

/* No default: the compiler names a parameter that is missing here. */
static const char *value_of(const struct executor *executor, const struct chunk *chunk,
                            const struct executor_values *values, enum parameter parameter,
                            struct number *number)
{
    switch (parameter) {
    case PARAMETER_RUN_ID:
        return format_number(number, executor->work->run_id);
    case PARAMETER_ATTEMPT:
        return format_number(number, executor->work->attempt);
    case PARAMETER_WORKER:
        return format_number(number, executor->worker);
    case PARAMETER_CRASHES_MAX:
        return format_number(number, executor->work->suspect_after);
    case PARAMETER_PARENT_ID:
        return format_number(number, values->parent_id);
    case PARAMETER_STATE:
        return chunk_state_name(values->state);
    case PARAMETER_MARK_XID:
        return values->mark_xid;
    case PARAMETER_ROWS_UPDATED:
        return format_number(number, values->rows_updated);
    case PARAMETER_ROWS_RELEASED:
        return format_number(number, values->rows_released);
    case PARAMETER_ROWS_LOST:
        return format_number(number, values->rows_lost);
    case PARAMETER_TRIES:
        return format_number(number, values->tries);
    case PARAMETER_SQLSTATE:
        return values->sqlstate;
    case PARAMETER_ERROR:
        return values->error;
    case PARAMETER_KEY_LOWER:
        return values->key_lower;
    case PARAMETER_KEY_UPPER:
        return values->key_upper;
    case PARAMETER_KEY_SETS:
        return values->key_sets;
    case PARAMETER_IS_FIRST_PART:
        return boolean(values->is_first_part);
    case PARAMETER_IS_LAST_PART:
        return boolean(values->is_last_part);
    case PARAMETER_CHUNK_ID:
    case PARAMETER_KIND:
    case PARAMETER_UPPER_OPEN:
    case PARAMETER_ROW_LOWER:
    case PARAMETER_ROW_UPPER:
    case PARAMETER_ROWS_PLANNED:
    case PARAMETER_KEYS_PLANNED:
        return chunk == NULL ? NULL : chunk_value(chunk, parameter, number);
    case PARAMETER_NONE:
    case PARAMETER_COUNT:
        break;
    }
    return NULL;
}

/* A statement with its values: its own, then the tile's. */
struct bound {
    const struct sql *sql;
    struct parameters parameters;
    const char *values[PARAMETERS_MAX];
    uint32_t types[PARAMETERS_MAX];
    struct number numbers[STATEMENT_OWN_MAX]; /* which values point to */
};

static int bind(struct executor *executor, enum statement statement, const struct chunk *chunk,
                const struct executor_values *values, struct bound *bound, struct error *err)
{
    static const struct executor_values no_values = {0};
    const enum parameter *list;
    int count = statement_parameters(executor->work, statement, &list);

    if (find_sql(executor, statement, chunk, &bound->sql, err) != 0)
        return -1;
    for (int i = 0; i < count; i++) {
        bound->values[i] = value_of(executor, chunk, values == NULL ? &no_values : values, list[i],
                                    &bound->numbers[i]);
        bound->types[i] = parameter_type(list[i]);
    }
    if (statement_has_tile(statement))
        count += predicate_parameters(executor->work, chunk, bound->values + count,
                                      bound->types + count);
    bound->parameters = (struct parameters){count, bound->values, bound->types};
    return 0;
}

int executor_run(struct executor *executor, enum statement statement, const struct chunk *chunk,
                 const struct executor_values *values, struct rows **rows, struct error *err)
{
    struct bound bound;

    return bind(executor, statement, chunk, values, &bound, err) != 0
               ? -1
               : connection_query(executor->connection, bound.sql, bound.parameters, rows, err);
}

void executor_queue(struct executor *executor, struct pipeline *pipeline, enum statement statement,
                    const struct chunk *chunk, const struct executor_values *values)
{
    struct error err = ERROR_INIT;
    struct bound bound;

    if (bind(executor, statement, chunk, values, &bound, &err) == 0)
        pipeline_add(pipeline, bound.sql, bound.parameters);
    else
        pipeline_spoil(pipeline, &err);
}

int executor_change(struct executor *executor, enum statement statement, const struct chunk *chunk,
                    const struct executor_values *values, int64_t *count, struct error *err)
{
    struct rows *rows = NULL;

    if (executor_run(executor, statement, chunk, values, &rows, err) != 0)
        return -1;
    *count = rows_affected(rows);
    rows_free(rows);
    return 0;
}
