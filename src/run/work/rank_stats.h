/* What one rank did: sums, and a record for each chunk, until they are collected. */
#ifndef CHUNKMILL_RUN_WORK_RANK_STATS_H
#define CHUNKMILL_RUN_WORK_RANK_STATS_H

#include <stdint.h>

#include "core/protocol/cycle_result.h"
#include "core/report/stats.h"

/* Starts zeroed, ends with rank_stats_clear. */
struct rank_stats {
    struct stats stats;
    struct chunk_record *records; /* of cycles that came to an end: not of BUSY and STOPPED ones */
    int64_t count, capacity;
};

void rank_stats_add(struct rank_stats *rank_stats, const struct cycle_result *result);
void rank_stats_clear(struct rank_stats *rank_stats);

#endif
