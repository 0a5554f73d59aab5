/* Makes, drops and requires the tables of the ledger. */
#include "db/ledger/ledger.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/sql/template.h"
#include "db/ledger/ledger_query.h"
#include "sql_statements.h"

enum standing { MISSING, READY, OLDER, NEWER };

int ledger_script(const struct work *work, struct text *out, struct error *err)
{
    const struct template_value values[] = {{"ledger", work->ledger}};

    return template_expand(sql_create.name, sql_create.text, values, 1, out, err);
}

static int find(struct connection *c, const struct work *work, enum standing *standing,
                struct error *err)
{
    struct text name = TEXT_INIT;
    struct rows *rows = NULL;

    text_format(&name, "%s.ledger", work->ledger);
    const char *values[] = {text_string(&name)};
    int rc =
        connection_query(c, &sql_find_ledger, (struct parameters){1, values, NULL}, &rows, err);
    text_free(&name);
    if (rc != 0)
        return -1;
    *standing = rows_bool(rows, 0, 0) ? READY : MISSING;
    rows_free(rows);
    if (*standing == MISSING)
        return 0;
    if (ledger_query(c, work, &sql_read_version, ledger_query_values(0, NULL), &rows, err) != 0)
        return -1;
    int64_t version = rows_int64(rows, 0, 0);
    rows_free(rows);
    if (version != LEDGER_VERSION)
        *standing = version < LEDGER_VERSION ? OLDER : NEWER;
    return 0;
}

static int refuse(struct error *err, const struct work *work)
{
    if (err->kind == ERROR_SERVER)
        err->kind = ERROR_REFUSED;
    error_context(err, "the ledger in schema %s", work->ledger);
    return -1;
}

int ledger_create(struct connection *c, const struct work *work, bool *made, struct error *err)
{
    enum standing standing;

    *made = false;
    if (find(c, work, &standing, err) != 0)
        return refuse(err, work);
    if (standing == READY)
        return 0;
    if (standing != MISSING)
        return error_set(err, ERROR_REFUSED,
                         "the ledger in schema %s is of another version; try the chunkmill that "
                         "made it, or drop it",
                         work->ledger);
    if (connection_begin(c, err) != 0 || ledger_query_execute(c, work, &sql_create, err) != 0 ||
        connection_commit(c, err) != 0) {
        connection_rollback(c);
        return refuse(err, work);
    }
    *made = true;
    return 0;
}

static int drop_all(struct connection *c, const struct work *work, struct error *err)
{
    struct rows *rows = NULL;

    if (ledger_query_execute(c, work, &sql_drop, err) != 0)
        return -1;
    const char *values[] = {work->ledger};
    if (connection_query(c, &sql_is_schema_empty, (struct parameters){1, values, NULL}, &rows,
                         err) != 0)
        return -1;
    bool empty = rows_bool(rows, 0, 0);
    rows_free(rows);
    return empty ? ledger_query_execute(c, work, &sql_drop_schema, err) : 0;
}

static int count(struct connection *c, const struct work *work, const struct sql *sql,
                 int64_t *number, struct error *err)
{
    struct rows *rows = NULL;

    if (ledger_query(c, work, sql, ledger_query_values(0, NULL), &rows, err) != 0)
        return refuse(err, work);
    *number = rows_int64(rows, 0, 0);
    rows_free(rows);
    return 0;
}

int ledger_drop(struct connection *c, const struct work *work, bool force, struct error *err)
{
    enum standing standing;
    int64_t live = 0, unfinished = 0;

    if (find(c, work, &standing, err) != 0)
        return refuse(err, work);
    if (standing == MISSING)
        return error_set(err, ERROR_REFUSED, "there is no ledger in schema %s", work->ledger);
    if (count(c, work, &sql_count_live, &live, err) != 0 ||
        count(c, work, &sql_count_unfinished, &unfinished, err) != 0)
        return -1;
    if (live > 0)
        return error_set(err, ERROR_LIVE,
                         "an attempt is live; try `chunkmill status` for how to stop it");
    if (unfinished > 0 && !force)
        return error_set(err, ERROR_REFUSED,
                         "the ledger in schema %s holds %" PRId64
                         " unfinished run%s: without it nobody knows what is "
                         "done; try `chunkmill abandon JOB` first, or --force",
                         work->ledger, unfinished, unfinished == 1 ? "" : "s");
    if (connection_begin(c, err) != 0 || drop_all(c, work, err) != 0 ||
        connection_commit(c, err) != 0) {
        connection_rollback(c);
        return refuse(err, work);
    }
    return 0;
}

int ledger_require(struct connection *c, const struct work *work, const char *job_file,
                   struct error *err)
{
    enum standing standing;

    if (find(c, work, &standing, err) != 0)
        return refuse(err, work);
    switch (standing) {
    case READY:
        return 0;
    case MISSING:
        return error_set(err, ERROR_REFUSED,
                         "there is no ledger in schema %s; try `chunkmill ledger %s create`",
                         work->ledger, job_file);
    case OLDER:
    case NEWER:
        break;
    }
    return error_set(err, ERROR_REFUSED,
                     "the ledger in schema %s is %s than this program (version %d); try %s, or "
                     "`chunkmill ledger %s drop` "
                     "and `create` when no run is unfinished",
                     work->ledger, standing == OLDER ? "older" : "newer", LEDGER_VERSION,
                     standing == OLDER ? "the chunkmill that made it" : "a newer chunkmill",
                     job_file);
}
