/* One table of names. */
#include "core/protocol/run_state.h"

#include <string.h>

static const char *const states[] = {
    [RUN_PLANNING] = "planning",
    [RUN_RUNNING] = "running",
    [RUN_DONE] = "done",
    [RUN_DONE_WITH_GAPS] = "done_with_gaps",
    [RUN_ABANDONING] = "abandoning",
    [RUN_ABANDONED] = "abandoned",
};

const char *run_state_name(enum run_state state)
{
    return states[state];
}

int run_state_parse(const char *name, enum run_state *state)
{
    for (int i = 0; i < (int)(sizeof states / sizeof states[0]); i++) {
        if (strcmp(name, states[i]) == 0) {
            *state = (enum run_state)i;
            return 0;
        }
    }
    return -1;
}

bool run_state_is_unfinished(enum run_state state)
{
    return state == RUN_PLANNING || state == RUN_RUNNING || state == RUN_ABANDONING;
}
