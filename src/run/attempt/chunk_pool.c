/* One block of messages, and an index in the order of ids: some hundred bytes for each chunk. */
#include "run/attempt/chunk_pool.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/protocol/message.h"

struct chunk_pool {
    struct text messages;
    struct chunk_pool_item *items;
    int64_t count, capacity;
    bool has_marked;
};

struct chunk_pool *chunk_pool_new(void)
{
    return memory_zero(1, sizeof(struct chunk_pool));
}

void chunk_pool_free(struct chunk_pool *pool)
{
    if (pool == NULL)
        return;
    text_free(&pool->messages);
    free(pool->items);
    free(pool);
}

/* Where the id belongs: behind all smaller ones. */
static int64_t place_of(const struct chunk_pool *pool, int64_t id)
{
    int64_t place = pool->count;

    while (place > 0 && pool->items[place - 1].id >= id)
        place--;
    return place;
}

int chunk_pool_add(void *context, const struct chunk_store_entry *entry, struct error *err)
{
    struct chunk_pool *pool = context;
    const struct chunk *chunk = &entry->chunk;
    size_t at = pool->messages.bytes;
    int64_t place = place_of(pool, chunk->id);

    if (place < pool->count && pool->items[place].id == chunk->id)
        return error_set(err, ERROR_BUG, "chunk %" PRId64 " is there twice", chunk->id);
    if (pool->count == pool->capacity) {
        pool->capacity = pool->capacity == 0 ? 64 : pool->capacity * 2;
        pool->items = memory_grow(pool->items, (size_t)pool->capacity, sizeof *pool->items);
    }
    message_pack_chunk(&pool->messages, chunk);
    memmove(&pool->items[place + 1], &pool->items[place],
            (size_t)(pool->count++ - place) * sizeof *pool->items);
    pool->items[place] = (struct chunk_pool_item){
        .id = chunk->id,
        .rows = chunk->rows,
        .is_marked = entry->state == CHUNK_STATE_MARKED,
        .is_second_pass = entry->is_second_pass,
        .crashes = entry->crashes,
        .at = at,
        .bytes = pool->messages.bytes - at,
    };
    pool->has_marked = pool->has_marked || entry->state == CHUNK_STATE_MARKED;
    return 0;
}

int64_t chunk_pool_count(const struct chunk_pool *pool)
{
    return pool->count;
}

const struct chunk_pool_item *chunk_pool_item(const struct chunk_pool *pool, int64_t index)
{
    assert(index >= 0 && index < pool->count);
    return &pool->items[index];
}

static int by_id(const void *wanted, const void *item)
{
    int64_t id = *(const int64_t *)wanted;
    int64_t other = ((const struct chunk_pool_item *)item)->id;

    return (id > other) - (id < other);
}

const struct chunk_pool_item *chunk_pool_find(const struct chunk_pool *pool, int64_t id)
{
    if (pool->count == 0)
        return NULL;
    return bsearch(&id, pool->items, (size_t)pool->count, sizeof *pool->items, by_id);
}

bool chunk_pool_has_marked(const struct chunk_pool *pool)
{
    return pool->has_marked;
}

void chunk_pool_message(const struct chunk_pool *pool, int64_t id, struct text *out)
{
    const struct chunk_pool_item *item = chunk_pool_find(pool, id);

    assert(item != NULL);
    text_add_bytes(out, pool->messages.data + item->at, item->bytes);
}
