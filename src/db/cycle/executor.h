/* How a cycle speaks: its statements, expanded when first needed for a shape of chunk, and where
 * they are sent. */
#ifndef CHUNKMILL_DB_CYCLE_EXECUTOR_H
#define CHUNKMILL_DB_CYCLE_EXECUTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/plan/chunk.h"
#include "core/protocol/work.h"
#include "core/sql/predicate.h"
#include "db/connection/connection.h"
#include "db/connection/pipeline.h"
#include "db/cycle/statement.h"

enum { EXECUTOR_SHAPES = 32 };

/* A worker's statements, expanded when first needed, and where they are sent. */
struct executor {
    const struct work *work;
    int worker;
    struct connection *connection;
    struct sql statements[STATEMENT_COUNT][EXECUTOR_SHAPES];
    /* of the try in progress */
    bool is_claimed; /* an error came after the claim: not a busy ledger row */
    bool is_refused; /* the chunk was not as the claim expected it */
    int tries;       /* of former hand-outs, as claimed */
    int crashes;     /* as claimed */
};

void executor_clear(struct executor *executor);

/* The numbers that statements take, as text. */
struct executor_numbers {
    char text[STATEMENT_OWN_MAX][24];
    const char *values[STATEMENT_OWN_MAX];
};
void executor_numbers(struct executor_numbers *n, const int64_t *given, int count);

/* executor_run(executor, statement, chunk, own, rows, err): one statement: its own values, then the
 * tile's. Errors as connection_query. */
int executor_run(struct executor *executor, enum statement statement, const struct chunk *chunk,
                 const char *const *own, struct rows **rows, struct error *err);

/* executor_queue(executor, pipeline, statement, chunk, own): the same, queued in a pipeline, which
 * is spoilt where that can't be. */
void executor_queue(struct executor *executor, struct pipeline *pipeline, enum statement statement,
                    const struct chunk *chunk, const char *const *own);

/* executor_change: the same for a statement that changes rows: how many. */
int executor_change(struct executor *executor, enum statement statement, const struct chunk *chunk,
                    const char *const *own, int64_t *count, struct error *err);

#endif
