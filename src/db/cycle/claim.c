/* Fence and claim are statements of their own, in this order: joined into one, the fence would be read before
 * it waits. What they refuse, the server refuses, by an error that ends the batch. */
#include "db/cycle/claim.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/protocol/retry.h"
#include "sql_statements.h"

/* What fence_attempt and claim_expected say no with: division by zero. They divide nothing else. */
#define REFUSAL "22012"

bool claim_is_open(const struct claim *claimed)
{
    return strcmp(claimed->state, "planned") == 0 || strcmp(claimed->state, "marked") == 0;
}

enum cycle_outcome claim_outcome(const struct claim *claimed)
{
    return strcmp(claimed->state, "split") == 0 ? CYCLE_SPLIT : CYCLE_SKIPPED;
}

static bool is_refusal(const struct error *err)
{
    return err->kind == ERROR_SERVER && strcmp(err->sqlstate, REFUSAL) == 0;
}

void claim_add(struct steps *steps, struct batch *batch, const struct chunk *chunk,
               const struct claim *expected)
{
    const struct work *work = steps->work;
    struct send_numbers n;

    steps->is_claimed = false;
    steps->is_refused = false;
    if (chunk->kind == CHUNK_SLICE || chunk->kind == CHUNK_NULLS)
        batch_add_command(batch, &sql_plan_anew);
    send_numbers(&n, (int64_t[]){work->run_id, work->attempt}, 2);
    send_add(steps, batch, STATEMENT_FENCE, chunk, n.values);
    send_numbers(&n, (int64_t[]){work->run_id, chunk->id, 0, 0, work->suspect_after}, 5);
    if (expected == NULL) {
        send_add(steps, batch, STATEMENT_CLAIM, chunk, n.values);
        return;
    }
    n.values[2] = expected->state;
    n.values[3] = expected->mark_xid[0] == '\0' ? NULL : expected->mark_xid;
    send_add(steps, batch, STATEMENT_CLAIM_EXPECTED, chunk, n.values);
}

static int take_fence(const struct steps *steps, struct batch *batch, struct error *err)
{
    if (batch_next(batch, NULL, err) == 0)
        return 0;
    if (is_refusal(err))
        error_set(err, ERROR_LIVE,
                  "attempt %" PRId32 " is over: a newer attempt has taken over the run, or the run has ended",
                  steps->work->attempt);
    return -1;
}

int claim_take(struct steps *steps, struct batch *batch, struct claim *claimed, struct error *err)
{
    struct rows *rows = NULL;

    steps->is_claimed = false;
    steps->is_refused = false;
    if (take_fence(steps, batch, err) != 0)
        return -1;
    if (batch_next(batch, &rows, err) != 0) {
        steps->is_refused = is_refusal(err);
        return -1;
    }
    *claimed = (struct claim){0};
    if (rows_count(rows) == 1) {
        snprintf(claimed->state, sizeof claimed->state, "%s", rows_text(rows, 0, 0));
        claimed->pass = (int)rows_int64(rows, 0, 1);
        snprintf(claimed->mark_xid, sizeof claimed->mark_xid, "%s", rows_text(rows, 0, 2));
        claimed->own_rows = rows_int64(rows, 0, 3);
        steps->crashes = (int)rows_int64(rows, 0, 4);
        steps->tries = (int)rows_int64(rows, 0, 5);
        steps->is_claimed = true;
    }
    rows_free(rows);
    return 0;
}

static int check_presence(const struct chunk *chunk, const struct claim *claimed, struct error *err)
{
    if (claimed->state[0] != '\0')
        return 0;
    return error_set(err, ERROR_FATAL,
                     "chunk %" PRId64 " is not in the ledger; somebody has changed it by hand", chunk->id);
}

int claim_check(const struct steps *steps, const struct chunk *chunk, const struct claim *claimed,
                struct error *err)
{
    if (check_presence(chunk, claimed, err) != 0)
        return -1;
    if (steps->crashes <= steps->work->suspect_after)
        return 0;
    return error_sql(
        err, ERROR_SERVER, RETRY_KILLER,
        "its rank or session has died %d times with this chunk in hand, the last time with nothing else "
        "at work; try the update on its rows by hand",
        steps->crashes);
}

int claim_begin(struct steps *steps, const struct chunk *chunk, struct claim *claimed, struct error *err)
{
    struct batch batch;

    batch_begin(&batch, steps->connection);
    batch_add_command(&batch, &connection_sql_begin);
    claim_add(steps, &batch, chunk, NULL);
    if (batch_send(&batch, err) != 0 || claim_take(steps, &batch, claimed, err) != 0 ||
        batch_finish(&batch, err) != 0)
        return -1;
    return check_presence(chunk, claimed, err);
}
