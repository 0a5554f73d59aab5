/* Reads the server's counters of a table: updates, sizes, WAL. A session's counts come to them
 * late, at its end at the latest. Each function is one statement or more outside of a transaction.
 */
#ifndef CHUNKMILL_DB_STATS_COUNTERS_H
#define CHUNKMILL_DB_STATS_COUNTERS_H

#include <stdint.h>

#include "base/error.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

/* A reading: totals, of which differences mean something. */
struct counters {
    int64_t updates, hot_updates, dead_rows, table_bytes, index_bytes, wal_bytes;
    int64_t next_xid;
};

/* counters_read(c, work, counters, err): of the table and its partitions. */
int counters_read(struct connection *c, const struct work *work, struct counters *counters,
                  struct error *err);

/* counters_wait(c, work, before, updates, err): waits until the sessions of the run are gone and
 * the server's counters have come to so many updates since `before`, two seconds at most: they are
 * told late. */
int counters_wait(struct connection *c, const struct work *work, const struct counters *before,
                  int64_t updates, struct error *err);

/* How many of a table's updates were HOT, with those of its partitions: a hint for the report. They
 * come late, and count everybody's updates. */
struct counters_updates {
    int64_t all, hot; /* -1: not known */
};

/* counters_read_updates(c, table_oid, updates): -1 where they can't be had: then they are not
 * known. */
int counters_read_updates(struct connection *c, uint32_t table_oid,
                          struct counters_updates *updates);

/* counters_hot_share(before, after): of the updates between; < 0: there were none, or it is not
 * known. */
double counters_hot_share(const struct counters_updates *before,
                          const struct counters_updates *after);

#endif
