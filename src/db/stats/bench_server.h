/* What `bench` asks of the server, and does to it, around the runs that it measures. Each function
 * is one statement or more outside of a transaction. */
#ifndef CHUNKMILL_DB_STATS_BENCH_SERVER_H
#define CHUNKMILL_DB_STATS_BENCH_SERVER_H

#include "base/error.h"
#include "core/bench/bench_gate.h"
#include "core/bench/bench_results.h"
#include "core/job/config.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"
#include "db/stats/counters.h"

/* bench_server_count_rows(c, work, before, count, err): scans the table. work has the run's window.
 */
int bench_server_count_rows(struct connection *c, const struct work *work,
                            const struct counters *before, struct bench_count *count,
                            struct error *err);

/* bench_server_settings(c, pairs, err): adds the server's settings that matter for writing. */
int bench_server_settings(struct connection *c, struct bench_pairs *pairs, struct error *err);

struct bench_server_table {
    int64_t table_bytes, index_bytes;
    int64_t estimated_rows; /* < 0: not known */
    char options[256];      /* "fillfactor=50" */
};
int bench_server_table(struct connection *c, const struct work *work,
                       struct bench_server_table *table, struct error *err);

/* bench_server_last_rate(c, work, rate, err): rows a second of the job's last whole run, by its
 * ledger, which is there; 0: it has had none. */
int bench_server_last_rate(struct connection *c, const struct work *work, double *rate,
                           struct error *err);

/* bench_server_lift_timeouts(c, err): no timeouts on this connection from now on: what surrounds
 * the runs may take long.
 */
int bench_server_lift_timeouts(struct connection *c, struct error *err);

/* bench_server_script(c, config, name, text, err): an SQL file of the job's owner: its {schemas}
 * expanded, statement by statement, each a transaction of its own unless the file says BEGIN: so
 * VACUUM may be in it.
 */
int bench_server_script(struct connection *c, const struct config *config, const char *name,
                        const char *text, struct error *err);

#endif
