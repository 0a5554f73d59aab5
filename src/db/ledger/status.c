/* Reads the ledger for a person. Decides nothing. */
#include "db/ledger/status.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "db/ledger/ledger_query.h"
#include "sql_statements.h"

/* Into an array, from the column of the same name. */
#define COPY(to, member)                                                                           \
    snprintf((to)->member, sizeof((to)->member), "%s", rows_named_text(rows, row, #member))

static int read_run(const struct rows *rows, int64_t row, struct status_run *run, struct error *err)
{
    const char *state = rows_named_text(rows, row, "state");
    const struct {
        const char *column;
        int64_t *member;
    } numbers[] = {
        {"run_id", &run->run_id},
        {"chunks", &run->chunks},
        {"chunks_done", &run->chunks_done},
        {"chunks_failed", &run->chunks_failed},
        {"chunks_marked", &run->chunks_marked},
        {"chunks_left", &run->chunks_left},
        {"rows_planned", &run->rows_planned},
        {"rows_done", &run->rows_done},
        {"rows_updated", &run->rows_updated},
        {"rows_elsewhere", &run->rows_elsewhere},
        {"rows_marked", &run->rows_marked},
        {"tries", &run->tries},
        {"chunks_split", &run->chunks_split},
        {"chunks_crashed", &run->chunks_crashed},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        *numbers[i].member = rows_named_int64(rows, row, numbers[i].column);
    COPY(run, job);
    COPY(run, label);
    snprintf(run->table, sizeof run->table, "%s", rows_named_text(rows, row, "table_name"));
    COPY(run, began_at);
    COPY(run, finished_at);
    run->plan_complete = rows_named_bool(rows, row, "plan_complete");
    run->is_live = rows_named_bool(rows, row, "is_live");
    run->rows_per_second = rows_double(rows, row, rows_column(rows, "rows_per_second"));
    if (run_state_parse(state, &run->state) != 0)
        return error_set(err, ERROR_FATAL, "the ledger holds a run in the state %s, which is none",
                         state);
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
    struct run_limit given;
    struct rows *rows = NULL;

    *count = 0;
    if (ledger_query(c, work, &sql_list_attempts,
                     ledger_query_values(2, run_limit(&given, run_id, STATUS_ATTEMPTS_MAX)), &rows,
                     err) != 0)
        return -1;
    for (int64_t row = 0; row < rows_count(rows) && row < STATUS_ATTEMPTS_MAX; row++) {
        struct status_attempt *attempt = &attempts[row];
        int exit_status = rows_column(rows, "exit_status");
        attempt->attempt = (int32_t)rows_named_int64(rows, row, "attempt");
        COPY(attempt, command);
        COPY(attempt, host);
        attempt->pid = rows_named_int64(rows, row, "pid");
        COPY(attempt, slurm_job);
        attempt->ranks = (int32_t)rows_named_int64(rows, row, "ranks");
        COPY(attempt, began_at);
        COPY(attempt, ended_at);
        COPY(attempt, outcome);
        attempt->exit_status =
            rows_is_null(rows, row, exit_status) ? -1 : (int32_t)rows_int64(rows, row, exit_status);
        attempt->heartbeat_age_s = rows_named_int64(rows, row, "heartbeat_age_s");
        *count = (int)row + 1;
    }
    rows_free(rows);
    return 0;
}

int status_failures(struct connection *c, const struct work *work, int64_t run_id,
                    struct status_failure *failures, int *count, struct error *err)
{
    struct run_limit given;
    struct rows *rows = NULL;

    *count = 0;
    if (ledger_query(c, work, &sql_sum_failures,
                     ledger_query_values(2, run_limit(&given, run_id, STATUS_FAILURES_MAX)), &rows,
                     err) != 0)
        return -1;
    for (int64_t row = 0; row < rows_count(rows) && row < STATUS_FAILURES_MAX; row++) {
        struct status_failure *failure = &failures[row];
        COPY(failure, sqlstate);
        failure->chunks = rows_named_int64(rows, row, "chunks");
        failure->rows_planned = rows_named_int64(rows, row, "rows_planned");
        failure->first_chunk = rows_named_int64(rows, row, "first_chunk");
        COPY(failure, error);
        *count = (int)row + 1;
    }
    rows_free(rows);
    return 0;
}
