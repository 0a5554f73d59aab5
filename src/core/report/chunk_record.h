/* One finished chunk with its times as the worker measured them; gathered to rank 0. */
#ifndef CHUNKMILL_CORE_REPORT_CHUNK_RECORD_H
#define CHUNKMILL_CORE_REPORT_CHUNK_RECORD_H

#include <stdint.h>

/* The members, all int64_t: name in C, name in bench's results, name and kind in the report
 * (docs/REPORT.md). From this list follow the struct, its MPI datatype (run/mpi/comm) and the order
 * of the values in JSON. */
#define CHUNK_RECORD(MEMBER)                                                                       \
    MEMBER(chunk_id, "id", "id", COUNT)                                                            \
    MEMBER(worker, "worker", "worker", COUNT)                                                      \
    MEMBER(begin_ns, "begin_ns", "begin_seconds", DURATION)                                        \
    MEMBER(end_ns, "end_ns", "end_seconds", DURATION)                                              \
    MEMBER(mark_ns, "mark_ns", "mark_seconds", DURATION)                                           \
    MEMBER(update_ns, "update_ns", "update_seconds", DURATION)                                     \
    MEMBER(rows_updated, "updated_rows", "updated_rows", COUNT)                                    \
    MEMBER(outcome, "outcome", "outcome", OUTCOME) /* enum cycle_outcome */

#define CHUNK_RECORD_DECLARE(member, name, report_name, kind) int64_t member;
#define CHUNK_RECORD_COUNT(member, name, report_name, kind)   +1

struct chunk_record {
    CHUNK_RECORD(CHUNK_RECORD_DECLARE)
};
enum { CHUNK_RECORD_MEMBERS = 0 CHUNK_RECORD(CHUNK_RECORD_COUNT) };

enum chunk_record_kind {
    CHUNK_RECORD_KIND_COUNT,
    CHUNK_RECORD_KIND_DURATION, /* nanoseconds; seconds in the report */
    CHUNK_RECORD_KIND_OUTCOME,
};

/* Of member i, 0 <= i < CHUNK_RECORD_MEMBERS. */
const char *chunk_record_name(int i);
const char *chunk_record_report_name(int i);
enum chunk_record_kind chunk_record_kind(int i);

/* The members as an array in the order of the list, and back. */
void chunk_record_to(const struct chunk_record *record, int64_t values[CHUNK_RECORD_MEMBERS]);
void chunk_record_from(struct chunk_record *record, const int64_t values[CHUNK_RECORD_MEMBERS]);

#endif
