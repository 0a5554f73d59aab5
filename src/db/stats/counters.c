/* Waits until a session's counts have been flushed, and reads the server's counters. */
#include "db/stats/counters.h"

#include "base/clock.h"
#include "db/ledger/ledger_query.h"
#include "sql_statements.h"

#define SETTLE_NS (2 * NS_PER_S)
#define NAP_NS    (10 * NS_PER_MS)

int counters_read(struct connection *c, const struct work *work, struct counters *counters,
                  struct error *err)
{
    struct ledger_query_number oid = ledger_query_number(work->table_oid);
    const char *values[] = {oid.text};
    int64_t *const members[] = {&counters->updates,     &counters->hot_updates,
                                &counters->dead_rows,   &counters->table_bytes,
                                &counters->index_bytes, &counters->wal_bytes,
                                &counters->next_xid};
    struct rows *rows = NULL;

    if (connection_query(c, &sql_read_table, ledger_query_values(1, values), &rows, err) != 0)
        return -1;
    for (int i = 0; i < (int)(sizeof members / sizeof members[0]); i++)
        *members[i] = rows_int64(rows, 0, i);
    rows_free(rows);
    return 0;
}

static int count_sessions(struct connection *c, int64_t *sessions, struct error *err)
{
    struct rows *rows = NULL;

    if (connection_query(c, &sql_count_sessions, PARAMETERS_NONE, &rows, err) != 0)
        return -1;
    *sessions = rows_int64(rows, 0, 0);
    rows_free(rows);
    return 0;
}

int counters_wait(struct connection *c, const struct work *work, const struct counters *before,
                  int64_t updates, struct error *err)
{
    int64_t until_ns = clock_now_ns() + SETTLE_NS;
    struct counters now;
    int64_t sessions = 0;

    for (;;) {
        if (count_sessions(c, &sessions, err) != 0 || counters_read(c, work, &now, err) != 0)
            return -1;
        if ((sessions == 0 && now.updates - before->updates >= updates) ||
            clock_now_ns() > until_ns)
            return 0;
        clock_sleep_ns(NAP_NS);
    }
}

int counters_read_updates(struct connection *c, uint32_t table_oid,
                          struct counters_updates *updates)
{
    struct ledger_query_number oid = ledger_query_number(table_oid);
    const char *values[] = {oid.text};
    struct error ignored = ERROR_INIT;
    struct rows *rows = NULL;

    *updates = (struct counters_updates){-1, -1};
    if (connection_query(c, &sql_count_updates, ledger_query_values(1, values), &rows, &ignored) !=
        0)
        return -1;
    *updates = (struct counters_updates){rows_int64(rows, 0, 0), rows_int64(rows, 0, 1)};
    rows_free(rows);
    return 0;
}

double counters_hot_share(const struct counters_updates *before,
                          const struct counters_updates *after)
{
    int64_t updates = after->all - before->all;

    if (before->all < 0 || after->all < 0 || updates <= 0)
        return -1;
    return (double)(after->hot - before->hot) / (double)updates;
}
