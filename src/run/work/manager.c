/* The pump around dispatch. It writes nothing but heartbeats: what became of a chunk is the
 * worker's to write.
 *
 *   who      sends            when                                              to
 *   manager  portion (scatter)  once, at the beginning: may be empty              every rank
 *   manager  MAIL_CHUNK       there is space in its queue                    that worker
 *   worker   MAIL_RESULT      a cycle has ended, or it can't go on (STOPPED);   manager
 *                             SPLIT: the parts behind it; BUSY: it comes back
 *   manager  MAIL_RETURN      a person wants fewer of our sessions               each worker
 *   manager  MAIL_STOP        exactly once: nothing more for this worker        each worker
 *   worker   MAIL_LEFT        exactly once: after MAIL_STOP, its last message   manager
 *
 * At shutdown nothing is outstanding: the loop ends when MAIL_LEFT has come from each worker. MPI
 * keeps the order of messages between two ranks, so what a worker sent before MAIL_LEFT has been
 * received by then. A worker sends MAIL_LEFT only after it received MAIL_STOP, which is the last
 * that was sent to it, so it has received all before. So each send has its receive, and mail_flush
 * completes them; the scatter has been received by each worker before it can have got its
 * MAIL_STOP, and by the idle ranks as their only step. Each worker gets its MAIL_STOP: dispatch
 * answers STOP for ever once it is idle, draining or finished, and a worker that gave up is stopped
 * when its STOPPED result comes. */
#include "run/work/manager.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/plan/chunk.h"
#include "core/protocol/message.h"
#include "run/attempt/planning.h"
#include "run/mpi/signals.h"
#include "run/report/progress.h"
#include "run/work/manager_results.h"

#define BUSY_DELAY_NS (500 * NS_PER_MS)
#define END_MARGIN_NS (30 * NS_PER_S)
#define PLAN_NS       (4 * NS_PER_MS) /* of planning between two looks at the mail */
#define PLAN_NAP_NS   NS_PER_MS
#define WAVE_BYTES    (INT64_C(1) << 30) /* MPI counts in int; what doesn't fit is sent later */

enum {
    MAILS_A_TURN = 64,
    ARRANGED_MOST = 10000 /* chunks that wait while the plan grows: each batch arranges them anew */
};

static int take_mail(struct manager *m, bool *got, struct error *err)
{
    struct text body = TEXT_INIT;
    struct cycle_result result;
    enum mail_kind kind;
    size_t at = 0;
    int rank;

    int rc = mail_receive(m->mail, &rank, &kind, &body, got, err);
    if (rc == 0 && *got && kind == MAIL_LEFT) {
        dispatch_lost(m->dispatch, rank - 1); /* what it dropped unstarted */
        m->workers_left--;
    } else if (rc == 0 && *got) {
        if (message_unpack_result(body.data, body.bytes, &at, &result, err) != 0 ||
            manager_results_take(m, rank - 1, &result, &body, at, err) != 0)
            manager_state_stop_run(m, err->kind, err->sqlstate, err->text);
    }
    text_free(&body);
    return rc;
}

/* Many, if there are: planning comes between. */
static int take_mails(struct manager *m, bool *got, struct error *err)
{
    bool has_more = true;

    *got = false;
    for (int mails = 0; has_more && mails < MAILS_A_TURN; mails++) {
        if (take_mail(m, &has_more, err) != 0)
            return -1;
        *got = *got || has_more;
    }
    return 0;
}

/* Of a worker: the chunk at work, those that are marked ahead of it, and the next of these. */
static int64_t queue_capacity(const struct manager *m)
{
    return m->attempt->session.work.mark_ahead + 2;
}

/* More chunks wait in the worker's queue, so that it never waits for the manager and can mark
 * ahead. */
static bool may_queue(const struct manager *m, int worker)
{
    int64_t held = dispatch_held(m->dispatch, worker);

    return held == 0 ||
           (held < queue_capacity(m) && m->local == NULL && dispatch_may_queue(m->dispatch, held));
}

static bool feed_worker(struct manager *m, int worker)
{
    bool has_moved = false;
    int64_t id = 0;

    while (!m->is_stopped[worker] && may_queue(m, worker)) {
        bool may_start = lease_is_held(&m->attempt->lease) || dispatch_is_idle(m->dispatch);
        enum dispatch_answer answer =
            may_start ? dispatch_next(m->dispatch, worker, clock_now_ns(), &id) : DISPATCH_WAIT;
        if (answer == DISPATCH_WAIT)
            return has_moved;
        has_moved = true;
        if (answer == DISPATCH_STOP) {
            manager_state_stop_worker(m, worker);
            return true;
        }
        struct text body = TEXT_INIT;
        chunk_pool_message(m->attempt->pool, id, &body);
        if (m->local != NULL)
            local_worker_take(m->local, &body);
        else
            mail_send(m->mail, manager_state_rank_of(m, worker), MAIL_CHUNK, &body);
        text_free(&body);
    }
    return has_moved;
}

