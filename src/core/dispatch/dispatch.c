/* The queues of chunks. Every chunk is a slot in exactly one list at a time: in a queue while it
 * waits, in its worker's list while it is in flight, in none once it is done or failed. So every
 * event costs O(1), and a lost worker as many steps as it held chunks. Chunks are found by id
 * through a hash table, because ids may start anywhere after a resume. */
#include "core/dispatch/dispatch_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void dispatch_list_push(struct dispatch *d, struct list *list, int64_t i)
{
    struct slot *slot = &d->slots[i];

    slot->list = list;
    slot->next = NO_SLOT;
    slot->previous = list->last;
    if (list->last == NO_SLOT)
        list->first = i;
    else
        d->slots[list->last].next = i;
    list->last = i;
    list->count++;
}

void dispatch_list_remove(struct dispatch *d, int64_t i)
{
    struct slot *slot = &d->slots[i];
    struct list *list = slot->list;

    if (slot->previous == NO_SLOT)
        list->first = slot->next;
    else
        d->slots[slot->previous].next = slot->next;
    if (slot->next == NO_SLOT)
        list->last = slot->previous;
    else
        d->slots[slot->next].previous = slot->previous;
    slot->list = NULL;
    list->count--;
}

struct dispatch *dispatch_new(const struct dispatch_options *options)
{
    static const struct list empty = {NO_SLOT, NO_SLOT, 0};
    struct dispatch *d = memory_zero(1, sizeof *d);

    assert(options->workers >= 1);
    d->options = *options;
    d->workers = memory_zero((size_t)options->workers, sizeof *d->workers);
    for (int w = 0; w < options->workers; w++)
        d->workers[w].assigned = d->workers[w].held = empty;
    d->fresh = d->back = d->busy = d->second = d->suspects = empty;
    d->alone = NO_SLOT;
    d->limit = options->workers;
    return d;
}

void dispatch_free(struct dispatch *d)
{
    if (d == NULL)
        return;
    free(d->workers);
    free(d->slots);
    id_map_free(&d->index);
    free(d);
}

void dispatch_add(struct dispatch *d, int64_t chunk_id, int64_t rows, bool second_pass)
{
    if (d->slot_count == d->slot_capacity) {
        d->slot_capacity = d->slot_capacity == 0 ? 64 : d->slot_capacity * 2;
        d->slots = memory_grow(d->slots, (size_t)d->slot_capacity, sizeof *d->slots);
    }
    id_map_add(&d->index, chunk_id, d->slot_count);
    d->slots[d->slot_count] =
        (struct slot){.id = chunk_id, .rows = rows, .worker = NOBODY, .second_pass = second_pass};
    dispatch_list_push(d, second_pass ? &d->second : &d->fresh, d->slot_count);
    d->slot_count++;
    d->counts.waiting++;
    d->counts.rows_total += rows;
}

void dispatch_suspect(struct dispatch *d, int64_t chunk_id)
{
    int64_t i = id_map_find(&d->index, chunk_id);

    assert(i != NO_SLOT && d->slots[i].state == SLOT_WAITING);
    dispatch_list_remove(d, i);
    dispatch_list_push(d, &d->suspects, i);
    d->slots[i].suspect = true;
    d->suspect_count++;
}

void dispatch_add_part(struct dispatch *d, int64_t parent_id, int64_t chunk_id, int64_t rows)
{
    int64_t parent = id_map_find(&d->index, parent_id);
    bool is_suspect = parent != NO_SLOT && d->slots[parent].suspect;

    dispatch_add(d, chunk_id, rows, parent != NO_SLOT && d->slots[parent].second_pass);
    if (is_suspect)
        dispatch_suspect(d, chunk_id);
}

void dispatch_grow(struct dispatch *d, bool growing)
{
    d->growing = growing;
}

void dispatch_limit(struct dispatch *d, int workers)
{
    assert(workers >= 1);
    d->limit = workers;
}

/* The slot that a worker would get now, or NO_SLOT. */
static int64_t choose(const struct dispatch *d, int worker, int64_t now_ns)
{
    bool is_static = d->options.schedule == DISPATCH_STATIC;
    int64_t busy = d->busy.first;

    if (is_static && !d->assigned)
        return NO_SLOT;
    if (is_static && d->workers[worker].assigned.first != NO_SLOT)
        return d->workers[worker].assigned.first;
    if (d->fresh.first != NO_SLOT)
        return d->fresh.first;
    if (d->back.first != NO_SLOT)
        return d->back.first;
    if (busy != NO_SLOT && d->slots[busy].due_ns <= now_ns)
        return busy;
    if (d->growing)
        return NO_SLOT;
    if (d->second.first != NO_SLOT)
        return d->second.first;
    int64_t suspect = d->suspects.first;
    bool is_last = d->counts.waiting == d->suspect_count && d->counts.handed == 0;
    return is_last && suspect != NO_SLOT && d->slots[suspect].due_ns <= now_ns ? suspect : NO_SLOT;
}

static bool is_at_limit(const struct dispatch *d)
{
    return d->options.max_chunks > 0 && d->taken >= d->options.max_chunks;
}

/* Nothing will be handed out any more, whatever becomes of what is handed out now. */
static bool is_closed(const struct dispatch *d)
{
    return d->draining || dispatch_has_too_many_failures(d) || dispatch_is_finished(d) ||
           (is_at_limit(d) && d->counts.handed == 0);
}

