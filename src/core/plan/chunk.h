/* A chunk: the unit of work, of commit and of retry. Its bounds belong to its id for ever
 * (docs/PROTOCOL.md, "Chunks tile the key space"): what travels by MPI is what the ledger holds.
 * Chunks are named by id in everything that is printed, since bounds are keys and keys are private.
 */
#ifndef CHUNKMILL_CORE_PLAN_CHUNK_H
#define CHUNKMILL_CORE_PLAN_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/plan/key.h"

enum chunk_kind {
    CHUNK_RANGE, /* keys above lower (exclusive) up to upper (inclusive, or exclusive when
                    upper_open) */
    CHUNK_SLICE, /* rows of the one key `upper`, row ids above row_lower up to row_upper (inclusive)
                  */
    CHUNK_NULLS, /* rows with a NULL in the key, by row id as a slice */
    CHUNK_KEYS,  /* exactly the keys of sets */
};

struct chunk {
    int64_t id; /* 1, 2, .. within the run, in key order */
    enum chunk_kind kind;
    struct key lower; /* RANGE: not set means none */
    struct key upper; /* RANGE: not set means none; SLICE: the key */
    bool upper_open;
    char *row_lower; /* SLICE, NULLS: NULL means none */
    char *row_upper;
    struct key sets; /* KEYS: one array literal a key column, all of the same length */
    int64_t rows;    /* planned */
    int64_t keys;    /* planned; CHUNK_KEYS_UNCOUNTED: the server skipped over them */
};

enum { CHUNK_KEYS_UNCOUNTED = -1 };
/* The sum of two numbers of keys: uncounted where one is. */
static inline int64_t chunk_keys_sum(int64_t a, int64_t b)
{
    return a == CHUNK_KEYS_UNCOUNTED || b == CHUNK_KEYS_UNCOUNTED ? CHUNK_KEYS_UNCOUNTED : a + b;
}

/* With fewer rows, what a chunk costs by itself weighs more than what its rows do (docs/TUNING.md).
 */
enum { CHUNK_SMALL_ROWS = 4096 };

/* The words of the ledger: "range", "slice", "nulls", "keys". chunk_kind_parse returns -1 for
 * anything else.
 */
const char *chunk_kind_name(enum chunk_kind kind);
int chunk_kind_parse(const char *name, enum chunk_kind *kind);

/* chunk_is_sampled(id, share): whether the chunk is of a sample that holds about that share of a
 * plan (0 to 1), evenly spaced: decided by its id alone, so that it can be asked while the plan is
 * still being made. */
bool chunk_is_sampled(int64_t id, double share);

void chunk_copy(struct chunk *to, const struct chunk *from);
void chunk_clear(struct chunk *chunk);

#endif
