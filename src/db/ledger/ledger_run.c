/* Finds, creates, ends and sums up runs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/job/config.h"
#include "db/ledger/ledger_query.h"
#include "db/ledger/ledger_run.h"
#include "sql_statements.h"

void ledger_run_clear(struct ledger_run *run)
{
    free(run->window_from);
    free(run->window_to);
    free(run->search_path);
    key_clear(&run->planned_to);
    memset(run, 0, sizeof *run);
}

static void copy_text(char *to, size_t capacity, const char *from)
{
    snprintf(to, capacity, "%s", from);
}

static char *copy_of_value(const struct rows *rows, int64_t row, const char *column)
{
    return memory_copy_string(rows_value(rows, row, rows_column(rows, column)));
}

static int read_facts(const struct rows *rows, int64_t row, struct run_facts *facts,
                      struct error *err)
{
    const char *state = rows_named_text(rows, row, "state");

    facts->exists = true;
    copy_text(facts->label, sizeof facts->label, rows_named_text(rows, row, "label"));
    copy_text(facts->finished_at, sizeof facts->finished_at,
              rows_named_text(rows, row, "finished_at"));
    facts->attempt_is_live = rows_named_bool(rows, row, "attempt_is_live");
    facts->stopped_fatally = rows_named_bool(rows, row, "stopped_fatally");
    facts->chunks_open = rows_named_int64(rows, row, "chunks_open");
    facts->chunks_failed = rows_named_int64(rows, row, "chunks_failed");
    facts->rows_updated = rows_named_int64(rows, row, "rows_updated");
    facts->rows_elsewhere = rows_named_int64(rows, row, "rows_elsewhere");
    if (run_state_parse(state, &facts->state) != 0)
        return error_set(err, ERROR_FATAL, "the ledger holds a run in the state %s, which is none",
                         state);
    return 0;
}

/* Its columns are the elements of the array, as many as a key can have, and all called planned_to.
 */
static void read_planned_to(const struct rows *rows, int64_t row, struct key *key)
{
    int first = rows_column(rows, "planned_to");

    while (key->columns < KEY_COLUMNS_MAX && !rows_is_null(rows, row, first + key->columns)) {
        const char *value = rows_text(rows, row, first + key->columns);
        key->values[key->columns++] = memory_copy_string(value);
    }
}

static int read_run(const struct rows *rows, int64_t row, struct ledger_run *run, struct error *err)
{
    run->run_id = rows_named_int64(rows, row, "run_id");
    run->attempt = (int32_t)rows_named_int64(rows, row, "attempt");
    copy_text(run->identity_hash, sizeof run->identity_hash,
              rows_named_text(rows, row, "identity_hash"));
    copy_text(run->update_hash, sizeof run->update_hash, rows_named_text(rows, row, "update_hash"));
    run->window_from = copy_of_value(rows, row, "window_from");
    run->window_to = copy_of_value(rows, row, "window_to");
    run->search_path = copy_of_value(rows, row, "search_path");
    run->planned_chunks = rows_named_int64(rows, row, "planned_chunks");
    run->plan_complete = rows_named_bool(rows, row, "plan_complete");
    run->table_oid = (uint32_t)rows_named_int64(rows, row, "table_oid");
    read_planned_to(rows, row, &run->planned_to);
    return read_facts(rows, row, &run->facts, err);
}

int ledger_run_find(struct connection *c, const struct work *work, const char *label,
                    struct ledger_run *unfinished, struct ledger_run *same_label, struct error *err)
{
    const char *values[] = {work->job, label == NULL ? LIFECYCLE_DEFAULT_LABEL : label};
    struct rows *rows = NULL;
    int rc = 0;

    memset(unfinished, 0, sizeof *unfinished);
    memset(same_label, 0, sizeof *same_label);
    if (ledger_query(c, work, &sql_find_runs, ledger_query_values(2, values), &rows, err) != 0)
        return -1;
    for (int64_t i = 0; rc == 0 && i < rows_count(rows); i++) {
        struct ledger_run run = {0};
        rc = read_run(rows, i, &run, err);
        bool open = rc == 0 && run_state_is_unfinished(run.facts.state);
        if (rc == 0 && open)
            *unfinished = run;
        else if (rc == 0 && !same_label->facts.exists)
            *same_label = run;
        else
            ledger_run_clear(&run);
    }
    rows_free(rows);
    return rc;
}

int ledger_run_latest(struct connection *c, const struct work *work, const char *label,
                      struct ledger_run *run, struct error *err)
{
    const char *values[] = {work->job, label};
    struct rows *rows = NULL;
    int rc = 0;
    bool found = false;

