/* What one rank did: sums, and a record a chunk, until they are collected. */
#ifndef CHUNKMILL_RUN_WORK_RANK_STATS_H
#define CHUNKMILL_RUN_WORK_RANK_STATS_H

#include <stdint.h>

#include "core/protocol/cycle_result.h"
#include "core/report/stats.h"

/* Starts zeroed, ends with tally_clear. */
struct tally {
    struct stats stats;
    struct chunk_record *records; /* of cycles that came to an end: not of BUSY and STOPPED ones */
    int64_t count, room;
};

void tally_add(struct tally *tally, const struct cycle_result *result);
void tally_clear(struct tally *tally);

#endif