static bool feed(struct manager *m)
{
    bool has_moved = false;

    dispatch_limit(m->dispatch, throttle_active(&m->throttle, clock_now_ns()));
    for (int worker = 0; worker < m->attempt->workers; worker++) {
        /* draining, or too many failures: what is queued is dropped too */
        bool is_over =
            dispatch_is_draining(m->dispatch) || dispatch_has_too_many_failures(m->dispatch);
        if (is_over && !m->is_stopped[worker]) {
            manager_state_stop_worker(m, worker);
            has_moved = true;
        }
        has_moved = feed_worker(m, worker) || has_moved;
    }
    return has_moved;
}

/* One round of the first wave: a chunk a worker. Returns whether anybody got one. */
static bool fill_round(struct manager *m, struct text *portions, int64_t *bytes)
{
    bool has_given = false;
    int64_t id = 0;

    for (int worker = 0; worker < m->attempt->workers && *bytes < WAVE_BYTES; worker++) {
        if (dispatch_next(m->dispatch, worker, clock_now_ns(), &id) != DISPATCH_CHUNK)
            continue;
        struct text *portion = &portions[manager_state_rank_of(m, worker)];
        size_t before = portion->bytes;
        chunk_pool_message(m->attempt->pool, id, portion);
        *bytes += (int64_t)(portion->bytes - before);
        has_given = true;
    }
    return has_given;
}

/* Static: everything at once. Dynamic: one each, and a second where enough is left. */
static int scatter(struct manager *m, bool is_static, struct comm_scatter *wave, struct error *err)
{
    int ranks = m->comm->ranks;
    struct text *portions = memory_zero((size_t)ranks, sizeof *portions);
    int64_t bytes = 0;

    failpoint_at("manager_before_scatter");
    while (fill_round(m, portions, &bytes))
        if (!is_static && (dispatch_held(m->dispatch, 0) > 1 ||
                           dispatch_counts(m->dispatch).waiting < m->attempt->workers))
            break;
    int rc = comm_scatter_begin(m->comm, portions, wave, err);
    for (int i = 0; i < ranks; i++)
        text_free(&portions[i]);
    free(portions);
    return rc;
}

/* A planning_added. */
static void take_planned(void *context, int64_t chunk_id, int64_t rows)
{
    struct manager *m = context;

    dispatch_add(m->dispatch, chunk_id, rows, false);
}

static void end_planning(struct manager *m)
{
    planning_stop(m->attempt);
    progress_planned();
    dispatch_grow(m->dispatch, false);
}

/* The next bit of the plan, if there is more to plan. Without the hold on the run it is read all
 * the same, so that no page and its snapshot stay open; the ledger gets it later. */
static void plan(struct manager *m)
{
    struct planning *planning = m->attempt->planning;
    struct error err = ERROR_INIT;

    if (planning == NULL)
        return;
    if (dispatch_is_draining(m->dispatch) || dispatch_has_too_many_failures(m->dispatch)) {
        end_planning(m);
        return;
    }
    int64_t before = dispatch_counts(m->dispatch).waiting;
    bool is_wanted = before < queue_capacity(m) * m->attempt->workers;
    int rc = m->local != NULL ? planning_page(planning, &err)
                              : planning_turn(planning, PLAN_NS, is_wanted, &err);
    int64_t waiting = dispatch_counts(m->dispatch).waiting;
    bool is_complete = rc == 0 && m->attempt->run.plan_complete;
    if (is_complete || (waiting > before && waiting <= ARRANGED_MOST))
        dispatch_arrange(m->dispatch);
    if (rc == 0 && !is_complete)
        return;
    if (rc != 0 && !signals_is_cancelled())
        manager_state_stop_run(m, err.kind, err.sqlstate, err.text);
    end_planning(m);
}

static void watch(struct manager *m)
{
    struct error err = ERROR_INIT;

    if (signals_is_draining() && !dispatch_is_draining(m->dispatch)) {
        log_info("draining: no more chunks are handed out");
        dispatch_drain(m->dispatch);
    }
    if (m->job_end_ns != 0 && !dispatch_is_draining(m->dispatch)) {
        int64_t mean_ns = m->chunks > 0 ? m->chunk_ns / m->chunks : 0;
        if (clock_now_ns() + 2 * mean_ns + END_MARGIN_NS > m->job_end_ns) {
            log_info("the Slurm job ends soon: no more chunks are handed out");
            dispatch_drain(m->dispatch);
        }
    }
    if (m->outcome->stop.kind == ERROR_NONE && lease_turn(&m->attempt->lease, &err) != 0)
        manager_state_stop_run(m, err.kind, err.sqlstate, err.text);
}

/* Where there is no other rank: a chunk, if there is one in flight. */
static bool work_locally(struct manager *m)
{
    struct text parts = TEXT_INIT;
    struct error err = ERROR_INIT;
    struct cycle_result result;

    bool has_worked = m->local != NULL && local_worker_work(m->local, &result, &parts);
    if (has_worked && !signals_is_cancelled() &&
        manager_results_take(m, 0, &result, &parts, 0, &err) != 0)
        manager_state_stop_run(m, err.kind, err.sqlstate, err.text);
    text_free(&parts);
    return has_worked;
}