    memset(run, 0, sizeof *run);
    if (ledger_query(c, work, &sql_find_runs, ledger_query_values(2, values), &rows, err) != 0)
        return -1;
    for (int64_t i = 0; rc == 0 && !found && i < rows_count(rows); i++) {
        rc = read_run(rows, i, run, err);
        found = rc == 0 && (label == NULL || strcmp(run->facts.label, label) == 0);
        if (!found)
            ledger_run_clear(run);
    }
    rows_free(rows);
    return rc;
}

int ledger_run_hashes(struct connection *c, const struct work *work, const struct config *config,
                      char identity[65], char update[65], struct error *err)
{
    struct text identity_text = TEXT_INIT, update_text = TEXT_INIT;
    struct rows *rows = NULL;

    lifecycle_identity_text(&identity_text, work, config->keys_filter, config->window_from,
                            config->window_to);
    lifecycle_update_text(&update_text, work);
    const char *values[] = {text_string(&identity_text), text_string(&update_text)};
    int rc = connection_query(c, &sql_hash_work, (struct parameters){2, values, NULL}, &rows, err);
    text_free(&identity_text);
    text_free(&update_text);
    if (rc != 0)
        return -1;
    copy_text(identity, 65, rows_text(rows, 0, 0));
    copy_text(update, 65, rows_text(rows, 0, 1));
    rows_free(rows);
    return 0;
}

int ledger_run_accept_update(struct connection *c, const struct work *work, const char *update_hash,
                             struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id);
    const char *values[] = {run.text, update_hash};

    return ledger_query(c, work, &sql_accept_update, ledger_query_values(2, values), NULL, err);
}

static const char *setting_of(const struct work *work, const char *name)
{
    for (int i = 0; i < work->setting_count; i++)
        if (strcmp(work->settings[i].name, name) == 0)
            return work->settings[i].value;
    return "";
}

int ledger_run_create(struct connection *c, struct work *work, const char *label,
                      const char *identity_hash, const char *update_hash, struct error *err)
{
    struct ledger_query_number oid = ledger_query_number(work->table_oid);
    const char *values[] = {work->job,
                            label == NULL ? LIFECYCLE_DEFAULT_LABEL : label,
                            identity_hash,
                            update_hash,
                            oid.text,
                            work->table,
                            work->window_from,
                            work->window_to,
                            setting_of(work, "search_path")};
    struct rows *rows = NULL;

    if (ledger_query(c, work, &sql_create_run, ledger_query_values(9, values), &rows, err) != 0) {
        if (strcmp(err->sqlstate, "23505") == 0)
            error_set(err, ERROR_LIVE,
                      "job %s: another session has just begun a run; try `chunkmill status`",
                      work->job);
        return -1;
    }
    work->run_id = rows_count(rows) == 1 ? rows_int64(rows, 0, 0) : 0;
    rows_free(rows);
    return work->run_id > 0 ? 0
                            : error_set(err, ERROR_BUG, "job %s has no serial number", work->job);
}

/* No key outlives the run. */
static int erase_keys(struct connection *c, const struct work *work, bool keep_failed,
                      struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id);
    const char *values[] = {run.text, keep_failed ? "true" : "false"};

    if (ledger_query(c, work, &sql_erase_bounds, ledger_query_values(2, values), NULL, err) != 0)
        return -1;
    return ledger_query(c, work, &sql_erase_planned_to, ledger_query_values(1, values), NULL, err);
}

static int change_state(struct connection *c, const struct work *work, enum run_state from,
                        enum run_state to, bool *changed, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               attempt = ledger_query_number(work->attempt);
    const char *values[] = {run.text, attempt.text, run_state_name(from), run_state_name(to)};
    int64_t rows;

    if (ledger_query_change(c, work, &sql_set_state, ledger_query_values(4, values), &rows, err) !=
        0)
        return -1;
    *changed = rows == 1;
    return 0;
}

/* The state and the keys in one transaction: no later command would erase them from an abandoned
 * run.
 */
static int end_abandoned(struct connection *c, const struct work *work, enum run_state from,
                         bool *changed, struct error *err)
{
    if (connection_begin(c, err) != 0 ||
        change_state(c, work, from, RUN_ABANDONED, changed, err) != 0 ||
        (*changed && erase_keys(c, work, false, err) != 0))
        return -1;
    return connection_commit(c, err);
}

int ledger_run_set_state(struct connection *c, const struct work *work, enum run_state from,
                         enum run_state to, bool *changed, struct error *err)
{
    if (to != RUN_ABANDONED)
        return change_state(c, work, from, to, changed, err);
    if (end_abandoned(c, work, from, changed, err) == 0)
        return 0;
    connection_rollback(c);
    return -1;
}

static int finish(struct connection *c, const struct work *work, const char *const *values,
                  struct error *err)
{
    int64_t ended;

