/* Sends the statements of a cycle on a worker's connection. A statement's text is expanded when a
 * shape of chunk first needs it, and kept. Decides nothing: see db/cycle/transaction. */
#ifndef CHUNKMILL_DB_CYCLE_EXECUTOR_H
#define CHUNKMILL_DB_CYCLE_EXECUTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/plan/chunk.h"
#include "core/protocol/chunk_state.h"
#include "core/protocol/work.h"
#include "core/sql/predicate.h"
#include "db/connection/connection.h"
#include "db/connection/pipeline.h"
#include "db/cycle/statement.h"

enum { EXECUTOR_SHAPES = 32 };

/* Starts zeroed but for work, worker and connection, which are the caller's. */
struct executor {
    const struct work *work;
    int worker;
    struct connection *connection;
    struct sql statements[STATEMENT_COUNT][EXECUTOR_SHAPES];
    /* The try in progress, as claim_take leaves it. */
    bool is_claimed; /* the chunk's row is locked: a later error is not about that lock */
    bool is_refused; /* the chunk was not as the claim expected it */
    int tries;       /* those of the chunk before, as claimed */
    int crashes;     /* those of the chunk, as claimed */
};

/* executor_clear(executor): frees the statements' texts; the connection stays open. */
void executor_clear(struct executor *executor);

/* The values that neither the executor nor the chunk has: run, attempt, worker, crashes allowed,
 * the chunk's id and its bounds by row id are filled in from those. A statement takes the members
 * that its list in db/cycle/statement names. All are borrowed; NULL is an SQL NULL. */
struct executor_values {
    enum chunk_state state; /* which the claim expects */
    const char *mark_xid;
    int64_t rows_updated;
    int64_t rows_released;
    int64_t rows_lost;
    int tries;
    const char *sqlstate;
    const char *error;
    int64_t parent_id;     /* of a part */
    const char *key_lower; /* a part's bounds, as array literals */
    const char *key_upper;
    const char *key_sets;
    bool is_first_part;
    bool is_last_part;
};

/* executor_run(executor, statement, chunk, values, rows, err): sends one statement and waits for
 * its answer. chunk: whose tile and id it takes; NULL, for a statement without a tile: the chunk id
 * is an SQL NULL. values: NULL where it takes none. rows may be NULL, else they are the caller's.
 * Errors as connection_query. */
int executor_run(struct executor *executor, enum statement statement, const struct chunk *chunk,
                 const struct executor_values *values, struct rows **rows, struct error *err);

/* executor_queue(executor, pipeline, statement, chunk, values): queues the same in a pipeline. What
 * can't be expanded spoils the pipeline (pipeline_spoil). */
void executor_queue(struct executor *executor, struct pipeline *pipeline, enum statement statement,
                    const struct chunk *chunk, const struct executor_values *values);

/* executor_change(executor, statement, chunk, values, count, err): as executor_run, for a statement
 * that changes rows. *count: how many. */
int executor_change(struct executor *executor, enum statement statement, const struct chunk *chunk,
                    const struct executor_values *values, int64_t *count, struct error *err);

#endif
