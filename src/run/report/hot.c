/* Two readings of pg_stat, and the share between them. */
#include "run/report/hot.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"

int hot_read(struct connection *c, uint32_t table_oid, struct hot *hot)
{
    static const struct sql read = {
        "counting the table's updates",
        "SELECT coalesce(sum(pg_stat_get_tuples_updated(t.relid)), 0)::bigint,"
        " coalesce(sum(pg_stat_get_tuples_hot_updated(t.relid)), 0)::bigint"
        " FROM (SELECT $1::oid AS relid UNION SELECT p.relid FROM pg_partition_tree($1::oid) AS p) "
        "AS t"};
    struct error ignored = ERROR_INIT;
    struct rows *rows = NULL;
    char oid[16];
    const char *values[] = {oid};

    *hot = (struct hot){-1, -1};
    snprintf(oid, sizeof oid, "%" PRIu32, table_oid);
    if (connection_query(c, &read, (struct parameters){1, values, NULL}, &rows, &ignored) != 0)
        return -1;
    *hot = (struct hot){rows_int64(rows, 0, 0), rows_int64(rows, 0, 1)};
    rows_free(rows);
    return 0;
}

double hot_share(const struct hot *before, const struct hot *after)
{
    int64_t updates = after->updates - before->updates;

    if (before->updates < 0 || after->updates < 0 || updates <= 0)
        return -1;
    return (double)(after->hot_updates - before->hot_updates) / (double)updates;
}
