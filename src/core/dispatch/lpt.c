/* Sorts the items, and keeps the workers in a heap with the least loaded on top. */
#include "core/dispatch/lpt.h"

#include <stdlib.h>

#include "base/memory.h"

struct loads {
    int64_t *rows; /* by worker */
    int *heap;
    int workers;
};

/* Larger first; the same size by id. */
static int by_size(const void *a, const void *b)
{
    const struct lpt_item *x = a;
    const struct lpt_item *y = b;

    if (x->rows != y->rows)
        return x->rows < y->rows ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Less loaded first; the same load by number. */
static int is_before(const struct loads *loads, int a, int b)
{
    return loads->rows[a] != loads->rows[b] ? loads->rows[a] < loads->rows[b] : a < b;
}

/* The worker at the top has more load now: sinks it to its place. */
static void sink_top(const struct loads *loads)
{
    int *heap = loads->heap;
    int at = 0;
    int moved = heap[0];

    for (;;) {
        int child = 2 * at + 1;
        if (child >= loads->workers)
            break;
        if (child + 1 < loads->workers && is_before(loads, heap[child + 1], heap[child]))
            child++;
        if (is_before(loads, moved, heap[child]))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

void lpt_assign(struct lpt_item *items, int64_t count, int workers)
{
    struct loads loads = {
        .rows = memory_zero((size_t)workers, sizeof *loads.rows),
        .heap = memory_zero((size_t)workers, sizeof *loads.heap),
        .workers = workers,
    };

    if (count > 0)
        qsort(items, (size_t)count, sizeof *items, by_size);
    for (int w = 0; w < workers; w++)
        loads.heap[w] = w; /* in order of number, so a heap already */
    for (int64_t i = 0; i < count; i++) {
        items[i].worker = loads.heap[0];
        loads.rows[loads.heap[0]] += items[i].rows;
        sink_top(&loads);
    }
    free(loads.rows);
    free(loads.heap);
}
