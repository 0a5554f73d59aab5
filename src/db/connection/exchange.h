/* One exchange with the server: send, wait in poll(), take the result, turn it into an error.
 * Only the modules of db/connection include it. */
#ifndef CHUNKMILL_DB_CONNECTION_EXCHANGE_H
#define CHUNKMILL_DB_CONNECTION_EXCHANGE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct rows {
    PGresult *result;
};

enum { EXCHANGE_REPORTED = 6 };

struct connection {
    PGconn *pg;
    bool dead;
    int64_t patience_ns; /* for an answer; 0: for ever */
    int64_t elapsed_ns;  /* of the last exchange */
    char notice[6]; /* the SQLSTATE of class 57P with which the server has announced the session's
                       end */
    char *reported[EXCHANGE_REPORTED]; /* settings that the server reports, as they were pinned */
    int prepared_count;
    char **prepared; /* names of the statements that this session has prepared */
};

/* exchange_watch(flag): see connection_watch. */
void exchange_watch(const volatile int *interrupt);
bool exchange_is_interrupted(void);

/* exchange_wait(c, for_write, err): until the socket can be read (or written). INTERRUPTED when the
 * flag was raised, CONNECTION when that took longer than the connection's patience. */
int exchange_wait(struct connection *c, bool for_write, struct error *err);

/* exchange_wait_until: the same on a bare connection with a limit on clock_now_ns. */
int exchange_wait_until(PGconn *pg, bool for_write, int64_t deadline_ns, struct error *err);

/* exchange_drain(c): throws away what is still to come of a refused statement. */
void exchange_drain(struct connection *c);

/* exchange_result(c, name, result, err): the next result (NULL: no more), waiting without spinning.
 * CONNECTION, which says at which statement, INTERRUPTED. */
int exchange_result(struct connection *c, const char *name, PGresult **result, struct error *err);

/* exchange_last(c, name, result, err): takes all results of what was sent, judges them, gives the
 * last (owned). In COPY states it returns at once. On SERVER errors the rest is drained. */
int exchange_last(struct connection *c, const char *name, PGresult **result, struct error *err);

/* exchange_judge(c, name, result, err): 0 when the result is good; else err as connection.h says.
 */
int exchange_judge(const struct connection *c, const char *name, const PGresult *result,
                   struct error *err);

/* exchange_broken(c, name, err): CONNECTION with libpq's own words, which hold no values of rows,
 * and the SQLSTATE that the server gave when it left, if it gave one. */
int exchange_broken(const struct connection *c, const char *name, struct error *err);

/* exchange_failed(c, err): -1; what stopped the exchange decides whether the session may be used
 * again: only where the server itself refused the statement. After an interrupt what runs is
 * cancelled. */
int exchange_failed(struct connection *c, const struct error *err);

/* The statements that this session has prepared, by name. */
bool exchange_is_prepared(const struct connection *c, const char *name);
void exchange_note_prepared(struct connection *c, const char *name);

/* exchange_cancel(pg): asks the server to cancel what runs; the caller closes the connection then,
 * for a late cancel hits the next statement. */
void exchange_cancel(PGconn *pg);

#endif
