/* How many of a table's updates were HOT, by the server's statistics: a hint for the report, no
 * more: they come late, and count everybody's updates. */
#ifndef CHUNKMILL_RUN_REPORT_HOT_H
#define CHUNKMILL_RUN_REPORT_HOT_H

#include <stdint.h>

#include "db/connection/connection.h"

struct hot {
    int64_t updates, hot_updates;
};

/* hot_read(c, table_oid, hot): of a table and its partitions; -1: not to be had. */
int hot_read(struct connection *c, uint32_t table_oid, struct hot *hot);

/* hot_share(before, after): of the updates between; < 0: there were none, or it is not known. */
double hot_share(const struct hot *before, const struct hot *after);

#endif
