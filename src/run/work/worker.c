/* States: working -> stopped (by itself: it drops what it is sent, and waits for MAIL_STOP) ->
 * left. */
#include "run/work/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/protocol/message.h"
#include "db/cycle/cycle.h"
#include "run/mpi/mail.h"
#include "run/mpi/signals.h"

enum { MANAGER = 0 };

struct worker {
    const struct comm *comm;
    const struct work *work;
    struct rank_stats *rank_stats;
    struct mail *mail;
    struct cycle *cycle;
    struct chunk *queue; /* a ring */
    int64_t first, count, capacity;
    int64_t start_ns;
    bool is_working; /* false: stopped by itself */
    bool is_told_to_stop;
};

void worker_stopped(struct cycle_result *result, int rank, int64_t chunk_id,
                    const struct error *err)
{
    memset(result, 0, sizeof *result);
    result->chunk_id = chunk_id;
    result->outcome = CYCLE_STOPPED;
    result->worker = rank;
    result->error_kind = err->kind;
    snprintf(result->sqlstate, sizeof result->sqlstate, "%s", err->sqlstate);
    snprintf(result->error, sizeof result->error, "%.*s", (int)sizeof result->error - 1, err->text);
}

static void drop_queue(struct worker *w)
{
    for (; w->count > 0; w->count--) {
        chunk_clear(&w->queue[w->first]);
        w->first = (w->first + 1) % w->capacity;
    }
}

static void push(struct worker *w, const struct chunk *chunk)
{
    if (w->count == w->capacity) {
        int64_t capacity = w->capacity == 0 ? 4 : w->capacity * 2;
        struct chunk *queue = memory_zero((size_t)capacity, sizeof *queue);
        for (int64_t i = 0; i < w->count; i++)
            queue[i] = w->queue[(w->first + i) % w->capacity];
        free(w->queue);
        w->queue = queue;
        w->capacity = capacity;
        w->first = 0;
    }
    w->queue[(w->first + w->count++) % w->capacity] = *chunk;
}

/* parts: of a split, NULL: none. */
static void tell(struct worker *w, const struct cycle_result *result, const struct text *parts)
{
    struct text body = TEXT_INIT;

    message_pack_result(&body, result);
    if (parts != NULL)
        text_add_bytes(&body, text_string(parts), parts->bytes);
    mail_send(w->mail, MANAGER, MAIL_RESULT, &body);
    text_free(&body);
}

/* Says why this worker does nothing more. */
static void give_up(struct worker *w, const struct error *err)
{
    struct cycle_result result;

    worker_stopped(&result, w->comm->rank, 0, err);
    tell(w, &result, NULL);
    w->is_working = false;
    drop_queue(w);
}

/* Takes a portion: one message or more. */
static void take_chunks(struct worker *w, const struct text *portion)
{
    struct error err = ERROR_INIT;
    size_t at = 0;

    while (w->is_working && at < portion->bytes) {
        struct chunk chunk;
        if (message_unpack_chunk(portion->data, portion->bytes, &at, &chunk, &err) != 0)
            give_up(w, &err);
        else
            push(w, &chunk);
    }
}

/* A person wants fewer sessions: the queued chunks go back, for the workers that go on. */
static void return_queue(struct worker *w)
{
    for (int64_t i = 0; i < w->count; i++) {
        struct cycle_result result = {.chunk_id = w->queue[(w->first + i) % w->capacity].id,
                                      .outcome = CYCLE_BUSY,
                                      .worker = w->comm->rank};
        tell(w, &result, NULL);
    }
    drop_queue(w);
    if (w->cycle != NULL)
        cycle_put_down(w->cycle);
}

static int take_mail(struct worker *w, bool *got, struct error *err)
{
    struct text body = TEXT_INIT;
    enum mail_kind kind;
    int rank;

    if (mail_receive(w->mail, &rank, &kind, &body, got, err) != 0)
        return -1;
    if (*got && kind == MAIL_CHUNK)
        take_chunks(w, &body);
    else if (*got && kind == MAIL_RETURN)
        return_queue(w);
    else if (*got)
        w->is_told_to_stop = true;
    text_free(&body);
    return 0;
}

