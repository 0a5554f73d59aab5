/* T1 is fence, claim, mark; T2 is fence, claim, update, count, release, done. Each is a
 * statement of its own, in this order. */
#include "db/cycle/transaction.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "core/protocol/retry.h"
#include "db/cycle/executor.h"
#include "db/cycle/settle.h"
#include "sql_statements.h"

/* A transaction whose COMMIT doesn't wait for the disk. */
static void add_begin_lightly(struct pipeline *pipeline)
{
    pipeline_add_command(pipeline, &connection_sql_begin);
    pipeline_add_command(pipeline, &sql_commit_asynchronously);
}

/* What must hold before the COMMIT: rows_fence says where the rows are (only with triggers). */
static void add_fences(struct executor *executor, struct pipeline *pipeline,
                       enum statement rows_fence, const struct chunk *chunk,
                       const struct executor_values *values)
{
    if (statement_is_used(executor->work, rows_fence))
        executor_queue(executor, pipeline, rows_fence, chunk, values);
    executor_queue(executor, pipeline, STATEMENT_FENCE_TABLE, chunk, NULL);
}

static int take_fences(const struct executor *executor, struct pipeline *pipeline,
                       enum statement rows_fence, const struct chunk *chunk, struct error *err)
{
    const struct work *work = executor->work;

    if (statement_is_used(work, rows_fence) && pipeline_next(pipeline, NULL, err) != 0)
        return !claim_is_refusal(err)
                   ? -1
                   : error_set(err, ERROR_FATAL,
                               "chunk %" PRId64 ": rows were %s and were not in their chunk any "
                               "more: a trigger of %s changes what the key, scope or window of the "
                               "job read, so that they would be done twice or not at all; nothing "
                               "of this chunk was kept; choose others, that no trigger changes",
                               chunk->id,
                               rows_fence == STATEMENT_FENCE_MARKS ? "marked" : "updated",
                               work->table);
    if (pipeline_next(pipeline, NULL, err) != 0)
        return !claim_is_refusal(err)
                   ? -1
                   : error_set(err, ERROR_FATAL,
                               "chunk %" PRId64 ": %s is another table now than the one that the "
                               "run began with: it was renamed, swapped or made anew meanwhile; "
                               "nothing of this chunk was kept; give the run up with `chunkmill "
                               "abandon`, and begin another",
                               chunk->id, work->table);
    return 0;
}

/* Before anything else, and for all to see: a transaction of its own. */
static void add_record_in_flight(struct executor *executor, struct pipeline *pipeline,
                                 const struct chunk *chunk)
{
    add_begin_lightly(pipeline);
    executor_queue(executor, pipeline, STATEMENT_RECORD_IN_FLIGHT, chunk, NULL);
    pipeline_add_command(pipeline, &connection_sql_commit);
}

static void add_mark(struct executor *executor, struct pipeline *pipeline,
                     const struct chunk *chunk, int pass)
{
    add_begin_lightly(pipeline);
    claim_add(executor, pipeline, chunk, NULL);
    executor_queue(executor, pipeline, pass == 1 ? STATEMENT_MARK : STATEMENT_MARK_AGAIN, chunk,
                   NULL);
    add_fences(executor, pipeline, STATEMENT_FENCE_MARKS, chunk, NULL);
    pipeline_add_command(pipeline, &connection_sql_commit);
}

/* T1's answers. *claimed: as found, or, where it was planned, as T1 has left it. */
static int take_mark(struct executor *executor, struct pipeline *pipeline,
                     const struct chunk *chunk, struct claim *claimed, struct error *err)
{
    struct rows *rows = NULL;

    if (claim_take(executor, pipeline, claimed, err) != 0 ||
        pipeline_next(pipeline, &rows, err) != 0)
        return -1;
    if (rows_count(rows) == 1) {
        claimed->state = CHUNK_STATE_MARKED;
        claimed->own_rows = rows_named_int64(rows, 0, "own_rows");
        snprintf(claimed->mark_xid, sizeof claimed->mark_xid, "%s",
                 rows_named_text(rows, 0, "mark_xid"));
    }
    rows_free(rows);
    return take_fences(executor, pipeline, STATEMENT_FENCE_MARKS, chunk, err) != 0
               ? -1
               : pipeline_commands(pipeline, err);
}

