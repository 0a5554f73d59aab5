/* The command `status`: reads the ledger, without MPI and without a lock, from any machine that
 * reaches the server. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/exit_status.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/status_print.h"
#include "db/ledger/ledger.h"
#include "db/ledger/ledger_run.h"
#include "db/ledger/session.h"
#include "db/target/target.h"

#define LIVE_PATIENCE_NS (3 * NS_PER_S)
#define LIVE_PAUSE_NS    (100 * NS_PER_MS)

static const char details[] =
    "Without a job: all runs of the database. With one: its unfinished run, or its last one: how "
    "far\n"
    "it is, whether it is hurting, how to stop it, and its attempts. --rows also counts the "
    "table's\n"
    "rows, which reads all of the scope.\n\n"
    "--exit-status says nothing and exits with the run's standing: 0 done, 4 done with gaps,\n"
    "5 stopped or never begun, needs a person, 6 an attempt is live, 75 unfinished, nobody at "
    "work.\n"
    "mpirun has its own ideas of an exit status (1 after a SIGTERM, 137 after a killed rank), so a "
    "loop\n"
    "that goes on until the job is through asks here:\n\n"
    "  until mpirun -n 4 chunkmill run JOB\n"
    "        case $? in 2|3) ;; *) chunkmill status JOB --exit-status ;; esac  # 2, 3: refused\n"
    "        [ $? != 75 ]; do\n"
    "    sleep 10\n"
    "  done";

static const char examples[] =
    "  chunkmill status\n"
    "  chunkmill status config/orders.json\n"
    "  watch -n 5 chunkmill status config/orders.json\n"
    "  chunkmill status config/orders.json --label 2026-02 --json | jq .chunks_left";

struct wish {
    const char *label;
    const char *ledger_schema;
    bool rows, json, exit_status;
};

static int list_runs(struct connection *c, const struct wish *wish, struct error *err)
{
    struct work work = {0};
    struct status_run *runs = NULL;
    int64_t count = 0;

    work.ledger = connection_identifier(c, wish->ledger_schema);
    int rc = ledger_require(c, &work, "JOB.json", err);
    if (rc == 0)
        rc = status_runs(c, &work, 0, &runs, &count, err);
    if (rc == 0 && wish->json)
        status_print_list_json(runs, count);
    else if (rc == 0)
        status_print_list_text(runs, count);
    free(runs);
    work_clear(&work);
    return rc;
}

static int status_of_all(struct wish *wish, const struct options *options, struct error *err)
{
    struct connection *c = NULL;

    if (wish->label != NULL || wish->rows || wish->exit_status || options->sets.count > 0)
        return error_set(
            err, ERROR_CONFIG,
            "--label, --rows, --exit-status and --set are about one job; try `chunkmill status "
            "JOB`");
    if (wish->ledger_schema == NULL)
        wish->ledger_schema = "chunkmill";
    if (connection_open(NULL, 0, "chunkmill status", &c, err) != 0)
        return -1;
    int rc = list_runs(c, wish, err);
    connection_close(c);
    return rc;
}

/* Scans the table, so only when asked for. */
static int count_rows(struct session *s, const struct ledger_run *run, struct marks_count *rows,
                      struct error *err)
{
    log_warning("counting the table's rows: this reads all that is in scope");
    if (target_resolve(s->control, &s->config, &s->work, err) != 0)
        return -1;
    s->work.run_id = run->run_id;
    s->work.window_from = memory_copy_string(run->window_from);
    s->work.window_to = memory_copy_string(run->window_to);
    return marks_count(s->control, &s->work, rows, err);
}

static int show_run(struct session *s, const struct ledger_run *found, const struct wish *wish,
                    const char *job_file, struct error *err)
{
    struct status_view *view = memory_zero(1, sizeof *view);
    struct status_run *runs = NULL;
    struct marks_count rows = {0};
    int64_t count = 0;
    int rc = -1;

    view->job_file = job_file;
    view->exit_status = lifecycle_exit_status(&found->facts);
    if (status_runs(s->control, &s->work, found->run_id, &runs, &count, err) != 0 ||
        status_attempts(s->control, &s->work, found->run_id, view->attempts, &view->attempt_count,
                        err) != 0 ||
        status_failures(s->control, &s->work, found->run_id, view->failures, &view->failure_count,
                        err) != 0)
        goto out;
    if (count != 1) {
        error_set(err, ERROR_REFUSED, "job %s: its run is not in the ledger any more",
                  s->config.job);
        goto out;
    }
    if (wish->rows && count_rows(s, found, &rows, err) != 0)
        goto out;
    view->run = &runs[0];
    view->rows = wish->rows ? &rows : NULL;
    view->has_flag = work_has_flag(&s->work);
    if (wish->json)
        status_print_json(view);
    else
        status_print_text(view);
    rc = 0;
out:
    free(runs);
    free(view);
    return rc;
}

