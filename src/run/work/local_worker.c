/* A worker without messages: the same cycle, the same rank_stats. */
#include "run/work/local_worker.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/memory.h"
#include "core/protocol/message.h"
#include "db/cycle/cycle.h"
#include "run/mpi/signals.h"
#include "run/work/worker.h"

struct alone {
    const struct work *work;
    struct rank_stats *rank_stats;
    struct cycle *cycle;
    struct chunk chunk;
    bool has_chunk;
    struct error error; /* of the message */
    int64_t start_ns;
};

struct alone *alone_new(const struct work *work, struct rank_stats *rank_stats)
{
    struct alone *alone = memory_zero(1, sizeof *alone);

    alone->work = work;
    alone->rank_stats = rank_stats;
    alone->start_ns = clock_now_ns();
    return alone;
}

void alone_free(struct alone *alone)
{
    if (alone == NULL)
        return;
    if (alone->cycle != NULL)
        alone->rank_stats->stats.reconnects = cycle_reconnects(alone->cycle);
    if (alone->cycle != NULL && signals_is_cancelled()) {
        signals_last_second();
        cycle_give_back(alone->cycle);
    }
    alone->rank_stats->stats.max_work_ns = clock_now_ns() - alone->start_ns;
    cycle_close(alone->cycle);
    chunk_clear(&alone->chunk);
    free(alone);
}

void alone_take(struct alone *alone, const struct text *message)
{
    size_t at = 0;

    assert(!alone->has_chunk);
    alone->has_chunk = true;
    error_clear(&alone->error);
    if (message_unpack_chunk(message->data, message->bytes, &at, &alone->chunk, &alone->error) != 0)
        alone->chunk.id = 0;
}

static int connect_once(struct alone *alone, struct error *err)
{
    int64_t began_ns = clock_now_ns();

    if (alone->cycle != NULL)
        return 0;
    int rc = cycle_open(alone->work, 0, &alone->cycle, err);
    if (rc != 0)
        alone->cycle = NULL;
    alone->rank_stats->stats.max_connect_ns = clock_now_ns() - began_ns;
    return rc;
}

bool alone_work(struct alone *alone, struct cycle_result *result, struct text *parts)
{
    struct error err = alone->error;

    if (!alone->has_chunk)
        return false;
    alone->has_chunk = false;
    if (err.kind != ERROR_NONE || connect_once(alone, &err) != 0) {
        worker_stopped(result, 0, alone->chunk.id, &err);
    } else {
        cycle_run(alone->cycle, &alone->chunk, alone->start_ns, result, parts);
        rank_stats_add(alone->rank_stats, result);
        failpoint_at("worker_before_result");
    }
    chunk_clear(&alone->chunk);
    return true;
}
