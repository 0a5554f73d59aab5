/* States: queueing -> sent -> over. A pipeline has one synchronisation point, at its end. */
#include "db/connection/pipeline.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "db/connection/exchange.h"

void pipeline_begin(struct pipeline *pipeline, struct connection *c)
{
    memset(pipeline, 0, sizeof *pipeline);
    pipeline->connection = c;
    pipeline->is_broken = c->dead || PQenterPipelineMode(c->pg) == 0;
}

static bool is_open(const struct pipeline *pipeline)
{
    return !pipeline->is_broken && pipeline->spoilt.kind == ERROR_NONE;
}

static void note(struct pipeline *pipeline, const char *name, enum pipeline_kind kind, int sent)
{
    assert(pipeline->count < PIPELINE_ENTRIES_MAX);
    pipeline->entries[pipeline->count++] = (struct pipeline_entry){name, kind};
    if (sent == 0)
        pipeline->is_broken = true;
}

static bool is_prepared(const struct pipeline *pipeline, const char *name)
{
    for (int i = 0; i < pipeline->count; i++)
        if (pipeline->entries[i].kind == PIPELINE_PREPARE &&
            strcmp(pipeline->entries[i].name, name) == 0)
            return true;
    return exchange_is_prepared(pipeline->connection, name);
}

/* The server keeps answers back until it is asked for them; but what a statement took is told by
 * when the one before it was done, and a server that says nothing for long counts as gone. */
static void add(struct pipeline *pipeline, const struct sql *sql, struct parameters p,
                enum pipeline_kind kind)
{
    PGconn *pg = pipeline->connection->pg;

    if (!is_open(pipeline))
        return;
    if (pipeline->owes_flush && PQsendFlushRequest(pg) == 0)
        pipeline->is_broken = true;
    if (!is_prepared(pipeline, sql->name))
        note(pipeline, sql->name, PIPELINE_PREPARE,
             PQsendPrepare(pg, sql->name, sql->text, p.types == NULL ? 0 : p.count, p.types));
    note(pipeline, sql->name, kind,
         PQsendQueryPrepared(pg, sql->name, p.count, p.values, NULL, NULL, 0));
    pipeline->owes_flush = kind == PIPELINE_STATEMENT;
}

void pipeline_add(struct pipeline *pipeline, const struct sql *sql, struct parameters p)
{
    add(pipeline, sql, p, PIPELINE_STATEMENT);
}

void pipeline_add_command(struct pipeline *pipeline, const struct sql *sql)
{
    add(pipeline, sql, PARAMETERS_NONE, PIPELINE_COMMAND);
}

void pipeline_spoil(struct pipeline *pipeline, const struct error *err)
{
    if (pipeline->spoilt.kind == ERROR_NONE)
        pipeline->spoilt = *err;
}

/* Everything up to the synchronisation point, thrown away; then the connection is its own again.
 * Each statement has its results and a NULL: two of these are the end of all that libpq knows of.
 */
static int leave(struct pipeline *pipeline, struct error *err)
{
    struct connection *c = pipeline->connection;
    PGresult *result = NULL;
    bool is_synchronous = false;

    for (int nothing = 0; !is_synchronous && nothing < 2;) {
        if (exchange_result(c, "the rest of a pipeline", &result, err) != 0)
            return exchange_failed(c, err);
        nothing = result == NULL ? nothing + 1 : 0;
        is_synchronous = result != NULL && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        PQclear(result);
    }
    if (is_synchronous && PQexitPipelineMode(c->pg) != 0)
        return 0;
    exchange_broken(c, "the end of a pipeline", err);
    return exchange_failed(c, err);
}

static int broken(struct pipeline *pipeline, struct error *err)
{
    struct connection *c = pipeline->connection;
    const char *name =
        pipeline->count > 0 ? pipeline->entries[pipeline->count - 1].name : "a pipeline";

    if (c->dead)
        return error_set(err, ERROR_CONNECTION, "%s: the connection is gone", name);
    exchange_broken(c, name, err);
    return exchange_failed(c, err);
}

int pipeline_send(struct pipeline *pipeline, struct error *err)
{
    if (pipeline->is_broken || PQpipelineSync(pipeline->connection->pg) == 0)
        return broken(pipeline, err);
    pipeline->answered_ns = clock_now_ns();
    if (pipeline->spoilt.kind == ERROR_NONE)
        return 0;
    *err = pipeline->spoilt;
    struct error ignored = ERROR_INIT;
    leave(pipeline, &ignored);
    return -1;
}

/* The answer of one entry, judged. */
static int take(struct pipeline *pipeline, struct rows **rows, struct error *err)
{
    const struct pipeline_entry *entry = &pipeline->entries[pipeline->next++];
    struct connection *c = pipeline->connection;
    struct error ignored = ERROR_INIT;
    PGresult *result = NULL;

    int rc = exchange_last(c, entry->name, &result, err);
    c->elapsed_ns = clock_now_ns() - pipeline->answered_ns;
    if (entry->kind == PIPELINE_STATEMENT)
        pipeline->answered_ns += c->elapsed_ns;
    if (rc != 0) {
        exchange_failed(c, err);
        if (!c->dead)
            leave(pipeline, &ignored);
        return -1;
    }
    if (entry->kind == PIPELINE_PREPARE)
        exchange_note_prepared(c, entry->name);
    if (rows == NULL) {
        PQclear(result);
        return 0;
    }
    *rows = memory_zero(1, sizeof **rows);
    (*rows)->result = result;
    return 0;
}

int pipeline_commands(struct pipeline *pipeline, struct error *err)
{
    while (pipeline->next < pipeline->count &&
           pipeline->entries[pipeline->next].kind != PIPELINE_STATEMENT)
        if (take(pipeline, NULL, err) != 0)
            return -1;
    return 0;
}

int pipeline_next(struct pipeline *pipeline, struct rows **rows, struct error *err)
{
    if (pipeline_commands(pipeline, err) != 0)
        return -1;
    assert(pipeline->next < pipeline->count);
    return take(pipeline, rows, err);
}

int pipeline_finish(struct pipeline *pipeline, struct error *err)
{
    if (pipeline_commands(pipeline, err) != 0)
        return -1;
    assert(pipeline->next == pipeline->count);
    return leave(pipeline, err);
}
