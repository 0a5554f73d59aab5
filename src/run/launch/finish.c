/* Reads the report from the ledger; messages only add what the ledger does not know
 * (docs/PROTOCOL.md, "One attempt at a time"). A statement that fails because the control
 * connection is lost is sent again when the connection is back. */
#include "run/launch/finish.h"

#include <inttypes.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/exit_status.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/ledger/ledger_attempt.h"
#include "db/ledger/ledger_run.h"
#include "db/ledger/ledger_steps.h"
#include "run/mpi/versions.h"
#include "run/report/progress.h"
#include "run/report/report_file.h"

enum { FAILURES = 20, STEP_TRIES = 3 };

struct finish {
    struct attempt *attempt;
    const struct manager_outcome *outcome;
    const struct finish_facts *facts;
    struct error stop; /* the first thing that went wrong */
    enum run_state state;
    bool has_totals; /* report.ledger is read: there is something to report */
    struct report report;
    struct report_failure failures[FAILURES];
    struct rank_summary *by_rank;
    const char *json; /* for save */
    struct text mpi_version;
    char server_version[24];
};

typedef int closing_step(struct finish *c, struct error *err);

static int insist(struct finish *c, closing_step *step, struct error *err)
{
    struct lease *lease = &c->attempt->lease;

    for (int i = 0;; i++) {
        if (lease_require(lease, err) != 0)
            return -1;
        if (step(c, err) == 0)
            return 0;
        if (!lease_is_loss(lease, err) || i == STEP_TRIES)
            return -1;
        error_clear(err);
    }
}

static int read_totals(struct finish *c, struct error *err)
{
    return ledger_run_totals(c->attempt->session.control, &c->attempt->session.work,
                             &c->report.ledger, err);
}

/* Before the run is ended, not after: a step that fails leaves a run that the next attempt goes on
 * with. A chunk can't be opened again in between, since only a newer attempt could. */
static int run_steps_after(struct finish *c, struct error *err)
{
    const struct session *s = &c->attempt->session;
    const struct report_ledger *l = &c->report.ledger;
    bool has_gaps = l->chunks_failed > 0 || l->rows_elsewhere > 0;

    if (l->chunks_left > 0 || (has_gaps && !s->config.after_on_gaps))
        return 0;
    return ledger_steps_run(s->control, &s->work, &s->config, true, err);
}

static int finish(struct finish *c, struct error *err)
{
    return ledger_run_finish(c->attempt->session.control, &c->attempt->session.work, &c->state,
                             err);
}

static int read_failures(struct finish *c, struct error *err)
{
    return ledger_run_failures(c->attempt->session.control, &c->attempt->session.work, c->failures,
                               FAILURES, &c->report.failure_count, err);
}

static int save(struct finish *c, struct error *err)
{
    return ledger_attempt_save_report(c->attempt->session.control, &c->attempt->session.work,
                                      c->json, err);
}

static int end_attempt(struct finish *c, struct error *err)
{
    const struct session *s = &c->attempt->session;

    if (ledger_attempt_give_back(s->control, &s->work, err) != 0)
        return -1;
    return attempt_end(c->attempt, c->report.outcome, c->report.exit_status, err);
}

/* The ledger's part: the run's end, where it is at its end, and what it holds. */
static int settle(struct finish *c, struct error *err)
{
    c->state = RUN_PLANNING;
    if (!c->attempt->can_work)
        return 0;
    c->state = RUN_RUNNING;
    if (insist(c, read_totals, err) != 0)
        return -1;
    c->has_totals = true;
    failpoint_at("manager_before_finish");
    if (c->stop.kind == ERROR_NONE && c->attempt->run.plan_complete &&
        c->report.ledger.chunks_left == 0 &&
        (insist(c, run_steps_after, err) != 0 || insist(c, finish, err) != 0))
        return -1;
    return insist(c, read_failures, err);
}

static void decide(struct finish *c)
{
    struct report *r = &c->report;
    bool is_at_end = c->state == RUN_DONE || c->state == RUN_DONE_WITH_GAPS;

    if (is_at_end)
        r->exit_status = c->state == RUN_DONE ? EXIT_STATUS_DONE : EXIT_STATUS_GAPS;
    else if (c->stop.kind != ERROR_NONE)
        r->exit_status = error_exit_status(c->stop.kind);
    else if (c->outcome->has_too_many_failures)
        r->exit_status = EXIT_STATUS_STOPPED;
    else
        r->exit_status = EXIT_STATUS_INTERRUPTED;
    if (is_at_end)
        r->outcome = run_state_name(c->state);
    else
        r->outcome = r->exit_status == EXIT_STATUS_INTERRUPTED ? "interrupted" : "failed";
}

