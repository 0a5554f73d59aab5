/* Orders a complete plan: large chunks before small ones and neighbours apart, or each chunk
 * assigned to a worker. */
#include <stdlib.h>

#include "base/memory.h"
#include "core/dispatch/dispatch_state.h"
#include "core/dispatch/lpt.h"
#include "core/plan/chunk.h"

enum {
    APART = 3,         /* of neighbours every third is done first */
    MOST_IN_FLIGHT = 8 /* chunks a worker, from its mark to its end, with some to spare */
};

/* The power of two below it. */
static int size_class(int64_t rows)
{
    int size = 0;

    while (rows > 1) {
        rows >>= 1;
        size++;
    }
    return size;
}

/* A chunk that waits. */
struct waiting {
    int64_t slot; /* slots are in plan order */
    int size;
};

static int by_size_and_plan(const void *left, const void *right)
{
    const struct waiting *a = left, *b = right;

    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return (a->slot > b->slot) - (a->slot < b->slot);
}

static struct waiting *take_all(struct dispatch *d, int64_t *count)
{
    struct waiting *all = memory_zero((size_t)d->counts.waiting + 1, sizeof *all);

    for (*count = 0; d->fresh.first != NO_SLOT; (*count)++) {
        int64_t i = d->fresh.first;
        all[*count] = (struct waiting){i, size_class(d->slots[i].rows)};
        dispatch_list_remove(d, i);
    }
    return all;
}

/* The first, fourth, seventh .. of them, then the second, fifth .., then the others. Small ones, of
 * which a page has the rows of many, one after the other, while their pages are in the cache. */
static void push(struct dispatch *d, const struct waiting *window, int64_t count)
{
    int apart = window->size < size_class(CHUNK_SMALL_ROWS) ? 1 : APART;

    for (int first = 0; first < apart; first++)
        for (int64_t n = first; n < count; n += apart)
            dispatch_list_push(d, &d->fresh, window[n].slot);
}

/* Chunks of like size stay in plan order, which is that of the key and perhaps of the disk, from
 * one window to the next. */
static void sort_by_size(struct dispatch *d)
{
    int64_t most = (int64_t)APART * MOST_IN_FLIGHT * d->options.workers, count;
    struct waiting *all = take_all(d, &count);

    qsort(all, (size_t)count, sizeof *all, by_size_and_plan);
    for (int64_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && to - from < most && all[to].size == all[from].size;)
            to++;
        push(d, &all[from], to - from);
    }
    free(all);
}

static void deal_out(struct dispatch *d)
{
    struct lpt_item *items = memory_zero((size_t)d->slot_count, sizeof *items);
    int64_t count = 0;

    d->assigned = true;
    for (int64_t i = d->fresh.first; i != NO_SLOT; i = d->slots[i].next)
        items[count++] = (struct lpt_item){.rows = d->slots[i].rows, .id = d->slots[i].id};
    lpt_assign(items, count, d->options.workers);
    for (int64_t n = 0; n < count; n++)
        d->slots[id_map_find(&d->index, items[n].id)].worker = items[n].worker;
    for (int64_t i = d->fresh.first, next; i != NO_SLOT; i = next) {
        next = d->slots[i].next;
        dispatch_list_remove(d, i);
        dispatch_list_push(d, &d->workers[d->slots[i].worker].assigned, i);
        d->slots[i].worker = NOBODY;
    }
    free(items);
}

void dispatch_arrange(struct dispatch *d)
{
    if (d->options.schedule == DISPATCH_STATIC)
        deal_out(d);
    else
        sort_by_size(d);
}