/* A program that was killed has its sessions for a second or two yet
 * (client_connection_check_interval), and a loop that hears of them goes on no more: only who is
 * live for longer is live. */
static int read_standing(struct session *s, const struct wish *wish, struct ledger_run *run,
                         int *status, struct error *err)
{
    const int live = EXIT_STATUS_LIVE;
    int64_t deadline_ns = clock_now_ns() + LIVE_PATIENCE_NS;

    for (;;) {
        *status = lifecycle_exit_status(&run->facts);
        if (*status != live || clock_now_ns() > deadline_ns)
            return 0;
        clock_sleep_ns(LIVE_PAUSE_NS);
        ledger_run_clear(run);
        if (ledger_run_latest(s->control, &s->work, wish->label, run, err) != 0)
            return -1;
    }
}

/* *status is the exit status when all went well. */
static int status_of_job(struct session *s, const struct wish *wish, const char *job_file,
                         int *status, struct error *err)
{
    struct ledger_run run = {0};
    int rc = -1;

    if (ledger_require(s->control, &s->work, job_file, err) != 0 ||
        ledger_run_latest(s->control, &s->work, wish->label, &run, err) != 0)
        return -1;
    if (wish->exit_status) {
        rc = read_standing(s, wish, &run, status, err);
    } else if (!run.facts.exists) {
        if (wish->json)
            printf("{\"job\": \"%s\", \"run_id\": null}\n", s->config.job);
        else
            printf("job %s has no run%s%s yet; try `mpirun -n 4 chunkmill run %s`\n", s->config.job,
                   wish->label == NULL ? "" : " of the label ",
                   wish->label == NULL ? "" : wish->label, job_file);
        rc = 0;
    } else {
        rc = show_run(s, &run, wish, job_file, err);
    }
    ledger_run_clear(&run);
    return rc;
}

int status_command(int argc, char **argv)
{
    struct wish wish = {0};
    const struct options_row rows[] = {
        {"-l, --label", OPTIONS_STRING, &wish.label, "NAME", "the run of this label", 0, 0, NULL},
        {"--rows", OPTIONS_SWITCH, &wish.rows, NULL,
         "count the table's rows too: done, pending, marked (reads all of the scope)", 0, 0, NULL},
        {"-j, --json", OPTIONS_SWITCH, &wish.json, NULL, "print the facts as JSON", 0, 0, NULL},
        {"--exit-status", OPTIONS_SWITCH, &wish.exit_status, NULL,
         "print nothing, exit with the run's standing", 0, 0, NULL},
        {"--ledger-schema", OPTIONS_STRING, &wish.ledger_schema, "NAME",
         "without a job: where the ledger is (default: chunkmill)", 0, 0, NULL},
    };
    const struct options_command command = {
        "status", "[JOB]",  "How far a job is, whether it hurts, how to stop it.",
        details,  examples, 0,
        1,        rows,     (int)(sizeof rows / sizeof rows[0])};
    struct options options;
    struct session s = {0};
    struct error err = ERROR_INIT;
    int status = 0, rc;

    if (!options_parse(&command, argc, argv, &options, &status))
        return status;
    if (options.operand_count == 0) {
        rc = status_of_all(&wish, &options, &err);
    } else if (wish.ledger_schema != NULL) {
        rc = error_set(&err, ERROR_CONFIG,
                       "--ledger-schema goes without a job; try --set ledger_schema=%.63s",
                       wish.ledger_schema);
    } else {
        rc = session_connect(options.operands[0], options.sets.values, options.sets.count, "status",
                             &s, &err);
        if (rc == 0) {
            rc = status_of_job(&s, &wish, options.operands[0], &status, &err);
            session_close(&s);
        }
    }
    return rc == 0 ? status : options_failure(&err);
}
