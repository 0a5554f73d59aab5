/* Checks server and session: role and host, version, a pooler in between, primary or standby,
 * and the ledger. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "db/ledger/ledger.h"
#include "db/preflight/preflight_checks.h"
#include "sql_statements.h"

enum { OLDEST_SERVER = 130000 };

int preflight_server_read(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;
    struct text schemas = TEXT_INIT;

    if (preflight_ask(run, &sql_inspect_server, 0, NULL, &rows, err) != 0)
        return -1;
    run->backend_pid = (int)rows_int64(rows, 0, 0);
    run->is_standby = rows_bool(rows, 0, 1);
    run->role = memory_copy_string(rows_text(rows, 0, 2));
    run->has_tls = rows_bool(rows, 0, 3);
    run->tls = memory_copy_string(rows_text(rows, 0, 4));
    run->is_local = rows_bool(rows, 0, 5);
    rows_free(rows);
    for (int i = 0; i < run->config->schema_count; i++)
        key_array_add(&schemas, run->config->schemas[i].value);
    if (run->config->schema_count > 0)
        key_array_end(&schemas);
    else
        text_add(&schemas, "{}");
    run->schema_list = text_take(&schemas);
    return 0;
}

int preflight_server_connection(struct preflight_run *run, struct error *err)
{
    struct connection *c = run->c;

    (void)err;
    preflight_say(run, PREFLIGHT_PASS, "database %s on %s as %s", connection_database(c),
                  connection_host(c), run->role);
    if (run->has_tls) {
        preflight_say(run, PREFLIGHT_PASS, "%s", run->tls);
    } else if (run->is_local) {
        preflight_say(run, PREFLIGHT_PASS, "without TLS, but it never leaves this host");
    } else {
        preflight_say(run, PREFLIGHT_WARN, "without TLS: keys travel in clear text");
        preflight_advise(run, "set PGSSLMODE=verify-full, or sslmode in the service file");
    }
    return 0;
}

int preflight_server_version(struct preflight_run *run, struct error *err)
{
    int version = connection_server_version(run->c);
    bool is_old = version < OLDEST_SERVER;

    (void)err;
    preflight_say(run, is_old ? PREFLIGHT_FAIL : PREFLIGHT_PASS, "PostgreSQL %d.%d",
                  version / 10000, version % 10000);
    if (is_old)
        preflight_advise(run, "run against PostgreSQL 13 or newer");
    return 0;
}

int preflight_server_pooler(struct preflight_run *run, struct error *err)
{
    (void)err;
    if (run->backend_pid == connection_backend_pid(run->c)) {
        preflight_say(run, PREFLIGHT_PASS, "none between");
        return 0;
    }
    preflight_say(
        run, PREFLIGHT_FAIL,
        "a pooler is between: the session's settings and locks would belong to whoever comes next");
    preflight_advise(run, "set PGHOST and PGPORT to the server itself");
    return 0;
}

static int say_read_only(struct preflight_run *run, struct error *err)
{
    static const struct sql ask = {
        "asking whether transactions are read-only",
        "SELECT pg_catalog.current_setting('default_transaction_read_only')::boolean"};
    struct rows *rows = NULL;

    if (preflight_ask(run, &ask, 0, NULL, &rows, err) != 0)
        return -1;
    bool is_read_only = rows_bool(rows, 0, 0);
    rows_free(rows);
    if (!is_read_only) {
        preflight_say(run, PREFLIGHT_PASS, "the server is the primary");
        return 0;
    }
    preflight_say(run, PREFLIGHT_FAIL,
                  "transactions are read-only by default: somebody has switched the server, the "
                  "database or role %s to it (a managed server does so when its disk is full)",
                  run->role);
    preflight_advise(run,
                     "find out why; where only the role is meant: ALTER ROLE %s SET "
                     "default_transaction_read_only = off;",
                     run->role);
    return 0;
}

int preflight_server_primary(struct preflight_run *run, struct error *err)
{
    if (!run->is_standby)
        return say_read_only(run, err);
    preflight_say(run, PREFLIGHT_FAIL, "the server is a standby: it can't write");
    preflight_advise(run, "connect to the primary: set PGHOST, or list all hosts and set "
                          "PGTARGETSESSIONATTRS=read-write");
    return 0;
}

static int ledger_version(struct preflight_run *run, const char *schema, struct error *err)
{
    char *quoted = connection_identifier(run->c, schema);
    struct text text = TEXT_INIT;
    struct rows *rows = NULL;
    int rc = -1;

    text_format(&text, "SELECT max(version) FROM %s.ledger", quoted);
    struct sql sql = {"reading the ledger's version", text_string(&text)};
    if (preflight_ask(run, &sql, 0, NULL, &rows, err) != 0)
        goto out;
    int64_t version = rows_int64(rows, 0, 0);
    preflight_say(run, version == LEDGER_VERSION ? PREFLIGHT_PASS : PREFLIGHT_FAIL,
                  "schema %s, version %lld", quoted, (long long)version);
    if (version > LEDGER_VERSION)
        preflight_advise(run, "use the chunkmill that made it, or a newer one");
    else if (version < LEDGER_VERSION)
        preflight_advise(
            run,
            "finish its runs with the chunkmill that made it, then: chunkmill ledger %s "
            "drop; chunkmill ledger %s create",
            run->config->path, run->config->path);
    rc = 0;
out:
    rows_free(rows);
    text_free(&text);
    free(quoted);
    return rc;
}

int preflight_server_ledger(struct preflight_run *run, struct error *err)
{
    const char *schema = run->config->ledger_schema;
    const char *values[] = {schema};
    struct rows *rows = NULL;

    if (preflight_ask(run, &sql_inspect_ledger, 1, values, &rows, err) != 0)
        return -1;
    bool is_there = rows_bool(rows, 0, 0), may_read = rows_bool(rows, 0, 1),
         may_create = rows_bool(rows, 0, 2);
    rows_free(rows);
    if (is_there && may_read)
        return ledger_version(run, schema, err);
    if (is_there) {
        preflight_say(run, PREFLIGHT_FAIL, "role %s may not read schema %s", run->role, schema);
        preflight_advise(run, "see privileges for the GRANT statements");
        return 0;
    }
    preflight_say(run, PREFLIGHT_WARN, "no ledger in schema %s yet: `run` will refuse", schema);
    preflight_advise(run, "chunkmill ledger %s create%s", run->config->path,
                     may_create ? "" : ", as a role that may create the schema");
    return 0;
}
