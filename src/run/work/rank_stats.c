/* Counting, and nothing else. */
#include "run/work/rank_stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void tally_add(struct tally *tally, const struct cycle_result *result)
{
    stats_add(&tally->stats, result);
    if (result->outcome == CYCLE_BUSY || result->outcome == CYCLE_STOPPED)
        return;
    if (tally->count == tally->room) {
        tally->room = tally->room == 0 ? 64 : tally->room * 2;
        tally->records = memory_grow(tally->records, (size_t)tally->room, sizeof *tally->records);
    }
    tally->records[tally->count++] = (struct chunk_record){
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

void tally_clear(struct tally *tally)
{
    free(tally->records);
    memset(tally, 0, sizeof *tally);
}
