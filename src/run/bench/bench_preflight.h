/* Decides before a sweep whether it may be made here. Whatever can be refused is refused before
 * the first run. */
#ifndef CHUNKMILL_RUN_BENCH_BENCH_PREFLIGHT_H
#define CHUNKMILL_RUN_BENCH_BENCH_PREFLIGHT_H

#include "base/error.h"
#include "core/bench/bench_plan.h"
#include "db/ledger/session.h"
#include "run/bench/bench.h"

/* bench_preflight_plan(options, s, ranks, plan, err): the lists of the command line, and the job's
 * own values where there is none. Each cell's job is read once, so that a setting that does not go
 * with another is found now. ranks 0: never mind how many there are. Errors: CONFIG. */
int bench_preflight_plan(const struct bench_options *options, const struct session *s, int ranks,
                         struct bench_plan *plan, struct error *err);

/* bench_preflight_database(options, s, err): --scratch names the database that we are connected to,
 * the job has no unfinished run in its own ledger, and what an interrupted sweep left is cleared
 * away. Errors: CONFIG, REFUSED with what to type; LIVE. */
int bench_preflight_database(const struct bench_options *options, struct session *s,
                             struct error *err);

/* bench_preflight_clear(options, err): the sweep's ledger is dropped, after the marks that it knows
 * of are freed.
 */
int bench_preflight_clear(const struct bench_options *options, struct error *err);

#endif
