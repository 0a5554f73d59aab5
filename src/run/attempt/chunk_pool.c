/* One block of messages, and an index in id order: some hundred bytes a chunk. */
#include "run/attempt/chunk_pool.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/protocol/message.h"

struct stock {
    struct text messages;
    struct stock_item *items;
    int64_t count, room;
    bool has_marked;
};

struct stock *stock_new(void)
{
    return memory_zero(1, sizeof(struct stock));
}

void stock_free(struct stock *stock)
{
    if (stock == NULL)
        return;
    text_free(&stock->messages);
    free(stock->items);
    free(stock);
}

/* Where the id belongs: behind all smaller ones. */
static int64_t place_of(const struct stock *stock, int64_t id)
{
    int64_t place = stock->count;

    while (place > 0 && stock->items[place - 1].id >= id)
        place--;
    return place;
}

int stock_add(void *context, const struct chunk_store_entry *entry, struct error *err)
{
    struct stock *stock = context;
    const struct chunk *chunk = &entry->chunk;
    size_t at = stock->messages.bytes;
    int64_t place = place_of(stock, chunk->id);

    if (place < stock->count && stock->items[place].id == chunk->id)
        return error_set(err, ERROR_BUG, "chunk %" PRId64 " is there twice", chunk->id);
    if (stock->count == stock->room) {
        stock->room = stock->room == 0 ? 64 : stock->room * 2;
        stock->items = memory_grow(stock->items, (size_t)stock->room, sizeof *stock->items);
    }
    message_pack_chunk(&stock->messages, chunk);
    memmove(&stock->items[place + 1], &stock->items[place],
            (size_t)(stock->count++ - place) * sizeof *stock->items);
    stock->items[place] = (struct stock_item){
        .id = chunk->id,
        .rows = chunk->rows,
        .is_marked = entry->is_marked,
        .is_second_pass = entry->is_second_pass,
        .crashes = entry->crashes,
        .at = at,
        .bytes = stock->messages.bytes - at,
    };
    stock->has_marked = stock->has_marked || entry->is_marked;
    return 0;
}

int64_t stock_count(const struct stock *stock)
{
    return stock->count;
}

const struct stock_item *stock_item(const struct stock *stock, int64_t index)
{
    assert(index >= 0 && index < stock->count);
    return &stock->items[index];
}

static int by_id(const void *wanted, const void *item)
{
    int64_t id = *(const int64_t *)wanted;
    int64_t other = ((const struct stock_item *)item)->id;

    return (id > other) - (id < other);
}

const struct stock_item *stock_find(const struct stock *stock, int64_t id)
{
    if (stock->count == 0)
        return NULL;
    return bsearch(&id, stock->items, (size_t)stock->count, sizeof *stock->items, by_id);
}

bool stock_has_marked(const struct stock *stock)
{
    return stock->has_marked;
}

void stock_message(const struct stock *stock, int64_t id, struct text *out)
{
    const struct stock_item *item = stock_find(stock, id);

    assert(item != NULL);
    text_add_bytes(out, stock->messages.data + item->at, item->bytes);
}
