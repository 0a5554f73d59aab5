/* What a sweep reads off the server around a repetition: sizes, counters, WAL, and a count of the rows that
 * asks nobody who took part. Each function is one statement or more outside of a transaction. */
#ifndef CHUNKMILL_DB_STATS_COUNTERS_H
#define CHUNKMILL_DB_STATS_COUNTERS_H

#include <stdint.h>

#include "base/error.h"
#include "core/bench/bench_gate.h"
#include "core/bench/bench_results.h"
#include "core/job/config.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

/* A reading: totals, of which differences mean something. */
struct gauge {
    int64_t updates, hot_updates, dead_rows, table_bytes, index_bytes, wal_bytes;
    int64_t next_xid;
};

/* gauge_read(c, work, gauge, err): of the table and its partitions. */
int gauge_read(struct connection *c, const struct work *work, struct gauge *gauge, struct error *err);

/* gauge_settle(c, work, before, updates, err): waits until the sessions of the run are gone and the server's
 * counters have come to so many updates since `before`, two seconds at most: they are told late. */
int gauge_settle(struct connection *c, const struct work *work, const struct gauge *before, int64_t updates,
                 struct error *err);

/* gauge_count(c, work, before, count, err): scans the table. work has the run's window. */
int gauge_count(struct connection *c, const struct work *work, const struct gauge *before,
                struct bench_count *count, struct error *err);

/* gauge_settings(c, pairs, err): adds the server's settings that matter for writing. */
int gauge_settings(struct connection *c, struct bench_pairs *pairs, struct error *err);

struct gauge_table {
    int64_t table_bytes, index_bytes;
    int64_t estimated_rows; /* < 0: not known */
    char options[256];      /* "fillfactor=50" */
};
int gauge_table(struct connection *c, const struct work *work, struct gauge_table *table, struct error *err);

/* gauge_last_rate(c, work, rate, err): rows a second of the job's last whole run, by its ledger, which is
 * there; 0: it has had none. */
int gauge_last_rate(struct connection *c, const struct work *work, double *rate, struct error *err);

/* gauge_take_time(c, err): no timeouts on this connection from now on: what surrounds the runs may take long.
 */
int gauge_take_time(struct connection *c, struct error *err);

/* gauge_script(c, config, name, text, err): an SQL file of the job's owner: its {schemas} expanded, statement
 * by statement, each a transaction of its own unless the file says BEGIN: so VACUUM may be in it. */
int gauge_script(struct connection *c, const struct config *config, const char *name, const char *text,
                 struct error *err);

#endif
