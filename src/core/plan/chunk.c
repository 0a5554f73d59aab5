/* Copies of chunks and the names of their kinds. */
#include "core/plan/chunk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const char *const kinds[] = {"range", "slice", "nulls", "keys"};

const char *chunk_kind_name(enum chunk_kind kind)
{
    return kinds[kind];
}

int chunk_kind_parse(const char *name, enum chunk_kind *kind)
{
    for (int i = 0; i < (int)(sizeof kinds / sizeof kinds[0]); i++) {
        if (strcmp(name, kinds[i]) == 0) {
            *kind = (enum chunk_kind)i;
            return 0;
        }
    }
    return -1;
}

bool chunk_is_sampled(int64_t id, double share)
{
    return floor((double)id * share + 0.5) > floor((double)(id - 1) * share + 0.5);
}

void chunk_copy(struct chunk *to, const struct chunk *from)
{
    *to = *from;
    key_copy(&to->lower, &from->lower);
    key_copy(&to->upper, &from->upper);
    key_copy(&to->sets, &from->sets);
    to->row_lower = memory_copy_string(from->row_lower);
    to->row_upper = memory_copy_string(from->row_upper);
}

void chunk_clear(struct chunk *chunk)
{
    key_clear(&chunk->lower);
    key_clear(&chunk->upper);
    key_clear(&chunk->sets);
    free(chunk->row_lower);
    free(chunk->row_upper);
    memset(chunk, 0, sizeof *chunk);
}
