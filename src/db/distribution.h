/* The distribution: the stream of (key, rows), ordered by key; and planning: the stream through the
 * partitioner. Reads only. */
#ifndef CHUNKMILL_DB_DISTRIBUTION_H
#define CHUNKMILL_DB_DISTRIBUTION_H

#include <stdint.h>

#include "base/error.h"
#include "core/config.h"
#include "core/partition.h"
#include "core/work.h"
#include "db/connection.h"

struct distribution_totals {
    int64_t rows, keys, null_rows;
    int64_t distribution_ns; /* waiting for the server's stream */
};

/* distribution_plan(reader, slicer, config, work, after, next_id, sink, context, totals, quality, err):
 * streams the keys behind `after` on `reader`, in key order, through the partitioner into sink; then the NULL
 * keys. Oversized keys are sliced by queries on `slicer`, a second connection (the first is busy streaming).
 * Checked: the rows streamed equal the rows planned. progress (may be NULL) is called now and then with the
 * keys and rows so far. */
struct distribution_job {
    struct connection *reader;
    struct connection *slicer;
    const struct config *config;
    const struct work *work;
    const struct key *after; /* not set: from the start */
    int64_t next_id;
    partition_sink *sink;
    void *context;
    void (*progress)(int64_t keys, int64_t rows);
};
int distribution_plan(const struct distribution_job *job, struct distribution_totals *totals,
                      struct plan_quality *quality, struct error *err);

/* distribution_text(work, after, out): the query itself; after: with a lower bound as parameters. */
void distribution_text(const struct work *work, bool after, struct text *out);

#endif
