/* The statements of a worker, expanded once a shape, and sent with their values. */
#include "db/cycle/executor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

void executor_numbers(struct executor_numbers *n, const int64_t *given, int count)
{
    for (int i = 0; i < count; i++) {
        snprintf(n->text[i], sizeof n->text[i], "%" PRId64, given[i]);
        n->values[i] = n->text[i];
    }
}

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

static int statement_sql(struct executor *executor, enum statement statement,
                         const struct chunk *chunk, const struct sql **sql, struct error *err)
{
    struct predicate_shape shape = predicate_shape(chunk);
    int index = statement_has_tile(statement) ? shape_index(shape) : 0;
    struct sql *known = &executor->statements[statement][index];

    if (known->text == NULL) {
        struct text text = TEXT_INIT, name = TEXT_INIT;
        if (statement_text(executor->work, statement, shape, &text, err) != 0) {
            text_free(&text);
            return -1;
        }
        text_add(&name, statement_name(statement));
        if (statement_has_tile(statement)) {
            char shape_name[16];
            predicate_shape_name(shape, shape_name);
            text_format(&name, " %s", shape_name);
        }
        known->name = text_take(&name);
        known->text = text_take(&text);
    }
    *sql = known;
    return 0;
}

/* A statement with its values: its own, then the tile's. */
struct bound {
    const struct sql *sql;
    struct parameters parameters;
    const char *values[STATEMENT_OWN_MAX + PREDICATE_PARAMETERS_MAX];
    uint32_t types[STATEMENT_OWN_MAX + PREDICATE_PARAMETERS_MAX];
};

static int bind(struct executor *executor, enum statement statement, const struct chunk *chunk,
                const char *const *own, struct bound *bound, struct error *err)
{
    int count = statement_own_parameters(executor->work, statement);

    if (statement_sql(executor, statement, chunk, &bound->sql, err) != 0)
        return -1;
    for (int i = 0; i < count; i++) {
        bound->values[i] = own[i];
        bound->types[i] = statement_own_types(statement)[i];
    }
    if (statement_has_tile(statement))
        count += predicate_parameters(executor->work, chunk, bound->values + count,
                                      bound->types + count);
    bound->parameters = (struct parameters){count, bound->values, bound->types};
    return 0;
}

int executor_run(struct executor *executor, enum statement statement, const struct chunk *chunk,
                 const char *const *own, struct rows **rows, struct error *err)
{
    struct bound bound;

    return bind(executor, statement, chunk, own, &bound, err) != 0
               ? -1
               : connection_query(executor->connection, bound.sql, bound.parameters, rows, err);
}

void executor_queue(struct executor *executor, struct pipeline *pipeline, enum statement statement,
                    const struct chunk *chunk, const char *const *own)
{
    struct error err = ERROR_INIT;
    struct bound bound;

    if (bind(executor, statement, chunk, own, &bound, &err) == 0)
        pipeline_add(pipeline, bound.sql, bound.parameters);
    else
        pipeline_spoil(pipeline, &err);
}

int executor_change(struct executor *executor, enum statement statement, const struct chunk *chunk,
                    const char *const *own, int64_t *count, struct error *err)
{
    struct rows *rows = NULL;

    if (executor_run(executor, statement, chunk, own, &rows, err) != 0)
        return -1;
    *count = rows_affected(rows);
    rows_free(rows);
    return 0;
}
