/* Fence, claim, mark; fence, claim, update, count, release, done: each step a statement of its own, in this
 * order. */
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
static void add_begin_lightly(struct batch *batch)
{
    batch_add_command(batch, &connection_sql_begin);
    batch_add_command(batch, &sql_commit_asynchronously);
}

/* Before anything else, and for all to see: a transaction of its own. */
static void add_take_in_hand(struct steps *steps, struct batch *batch, const struct chunk *chunk)
{
    struct send_numbers n;

    send_numbers(&n, (int64_t[]){steps->work->run_id, chunk->id, steps->work->attempt, steps->worker}, 4);
    add_begin_lightly(batch);
    send_add(steps, batch, STATEMENT_TAKE_IN_HAND, chunk, n.values);
    batch_add_command(batch, &connection_sql_commit);
}

static void add_mark(struct steps *steps, struct batch *batch, const struct chunk *chunk, int pass)
{
    const struct work *work = steps->work;
    struct send_numbers n;

    add_begin_lightly(batch);
    claim_add(steps, batch, chunk, NULL);
    send_numbers(&n, (int64_t[]){work->run_id, chunk->id, work->attempt, steps->worker, work->suspect_after},
                 5);
    send_add(steps, batch, pass == 1 ? STATEMENT_MARK : STATEMENT_MARK_AGAIN, chunk, n.values);
    batch_add_command(batch, &connection_sql_commit);
}

/* T1's answers. *claimed: as found, or, where it was planned, as T1 has left it. */
static int take_mark(struct steps *steps, struct batch *batch, struct claim *claimed, struct error *err)
{
    struct rows *rows = NULL;

    if (claim_take(steps, batch, claimed, err) != 0 || batch_next(batch, &rows, err) != 0)
        return -1;
    if (rows_count(rows) == 1) {
        snprintf(claimed->state, sizeof claimed->state, "marked");
        claimed->own_rows = rows_int64(rows, 0, 0);
        snprintf(claimed->mark_xid, sizeof claimed->mark_xid, "%s", rows_text(rows, 0, 1));
    }
    rows_free(rows);
    return batch_commands(batch, err);
}

void steps_mark_add(struct steps *steps, struct batch *batch, const struct chunk *chunk)
{
    add_take_in_hand(steps, batch, chunk);
    add_mark(steps, batch, chunk, 1);
}

int steps_mark_take(struct steps *steps, struct batch *batch, struct claim *claimed, struct error *err)
{
    return batch_next(batch, NULL, err) != 0 ? -1 : take_mark(steps, batch, claimed, err);
}

static int mark_first(struct steps *steps, const struct chunk *chunk, struct claim *claimed,
                      struct error *err)
{
    struct batch batch;

    batch_begin(&batch, steps->connection);
    steps_mark_add(steps, &batch, chunk);
    return batch_send(&batch, err) != 0 || steps_mark_take(steps, &batch, claimed, err) != 0
               ? -1
               : batch_finish(&batch, err);
}

static int mark_again(struct steps *steps, const struct chunk *chunk, struct claim *claimed,
                      struct error *err)
{
    struct batch batch;

    batch_begin(&batch, steps->connection);
    add_mark(steps, &batch, chunk, 2);
    return batch_send(&batch, err) != 0 || take_mark(steps, &batch, claimed, err) != 0
               ? -1
               : batch_finish(&batch, err);
}

static bool is_planned(const struct claim *claimed)
{
    return strcmp(claimed->state, "planned") == 0;
}

/* T1, where the chunk is planned, in one go with its COMMIT. Which pass it is shows only in the ledger, and
 * the first is the rule. */
int steps_mark(struct steps *steps, const struct chunk *chunk, struct claim *claimed,
               struct cycle_result *result, struct error *err)
{
    int64_t began_ns = clock_now_ns();

    hook_at("before_mark");
    if (mark_first(steps, chunk, claimed, err) != 0 || claim_check(steps, chunk, claimed, err) != 0 ||
        (is_planned(claimed) && mark_again(steps, chunk, claimed, err) != 0))
        return -1;
    hook_at("mark_committed");
    result->rows_marked = claimed->own_rows; /* or by a former try, or a former attempt */
    result->mark_ns += clock_now_ns() - began_ns;
    return 0;
}

static void add_finish(struct steps *steps, struct batch *batch, const struct chunk *chunk,
                       const struct settled *settled, int tries)
{
    const struct work *work = steps->work;
    struct send_numbers n;

    send_numbers(&n,
                 (int64_t[]){work->run_id, chunk->id, settled->updated, settled->released, settled->lost,
                             tries, work->attempt, steps->worker},
                 8);
    send_add(steps, batch, settled->is_put_back ? STATEMENT_PUT_BACK : STATEMENT_FINISH, chunk, n.values);
    batch_add_command(batch, &connection_sql_commit);
}

