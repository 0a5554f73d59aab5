/* The manager's own hands, where it is the only rank: a connection of its own, one chunk at a time.
 */
#ifndef CHUNKMILL_RUN_WORK_LOCAL_WORKER_H
#define CHUNKMILL_RUN_WORK_LOCAL_WORKER_H

#include <stdbool.h>

#include "base/text.h"
#include "core/protocol/cycle_result.h"
#include "core/protocol/work.h"
#include "run/work/rank_stats.h"

struct alone;

/* Both borrowed. Connects with the first chunk. */
struct alone *alone_new(const struct work *work, struct rank_stats *rank_stats);
void alone_free(struct alone *alone); /* takes NULL */

/* alone_take(alone, message): a packed chunk, to be worked on next; there is none in flight. */
void alone_take(struct alone *alone, const struct text *message);

/* alone_work(alone, result, parts): the chunk in flight: false when there is none. parts as
 * cycle_run. Blocks in libpq. */
bool alone_work(struct alone *alone, struct cycle_result *result, struct text *parts);

#endif
