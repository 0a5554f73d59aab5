/* Adds up results. */
#include "run/work/rank_stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void rank_stats_add(struct rank_stats *rank_stats, const struct cycle_result *result)
{
    stats_add(&rank_stats->stats, result);
    if (result->outcome == CYCLE_BUSY || result->outcome == CYCLE_STOPPED)
        return;
    if (rank_stats->count == rank_stats->capacity) {
        rank_stats->capacity = rank_stats->capacity == 0 ? 64 : rank_stats->capacity * 2;
        rank_stats->records = memory_grow(rank_stats->records, (size_t)rank_stats->capacity,
                                          sizeof *rank_stats->records);
    }
    rank_stats->records[rank_stats->count++] = (struct chunk_record){
        .chunk_id = result->chunk_id,
        .worker = result->worker,
        .outcome = result->outcome,
        .rows_updated = result->rows_updated,
        .begin_ns = result->begin_ns,
        .end_ns = result->end_ns,
        .mark_ns = result->mark_ns,
        .update_ns = result->update_ns,
    };
}

void rank_stats_clear(struct rank_stats *rank_stats)
{
    free(rank_stats->records);
    memset(rank_stats, 0, sizeof *rank_stats);
}
