/* Keeps sums and extremes, chunk by chunk. */
#include "core/plan/plan_quality.h"

#include <math.h>

static void widen(int64_t *min, int64_t *max, int64_t value)
{
    if (value <= 0)
        return;
    if (*max == 0 || value < *min)
        *min = value;
    if (value > *max)
        *max = value;
}

void plan_quality_add(struct plan_quality *q, const struct chunk *chunk)
{
    q->chunks++;
    q->rows += chunk->rows;
    q->keys = chunk_keys_sum(q->keys, chunk->keys);
    q->sum_rows_squared += (double)chunk->rows * (double)chunk->rows;
    q->sum_keys_squared += (double)chunk->keys * (double)chunk->keys;
    if (chunk->kind == CHUNK_SLICE || chunk->kind == CHUNK_NULLS)
        q->oversized_slices++;
    widen(&q->min_rows, &q->max_rows, chunk->rows);
    widen(&q->min_keys, &q->max_keys, chunk->keys);
}

static double variation(int64_t count, int64_t sum, double sum_squared)
{
    if (sum <= 0)
        return 0.0;
    double mean = (double)sum / (double)count;
    double variance = sum_squared / (double)count - mean * mean;
    return variance <= 0.0 ? 0.0 : sqrt(variance) / mean; /* rounding may take it under 0 */
}

double plan_quality_rows_cv(const struct plan_quality *q)
{
    return variation(q->chunks, q->rows, q->sum_rows_squared);
}

double plan_quality_keys_cv(const struct plan_quality *q)
{
    return variation(q->chunks, q->keys, q->sum_keys_squared);
}

double plan_quality_makespan_rows(const struct plan_quality *q, int workers)
{
    double share = (double)q->rows / (double)(workers > 0 ? workers : 1);

    return share > (double)q->max_rows ? share : (double)q->max_rows;
}
