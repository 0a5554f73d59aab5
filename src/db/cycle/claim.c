/* Fence and claim are two statements in this order: joined into one, the fence would be read
 * before the wait. A refusal is an error of the server, which ends the pipeline. */
#include "db/cycle/claim.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/protocol/retry.h"
#include "sql_statements.h"

/* What the fences and claim_expected say no with: division by zero. They divide nothing else. */
#define REFUSAL "22012"

enum cycle_outcome claim_outcome(const struct claim *claimed)
{
    return claimed->state == CHUNK_STATE_SPLIT ? CYCLE_SPLIT : CYCLE_SKIPPED;
}

bool claim_is_refusal(const struct error *err)
{
    return err->kind == ERROR_SERVER && strcmp(err->sqlstate, REFUSAL) == 0;
}

void claim_add(struct executor *executor, struct pipeline *pipeline, const struct chunk *chunk,
               const struct claim *expected)
{
    executor->is_claimed = false;
    executor->is_refused = false;
    if (chunk->kind == CHUNK_SLICE || chunk->kind == CHUNK_NULLS)
        pipeline_add_command(pipeline, &sql_plan_anew);
    executor_queue(executor, pipeline, STATEMENT_FENCE, chunk, NULL);
    if (expected == NULL) {
        executor_queue(executor, pipeline, STATEMENT_CLAIM, chunk, NULL);
        return;
    }
    const struct executor_values values = {
        .state = expected->state,
        .mark_xid = expected->mark_xid[0] == '\0' ? NULL : expected->mark_xid,
    };
    executor_queue(executor, pipeline, STATEMENT_CLAIM_EXPECTED, chunk, &values);
}

static int take_fence(const struct executor *executor, struct pipeline *pipeline, struct error *err)
{
    if (pipeline_next(pipeline, NULL, err) == 0)
        return 0;
    if (claim_is_refusal(err))
        error_set(err, ERROR_LIVE,
                  "attempt %" PRId32
                  " is over: a newer attempt has taken over the run, or the run has ended",
                  executor->work->attempt);
    return -1;
}

int claim_take(struct executor *executor, struct pipeline *pipeline, struct claim *claimed,
               struct error *err)
{
    struct rows *rows = NULL;

    executor->is_claimed = false;
    executor->is_refused = false;
    if (take_fence(executor, pipeline, err) != 0)
        return -1;
    if (pipeline_next(pipeline, &rows, err) != 0) {
        executor->is_refused = claim_is_refusal(err);
        return -1;
    }
    *claimed = (struct claim){0};
    int rc = 0;
    if (rows_count(rows) == 1) {
        rc = chunk_state_parse(rows_named_text(rows, 0, "state"), &claimed->state);
        claimed->pass = (int)rows_named_int64(rows, 0, "pass");
        snprintf(claimed->mark_xid, sizeof claimed->mark_xid, "%s",
                 rows_named_text(rows, 0, "mark_xid"));
        claimed->own_rows = rows_named_int64(rows, 0, "own_rows");
        executor->crashes = (int)rows_named_int64(rows, 0, "crashes");
        executor->tries = (int)rows_named_int64(rows, 0, "tries");
        executor->is_claimed = true;
    }
    rows_free(rows);
    return rc == 0 ? 0 : error_set(err, ERROR_BUG, "a state in the ledger has no meaning here");
}

static int check_presence(const struct chunk *chunk, const struct claim *claimed, struct error *err)
{
    if (claimed->state != CHUNK_STATE_ABSENT)
        return 0;
    return error_set(err, ERROR_FATAL,
                     "chunk %" PRId64 " is not in the ledger; somebody has changed it by hand",
                     chunk->id);
}

int claim_check(const struct executor *executor, const struct chunk *chunk,
                const struct claim *claimed, struct error *err)
{
    if (check_presence(chunk, claimed, err) != 0)
        return -1;
    if (executor->crashes <= executor->work->suspect_after)
        return 0;
    return error_sql(err, ERROR_SERVER, RETRY_KILLER,
                     "its rank or session has died %d times with this chunk in flight, the last "
                     "time with nothing else "
                     "at work; try the update on its rows by hand",
                     executor->crashes);
}

int claim_begin(struct executor *executor, const struct chunk *chunk, struct claim *claimed,
                struct error *err)
{
    struct pipeline pipeline;

    pipeline_begin(&pipeline, executor->connection);
    pipeline_add_command(&pipeline, &connection_sql_begin);
    claim_add(executor, &pipeline, chunk, NULL);
    if (pipeline_send(&pipeline, err) != 0 || claim_take(executor, &pipeline, claimed, err) != 0 ||
        pipeline_finish(&pipeline, err) != 0)
        return -1;
    return check_presence(chunk, claimed, err);
}
