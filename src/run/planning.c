/* Distribution -> partitioner -> ledger -> stock. The reader's transaction lasts as long as its stream, and
 * nothing waits for the work: so no snapshot is held over it. */
#include "run/planning.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/humane.h"
#include "db/chunk_store.h"
#include "db/distribution.h"
#include "run/progress.h"
#include "run/signals.h"

#define BEAT_NS (5 * NS_PER_S)

struct planning {
    struct opening *o;
    struct chunk_store *store;
    int64_t beat_due_ns;
};

static int open_reader(const struct work *work, const char *purpose, struct connection **c, struct error *err)
{
    if (connection_open(work->parameters, work->parameter_count, purpose, c, err) != 0) {
        *c = NULL;
        return -1;
    }
    return connection_pin(*c, work->settings, work->setting_count, err);
}

int planning_connect(struct opening *o, struct error *err)
{
    const struct work *work = &o->session.work;

    if (o->run.plan_complete)
        return 0;
    if (open_reader(work, "chunkmill distribution", &o->reader, err) != 0)
        return -1;
    return open_reader(work, "chunkmill slicer", &o->slicer, err);
}

/* A partition_sink. */
static int keep(void *context, const struct chunk *chunk, bool may_end, struct error *err)
{
    struct planning *planning = context;
    const struct session *s = &planning->o->session;

    if (chunk_store_add(planning->store, chunk, may_end, err) != 0)
        return -1;
    if (signals_is_draining())
        return error_set(err, ERROR_INTERRUPTED,
                         "drained; the next attempt goes on with the plan where it was last committed");
    if (clock_now_ns() < planning->beat_due_ns)
        return 0;
    planning->beat_due_ns = clock_now_ns() + BEAT_NS;
    return ledger_heartbeat(s->control, &s->work, err);
}

static int make_plan(struct opening *o, struct error *err)
{
    const struct session *s = &o->session;
    struct planning planning = {.o = o, .beat_due_ns = clock_now_ns() + BEAT_NS};
    struct distribution_totals totals = {0};

    planning.store = chunk_store_new(s->control, &s->work, &o->run.planned_to, o->run.planned_chunks);
    const struct distribution_job job = {
        .reader = o->reader,
        .slicer = o->slicer,
        .config = &s->config,
        .work = &s->work,
        .after = &o->run.planned_to,
        .next_id = o->run.planned_chunks + 1,
        .sink = keep,
        .context = &planning,
        .progress = progress_plan,
    };
    int rc = distribution_plan(&job, &totals, &o->quality, err);
    if (rc == 0)
        rc = chunk_store_end(planning.store, err);
    o->distribution_ns = totals.distribution_ns;
    connection_close(o->reader);
    connection_close(o->slicer);
    o->reader = o->slicer = NULL;
    chunk_store_free(planning.store);
    return rc;
}

/* Of the whole plan, where this attempt has not made all of it. */
static int judge(void *context, const struct chunk_store_entry *entry, struct error *err)
{
    (void)err;
    if (!entry->is_split)
        plan_quality_add(context, &entry->chunk);
    return 0;
}

static int read_quality(struct opening *o, struct error *err)
{
    if (!o->run.facts.exists)
        return 0;
    o->quality = (struct plan_quality){0};
    return chunk_store_read_all(o->session.control, &o->session.work, judge, &o->quality, err);
}

static void say_plan(const struct opening *o)
{
    const struct report_ledger *before = &o->before;

    log_info("plan: %s in %s", humane_count(before->rows_planned, "row").text,
             humane_count(before->chunks, "chunk").text);
    if (before->chunks_left < before->chunks)
        log_info("left: %s in %s", humane_count(before->rows_left, "row").text,
                 humane_count(before->chunks_left, "chunk").text);
}

int planning_run(struct opening *o, struct error *err)
{
    const struct session *s = &o->session;
    int64_t began_ns = clock_now_ns();

    o->stock = stock_new();
    if (!o->run.plan_complete && make_plan(o, err) != 0)
        return -1;
    if (ledger_totals(s->control, &s->work, &o->before, err) != 0 || read_quality(o, err) != 0)
        return -1;
    if (chunk_store_read_open(s->control, &s->work, stock_add, o->stock, err) != 0) {
        stock_free(o->stock);
        o->stock = stock_new();
        return -1;
    }
    o->is_planned = true;
    o->plan_ns = clock_now_ns() - began_ns - o->distribution_ns;
    say_plan(o);
    progress_begin(&o->before);
    return 0;
}
