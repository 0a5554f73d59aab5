/* Writes the report as JSON. docs/REPORT.md names every member, and a test compares the two. The
 * long lists (ranks, chunks, failures) have one item on a line, so that grep and diff are of
 * use. */
#include "core/report/report.h"

#include <math.h>

#include "base/json.h"
#include "core/plan/plan_quality.h"
#include "core/protocol/cycle_result.h"

static const double ns_per_second = 1e9;

bool report_adds_up(const struct report *r)
{
    const struct report_ledger *l = &r->ledger;
    int64_t accounted =
        r->has_flag ? l->rows_updated + l->rows_released + l->rows_lost : l->rows_updated;

    return l->chunks == l->chunks_done + l->chunks_failed + l->chunks_left &&
           l->rows_matched == accounted;
}

double report_rows_per_second(const struct report *r)
{
    return r->work_ns <= 0 ? 0.0
                           : (double)r->stats.rows_updated * ns_per_second / (double)r->work_ns;
}

int64_t report_other_ns(const struct report *r)
{
    int64_t phases_ns =
        r->connect_ns + r->distribution_ns + r->plan_ns - r->hidden_ns + r->work_ns + r->reduce_ns;

    return r->total_ns > phases_ns ? r->total_ns - phases_ns : 0;
}

bool report_is_manager(const struct report *r, int rank)
{
    return rank == 0 && r->workers < r->ranks;
}

static void add_seconds(struct cJSON *object, const char *name, int64_t ns)
{
    json_real(object, name, (double)ns / ns_per_second);
}

static void add_head(struct cJSON *root, const struct report *r)
{
    json_number(root, "chunkmill_report", REPORT_VERSION);
    json_string(root, "chunkmill_version", r->chunkmill_version);
    json_string(root, "job", r->job);
    json_string(root, "label", r->label);
    json_number(root, "run_id", r->run_id);
    json_number(root, "attempt", r->attempt);
    json_string(root, "outcome", r->outcome);
    json_number(root, "exit_status", r->exit_status);
    json_bool(root, "adds_up", report_adds_up(r));
    json_string(root, "started_at", r->started_at);
    json_string(root, "ended_at", r->ended_at);
    json_string(root, "command_line", r->command_line);
}

static void add_where(struct cJSON *root, const struct report *r)
{
    struct cJSON *where = json_object(root, "where");

    json_string(where, "database", r->database);
    json_string(where, "server_host", r->server_host);
    json_string(where, "server_version", r->server_version);
    json_string(where, "server_role", r->server_role);
    json_string(where, "user", r->user);
    json_string(where, "table", r->table);
    json_string(where, "slurm_job", r->slurm_job);
    json_string(where, "mpi_version", r->mpi_version);
    json_number(where, "nodes", r->nodes);
    json_number(where, "ranks", r->ranks);
    json_number(where, "workers", r->workers);
}

static void add_settings(struct cJSON *root, const struct report *r)
{
    struct cJSON *settings = json_object(root, "settings");

    json_bool(settings, "has_flag", r->has_flag);
    json_string(settings, "filter", r->keys_filter ? "keys" : "range");
    json_string(settings, "schedule", r->static_schedule ? "static" : "dynamic");
    json_number(settings, "target_rows", r->target_rows);
    json_number(settings, "max_rows", r->max_rows);
    if (r->window_from == NULL && r->window_to == NULL) {
        json_null(root, "window");
        return;
    }
    struct cJSON *window = json_object(root, "window");
    json_string(window, "from", r->window_from);
    json_string(window, "to", r->window_to);
}

static double mean(int64_t sum, int64_t count)
{
    return count == 0 ? 0.0 : (double)sum / (double)count;
}

/* What is known of the keys: nothing where a skip scan has left them uncounted. */
static void add_key_count(struct cJSON *plan, const char *name, const struct report *r,
                          int64_t count)
{
    if (r->plan.keys == CHUNK_KEYS_UNCOUNTED)
        json_null(plan, name);
    else
        json_number(plan, name, count);
}

static void add_key_figure(struct cJSON *plan, const char *name, const struct report *r,
                           double value)
{
    json_real(plan, name, r->plan.keys == CHUNK_KEYS_UNCOUNTED ? (double)NAN : value);
}

