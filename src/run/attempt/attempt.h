/* Rank 0 before the work: from the job file to an attempt that holds the run, and the end of both. */
#ifndef CHUNKMILL_RUN_ATTEMPT_ATTEMPT_H
#define CHUNKMILL_RUN_ATTEMPT_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/plan/partition.h"
#include "core/report/report.h"
#include "db/ledger/session.h"
#include "run/attempt/lease.h"
#include "run/report/hot.h"
#include "run/launch/launch.h"
#include "run/attempt/chunk_pool.h"

/* The attempt as rank 0 sees it: filled by opening and planning, read by the others. Starts zeroed. */
struct opening {
    const struct launch_options *options;
    int ranks, workers;
    struct session session;
    struct control control;
    struct ledger_run run; /* as found; facts.exists: resumed */
    char label[64];
    bool is_open;          /* the session is to be closed */
    bool has_begun;        /* the attempt is to be ended */
    bool is_nothing_to_do; /* said on standard output, with exit_status */
    int exit_status;
    /* planning.h */
    struct connection *reader, *slicer; /* while the plan is made */
    struct planning *planning;          /* NULL: there is nothing to plan, or no more */
    bool is_planned;                    /* so far that work may begin */
    bool is_plan_whole;
    struct plan_quality quality;
    struct report_ledger before; /* the ledger as the work found it */
    struct stock *stock;         /* never NULL after planning_begin */
    /* for the report */
    char started_at[32];
    struct hot hot;
    int64_t start_ns, connect_ns, distribution_ns, plan_ns, hidden_ns;
};

/* opening_begin(o, err): job file, connection, target, ledger, preflight, locks; the run found or made; the
 * attempt begun, steps before done; says in its first lines where it is. o has options, ranks, start_ns.
 * Blocks on the server. Errors: CONFIG, REFUSED, LIVE, CONNECTION, what the server says; with has_begun false
 * nothing of the table was changed. opening_close is due in any case. */
int opening_begin(struct opening *o, struct error *err);

/* opening_end(o, outcome, exit_status, err): the attempt's end into the ledger, where it has begun. */
int opening_end(struct opening *o, const char *outcome, int exit_status, struct error *err);

void opening_close(struct opening *o);

#endif
