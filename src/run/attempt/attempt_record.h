/* An attempt that a command makes by itself, without ranks: alone on the job, with the former
 * attempts ended and fenced off, so that what the ledger says stands still. For `abandon` and
 * `release`. */
#ifndef CHUNKMILL_RUN_ATTEMPT_ATTEMPT_RECORD_H
#define CHUNKMILL_RUN_ATTEMPT_ATTEMPT_RECORD_H

#include <stdint.h>

#include "base/error.h"
#include "db/ledger/ledger_run.h"
#include "db/ledger/session.h"

/* attempt_record_lock(s, err): the job's lock, held until the session is closed. LIVE when another
 * attempt has it.
 */
int attempt_record_lock(struct session *s, struct error *err);

/* attempt_record_begin(s, run, command, err): with the lock held: raises the run's attempt and
 * records it as `command`. run->attempt and s->work are moved to it. Blocks until the transactions
 * of the attempt before are over, a minute at most. */
int attempt_record_begin(struct session *s, struct ledger_run *run, const char *command,
                         struct error *err);

/* attempt_record_end(s, outcome, exit_status, err): how it ended. */
int attempt_record_end(struct session *s, const char *outcome, int exit_status, struct error *err);

/* attempt_record_marks(s, run_id, chunks, rows, err): the marks of ours that are in the table, by
 * the ledger. */
int attempt_record_marks(struct session *s, int64_t run_id, int64_t *chunks, int64_t *rows,
                         struct error *err);

#endif