static void add_plan(struct cJSON *root, const struct report *r)
{
    const struct plan_quality *q = &r->plan;
    struct cJSON *plan = json_object(root, "plan");

    json_bool(plan, "complete", r->plan_complete);
    json_number(plan, "chunks", q->chunks);
    json_number(plan, "total_rows", q->rows);
    add_key_count(plan, "total_keys", r, q->keys);
    json_number(plan, "min_rows", q->min_rows);
    json_real(plan, "mean_rows", mean(q->rows, q->chunks));
    json_number(plan, "max_rows", q->max_rows);
    json_real(plan, "rows_cv", plan_quality_rows_cv(q));
    add_key_count(plan, "min_keys", r, q->min_keys);
    add_key_figure(plan, "mean_keys", r, mean(q->keys, q->chunks));
    add_key_count(plan, "max_keys", r, q->max_keys);
    add_key_figure(plan, "keys_cv", r, plan_quality_keys_cv(q));
    json_number(plan, "oversized_slices", q->oversized_slices);
    json_real(plan, "makespan_bound_rows",
              r->workers > 0 ? plan_quality_makespan_rows(q, r->workers) : 0.0);
}

static void add_ledger(struct cJSON *root, const struct report *r)
{
    const struct report_ledger *l = &r->ledger;
    struct cJSON *ledger = json_object(root, "ledger");

    json_number(ledger, "chunks", l->chunks);
    json_number(ledger, "done_chunks", l->chunks_done);
    json_number(ledger, "failed_chunks", l->chunks_failed);
    json_number(ledger, "left_chunks", l->chunks_left);
    json_number(ledger, "planned_rows", l->rows_planned);
    json_number(ledger, "matched_rows", l->rows_matched);
    json_number(ledger, "updated_rows", l->rows_updated);
    json_number(ledger, "released_rows", l->rows_released);
    json_number(ledger, "elsewhere_rows", l->rows_elsewhere);
    json_number(ledger, "lost_rows", l->rows_lost);
    json_number(ledger, "drifted_rows", l->rows_drifted);
    json_number(ledger, "failed_rows", l->rows_failed);
    json_number(ledger, "left_rows", l->rows_left);
    json_number(ledger, "split_chunks", l->chunks_split);
    json_number(ledger, "crashed_chunks", l->chunks_crashed);
}

static void add_attempt(struct cJSON *root, const struct report *r)
{
    const struct stats *s = &r->stats;
    struct cJSON *work = json_object(root, "work");
    bool rows_unknown = r->chunks_before > 0 && r->rows_before == 0;

    json_number(work, "skipped_chunks", r->chunks_before);
    if (rows_unknown)
        json_null(work, "skipped_rows");
    else
        json_number(work, "skipped_rows", r->rows_before);
    json_number(work, "done_chunks", s->chunks_done);
    json_number(work, "found_done_chunks", s->chunks_skipped);
    json_number(work, "put_back_chunks", s->chunks_put_back);
    json_number(work, "split_chunks", s->chunks_split);
    json_number(work, "failed_chunks", s->chunks_failed);
    json_number(work, "marked_rows", s->rows_marked);
    json_number(work, "updated_rows", s->rows_updated);
    json_number(work, "released_rows", s->rows_released);
    json_number(work, "elsewhere_rows", s->rows_elsewhere);
    json_number(work, "tries_again", s->tries);
    json_number(work, "reconnects", s->reconnects);
    add_seconds(work, "mark_seconds", s->mark_ns);
    add_seconds(work, "update_seconds", s->update_ns);
    add_seconds(work, "busy_seconds", s->busy_ns);
    json_real(work, "rows_per_second", report_rows_per_second(r));
    json_real(work, "imbalance", r->imbalance);
    json_real(work, "hot_share", r->hot_share < 0 ? (double)NAN : r->hot_share);
}

static void add_times(struct cJSON *root, const struct report *r)
{
    struct cJSON *phases = json_object(root, "phases");
    struct cJSON *chunk = json_object(root, "chunk_times");

    add_seconds(phases, "connect_seconds", r->connect_ns);
    add_seconds(phases, "distribution_seconds", r->distribution_ns);
    add_seconds(phases, "plan_seconds", r->plan_ns);
    add_seconds(phases, "planning_hidden_seconds", r->hidden_ns);
    add_seconds(phases, "work_seconds", r->work_ns);
    add_seconds(phases, "reduce_seconds", r->reduce_ns);
    add_seconds(phases, "other_seconds", report_other_ns(r));
    add_seconds(phases, "total_seconds", r->total_ns);
    json_number(chunk, "timed_chunks", r->times.count);
    add_seconds(chunk, "p50_seconds", r->times.p50_ns);
    add_seconds(chunk, "p95_seconds", r->times.p95_ns);
    add_seconds(chunk, "max_seconds", r->times.max_ns);
    add_seconds(chunk, "mean_seconds", r->times.mean_ns);
}

