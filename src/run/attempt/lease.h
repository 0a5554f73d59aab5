/* The manager's hold on the run: heartbeats on the control connection, and, when that is lost, the way back:
 * connected, locked, and the attempt still its own (PROTOCOL, section "One attempt at a time"). The fence is
 * what protects the rows; without the hold nothing more is handed out. */
#ifndef CHUNKMILL_RUN_ATTEMPT_LEASE_H
#define CHUNKMILL_RUN_ATTEMPT_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "db/ledger/session.h"

struct control {
    struct session *session; /* its connection is replaced when it was lost; NULL while there is none */
    int64_t beat_due_ns;
    int64_t lost_ns; /* since when; 0: held */
    int64_t retry_due_ns;
    int tries;
    bool is_given_up;
};

/* control_init(control, session): the session holds the lock and its attempt has begun. */
void control_init(struct control *control, struct session *session);

/* control_turn(control, err): a heartbeat when one is due, or a try to regain the hold. Returns soon, but for
 * a connect. -1: the attempt is over: LIVE when another one has taken over, CONNECTION when the hold could
 * not be regained for a minute, INTERRUPTED, and whatever else the server says. */
int control_turn(struct control *control, struct error *err);
bool control_is_held(const struct control *control);

/* control_require(control, err): waits, in sleep, until the hold is there. Errors as control_turn. */
int control_require(struct control *control, struct error *err);

/* control_is_loss(control, err): whether a statement failed since the connection was lost, so that it may be
 * said again after control_require. */
bool control_is_loss(struct control *control, const struct error *err);

/* control_reopen(session, pin, err): a new connection in place of the old one, with no lock; the settings are
 * pinned but for who has no time for it. */
int control_reopen(struct session *session, bool pin, struct error *err);

#endif
