/* What the ranks measured, in records of a fixed layout that MPI can reduce and gather, and the
 * figures that the report makes of them. Counts that must survive a restart come from the ledger
 * instead. */
#ifndef CHUNKMILL_CORE_REPORT_STATS_H
#define CHUNKMILL_CORE_REPORT_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/protocol/cycle_result.h"
#include "core/report/chunk_record.h"

/* Sums and maxima of one rank, then of all ranks. All members are int64_t and in these two lists,
 * from which the struct, its MPI datatype (run/mpi/comm) and the reduction follow. */
#define STATS_SUMS(MEMBER)                                                                         \
    MEMBER(chunks_done)                                                                            \
    MEMBER(chunks_skipped)                                                                         \
    MEMBER(chunks_put_back)                                                                        \
    MEMBER(chunks_split)                                                                           \
    MEMBER(chunks_failed)                                                                          \
    MEMBER(rows_planned)                                                                           \
    MEMBER(rows_marked)                                                                            \
    MEMBER(rows_updated)                                                                           \
    MEMBER(rows_released)                                                                          \
    MEMBER(rows_lost)                                                                              \
    MEMBER(rows_elsewhere)                                                                         \
    MEMBER(tries)     /* transactions tried again */                                               \
    MEMBER(mark_ns)   /* in T1 */                                                                  \
    MEMBER(update_ns) /* in T2, or in the one transaction */                                       \
    MEMBER(busy_ns)   /* mark_ns + update_ns: with marking ahead cycles overlap, these do not */   \
    MEMBER(reconnects)
#define STATS_MAXIMA(MEMBER)                                                                       \
    MEMBER(max_chunk_ns)                                                                           \
    MEMBER(max_connect_ns)                                                                         \
    MEMBER(max_work_ns) /* from the first wave to the last result */

#define STATS_DECLARE(member) int64_t member;
#define STATS_COUNT(member)   +1

struct stats {
    STATS_SUMS(STATS_DECLARE)
    STATS_MAXIMA(STATS_DECLARE)
};
enum { STATS_MEMBERS = 0 STATS_SUMS(STATS_COUNT) STATS_MAXIMA(STATS_COUNT) };

/* Rows count when they were committed: DONE, and PUT_BACK without its planned and elsewhere, which
 * its second pass counts. */
void stats_add(struct stats *s, const struct cycle_result *result);
/* stats_merge(into, from): the reduction: commutative and associative. */
void stats_merge(struct stats *into, const struct stats *from);
/* rows_marked == rows_updated + rows_released + rows_lost (with a flag; nothing released without):
 * asserted at the end of every run. */
bool stats_add_up(const struct stats *s, bool has_flag);

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
