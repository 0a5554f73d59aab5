/* The balanced partitioner: a fold over the distribution. Keys are added one at a time, in key
 * order; closed chunks come out, numbered, and tile the key space (docs/PROTOCOL.md, "Chunks
 * tile the key space"). Memory does not grow with the number of keys, but for the key set of the
 * open chunk with filter keys. It knows no SQL and compares no keys. */
#ifndef CHUNKMILL_CORE_PLAN_PARTITION_H
#define CHUNKMILL_CORE_PLAN_PARTITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/plan/chunk.h"
#include "core/plan/key.h"

struct partition_limits {
    int64_t target_rows; /* a chunk is closed before the key that would take it past this */
    int64_t max_rows;    /* a key with more is split into slices by row id */
    int64_t max_keys;    /* filter keys only; 0: no limit */
    bool keys_filter;    /* chunks own key sets (CHUNK_KEYS), not ranges */
};

/* Takes a closed chunk (borrowed: copy what must last). may_end: the plan up to here is complete
 * and can be resumed behind chunk->upper, so a batch may be committed behind this chunk. It is
 * false between an empty or shortened range and the slices of the oversized key after it, between
 * slices, and from the last range (no upper bound) on: no key records that it is planned, so it is
 * committed together with the end of the plan. A key set (CHUNK_KEYS) has its last key as `upper`,
 * for the resume alone. */
typedef int partition_sink(void *context, const struct chunk *chunk, bool may_end,
                           struct error *err);

/* The upper row ids of all slices but the last of `key` (NULL: the rows with a NULL in the key),
 * every `step` rows in row id order: *bounds is an array of *count strings, all owned by the caller
 * of the slicer (the partitioner frees them). */
typedef int partition_slicer(void *context, const struct key *key, int64_t step, char ***bounds,
                             int64_t *count, struct error *err);

struct partition; /* opaque */

/* partition_new(limits, sink, slicer, context): slicer may be NULL where the job has no row id: an
 * oversized key, or NULL keys, is then CONFIG that says so and names the row_id key of the job file
 * (never the key's value). */
struct partition *partition_new(const struct partition_limits *limits, partition_sink *sink,
                                partition_slicer *slicer, void *context);
void partition_free(struct partition *p);

/* partition_resume(p, after, next_id): goes on behind `after` (not set: from the start), numbering
 * from next_id. Before the first add. */
void partition_resume(struct partition *p, const struct key *after, int64_t next_id);

/* partition_add(p, key, rows, err): the next key of the distribution, rows >= 1 (else BUG). Closes
 * the open chunk when this key would take it past the limits, so a closed chunk's upper bound is
 * inclusive at its last key, or exclusive at an oversized key that follows. Two oversized keys in a
 * row, or one at the very beginning or end, have an empty range between and beside them (rows 0),
 * because keys that appear later must have an owner; with filter keys nothing is empty. Errors:
 * what sink or slicer return. */
int partition_add(struct partition *p, const struct key *key, int64_t rows, struct error *err);

/* partition_capacity(p): rows that still fit into the open chunk; 0 where it is full, or over. */
int64_t partition_capacity(const struct partition *p);

/* partition_add_many(p, last, rows, keys, err): the next `keys` keys (CHUNK_KEYS_UNCOUNTED: not
 * known) at once, of `rows` rows together, of which `last` is the last: 1 or more and no more than
 * target_rows (else BUG). Where they fit into the capacity, and partition_add of the key behind
 * them would not, the plan is that of partition_add called for each. Not with filter keys.
 */
int partition_add_many(struct partition *p, const struct key *last, int64_t rows, int64_t keys,
                       struct error *err);

/* partition_add_nulls(p, rows, err): after the last key: rows with a NULL in the key; 0 adds
 * nothing. Sliced like an oversized key. */
int partition_add_nulls(struct partition *p, int64_t rows, struct error *err);

/* partition_end(p, err): closes the last range with no upper bound; call it after the last add and
 * before partition_add_nulls. With no key at all there is one empty chunk without bounds (range),
 * or none (keys). */
int partition_end(struct partition *p, struct error *err);

#endif
