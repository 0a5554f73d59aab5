/* What the ledger can tell a person: runs, their attempts, what went wrong. Reads only, without
 * a lock, and from a standby too (which can't say whether an attempt is live). work needs only
 * the ledger's schema. Each function is one statement, outside of a transaction. Times are ISO
 * 8601 in UTC. */
#ifndef CHUNKMILL_DB_LEDGER_STATUS_H
#define CHUNKMILL_DB_LEDGER_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/protocol/lifecycle.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

enum { STATUS_ATTEMPTS_MAX = 10, STATUS_FAILURES_MAX = 10 };

struct status_run {
    int64_t run_id;
    char job[64];
    char label[64];
    enum run_state state;
    char table[264]; /* schema-qualified, quoted */
    bool plan_complete;
    char began_at[32], finished_at[32]; /* finished_at "" while unfinished */
    bool is_live;
    int64_t chunks, chunks_done, chunks_failed, chunks_marked,
        chunks_left;        /* left: planned or marked */
    int64_t rows_planned;   /* of all chunks planned so far */
    int64_t rows_done;      /* planned rows of done chunks */
    int64_t rows_updated;   /* as counted by the updates */
    int64_t rows_elsewhere; /* marked by another program */
    int64_t rows_marked;    /* marks of ours in the table now */
    int64_t tries;          /* transactions tried again */
    int64_t chunks_split;   /* retired, their parts in their place: not among chunks */
    int64_t chunks_crashed; /* of chunks: in flight when a rank or session died, whether or not of
                               them */
    double
        rows_per_second; /* planned rows of the last minute's done chunks; 0 when there were none */
};

/* status_runs(c, work, run_id, runs, count, err): all runs, or with run_id > 0 that one, the newest
 * first; *runs is owned by the caller (free), NULL when there are none. Counts the chunks of every
 * run it gives. */
int status_runs(struct connection *c, const struct work *work, int64_t run_id,
                struct status_run **runs, int64_t *count, struct error *err);

/* status_marks(c, work, run_id, chunks, rows, err): the marks of ours that are in the table, by the
 * ledger: in how many chunks, of how many rows; 0 where there is no such run. */
int status_marks(struct connection *c, const struct work *work, int64_t run_id, int64_t *chunks,
                 int64_t *rows, struct error *err);

struct status_attempt {
    int32_t attempt;
    char command[32];
    char host[256];
    int64_t pid;
    char slurm_job[64]; /* "" outside Slurm */
    int32_t ranks;
    char began_at[32], ended_at[32]; /* ended_at "" while no end is recorded */
    char outcome[64];
    int32_t exit_status; /* -1: not known */
    int64_t heartbeat_age_s;
};

/* The newest first, at most STATUS_ATTEMPTS_MAX. */
int status_attempts(struct connection *c, const struct work *work, int64_t run_id,
                    struct status_attempt *attempts, int *count, struct error *err);

/* Chunks that were quarantined, by SQLSTATE. */
struct status_failure {
    char sqlstate[8];
    int64_t chunks, rows_planned, first_chunk;
    char error[ERROR_TEXT_BYTES]; /* of one of them */
};

/* The most frequent first, at most STATUS_FAILURES_MAX. */
int status_failures(struct connection *c, const struct work *work, int64_t run_id,
                    struct status_failure *failures, int *count, struct error *err);

#endif
