/* Each function calls db/ledger/ledger_attempt with what it needs from the session. */
#include "run/attempt/attempt_record.h"

#include <stdlib.h>
#include <unistd.h>

#include "db/cycle/marks.h"
#include "db/ledger/ledger_attempt.h"
#include "db/ledger/ledger_run.h"

int attempt_record_lock(struct session *s, struct error *err)
{
    return ledger_attempt_lock(s->control, &s->work, s->config.share_table, err);
}

int attempt_record_begin(struct session *s, const char *command, int ranks, struct error *err)
{
    char host[256] = "";
    const struct ledger_who who = {
        .host = host,
        .pid = (int64_t)getpid(),
        .slurm_job = getenv("SLURM_JOB_ID"),
        .ranks = ranks,
        .command = command,
    };

    gethostname(host, sizeof host - 1);
    return ledger_attempt_begin(s->control, &s->work, &who, err);
}

int attempt_record_end(struct session *s, const char *outcome, int exit_status, struct error *err)
{
    return ledger_attempt_end(s->control, &s->work, outcome, exit_status, err);
}

static int move(struct session *s, enum run_state from, enum run_state to, struct error *err)
{
    bool has_moved = false;

    if (ledger_run_set_state(s->control, &s->work, from, to, &has_moved, err) != 0)
        return -1;
    if (!has_moved)
        return error_set(err, ERROR_LIVE, "job %s: another attempt has taken over", s->work.job);
    return 0;
}

int attempt_record_abandon(struct session *s, enum run_state state, int64_t *rows, int64_t *chunks,
                           struct error *err)
{
    if (state != RUN_ABANDONING && move(s, state, RUN_ABANDONING, err) != 0)
        return -1;
    if (marks_release(s->control, &s->work, rows, chunks, err) != 0)
        return -1;
    return move(s, RUN_ABANDONING, RUN_ABANDONED, err);
}