void transaction_mark_add(struct executor *executor, struct pipeline *pipeline,
                          const struct chunk *chunk)
{
    add_record_in_flight(executor, pipeline, chunk);
    add_mark(executor, pipeline, chunk, 1);
}

int transaction_mark_take(struct executor *executor, struct pipeline *pipeline,
                          const struct chunk *chunk, struct claim *claimed, struct error *err)
{
    return pipeline_next(pipeline, NULL, err) != 0
               ? -1
               : take_mark(executor, pipeline, chunk, claimed, err);
}

static int mark_first(struct executor *executor, const struct chunk *chunk, struct claim *claimed,
                      struct error *err)
{
    struct pipeline pipeline;

    pipeline_begin(&pipeline, executor->connection);
    transaction_mark_add(executor, &pipeline, chunk);
    return pipeline_send(&pipeline, err) != 0 ||
                   transaction_mark_take(executor, &pipeline, chunk, claimed, err) != 0
               ? -1
               : pipeline_finish(&pipeline, err);
}

static int mark_again(struct executor *executor, const struct chunk *chunk, struct claim *claimed,
                      struct error *err)
{
    struct pipeline pipeline;

    pipeline_begin(&pipeline, executor->connection);
    add_mark(executor, &pipeline, chunk, 2);
    return pipeline_send(&pipeline, err) != 0 ||
                   take_mark(executor, &pipeline, chunk, claimed, err) != 0
               ? -1
               : pipeline_finish(&pipeline, err);
}

static bool is_planned(const struct claim *claimed)
{
    return claimed->state == CHUNK_STATE_PLANNED;
}

/* T1, where the chunk is planned, in one go with its COMMIT. Which pass it is shows only in the
 * ledger, and the first is the rule. */
int transaction_mark(struct executor *executor, const struct chunk *chunk, struct claim *claimed,
                     struct cycle_result *result, struct error *err)
{
    int64_t began_ns = clock_now_ns();

    failpoint_at("before_mark");
    if (mark_first(executor, chunk, claimed, err) != 0 ||
        claim_check(executor, chunk, claimed, err) != 0 ||
        (is_planned(claimed) && mark_again(executor, chunk, claimed, err) != 0))
        return -1;
    failpoint_at("mark_committed");
    result->rows_marked = claimed->own_rows; /* or by a former try, or a former attempt */
    result->mark_ns += clock_now_ns() - began_ns;
    return 0;
}

/* Under another time zone, say, the chunk's bounds mean other rows. */
static int check_settings(const struct executor *executor, const struct chunk *chunk,
                          struct error *err)
{
    const char *changed = connection_changed_setting(executor->connection);

    if (changed == NULL)
        return 0;
    return error_set(err, ERROR_FATAL,
                     "chunk %" PRId64 ": the update, or a function or trigger that it runs, has "
                     "set %s for the session, on which depends what key, scope and window mean; "
                     "nothing of this chunk was kept; let the function have the setting to itself: "
                     "ALTER FUNCTION .. SET %s TO ..;",
                     chunk->id, changed, changed);
}

static void add_finish(struct executor *executor, struct pipeline *pipeline,
                       const struct chunk *chunk, const struct settled *settled, int tries)
{
    const struct executor_values values = {
        .rows_updated = settled->updated,
        .rows_released = settled->released,
        .rows_lost = settled->lost,
        .tries = tries,
    };

    add_fences(executor, pipeline, STATEMENT_FENCE_UPDATE, chunk, &values);
    executor_queue(executor, pipeline, settled->is_put_back ? STATEMENT_PUT_BACK : STATEMENT_FINISH,
                   chunk, &values);
    pipeline_add_command(pipeline, &connection_sql_commit);
}

