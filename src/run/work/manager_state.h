/* The manager's state, which manager.c and manager_results.c share. Only these include it. */
#ifndef CHUNKMILL_RUN_WORK_MANAGER_STATE_H
#define CHUNKMILL_RUN_WORK_MANAGER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/dispatch/dispatch.h"
#include "core/dispatch/throttle.h"
#include "core/protocol/cycle_result.h"
#include "run/mpi/mail.h"
#include "run/work/local_worker.h"
#include "run/work/manager.h"

struct manager {
    const struct comm *comm;
    struct attempt *attempt;       /* its plan may still be growing (planning.h) */
    struct rank_stats *rank_stats; /* rank 0's own, for the local worker */
    struct manager_outcome *outcome;
    struct dispatch *dispatch;
    struct throttle throttle;
    struct mail *mail;          /* NULL where rank 0 is the only rank: */
    struct local_worker *local; /* then its own worker; else NULL */
    bool *is_stopped;           /* [attempt->workers]: was told that there is nothing more */
    int workers_left;           /* that have not sent MAIL_LEFT */
    int64_t chunk_ns, chunks;   /* for the mean */
    int64_t splits;             /* so far */
    int64_t job_end_ns;         /* of the Slurm job; 0: none */
};

/* Workers are 0 .. workers - 1. manager_state_rank_of: rank 0 is one where it is the only rank. */
int manager_state_rank_of(const struct manager *m, int worker);

/* manager_state_stop_run(m, kind, sqlstate, text): drains; the first reason is kept. */
void manager_state_stop_run(struct manager *m, enum error_kind kind, const char *sqlstate,
                            const char *text);

/* manager_state_stop_worker(m, worker): sends it its MAIL_STOP, exactly once. */
void manager_state_stop_worker(struct manager *m, int worker);

#endif
