/* The open chunks of a run as rank 0 holds them while it hands them out: packed as they will travel, in id
 * order, found by id. */
#ifndef CHUNKMILL_RUN_ATTEMPT_CHUNK_POOL_H
#define CHUNKMILL_RUN_ATTEMPT_CHUNK_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "db/plan/chunk_store.h"

struct stock;

struct stock_item {
    int64_t id, rows;
    bool is_marked, is_second_pass;
    int crashes;      /* how often a rank or session died with it in hand */
    size_t at, bytes; /* its message */
};

struct stock *stock_new(void);
void stock_free(struct stock *stock); /* takes NULL */

/* stock_add(stock, entry, err): a chunk_store_each. Ascending ids are cheap, others are put in their place;
 * BUG for one that is there already. */
int stock_add(void *stock, const struct chunk_store_entry *entry, struct error *err);

int64_t stock_count(const struct stock *stock);
const struct stock_item *stock_item(const struct stock *stock, int64_t index);
/* NULL: none of this id. */
const struct stock_item *stock_find(const struct stock *stock, int64_t id);
/* Whether a former attempt left chunks with marks in place. */
bool stock_has_marked(const struct stock *stock);

/* stock_message(stock, id, out): appends the chunk's message. The id is in stock. */
void stock_message(const struct stock *stock, int64_t id, struct text *out);

#endif
