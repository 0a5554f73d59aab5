/* Between the manager's two rooms: its state, and what a result does to it. Nobody else includes
 * it. */
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

struct seat {
    int64_t held; /* chunks sent and not answered */
    bool is_stopped, has_left;
};

struct manager {
    const struct manager_job *job;
    struct manager_outcome *outcome;
    struct dispatch *dispatch;
    struct throttle throttle;
    struct mail *mail; /* NULL: alone */
    struct local_worker *local;
    struct seat *seats;       /* [workers] */
    int seats_taken;          /* workers that have not left */
    int64_t chunk_ns, chunks; /* for the mean */
    int64_t splits;           /* so far */
    int64_t job_end_ns;       /* of the Slurm job; 0: none */
};

/* Workers are 0 .. workers - 1; rank 0 is one where it is alone. */
int manager_rank_of(const struct manager *m, int worker);

/* manager_stop_run(m, kind, sqlstate, text): drains; the first reason is kept. */
void manager_stop_run(struct manager *m, enum error_kind kind, const char *sqlstate,
                      const char *text);

/* manager_stop_worker(m, worker): nothing more for it: its MAIL_STOP, exactly once. */
void manager_stop_worker(struct manager *m, int worker);

/* manager_take_result(m, worker, result, parts, at, err): what became of a chunk; the parts of a
 * split as messages from byte `at` on. Errors: BUG: a damaged message. */
int manager_take_result(struct manager *m, int worker, const struct cycle_result *result,
                        const struct text *parts, size_t at, struct error *err);

#endif
