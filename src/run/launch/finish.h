/* Rank 0 after the work: reads from the ledger what was done, prints and stores the report, ends
 * the attempt, and gives the exit status. */
#ifndef CHUNKMILL_RUN_LAUNCH_FINISH_H
#define CHUNKMILL_RUN_LAUNCH_FINISH_H

#include <stdint.h>

#include "core/report/report.h"
#include "core/report/stats.h"
#include "run/attempt/attempt.h"
#include "run/work/manager.h"

/* What was collected from all ranks; borrowed. */
struct finish_facts {
    struct stats stats;
    const struct chunk_record *records;
    int64_t record_count;
    const struct report_place *places; /* [ranks] */
    int64_t reduce_ns;
};

/* finish_run(attempt, outcome, facts): steps after, the run's end, the report (standard output,
 * file, ledger), the attempt's end. Returns the exit status, which the ledger decides; all errors
 * are logged. What was interrupted by SIGTERM or SIGINT is for the caller to see
 * (signals_is_cancelled). */
int finish_run(struct attempt *attempt, const struct manager_outcome *outcome,
               const struct finish_facts *facts);

#endif