/* What the workers counted must add up, unless something made it differ by right: a chunk that a
 * former attempt had marked, another try after a COMMIT whose answer was lost, rows deleted
 * meanwhile. The ledger's own numbers must in any case. */
static void check_numbers(struct finish *c)
{
    const struct stats *s = &c->facts->stats;
    const struct report *r = &c->report;
    bool is_plain = c->outcome->is_plain && s->reconnects == 0 &&
                    r->ledger.rows_lost == c->attempt->before.rows_lost;

    if (!is_plain || stats_add_up(s, r->has_flag)) {
        if (report_adds_up(r))
            return;
        log_error("a bug: the ledger does not add up: %" PRId64 " chunks, %" PRId64
                  " done, %" PRId64 " failed, %" PRId64 " left; %" PRId64 " rows matched, %" PRId64
                  " updated, %" PRId64 " released, %" PRId64 " lost",
                  r->ledger.chunks, r->ledger.chunks_done, r->ledger.chunks_failed,
                  r->ledger.chunks_left, r->ledger.rows_matched, r->ledger.rows_updated,
                  r->ledger.rows_released, r->ledger.rows_lost);
    } else {
        log_error("a bug: the workers' rows do not add up: %" PRId64 " marked, %" PRId64
                  " updated, %" PRId64 " released",
                  s->rows_marked, s->rows_updated, s->rows_released);
    }
    c->report.exit_status = EXIT_STATUS_BUG;
    c->report.outcome = "failed";
}

static void describe_where(struct finish *c)
{
    const struct session *s = &c->attempt->session;
    struct report *r = &c->report;
    int version = 0;

    r->database = r->server_host = r->user = NULL;
    if (s->control != NULL) {
        version = connection_server_version(s->control);
        r->database = connection_database(s->control);
        r->server_host = connection_host(s->control);
        r->user = connection_user(s->control);
    }
    snprintf(c->server_version, sizeof c->server_version, "%d.%d", version / 10000,
             version % 10000);
    r->server_version = c->server_version;
    r->server_role = s->is_standby ? "standby" : "primary";
    r->table = s->work.table;
    r->slurm_job = getenv("SLURM_JOB_ID");
    versions_mpi(&c->mpi_version);
    r->mpi_version = text_string(&c->mpi_version);
    r->chunkmill_version = versions_program();
    r->places = c->facts->places;
    for (int i = 0; i < r->ranks; i++) {
        int first = 0;
        while (strcmp(r->places[first].host, r->places[i].host) != 0)
            first++;
        r->nodes += first == i ? 1 : 0;
    }
}

static void describe_how(struct finish *c)
{
    const struct session *s = &c->attempt->session;
    struct report *r = &c->report;

    r->job = s->config.job;
    r->label = c->attempt->label;
    r->run_id = s->work.run_id;
    r->attempt = s->work.attempt;
    memcpy(r->started_at, c->attempt->started_at, sizeof r->started_at);
    clock_utc(r->ended_at);
    r->command_line = c->attempt->options->command_line;
    r->ranks = c->attempt->ranks;
    r->workers = c->attempt->workers;
    r->has_flag = work_has_flag(&s->work);
    r->keys_filter = s->config.keys_filter;
    r->static_schedule = s->config.static_schedule;
    r->target_rows = s->config.target_rows;
    r->max_rows = s->config.max_rows;
    r->window_from = s->work.window_from;
    r->window_to = s->work.window_to;
    r->plan = c->attempt->quality;
    r->plan_complete = c->attempt->run.plan_complete;
    r->failures = c->failures;
}

