/* The report as JSON; docs/REPORT.md names every member, and a test holds the two together. Knows
 * no file and no clock. The long lists (ranks, chunks, failures) have one item a line, so that grep
 * and diff are of use too. */
#include "core/report/report.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"
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

/* Arguments and file names may be any bytes, and an error text may have been cut inside of a
 * character: the server would refuse to keep such a report. */
static void add_string(cJSON *object, const char *name, const char *value)
{
    if (value == NULL) {
        cJSON_AddNullToObject(object, name);
        return;
    }
    char *clean = utf8_clean_copy(value);
    cJSON_AddStringToObject(object, name, clean);
    free(clean);
}

/* As digits: cJSON's numbers are doubles, which lose the last ones past 2^53. */
static void add_int(cJSON *object, const char *name, int64_t value)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRId64, value);
    cJSON_AddRawToObject(object, name, digits);
}

static void add_seconds(cJSON *object, const char *name, int64_t ns)
{
    cJSON_AddNumberToObject(object, name, (double)ns / ns_per_second);
}

/* Takes item. */
static void add_line(cJSON *list, cJSON *item)
{
    char *printed = cJSON_PrintUnformatted(item);
    struct text line = TEXT_INIT;

    text_format(&line, "\n\t\t%s", printed);
    cJSON_AddItemToArray(list, cJSON_CreateRaw(text_string(&line)));
    text_free(&line);
    cJSON_free(printed);
    cJSON_Delete(item);
}

static void add_head(cJSON *root, const struct report *r)
{
    add_int(root, "chunkmill_report", REPORT_VERSION);
    add_string(root, "chunkmill_version", r->chunkmill_version);
    add_string(root, "job", r->job);
    add_string(root, "label", r->label);
    add_int(root, "run_id", r->run_id);
    add_int(root, "attempt", r->attempt);
    add_string(root, "outcome", r->outcome);
    add_int(root, "exit_status", r->exit_status);
    cJSON_AddBoolToObject(root, "adds_up", report_adds_up(r));
    add_string(root, "started_at", r->started_at);
    add_string(root, "ended_at", r->ended_at);
    add_string(root, "command_line", r->command_line);
}

static void add_where(cJSON *root, const struct report *r)
{
    cJSON *where = cJSON_AddObjectToObject(root, "where");

    add_string(where, "database", r->database);
    add_string(where, "server_host", r->server_host);
    add_string(where, "server_version", r->server_version);
    add_string(where, "server_role", r->server_role);
    add_string(where, "user", r->user);
    add_string(where, "table", r->table);
    add_string(where, "slurm_job", r->slurm_job);
    add_string(where, "mpi_version", r->mpi_version);
    add_int(where, "nodes", r->nodes);
    add_int(where, "ranks", r->ranks);
    add_int(where, "workers", r->workers);
}

static void add_settings(cJSON *root, const struct report *r)
{
    cJSON *settings = cJSON_AddObjectToObject(root, "settings");

    cJSON_AddBoolToObject(settings, "has_flag", r->has_flag);
    add_string(settings, "filter", r->keys_filter ? "keys" : "range");
    add_string(settings, "schedule", r->static_schedule ? "static" : "dynamic");
    add_int(settings, "target_rows", r->target_rows);
    add_int(settings, "max_rows", r->max_rows);
    if (r->window_from == NULL && r->window_to == NULL) {
        cJSON_AddNullToObject(root, "window");
        return;
    }
    cJSON *window = cJSON_AddObjectToObject(root, "window");
    add_string(window, "from", r->window_from);
    add_string(window, "to", r->window_to);
}

static double mean(int64_t sum, int64_t count)
{
    return count == 0 ? 0.0 : (double)sum / (double)count;
}

