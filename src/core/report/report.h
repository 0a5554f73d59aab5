/* The report of one attempt: from facts to text for a person and JSON for a program
 * (docs/REPORT.md). It holds no key. */
#ifndef CHUNKMILL_CORE_REPORT_REPORT_H
#define CHUNKMILL_CORE_REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/plan/partition.h"
#include "core/plan/plan_quality.h"
#include "core/report/stats.h"

enum { REPORT_VERSION = 1 };

/* Where a rank ran: fixed layout, gathered by MPI as bytes. */
struct report_place {
    char host[64];
    char binding[64]; /* hwloc's list of the PUs it may run on, e.g. "0-1" */
    int32_t cores;    /* of the host */
    int32_t pus;
    int64_t memory_bytes;
    char processor[64];
};

/* What the ledger says at the end of the attempt: chunk counts by state, and, unless said
 * otherwise, sums over done chunks. */
struct report_ledger {
    int64_t chunks, chunks_done, chunks_failed, chunks_left; /* left: planned or marked */
    int64_t rows_planned; /* of all chunks, whatever their state */
    int64_t rows_matched; /* marked, or with no flag updated */
    int64_t rows_updated;
    int64_t rows_released; /* marked, but the job's update left them as they were */
    int64_t rows_elsewhere;
    int64_t rows_lost;      /* ours when marked, deleted before the update */
    int64_t rows_drifted;   /* planned - matched - elsewhere, over done chunks */
    int64_t rows_failed;    /* planned rows of failed chunks */
    int64_t rows_left;      /* planned rows of chunks left */
    int64_t chunks_split;   /* not among the chunks: they live on in their parts, which are */
    int64_t chunks_crashed; /* of any state, in flight when a rank or session died */
};

struct report_failure {
    int64_t chunk_id, rows_planned;
    char sqlstate[6];
    char error[ERROR_TEXT_BYTES];
};

struct report {
    const char *job, *label,
        *outcome; /* outcome: "done", "done_with_gaps", "interrupted", "failed", "already done" */
    int exit_status;
    int64_t run_id;
    int32_t attempt;
    char started_at[32], ended_at[32]; /* ISO 8601, UTC */
    const char *command_line;          /* for the JSON; argv holds no secret */
    /* where */
    const char *database, *server_host, *server_version,
        *server_role;                     /* role: "primary" or "standby" */
    const char *user, *table, *slurm_job; /* slurm_job NULL outside Slurm */
    int ranks, workers, nodes;
    const struct report_place *places; /* [ranks]; NULL: not known */
    const char *mpi_version, *chunkmill_version;
    /* how */
    bool has_flag, keys_filter, static_schedule;
    int64_t target_rows, max_rows;
    const char *window_from, *window_to; /* NULL: none */
    struct plan_quality plan;
    bool plan_complete; /* else the figures are those of what is planned so far */
    struct report_ledger ledger;
    int64_t chunks_before; /* done before this attempt began: what it skipped */
    int64_t rows_before;   /* planned rows of those; 0 with chunks_before > 0: not known */
    /* this attempt */
    struct stats stats;
    int64_t connect_ns, distribution_ns, plan_ns, work_ns, reduce_ns, total_ns;
    int64_t hidden_ns; /* of distribution and plan: while there was work */
    const struct rank_summary
        *by_rank; /* [ranks]; NULL: not known, as when nothing was left to do */
    struct chunk_times times;
    double imbalance;
    const struct chunk_record *records; /* in order of begin_ns */
    int64_t record_count;
    const struct report_failure *failures; /* at most 20 of them */
    int failure_count;
    double hot_share; /* of the updates during the attempt, by pg_stat; < 0: unknown */
};

/* report_adds_up(r): checks the sums that must hold: chunks == done + failed + left, and rows
 * matched == updated + released + lost (with no flag: matched == updated). False is a bug of the
 * program, whatever the table's traffic.
 */
bool report_adds_up(const struct report *r);

/* Rows that this attempt updated for each second of its work phase; 0 when there was none. */
double report_rows_per_second(const struct report *r);

/* What the phases leave of the total: the start of MPI, the checks, the ledger. Never below 0,
 * although a worker may still be connecting while rank 0 plans. */
int64_t report_other_ns(const struct report *r);

/* Rank 0 hands out chunks and does none, unless it is the only rank. */
bool report_is_manager(const struct report *r, int rank);

/* report_text(r, out): the summary that a person likes to read, at most 100 columns wide
 * (report_text.c). Strings of r that are NULL are left out. */
void report_text(const struct report *r, struct text *out);

/* report_json(r, out): the same and more, as JSON: {"chunkmill_report": REPORT_VERSION, ..}, units
 * in the names; docs/REPORT.md has every member. Always valid UTF-8, ends with a newline. Strings
 * of r that are NULL are null. */
void report_json(const struct report *r, struct text *out);

#endif
