/* Reading the ledger for a person. Decides nothing. */
#include "db/ledger/status.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "db/ledger/ledger_query.h"
#include "sql_statements.h"

static void copy_text(char *to, size_t room, const struct rows *rows, int64_t row, int column)
{
    snprintf(to, room, "%s", rows_text(rows, row, column));
}

#define COPY(member, column) copy_text(member, sizeof(member), rows, row, column)

static int read_run(const struct rows *rows, int64_t row, struct status_run *run, struct error *err)
{
    enum {
        RUN_ID,
        JOB,
        LABEL,
        STATE,
        TABLE,
        COMPLETE,
        BEGAN,
        FINISHED,
        LIVE,
        COUNTS,
        RATE = COUNTS + 13
    };
    int64_t *const counts[] = {&run->chunks,        &run->chunks_done,  &run->chunks_failed,
                               &run->chunks_marked, &run->chunks_left,  &run->rows_planned,
                               &run->rows_done,     &run->rows_updated, &run->rows_elsewhere,
                               &run->rows_marked,   &run->tries,        &run->chunks_split,
                               &run->chunks_crashed};

    _Static_assert(sizeof counts / sizeof counts[0] == RATE - COUNTS,
                   "list_runs.sql has these counts");
    run->run_id = rows_int64(rows, row, RUN_ID);
    COPY(run->job, JOB);
    COPY(run->label, LABEL);
    COPY(run->table, TABLE);
    COPY(run->began_at, BEGAN);
    COPY(run->finished_at, FINISHED);
    run->plan_complete = rows_bool(rows, row, COMPLETE);
    run->is_live = rows_bool(rows, row, LIVE);
    for (int i = 0; i < RATE - COUNTS; i++)
        *counts[i] = rows_int64(rows, row, COUNTS + i);
    run->rows_per_second = rows_double(rows, row, RATE);
    if (run_state_parse(rows_text(rows, row, STATE), &run->state) != 0)
        return error_set(err, ERROR_FATAL, "the ledger holds a run in the state %s, which is none",
                         rows_text(rows, row, STATE));
    return 0;
}

int status_runs(struct connection *c, const struct work *work, int64_t run_id,
                struct status_run **runs, int64_t *count, struct error *err)
{
    struct ledger_query_number number = ledger_query_number(run_id);
    const char *values[] = {run_id > 0 ? number.text : NULL};
    struct rows *rows = NULL;
    int rc = 0;

    *runs = NULL;
    *count = 0;
    if (ledger_query(c, work, &sql_list_runs, ledger_query_values(1, values), &rows, err) != 0)
        return -1;
    for (int64_t i = 0; rc == 0 && i < rows_count(rows); i++) {
        *runs = memory_grow(*runs, (size_t)i + 1, sizeof **runs);
        rc = read_run(rows, i, &(*runs)[i], err);
        *count = i + 1;
    }
    rows_free(rows);
    return rc;
}

/* $1 run id, $2 at most so many: a run's number and a limit as parameters. */
struct run_limit {
    struct ledger_query_number run, limit;
    const char *values[2];
};

static const char *const *run_limit(struct run_limit *given, int64_t run_id, int max)
{
    given->run = ledger_query_number(run_id);
    given->limit = ledger_query_number(max);
    given->values[0] = given->run.text;
    given->values[1] = given->limit.text;
    return given->values;
}

int status_marks(struct connection *c, const struct work *work, int64_t run_id, int64_t *chunks,
                 int64_t *rows, struct error *err)
{
    struct status_run *runs = NULL;
    int64_t count = 0;
    int rc = status_runs(c, work, run_id, &runs, &count, err);

    *chunks = rc == 0 && count > 0 ? runs[0].chunks_marked : 0;
    *rows = rc == 0 && count > 0 ? runs[0].rows_marked : 0;
    free(runs);
    return rc;
}

int status_attempts(struct connection *c, const struct work *work, int64_t run_id,
                    struct status_attempt *attempts, int *count, struct error *err)
{
    enum { ATTEMPT, COMMAND, HOST, PID, SLURM, RANKS, BEGAN, ENDED, OUTCOME, EXIT, HEARTBEAT };
    struct run_limit given;
    struct rows *rows = NULL;

    *count = 0;
    if (ledger_query(c, work, &sql_list_attempts,
                     ledger_query_values(2, run_limit(&given, run_id, STATUS_ATTEMPTS_MAX)), &rows,
                     err) != 0)
        return -1;
    for (int64_t row = 0; row < rows_count(rows) && row < STATUS_ATTEMPTS_MAX; row++) {
        struct status_attempt *attempt = &attempts[row];
        attempt->attempt = (int32_t)rows_int64(rows, row, ATTEMPT);
        COPY(attempt->command, COMMAND);
        COPY(attempt->host, HOST);
        attempt->pid = rows_int64(rows, row, PID);
        COPY(attempt->slurm_job, SLURM);
        attempt->ranks = (int32_t)rows_int64(rows, row, RANKS);
        COPY(attempt->began_at, BEGAN);
        COPY(attempt->ended_at, ENDED);
        COPY(attempt->outcome, OUTCOME);
        attempt->exit_status =
            rows_is_null(rows, row, EXIT) ? -1 : (int32_t)rows_int64(rows, row, EXIT);
        attempt->heartbeat_age_s = rows_int64(rows, row, HEARTBEAT);
        *count = (int)row + 1;
    }
    rows_free(rows);
    return 0;
}

int status_failures(struct connection *c, const struct work *work, int64_t run_id,
                    struct status_failure *failures, int *count, struct error *err)
{
    enum { SQLSTATE, CHUNKS, PLANNED, FIRST, ERROR };
    struct run_limit given;
    struct rows *rows = NULL;

    *count = 0;
    if (ledger_query(c, work, &sql_sum_failures,
                     ledger_query_values(2, run_limit(&given, run_id, STATUS_FAILURES_MAX)), &rows,
                     err) != 0)
        return -1;
    for (int64_t row = 0; row < rows_count(rows) && row < STATUS_FAILURES_MAX; row++) {
        struct status_failure *failure = &failures[row];
        COPY(failure->sqlstate, SQLSTATE);
        failure->chunks = rows_int64(rows, row, CHUNKS);
        failure->rows_planned = rows_int64(rows, row, PLANNED);
        failure->first_chunk = rows_int64(rows, row, FIRST);
        COPY(failure->error, ERROR);
        *count = (int)row + 1;
    }
    rows_free(rows);
    return 0;
}
