/* Frees or counts the marks of dead workers, chunk by chunk, by the row ids in the ledger. */
#include "db/cycle/marks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "db/cycle/transaction.h"
#include "db/ledger/ledger_attempt.h"
#include "db/cycle/statement.h"
#include "db/ledger/ledger_query.h"
#include "db/ledger/ledger_run.h"
#include "sql_statements.h"

static int read_marked(struct connection *c, const struct work *work, int64_t **ids, int64_t *count,
                       struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id);
    const char *values[] = {run.text};
    struct rows *rows = NULL;

    if (ledger_query(c, work, &sql_read_marked, ledger_query_values(1, values), &rows, err) != 0)
        return -1;
    *count = rows_count(rows);
    *ids = memory_zero((size_t)*count, sizeof **ids);
    for (int64_t i = 0; i < *count; i++)
        (*ids)[i] = rows_int64(rows, i, 0);
    rows_free(rows);
    return 0;
}

int marks_release(struct connection *c, const struct work *work, int64_t *released, int64_t *chunks,
                  struct error *err)
{
    struct executor *executor = memory_zero(1, sizeof *executor);
    int64_t *ids = NULL;
    int64_t count = 0;
    int rc = 0;

    *released = 0;
    *chunks = 0;
    executor->work = work;
    executor->worker = LEDGER_CONTROL;
    executor->connection = c;
    if (work_has_flag(work))
        rc = read_marked(c, work, &ids, &count, err);
    for (int64_t i = 0; rc == 0 && i < count; i++) {
        struct chunk chunk = {.id = ids[i]};
        int64_t freed = 0;
        rc = transaction_unmark(executor, &chunk, &freed, err);
        if (rc != 0) {
            connection_rollback(c);
            error_context(err, "releasing the marks of chunk %" PRId64, ids[i]);
            break;
        }
        *released += freed;
        ++*chunks;
    }
    free(ids);
    executor_clear(executor);
    free(executor);
    return rc;
}

int marks_count(struct connection *c, const struct work *work, struct marks_count *count,
                struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id);
    const char *values[] = {run.text};
    struct report_ledger totals;
    struct rows *rows = NULL;
    bool has_flag = work_has_flag(work);
    const struct parameters p = {has_flag ? 1 : 0, values, NULL};

    memset(count, 0, sizeof *count);
    if (statement_query(c, work, has_flag ? &sql_count_marks : &sql_count_scope, p, &rows, err) !=
        0)
        return -1;
    count->in_scope = rows_int64(rows, 0, 0);
    if (has_flag) {
        count->ours = rows_named_int64(rows, 0, "ours");
        count->elsewhere = rows_named_int64(rows, 0, "elsewhere");
    }
    rows_free(rows);
    if (ledger_run_totals(c, work, &totals, err) != 0)
        return -1;
    count->done = totals.rows_updated + totals.rows_released;
    count->pending = totals.rows_left;
    return 0;
}

int marks_release_foreign(struct connection *c, const struct work *work, int64_t *released,
                          struct error *err)
{
    enum { BATCH_ROWS = 10000 };
    struct ledger_query_number oid = ledger_query_number(work->table_oid),
                               limit = ledger_query_number(BATCH_ROWS);
    const char *values[] = {limit.text, oid.text};
    int64_t freed;

    *released = 0;
    do {
        struct rows *rows = NULL;
        if (statement_query(c, work, &sql_release_foreign, (struct parameters){2, values, NULL},
                            &rows, err) != 0)
            return -1;
        freed = rows_affected(rows);
        rows_free(rows);
        *released += freed;
    } while (freed > 0);
    return 0;
}
