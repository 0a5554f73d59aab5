/* What went wrong, in words for the person who has to act on it. An error is filled where the
 * fault is seen; each layer above adds one fact of context; the layer that decides what to do
 * logs it once. Messages are in lower case without a full stop: what was wrong and where, then
 * `; try ...` when there is a next step. */
#ifndef CHUNKMILL_BASE_ERROR_H
#define CHUNKMILL_BASE_ERROR_H

#include <stdarg.h>

/* Kinds are named for what to do about them; error_exit_status gives each its exit status. */
enum error_kind {
    ERROR_NONE = 0,
    ERROR_CONFIG,      /* usage or job file: the user mends it */
    ERROR_REFUSED,     /* preflight or the ledger's state says no; nothing was changed */
    ERROR_SERVER,      /* the server refused a statement; sqlstate says how to go on */
    ERROR_FATAL,       /* stopped, needs a person */
    ERROR_LIVE,        /* another attempt is live, or has taken over */
    ERROR_CONNECTION,  /* the server is unreachable or gone; sqlstate may be empty */
    ERROR_BUG,         /* an assumption of this program was wrong */
    ERROR_INTERRUPTED, /* asked to stop: start again to resume */
};

enum { ERROR_TEXT_BYTES = 1000 };

struct error {
    enum error_kind kind;
    char sqlstate[6]; /* "" where the server gave none */
    char text[ERROR_TEXT_BYTES];
};

#define ERROR_INIT                                                                                 \
    {                                                                                              \
        ERROR_NONE, "", ""                                                                         \
    }

/* error_set(err, kind, format, ...): fills err, overwriting what was there. Returns -1 always, so
 * that a function can `return error_set(...)`. */
int error_set(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* error_sql(err, kind, sqlstate, format, ...): the same with an SQLSTATE (NULL counts as ""). */
int error_sql(struct error *err, enum error_kind kind, const char *sqlstate, const char *format,
              ...) __attribute__((format(printf, 4, 5)));

/* error_context(err, format, ...): puts "CONTEXT: " before the text. */
void error_context(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void error_clear(struct error *err);

/* error_exit_status(kind): the exit status of a command that ends with such an error
 * (base/exit_status.h); ERROR_NONE: 0. */
int error_exit_status(enum error_kind kind);

#endif