    if (connection_begin(c, err) != 0 ||
        ledger_query_change(c, work, &sql_finish_run, ledger_query_values(2, values), &ended,
                            err) != 0)
        return -1;
    if (ended == 1 && erase_keys(c, work, true, err) != 0)
        return -1;
    return connection_commit(c, err);
}

int ledger_run_finish(struct connection *c, const struct work *work, enum run_state *state,
                      struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               attempt = ledger_query_number(work->attempt);
    const char *values[] = {run.text, attempt.text};
    struct rows *rows = NULL;

    if (finish(c, work, values, err) != 0) {
        connection_rollback(c);
        return -1;
    }
    if (ledger_query(c, work, &sql_read_state, ledger_query_values(1, values), &rows, err) != 0)
        return -1;
    int rc = rows_count(rows) == 1 ? run_state_parse(rows_text(rows, 0, 0), state) : -1;
    rows_free(rows);
    return rc == 0 ? 0
                   : error_set(err, ERROR_FATAL, "run %" PRId64 " is not in the ledger any more",
                               work->run_id);
}

static int reopen(struct connection *c, const struct work *work, const char *const *run,
                  int64_t *chunks, struct error *err)
{
    int64_t reopened = 0;

    if (connection_begin(c, err) != 0 ||
        ledger_query_change(c, work, &sql_reopen_chunks, ledger_query_values(1, run), chunks,
                            err) != 0)
        return -1;
    if (*chunks > 0 && ledger_query_change(c, work, &sql_reopen_run, ledger_query_values(1, run),
                                           &reopened, err) != 0)
        return -1;
    if (*chunks > 0 && reopened != 1)
        return error_set(
            err, ERROR_REFUSED,
            "the run was abandoned, or is being planned: nothing of it can be retried");
    return connection_commit(c, err);
}

int ledger_run_retry_failed(struct connection *c, const struct work *work, int64_t run_id,
                            int64_t *chunks, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(run_id);
    const char *values[] = {run.text};

    *chunks = 0;
    if (reopen(c, work, values, chunks, err) == 0)
        return 0;
    connection_rollback(c);
    return -1;
}

int ledger_run_totals(struct connection *c, const struct work *work, struct report_ledger *totals,
                      struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id);
    const char *values[] = {run.text, work_has_flag(work) ? "true" : "false"};
    struct rows *rows = NULL;

    if (ledger_query(c, work, &sql_sum_chunks, ledger_query_values(2, values), &rows, err) != 0)
        return -1;
    *totals = (struct report_ledger){
        .chunks = rows_named_int64(rows, 0, "chunks"),
        .chunks_done = rows_named_int64(rows, 0, "chunks_done"),
        .chunks_failed = rows_named_int64(rows, 0, "chunks_failed"),
        .chunks_left = rows_named_int64(rows, 0, "chunks_left"),
        .rows_planned = rows_named_int64(rows, 0, "rows_planned"),
        .rows_matched = rows_named_int64(rows, 0, "rows_matched"),
        .rows_updated = rows_named_int64(rows, 0, "rows_updated"),
        .rows_released = rows_named_int64(rows, 0, "rows_released"),
        .rows_elsewhere = rows_named_int64(rows, 0, "rows_elsewhere"),
        .rows_lost = rows_named_int64(rows, 0, "rows_lost"),
        .rows_failed = rows_named_int64(rows, 0, "rows_failed"),
        .rows_left = rows_named_int64(rows, 0, "rows_left"),
        .chunks_split = rows_named_int64(rows, 0, "chunks_split"),
        .chunks_crashed = rows_named_int64(rows, 0, "chunks_crashed"),
    };
    totals->rows_drifted = rows_named_int64(rows, 0, "rows_planned_done") - totals->rows_matched -
                           totals->rows_elsewhere;
    rows_free(rows);
    return 0;
}

int ledger_run_failures(struct connection *c, const struct work *work,
                        struct report_failure *failures, int max, int *count, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               limit = ledger_query_number(max);
    const char *values[] = {run.text, limit.text};
    struct rows *rows = NULL;

    if (ledger_query(c, work, &sql_read_failures, ledger_query_values(2, values), &rows, err) != 0)
        return -1;
    *count = (int)rows_count(rows);
    for (int i = 0; i < *count; i++) {
        failures[i].chunk_id = rows_named_int64(rows, i, "chunk_id");
        failures[i].rows_planned = rows_named_int64(rows, i, "rows_planned");
        copy_text(failures[i].sqlstate, sizeof failures[i].sqlstate,
                  rows_named_text(rows, i, "error_sqlstate"));
        copy_text(failures[i].error, sizeof failures[i].error, rows_named_text(rows, i, "error"));
    }
    rows_free(rows);
    return 0;
}
