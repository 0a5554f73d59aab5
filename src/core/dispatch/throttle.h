/* How many workers may be active after an administrator has cancelled statements or ended
 * sessions. The time is an argument. Cancels within five seconds count as one act, since one
 * command may cancel 64 statements. Source: docs/PROTOCOL.md, "What an error means". */
#ifndef CHUNKMILL_CORE_DISPATCH_THROTTLE_H
#define CHUNKMILL_CORE_DISPATCH_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

struct throttle {
    int workers;
    int active; /* while halved */
    int64_t halved_until_ns;
    int64_t cancelled_ns; /* since when the last act goes on; 0: never */
    int64_t ended_ns[3];  /* since when the last acts, the newest first; 0: none */
};

void throttle_init(struct throttle *t, int workers);

/* throttle_cancelled(t, now_ns): a person has cancelled a statement: half of the workers that
 * were active, and one at least, for a minute. Whether this is an act of its own. now_ns > 0. */
bool throttle_cancelled(struct throttle *t, int64_t now_ns);

/* throttle_active(t, now_ns): workers that may be at work now, 1 or more. */
int throttle_active(const struct throttle *t, int64_t now_ns);

/* throttle_ended(t, now_ns): a person has ended a session, while the server itself runs on. How
 * many acts there were within five minutes, this one too; 0 where it belongs to the last one, which
 * has been told. The third means that we are not wanted. now_ns > 0. */
int throttle_ended(struct throttle *t, int64_t now_ns);

#endif
