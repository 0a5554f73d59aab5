/* What the ranks measured: fixed-layout records that MPI can reduce and gather, and the figures of
 * the report. Counts that a restart must agree with come from the ledger, not from here. */
#ifndef CHUNKMILL_CORE_REPORT_STATS_H
#define CHUNKMILL_CORE_REPORT_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/protocol/cycle_result.h"

/* Sums and extremes of one rank, then of all. All members are int64_t, so one MPI datatype
 * describes it: the first STATS_SUMS are added, the rest are maxima. */
struct stats {
    int64_t chunks_done, chunks_skipped, chunks_put_back, chunks_split, chunks_failed;
    int64_t rows_planned, rows_marked, rows_updated, rows_released, rows_lost, rows_elsewhere;
    int64_t tries;     /* transactions tried again */
    int64_t mark_ns;   /* in T1 */
    int64_t update_ns; /* in T2, or in the one transaction */
    int64_t busy_ns; /* mark_ns + update_ns: cycles overlap when a worker marks ahead, transactions
                        don't */
    int64_t reconnects;
    /* maxima */
    int64_t max_chunk_ns;
    int64_t max_connect_ns;
    int64_t max_work_ns; /* from the first wave to the last result */
};
enum { STATS_SUMS = 16, STATS_MEMBERS = 19 };

/* Rows count when they were committed: DONE, and PUT_BACK without its planned and elsewhere, which
 * its second pass counts. */
void stats_add(struct stats *s, const struct cycle_result *result);
/* stats_merge(into, from): the reduction: commutative and associative. */
void stats_merge(struct stats *into, const struct stats *from);
/* rows_marked == rows_updated + rows_released + rows_lost (with a flag; nothing released without):
 * asserted at the end of every run. */
bool stats_add_up(const struct stats *s, bool has_flag);

/* One finished chunk, for timings; gathered to rank 0. */
struct chunk_record {
    int64_t chunk_id, worker, outcome, rows_updated, begin_ns, end_ns, mark_ns, update_ns;
};
enum { CHUNK_RECORD_MEMBERS = 8 };

/* One rank's line in the report. */
struct rank_summary {
    int64_t chunks, rows_updated, busy_ns, work_ns;
};

/* stats_percentile(sorted, count, percent): nearest rank of a sorted array; 0 when empty. */
int64_t stats_percentile(const int64_t *sorted, int64_t count, double percent);

struct chunk_times {
    int64_t count, p50_ns, p95_ns, max_ns, mean_ns;
};
/* Of the records with outcome CYCLE_DONE, from begin_ns to end_ns (which holds the wait of a chunk
 * that was marked ahead). */
struct chunk_times stats_chunk_times(const struct chunk_record *records, int64_t count);

/* stats_by_rank(records, count, ranks, out): out has `ranks` members; chunks are those done;
 * work_ns is the end of the rank's last record minus the begin of its first; busy_ns as in struct
 * stats. Records of other ranks are left out. */
void stats_by_rank(const struct chunk_record *records, int64_t count, int ranks,
                   struct rank_summary *out);

/* stats_imbalance(ranks, count): largest busy time over the mean, 1.0 when perfect or empty. Ranks
 * that are not workers are left out by the caller. */
double stats_imbalance(const struct rank_summary *ranks, int count);

#endif
