/* The attempts of a run: the locks, the attempt's number that the fence checks, the heartbeat,
 * and the sessions that a later attempt ends. work gives schema, job, run and attempt. Unless
 * said otherwise each function is a transaction of its own, to be called outside of one. */
#ifndef CHUNKMILL_DB_LEDGER_LEDGER_ATTEMPT_H
#define CHUNKMILL_DB_LEDGER_LEDGER_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

/* ledger_attempt_lock(c, work, share_table, err): the session's advisory locks: the job's serial
 * number (made if need be), and the target's oid (shared when share_table). LIVE when another
 * session has it: says since when, from where, and how to stop it. Held until the connection ends.
 */
int ledger_attempt_lock(struct connection *c, const struct work *work, bool share_table,
                        struct error *err);

int ledger_attempt_has_lock(struct connection *c, const struct work *work, bool *has,
                            struct error *err);

enum { LEDGER_CONTROL = -1 }; /* the worker number of a manager's control connection */

/* What identifies an attempt to a person. */
struct ledger_who {
    const char *host;
    int64_t pid;
    const char *slurm_job; /* NULL outside Slurm */
    int32_t ranks;
    const char *command; /* "run", "abandon", "release" */
};

/* ledger_attempt_begin(c, work, who, err): ends the recorded backends of former attempts (pid and
 * backend_start both match; without the right to, it waits on their locks), raises run.attempt
 * (retrying lock timeouts, ending backends again each time), records the attempt and this
 * connection as LEDGER_CONTROL, and counts a crash for each chunk that a former attempt still had
 * in flight. Sets work->attempt. Needs the lock.
 */
int ledger_attempt_begin(struct connection *c, struct work *work, const struct ledger_who *who,
                         struct error *err);

int ledger_attempt_heartbeat(struct connection *c, const struct work *work, struct error *err);

/* ledger_attempt_is_current(c, work, current): the run's attempt is still ours and its state
 * running or abandoning or planning. */
int ledger_attempt_is_current(struct connection *c, const struct work *work, bool *current,
                              struct error *err);

int ledger_attempt_end(struct connection *c, const struct work *work, const char *outcome,
                       int exit_status, struct error *err);

/* ledger_attempt_give_back(c, work): before the end of an attempt whose ranks are all there: what
 * they still have in flight counts no crash. */
int ledger_attempt_give_back(struct connection *c, const struct work *work, struct error *err);

/* ledger_attempt_add_backend(c, work, worker, server_start): the connection's own pid and
 * backend_start, for the next attempt to end; since when the server is up, as text (NULL: not
 * wanted). */
enum { LEDGER_TIME_BYTES = 40 };

int ledger_attempt_add_backend(struct connection *c, const struct work *work, int worker,
                               char *server_start, struct error *err);

/* ledger_attempt_end_own_backends(c, work, worker): ends what this worker had before, but not c.
 * Without the right to, nothing: no error either. */
int ledger_attempt_end_own_backends(struct connection *c, const struct work *work, int worker,
                                    struct error *err);

int ledger_attempt_save_report(struct connection *c, const struct work *work, const char *json,
                               struct error *err);

#endif
