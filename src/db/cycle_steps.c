/* Fence, claim, mark; fence, claim, update, count, release, done: each step a statement of its own, in this
 * order. */
#include "db/cycle_steps.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hook.h"
#include "core/retry.h"
#include "db/cycle_send.h"
#include "db/settle.h"
#include "sql_statements.h"

bool steps_is_open(const struct steps_claim *claimed)
{
    return strcmp(claimed->state, "planned") == 0 || strcmp(claimed->state, "marked") == 0;
}

enum cycle_outcome steps_outcome(const struct steps_claim *claimed)
{
    return strcmp(claimed->state, "split") == 0 ? CYCLE_SPLIT : CYCLE_SKIPPED;
}

static int fence(struct steps *steps, const struct chunk *chunk, struct error *err)
{
    struct send_numbers n;
    struct rows *rows = NULL;

    send_numbers(&n, (int64_t[]){steps->work->run_id, steps->work->attempt}, 2);
    if (send_statement(steps, STATEMENT_FENCE, chunk, n.values, &rows, err) != 0)
        return -1;
    int64_t found = rows_count(rows);
    rows_free(rows);
    if (found == 0)
        return error_set(err, ERROR_LIVE,
                         "attempt %" PRId32
                         " is over: a newer attempt has taken over the run, or the run has ended",
                         steps->work->attempt);
    return 0;
}

static int claim(struct steps *steps, const struct chunk *chunk, struct steps_claim *claimed,
                 struct error *err)
{
    struct send_numbers n;
    struct rows *rows = NULL;

    send_numbers(&n, (int64_t[]){steps->work->run_id, chunk->id}, 2);
    if (send_statement(steps, STATEMENT_CLAIM, chunk, n.values, &rows, err) != 0)
        return -1;
    if (rows_count(rows) != 1) {
        rows_free(rows);
        return error_set(err, ERROR_FATAL,
                         "chunk %" PRId64 " is not in the ledger; somebody has changed it by hand",
                         chunk->id);
    }
    snprintf(claimed->state, sizeof claimed->state, "%s", rows_text(rows, 0, 0));
    claimed->pass = (int)rows_int64(rows, 0, 1);
    snprintf(claimed->mark_xid, sizeof claimed->mark_xid, "%s", rows_text(rows, 0, 2));
    claimed->own_rows = rows_int64(rows, 0, 3);
    steps->crashes = (int)rows_int64(rows, 0, 4);
    steps->tries = (int)rows_int64(rows, 0, 5);
    rows_free(rows);
    steps->is_claimed = true;
    return 0;
}

/* how: NULL: the usual one. */
static int begin(struct steps *steps, const struct chunk *chunk, const struct sql *how,
                 struct steps_claim *claimed, struct error *err)
{
    steps->is_claimed = false;
    if (how != NULL ? connection_script(steps->connection, how, err) != 0
                    : connection_begin(steps->connection, err) != 0)
        return -1;
    if (fence(steps, chunk, err) != 0)
        return -1;
    return claim(steps, chunk, claimed, err);
}

int steps_begin(struct steps *steps, const struct chunk *chunk, struct steps_claim *claimed,
                struct error *err)
{
    return begin(steps, chunk, NULL, claimed, err);
}

/* For the cycle proper: not with a chunk that has killed once too often, the last time alone. */
static int begin_cycle(struct steps *steps, const struct chunk *chunk, const struct sql *how,
                       struct steps_claim *claimed, struct error *err)
{
    if (begin(steps, chunk, how, claimed, err) != 0)
        return -1;
    if (steps->crashes <= steps->work->suspect_after || !steps_is_open(claimed))
        return 0;
    return error_sql(
        err, ERROR_SERVER, RETRY_KILLER,
        "its rank or session has died %d times with this chunk in hand, the last time with nothing else "
        "at work; try the update on its rows by hand",
        steps->crashes);
}

/* T1, where the chunk is planned. *claimed tells the state that it was found in. */
static int mark(struct steps *steps, const struct chunk *chunk, struct steps_claim *claimed,
                struct cycle_result *result, struct error *err)
{
    struct send_numbers n;
    struct rows *rows = NULL;
    int64_t began_ns = clock_now_ns();