/* The chunk whose turn it is, and those behind it. */
static void mark_ahead(struct worker *w)
{
    for (int64_t i = 0; i <= w->work->mark_ahead && w->work->mark_ahead > 0 && i < w->count; i++)
        if (!signals_is_cancelled())
            cycle_mark_ahead(w->cycle, &w->queue[(w->first + i) % w->capacity], w->start_ns);
}

static int work_one(struct worker *w, struct error *err)
{
    mark_ahead(w);
    struct chunk chunk = w->queue[w->first];
    struct cycle_result result;
    struct text parts = TEXT_INIT;

    w->first = (w->first + 1) % w->capacity;
    w->count--;
    cycle_run(w->cycle, &chunk, w->start_ns, &result, &parts);
    chunk_clear(&chunk);
    if (signals_is_cancelled()) {
        text_free(&parts);
        return error_set(err, ERROR_INTERRUPTED, "interrupted");
    }
    rank_stats_add(w->rank_stats, &result);
    failpoint_at("worker_before_result");
    tell(w, &result, &parts);
    text_free(&parts);
    if (result.outcome == CYCLE_CANCELLED)
        return_queue(w);
    if (result.outcome == CYCLE_STOPPED) {
        w->is_working = false;
        drop_queue(w);
    }
    return 0;
}

static int pump(struct worker *w, struct error *err)
{
    struct clock_idle idle = {0};
    bool got = false;

    while (!w->is_told_to_stop) {
        if (take_mail(w, &got, err) != 0)
            return -1;
        if (signals_is_cancelled())
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
        if (got) {
            idle.idle_turns = 0;
        } else if (w->count > 0) {
            if (work_one(w, err) != 0)
                return -1;
            idle.idle_turns = 0;
        } else {
            clock_backoff(&idle);
        }
    }
    return 0;
}

static void connect_to_server(struct worker *w, const struct work *work)
{
    struct error err = ERROR_INIT;
    int64_t began_ns = clock_now_ns();

    if (cycle_open(work, w->comm->rank, &w->cycle, &err) != 0) {
        w->cycle = NULL;
        give_up(w, &err);
    }
    w->rank_stats->stats.max_connect_ns = clock_now_ns() - began_ns;
}

static int run(struct worker *w, const struct work *work, struct error *err)
{
    struct text portion = TEXT_INIT;

    connect_to_server(w, work);
    if (signals_is_cancelled())
        return error_set(err, ERROR_INTERRUPTED, "interrupted while connecting");
    int rc = comm_scatter_receive(w->comm, &portion, err);
    w->start_ns = clock_now_ns();
    if (rc == 0) {
        take_chunks(w, &portion);
        rc = pump(w, err);
    }
    text_free(&portion);
    if (rc != 0)
        return -1;
    w->rank_stats->stats.max_work_ns = clock_now_ns() - w->start_ns;
    if (w->cycle != NULL) {
        w->rank_stats->stats.reconnects = cycle_reconnects(w->cycle);
        cycle_put_down(w->cycle);
    }
    mail_send(w->mail, MANAGER, MAIL_LEFT, NULL);
    return mail_flush(w->mail, err);
}

int worker_run(const struct comm *comm, const struct work *work, int workers,
               struct rank_stats *rank_stats, struct error *err)
{
    struct worker w = {.comm = comm, .work = work, .rank_stats = rank_stats, .is_working = true};
    struct text nothing = TEXT_INIT;

    if (comm->rank > workers) {
        int idle_rc = comm_scatter_receive(comm, &nothing, err);
        text_free(&nothing);
        return idle_rc;
    }
    w.mail = mail_new(comm);
    int rc = run(&w, work, err);
    if (signals_is_cancelled() && w.cycle != NULL) {
        signals_last_second();
        cycle_give_back(w.cycle);
    }
    cycle_close(w.cycle);
    drop_queue(&w);
    free(w.queue);
    if (rc == 0)
        mail_free(w.mail); /* else MPI still has some of it, and the process is about to end */
    return rc;
}
