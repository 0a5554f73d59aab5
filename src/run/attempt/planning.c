/* Distribution -> partitioner -> ledger -> pool. Planning never waits for the work, and a page
 * never waits for anything, so no snapshot is held longer than it takes to read. A chunk is
 * handed out only once it is in the ledger. */
#include "run/attempt/planning.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/human.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/plan/plan_quality.h"
#include "db/ledger/ledger_run.h"
#include "db/plan/chunk_store.h"
#include "db/plan/distribution.h"
#include "run/mpi/signals.h"
#include "run/report/progress.h"

#define BATCH_NS (NS_PER_S / 5)
#define SOON_NS  (10 * NS_PER_MS) /* a batch that is wanted */
#define TURN_NS  (10 * NS_PER_MS)
#define NAP_NS   (100 * NS_PER_MS)

enum { BATCH_CHUNKS = 1000 };

struct planning {
    struct attempt *attempt;
    struct chunk_store *store;
    struct distribution *distribution;
    struct chunk *batch; /* added to the store, and not committed yet */
    int64_t batch_chunks, batch_capacity;
    int64_t batch_begin_ns;
    int64_t begin_ns, work_begin_ns; /* the latter 0: no worker has begun yet */
    planning_added *added;
    void *context;
};

static int open_reader(const struct work *work, const char *purpose, struct connection **c,
                       struct error *err)
{
    if (connection_open(work->parameters, work->parameter_count, purpose, c, err) != 0) {
        *c = NULL;
        return -1;
    }
    return connection_pin(*c, work->settings, work->setting_count, err);
}

int planning_connect(struct attempt *attempt, struct error *err)
{
    const struct work *work = &attempt->session.work;

    if (attempt->run.plan_complete)
        return 0;
    if (open_reader(work, "chunkmill distribution", &attempt->reader, err) != 0)
        return -1;
    return open_reader(work, "chunkmill slicer", &attempt->slicer, err);
}

/* A partition_sink. */
static int keep(void *context, const struct chunk *chunk, bool may_end, struct error *err)
{
    struct planning *p = context;

    (void)err;
    if (p->batch_chunks == p->batch_capacity) {
        p->batch_capacity = p->batch_capacity == 0 ? 64 : p->batch_capacity * 2;
        p->batch = memory_grow(p->batch, (size_t)p->batch_capacity, sizeof *p->batch);
    }
    chunk_copy(&p->batch[p->batch_chunks++], chunk);
    chunk_store_add(p->store, chunk, may_end);
    return 0;
}

/* The ledger has the batch: it may be handed out. */
static int release(struct planning *p, struct error *err)
{
    int rc = 0;

    for (int64_t i = 0; i < p->batch_chunks; i++) {
        struct chunk_store_entry entry = {.chunk = p->batch[i]};
        if (rc == 0)
            rc = chunk_pool_add(p->attempt->pool, &entry, err);
        if (rc == 0 && p->added != NULL)
            p->added(p->context, entry.chunk.id, entry.chunk.rows);
        plan_quality_add(&p->attempt->quality, &entry.chunk);
        chunk_clear(&p->batch[i]);
    }
    p->batch_chunks = 0;
    return rc;
}

/* Without the hold on the run, or when that is lost meanwhile, the batch stays until it is back. */
static int store_batch(struct planning *p, bool is_last, bool *is_stored, struct error *err)
{
    struct lease *lease = &p->attempt->lease;
    struct connection *c = p->attempt->session.control;

    *is_stored = false;
    if (!lease_is_held(lease))
        return 0;
    int rc = is_last ? chunk_store_end(p->store, c, err) : chunk_store_commit(p->store, c, err);
    *is_stored = rc == 0;
    if (rc == 0)
        return release(p, err);
    if (!lease_is_loss(lease, err))
        return -1;
    error_clear(err);
    return 0;
}

static int commit(struct planning *p, struct error *err)
{
    bool is_stored;

    p->batch_begin_ns = clock_now_ns();
    if (!chunk_store_may_commit(p->store))
        return 0;
    if (store_batch(p, false, &is_stored, err) != 0)
        return -1;
    failpoint_at("manager_after_batch");
    return 0;
}

static void say_plan(const struct planning *p)
{
    const struct plan_quality *whole = &p->attempt->quality;

    log_info("plan: %s in %s", human_count(whole->rows, "row").text,
             human_count(whole->chunks, "chunk").text);
}

static int end(struct planning *p, struct error *err)
{
    if (store_batch(p, true, &p->attempt->run.plan_complete, err) != 0)
        return -1;
    if (p->attempt->run.plan_complete)
        say_plan(p);
    return 0;
}

static bool is_batch_due(const struct planning *p, bool is_wanted)
{
    int64_t missing = p->attempt->workers - chunk_pool_count(p->attempt->pool);
    bool is_first_wave = p->work_begin_ns == 0 && missing > 0 && p->batch_chunks >= missing;

    return is_first_wave || p->batch_chunks >= BATCH_CHUNKS ||
           clock_now_ns() - p->batch_begin_ns >= (is_wanted ? SOON_NS : BATCH_NS);
}

int planning_turn(struct planning *p, int64_t most_ns, bool is_wanted, struct error *err)
{
    if (distribution_turn(p->distribution, clock_now_ns() + most_ns, err) != 0)
        return -1;
    if (distribution_is_complete(p->distribution))
        return end(p, err);
    return p->batch_chunks > 0 && is_batch_due(p, is_wanted) ? commit(p, err) : 0;
}

