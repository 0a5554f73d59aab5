/* The manager's hold on the run: sends heartbeats on the control connection and, when that is
 * lost, connects again, takes the lock and checks that the attempt is still the current one
 * (docs/PROTOCOL.md, "One attempt at a time"). The fence protects the rows; without the lease
 * nothing more is handed out. */
#ifndef CHUNKMILL_RUN_ATTEMPT_LEASE_H
#define CHUNKMILL_RUN_ATTEMPT_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "db/ledger/session.h"

struct lease {
    struct session
        *session; /* its connection is replaced when it was lost; NULL while there is none */
    int64_t beat_due_ns;
    int64_t lost_ns; /* since when; 0: held */
    int64_t retry_due_ns;
    int tries;
    bool is_given_up;
};

/* lease_init(lease, session): the session holds the lock and its attempt has begun. */
void lease_init(struct lease *lease, struct session *session);

/* lease_turn(lease, err): sends a heartbeat when one is due, or tries to regain the lease. Returns
 * soon, but for a connect. -1: the attempt is over: LIVE when another one has taken over,
 * CONNECTION when the lease could not be regained for a minute, INTERRUPTED, and whatever else the
 * server says. */
int lease_turn(struct lease *lease, struct error *err);
bool lease_is_held(const struct lease *lease);

/* lease_require(lease, err): waits, asleep, until the lease is held. Errors as lease_turn. */
int lease_require(struct lease *lease, struct error *err);

/* lease_is_loss(lease, err): whether a statement failed since the connection was lost, so that it
 * may be sent again after lease_require. */
bool lease_is_loss(struct lease *lease, const struct error *err);

/* lease_reopen(session, pin, err): a new connection in place of the old one, with no lock; the
 * settings are pinned unless the process is about to exit. */
int lease_reopen(struct session *session, bool pin, struct error *err);

#endif
