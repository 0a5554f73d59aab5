/* Checks the lists, then the database, then clears what an interrupted sweep has left. */
#include "run/bench/bench_preflight.h"

#include <inttypes.h>
#include <string.h>

#include "base/exit_status.h"
#include "base/human.h"
#include "base/log.h"
#include "db/ledger/ledger.h"
#include "db/ledger/ledger_run.h"
#include "db/ledger/status.h"
#include "run/attempt/attempt_record.h"
#include "run/bench/bench_trial.h"

static int check_workers(const struct bench_plan *plan, const struct session *s, int ranks,
                         struct error *err)
{
    int64_t most = 0;

    for (int i = 0; i < plan->axes[BENCH_WORKERS].count; i++)
        if (plan->axes[BENCH_WORKERS].values[i] > most)
            most = plan->axes[BENCH_WORKERS].values[i];
    if (ranks > 0 && most + 1 > ranks)
        return error_set(err, ERROR_CONFIG,
                         "%s and a manager are %" PRId64
                         " ranks, but there are %d; try mpirun -n %" PRId64,
                         human_count(most, "worker").text, most + 1, ranks, most + 1);
    if (s->config.max_workers > 0 && most > s->config.max_workers)
        return error_set(
            err, ERROR_CONFIG,
            "%s are more than the job's limits.max_workers; try --set limits.max_workers=0",
            human_count(most, "worker").text);
    return 0;
}

static int check_cells(const struct bench_options *options, const struct bench_plan *plan,
                       struct error *err)
{
    int cells = bench_plan_cells(plan), rc = 0;

    for (int i = 0; rc == 0 && i < cells; i++) {
        const struct bench_cell cell = bench_plan_cell(plan, i);
        struct bench_sets sets;
        struct config config;
        struct text what = TEXT_INIT;

        bench_trial_sets_init(&sets, options, &cell);
        rc = config_read(options->job_file, sets.values, sets.count, &config, err);
        if (rc == 0) {
            config_clear(&config);
        } else {
            bench_plan_cell_describe(&cell, &what);
            error_context(err, "cell %d (%s)", i + 1, text_string(&what));
        }
        text_free(&what);
        bench_trial_sets_clear(&sets);
    }
    return rc;
}

int bench_preflight_plan(const struct bench_options *options, const struct session *s, int ranks,
                         struct bench_plan *plan, struct error *err)
{
    const struct config *config = &s->config;
    const int64_t usual[BENCH_AXES] = {
        [BENCH_TARGET_ROWS] = config->target_rows, [BENCH_WORKERS] = ranks > 1 ? ranks - 1 : 1,
        [BENCH_FILTER] = config->keys_filter,      [BENCH_SCHEDULE] = config->static_schedule,
        [BENCH_FLAG] = config->flag != NULL,
    };

    plan->repetitions = (int)options->repetitions;
    for (int i = 0; i < BENCH_AXES; i++) {
        if (options->axes[i] != NULL &&
            bench_plan_read(plan, (enum bench_axis_name)i, options->axes[i], err) != 0)
            return -1;
        bench_plan_default(plan, (enum bench_axis_name)i, usual[i]);
    }
    for (int i = 0; i < plan->axes[BENCH_FLAG].count; i++)
        if (plan->axes[BENCH_FLAG].values[i] != 0 && config->flag == NULL)
            return error_set(err, ERROR_CONFIG,
                             "--flag with: job %s has no flag; try --flag without, or give it one "
                             "by --set flag=COLUMN",
                             config->job);
    if (check_workers(plan, s, ranks, err) != 0)
        return -1;
    return check_cells(options, plan, err);
}

/* The sweep would do the rows again that the run has done, and mark those that it has marked. */
static int check_own_ledger(struct session *s, struct error *err)
{
    struct ledger_run unfinished, same_label;
    struct error missing = ERROR_INIT;

    if (ledger_require(s->control, &s->work, s->config.path, &missing) != 0)
        return 0;
    if (ledger_run_find(s->control, &s->work, NULL, &unfinished, &same_label, err) != 0)
        return -1;
    int rc = !unfinished.facts.exists
                 ? 0
                 : error_set(err, ERROR_REFUSED,
                             "job %s has an unfinished run (label %s) in its own ledger; try "
                             "`chunkmill run %s` to "
                             "finish it, or `chunkmill abandon %s`",
                             s->config.job, unfinished.facts.label, s->config.path, s->config.path);
    ledger_run_clear(&unfinished);
    ledger_run_clear(&same_label);
    return rc;
}

