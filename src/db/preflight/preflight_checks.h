/* What a check is given, how it reports what it found, and the list of all checks. Only
 * db/preflight includes it. A check runs in a transaction of its own, which is rolled back; a
 * statement that the server refuses ends that check alone. */
#ifndef CHUNKMILL_DB_PREFLIGHT_PREFLIGHT_CHECKS_H
#define CHUNKMILL_DB_PREFLIGHT_PREFLIGHT_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "db/connection/connection.h"
#include "db/cycle/statement.h"
#include "db/preflight/preflight.h"

enum { PREFLIGHT_SMALL_PAGES = 1000 }; /* a table of fewer pages may be read whole by each chunk */

struct preflight_run {
    struct session *session;
    struct connection *c;
    const struct config *config;
    struct work *work;
    const struct preflight_options *options;
    struct preflight_finding *finding; /* of the check that runs */
    /* the server */
    int backend_pid;
    bool is_standby, has_tls, is_local;
    char *role, *tls;
    /* the target */
    char *schema_list;  /* the job's schemas as an array literal */
    char *wanted;       /* the table's name, placeholders expanded; NULL: that failed */
    char table_oid[12]; /* "" where there is no such table */
    char *table;        /* schema-qualified and quoted */
    char kind;          /* pg_class.relkind */
    int64_t pages, rows;
    bool has_column_fault;   /* columns or row_id has said what is wrong */
    bool is_resolved;        /* work is filled */
    struct error unresolved; /* why not; or why the table could not be looked for */
};

typedef int preflight_check(struct preflight_run *run, struct error *err);

/* preflight_say(run, answer, format, ..): adds facts to the finding ("; " between) and raises its
 * answer to `answer` where that is worse. */
void preflight_say(struct preflight_run *run, enum preflight_answer answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* preflight_advise(run, format, ..): adds a line to the remedy. */
void preflight_advise(struct preflight_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* preflight_ask(run, sql, count, values, rows, err): one statement with text parameters,
 * unprepared. */
int preflight_ask(struct preflight_run *run, const struct sql *sql, int count,
                  const char *const *values, struct rows **rows, struct error *err);
/* preflight_ask_table: the same with the target's oid as the only parameter. */
int preflight_ask_table(struct preflight_run *run, const struct sql *sql, struct rows **rows,
                        struct error *err);
/* preflight_script(run, text, err): statements without parameters or answer. */
int preflight_script(struct preflight_run *run, const char *text, struct error *err);
/* preflight_limit(run, limit_ms, err): statement_timeout for the rest of the check. */
int preflight_limit(struct preflight_run *run, int limit_ms, struct error *err);
/* Whether err is the statement_timeout of preflight_limit. */
bool preflight_timed_out(const struct error *err);

/* preflight_flatten(sql): people's SQL for a printed statement: line breaks before closing
 * parentheses taken out where no comment needs them. In place. */
void preflight_flatten(char *sql);

/* What the expressions of the job are made of (inspect_view.sql). parts: which expressions. In a
 * transaction, in which it leaves nothing behind. */
enum preflight_part { PREFLIGHT_KEY = 1, PREFLIGHT_SCOPE = 2, PREFLIGHT_WINDOW = 4 };
int preflight_key_parts(struct preflight_run *run, int parts, struct rows **rows,
                        struct error *err);

/* preflight_plan_explain(run, statement, lower, upper, plan, err): EXPLAIN (VERBOSE, FORMAT JSON)
 * of a statement of the cycle for a chunk between two keys, or for everything (both NULL). The plan
 * holds key values: it is not for printing. Errors: SERVER as the statement's. */
int preflight_plan_explain(struct preflight_run *run, enum statement statement,
                           const struct key *lower, const struct key *upper, struct rows **plan,
                           struct error *err);

/* preflight_index_advise(run, err): the CREATE INDEX that serves the key, tried on an empty copy of
 * the table. */
int preflight_index_advise(struct preflight_run *run, struct error *err);

/* Read before the first check. Errors: CONNECTION, INTERRUPTED; what the server refuses is kept in
 * run. */
int preflight_server_read(struct preflight_run *run, struct error *err);
int preflight_table_read(struct preflight_run *run, struct error *err);

preflight_check preflight_server_connection, preflight_server_version, preflight_server_pooler,
    preflight_server_primary, preflight_server_ledger;
preflight_check preflight_table_kind, preflight_table_rules, preflight_table_columns,
    preflight_table_row_id, preflight_table_row_security, preflight_table_triggers;
preflight_check preflight_key_expressions, preflight_key_flag, preflight_key_flag_values,
    preflight_key_flag_index;
preflight_check preflight_rights_check;
preflight_check preflight_plan_index;
preflight_check preflight_update_check, preflight_update_steps;
preflight_check preflight_health_statistics, preflight_health_fillfactor, preflight_health_hot,
    preflight_health_connections, preflight_health_settings, preflight_health_lag,
    preflight_health_snapshots;

#endif
