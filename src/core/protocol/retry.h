/* What an error means: docs/PROTOCOL.md, "What an error means", as one table; and how long to wait.
 * No clock and no randomness of its own. */
#ifndef CHUNKMILL_CORE_PROTOCOL_RETRY_H
#define CHUNKMILL_CORE_PROTOCOL_RETRY_H

#include <stdbool.h>
#include <stdint.h>

enum retry_action {
    RETRY_TRANSACTION, /* roll back, wait, the transaction again: 40001, 40P01, 55P03 at target rows
                        */
    RETRY_LATER,       /* 55P03 at the claim: not an attempt, the chunk goes back for later */
    RETRY_TIMED_OUT, /* 57014: a timeout or a cancel; the caller knows whether its statement_timeout
                        had elapsed */
    RETRY_RECONNECT, /* 57P01/02/03/05, 25P03, class 08, no SQLSTATE: the connection is gone */
    RETRY_FEWER,     /* 53300: too many connections */
    RETRY_PRIMARY,   /* 25006: reconnect, looking for the primary */
    RETRY_STOP_RUN,  /* 53100, 53200, 57P04, classes 28, 3D, 58, XX: stop the run */
    RETRY_QUARANTINE, /* everything else: the chunk is quarantined */
};

/* retry_action(sqlstate, at_claim): NULL or "" means that libpq had none. */
enum retry_action retry_action(const char *sqlstate, bool at_claim);

/* Whether trying to connect again can help against this error of a server. */
bool retry_may_pass(const char *sqlstate);

/* Not the server's: the chunk has killed its rank or session too often, and is quarantined for it.
 */
#define RETRY_KILLER "KM001"

/* retry_shows_message(sqlstate): whether the server's text may be shown: only for the classes on a
 * list (08, 0A, 25, 26, 28, 3D, 3F, 40, 42, 53, 54, 55, 57, 58); all others may carry values of
 * rows. NULL or "" is true: the text is libpq's own then, about the connection. Source:
 * docs/PROTOCOL.md, "Private data". */
bool retry_shows_message(const char *sqlstate);

/* retry_backoff_ns(try, base_ns, ceiling_ns, random): full jitter: random (0 <= random < 1) of
 * min(ceiling, base * 2^try), never under base / 2. Source: Brooker, "Exponential Backoff And
 * Jitter", AWS Architecture Blog, 2015. */
int64_t retry_backoff_ns(int try_number, int64_t base_ns, int64_t ceiling_ns, double random);

#endif
