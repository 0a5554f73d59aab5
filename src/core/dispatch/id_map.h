/* A hash table from ids, which may start anywhere and have gaps, to positions. Nothing is ever
 * removed. */
#ifndef CHUNKMILL_CORE_DISPATCH_ID_MAP_H
#define CHUNKMILL_CORE_DISPATCH_ID_MAP_H

#include <stdint.h>

/* Starts zeroed, ends with id_map_free. */
struct id_map {
    struct id_place *places; /* open addressing, at most half full */
    int64_t capacity, count;
};

/* id_map_add(index, id, position): position >= 0; the id is new. O(1), amortised. */
void id_map_add(struct id_map *index, int64_t id, int64_t position);
/* -1: not there. */
int64_t id_map_find(const struct id_map *index, int64_t id);
void id_map_free(struct id_map *index);

#endif
