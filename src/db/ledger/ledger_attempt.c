/* Lets one attempt at a time work on a run, and ends the sessions that a former one left
 * (docs/PROTOCOL.md, "One attempt at a time"). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/job/config.h"
#include "db/ledger/ledger_attempt.h"
#include "db/ledger/ledger_query.h"
#include "sql_statements.h"

/* A killed program's session ends within seconds (client_connection_check_interval); longer is
 * another's. */
#define LOCK_PATIENCE_NS  (3 * NS_PER_S)
#define RAISE_PATIENCE_NS (60 * NS_PER_S)
#define LOCK_PAUSE_NS     (100 * NS_PER_MS)

static int refuse_live(struct connection *c, const struct work *work, struct error *err)
{
    const char *values[] = {work->job};
    struct rows *rows = NULL;

    if (ledger_query(c, work, &sql_find_live_attempt, ledger_query_values(1, values), &rows, err) !=
        0)
        return -1;
    if (rows_count(rows) == 0)
        error_set(err, ERROR_LIVE, "job %s: another session has its lock; try again in a moment",
                  work->job);
    else if (rows_is_null(rows, 0, rows_column(rows, "slurm_job")))
        error_set(err, ERROR_LIVE,
                  "job %s: another attempt is live: `%s` on %s, process %s, since %s; try `kill "
                  "-USR1 %s` there to drain it",
                  work->job, rows_named_text(rows, 0, "command"), rows_named_text(rows, 0, "host"),
                  rows_named_text(rows, 0, "pid"), rows_named_text(rows, 0, "began_at"),
                  rows_named_text(rows, 0, "pid"));
    else
        error_set(err, ERROR_LIVE,
                  "job %s: another attempt is live: `%s` in Slurm job %s on %s, since %s; try "
                  "`scancel --signal=USR1 --batch %s` to drain it",
                  work->job, rows_named_text(rows, 0, "command"),
                  rows_named_text(rows, 0, "slurm_job"), rows_named_text(rows, 0, "host"),
                  rows_named_text(rows, 0, "began_at"), rows_named_text(rows, 0, "slurm_job"));
    rows_free(rows);
    return -1;
}

/* Tries a lock for a while. */
static int try_lock(struct connection *c, const struct work *work, const struct sql *sql,
                    struct parameters p, bool *locked, struct error *err)
{
    int64_t deadline_ns = clock_now_ns() + LOCK_PATIENCE_NS;

    for (;;) {
        struct rows *rows = NULL;
        if (ledger_query(c, work, sql, p, &rows, err) != 0)
            return -1;
        *locked = rows_count(rows) == 1 && rows_bool(rows, 0, 0);
        rows_free(rows);
        if (*locked || clock_now_ns() > deadline_ns || connection_is_interrupted())
            return 0;
        clock_sleep_ns(LOCK_PAUSE_NS);
    }
}

int ledger_attempt_lock(struct connection *c, const struct work *work, bool share_table,
                        struct error *err)
{
    struct ledger_query_number oid = ledger_query_number(work->table_oid);
    const char *job[] = {work->job};
    const char *table[] = {oid.text, share_table ? "true" : "false"};
    bool locked;

    if (ledger_query(c, work, &sql_add_job, ledger_query_values(1, job), NULL, err) != 0 ||
        try_lock(c, work, &sql_lock_job, ledger_query_values(1, job), &locked, err) != 0)
        return -1;
    if (!locked)
        return refuse_live(c, work, err);
    if (try_lock(c, work, &sql_lock_table, ledger_query_values(2, table), &locked, err) != 0)
        return -1;
    if (!locked)
        return error_set(err, ERROR_LIVE,
                         "another job works on table %s; wait for it, or say \"share_table\": true "
                         "in both job files",
                         work->table);
    return 0;
}

int ledger_attempt_has_lock(struct connection *c, const struct work *work, bool *has,
                            struct error *err)
{
    const char *values[] = {work->job};
    struct rows *rows = NULL;

    if (ledger_query(c, work, &sql_has_lock, ledger_query_values(1, values), &rows, err) != 0)
        return -1;
    *has = rows_bool(rows, 0, 0);
    rows_free(rows);
    return 0;
}

/* Without the right to end a session, its locks are waited for. */
static int end_sessions(struct connection *c, const struct work *work, const struct sql *sql,
                        struct parameters p, struct error *err)
{
    if (ledger_query(c, work, sql, p, NULL, err) == 0)
        return 0;
    if (err->kind != ERROR_SERVER)
        return -1;
    log_debug("ending sessions of ours: %s", err->text);
    error_clear(err);
    return 0;
}

/* Of former attempts. */
static int end_backends(struct connection *c, const struct work *work, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id);
    const char *values[] = {run.text};

    return end_sessions(c, work, &sql_end_backends, ledger_query_values(1, values), err);
}

