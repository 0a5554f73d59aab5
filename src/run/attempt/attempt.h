/* An attempt as rank 0 sees it: begins it, from the job file to the hold on the run, and ends
 * it. */
#ifndef CHUNKMILL_RUN_ATTEMPT_ATTEMPT_H
#define CHUNKMILL_RUN_ATTEMPT_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/plan/partition.h"
#include "core/plan/plan_quality.h"
#include "core/report/report.h"
#include "db/ledger/ledger_run.h"
#include "db/ledger/session.h"
#include "run/attempt/chunk_pool.h"
#include "run/attempt/lease.h"
#include "db/stats/counters.h"

/* Takes the report, which is borrowed during the call. */
typedef void attempt_observer(void *context, const struct report *report);

/* What the command line says; strings are borrowed. */
struct attempt_options {
    const char *job_file;
    const char *const *sets;
    int set_count;
    const char *label;       /* NULL: none given */
    const char *report;      /* NULL: the default path; "none" writes none */
    const char *const *skip; /* --skip-check */
    int skip_count;
    int64_t chunk;      /* --chunk ID; 0: all */
    int64_t max_chunks; /* --max-chunks; 0: no limit */
    bool accept_changes;
    bool retry_failed;
    int log_level; /* enum log_level */
    bool json;     /* the report to standard output as JSON instead of text */
    const char *command_line;
    /* for `bench` */
    double share; /* of the chunks, evenly spaced, to be done; 0: all */
    attempt_observer
        *observer; /* gets the report in place of standard output and the file; NULL: they do */
    void *observer_context;
};

/* The attempt as rank 0 sees it: filled by attempt and planning, read by the others. Starts zeroed.
 */
struct attempt {
    const struct attempt_options *options;
    int ranks, workers;
    struct session session;
    struct lease lease;
    struct ledger_run run; /* as found, facts.exists: resumed; plan_complete as it is now */
    char label[64];
    bool is_open;          /* the session is to be closed */
    bool has_begun;        /* the attempt is to be ended */
    bool is_nothing_to_do; /* said on standard output, with exit_status */
    int exit_status;
    /* planning.h */
    struct connection *reader, *slicer; /* while the plan is made */
    struct planning *planning;          /* NULL: there is nothing to plan, or no more */
    bool can_work;                      /* planned so far that work may begin */
    struct plan_quality quality;
    struct report_ledger before; /* the ledger as the work found it */
    struct chunk_pool *pool;     /* never NULL after planning_begin */
    /* for the report */
    char started_at[32];
    struct counters_updates updates; /* before the work */
    int64_t start_ns, connect_ns, distribution_ns, plan_ns, hidden_ns;
};

/* attempt_begin(attempt, err): job file, connection, target, ledger, preflight, locks; the run
 * found or made; the attempt begun, steps before done; says in its first lines where it is. attempt
 * has options, ranks, start_ns. Blocks on the server. Errors: CONFIG, REFUSED, LIVE, CONNECTION,
 * what the server says; with has_begun false nothing of the table was changed. attempt_close is due
 * in any case. */
int attempt_begin(struct attempt *attempt, struct error *err);

/* attempt_end(attempt, outcome, exit_status, err): the attempt's end into the ledger, where it has
 * begun. */
int attempt_end(struct attempt *attempt, const char *outcome, int exit_status, struct error *err);

void attempt_close(struct attempt *attempt);

#endif
