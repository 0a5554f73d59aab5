/* One libpq connection: opened with the pinned session settings, used by prepared statements,
 * waited for in poll() so that a rank uses no CPU, and interruptible at any moment. Several
 * statements in one round trip: db/connection/pipeline.h.
 *
 * Errors by kind: CONNECTION when the server can't be reached or is gone (then the connection is
 * dead: connection_is_dead; the sqlstate is the one that the server gave when it left, "" when
 * it gave none); SERVER with the SQLSTATE when it refused a statement; INTERRUPTED when the
 * interrupt flag was raised (the statement was cancelled, the connection is closed). The
 * server's text is shown only for the classes on the list of retry_shows_message. */
#ifndef CHUNKMILL_DB_CONNECTION_CONNECTION_H
#define CHUNKMILL_DB_CONNECTION_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/protocol/work.h"
#include "db/connection/rows.h"

struct connection;

/* An SQL statement of ours: name for errors and for the prepared statement; embedded texts are
 * these. */
struct sql {
    const char *name;
    const char *text;
};

/* A parameter list. types may be NULL (the server infers). */
struct parameters {
    int count;
    const char *const *values; /* text; NULL is SQL NULL */
    const uint32_t *types;
};
#define PARAMETERS_NONE ((struct parameters){0, NULL, NULL})

/* connection_watch(flag): the process's interrupt flag, read while waiting; a signal handler raises
 * it. */
void connection_watch(const volatile int *interrupt);
bool connection_is_interrupted(void);

/* connection_open(parameters, count, purpose, connection, err): connects (connect_timeout 10 s
 * unless PGCONNECT_TIMEOUT, service or parameters say otherwise); the libpq environment fills what
 * parameters leave out. purpose goes into application_name ("chunkmill JOB control"). keepalives
 * and tcp_user_timeout are set. Applies no session settings: see connection_pin. */
int connection_open(const struct work_setting *parameters, int count, const char *purpose,
                    struct connection **connection, struct error *err);
void connection_close(struct connection *c); /* takes NULL */

/* connection_pin(c, settings, count, err): SET each one, in order (docs/PROTOCOL.md, "Keys are
 * text, so sessions must agree"); a setting that the server doesn't know is CONFIG.
 * statement_timeout, in ms, also sets connection_patience. */
int connection_pin(struct connection *c, const struct work_setting *settings, int count,
                   struct error *err);

/* connection_restore(c, settings, count, err): makes the session what connection_pin left, after
 * SQL of a person's: its own role, all settings reset, these set again. In a transaction it is part
 * of it. */
int connection_restore(struct connection *c, const struct work_setting *settings, int count,
                       struct error *err);

/* The name of a pinned setting that has another value since: a function or trigger has set it. Of
 * those that the server reports (TimeZone, DateStyle, .., search_path from 18 on); NULL: none. */
const char *connection_changed_setting(const struct connection *c);
bool connection_is_in_transaction(const struct connection *c);

/* connection_patience(c, timeout_ms): a server that has not answered ten seconds after its
 * statement_timeout has gone silent, whatever TCP says: CONNECTION. 0: an answer is waited for
 * without end. */
void connection_patience(struct connection *c, int64_t timeout_ms);

/* connection_parameters(c, work): adds to work what an equal connection needs (host, port, dbname,
 * user, sslmode, .., never a password), so that all ranks go to the same database whatever their
 * own environment says. */
void connection_parameters(const struct connection *c, struct work *work);

/* connection_query(c, text, p, rows, err): one statement, prepared the first time it is seen (by
 * name); rows may be NULL; else owned by the caller (rows_free). In a failed transaction the caller
 * rolls back. Blocks in poll. */
int connection_query(struct connection *c, const struct sql *sql, struct parameters p,
                     struct rows **rows, struct error *err);

/* connection_query_once: the same, unprepared (PQexecParams): for statements that run once a
 * connection. */
int connection_query_once(struct connection *c, const struct sql *sql, struct parameters p,
                          struct rows **rows, struct error *err);

/* connection_script(c, sql, err): one or more statements without parameters, simple protocol.
 * Results are thrown away. */
int connection_script(struct connection *c, const struct sql *sql, struct error *err);

/* BEGIN ISOLATION LEVEL READ COMMITTED; COMMIT; ROLLBACK (which also takes a dead
 * connection: does nothing). */
int connection_begin(struct connection *c, struct error *err);
int connection_commit(struct connection *c, struct error *err);
void connection_rollback(struct connection *c);
extern const struct sql connection_sql_begin,
    connection_sql_commit; /* the same, for a pipeline (db/connection/pipeline.h) */

/* connection_stream(c, sql, p, each, context, err): row by row (single-row mode), constant memory.
 * each gets the row's values (NULL for SQL NULL), valid during the call; a return of -1 ends the
 * stream with its error (the statement is cancelled and the connection closed). */
typedef int connection_each(void *context, int columns, const char *const *values,
                            struct error *err);
int connection_stream(struct connection *c, const struct sql *sql, struct parameters p,
                      connection_each *each, void *context, struct error *err);

/* connection_describe(c, sql, err, ..): result column types of a statement with no parameters:
 * *count Oids into types (space for KEY_COLUMNS_MAX + 2). */
int connection_describe(struct connection *c, const struct sql *sql, uint32_t *types, int *count,
                        struct error *err);

/* COPY in: begin with the COPY statement, then data (text format), then end; the number of rows in
 * *rows. */
int connection_copy_begin(struct connection *c, const struct sql *sql, struct error *err);
int connection_copy_data(struct connection *c, const char *data, size_t bytes, struct error *err);
int connection_copy_end(struct connection *c, int64_t *rows, struct error *err);

/* connection_identifier(c, name): quoted, owned by the caller. */
char *connection_identifier(struct connection *c, const char *name);

/* How long the last statement took, from sending it to its answer. */
int64_t connection_elapsed_ns(const struct connection *c);
bool connection_is_dead(const struct connection *c);
int connection_backend_pid(const struct connection *c);
int connection_server_version(const struct connection *c); /* 150018 */
int connection_library_version(void);                      /* of libpq, at run time: 150018 */
const char *connection_database(const struct connection *c);
const char *connection_host(const struct connection *c); /* host:port, or the socket's directory */
const char *connection_user(const struct connection *c);

#endif
