/* The order is: reset, ledger, counters, run, counters, count of the rows, gate. The reset has a
 * session of its own, which has ended before the counters are read: a session reports its counts
 * late, but at its end at the latest. */
#include "run/bench/bench_trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/ledger/ledger.h"
#include "db/ledger/session.h"
#include "db/stats/bench_server.h"
#include "db/stats/counters.h"
#include "run/launch/launch_comm.h"

/* What the run's report leaves behind. */
struct observed {
    bool has_report;
    struct report report; /* its strings that are not literals are not kept */
    char *window_from, *window_to;
    struct chunk_record *records;
};

static void observe(void *context, const struct report *report)
{
    struct observed *seen = context;

    seen->has_report = true;
    seen->report = *report;
    seen->window_from = memory_copy_string(report->window_from);
    seen->window_to = memory_copy_string(report->window_to);
    seen->records =
        memory_copy(report->records, (size_t)report->record_count * sizeof *report->records);
}

static void observed_clear(struct observed *seen)
{
    free(seen->window_from);
    free(seen->window_to);
    free(seen->records);
}

void bench_trial_sets_init(struct bench_sets *sets, const struct bench_options *options,
                           const struct bench_cell *cell)
{
    sets->count = sets->own_count = 0;
    for (int i = 0; i < options->set_count; i++)
        sets->values[sets->count++] = options->sets[i];
    sets->values[sets->count++] = "ledger_schema=" BENCH_LEDGER_SCHEMA;
    for (int i = 0; cell != NULL && i < BENCH_AXES; i++) {
        struct text set = TEXT_INIT;
        bench_plan_cell_set(cell, (enum bench_axis_name)i, &set);
        if (set.bytes > 0)
            sets->values[sets->count++] = sets->own[sets->own_count++] = text_take(&set);
        text_free(&set);
    }
}

void bench_trial_sets_clear(struct bench_sets *sets)
{
    while (sets->own_count > 0)
        free(sets->own[--sets->own_count]);
}

static int reset_table(const struct bench_trial *trial, const struct bench_sets *sets,
                       struct error *err)
{
    struct session s = {0};

    if (trial->reset == NULL)
        return 0;
    if (session_open(trial->options->job_file, sets->values, sets->count, "reset", &s, err) != 0)
        return -1;
    int rc = bench_server_lift_timeouts(s.control, err);
    if (rc == 0)
        rc = bench_server_script(s.control, &s.config, trial->options->reset, trial->reset, err);
    session_close(&s);
    if (rc != 0)
        error_context(err, "--reset");
    return rc;
}

static int make_ledger(struct session *s, struct error *err)
{
    bool made = false;

    if (ledger_create(s->control, &s->work, &made, err) != 0)
        return -1;
    if (made)
        return 0;
    return ledger_drop(s->control, &s->work, true, err) != 0
               ? -1
               : ledger_create(s->control, &s->work, &made, err);
}

static int64_t cpu_ns(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * NS_PER_S +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * (NS_PER_MS / 1000);
}

static void add_cpu(const int64_t *by_rank, int ranks, struct bench_costs *costs)
{
    costs->manager_cpu_ns = by_rank[0];
    for (int i = 1; i < ranks; i++)
        costs->workers_cpu_ns += by_rank[i];
}

/* The run itself, by the first ranks; the others wait for the next number. */
static int run_in_comm(const struct bench_trial *trial, const struct bench_sets *sets,
                       struct observed *seen, struct bench_costs *costs, struct error *err)
{
    const struct attempt_options launch = {
        .job_file = trial->options->job_file,
        .sets = sets->values,
        .set_count = sets->count,
        .label = trial->label,
        .report = "none",
        .skip = trial->options->skip,
        .skip_count = trial->options->skip_count,
        .command_line = trial->options->command_line,
        .share = trial->expected.share,
        .observer = observe,
        .observer_context = seen,
    };
    int ranks = (int)trial->cell->values[BENCH_WORKERS] + 1;
    enum log_level level = log_level_now();
    struct comm comm;

    if (comm_number(trial->world, &ranks, err) != 0)
        return -1;
    int64_t *by_rank = memory_zero((size_t)ranks, sizeof *by_rank);
    comm_split(trial->world, ranks, &comm);
    if (level < LOG_DEBUG)
        log_open(LOG_ERROR, -1);
    int64_t began_ns = cpu_ns();
    int status = launch_lead(&comm, &launch, clock_now_ns());
    int rc = comm_int64(&comm, cpu_ns() - began_ns, by_rank, err);
    log_open(level, -1);
    if (rc == 0) {
        add_cpu(by_rank, ranks, costs);
        comm_close(&comm);
    }
    free(by_rank);
    return rc == 0 ? status : -1;
}

