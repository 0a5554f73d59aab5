/* How a cycle speaks: its statements, expanded when first needed for a shape of chunk, and where they are
 * sent. */
#ifndef CHUNKMILL_DB_CYCLE_EXECUTOR_H
#define CHUNKMILL_DB_CYCLE_EXECUTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/plan/chunk.h"
#include "core/sql/predicate.h"
#include "core/protocol/work.h"
#include "db/connection/pipeline.h"
#include "db/connection/connection.h"
#include "db/cycle/statement.h"

enum { STEPS_SHAPES = 32 };

/* A worker's statements, expanded when first needed, and where they are sent. */
struct steps {
    const struct work *work;
    int worker;
    struct connection *connection;
    struct sql statements[STATEMENT_COUNT][STEPS_SHAPES];
    /* of the try in progress */
    bool is_claimed; /* an error came after the claim: not a busy ledger row */
    bool is_refused; /* the chunk was not as the claim expected it */
    int tries;       /* of former hand-outs, as claimed */
    int crashes;     /* as claimed */
};

void steps_clear(struct steps *steps);

/* The numbers that statements take, as text. */
struct send_numbers {
    char text[STATEMENT_OWN_MAX][24];
    const char *values[STATEMENT_OWN_MAX];
};
void send_numbers(struct send_numbers *n, const int64_t *given, int count);

/* send_statement(steps, statement, chunk, own, rows, err): one statement: its own values, then the tile's.
 * Errors as connection_query. */
int send_statement(struct steps *steps, enum statement statement, const struct chunk *chunk,
                   const char *const *own, struct rows **rows, struct error *err);

/* send_add(steps, batch, statement, chunk, own): the same, queued in a batch, which is spoilt where that
 * can't be. */
void send_add(struct steps *steps, struct batch *batch, enum statement statement, const struct chunk *chunk,
              const char *const *own);

/* send_affecting: the same for a statement that changes rows: how many. */
int send_affecting(struct steps *steps, enum statement statement, const struct chunk *chunk,
                   const char *const *own, int64_t *count, struct error *err);

#endif
