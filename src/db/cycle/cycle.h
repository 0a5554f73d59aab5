/* The cycle on one chunk: fence, claim, mark, update, release, done (docs/PROTOCOL.md, "The
 * cycle"). It owns its connection: it opens it, reopens it after a loss, reads the ledger again
 * after a lost answer, and tries transactions again with backoff. A worker has one cycle. */
#ifndef CHUNKMILL_DB_CYCLE_CYCLE_H
#define CHUNKMILL_DB_CYCLE_CYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/plan/chunk.h"
#include "core/protocol/cycle_result.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

struct cycle;

/* cycle_open(work, worker, cycle, err): connects, pins the settings, checks that the key's types
 * are those of work, records the backend. work must outlive it. connection errors are tried again
 * for up to five seconds.
 */
int cycle_open(const struct work *work, int worker, struct cycle **cycle, struct error *err);
void cycle_close(struct cycle *cycle); /* takes NULL; rolls back what is open */

/* cycle_run(cycle, chunk, start_ns, result, parts): the whole cycle. Always fills *result; outcome
 * STOPPED with error_kind LIVE when fenced, INTERRUPTED, CONNECTION, FATAL otherwise. start_ns:
 * begin_ns and end_ns count from it. parts (emptied first): where the outcome is SPLIT, the open
 * parts as chunk messages. */
void cycle_run(struct cycle *cycle, const struct chunk *chunk, int64_t start_ns,
               struct cycle_result *result, struct text *parts);

/* cycle_mark_ahead(cycle, chunk, start_ns): T1 of a chunk that cycle_run is given later, so that
 * the rows' former versions can be pruned by then (DESIGN.md, "Marking ahead"). Once a chunk; what
 * fails is cycle_run's to find out. Only with a flag; at most CYCLE_AHEAD_MAX at a time. It may
 * wait for the next call of cycle_mark_ahead or cycle_run, to travel with what that sends: chunk
 * must live until then, or until cycle_put_down. */
enum { CYCLE_AHEAD_MAX = 16 };
void cycle_mark_ahead(struct cycle *cycle, const struct chunk *chunk, int64_t start_ns);

/* cycle_put_down(cycle): the chunks that were marked ahead are left for another worker or the next
 * attempt, and count no crash. */
void cycle_put_down(struct cycle *cycle);

/* cycle_give_back(cycle): after an interrupt, which must not be watched any more: the chunks in
 * flight count no crash. Connects again, once, where the connection is dead. Errors are not
 * reported, because the process is about to exit. */
void cycle_give_back(struct cycle *cycle);

/* How often the connection was lost and opened again. */
int64_t cycle_reconnects(const struct cycle *cycle);
struct connection *cycle_session(struct cycle *cycle);

#endif
