/* The plan in the ledger. Chunks are written in batches, each of which moves planned_to; open
 * chunks are read back. */
#ifndef CHUNKMILL_DB_PLAN_CHUNK_STORE_H
#define CHUNKMILL_DB_PLAN_CHUNK_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/plan/chunk.h"
#include "core/protocol/chunk_state.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

struct chunk_store; /* a writer of one plan */

/* chunk_store_new(work, planned_to, planned_chunks): goes on behind planned_to (copied; may be not
 * set). */
struct chunk_store *chunk_store_new(const struct work *work, const struct key *planned_to,
                                    int64_t planned_chunks);
void chunk_store_free(struct chunk_store *store);

/* chunk_store_add(store, chunk, may_end): into the batch, which is in memory until it is committed.
 * may_end: see partition_sink. */
void chunk_store_add(struct chunk_store *store, const struct chunk *chunk, bool may_end);
/* Whether there is a batch, and it may end where it does now. */
bool chunk_store_may_commit(const struct chunk_store *store);
/* chunk_store_commit(store, c, err): the batch: fence, compare-and-set of planned_to, COPY, COMMIT;
 * c is not in a transaction. With the first one the run's state becomes running, so its chunks may
 * be worked on while planning goes on. LIVE when another attempt has taken over. After a failure
 * the batch is as it was, may take more chunks, and may be committed again, on another connection,
 * too: if the answer to a COMMIT was lost, that is found out. Needs chunk_store_may_commit. */
int chunk_store_commit(struct chunk_store *store, struct connection *c, struct error *err);
/* chunk_store_end: the last batch, with which the plan is complete. */
int chunk_store_end(struct chunk_store *store, struct connection *c, struct error *err);

/* One chunk with its bounds. */
struct chunk_store_entry {
    struct chunk chunk;
    enum chunk_state state;
    bool is_second_pass;
    int crashes; /* how often a rank or session died with it in flight */
};
/* In id order; the entry is borrowed during the call. */
typedef int chunk_store_each(void *context, const struct chunk_store_entry *entry,
                             struct error *err);
int chunk_store_read_open(struct connection *c, const struct work *work, chunk_store_each *each,
                          void *context, struct error *err);
/* The open parts of a chunk that was split. */
int chunk_store_read_parts(struct connection *c, const struct work *work, int64_t parent_id,
                           chunk_store_each *each, void *context, struct error *err);
/* All chunks of the run, whatever their state. */
int chunk_store_read_all(struct connection *c, const struct work *work, chunk_store_each *each,
                         void *context, struct error *err);

#endif
