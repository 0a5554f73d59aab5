/* The cycle on one chunk: fence, claim, mark, update, release, done (PROTOCOL, section "The cycle"). Owns its
 * connection: opens, reopens after a loss, rereads the ledger after a lost answer, tries transactions again
 * with backoff. One cycle object a worker. */
#ifndef CHUNKMILL_DB_CYCLE_H
#define CHUNKMILL_DB_CYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/chunk.h"
#include "core/cycle_result.h"
#include "core/work.h"
#include "db/connection.h"

struct cycle;

/* cycle_open(work, worker, cycle, err): connects, pins the settings, checks that the key's types are those of
 * work, records the backend. work must outlive it. connection errors are tried again for up to five seconds.
 */
int cycle_open(const struct work *work, int worker, struct cycle **cycle, struct error *err);
void cycle_close(struct cycle *cycle); /* takes NULL; rolls back what is open */

/* cycle_run(cycle, chunk, start_ns, result, parts): the whole cycle. Always fills *result; outcome STOPPED
 * with error_kind LIVE when fenced, INTERRUPTED, CONNECTION, FATAL otherwise. start_ns: begin_ns and end_ns
 * count from it. parts (emptied first): where the outcome is SPLIT, the open parts as chunk messages. */
void cycle_run(struct cycle *cycle, const struct chunk *chunk, int64_t start_ns, struct cycle_result *result,
               struct text *parts);

/* cycle_give_back(cycle): after an interrupt, which must not be watched any more: what is in hand counts as
 * innocent. Connects again, once, where the connection is dead; errors are kept quiet, for the process is
 * about to end. */
void cycle_give_back(struct cycle *cycle);

/* Lost and opened again, so far. */
int64_t cycle_reconnects(const struct cycle *cycle);
struct connection *cycle_connection(struct cycle *cycle);

#endif
