/* The open chunks of a run as rank 0 holds them while it hands them out: packed as they will
 * travel, in the order of ids, found by id. */
#ifndef CHUNKMILL_RUN_ATTEMPT_CHUNK_POOL_H
#define CHUNKMILL_RUN_ATTEMPT_CHUNK_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "db/plan/chunk_store.h"

struct chunk_pool;

struct chunk_pool_item {
    int64_t id, rows;
    bool is_marked, is_second_pass;
    int crashes;      /* how often a rank or session died with it in flight */
    size_t at, bytes; /* its message */
};

struct chunk_pool *chunk_pool_new(void);
void chunk_pool_free(struct chunk_pool *pool); /* takes NULL */

/* chunk_pool_add(pool, entry, err): a chunk_store_each. Ascending ids are cheap, others are put in
 * their place; BUG for one that is there already. */
int chunk_pool_add(void *pool, const struct chunk_store_entry *entry, struct error *err);

int64_t chunk_pool_count(const struct chunk_pool *pool);
const struct chunk_pool_item *chunk_pool_item(const struct chunk_pool *pool, int64_t index);
/* NULL: none of this id. */
const struct chunk_pool_item *chunk_pool_find(const struct chunk_pool *pool, int64_t id);
/* Whether a former attempt left chunks with marks in place. */
bool chunk_pool_has_marked(const struct chunk_pool *pool);

/* chunk_pool_message(pool, id, out): appends the chunk's message. The id is in pool. */
void chunk_pool_message(const struct chunk_pool *pool, int64_t id, struct text *out);

#endif
