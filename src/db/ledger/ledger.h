/* The ledger: runs, attempts, backends, steps, in tables of the same database: the truth about what is done
 * (PROTOCOL, sections "The ledger", "One attempt at a time"). Chunks are chunk_store's. work gives schema,
 * job, run_id and attempt. Unless said otherwise each function is a transaction of its own, to be called
 * outside of one. */
#ifndef CHUNKMILL_DB_LEDGER_LEDGER_H
#define CHUNKMILL_DB_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/plan/key.h"
#include "core/protocol/lifecycle.h"
#include "core/report/report.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

enum { LEDGER_VERSION = 4, LEDGER_CONTROL = -1 /* the worker number of a manager's control connection */ };

/* ledger_script(work, out): the CREATE statements, expanded. */
int ledger_script(const struct work *work, struct text *out, struct error *err);
/* ledger_create: in one transaction; an existing ledger of this version is no error (*made false). */
int ledger_create(struct connection *c, const struct work *work, bool *made, struct error *err);
/* ledger_drop: LIVE while an attempt is at work; REFUSED while a run of any job is unfinished, unless force.
 * Drops our tables and, when it is empty then, the schema. */
int ledger_drop(struct connection *c, const struct work *work, bool force, struct error *err);
/* ledger_require: REFUSED (exit 3) when missing, older or newer, with the command to type; job_file is for
 * that command. */
int ledger_require(struct connection *c, const struct work *work, const char *job_file, struct error *err);

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

/* ledger_find(c, work, label, unfinished, same_label, err): the job's unfinished run, and its finished run of
 * the label (NULL: the default label); facts.exists tells. Both are to be cleared. */
int ledger_find(struct connection *c, const struct work *work, const char *label,
                struct ledger_run *unfinished, struct ledger_run *same_label, struct error *err);
/* ledger_latest: the job's unfinished run, else the one that began last. */
int ledger_latest(struct connection *c, const struct work *work, const char *label, struct ledger_run *run,
                  struct error *err);

/* ledger_lock(c, work, share_table, err): the session's advisory locks: the job's serial number (made if need
 * be), and the target's oid (shared when share_table). LIVE when another session has it: says since when,
 * from where, and how to stop it. Held until the connection ends. */
int ledger_lock(struct connection *c, const struct work *work, bool share_table, struct error *err);
int ledger_has_lock(struct connection *c, const struct work *work, bool *has, struct error *err);

/* ledger_create_run(c, work, label, keys_filter.., err): state planning, attempt 0; sets work->run_id. label
 * NULL: the default. The unique index refuses a second unfinished one (LIVE). */
int ledger_create_run(struct connection *c, struct work *work, const char *label, const char *identity_hash,
                      const char *update_hash, struct error *err);

/* ledger_hashes(c, work, config.., ): SHA-256, by the server, of lifecycle's canonical texts. */
struct config;
int ledger_hashes(struct connection *c, const struct work *work, const struct config *config,
                  char identity[65], char update[65], struct error *err);
int ledger_accept_update(struct connection *c, const struct work *work, const char *update_hash,
                         struct error *err);

/* Who makes an attempt. */
struct ledger_who {
    const char *host;
    int64_t pid;
    const char *slurm_job; /* NULL outside Slurm */
    int32_t ranks;
    const char *command; /* "run", "abandon", "release" */
};

/* ledger_begin_attempt(c, work, who, err): ends the recorded backends of former attempts (pid and
 * backend_start both match; without the right to, it waits on their locks), raises run.attempt (retrying lock
 * timeouts, ending backends again each time), records the attempt and this connection as LEDGER_CONTROL, and
 * counts a crash for each chunk that a former attempt still had in hand. Sets work->attempt. Needs the lock.
 */
int ledger_begin_attempt(struct connection *c, struct work *work, const struct ledger_who *who,
                         struct error *err);
int ledger_heartbeat(struct connection *c, const struct work *work, struct error *err);
/* ledger_is_current(c, work, current): the run's attempt is still ours and its state running or abandoning or
 * planning. */
int ledger_is_current(struct connection *c, const struct work *work, bool *current, struct error *err);
int ledger_end_attempt(struct connection *c, const struct work *work, const char *outcome, int exit_status,
                       struct error *err);
/* ledger_give_back(c, work): before the end of an attempt whose ranks are all there: what they still have in
 * hand is innocent. */
int ledger_give_back(struct connection *c, const struct work *work, struct error *err);
/* ledger_add_backend(c, work, worker, server_start): the connection's own pid and backend_start, for the next
 * attempt to end; since when the server is up, as text (NULL: not wanted). */
enum { LEDGER_TIME_BYTES = 40 };
int ledger_add_backend(struct connection *c, const struct work *work, int worker, char *server_start,
                       struct error *err);
/* ledger_end_own_backends(c, work, worker): ends what this worker had before, but not c. Without the right
 * to, nothing: no error either. */
int ledger_end_own_backends(struct connection *c, const struct work *work, int worker, struct error *err);

/* ledger_set_state(c, work, from, to, changed): compare-and-set through the fence of the attempt. With
 * abandoned the keys are erased in the same transaction. */
int ledger_set_state(struct connection *c, const struct work *work, enum run_state from, enum run_state to,
                     bool *changed, struct error *err);

/* ledger_finish(c, work, state, err): done or done_with_gaps by one UPDATE, where the plan is complete and no
 * chunk is open; erases the key bounds of done chunks. *state: what the run is now (running: chunks are
 * open). May be called again after a lost answer. */
int ledger_finish(struct connection *c, const struct work *work, enum run_state *state, struct error *err);

/* ledger_retry_failed(c, work, run_id, chunks, err): the chunks of the run that were set aside are planned
 * again, and the run goes on if it had ended with gaps, in one transaction. *chunks: how many; 0 changes
 * nothing. Needs the lock; the attempt begins after it. */
int ledger_retry_failed(struct connection *c, const struct work *work, int64_t run_id, int64_t *chunks,
                        struct error *err);

int ledger_totals(struct connection *c, const struct work *work, struct report_ledger *totals,
                  struct error *err);
/* At most max failures, by chunk id. */
int ledger_failures(struct connection *c, const struct work *work, struct report_failure *failures, int max,
                    int *count, struct error *err);
int ledger_save_report(struct connection *c, const struct work *work, const char *json, struct error *err);

/* ledger_run_steps(c, work, config, after, done_names, err): runs the steps that are not recorded yet, each
 * in the transaction that records it ("transaction": false: recorded after it). Logs each one. Errors: as the
 * step's; the step's name is in the message. */
int ledger_run_steps(struct connection *c, const struct work *work, const struct config *config, bool after,
                     struct error *err);

#endif
