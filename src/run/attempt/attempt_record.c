/* Lock, attempt, end: what a command needs before it may touch a run. */
#include "run/attempt/attempt_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/ledger/ledger_attempt.h"
#include "db/ledger/ledger_run.h"
#include "db/ledger/status.h"

int attempt_record_lock(struct session *s, struct error *err)
{
    return ledger_attempt_lock(s->control, &s->work, s->config.share_table, err);
}

int attempt_record_begin(struct session *s, struct ledger_run *run, const char *command,
                         struct error *err)
{
    char host[256] = "";
    const struct ledger_who who = {
        .host = host,
        .pid = (int64_t)getpid(),
        .slurm_job = getenv("SLURM_JOB_ID"),
        .ranks = 1,
        .command = command,
    };

    gethostname(host, sizeof host - 1);
    s->work.run_id = run->run_id;
    if (ledger_attempt_begin(s->control, &s->work, &who, err) != 0)
        return -1;
    run->attempt = s->work.attempt;
    return 0;
}

int attempt_record_end(struct session *s, const char *outcome, int exit_status, struct error *err)
{
    return ledger_attempt_end(s->control, &s->work, outcome, exit_status, err);
}

int attempt_record_marks(struct session *s, int64_t run_id, int64_t *chunks, int64_t *rows,
                         struct error *err)
{
    struct status_run *runs = NULL;
    int64_t count = 0;
    int rc = status_runs(s->control, &s->work, run_id, &runs, &count, err);

    *chunks = rc == 0 && count > 0 ? runs[0].chunks_marked : 0;
    *rows = rc == 0 && count > 0 ? runs[0].rows_marked : 0;
    free(runs);
    return rc;
}
