/* Fence, claim, mark; fence, claim, update, count, release, done: each step a statement of its own, in this
 * order. */
#include "db/cycle_steps.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hook.h"
#include "db/cycle_send.h"
#include "sql_statements.h"

/* What the ledger says of a chunk, read FOR UPDATE. */
struct claim {
    char state[16];
    int pass;
    char mark_xid[16];
    int64_t own_rows; /* marked in this pass, to be settled by T2 */
};

/* How T2 settled the rows of one pass. */
struct settled {
    int64_t updated, released, lost, others;
};

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

static int claim(struct steps *steps, const struct chunk *chunk, struct claim *claimed, struct error *err)
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
    rows_free(rows);
    steps->is_claimed = true;
    return 0;
}

static int begin(struct steps *steps, const struct chunk *chunk, const struct sql *how, struct claim *claimed,
                 struct error *err)
{
    steps->is_claimed = false;
    if (how != NULL ? connection_script(steps->connection, how, err) != 0
                    : connection_begin(steps->connection, err) != 0)
        return -1;
    if (fence(steps, chunk, err) != 0)
        return -1;
    return claim(steps, chunk, claimed, err);
}

/* T1, where the chunk is planned. *claimed tells the state that it was found in. */
static int mark(struct steps *steps, const struct chunk *chunk, struct claim *claimed,
                struct cycle_result *result, struct error *err)
{
    struct send_numbers n;
    struct rows *rows = NULL;
    int64_t began_ns = clock_now_ns();

    hook_at("before_mark");
    if (begin(steps, chunk, &sql_begin_mark, claimed, err) != 0)
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

/* What one scan after the update saw, and released. */
struct left {
    int64_t untouched, written, others;
    int64_t flagged; /* of ours, with the flag still set */
    int64_t released;
};

static int settle_left(struct steps *steps, const struct chunk *chunk, const char *mark_xid,
                       struct left *left, struct error *err)
{
    struct rows *rows = NULL;

    if (send_statement(steps, STATEMENT_SETTLE_LEFT, chunk, &mark_xid, &rows, err) != 0)
        return -1;
    left->untouched = rows_int64(rows, 0, 0);
    left->written = rows_int64(rows, 0, 1);
    left->others = rows_int64(rows, 0, 2);
    left->flagged = rows_int64(rows, 0, 3);
    left->released = rows_int64(rows, 0, 4);
    rows_free(rows);
    return 0;
}

/* Somebody wrote to our rows, moved or deleted them: by row id, in the same transaction. */
static int settle_by_id(struct steps *steps, const struct chunk *chunk, const struct claim *claimed,
                        struct settled *settled, struct error *err)
{
    struct send_numbers n;
    struct rows *rows = NULL;
    struct left left;
    int64_t more = 0, freed = 0;

    send_numbers(&n, (int64_t[]){steps->work->run_id, chunk->id}, 2);
    if (send_statement(steps, STATEMENT_LOCK_OWN, chunk, n.values, &rows, err) != 0)
        return -1;
    int64_t present = rows_int64(rows, 0, 0);
    rows_free(rows);
    if (send_affecting(steps, STATEMENT_UPDATE_OWN, chunk, n.values, &more, err) != 0)
        return -1;
    if (send_affecting(steps, STATEMENT_RELEASE_OWN, chunk, n.values, &freed, err) != 0)
        return -1;
    if (settle_left(steps, chunk, claimed->mark_xid, &left, err) != 0)
        return -1;
    settled->updated += more;
    settled->lost = claimed->own_rows - present;
    settled->released = present - settled->updated;
    settled->others = left.others;
    return 0;
}

/* Updates the marked rows and frees what the update left. The sums decide whether anybody else was at our
 * rows. */
static int settle(struct steps *steps, const struct chunk *chunk, const struct claim *claimed,
                  struct settled *settled, struct error *err)
{
    struct left left;
    const char *mark_xid = claimed->mark_xid;

