/* Marks that outlived their worker. They are released by the row ids that the ledger holds.
 * Serves `abandon`, `release` and `status --rows`. */
#ifndef CHUNKMILL_DB_CYCLE_MARKS_H
#define CHUNKMILL_DB_CYCLE_MARKS_H

#include <stdint.h>

#include "base/error.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

/* marks_release(c, work, released, chunks, err): chunk by chunk, through the fence of
 * work->attempt: frees the marks whose row ids the ledger holds and sets their chunks to planned,
 * each in one transaction. Needs the run's lock and an attempt of its own. Without a flag: nothing
 * to do. */
int marks_release(struct connection *c, const struct work *work, int64_t *released, int64_t *chunks,
                  struct error *err);

/* Rows in scope and window, by flag and by what the ledger says; scans the table. */
struct marks_count {
    int64_t in_scope, ours, elsewhere; /* elsewhere: flagged, but in no chunk's row ids */
    int64_t done, pending;             /* by the ledger's chunks */
};
int marks_count(struct connection *c, const struct work *work, struct marks_count *count,
                struct error *err);

/* marks_release_foreign(c, work, released, err): the flagged rows of the scope that no chunk of an
 * unfinished run owns, in batches. */
int marks_release_foreign(struct connection *c, const struct work *work, int64_t *released,
                          struct error *err);

#endif
