/* Statements that travel together: queued, sent at once, and answered one by one in their order, each as soon
 * as it is done (libpq's pipeline mode, PostgreSQL's documentation, section "Pipeline Mode"). One round trip.
 *
 * The server runs them one after the other, each with a snapshot of its own, as if each had been sent by
 * itself. A statement that fails ends the batch: those behind it, a COMMIT among them, are not run. That rule
 * of the protocol is what lets a statement be sent before its predecessor's answer is known.
 *
 * Errors are those of connection.h, and name the statement at fault; connection_elapsed_ns is how long that
 * one took, from its predecessor's answer on. After an error the batch is over, and the connection as after
 * any other: alive where the server refused (the caller rolls back), else dead. */
#ifndef CHUNKMILL_DB_CONNECTION_PIPELINE_H
#define CHUNKMILL_DB_CONNECTION_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "db/connection/connection.h"

/* With what has to be prepared. */
enum { BATCH_STEPS_MAX = 40 };

enum batch_kind { BATCH_PREPARE, BATCH_STATEMENT, BATCH_COMMAND };

struct batch {
    struct connection *connection;
    struct batch_step {
        const char *name;
        enum batch_kind kind;
    } steps[BATCH_STEPS_MAX];
    int count, next;
    int64_t answered_ns; /* when the last statement's answer came */
    bool owes_flush;     /* the last statement's answer is to come before the next one is run */
    bool is_broken;      /* libpq could not queue a statement */
    struct error spoilt; /* by the caller: from there on nothing was queued */
};

/* batch_begin(batch, c): c is idle or in a transaction; it can't be used for anything else until the batch is
 * over. */
void batch_begin(struct batch *batch, struct connection *c);

/* batch_add(batch, sql, p): a statement, prepared the first time it is seen (by name, which must live as long
 * as the batch; the values are copied). batch_add_command: one without parameters that waits for nobody, and
 * whose answer says nothing but that it was done: BEGIN, SET, COMMIT. What goes wrong, batch_send or the
 * answer tells. */
void batch_add(struct batch *batch, const struct sql *sql, struct parameters p);
void batch_add_command(struct batch *batch, const struct sql *sql);

/* batch_spoil(batch, err): a statement can't be queued, for reasons of the caller's: what was queued before
 * it is run, and nothing behind it; batch_send says err. */
void batch_spoil(struct batch *batch, const struct error *err);

/* batch_send(batch, err): all of it, on its way. Doesn't wait for the server. */
int batch_send(struct batch *batch, struct error *err);

/* batch_next(batch, rows, err): the answer of the next statement, and of the commands before it; rows may be
 * NULL, else owned by the caller. Blocks in poll. */
int batch_next(struct batch *batch, struct rows **rows, struct error *err);

/* batch_commands(batch, err): only those of the commands before the next statement: a COMMIT's, where another
 * transaction is behind it. */
int batch_commands(struct batch *batch, struct error *err);

/* batch_finish(batch, err): behind the last statement: the answers of the commands that are left, a COMMIT's
 * above all. The batch is over. */
int batch_finish(struct batch *batch, struct error *err);

#endif