int ledger_attempt_end_own_backends(struct connection *c, const struct work *work, int worker,
                                    struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               attempt = ledger_query_number(work->attempt),
                               number = ledger_query_number(worker);
    const char *values[] = {run.text, attempt.text, number.text};

    return end_sessions(c, work, &sql_end_own_backends, ledger_query_values(3, values), err);
}

/* One transaction: the attempt is raised and recorded. */
static int raise_attempt(struct connection *c, struct work *work, const struct ledger_who *who,
                         struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               pid = ledger_query_number(who->pid),
                               ranks = ledger_query_number(who->ranks), attempt;
    const char *raise[] = {run.text};
    struct rows *rows = NULL;

    if (connection_begin(c, err) != 0 ||
        ledger_query(c, work, &sql_raise_attempt, ledger_query_values(1, raise), &rows, err) != 0)
        return -1;
    bool raised = rows_count(rows) == 1;
    work->attempt = raised ? (int32_t)rows_int64(rows, 0, 0) : 0;
    rows_free(rows);
    if (!raised)
        return error_set(err, ERROR_REFUSED, "run %" PRId64 " is at its end already", work->run_id);
    attempt = ledger_query_number(work->attempt);
    const char *add[] = {run.text, attempt.text,   who->command, who->host,
                         pid.text, who->slurm_job, ranks.text};
    const char *count[] = {run.text, attempt.text};
    if (ledger_query(c, work, &sql_count_crashes, ledger_query_values(2, count), NULL, err) != 0 ||
        ledger_query(c, work, &sql_add_attempt, ledger_query_values(7, add), NULL, err) != 0 ||
        ledger_attempt_add_backend(c, work, LEDGER_CONTROL, NULL, err) != 0)
        return -1;
    return connection_commit(c, err);
}

int ledger_attempt_begin(struct connection *c, struct work *work, const struct ledger_who *who,
                         struct error *err)
{
    int64_t deadline_ns = clock_now_ns() + RAISE_PATIENCE_NS;

    for (;;) {
        if (end_backends(c, work, err) != 0)
            return -1;
        if (raise_attempt(c, work, who, err) == 0)
            return 0;
        connection_rollback(c);
        if (strcmp(err->sqlstate, "55P03") != 0 || clock_now_ns() > deadline_ns)
            return -1;
        log_info("waiting for the last transactions of the attempt before this one");
        error_clear(err);
    }
}

int ledger_attempt_heartbeat(struct connection *c, const struct work *work, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               attempt = ledger_query_number(work->attempt);
    const char *values[] = {run.text, attempt.text};

    return ledger_query(c, work, &sql_beat_heart, ledger_query_values(2, values), NULL, err);
}

int ledger_attempt_is_current(struct connection *c, const struct work *work, bool *current,
                              struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               attempt = ledger_query_number(work->attempt);
    const char *values[] = {run.text, attempt.text};
    struct rows *rows = NULL;

    if (ledger_query(c, work, &sql_is_current, ledger_query_values(2, values), &rows, err) != 0)
        return -1;
    *current = rows_count(rows) == 1 && rows_bool(rows, 0, 0);
    rows_free(rows);
    return 0;
}

int ledger_attempt_give_back(struct connection *c, const struct work *work, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               attempt = ledger_query_number(work->attempt);
    const char *values[] = {run.text, attempt.text};

    return ledger_query(c, work, &sql_give_back_all, ledger_query_values(2, values), NULL, err);
}

int ledger_attempt_end(struct connection *c, const struct work *work, const char *outcome,
                       int exit_status, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               attempt = ledger_query_number(work->attempt),
                               status = ledger_query_number(exit_status);
    const char *values[] = {run.text, attempt.text, outcome, status.text};

    return ledger_query(c, work, &sql_end_attempt, ledger_query_values(4, values), NULL, err);
}

int ledger_attempt_add_backend(struct connection *c, const struct work *work, int worker,
                               char *server_start, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               attempt = ledger_query_number(work->attempt),
                               number = ledger_query_number(worker);
    const char *values[] = {run.text, attempt.text, number.text};
    struct rows *rows = NULL;

    if (ledger_query(c, work, &sql_add_backend, ledger_query_values(3, values), &rows, err) != 0)
        return -1;
    if (server_start != NULL)
        snprintf(server_start, LEDGER_TIME_BYTES, "%s",
                 rows_count(rows) == 1 ? rows_text(rows, 0, 0) : "");
    rows_free(rows);
    return 0;
}

int ledger_attempt_save_report(struct connection *c, const struct work *work, const char *json,
                               struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               attempt = ledger_query_number(work->attempt);
    const char *values[] = {run.text, attempt.text, json};

    return ledger_query(c, work, &sql_save_report, ledger_query_values(3, values), NULL, err);
}
