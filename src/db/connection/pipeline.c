/* States: queueing -> sent -> over. One synchronisation point a batch, at its end. */
#include "db/connection/pipeline.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "db/connection/exchange.h"

void batch_begin(struct batch *batch, struct connection *c)
{
    memset(batch, 0, sizeof *batch);
    batch->connection = c;
    batch->is_broken = c->dead || PQenterPipelineMode(c->pg) == 0;
}

static bool is_open(const struct batch *batch)
{
    return !batch->is_broken && batch->spoilt.kind == ERROR_NONE;
}

static void note(struct batch *batch, const char *name, enum batch_kind kind, int sent)
{
    assert(batch->count < BATCH_STEPS_MAX);
    batch->steps[batch->count++] = (struct batch_step){name, kind};
    if (sent == 0)
        batch->is_broken = true;
}

static bool is_prepared(const struct batch *batch, const char *name)
{
    for (int i = 0; i < batch->count; i++)
        if (batch->steps[i].kind == BATCH_PREPARE && strcmp(batch->steps[i].name, name) == 0)
            return true;
    return exchange_is_prepared(batch->connection, name);
}

/* The server keeps answers back until it is asked for them; but what a statement took is told by when the one
 * before it was done, and a server that says nothing for long counts as gone. */
static void add(struct batch *batch, const struct sql *sql, struct parameters p, enum batch_kind kind)
{
    PGconn *pg = batch->connection->pg;

    if (!is_open(batch))
        return;
    if (batch->owes_flush && PQsendFlushRequest(pg) == 0)
        batch->is_broken = true;
    if (!is_prepared(batch, sql->name))
        note(batch, sql->name, BATCH_PREPARE,
             PQsendPrepare(pg, sql->name, sql->text, p.types == NULL ? 0 : p.count, p.types));
    note(batch, sql->name, kind, PQsendQueryPrepared(pg, sql->name, p.count, p.values, NULL, NULL, 0));
    batch->owes_flush = kind == BATCH_STATEMENT;
}

void batch_add(struct batch *batch, const struct sql *sql, struct parameters p)
{
    add(batch, sql, p, BATCH_STATEMENT);
}

void batch_add_command(struct batch *batch, const struct sql *sql)
{
    add(batch, sql, PARAMETERS_NONE, BATCH_COMMAND);
}

void batch_spoil(struct batch *batch, const struct error *err)
{
    if (batch->spoilt.kind == ERROR_NONE)
        batch->spoilt = *err;
}

/* Everything up to the synchronisation point, thrown away; then the connection is its own again. Each
 * statement has its results and a NULL: two of these are the end of all that libpq knows of. */
static int leave(struct batch *batch, struct error *err)
{
    struct connection *c = batch->connection;
    PGresult *result = NULL;
    bool is_synchronous = false;

    for (int nothing = 0; !is_synchronous && nothing < 2;) {
        if (exchange_result(c, "the rest of a batch", &result, err) != 0)
            return exchange_failed(c, err);
        nothing = result == NULL ? nothing + 1 : 0;
        is_synchronous = result != NULL && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        PQclear(result);
    }
    if (is_synchronous && PQexitPipelineMode(c->pg) != 0)
        return 0;
    exchange_broken(c, "the end of a batch", err);
    return exchange_failed(c, err);
}

static int broken(struct batch *batch, struct error *err)
{
    struct connection *c = batch->connection;
    const char *name = batch->count > 0 ? batch->steps[batch->count - 1].name : "a batch";

    if (c->dead)
        return error_set(err, ERROR_CONNECTION, "%s: the connection is gone", name);
    exchange_broken(c, name, err);
    return exchange_failed(c, err);
}

int batch_send(struct batch *batch, struct error *err)
{
    if (batch->is_broken || PQpipelineSync(batch->connection->pg) == 0)
        return broken(batch, err);
    batch->answered_ns = clock_now_ns();
    if (batch->spoilt.kind == ERROR_NONE)
        return 0;
    *err = batch->spoilt;
    struct error ignored = ERROR_INIT;
    leave(batch, &ignored);
    return -1;
}

/* The answer of one step, judged. */
static int take(struct batch *batch, struct rows **rows, struct error *err)
{
    const struct batch_step *step = &batch->steps[batch->next++];
    struct connection *c = batch->connection;
    struct error ignored = ERROR_INIT;
    PGresult *result = NULL;

    int rc = exchange_last(c, step->name, &result, err);
    c->elapsed_ns = clock_now_ns() - batch->answered_ns;
    if (step->kind == BATCH_STATEMENT)
        batch->answered_ns += c->elapsed_ns;
    if (rc != 0) {
        exchange_failed(c, err);
        if (!c->dead)
            leave(batch, &ignored);
        return -1;
    }
    if (step->kind == BATCH_PREPARE)
        exchange_note_prepared(c, step->name);
    if (rows == NULL) {
        PQclear(result);
        return 0;
    }
    *rows = memory_zero(1, sizeof **rows);
    (*rows)->result = result;
    return 0;
}

int batch_commands(struct batch *batch, struct error *err)
{
    while (batch->next < batch->count && batch->steps[batch->next].kind != BATCH_STATEMENT)
        if (take(batch, NULL, err) != 0)
            return -1;
    return 0;
}

int batch_next(struct batch *batch, struct rows **rows, struct error *err)
{
    if (batch_commands(batch, err) != 0)
        return -1;
    assert(batch->next < batch->count);
    return take(batch, rows, err);
}

int batch_finish(struct batch *batch, struct error *err)
{
    if (batch_commands(batch, err) != 0)
        return -1;
    assert(batch->next == batch->count);
    return leave(batch, err);
}
