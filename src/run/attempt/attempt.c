/* The order is: read the job, check, lock, choose the run, begin. Before the lock is held
 * nothing is written but the serial number of the job. */
#include "run/attempt/attempt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/ledger/ledger.h"
#include "db/ledger/ledger_run.h"
#include "db/ledger/ledger_steps.h"
#include "db/plan/chunk_store.h"
#include "db/preflight/preflight.h"
#include "db/target/target.h"
#include "run/attempt/attempt_record.h"

/* A report never takes another's place: better to know before the run than after it. */
static int check_report_path(const struct attempt_options *options, struct error *err)
{
    if (options->report == NULL || strcmp(options->report, "none") == 0 ||
        access(options->report, F_OK) != 0)
        return 0;
    return error_set(err, ERROR_CONFIG, "--report %s: the file exists; try another name",
                     options->report);
}

static void say_where(const struct attempt *attempt)
{
    const struct session *s = &attempt->session;
    int version = connection_server_version(s->control);

    log_info("database %s at %s (%s, PostgreSQL %d.%d), role %s", connection_database(s->control),
             connection_host(s->control), s->is_standby ? "standby" : "primary", version / 10000,
             version % 10000, connection_user(s->control));
    log_info("table %s, %s", s->work.table, human_count(attempt->workers, "worker").text);
}

static int refuse_standby(const struct session *s, struct error *err)
{
    if (!s->is_standby)
        return 0;
    return error_set(
        err, ERROR_REFUSED,
        "%s is a standby, which takes no updates; try PGTARGETSESSIONATTRS=primary with all "
        "hosts in PGHOST",
        connection_host(s->control));
}

static void say_finding(const struct preflight_finding *finding)
{
    const char *remedy = finding->remedy == NULL ? "" : finding->remedy;
    const char *joint = finding->remedy == NULL ? "" : "; try: ";

    if (finding->answer == PREFLIGHT_FAIL)
        log_error("check %s: %s%s%s", finding->name, finding->facts, joint, remedy);
    else if (finding->answer == PREFLIGHT_WARN)
        log_warning("check %s: %s%s%s", finding->name, finding->facts, joint, remedy);
    else if (finding->answer == PREFLIGHT_SKIPPED)
        log_warning("check %s: %s", finding->name, finding->facts);
}

static int check(struct attempt *attempt, struct error *err)
{
    const struct preflight_options options = {
        .ranks = attempt->workers,
        .skip = attempt->options->skip,
        .skip_count = attempt->options->skip_count,
        .quick = true,
    };
    struct preflight found = {0};

    if (preflight_run(&attempt->session, &options, &found, err) != 0)
        return -1;
    for (int i = 0; i < found.count; i++)
        say_finding(&found.findings[i]);
    bool has_failed = preflight_has_failed(&found);
    preflight_clear(&found);
    if (has_failed)
        return error_set(
            err, ERROR_REFUSED,
            "refused by the checks above, nothing was changed; see `chunkmill check %s`",
            attempt->options->job_file);
    return 0;
}

static void say_already_done(struct attempt *attempt, const struct run_facts *facts)
{
    const char *how = facts->state == RUN_ABANDONED ? "abandoned" : "done";

    attempt->is_nothing_to_do = true;
    attempt->exit_status = lifecycle_exit_status(facts);
    printf("%s, label %s: %s at %s, %s%s; try --label NAME to run it again\n",
           attempt->session.config.job, facts->label, how, facts->finished_at,
           human_count(facts->rows_updated, "row").text,
           facts->state != RUN_DONE_WITH_GAPS ? ""
           : facts->chunks_failed > 0
               ? ", with gaps: --retry-failed does again what was quarantined"
               : ", with gaps");
    fflush(stdout);
}

struct wanted {
    int64_t id;
    enum chunk_state state;
};

static int look(void *context, const struct chunk_store_entry *entry, struct error *err)
{
    struct wanted *wanted = context;

    (void)err;
    if (entry->chunk.id == wanted->id)
        wanted->state = entry->state;
    return 0;
}

