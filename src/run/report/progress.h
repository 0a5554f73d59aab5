/* Tells a person on standard error how far the run is: in place on a terminal that has a size,
 * elsewhere a line every 2 and later every 10 seconds. There is one in a process. The totals are
 * those of the run, not of the attempt, so that they agree with `status`. */
#ifndef CHUNKMILL_RUN_REPORT_PROGRESS_H
#define CHUNKMILL_RUN_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/dispatch/dispatch.h"
#include "core/report/report.h"

/* progress_open(): before any other; log lines end the line in place from now on. */
void progress_open(void);

/* progress_plan(keys, rows): while planning, as often as one likes. */
void progress_plan(int64_t keys, int64_t rows);

/* progress_begin(before, is_growing): the work begins; before: the ledger as the work found it;
 * is_growing: the plan is not whole yet, so nothing is said of percentages and of the time left
 * until progress_planned.
 */
void progress_begin(const struct report_ledger *before, bool is_growing);
void progress_planned(void);
/* progress_work(counts): this attempt's counts, as often as one likes; first before any chunk is
 * handed out: what splits and the plan add to the run's chunks is told from there. */
void progress_work(const struct dispatch_counts *counts);

/* progress_end(): no more lines. */
void progress_end(void);

#endif
