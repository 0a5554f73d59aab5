/* Makes a plan without a run: no worker takes chunks meanwhile. */
#include "db/plan/distribution_whole.h"

#include <string.h>

#include "base/clock.h"
#include "core/plan/plan_quality.h"

#define NAP_NS (200 * NS_PER_MS)

struct whole_plan {
    const struct distribution_job *job;
    struct plan_quality *quality;
};

static int judge(void *context, const struct chunk *chunk, bool may_end, struct error *err)
{
    struct whole_plan *plan = context;

    plan_quality_add(plan->quality, chunk);
    return plan->job->sink(plan->job->context, chunk, may_end, err);
}

int distribution_whole_plan(const struct distribution_job *job, struct distribution_totals *totals,
                            struct plan_quality *quality, struct error *err)
{
    struct whole_plan plan = {.job = job, .quality = quality};
    struct distribution_job judged = *job;
    int rc = 0;

    memset(quality, 0, sizeof *quality);
    judged.sink = judge;
    judged.context = &plan;
    struct distribution *d = distribution_new(&judged);
    while (rc == 0 && !distribution_is_complete(d)) {
        rc = distribution_turn(d, INT64_MAX, err);
        distribution_wait(d, NAP_NS);
    }
    *totals = *distribution_totals(d);
    distribution_free(d);
    return rc;
}
