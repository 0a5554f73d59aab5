/* Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4), which spreads dense ids
 * evenly. */
#include "core/dispatch/id_map.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

enum { CAPACITY = 64, NOT_THERE = -1 };

struct id_place {
    int64_t id;
    int64_t position; /* NOT_THERE: free */
};

/* The id's place, or the free one where it belongs. */
static struct id_place *place_of(const struct id_map *index, int64_t id)
{
    uint64_t mask = (uint64_t)index->capacity - 1;
    uint64_t at = ((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 32) & mask;

    while (index->places[at].position != NOT_THERE && index->places[at].id != id)
        at = (at + 1) & mask;
    return &index->places[at];
}

static void grow(struct id_map *index)
{
    struct id_map old = *index;

    index->capacity = old.capacity == 0 ? CAPACITY : old.capacity * 2;
    index->places = memory_zero((size_t)index->capacity, sizeof *index->places);
    for (int64_t i = 0; i < index->capacity; i++)
        index->places[i].position = NOT_THERE;
    for (int64_t i = 0; i < old.capacity; i++)
        if (old.places[i].position != NOT_THERE)
            *place_of(index, old.places[i].id) = old.places[i];
    free(old.places);
}

void id_map_add(struct id_map *index, int64_t id, int64_t position)
{
    if (2 * (index->count + 1) > index->capacity)
        grow(index);
    struct id_place *place = place_of(index, id);
    assert(place->position == NOT_THERE);
    *place = (struct id_place){id, position};
    index->count++;
}

int64_t id_map_find(const struct id_map *index, int64_t id)
{
    return index->count == 0 ? NOT_THERE : place_of(index, id)->position;
}

void id_map_free(struct id_map *index)
{
    free(index->places);
    *index = (struct id_map){0};
}