/* `done`, or once more, and the COMMIT, in one go. */
static int finish(struct executor *executor, const struct chunk *chunk,
                  const struct settled *settled, struct cycle_result *result, struct error *err)
{
    struct pipeline pipeline;
    struct rows *rows = NULL;

    if (check_settings(executor, chunk, err) != 0)
        return -1;
    pipeline_begin(&pipeline, executor->connection);
    add_finish(executor, &pipeline, chunk, settled, result->tries);
    if (pipeline_send(&pipeline, err) != 0 ||
        take_fences(executor, &pipeline, STATEMENT_FENCE_UPDATE, chunk, err) != 0 ||
        pipeline_next(&pipeline, &rows, err) != 0)
        return -1;
    int64_t elsewhere = rows_count(rows) == 1 ? rows_int64(rows, 0, 0) : 0;
    rows_free(rows);
    if (pipeline_finish(&pipeline, err) != 0)
        return -1;
    failpoint_at("finish_committed");
    result->outcome = settled->is_put_back ? CYCLE_PUT_BACK : CYCLE_DONE;
    result->rows_elsewhere = elsewhere;
    result->rows_updated += settled->updated;
    result->rows_released += settled->released;
    result->rows_lost += settled->lost;
    return 0;
}

/* Whether the chunk was not as expected; then nothing was done, and the transaction is rolled back.
 */
static bool is_refused(const struct executor *executor, struct error *err)
{
    if (!executor->is_refused)
        return false;
    connection_rollback(executor->connection);
    error_clear(err);
    return true;
}

void transaction_update_add(struct executor *executor, struct pipeline *pipeline,
                            const struct chunk *chunk, const struct claim *marked)
{
    pipeline_add_command(pipeline, &connection_sql_begin);
    claim_add(executor, pipeline, chunk, marked);
    settle_add(executor, pipeline, chunk, marked->mark_xid);
}

/* T2 of a chunk that is marked as *marked says. Where it is not any more, the outcome stays as it
 * was. */
static int update_marked(struct executor *executor, const struct chunk *chunk,
                         const struct claim *marked, struct pipeline *sent,
                         struct cycle_result *result, struct error *err)
{
    struct pipeline pipeline;
    struct claim claimed;
    struct settled settled = {0};
    struct settle_left left;
    int64_t began_ns = clock_now_ns();

    if (sent == NULL) {
        sent = &pipeline;
        pipeline_begin(sent, executor->connection);
        transaction_update_add(executor, sent, chunk, marked);
        if (pipeline_send(sent, err) != 0)
            return -1;
    }
    if (claim_take(executor, sent, &claimed, err) != 0)
        return is_refused(executor, err) ? 0 : -1;
    if (settle_take(sent, &settled, &left, err) != 0 || pipeline_finish(sent, err) != 0)
        return -1;
    failpoint_at("updated");
    if (settle_rest(executor, chunk, &claimed, &left, &settled, err) != 0)
        return -1;
    settled.is_put_back = settled.others > 0 && claimed.pass == 1;
    if (finish(executor, chunk, &settled, result, err) != 0)
        return -1;
    result->update_ns += clock_now_ns() - began_ns;
    return 0;
}

/* Without a flag: claim and update in one go, where the chunk is planned. */
static int update_planned(struct executor *executor, const struct chunk *chunk, int64_t *updated,
                          struct error *err)
{
    static const struct claim planned = {.state = CHUNK_STATE_PLANNED};
    struct pipeline pipeline;
    struct claim claimed;
    struct rows *rows = NULL;

    pipeline_begin(&pipeline, executor->connection);
    add_record_in_flight(executor, &pipeline, chunk);
    pipeline_add_command(&pipeline, &connection_sql_begin);
    claim_add(executor, &pipeline, chunk, &planned);
    executor_queue(executor, &pipeline, STATEMENT_UPDATE, chunk, NULL);
    if (pipeline_send(&pipeline, err) != 0 || pipeline_next(&pipeline, NULL, err) != 0 ||
        claim_take(executor, &pipeline, &claimed, err) != 0 ||
        pipeline_next(&pipeline, &rows, err) != 0)
        return -1;
    *updated = rows_affected(rows);
    rows_free(rows);
    return pipeline_finish(&pipeline, err);
}

/* Why the claim refused: what the chunk is, and whether it may be touched at all. */
static int look(struct executor *executor, const struct chunk *chunk, struct claim *claimed,
                struct error *err)
{
    if (claim_begin(executor, chunk, claimed, err) != 0 ||
        claim_check(executor, chunk, claimed, err) != 0)
        return -1;
    connection_rollback(executor->connection);
    return 0;
}

