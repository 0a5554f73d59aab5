/* What a sweep reads off the server around a repetition: sizes, counters, WAL, and a count of the
 * rows that asks nobody who took part. Each function is one statement or more outside of a
 * transaction. */
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

/* counters_count_rows(c, work, before, count, err): scans the table. work has the run's window. */
int counters_count_rows(struct connection *c, const struct work *work,
                        const struct counters *before, struct bench_count *count,
                        struct error *err);

/* counters_settings(c, pairs, err): adds the server's settings that matter for writing. */
int counters_settings(struct connection *c, struct bench_pairs *pairs, struct error *err);

struct counters_table {
    int64_t table_bytes, index_bytes;
    int64_t estimated_rows; /* < 0: not known */
    char options[256];      /* "fillfactor=50" */
};
int counters_table(struct connection *c, const struct work *work, struct counters_table *table,
                   struct error *err);

/* counters_last_rate(c, work, rate, err): rows a second of the job's last whole run, by its ledger,
 * which is there; 0: it has had none. */
int counters_last_rate(struct connection *c, const struct work *work, double *rate,
                       struct error *err);

/* counters_lift_timeouts(c, err): no timeouts on this connection from now on: what surrounds the
 * runs may take long.
 */
int counters_lift_timeouts(struct connection *c, struct error *err);

/* counters_script(c, config, name, text, err): an SQL file of the job's owner: its {schemas}
 * expanded, statement by statement, each a transaction of its own unless the file says BEGIN: so
 * VACUUM may be in it.
 */
int counters_script(struct connection *c, const struct config *config, const char *name,
                    const char *text, struct error *err);

#endif
