/* One exchange with the server: send, wait in poll(), take the answer, judge it. Between connection.c and
 * libpq; nobody else includes it but rows.c, for the shape of struct rows. */
#ifndef CHUNKMILL_DB_EXCHANGE_H
#define CHUNKMILL_DB_EXCHANGE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct rows {
    PGresult *result;
};

struct connection {
    PGconn *pg;
    bool dead;
    int prepared_count;
    char **prepared; /* names of the statements that this session has prepared */
};

/* exchange_watch(flag): see connection_watch. */
void exchange_watch(const volatile int *interrupt);
bool exchange_is_interrupted(void);

/* exchange_wait(pg, for_write, err): until the socket can be read (or written). INTERRUPTED when the flag was
 * raised. */
int exchange_wait(PGconn *pg, bool for_write, struct error *err);

/* exchange_wait_until: the same with a limit on clock_now_ns: CONNECTION when it has passed. */
int exchange_wait_until(PGconn *pg, bool for_write, int64_t deadline_ns, struct error *err);

/* exchange_drain(pg): throws away what is still to come of a refused statement. */
void exchange_drain(PGconn *pg);

/* exchange_result(pg, name, result, err): the next result (NULL: no more), waiting without spinning.
 * CONNECTION, which says at which statement, INTERRUPTED. */
int exchange_result(PGconn *pg, const char *name, PGresult **result, struct error *err);

/* exchange_last(pg, name, result, err): takes all results of what was sent, judges them, gives the last
 * (owned). In COPY states it returns at once. On SERVER errors the rest is drained. */
int exchange_last(PGconn *pg, const char *name, PGresult **result, struct error *err);

/* exchange_judge(pg, name, result, err): 0 when the result is good; else err as connection.h says. */
int exchange_judge(PGconn *pg, const char *name, const PGresult *result, struct error *err);

/* exchange_broken(pg, name, err): CONNECTION with libpq's own words, which hold no values of rows. */
int exchange_broken(PGconn *pg, const char *name, struct error *err);

/* exchange_cancel(pg): asks the server to cancel what runs; the caller closes the connection then, for a late
 * cancel hits the next statement. */
void exchange_cancel(PGconn *pg);

#endif