int planning_page(struct planning *p, struct error *err)
{
    do {
        if (lease_turn(&p->attempt->lease, err) != 0 || planning_turn(p, TURN_NS, false, err) != 0)
            return -1;
        distribution_wait(p->distribution, NAP_NS);
    } while (distribution_is_open(p->distribution) && !signals_is_draining());
    return p->attempt->run.plan_complete ? 0 : commit(p, err);
}

void planning_wait(const struct planning *p, int64_t most_ns)
{
    distribution_wait(p->distribution, most_ns);
}

void planning_listen(struct planning *p, planning_added *added, void *context)
{
    p->added = added;
    p->context = context;
    p->work_begin_ns = clock_now_ns();
}

static struct planning *planning_new(struct attempt *attempt)
{
    const struct session *s = &attempt->session;
    struct planning *p = memory_zero(1, sizeof *p);
    const struct distribution_job job = {
        .reader = attempt->reader,
        .slicer = attempt->slicer,
        .config = &s->config,
        .work = &s->work,
        .after = &attempt->run.planned_to,
        .next_id = attempt->run.planned_chunks + 1,
        .sink = keep,
        .context = p,
        .progress = progress_plan,
        .page_lines = failpoint_number("CHUNKMILL_TEST_PAGE_LINES"),
    };

    p->attempt = attempt;
    p->begin_ns = clock_now_ns();
    p->batch_begin_ns = p->begin_ns;
    p->store = chunk_store_new(&s->work, &attempt->run.planned_to, attempt->run.planned_chunks);
    p->distribution = distribution_new(&job);
    return p;
}

void planning_stop(struct attempt *attempt)
{
    struct planning *p = attempt->planning;

    if (p == NULL)
        return;
    int64_t now_ns = clock_now_ns();
    attempt->distribution_ns = distribution_totals(p->distribution)->distribution_ns;
    attempt->plan_ns += now_ns - p->begin_ns - attempt->distribution_ns;
    attempt->hidden_ns = p->work_begin_ns == 0 ? 0 : now_ns - p->work_begin_ns;
    distribution_free(p->distribution);
    chunk_store_free(p->store);
    connection_close(attempt->reader);
    connection_close(attempt->slicer);
    attempt->reader = attempt->slicer = NULL;
    while (p->batch_chunks > 0)
        chunk_clear(&p->batch[--p->batch_chunks]);
    free(p->batch);
    free(p);
    attempt->planning = NULL;
}

/* What a former attempt has planned. A split chunk's rows are its parts'. */
static int judge(void *context, const struct chunk_store_entry *entry, struct error *err)
{
    (void)err;
    if (entry->state != CHUNK_STATE_SPLIT)
        plan_quality_add(context, &entry->chunk);
    return 0;
}

static int read_ledger(struct attempt *attempt, struct error *err)
{
    const struct session *s = &attempt->session;

    if (!attempt->run.facts.exists)
        return 0;
    if (chunk_store_read_all(s->control, &s->work, judge, &attempt->quality, err) != 0)
        return -1;
    return chunk_store_read_open(s->control, &s->work, chunk_pool_add, attempt->pool, err);
}

/* Until there is enough to begin the work with. */
static int plan_ahead(struct attempt *attempt, struct error *err)
{
    struct planning *p = attempt->planning;
    const struct attempt_options *options = attempt->options;
    bool is_part = options->max_chunks > 0 || options->share > 0 || options->chunk > 0;
    bool needs_all = attempt->session.config.static_schedule || is_part;

    while (!p->attempt->run.plan_complete &&
           (needs_all || chunk_pool_count(attempt->pool) < attempt->workers)) {
        if (signals_is_draining())
            return error_set(
                err, ERROR_INTERRUPTED,
                "drained; the next attempt goes on with the plan where it was last committed");
        if (lease_turn(&attempt->lease, err) != 0 || lease_require(&attempt->lease, err) != 0 ||
            planning_turn(p, TURN_NS, false, err) != 0)
            return -1;
        planning_wait(p, NAP_NS);
    }
    /* alone: no page stays open while a chunk is worked on */
    return p->attempt->run.plan_complete || attempt->ranks > 1 ||
                   !distribution_is_open(p->distribution)
               ? 0
               : planning_page(p, err);
}

static void say_left(const struct attempt *attempt, bool was_complete)
{
    const struct report_ledger *before = &attempt->before;

    if (was_complete)
        log_info("plan: %s in %s", human_count(before->rows_planned, "row").text,
                 human_count(before->chunks, "chunk").text);
    if (before->chunks_left < before->chunks)
        log_info("left: %s in %s", human_count(before->rows_left, "row").text,
                 human_count(before->chunks_left, "chunk").text);
}

int planning_begin(struct attempt *attempt, struct error *err)
{
    const struct session *s = &attempt->session;
    bool was_complete = attempt->run.plan_complete;

    attempt->pool = chunk_pool_new();
    int64_t began_ns = clock_now_ns();
    int rc = read_ledger(attempt, err);
    attempt->plan_ns = clock_now_ns() - began_ns;
    if (rc == 0 && !was_complete) {
        attempt->planning = planning_new(attempt);
        rc = plan_ahead(attempt, err);
    }
    if (rc == 0)
        rc = ledger_run_totals(s->control, &s->work, &attempt->before, err);
    if (rc != 0 || attempt->run.plan_complete)
        planning_stop(attempt);
    if (rc != 0) {
        chunk_pool_free(attempt->pool);
        attempt->pool = chunk_pool_new();
        return -1;
    }
    attempt->can_work = true;
    say_left(attempt, was_complete);
    progress_begin(&attempt->before, attempt->planning != NULL);
    return 0;
}
