/* Several statements in one round trip: queued, sent at once, and answered in their order, each
 * as soon as it is done (libpq's pipeline mode: PostgreSQL's documentation, section "Pipeline
 * Mode").
 *
 * The server runs them one after the other, each with a snapshot of its own, as if each had been
 * sent by itself. A statement that fails ends the pipeline: those behind it, a COMMIT among
 * them, are not run. This rule of libpq's protocol is why a statement may be sent before the
 * answer of its predecessor is known.
 *
 * Errors are those of db/connection/connection.h, and name the statement at fault;
 * connection_elapsed_ns tells how long that one took, from its predecessor's answer on. After an
 * error the pipeline is over, and the connection is as after any other error: alive where the
 * server refused (the caller rolls back), otherwise dead. */
#ifndef CHUNKMILL_DB_CONNECTION_PIPELINE_H
#define CHUNKMILL_DB_CONNECTION_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "db/connection/connection.h"

/* With what has to be prepared. */
enum { PIPELINE_ENTRIES_MAX = 40 };

enum pipeline_kind { PIPELINE_PREPARE, PIPELINE_STATEMENT, PIPELINE_COMMAND };

struct pipeline {
    struct connection *connection;
    struct pipeline_entry {
        const char *name;
        enum pipeline_kind kind;
    } entries[PIPELINE_ENTRIES_MAX];
    int count, next;
    int64_t answered_ns; /* when the last statement's answer came */
    bool owes_flush;     /* the last statement's answer is to come before the next one is run */
    bool is_broken;      /* libpq could not queue a statement */
    struct error spoilt; /* by the caller: from there on nothing was queued */
};

/* pipeline_begin(pipeline, c): c is idle or in a transaction; it can't be used for anything else
 * until the pipeline is over. */
void pipeline_begin(struct pipeline *pipeline, struct connection *c);

/* pipeline_add(pipeline, sql, p): a statement, prepared the first time it is seen (by name, which
 * must live as long as the pipeline; the values are copied). pipeline_add_command: one without
 * parameters, which never waits for a lock, and whose answer tells only that it was done: BEGIN,
 * SET, COMMIT. What goes wrong, pipeline_send or the answer tells. */
void pipeline_add(struct pipeline *pipeline, const struct sql *sql, struct parameters p);
void pipeline_add_command(struct pipeline *pipeline, const struct sql *sql);

/* pipeline_spoil(pipeline, err): a statement can't be queued, for reasons of the caller's: what was
 * queued before it is run, and nothing behind it; pipeline_send says err. */
void pipeline_spoil(struct pipeline *pipeline, const struct error *err);

/* pipeline_send(pipeline, err): all of it, on its way. Doesn't wait for the server. */
int pipeline_send(struct pipeline *pipeline, struct error *err);

/* pipeline_next(pipeline, rows, err): the answer of the next statement, and of the commands before
 * it; rows may be NULL, else owned by the caller. Blocks in poll. */
int pipeline_next(struct pipeline *pipeline, struct rows **rows, struct error *err);

/* pipeline_commands(pipeline, err): only those of the commands before the next statement: a
 * COMMIT's, where another transaction is behind it. */
int pipeline_commands(struct pipeline *pipeline, struct error *err);

/* pipeline_finish(pipeline, err): behind the last statement: the answers of the commands that are
 * left, a COMMIT's above all. The pipeline is over. */
int pipeline_finish(struct pipeline *pipeline, struct error *err);

#endif