/* The whole cycle without a flag: one transaction. */
static int cycle_planned(struct executor *executor, const struct chunk *chunk,
                         struct cycle_result *result, struct error *err)
{
    struct claim claimed;
    struct settled settled = {0};
    int64_t began_ns = clock_now_ns();

    failpoint_at("before_update");
    while (update_planned(executor, chunk, &settled.updated, err) != 0) {
        if (!is_refused(executor, err) || look(executor, chunk, &claimed, err) != 0)
            return -1;
        if (!is_planned(&claimed)) {
            result->outcome = (int32_t)claim_outcome(&claimed);
            return 0;
        }
    }
    failpoint_at("updated");
    if (finish(executor, chunk, &settled, result, err) != 0)
        return -1;
    result->update_ns += clock_now_ns() - began_ns;
    return 0;
}

int transaction_cycle(struct executor *executor, const struct chunk *chunk,
                      const struct claim *marked, struct pipeline *sent,
                      struct cycle_result *result, struct error *err)
{
    struct claim claimed = {0};

    if (!work_has_flag(executor->work))
        return cycle_planned(executor, chunk, result, err);
    result->outcome = CYCLE_STOPPED;
    for (; result->outcome == CYCLE_STOPPED; marked = NULL, sent = NULL) {
        if (marked != NULL)
            claimed = *marked;
        else if (transaction_mark(executor, chunk, &claimed, result, err) != 0)
            return -1;
        if (!chunk_state_is_open(claimed.state))
            result->outcome = (int32_t)claim_outcome(&claimed);
        else if (update_marked(executor, chunk, &claimed, sent, result, err) != 0)
            return -1;
    }
    return 0;
}

int transaction_fail(struct executor *executor, const struct chunk *chunk,
                     const struct error *cause, struct cycle_result *result, struct error *err)
{
    const struct executor_values values = {
        .sqlstate = cause->sqlstate,
        .error = cause->text,
        .tries = result->tries,
    };
    struct claim claimed = {0};
    int64_t freed;

    if (claim_begin(executor, chunk, &claimed, err) != 0)
        return -1;
    if (claimed.state == CHUNK_STATE_MARKED &&
        executor_change(executor, STATEMENT_RELEASE_OWN, chunk, NULL, &freed, err) != 0)
        return -1;
    if (chunk_state_is_open(claimed.state) &&
        executor_run(executor, STATEMENT_FAIL, chunk, &values, NULL, err) != 0)
        return -1;
    if (connection_commit(executor->connection, err) != 0)
        return -1;
    bool is_failed = chunk_state_is_open(claimed.state) || claimed.state == CHUNK_STATE_FAILED;
    enum cycle_outcome outcome = is_failed ? CYCLE_FAILED : claim_outcome(&claimed);
    result->outcome = (int32_t)outcome;
    return 0;
}

int transaction_give_back(struct executor *executor, const struct chunk *chunk, struct error *err)
{
    return executor_run(executor, STATEMENT_GIVE_BACK, chunk, NULL, NULL, err);
}

int transaction_count_try(struct executor *executor, const struct chunk *chunk, struct error *err)
{
    return executor_run(executor, STATEMENT_COUNT_TRY, chunk, NULL, NULL, err);
}

int transaction_count_crash(struct executor *executor, const struct chunk *chunk, int *crashes,
                            struct error *err)
{
    struct rows *rows = NULL;

    if (executor_run(executor, STATEMENT_COUNT_CRASH, chunk, NULL, &rows, err) != 0)
        return -1;
    *crashes = rows_count(rows) == 1 ? (int)rows_int64(rows, 0, 0) : 0;
    rows_free(rows);
    return 0;
}

int transaction_unmark(struct executor *executor, const struct chunk *chunk, int64_t *freed,
                       struct error *err)
{
    struct claim claimed = {0};

    if (claim_begin(executor, chunk, &claimed, err) != 0)
        return -1;
    if (claimed.state == CHUNK_STATE_MARKED &&
        (executor_change(executor, STATEMENT_RELEASE_OWN, chunk, NULL, freed, err) != 0 ||
         executor_run(executor, STATEMENT_UNMARK, chunk, NULL, NULL, err) != 0))
        return -1;
    return connection_commit(executor->connection, err);
}