/* `done`, or once more, and the COMMIT, in one go. */
static int finish(struct steps *steps, const struct chunk *chunk, const struct settled *settled,
                  struct cycle_result *result, struct error *err)
{
    struct batch batch;
    struct rows *rows = NULL;

    batch_begin(&batch, steps->connection);
    add_finish(steps, &batch, chunk, settled, result->tries);
    if (batch_send(&batch, err) != 0 || batch_next(&batch, &rows, err) != 0)
        return -1;
    int64_t elsewhere = rows_count(rows) == 1 ? rows_int64(rows, 0, 0) : 0;
    rows_free(rows);
    if (batch_finish(&batch, err) != 0)
        return -1;
    hook_at("finish_committed");
    result->outcome = settled->is_put_back ? CYCLE_PUT_BACK : CYCLE_DONE;
    result->rows_elsewhere = elsewhere;
    result->rows_updated += settled->updated;
    result->rows_released += settled->released;
    result->rows_lost += settled->lost;
    return 0;
}

/* Whether the chunk was not as expected; then nothing was done, and the transaction is rolled back. */
static bool is_refused(const struct steps *steps, struct error *err)
{
    if (!steps->is_refused)
        return false;
    connection_rollback(steps->connection);
    error_clear(err);
    return true;
}

void steps_update_add(struct steps *steps, struct batch *batch, const struct chunk *chunk,
                      const struct claim *marked)
{
    batch_add_command(batch, &connection_sql_begin);
    claim_add(steps, batch, chunk, marked);
    settle_add(steps, batch, chunk, marked->mark_xid);
}

/* T2 of a chunk that is marked as *marked says. Where it is not any more, the outcome stays as it was. */
static int update_marked(struct steps *steps, const struct chunk *chunk, const struct claim *marked,
                         struct batch *sent, struct cycle_result *result, struct error *err)
{
    struct batch batch;
    struct claim claimed;
    struct settled settled = {0};
    struct settle_left left;
    int64_t began_ns = clock_now_ns();

    if (sent == NULL) {
        sent = &batch;
        batch_begin(sent, steps->connection);
        steps_update_add(steps, sent, chunk, marked);
        if (batch_send(sent, err) != 0)
            return -1;
    }
    if (claim_take(steps, sent, &claimed, err) != 0)
        return is_refused(steps, err) ? 0 : -1;
    if (settle_take(sent, &settled, &left, err) != 0 || batch_finish(sent, err) != 0)
        return -1;
    hook_at("updated");
    if (settle_rest(steps, chunk, &claimed, &left, &settled, err) != 0)
        return -1;
    settled.is_put_back = settled.others > 0 && claimed.pass == 1;
    if (finish(steps, chunk, &settled, result, err) != 0)
        return -1;
    result->update_ns += clock_now_ns() - began_ns;
    return 0;
}

/* Without a flag: claim and update in one go, where the chunk is planned. */
static int update_planned(struct steps *steps, const struct chunk *chunk, int64_t *updated, struct error *err)
{
    static const struct claim planned = {.state = "planned"};
    struct batch batch;
    struct claim claimed;
    struct rows *rows = NULL;

    batch_begin(&batch, steps->connection);
    add_take_in_hand(steps, &batch, chunk);
    batch_add_command(&batch, &connection_sql_begin);
    claim_add(steps, &batch, chunk, &planned);
    send_add(steps, &batch, STATEMENT_UPDATE, chunk, NULL);
    if (batch_send(&batch, err) != 0 || batch_next(&batch, NULL, err) != 0 ||
        claim_take(steps, &batch, &claimed, err) != 0 || batch_next(&batch, &rows, err) != 0)
        return -1;
    *updated = rows_affected(rows);
    rows_free(rows);
    return batch_finish(&batch, err);
}

/* Why the claim refused: what the chunk is, and whether it may be touched at all. */
static int look(struct steps *steps, const struct chunk *chunk, struct claim *claimed, struct error *err)
{
    if (claim_begin(steps, chunk, claimed, err) != 0 || claim_check(steps, chunk, claimed, err) != 0)
        return -1;
    connection_rollback(steps->connection);
    return 0;
}

/* The whole cycle without a flag: one transaction. */
static int cycle_planned(struct steps *steps, const struct chunk *chunk, struct cycle_result *result,
                         struct error *err)
{
    struct claim claimed;
    struct settled settled = {0};
    int64_t began_ns = clock_now_ns();

