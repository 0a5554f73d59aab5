/* The plan of a run: made where it isn't whole, and its open chunks loaded. */
#ifndef CHUNKMILL_RUN_PLANNING_H
#define CHUNKMILL_RUN_PLANNING_H

#include "base/error.h"
#include "run/opening.h"

/* planning_connect(o, err): the two connections that planning needs, if it is needed: before the workers,
 * which connect meanwhile, can take the last ones that the server has. */
int planning_connect(struct opening *o, struct error *err);

/* planning_run(o, err): streams the distribution into the ledger, from where a former attempt left it, unless
 * the plan is complete; then loads the open chunks into o->stock, and says how much there is to do. Blocks on
 * the server. Errors: INTERRUPTED when drained or cancelled (what
 * was committed of the plan counts); CONFIG, LIVE, CONNECTION; o->stock is empty then. */
int planning_run(struct opening *o, struct error *err);

#endif