    if (send_affecting(steps, STATEMENT_UPDATE, chunk, &mark_xid, &settled->updated, err) != 0)
        return -1;
    hook_at("updated");
    if (settle_left(steps, chunk, mark_xid, &left, err) != 0)
        return -1;
    if (left.written != settled->updated || settled->updated + left.untouched != claimed->own_rows ||
        left.released != left.flagged)
        return settle_by_id(steps, chunk, claimed, settled, err);
    settled->released = left.untouched;
    settled->others = left.others;
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
static int update_marked(struct steps *steps, const struct chunk *chunk, int tries, struct claim *claimed,
                         struct cycle_result *result, struct error *err)
{
    struct settled settled = {0};
    int64_t began_ns = clock_now_ns();

    if (begin(steps, chunk, NULL, claimed, err) != 0)
        return -1;
    if (strcmp(claimed->state, "marked") != 0) {
        connection_rollback(steps->connection);
        return 0;
    }
    if (settle(steps, chunk, claimed, &settled, err) != 0)
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
    struct claim claimed = {0};
    struct settled settled = {0};
    int64_t began_ns = clock_now_ns();

    hook_at("before_update");
    if (begin(steps, chunk, NULL, &claimed, err) != 0)
        return -1;
    if (strcmp(claimed.state, "planned") != 0) {
        connection_rollback(steps->connection);
        result->outcome = CYCLE_SKIPPED;
        return 0;
    }
    if (send_affecting(steps, STATEMENT_UPDATE, chunk, NULL, &settled.updated, err) != 0)
        return -1;
    hook_at("updated");
    if (finish(steps, chunk, &settled, tries, result, err) != 0)
        return -1;
    return commit_result(steps, &settled, began_ns, result, err);
}

int steps_cycle(struct steps *steps, const struct chunk *chunk, int tries, struct cycle_result *result,
                struct error *err)
{
    struct claim claimed = {0};

    if (!work_has_flag(steps->work))
        return update_planned(steps, chunk, tries, result, err);
    result->outcome = CYCLE_STOPPED;
    while (result->outcome == CYCLE_STOPPED) {
        if (mark(steps, chunk, &claimed, result, err) != 0)
            return -1;
        if (strcmp(claimed.state, "planned") != 0 && strcmp(claimed.state, "marked") != 0)
            result->outcome = CYCLE_SKIPPED;
        else if (update_marked(steps, chunk, tries, &claimed, result, err) != 0)
            return -1;
    }
    return 0;
}

int steps_fail(struct steps *steps, const struct chunk *chunk, int tries, const struct error *cause,
               struct error *err)
{
    struct send_numbers n;
    struct claim claimed = {0};
    int64_t freed;

    if (begin(steps, chunk, NULL, &claimed, err) != 0)
        return -1;
    send_numbers(
        &n, (int64_t[]){steps->work->run_id, chunk->id, 0, 0, tries, steps->work->attempt, steps->worker}, 7);
    if (strcmp(claimed.state, "marked") == 0 &&
        send_affecting(steps, STATEMENT_RELEASE_OWN, chunk, n.values, &freed, err) != 0)
        return -1;
    if (strcmp(claimed.state, "marked") == 0 || strcmp(claimed.state, "planned") == 0) {
        n.values[2] = cause->sqlstate;
        n.values[3] = cause->text;
        if (send_statement(steps, STATEMENT_FAIL, chunk, n.values, NULL, err) != 0)
            return -1;
    }
    return connection_commit(steps->connection, err);
}

int steps_unmark(struct steps *steps, const struct chunk *chunk, int64_t *freed, struct error *err)
{
    struct send_numbers n;
    struct claim claimed = {0};

    if (begin(steps, chunk, NULL, &claimed, err) != 0)
        return -1;
    send_numbers(&n, (int64_t[]){steps->work->run_id, chunk->id}, 2);
    if (strcmp(claimed.state, "marked") == 0 &&
        (send_affecting(steps, STATEMENT_RELEASE_OWN, chunk, n.values, freed, err) != 0 ||
         send_statement(steps, STATEMENT_UNMARK, chunk, n.values, NULL, err) != 0))
        return -1;
    return connection_commit(steps->connection, err);
}
