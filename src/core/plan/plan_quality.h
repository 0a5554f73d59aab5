/* How even the chunks of a plan are, and the lower bound of its makespan. */
#ifndef CHUNKMILL_CORE_PLAN_PLAN_QUALITY_H
#define CHUNKMILL_CORE_PLAN_PLAN_QUALITY_H

#include <stdint.h>

#include "core/plan/chunk.h"

/* Quality of a plan, fed chunk by chunk. keys: CHUNK_KEYS_UNCOUNTED as soon as those of one chunk
 * are. */
struct plan_quality {
    int64_t chunks, rows, keys;
    int64_t min_rows, max_rows, min_keys,
        max_keys;            /* over chunks that have any; 0 while there are none */
    double sum_rows_squared; /* for plan_quality_cv */
    double sum_keys_squared;
    int64_t oversized_slices; /* SLICE and NULLS chunks */
};
void plan_quality_add(struct plan_quality *q, const struct chunk *chunk);
/* Coefficient of variation (standard deviation over mean) of the rows, of the keys a chunk; empty
 * chunks count. */
double plan_quality_rows_cv(const struct plan_quality *q);
double plan_quality_keys_cv(const struct plan_quality *q);
/* The lower bound of the makespan in rows: max(largest chunk, total / workers). Source: Graham
 * 1969, list scheduling. */
double plan_quality_makespan_rows(const struct plan_quality *q, int workers);

#endif
