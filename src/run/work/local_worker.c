/* A worker without messages: the same cycle, the same rank stats. */
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

struct local_worker {
    const struct work *work;
    struct rank_stats *rank_stats;
    struct cycle *cycle;
    struct chunk chunk;
    bool has_chunk;
    struct error error; /* of the message */
    int64_t start_ns;
};

struct local_worker *local_worker_new(const struct work *work, struct rank_stats *rank_stats)
{
    struct local_worker *local = memory_zero(1, sizeof *local);

    local->work = work;
    local->rank_stats = rank_stats;
    local->start_ns = clock_now_ns();
    return local;
}

void local_worker_free(struct local_worker *local)
{
    if (local == NULL)
        return;
    if (local->cycle != NULL)
        local->rank_stats->stats.reconnects = cycle_reconnects(local->cycle);
    if (local->cycle != NULL && signals_is_cancelled()) {
        signals_last_second();
        cycle_give_back(local->cycle);
    }
    local->rank_stats->stats.max_work_ns = clock_now_ns() - local->start_ns;
    cycle_close(local->cycle);
    chunk_clear(&local->chunk);
    free(local);
}

void local_worker_take(struct local_worker *local, const struct text *message)
{
    size_t at = 0;

    assert(!local->has_chunk);
    local->has_chunk = true;
    error_clear(&local->error);
    if (message_unpack_chunk(message->data, message->bytes, &at, &local->chunk, &local->error) != 0)
        local->chunk.id = 0;
}

static int connect_once(struct local_worker *local, struct error *err)
{
    int64_t began_ns = clock_now_ns();

    if (local->cycle != NULL)
        return 0;
    int rc = cycle_open(local->work, 0, &local->cycle, err);
    if (rc != 0)
        local->cycle = NULL;
    local->rank_stats->stats.max_connect_ns = clock_now_ns() - began_ns;
    return rc;
}

bool local_worker_work(struct local_worker *local, struct cycle_result *result, struct text *parts)
{
    struct error err = local->error;

    if (!local->has_chunk)
        return false;
    local->has_chunk = false;
    if (err.kind != ERROR_NONE || connect_once(local, &err) != 0) {
        worker_stopped(result, 0, local->chunk.id, &err);
    } else {
        cycle_run(local->cycle, &local->chunk, local->start_ns, result, parts);
        rank_stats_add(local->rank_stats, result);
        failpoint_at("worker_before_result");
    }
    chunk_clear(&local->chunk);
    return true;
}
