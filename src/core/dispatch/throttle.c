/* Remembers recent cancels and terminations, and the worker limit that follows from them. */
#include "core/dispatch/throttle.h"

#include <assert.h>

#define NS_PER_S  INT64_C(1000000000)
#define ACT_NS    (5 * NS_PER_S)
#define HALVED_NS (60 * NS_PER_S)
#define ENDED_NS  (300 * NS_PER_S)

void throttle_init(struct throttle *t, int workers)
{
    assert(workers >= 1);
    *t = (struct throttle){.workers = workers, .active = workers};
}

int throttle_active(const struct throttle *t, int64_t now_ns)
{
    return now_ns < t->halved_until_ns ? t->active : t->workers;
}

bool throttle_cancelled(struct throttle *t, int64_t now_ns)
{
    bool is_new = t->cancelled_ns == 0 || now_ns - t->cancelled_ns > ACT_NS;
    int active = throttle_active(t, now_ns);

    if (is_new)
        t->cancelled_ns = now_ns;
    t->halved_until_ns = now_ns + HALVED_NS;
    t->active = is_new && active > 1 ? active / 2 : active;
    return is_new;
}

int throttle_ended(struct throttle *t, int64_t now_ns)
{
    int acts = 0;

    if (t->ended_ns[0] != 0 && now_ns - t->ended_ns[0] <= ACT_NS)
        return 0;
    t->ended_ns[2] = t->ended_ns[1];
    t->ended_ns[1] = t->ended_ns[0];
    t->ended_ns[0] = now_ns;
    for (int n = 0; n < 3; n++)
        acts += t->ended_ns[n] != 0 && now_ns - t->ended_ns[n] <= ENDED_NS;
    return acts;
}