static void add_ranks(struct cJSON *root, const struct report *r)
{
    struct cJSON *ranks = json_array(root, "ranks");

    for (int i = 0; i < r->ranks && r->by_rank != NULL && r->places != NULL; i++) {
        const struct rank_summary *rank = &r->by_rank[i];
        const struct report_place *place = &r->places[i];
        struct cJSON *item = json_object(NULL, NULL);

        json_number(item, "rank", i);
        json_string(item, "role", report_is_manager(r, i) ? "manager" : "worker");
        json_number(item, "chunks", rank->chunks);
        json_number(item, "updated_rows", rank->rows_updated);
        add_seconds(item, "busy_seconds", rank->busy_ns);
        add_seconds(item, "work_seconds", rank->work_ns);
        json_real(item, "busy_share", mean(rank->busy_ns, r->work_ns));
        json_string(item, "host", place->host);
        json_string(item, "binding", place->binding);
        json_number(item, "cores", place->cores);
        json_number(item, "pus", place->pus);
        json_number(item, "memory_bytes", place->memory_bytes);
        json_string(item, "processor", place->processor);
        json_line(ranks, item);
    }
}

static const char *outcome_name(int64_t outcome)
{
    static const char *const names[] = {
        [CYCLE_DONE] = "done",       [CYCLE_SKIPPED] = "found_done",  [CYCLE_PUT_BACK] = "put_back",
        [CYCLE_BUSY] = "busy",       [CYCLE_FAILED] = "failed",       [CYCLE_SPLIT] = "split",
        [CYCLE_SUSPECT] = "suspect", [CYCLE_CANCELLED] = "cancelled", [CYCLE_STOPPED] = "stopped",
    };
    const int64_t count = (int64_t)(sizeof names / sizeof names[0]);

    return outcome >= 0 && outcome < count ? names[outcome] : "unknown";
}

static void add_chunk_member(struct cJSON *item, int member, int64_t value)
{
    const char *name = chunk_record_report_name(member);

    switch (chunk_record_kind(member)) {
    case CHUNK_RECORD_KIND_COUNT:
        json_number(item, name, value);
        break;
    case CHUNK_RECORD_KIND_DURATION:
        add_seconds(item, name, value);
        break;
    case CHUNK_RECORD_KIND_OUTCOME:
        json_string(item, name, outcome_name(value));
        break;
    }
}

static void add_chunks(struct cJSON *root, const struct report *r)
{
    struct cJSON *chunks = json_array(root, "chunks");

    for (int64_t i = 0; i < r->record_count; i++) {
        struct cJSON *item = json_object(NULL, NULL);
        int64_t values[CHUNK_RECORD_MEMBERS];

        chunk_record_to(&r->records[i], values);
        for (int m = 0; m < CHUNK_RECORD_MEMBERS; m++)
            add_chunk_member(item, m, values[m]);
        json_line(chunks, item);
    }
}

static void add_failures(struct cJSON *root, const struct report *r)
{
    struct cJSON *failures = json_array(root, "failures");

    for (int i = 0; i < r->failure_count; i++) {
        const struct report_failure *failure = &r->failures[i];
        struct cJSON *item = json_object(NULL, NULL);

        json_number(item, "id", failure->chunk_id);
        json_number(item, "planned_rows", failure->rows_planned);
        json_string(item, "sqlstate", failure->sqlstate);
        json_string(item, "error", failure->error);
        json_line(failures, item);
    }
}

void report_json(const struct report *r, struct text *out)
{
    struct cJSON *root = json_object(NULL, NULL);

    add_head(root, r);
    add_where(root, r);
    add_settings(root, r);
    add_plan(root, r);
    add_ledger(root, r);
    add_attempt(root, r);
    add_times(root, r);
    add_ranks(root, r);
    add_chunks(root, r);
    add_failures(root, r);
    json_text(root, JSON_IN_LINES, out);
}
