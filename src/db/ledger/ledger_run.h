/* The runs in the ledger: finds, creates, ends and sums up. work gives schema, job, run and
 * attempt. Unless said otherwise each function is a transaction of its own, to be called outside
 * of one. */
#ifndef CHUNKMILL_DB_LEDGER_LEDGER_RUN_H
#define CHUNKMILL_DB_LEDGER_LEDGER_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/plan/key.h"
#include "core/protocol/lifecycle.h"
#include "core/protocol/work.h"
#include "core/report/report.h"
#include "db/connection/connection.h"

/* One run, as the ledger has it. */
struct ledger_run {
    int64_t run_id;
    struct run_facts facts;
    char identity_hash[65];
    char update_hash[65];
    char *window_from; /* NULL: no window */
    char *window_to;
    char *search_path;
    int32_t attempt;
    struct key planned_to; /* not set: nothing planned yet */
    int64_t planned_chunks;
    bool plan_complete;
    uint32_t table_oid;
};

void ledger_run_clear(struct ledger_run *run);

/* ledger_run_find(c, work, label, unfinished, same_label, err): the job's unfinished run, and its
 * finished run of the label (NULL: the default label); facts.exists tells. Both are to be cleared.
 */
int ledger_run_find(struct connection *c, const struct work *work, const char *label,
                    struct ledger_run *unfinished, struct ledger_run *same_label,
                    struct error *err);

/* ledger_latest: the job's unfinished run, else the one that began last. */
int ledger_run_latest(struct connection *c, const struct work *work, const char *label,
                      struct ledger_run *run, struct error *err);

/* ledger_run_create(c, work, label, keys_filter.., err): state planning, attempt 0; sets
 * work->run_id. label NULL: the default. The unique index refuses a second unfinished one (LIVE).
 */
int ledger_run_create(struct connection *c, struct work *work, const char *label,
                      const char *identity_hash, const char *update_hash, struct error *err);

/* ledger_run_hashes(c, work, config.., ): SHA-256, by the server, of lifecycle's canonical texts.
 */
struct config;

int ledger_run_hashes(struct connection *c, const struct work *work, const struct config *config,
                      char identity[65], char update[65], struct error *err);

int ledger_run_accept_update(struct connection *c, const struct work *work, const char *update_hash,
                             struct error *err);

/* ledger_run_set_state(c, work, from, to, changed): compare-and-set through the fence of the
 * attempt. With abandoned the keys are erased in the same transaction. */
int ledger_run_set_state(struct connection *c, const struct work *work, enum run_state from,
                         enum run_state to, bool *changed, struct error *err);

/* ledger_run_finish(c, work, state, err): done or done_with_gaps by one UPDATE, where the plan is
 * complete and no chunk is open; erases the key bounds of done chunks. *state: what the run is now
 * (running: chunks are open). May be called again after a lost answer. */
int ledger_run_finish(struct connection *c, const struct work *work, enum run_state *state,
                      struct error *err);

/* ledger_run_retry_failed(c, work, run_id, chunks, err): the chunks of the run that were
 * quarantined are planned again, and the run goes on if it had ended with gaps, in one transaction.
 * *chunks: how many; 0 changes nothing. Needs the lock; the attempt begins after it. */
int ledger_run_retry_failed(struct connection *c, const struct work *work, int64_t run_id,
                            int64_t *chunks, struct error *err);

int ledger_run_totals(struct connection *c, const struct work *work, struct report_ledger *totals,
                      struct error *err);

/* At most max failures, by chunk id. */
int ledger_run_failures(struct connection *c, const struct work *work,
                        struct report_failure *failures, int max, int *count, struct error *err);

#endif