    hook_at("before_mark");
    if (begin_cycle(steps, chunk, &sql_begin_mark, claimed, err) != 0)
        return -1;
    if (strcmp(claimed->state, "planned") != 0) {
        connection_rollback(steps->connection);
        result->rows_marked = claimed->own_rows; /* marked by a former try, or a former attempt */
        return 0;
    }
    send_numbers(&n, (int64_t[]){steps->work->run_id, chunk->id, steps->work->attempt, steps->worker}, 4);
    enum statement statement = claimed->pass == 1 ? STATEMENT_MARK : STATEMENT_MARK_AGAIN;
    if (send_statement(steps, statement, chunk, n.values, &rows, err) != 0)
        return -1;
    result->rows_marked = rows_count(rows) == 1 ? rows_int64(rows, 0, 0) : 0;
    rows_free(rows);
    hook_at("marked");
    if (connection_commit(steps->connection, err) != 0)
        return -1;
    hook_at("mark_committed");
    result->mark_ns += clock_now_ns() - began_ns;
    return 0;
}

static int finish(struct steps *steps, const struct chunk *chunk, const struct settled *settled, int tries,
                  struct cycle_result *result, struct error *err)
{
    struct send_numbers n;
    struct rows *rows = NULL;

    send_numbers(&n,
                 (int64_t[]){steps->work->run_id, chunk->id, settled->updated, settled->released,
                             settled->lost, tries, steps->work->attempt, steps->worker},
                 8);
    if (send_statement(steps, STATEMENT_FINISH, chunk, n.values, &rows, err) != 0)
        return -1;
    result->rows_elsewhere = rows_count(rows) == 1 ? rows_int64(rows, 0, 0) : 0;
    rows_free(rows);
    result->outcome = CYCLE_DONE;
    return 0;
}

static int put_back(struct steps *steps, const struct chunk *chunk, const struct settled *settled, int tries,
                    struct cycle_result *result, struct error *err)
{
    struct send_numbers n;

    send_numbers(&n,
                 (int64_t[]){steps->work->run_id, chunk->id, settled->updated, settled->released,
                             settled->lost, tries},
                 6);
    if (send_statement(steps, STATEMENT_PUT_BACK, chunk, n.values, NULL, err) != 0)
        return -1;
    result->outcome = CYCLE_PUT_BACK;
    return 0;
}

static int commit_result(struct steps *steps, const struct settled *settled, int64_t began_ns,
                         struct cycle_result *result, struct error *err)
{
    hook_at("finished");
    if (connection_commit(steps->connection, err) != 0)
        return -1;
    hook_at("finish_committed");
    result->rows_updated += settled->updated;
    result->rows_released += settled->released;
    result->rows_lost += settled->lost;
    result->update_ns += clock_now_ns() - began_ns;
    return 0;
}

/* T2, where the chunk is marked. */
static int update_marked(struct steps *steps, const struct chunk *chunk, int tries,
                         struct steps_claim *claimed, struct cycle_result *result, struct error *err)
{
    struct settled settled = {0};
    int64_t began_ns = clock_now_ns();

    if (begin_cycle(steps, chunk, NULL, claimed, err) != 0)
        return -1;
    if (strcmp(claimed->state, "marked") != 0) {
        connection_rollback(steps->connection);
        return 0;
    }
    if (settle_marked(steps, chunk, claimed, &settled, err) != 0)
        return -1;
    bool once_more = settled.others > 0 && claimed->pass == 1;
    if (once_more ? put_back(steps, chunk, &settled, tries, result, err) != 0
                  : finish(steps, chunk, &settled, tries, result, err) != 0)
        return -1;
    return commit_result(steps, &settled, began_ns, result, err);
}

/* The whole cycle without a flag: one transaction. */
static int update_planned(struct steps *steps, const struct chunk *chunk, int tries,
                          struct cycle_result *result, struct error *err)
{
    struct steps_claim claimed = {0};
    struct settled settled = {0};
    int64_t began_ns = clock_now_ns();

