/* An attempt in the ledger: locks the job, begins and ends an attempt, and gives up its run.
 * `run` uses it with ranks; `abandon`, `release` and `bench` make an attempt of their own, so
 * that nothing else works on the job meanwhile. */
#ifndef CHUNKMILL_RUN_ATTEMPT_ATTEMPT_RECORD_H
#define CHUNKMILL_RUN_ATTEMPT_ATTEMPT_RECORD_H

#include <stdint.h>

#include "base/error.h"
#include "core/protocol/run_state.h"
#include "db/ledger/session.h"

/* attempt_record_lock(s, err): takes the job's advisory lock, held until the session is closed.
 * LIVE while another session has it: the error says since when, from where, and how to stop it. */
int attempt_record_lock(struct session *s, struct error *err);

/* attempt_record_begin(s, command, ranks, err): with the lock held: ends the sessions of former
 * attempts on s->work.run_id, raises the run's attempt, and records it as `command` by so many
 * ranks of this host. s->work.attempt is the new one. Blocks until the transactions of the former
 * attempt are over, a minute at most. */
int attempt_record_begin(struct session *s, const char *command, int ranks, struct error *err);

/* attempt_record_end(s, outcome, exit_status, err): records how it ended. */
int attempt_record_end(struct session *s, const char *outcome, int exit_status, struct error *err);

/* attempt_record_abandon(s, state, rows, chunks, err): with an attempt begun on a run in that
 * state: the run is abandoned, after the marks that the ledger knows of are freed: *rows of
 * *chunks. LIVE when another attempt has taken over. An interrupted one is left `abandoning`. */
int attempt_record_abandon(struct session *s, enum run_state state, int64_t *rows, int64_t *chunks,
                           struct error *err);

#endif
