/* What every command begins with: the job file read, a connection with pinned settings, the
 * target resolved. */
#ifndef CHUNKMILL_DB_LEDGER_SESSION_H
#define CHUNKMILL_DB_LEDGER_SESSION_H

#include "base/error.h"
#include "core/job/config.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"
#include "db/ledger/ledger_run.h"

struct session {
    struct config config;
    struct work work;
    struct connection *control; /* lock, heartbeat, ledger */
    bool is_standby;
};

/* session_connect(path, sets, set_count, command, s, err): job file and connection, settings
 * pinned, nothing resolved (for `ledger`, and for `check`, which reports what can't be resolved).
 * command goes into application_name. Errors: CONFIG, CONNECTION. On failure nothing is left to
 * close. */
int session_connect(const char *path, const char *const *sets, int set_count, const char *command,
                    struct session *s, struct error *err);

/* session_open: the same, and the target resolved. */
int session_open(const char *path, const char *const *sets, int set_count, const char *command,
                 struct session *s, struct error *err);

/* session_adopt(s, run, err): work takes over what the run has pinned: id, window, search_path (set
 * on the control connection too); the target is resolved again under it and the work's identity is
 * compared with the run's: another one is REFUSED and says which part of the job must be put back,
 * or abandon. Another update is REFUSED unless accept_changes. Use it before touching the run's
 * chunks. */
int session_adopt(struct session *s, const struct ledger_run *run, bool accept_changes,
                  struct error *err);

void session_close(struct session *s);

#endif