static void describe_attempt(struct finish *c)
{
    const struct finish_facts *f = c->facts;
    const struct report_ledger *before = &c->attempt->before;
    struct report *r = &c->report;
    int first_worker = r->ranks > 1 ? 1 : 0;
    struct counters_updates updates = {-1, -1};

    r->chunks_before = before->chunks_done;
    r->rows_before = before->rows_planned - before->rows_failed - before->rows_left;
    r->stats = f->stats;
    r->connect_ns = c->attempt->connect_ns > f->stats.max_connect_ns ? c->attempt->connect_ns
                                                                     : f->stats.max_connect_ns;
    r->distribution_ns = c->attempt->distribution_ns;
    r->plan_ns = c->attempt->plan_ns;
    r->hidden_ns = c->attempt->hidden_ns;
    r->work_ns = c->outcome->work_ns;
    r->reduce_ns = f->reduce_ns;
    r->records = f->records;
    r->record_count = f->record_count;
    r->times = stats_chunk_times(f->records, f->record_count);
    c->by_rank = memory_zero((size_t)r->ranks, sizeof *c->by_rank);
    stats_by_rank(f->records, f->record_count, r->ranks, c->by_rank);
    r->by_rank = f->record_count > 0 ? c->by_rank : NULL;
    r->imbalance = stats_imbalance(c->by_rank + first_worker, r->workers);
    if (c->attempt->session.control != NULL)
        counters_read_updates(c->attempt->session.control, c->attempt->session.work.table_oid,
                              &updates);
    r->hot_share = counters_hot_share(&c->attempt->updates, &updates);
    r->total_ns = clock_now_ns() - c->attempt->start_ns;
}

/* To a file that was not there, and its path as the last line. */
static void write_file(struct finish *c, const char *json)
{
    const char *path = c->attempt->options->report;
    struct error err = ERROR_INIT;
    char usual[512];

    if (path != NULL && strcmp(path, "none") == 0)
        return;
    if (path == NULL) {
        report_file_default_path(usual, sizeof usual, c->report.job, c->report.label,
                                 c->report.attempt);
        path = usual;
    }
    if (report_file_write(path, json, &err) != 0)
        log_failure(&err);
    else if (c->attempt->options->json)
        log_info("report: %s", path);
    else
        printf("report: %s\n", path);
}

static void print(struct finish *c)
{
    struct text words = TEXT_INIT;

    if (!c->attempt->options->json)
        report_text(&c->report, &words);
    fputs(c->attempt->options->json ? c->json : text_string(&words), stdout);
    write_file(c, c->json);
    fflush(stdout);
    text_free(&words);
}

static void tell(struct finish *c, struct error *err)
{
    struct text json = TEXT_INIT;

    report_json(&c->report, &json);
    c->json = text_string(&json);
    if (insist(c, save, err) != 0)
        log_warning("the report is not in the ledger: %s", err->text);
    error_clear(err);
    if (c->attempt->options->observer != NULL)
        c->attempt->options->observer(c->attempt->options->observer_context, &c->report);
    else
        print(c);
    text_free(&json);
}

/* The next step, where the server's own word does not say it. */
static void advise(struct error *stop)
{
    static const struct {
        const char *sqlstate, *advice;
    } next[] = {
        {"53100",
         "make room on the server's disk, then start the same command again; nothing is lost"},
        {"53200", "give the server more memory, or start fewer ranks; nothing is lost"},
    };

    for (size_t i = 0; i < sizeof next / sizeof next[0]; i++) {
        size_t used = strlen(stop->text);
        if (strcmp(stop->sqlstate, next[i].sqlstate) == 0)
            snprintf(stop->text + used, sizeof stop->text - used, "; try: %s", next[i].advice);
    }
}

int finish_run(struct attempt *attempt, const struct manager_outcome *outcome,
               const struct finish_facts *facts)
{
    struct finish c = {
        .attempt = attempt, .outcome = outcome, .facts = facts, .stop = outcome->stop};
    struct error err = ERROR_INIT;

    if (settle(&c, &err) != 0 && c.stop.kind == ERROR_NONE)
        c.stop = err;
    error_clear(&err);
    progress_end();
    decide(&c);
    advise(&c.stop);
    if (c.stop.kind == ERROR_INTERRUPTED)
        log_info("%s", c.stop.text);
    else if (c.stop.kind != ERROR_NONE)
        log_failure(&c.stop);
    else if (outcome->has_too_many_failures)
        log_error("more than %" PRId64 " chunks were quarantined; see `chunkmill status %s`",
                  attempt->session.config.max_failed_chunks, attempt->options->job_file);
    describe_how(&c);
    if (c.has_totals) {
        describe_where(&c);
        describe_attempt(&c);
        check_numbers(&c);
        tell(&c, &err);
    }
    if (insist(&c, end_attempt, &err) != 0)
        log_warning("the attempt's end is not in the ledger: %s", err.text);
    if (c.report.exit_status == EXIT_STATUS_INTERRUPTED)
        log_info("not at its end yet; start the same command again to resume");
    free(c.by_rank);
    text_free(&c.mpi_version);
    return c.report.exit_status;
}
