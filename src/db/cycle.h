/* The cycle on one chunk: fence, claim, mark, update, release, done (PROTOCOL, section "The cycle"). Owns its
 * connection: opens, reopens after a loss, rereads the ledger after a lost answer, tries transactions again
 * with backoff. One cycle object a worker. */
#ifndef CHUNKMILL_DB_CYCLE_H
#define CHUNKMILL_DB_CYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/chunk.h"
#include "core/cycle_result.h"
#include "core/work.h"
#include "db/connection.h"

struct cycle;

/* cycle_open(work, worker, cycle, err): connects, pins the settings, checks that the key's types are those of
 * work, records the backend. work must outlive it. connection errors are tried again for up to a minute. */
int cycle_open(const struct work *work, int worker, struct cycle **cycle, struct error *err);
void cycle_close(struct cycle *cycle); /* takes NULL; rolls back what is open */

/* cycle_run(cycle, chunk, start_ns, result): the whole cycle. Always fills *result; outcome STOPPED with
 * error_kind LIVE when fenced, INTERRUPTED, CONNECTION, FATAL otherwise. start_ns: begin_ns and end_ns count
 * from it. */
void cycle_run(struct cycle *cycle, const struct chunk *chunk, int64_t start_ns, struct cycle_result *result);

/* Lost and opened again, so far. */
int64_t cycle_reconnects(const struct cycle *cycle);
struct connection *cycle_connection(struct cycle *cycle);

/* One statement of the cycle, expanded for a shape: for the cycle itself, for `chunkmill sql`, and for the
 * EXPLAINs of `check`. */
enum cycle_statement {
    CYCLE_FENCE,
    CYCLE_CLAIM,
    CYCLE_MARK,       /* T1; with flag */
    CYCLE_MARK_AGAIN, /* T1 of a second pass */
    CYCLE_UPDATE,     /* the job's update on the rows that this chunk owns */
    CYCLE_COUNT_LEFT, /* what is ours and left, what is not ours */
    CYCLE_RELEASE_LEFT,
    CYCLE_LOCK_OWN, /* the slow path, by row id */
    CYCLE_UPDATE_OWN,
    CYCLE_RELEASE_OWN,
    CYCLE_PUT_BACK,
    CYCLE_FINISH,
    CYCLE_FAIL,
    CYCLE_STATEMENTS
};
const char *cycle_statement_name(enum cycle_statement statement);
bool cycle_statement_is_used(const struct work *work, enum cycle_statement statement);
/* Appends the SQL. Parameters: $1 run id, $2 chunk id, .. as each file's head says; the tile's come last. */
int cycle_statement_text(const struct work *work, enum cycle_statement statement, const struct chunk *chunk,
                         struct text *out, struct error *err);

#endif
