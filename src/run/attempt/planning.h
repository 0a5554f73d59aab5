/* Makes the plan of a run where it is not complete, page by page, and beside the work as soon as
 * there is a chunk for each worker; and loads the open chunks. */
#ifndef CHUNKMILL_RUN_ATTEMPT_PLANNING_H
#define CHUNKMILL_RUN_ATTEMPT_PLANNING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "run/attempt/attempt.h"

/* planning_connect(attempt, err): opens the two connections that planning needs, if the plan is not
 * complete. It is called before the workers connect, which might take the server's last ones. */
int planning_connect(struct attempt *attempt, struct error *err);

/* planning_begin(attempt, err): the open chunks of the ledger into attempt->pool; unless the plan
 * is complete, goes on with it where a former attempt left it, until there is a chunk for each
 * worker: all of it with the static schedule, and where only a part is to be done, which is chosen
 * from the whole plan. Where more is to come attempt->planning is set. Blocks on the server.
 * Errors: INTERRUPTED when drained or cancelled (what was committed of the plan counts); CONFIG,
 * LIVE, CONNECTION; attempt->pool is empty then. */
int planning_begin(struct attempt *attempt, struct error *err);

/* While attempt->planning is set: */
struct planning;

/* planning_listen(p, added, context): called for each chunk that the ledger has taken, and that is
 * in pool, from now on. */
typedef void planning_added(void *context, int64_t chunk_id, int64_t rows);
void planning_listen(struct planning *p, planning_added *added, void *context);

/* planning_turn(p, most_ns, is_wanted, err): takes in what the server has sent, for at most
 * most_ns; chunks go into the ledger five times a second, and sooner with is_wanted, when the
 * workers have few chunks left. Blocks for that, on the control connection, which is to be held;
 * and as distribution_turn does. When the plan is complete (attempt->run.plan_complete), or after
 * an error, planning_stop is due. */
int planning_turn(struct planning *p, int64_t most_ns, bool is_wanted, struct error *err);

/* planning_page(p, err): the rest of the page that is open, or the next one, and its chunks into
 * the ledger: no snapshot is left then. Blocks, but returns early when drained. */
int planning_page(struct planning *p, struct error *err);

/* planning_wait(p, most_ns): until there is something for a turn, at most so long, asleep. */
void planning_wait(const struct planning *p, int64_t most_ns);

/* planning_stop(attempt): no more planning: its connections are closed, its times are in attempt,
 * attempt->planning is NULL. What was not committed is planned again by the next attempt. Takes an
 * attempt that plans nothing.
 */
void planning_stop(struct attempt *attempt);

#endif