/* --chunk ID: it must be there and open. */
static int check_chunk(struct attempt *attempt, struct error *err)
{
    struct connection *c = attempt->session.control;
    struct wanted open = {.id = attempt->options->chunk}, any = open;

    if (!attempt->run.plan_complete)
        return error_set(err, ERROR_CONFIG,
                         "--chunk %" PRId64
                         ": the run has no complete plan yet; try to start it without --chunk",
                         open.id);
    if (chunk_store_read_open(c, &attempt->session.work, look, &open, err) != 0)
        return -1;
    if (open.state != CHUNK_STATE_ABSENT)
        return 0;
    if (chunk_store_read_all(c, &attempt->session.work, look, &any, err) != 0)
        return -1;
    if (any.state == CHUNK_STATE_ABSENT)
        return error_set(err, ERROR_CONFIG,
                         "--chunk %" PRId64
                         ": the run's plan has no such chunk; see `chunkmill status %s`",
                         open.id, attempt->options->job_file);
    if (any.state == CHUNK_STATE_SPLIT)
        return error_set(
            err, ERROR_CONFIG,
            "--chunk %" PRId64
            ": it was split; try one of its parts: the view chunks in the ledger has them as "
            "parent_id %" PRId64,
            open.id, open.id);
    if (any.state == CHUNK_STATE_FAILED)
        return error_set(
            err, ERROR_CONFIG,
            "--chunk %" PRId64
            ": it was quarantined, with its error in the ledger; see `chunkmill status %s`",
            open.id, attempt->options->job_file);
    printf("%s, label %s, chunk %" PRId64 ": done already\n", attempt->session.config.job,
           attempt->label, open.id);
    fflush(stdout);
    attempt->is_nothing_to_do = true;
    return 0;
}

static int create(struct attempt *attempt, struct error *err)
{
    struct session *s = &attempt->session;
    char identity[65], update[65];

    if (attempt->options->chunk != 0)
        return error_set(err, ERROR_CONFIG,
                         "--chunk %" PRId64 ": there is no unfinished run of job %s",
                         attempt->options->chunk, s->config.job);
    if (target_pin_window(s->control, &s->config, &s->work, err) != 0 ||
        ledger_run_hashes(s->control, &s->work, &s->config, identity, update, err) != 0)
        return -1;
    return ledger_run_create(s->control, &s->work, attempt->options->label, identity, update, err);
}

/* --retry-failed: what was quarantined is planned again, and the run is unfinished (once more). */
static int retry_failed(struct attempt *attempt, struct ledger_run *same_label,
                        enum lifecycle_answer *answer, struct error *err)
{
    struct session *s = &attempt->session;
    const struct ledger_run *run = *answer == LIFECYCLE_RESUME ? &attempt->run : same_label;
    int64_t chunks = 0;

    if (*answer == LIFECYCLE_CREATE)
        return error_set(
            err, ERROR_REFUSED,
            "--retry-failed: job %s has no run of the label %s; try --label with that of the run "
            "whose chunks were quarantined, see `chunkmill status`",
            s->config.job,
            attempt->options->label != NULL ? attempt->options->label : LIFECYCLE_DEFAULT_LABEL);
    if (session_adopt(s, run, attempt->options->accept_changes, err) != 0 ||
        ledger_run_retry_failed(s->control, &s->work, run->run_id, &chunks, err) != 0)
        return -1;
    log_info("%s quarantined before: planned again", human_count(chunks, "chunk").text);
    if (chunks == 0)
        return 0;
    ledger_run_clear(&attempt->run);
    ledger_run_clear(same_label);
    *answer = LIFECYCLE_RESUME;
    return ledger_run_find(s->control, &s->work, attempt->options->label, &attempt->run, same_label,
                           err);
}