    hook_at("before_update");
    while (update_planned(steps, chunk, &settled.updated, err) != 0) {
        if (!is_refused(steps, err) || look(steps, chunk, &claimed, err) != 0)
            return -1;
        if (!is_planned(&claimed)) {
            result->outcome = (int32_t)claim_outcome(&claimed);
            return 0;
        }
    }
    hook_at("updated");
    if (finish(steps, chunk, &settled, result, err) != 0)
        return -1;
    result->update_ns += clock_now_ns() - began_ns;
    return 0;
}

int steps_cycle(struct steps *steps, const struct chunk *chunk, const struct claim *marked,
                struct batch *sent, struct cycle_result *result, struct error *err)
{
    struct claim claimed = {0};

    if (!work_has_flag(steps->work))
        return cycle_planned(steps, chunk, result, err);
    result->outcome = CYCLE_STOPPED;
    for (; result->outcome == CYCLE_STOPPED; marked = NULL, sent = NULL) {
        if (marked != NULL)
            claimed = *marked;
        else if (steps_mark(steps, chunk, &claimed, result, err) != 0)
            return -1;
        if (!claim_is_open(&claimed))
            result->outcome = (int32_t)claim_outcome(&claimed);
        else if (update_marked(steps, chunk, &claimed, sent, result, err) != 0)
            return -1;
    }
    return 0;
}

int steps_fail(struct steps *steps, const struct chunk *chunk, const struct error *cause,
               struct cycle_result *result, struct error *err)
{
    struct send_numbers n;
    struct claim claimed = {0};
    int64_t freed;

    if (claim_begin(steps, chunk, &claimed, err) != 0)
        return -1;
    send_numbers(
        &n,
        (int64_t[]){steps->work->run_id, chunk->id, 0, 0, result->tries, steps->work->attempt, steps->worker},
        7);
    if (strcmp(claimed.state, "marked") == 0 &&
        send_affecting(steps, STATEMENT_RELEASE_OWN, chunk, n.values, &freed, err) != 0)
        return -1;
    if (claim_is_open(&claimed)) {
        n.values[2] = cause->sqlstate;
        n.values[3] = cause->text;
        if (send_statement(steps, STATEMENT_FAIL, chunk, n.values, NULL, err) != 0)
            return -1;
    }
    if (connection_commit(steps->connection, err) != 0)
        return -1;
    bool is_failed = claim_is_open(&claimed) || strcmp(claimed.state, "failed") == 0;
    enum cycle_outcome outcome = is_failed ? CYCLE_FAILED : claim_outcome(&claimed);
    result->outcome = (int32_t)outcome;
    return 0;
}

int steps_give_back(struct steps *steps, const struct chunk *chunk, struct error *err)
{
    const struct chunk none = {0};
    struct send_numbers n;

    send_numbers(
        &n,
        (int64_t[]){steps->work->run_id, steps->work->attempt, steps->worker, chunk == NULL ? 0 : chunk->id},
        4);
    if (chunk == NULL)
        n.values[3] = NULL;
    return send_statement(steps, STATEMENT_GIVE_BACK, &none, n.values, NULL, err);
}

int steps_count_try(struct steps *steps, const struct chunk *chunk, struct error *err)
{
    struct send_numbers n;

    send_numbers(&n, (int64_t[]){steps->work->run_id, chunk->id, steps->work->attempt}, 3);
    return send_statement(steps, STATEMENT_COUNT_TRY, chunk, n.values, NULL, err);
}

int steps_count_crash(struct steps *steps, const struct chunk *chunk, int *crashes, struct error *err)
{
    struct send_numbers n;
    struct rows *rows = NULL;

    send_numbers(&n, (int64_t[]){steps->work->run_id, chunk->id, steps->work->attempt}, 3);
    if (send_statement(steps, STATEMENT_COUNT_CRASH, chunk, n.values, &rows, err) != 0)
        return -1;
    *crashes = rows_count(rows) == 1 ? (int)rows_int64(rows, 0, 0) : 0;
    rows_free(rows);
    return 0;
}

int steps_unmark(struct steps *steps, const struct chunk *chunk, int64_t *freed, struct error *err)
{
    struct send_numbers n;
    struct claim claimed = {0};

    if (claim_begin(steps, chunk, &claimed, err) != 0)
        return -1;
    send_numbers(&n, (int64_t[]){steps->work->run_id, chunk->id}, 2);
    if (strcmp(claimed.state, "marked") == 0 &&
        (send_affecting(steps, STATEMENT_RELEASE_OWN, chunk, n.values, freed, err) != 0 ||
         send_statement(steps, STATEMENT_UNMARK, chunk, n.values, NULL, err) != 0))
        return -1;
    return connection_commit(steps->connection, err);
}