/* Whether there is a reason to give this worker nothing, whatever waits. */
static bool must_wait(const struct dispatch *d, int worker)
{
    bool is_holder = d->workers[worker].held.first != NO_SLOT;
    int others = d->holders - (is_holder ? 1 : 0);

    return is_at_limit(d) || d->alone != NO_SLOT || others >= d->limit;
}

static void hold(struct dispatch *d, int worker, int64_t i)
{
    struct list *held = &d->workers[worker].held;

    if (d->slots[i].list == &d->suspects) {
        d->suspect_count--;
        d->alone = i;
    }
    d->holders += held->first == NO_SLOT ? 1 : 0;
    dispatch_list_remove(d, i);
    dispatch_list_push(d, held, i);
}

/* Takes the chunk from its worker. */
static void let_go(struct dispatch *d, int64_t i)
{
    const struct list *held = d->slots[i].list;

    dispatch_list_remove(d, i);
    d->holders -= held->first == NO_SLOT ? 1 : 0;
    d->counts.handed--;
    if (d->alone == i)
        d->alone = NO_SLOT;
}

enum dispatch_answer dispatch_next(struct dispatch *d, int worker, int64_t now_ns,
                                   int64_t *chunk_id)
{
    assert(worker >= 0 && worker < d->options.workers);
    if (is_closed(d))
        return DISPATCH_STOP;
    int64_t i = must_wait(d, worker) ? NO_SLOT : choose(d, worker, now_ns);
    if (i == NO_SLOT)
        return DISPATCH_WAIT;
    hold(d, worker, i);
    d->slots[i].state = SLOT_HANDED;
    d->slots[i].worker = worker;
    d->counts.waiting--;
    d->counts.handed++;
    d->taken++;
    *chunk_id = d->slots[i].id;
    return DISPATCH_CHUNK;
}

/* Waits again, in this queue; a suspect stays one. */
static void come_back(struct dispatch *d, int64_t i, struct list *queue)
{
    struct slot *slot = &d->slots[i];

    slot->state = SLOT_WAITING;
    slot->worker = NOBODY;
    dispatch_list_push(d, slot->suspect ? &d->suspects : queue, i);
    d->suspect_count += slot->suspect ? 1 : 0;
    d->counts.waiting++;
}

void dispatch_done(struct dispatch *d, int worker, const struct cycle_result *result,
                   int64_t now_ns)
{
    int64_t i = id_map_find(&d->index, result->chunk_id);

    /* a late answer of a worker that was given up: another worker has the chunk, and the ledger
     * knows */
    if (i == NO_SLOT || d->slots[i].state != SLOT_HANDED || d->slots[i].worker != worker)
        return;
    struct slot *slot = &d->slots[i];
    let_go(d, i);
    switch ((enum cycle_outcome)result->outcome) {
    case CYCLE_PUT_BACK:
        if (!slot->second_pass) {
            slot->second_pass = true;
            come_back(d, i, &d->second);
            return;
        }
        break; /* there is no third pass: what is left then stays marked elsewhere */
    case CYCLE_BUSY:
    case CYCLE_CANCELLED:
        d->taken--;
        slot->due_ns = now_ns + d->options.busy_delay_ns;
        come_back(d, i, &d->busy);
        return;
    case CYCLE_SUSPECT:
        slot->suspect = true;
        d->taken--;
        come_back(d, i, &d->suspects);
        return;
    case CYCLE_STOPPED:
        d->taken--;
        come_back(d, i, &d->back);
        return;
    case CYCLE_FAILED:
        slot->state = SLOT_FAILED;
        d->counts.failed++;
        return;
    case CYCLE_SPLIT:
        slot->state = SLOT_SPLIT;
        d->taken--; /* its parts count */
        d->counts.rows_total -= slot->rows;
        return;
    case CYCLE_DONE:
    case CYCLE_SKIPPED:
        break;
    }
    slot->state = SLOT_DONE;
    d->counts.done++;
    d->counts.rows_done += slot->rows;
}

void dispatch_lost(struct dispatch *d, int worker)
{
    struct worker *lost = &d->workers[worker];

    while (lost->held.first != NO_SLOT) {
        int64_t i = lost->held.first;
        let_go(d, i);
        d->taken--;
        come_back(d, i, &d->back);
    }
    while (lost->assigned.first != NO_SLOT) {
        int64_t i = lost->assigned.first;
        dispatch_list_remove(d, i);
        dispatch_list_push(d, &d->back, i);
    }
}

void dispatch_drain(struct dispatch *d)
{
    d->draining = true;
}

bool dispatch_is_draining(const struct dispatch *d)
{
    return d->draining;
}

bool dispatch_is_idle(const struct dispatch *d)
{
    return d->counts.handed == 0 && is_closed(d);
}

bool dispatch_is_finished(const struct dispatch *d)
{
    return d->counts.waiting == 0 && d->counts.handed == 0 && !d->growing;
}

bool dispatch_has_too_many_failures(const struct dispatch *d)
{
    return d->counts.failed > d->options.max_failed_chunks;
}

struct dispatch_counts dispatch_counts(const struct dispatch *d)
{
    return d->counts;
}

int64_t dispatch_held(const struct dispatch *d, int worker)
{
    return d->workers[worker].held.count;
}

bool dispatch_may_queue(const struct dispatch *d, int64_t held)
{
    return held == 0 || d->counts.waiting >= (held - 1) * d->options.workers;
}