/* The unfinished run taken over, or a new one, or nothing to do. */
static int choose_run(struct attempt *attempt, struct error *err)
{
    struct session *s = &attempt->session;
    const char *label = attempt->options->label;
    struct ledger_run same_label;
    enum lifecycle_answer answer;
    int rc = -1;

    if (label != NULL && lifecycle_check_label(label, err) != 0)
        return -1;
    if (ledger_run_find(s->control, &s->work, label, &attempt->run, &same_label, err) != 0)
        return -1;
    if (lifecycle_start(s->config.job, label, &attempt->run.facts, &same_label.facts, &answer,
                        err) != 0)
        goto out;
    if (attempt->options->retry_failed && retry_failed(attempt, &same_label, &answer, err) != 0)
        goto out;
    snprintf(attempt->label, sizeof attempt->label, "%s",
             answer == LIFECYCLE_RESUME ? attempt->run.facts.label
             : label != NULL            ? label
                                        : LIFECYCLE_DEFAULT_LABEL);
    if (answer == LIFECYCLE_ALREADY_DONE)
        say_already_done(attempt, &same_label.facts);
    if (answer == LIFECYCLE_CREATE && create(attempt, err) != 0)
        goto out;
    if (answer == LIFECYCLE_RESUME &&
        (session_adopt(s, &attempt->run, attempt->options->accept_changes, err) != 0 ||
         (attempt->options->chunk != 0 && check_chunk(attempt, err) != 0)))
        goto out;
    rc = 0;
out:
    ledger_run_clear(&same_label);
    return rc;
}

static int begin_attempt(struct attempt *attempt, struct error *err)
{
    struct session *s = &attempt->session;

    if (attempt_record_begin(s, "run", attempt->ranks, err) != 0)
        return -1;
    attempt->has_begun = true;
    lease_init(&attempt->lease, s);
    counters_read_updates(s->control, s->work.table_oid, &attempt->updates);
    if (attempt->run.facts.exists)
        log_info("run %" PRId64 ", label %s, attempt %" PRId32 ": resumed, %s open", s->work.run_id,
                 attempt->label, s->work.attempt,
                 human_count(attempt->run.facts.chunks_open, "chunk").text);
    else
        log_info("run %" PRId64 ", label %s, attempt %" PRId32 ": new", s->work.run_id,
                 attempt->label, s->work.attempt);
    return 0;
}

static int open_session(struct attempt *attempt, struct error *err)
{
    const struct attempt_options *options = attempt->options;
    struct session *s = &attempt->session;
    int64_t began_ns = clock_now_ns();

    if (session_open(options->job_file, options->sets, options->set_count, "run", s, err) != 0)
        return -1;
    attempt->is_open = true;
    attempt->connect_ns = clock_now_ns() - began_ns;
    attempt->workers = attempt->ranks > 1 ? attempt->ranks - 1 : 1;
    if (s->config.max_workers > 0 && s->config.max_workers < attempt->workers)
        attempt->workers = (int)s->config.max_workers;
    return 0;
}

int attempt_begin(struct attempt *attempt, struct error *err)
{
    struct session *s = &attempt->session;

    clock_utc(attempt->started_at);
    if (check_report_path(attempt->options, err) != 0 || open_session(attempt, err) != 0)
        return -1;
    say_where(attempt);
    if (refuse_standby(s, err) != 0)
        return -1;
    /* Where there are several hosts, a rank that reconnects later looks for the primary: the one
     * that it was may be a standby by then. The last of two values of a parameter is libpq's. */
    work_add_parameter(&s->work, "target_session_attrs", "primary");
    if (ledger_require(s->control, &s->work, attempt->options->job_file, err) != 0 ||
        check(attempt, err) != 0 || attempt_record_lock(s, err) != 0 ||
        choose_run(attempt, err) != 0)
        return -1;
    if (attempt->is_nothing_to_do)
        return 0;
    if (begin_attempt(attempt, err) != 0)
        return -1;
    return ledger_steps_run(s->control, &s->work, &s->config, false, err) != 0
               ? -1
               : target_triggers(s->control, &s->config, &s->work, err);
}

int attempt_end(struct attempt *attempt, const char *outcome, int exit_status, struct error *err)
{
    if (!attempt->has_begun)
        return 0;
    if (attempt->session.control == NULL)
        return error_set(err, ERROR_CONNECTION,
                         "the attempt's end: there is no control connection");
    if (attempt_record_end(&attempt->session, outcome, exit_status, err) != 0)
        return -1;
    attempt->has_begun = false;
    return 0;
}

void attempt_close(struct attempt *attempt)
{
    ledger_run_clear(&attempt->run);
    connection_close(attempt->reader);
    connection_close(attempt->slicer);
    attempt->reader = attempt->slicer = NULL;
    chunk_pool_free(attempt->pool);
    attempt->pool = NULL;
    if (attempt->is_open)
        session_close(&attempt->session);
    attempt->is_open = false;
}