static int pump(struct manager *m, struct error *err)
{
    struct clock_idle idle = {0};

    while (m->workers_left > 0) {
        bool has_moved = false;

        if (signals_is_cancelled())
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
        watch(m);
        if (m->local == NULL && take_mails(m, &has_moved, err) != 0)
            return -1;
        plan(m);
        has_moved = feed(m) || has_moved;
        has_moved = work_locally(m) || has_moved;
        struct dispatch_counts counts = dispatch_counts(m->dispatch);
        progress_work(&counts);
        if (has_moved)
            idle.idle_turns = 0;
        else if (m->attempt->planning != NULL && lease_is_held(&m->attempt->lease))
            planning_wait(m->attempt->planning, PLAN_NAP_NS);
        else
            clock_backoff(&idle);
    }
    return 0;
}

/* Slurm's word is the wall clock's; ours is not moved by a change of it. */
static int64_t job_end_ns(void)
{
    const char *end = getenv("SLURM_JOB_END_TIME");
    int64_t end_s = end == NULL ? 0 : strtoll(end, NULL, 10);

    return end_s <= 0 ? 0 : clock_now_ns() + (end_s - (int64_t)time(NULL)) * NS_PER_S;
}

/* One that was in flight too often when a rank or session died runs alone. */
static void add_item(struct manager *m, const struct chunk_pool_item *item)
{
    dispatch_add(m->dispatch, item->id, item->rows, item->is_second_pass);
    if (item->crashes >= m->attempt->session.work.suspect_after)
        dispatch_suspect(m->dispatch, item->id);
}

static bool is_wanted(const struct attempt_options *options, const struct chunk_pool_item *item)
{
    return (options->chunk == 0 || options->chunk == item->id) &&
           (options->share == 0 || chunk_is_sampled(item->id, options->share));
}

static void fill_dispatch(struct manager *m)
{
    const struct config *config = &m->attempt->session.config;
    const struct dispatch_options options = {
        .workers = m->attempt->workers,
        .schedule = config->static_schedule ? DISPATCH_STATIC : DISPATCH_DYNAMIC,
        .max_chunks = m->attempt->options->max_chunks,
        .max_failed_chunks = config->max_failed_chunks,
        .busy_delay_ns = BUSY_DELAY_NS,
    };

    m->dispatch = dispatch_new(&options);
    for (int64_t i = 0; i < chunk_pool_count(m->attempt->pool); i++) {
        const struct chunk_pool_item *item = chunk_pool_item(m->attempt->pool, i);
        if (is_wanted(m->attempt->options, item))
            add_item(m, item);
    }
    dispatch_arrange(m->dispatch);
    if (m->attempt->planning == NULL)
        return;
    dispatch_grow(m->dispatch, true);
    planning_listen(m->attempt->planning, take_planned, m);
}

static int run(struct manager *m, struct comm_scatter *wave, struct error *err)
{
    if (m->comm->ranks > 1) {
        m->mail = mail_new(m->comm);
        if (scatter(m, m->attempt->session.config.static_schedule, wave, err) != 0)
            return -1;
    } else {
        m->local = local_worker_new(&m->attempt->session.work, m->rank_stats);
    }
    if (pump(m, err) != 0)
        return -1;
    if (m->mail != NULL && mail_flush(m->mail, err) != 0)
        return -1;
    return comm_scatter_end(wave, err);
}

int manager_run(const struct comm *comm, struct attempt *attempt, struct rank_stats *rank_stats,
                struct manager_outcome *outcome, struct error *err)
{
    struct manager m = {
        .comm = comm,
        .attempt = attempt,
        .rank_stats = rank_stats,
        .outcome = outcome,
        .workers_left = attempt->workers,
        .job_end_ns = job_end_ns(),
    };
    struct comm_scatter wave = {0};

    memset(outcome, 0, sizeof *outcome);
    outcome->is_plain = !chunk_pool_has_marked(attempt->pool);
    m.is_stopped = memory_zero((size_t)attempt->workers, sizeof *m.is_stopped);
    throttle_init(&m.throttle, attempt->workers);
    fill_dispatch(&m);
    struct dispatch_counts counts = dispatch_counts(m.dispatch);
    progress_work(&counts);
    int64_t began_ns = clock_now_ns();
    int rc = run(&m, &wave, err);
    outcome->work_ns = clock_now_ns() - began_ns;
    planning_stop(attempt);
    outcome->has_too_many_failures = dispatch_has_too_many_failures(m.dispatch);
    if (rc == 0 && outcome->stop.kind == ERROR_NONE && !dispatch_is_idle(m.dispatch))
        error_set(&outcome->stop, ERROR_CONNECTION,
                  "no worker is left: none could keep its connection");
    local_worker_free(m.local);
    if (rc == 0)
        mail_free(m.mail); /* else MPI still has some of it, and the process is about to end */
    dispatch_free(m.dispatch);
    free(m.is_stopped);
    return rc;
}