    hook_at("before_update");
    if (begin_cycle(steps, chunk, NULL, &claimed, err) != 0)
        return -1;
    if (strcmp(claimed.state, "planned") != 0) {
        connection_rollback(steps->connection);
        result->outcome = (int32_t)steps_outcome(&claimed);
        return 0;
    }
    if (send_affecting(steps, STATEMENT_UPDATE, chunk, NULL, &settled.updated, err) != 0)
        return -1;
    hook_at("updated");
    if (finish(steps, chunk, &settled, tries, result, err) != 0)
        return -1;
    return commit_result(steps, &settled, began_ns, result, err);
}

/* Before anything else, and for all to see. */
static int take_in_hand(struct steps *steps, const struct chunk *chunk, struct error *err)
{
    struct send_numbers n;

    steps->is_claimed = false;
    send_numbers(&n, (int64_t[]){steps->work->run_id, chunk->id, steps->work->attempt, steps->worker}, 4);
    return send_statement(steps, STATEMENT_TAKE_IN_HAND, chunk, n.values, NULL, err);
}

int steps_mark(struct steps *steps, const struct chunk *chunk, struct cycle_result *result, struct error *err)
{
    struct steps_claim claimed = {0};

    return take_in_hand(steps, chunk, err) != 0 ? -1 : mark(steps, chunk, &claimed, result, err);
}

int steps_cycle(struct steps *steps, const struct chunk *chunk, bool is_marked, struct cycle_result *result,
                struct error *err)
{
    struct steps_claim claimed = {0};

    if (!is_marked && take_in_hand(steps, chunk, err) != 0)
        return -1;
    if (!work_has_flag(steps->work))
        return update_planned(steps, chunk, result->tries, result, err);
    result->outcome = CYCLE_STOPPED;
    for (; result->outcome == CYCLE_STOPPED; is_marked = false) {
        if (!is_marked && mark(steps, chunk, &claimed, result, err) != 0)
            return -1;
        if (!is_marked && !steps_is_open(&claimed))
            result->outcome = (int32_t)steps_outcome(&claimed);
        else if (update_marked(steps, chunk, result->tries, &claimed, result, err) != 0)
            return -1;
    }
    return 0;
}

int steps_fail(struct steps *steps, const struct chunk *chunk, const struct error *cause,
               struct cycle_result *result, struct error *err)
{
    struct send_numbers n;
    struct steps_claim claimed = {0};
    int64_t freed;

    if (begin(steps, chunk, NULL, &claimed, err) != 0)
        return -1;
    send_numbers(
        &n,
        (int64_t[]){steps->work->run_id, chunk->id, 0, 0, result->tries, steps->work->attempt, steps->worker},
        7);
    if (strcmp(claimed.state, "marked") == 0 &&
        send_affecting(steps, STATEMENT_RELEASE_OWN, chunk, n.values, &freed, err) != 0)
        return -1;
    if (strcmp(claimed.state, "marked") == 0 || strcmp(claimed.state, "planned") == 0) {
        n.values[2] = cause->sqlstate;
        n.values[3] = cause->text;
        if (send_statement(steps, STATEMENT_FAIL, chunk, n.values, NULL, err) != 0)
            return -1;
    }
    if (connection_commit(steps->connection, err) != 0)
        return -1;
    bool is_failed = steps_is_open(&claimed) || strcmp(claimed.state, "failed") == 0;
    enum cycle_outcome outcome = is_failed ? CYCLE_FAILED : steps_outcome(&claimed);
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
    struct steps_claim claimed = {0};

    if (begin(steps, chunk, NULL, &claimed, err) != 0)
        return -1;
    send_numbers(&n, (int64_t[]){steps->work->run_id, chunk->id}, 2);
    if (strcmp(claimed.state, "marked") == 0 &&
        (send_affecting(steps, STATEMENT_RELEASE_OWN, chunk, n.values, freed, err) != 0 ||
         send_statement(steps, STATEMENT_UNMARK, chunk, n.values, NULL, err) != 0))
        return -1;
    return connection_commit(steps->connection, err);
}