/* The server has leapt over them. */
static void forget_keys(cJSON *plan)
{
    static const char *const names[] = {"total_keys", "min_keys", "mean_keys", "max_keys",
                                        "keys_cv"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        cJSON_ReplaceItemInObject(plan, names[i], cJSON_CreateNull());
}

static void add_plan(cJSON *root, const struct report *r)
{
    const struct plan_quality *q = &r->plan;
    cJSON *plan = cJSON_AddObjectToObject(root, "plan");

    cJSON_AddBoolToObject(plan, "complete", r->is_plan_whole);
    add_int(plan, "chunks", q->chunks);
    add_int(plan, "total_rows", q->rows);
    add_int(plan, "total_keys", q->keys);
    add_int(plan, "min_rows", q->min_rows);
    cJSON_AddNumberToObject(plan, "mean_rows", mean(q->rows, q->chunks));
    add_int(plan, "max_rows", q->max_rows);
    cJSON_AddNumberToObject(plan, "rows_cv", plan_quality_rows_cv(q));
    add_int(plan, "min_keys", q->min_keys);
    cJSON_AddNumberToObject(plan, "mean_keys", mean(q->keys, q->chunks));
    add_int(plan, "max_keys", q->max_keys);
    cJSON_AddNumberToObject(plan, "keys_cv", plan_quality_keys_cv(q));
    add_int(plan, "oversized_slices", q->oversized_slices);
    cJSON_AddNumberToObject(plan, "makespan_bound_rows",
                            r->workers > 0 ? plan_quality_makespan_rows(q, r->workers) : 0.0);
    if (q->keys == CHUNK_KEYS_UNCOUNTED)
        forget_keys(plan);
}

static void add_ledger(cJSON *root, const struct report *r)
{
    const struct report_ledger *l = &r->ledger;
    cJSON *ledger = cJSON_AddObjectToObject(root, "ledger");

    add_int(ledger, "chunks", l->chunks);
    add_int(ledger, "done_chunks", l->chunks_done);
    add_int(ledger, "failed_chunks", l->chunks_failed);
    add_int(ledger, "left_chunks", l->chunks_left);
    add_int(ledger, "planned_rows", l->rows_planned);
    add_int(ledger, "matched_rows", l->rows_matched);
    add_int(ledger, "updated_rows", l->rows_updated);
    add_int(ledger, "released_rows", l->rows_released);
    add_int(ledger, "elsewhere_rows", l->rows_elsewhere);
    add_int(ledger, "lost_rows", l->rows_lost);
    add_int(ledger, "drifted_rows", l->rows_drifted);
    add_int(ledger, "failed_rows", l->rows_failed);
    add_int(ledger, "left_rows", l->rows_left);
    add_int(ledger, "split_chunks", l->chunks_split);
    add_int(ledger, "crashed_chunks", l->chunks_crashed);
}

static void add_attempt(cJSON *root, const struct report *r)
{
    const struct stats *s = &r->stats;
    cJSON *work = cJSON_AddObjectToObject(root, "work");
    bool rows_unknown = r->chunks_before > 0 && r->rows_before == 0;

    add_int(work, "skipped_chunks", r->chunks_before);
    if (rows_unknown)
        cJSON_AddNullToObject(work, "skipped_rows");
    else
        add_int(work, "skipped_rows", r->rows_before);
    add_int(work, "done_chunks", s->chunks_done);
    add_int(work, "found_done_chunks", s->chunks_skipped);
    add_int(work, "put_back_chunks", s->chunks_put_back);
    add_int(work, "split_chunks", s->chunks_split);
    add_int(work, "failed_chunks", s->chunks_failed);
    add_int(work, "marked_rows", s->rows_marked);
    add_int(work, "updated_rows", s->rows_updated);
    add_int(work, "released_rows", s->rows_released);
    add_int(work, "elsewhere_rows", s->rows_elsewhere);
    add_int(work, "tries_again", s->tries);
    add_int(work, "reconnects", s->reconnects);
    add_seconds(work, "mark_seconds", s->mark_ns);
    add_seconds(work, "update_seconds", s->update_ns);
    add_seconds(work, "busy_seconds", s->busy_ns);
    cJSON_AddNumberToObject(work, "rows_per_second", report_rows_per_second(r));
    cJSON_AddNumberToObject(work, "imbalance", r->imbalance);
    if (r->hot_share < 0)
        cJSON_AddNullToObject(work, "hot_share");
    else
        cJSON_AddNumberToObject(work, "hot_share", r->hot_share);
}

static void add_times(cJSON *root, const struct report *r)
{
    cJSON *phases = cJSON_AddObjectToObject(root, "phases");
    cJSON *chunk = cJSON_AddObjectToObject(root, "chunk_times");

    add_seconds(phases, "connect_seconds", r->connect_ns);
    add_seconds(phases, "distribution_seconds", r->distribution_ns);
    add_seconds(phases, "plan_seconds", r->plan_ns);
    add_seconds(phases, "planning_hidden_seconds", r->hidden_ns);
    add_seconds(phases, "work_seconds", r->work_ns);
    add_seconds(phases, "reduce_seconds", r->reduce_ns);
    add_seconds(phases, "other_seconds", report_other_ns(r));
    add_seconds(phases, "total_seconds", r->total_ns);
    add_int(chunk, "timed_chunks", r->times.count);
    add_seconds(chunk, "p50_seconds", r->times.p50_ns);
    add_seconds(chunk, "p95_seconds", r->times.p95_ns);
    add_seconds(chunk, "max_seconds", r->times.max_ns);
    add_seconds(chunk, "mean_seconds", r->times.mean_ns);
}

static void add_ranks(cJSON *root, const struct report *r)
{
    cJSON *ranks = cJSON_AddArrayToObject(root, "ranks");

    for (int i = 0; i < r->ranks && r->by_rank != NULL && r->places != NULL; i++) {
        const struct rank_summary *rank = &r->by_rank[i];
        const struct report_place *place = &r->places[i];
        cJSON *item = cJSON_CreateObject();

        add_int(item, "rank", i);
        add_string(item, "role", report_is_manager(r, i) ? "manager" : "worker");
        add_int(item, "chunks", rank->chunks);
        add_int(item, "updated_rows", rank->rows_updated);
        add_seconds(item, "busy_seconds", rank->busy_ns);
        add_seconds(item, "work_seconds", rank->work_ns);
        cJSON_AddNumberToObject(item, "busy_share", mean(rank->busy_ns, r->work_ns));
        add_string(item, "host", place->host);
        add_string(item, "binding", place->binding);
        add_int(item, "cores", place->cores);
        add_int(item, "pus", place->pus);
        add_int(item, "memory_bytes", place->memory_bytes);
        add_string(item, "processor", place->processor);
        add_line(ranks, item);
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

static void add_chunks(cJSON *root, const struct report *r)
{
    cJSON *chunks = cJSON_AddArrayToObject(root, "chunks");

    for (int64_t i = 0; i < r->record_count; i++) {
        const struct chunk_record *record = &r->records[i];
        cJSON *item = cJSON_CreateObject();

        add_int(item, "id", record->chunk_id);
        add_int(item, "worker", record->worker);
        add_string(item, "outcome", outcome_name(record->outcome));
        add_seconds(item, "begin_seconds", record->begin_ns);
        add_seconds(item, "end_seconds", record->end_ns);
        add_seconds(item, "mark_seconds", record->mark_ns);
        add_seconds(item, "update_seconds", record->update_ns);
        add_int(item, "updated_rows", record->rows_updated);
        add_line(chunks, item);
    }
}

static void add_failures(cJSON *root, const struct report *r)
{
    cJSON *failures = cJSON_AddArrayToObject(root, "failures");

    for (int i = 0; i < r->failure_count; i++) {
        const struct report_failure *failure = &r->failures[i];
        cJSON *item = cJSON_CreateObject();

        add_int(item, "id", failure->chunk_id);
        add_int(item, "planned_rows", failure->rows_planned);
        add_string(item, "sqlstate", failure->sqlstate);
        add_string(item, "error", failure->error);
        add_line(failures, item);
    }
}

/* cJSON's own answer to exhausted memory is a document with members missing. */
static void *allocate(size_t bytes)
{
    return memory_zero(bytes, 1);
}

void report_json(const struct report *r, struct text *out)
{
    cJSON_Hooks hooks = {allocate, free};

    cJSON_InitHooks(&hooks);
    cJSON *root = cJSON_CreateObject();
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
    char *printed = cJSON_Print(root);
    text_add(out, printed);
    text_add(out, "\n");
    cJSON_free(printed);
    cJSON_Delete(root);
}