int bench_preflight_database(const struct bench_options *options, struct session *s,
                             struct error *err)
{
    const char *database = connection_database(s->control);

    if (options->scratch == NULL)
        return error_set(err, ERROR_CONFIG,
                         "bench does the job again and again, and database %s is changed each "
                         "time; if it may be: "
                         "try --scratch %s",
                         database, database);
    if (strcmp(options->scratch, database) != 0)
        return error_set(
            err, ERROR_REFUSED,
            "--scratch %s, but we are connected to database %s; try PGDATABASE=%s, or --scratch %s "
            "if that one may be changed",
            options->scratch, database, options->scratch, database);
    if (s->is_standby)
        return error_set(err, ERROR_REFUSED,
                         "%s is a standby, which takes no updates; try its primary in PGHOST",
                         connection_host(s->control));
    if (strcmp(s->config.ledger_schema, BENCH_LEDGER_SCHEMA) == 0)
        return error_set(err, ERROR_CONFIG,
                         "ledger_schema: " BENCH_LEDGER_SCHEMA
                         " is bench's own; try another one for the job");
    if (check_own_ledger(s, err) != 0)
        return -1;
    return bench_preflight_clear(options, err);
}

/* Marks can only be freed by a job that is about the same table, row id and flag. What a cell may
 * differ in is the filter. */
static int check_marks(const struct session *s, const struct ledger_run *run, struct error *err)
{
    struct config config = s->config;
    int64_t chunks = 0, rows = 0;
    char identity[65], update[65];
    bool is_same = false;

    if (status_marks(s->control, &s->work, run->run_id, &chunks, &rows, err) != 0)
        return -1;
    for (int i = 0; i < 2 && !is_same; i++) {
        config.keys_filter = i == 1;
        if (ledger_run_hashes(s->control, &s->work, &config, identity, update, err) != 0)
            return -1;
        is_same = strcmp(identity, run->identity_hash) == 0 && s->work.table_oid == run->table_oid;
    }
    if (rows == 0 || is_same)
        return 0;
    return error_set(
        err, ERROR_REFUSED,
        "an interrupted sweep of job %s has %s marked, and its table, key, row_id, scope, window "
        "or flag was another; try the command that made it, so that they can be freed",
        s->config.job, human_count(rows, "row").text);
}

/* The run of an interrupted repetition is given up, by an attempt of our own that frees its marks.
 */
static int give_up(struct session *s, const struct ledger_run *run, struct error *err)
{
    static const struct sql unlock = {"unlock", "SELECT pg_advisory_unlock_all()"};
    int64_t rows = 0, chunks = 0;

    s->work.run_id = run->run_id;
    if (attempt_record_lock(s, err) != 0 || attempt_record_begin(s, "bench", 1, err) != 0 ||
        check_marks(s, run, err) != 0 ||
        attempt_record_abandon(s, run->facts.state, &rows, &chunks, err) != 0)
        return -1;
    if (rows > 0)
        log_info("%s of an interrupted repetition freed", human_count(rows, "mark").text);
    if (attempt_record_end(s, "abandoned", EXIT_STATUS_DONE, err) != 0)
        return -1;
    /* at once, and not when the session's end has come through */
    return connection_script(s->control, &unlock, err);
}

static int clear(struct session *s, struct error *err)
{
    struct ledger_run unfinished, same_label;

    if (ledger_run_find(s->control, &s->work, NULL, &unfinished, &same_label, err) != 0)
        return -1;
    int rc = unfinished.facts.exists ? give_up(s, &unfinished, err) : 0;
    ledger_run_clear(&unfinished);
    ledger_run_clear(&same_label);
    if (rc == 0 && ledger_drop(s->control, &s->work, false, err) != 0) {
        rc = -1;
        if (err->kind == ERROR_REFUSED)
            error_set(err, ERROR_REFUSED,
                      "the sweep of another job was interrupted, and only it knows its marks; try "
                      "`chunkmill abandon JOB.json --yes --set ledger_schema=" BENCH_LEDGER_SCHEMA
                      "` with that job");
    }
    return rc;
}

int bench_preflight_clear(const struct bench_options *options, struct error *err)
{
    struct session s = {0};
    struct bench_sets sets;
    struct error missing = ERROR_INIT;
    int rc;

    bench_trial_sets_init(&sets, options, NULL);
    rc = session_open(options->job_file, sets.values, sets.count, "bench", &s, err);
    bench_trial_sets_clear(&sets);
    if (rc != 0)
        return -1;
    if (ledger_require(s.control, &s.work, options->job_file, &missing) == 0)
        rc = clear(&s, err);
    session_close(&s);
    return rc;
}
