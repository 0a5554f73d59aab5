/* The worker within rank 0 where that is the only rank: a connection of its own, one chunk at a
 * time. */
#ifndef CHUNKMILL_RUN_WORK_LOCAL_WORKER_H
#define CHUNKMILL_RUN_WORK_LOCAL_WORKER_H

#include <stdbool.h>

#include "base/text.h"
#include "core/protocol/cycle_result.h"
#include "core/protocol/work.h"
#include "run/work/rank_stats.h"

struct local_worker;

/* Both borrowed. Connects with the first chunk. */
struct local_worker *local_worker_new(const struct work *work, struct rank_stats *rank_stats);
void local_worker_free(struct local_worker *local); /* takes NULL */

/* local_worker_take(local, message): a packed chunk, to be worked on next; there is none in flight.
 */
void local_worker_take(struct local_worker *local, const struct text *message);

/* local_worker_work(local, result, parts): the chunk in flight: false when there is none. parts as
 * cycle_run. Blocks in libpq. */
bool local_worker_work(struct local_worker *local, struct cycle_result *result, struct text *parts);

#endif
