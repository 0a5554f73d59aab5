/* The order of a plan that is whole: large chunks before small ones, or dealt out. */
#include <stdlib.h>

#include "base/memory.h"
#include "core/dispatch_state.h"
#include "core/lpt.h"

enum { SIZES = 64 };

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

/* Chunks of like size stay in plan order, which is that of the key, and perhaps of the disk. */
static void sort_by_size(struct dispatch *d)
{
    struct list sizes[SIZES];

    for (int i = 0; i < SIZES; i++)
        sizes[i] = (struct list){NO_SLOT, NO_SLOT};
    while (d->fresh.first != NO_SLOT) {
        int64_t i = d->fresh.first;
        dispatch_list_remove(d, i);
        dispatch_list_push(d, &sizes[size_class(d->slots[i].rows)], i);
    }
    for (int size = SIZES - 1; size >= 0; size--) {
        while (sizes[size].first != NO_SLOT) {
            int64_t i = sizes[size].first;
            dispatch_list_remove(d, i);
            dispatch_list_push(d, &d->fresh, i);
        }
    }
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
        d->slots[id_index_find(&d->index, items[n].id)].worker = items[n].worker;
    for (int64_t i = d->fresh.first, next; i != NO_SLOT; i = next) {
        next = d->slots[i].next;
        dispatch_list_remove(d, i);
        dispatch_list_push(d, &d->workers[d->slots[i].worker].share, i);
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
