/* Reads the whole distribution and makes its plan at once. */
#ifndef CHUNKMILL_DB_PLAN_DISTRIBUTION_WHOLE_H
#define CHUNKMILL_DB_PLAN_DISTRIBUTION_WHOLE_H

#include "core/plan/plan_quality.h"
#include "db/plan/distribution.h"

/* distribution_whole_plan(job, totals, quality, err): waits for the end. quality is that of the
 * chunks. */
int distribution_whole_plan(const struct distribution_job *job, struct distribution_totals *totals,
                            struct plan_quality *quality, struct error *err);

#endif