int bench_trial_follow(const struct comm *world, int ranks, struct error *err)
{
    struct comm comm;

    comm_split(world, ranks, &comm);
    if (comm.handle == MPI_COMM_NULL)
        return 0;
    int64_t began_ns = cpu_ns();
    if (launch_follow(&comm, err) != 0 || comm_int64(&comm, cpu_ns() - began_ns, NULL, err) != 0)
        return -1;
    comm_close(&comm);
    return 0;
}

static int64_t updates_of(const struct report *r)
{
    return r->ledger.rows_updated + r->ledger.rows_released +
           (r->has_flag ? r->ledger.rows_matched : 0);
}

/* The costs, when the server has told them all; costs->wal_bytes is known already. */
static int read_costs(struct session *s, const struct counters *before, const struct report *report,
                      struct bench_costs *costs, struct error *err)
{
    struct counters after;

    if (counters_wait(s->control, &s->work, before, updates_of(report), err) != 0 ||
        counters_read(s->control, &s->work, &after, err) != 0)
        return -1;
    costs->updates = after.updates - before->updates;
    costs->hot_updates = after.hot_updates - before->hot_updates;
    costs->dead_rows = after.dead_rows;
    costs->table_bytes = after.table_bytes - before->table_bytes;
    costs->index_bytes = after.index_bytes - before->index_bytes;
    return 0;
}

static void keep_records(struct bench_repetition *repetition, struct observed *seen)
{
    if (seen->report.record_count > BENCH_RECORDS_MAX)
        return;
    repetition->records = seen->records;
    repetition->record_count = seen->report.record_count;
    seen->records = NULL;
}

static int judge(const struct bench_trial *trial, struct session *s, const struct counters *before,
                 struct observed *seen, struct bench_repetition *repetition, struct error *err)
{
    struct bench_count count;
    struct text why = TEXT_INIT;

    free(s->work.window_from);
    free(s->work.window_to);
    s->work.window_from = memory_copy_string(seen->window_from);
    s->work.window_to = memory_copy_string(seen->window_to);
    if (bench_server_count_rows(s->control, &s->work, before, &count, err) != 0)
        return -1;
    repetition->is_measured = true;
    repetition->is_good = bench_gate(&seen->report, &count, &trial->expected, &why);
    snprintf(repetition->why, sizeof repetition->why, "%s", text_string(&why));
    if (repetition->is_good)
        keep_records(repetition, seen);
    text_free(&why);
    return 0;
}

/* Run and judgement, between two readings of an idle server. */
static int measure(const struct bench_trial *trial, const struct bench_sets *sets,
                   struct session *s, struct bench_repetition *repetition, struct error *err)
{
    struct counters before = {0}, after = {0};
    struct observed seen = {0};
    struct bench_costs costs = {0};
    int status = -1;

    if (counters_wait(s->control, &s->work, &before, 0, err) != 0 ||
        counters_read(s->control, &s->work, &before, err) != 0)
        return -1;
    status = run_in_comm(trial, sets, &seen, &costs, err);
    if (status >= 0 && seen.has_report) {
        if (counters_read(s->control, &s->work, &after, err) != 0 ||
            read_costs(s, &before, &seen.report, &costs, err) != 0 ||
            judge(trial, s, &before, &seen, repetition, err) != 0)
            status = -1;
        costs.wal_bytes = after.wal_bytes - before.wal_bytes;
        bench_figures_take(&repetition->figures, &seen.report, &costs);
    }
    observed_clear(&seen);
    return status;
}

int bench_trial_lead(const struct bench_trial *trial, struct bench_repetition *repetition,
                     int *status, struct error *err)
{
    struct session s = {0};
    struct bench_sets sets;
    int64_t began_ns = clock_now_ns();
    int rc = -1;

    *repetition = (struct bench_repetition){0};
    bench_trial_sets_init(&sets, trial->options, trial->cell);
    if (reset_table(trial, &sets, err) != 0 ||
        session_open(trial->options->job_file, sets.values, sets.count, "bench", &s, err) != 0)
        goto out;
    if (bench_server_lift_timeouts(s.control, err) == 0 && make_ledger(&s, err) == 0) {
        *status = measure(trial, &sets, &s, repetition, err);
        rc = *status < 0 ? -1 : 0;
    }
    session_close(&s);
out:
    bench_trial_sets_clear(&sets);
    repetition->taken_ns = clock_now_ns() - began_ns;
    return rc;
}
