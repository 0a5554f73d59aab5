/* One table of names. */
#include "core/protocol/chunk_state.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
    [CHUNK_STATE_ABSENT] = "",   [CHUNK_STATE_PLANNED] = "planned", [CHUNK_STATE_MARKED] = "marked",
    [CHUNK_STATE_DONE] = "done", [CHUNK_STATE_FAILED] = "failed",   [CHUNK_STATE_SPLIT] = "split",
};

const char *chunk_state_name(enum chunk_state state)
{
    return names[state];
}

int chunk_state_parse(const char *name, enum chunk_state *state)
{
    for (int i = CHUNK_STATE_PLANNED; name != NULL && i <= CHUNK_STATE_SPLIT; i++) {
        if (strcmp(name, names[i]) == 0) {
            *state = (enum chunk_state)i;
            return 0;
        }
    }
    return -1;
}

bool chunk_state_is_open(enum chunk_state state)
{
    return state == CHUNK_STATE_PLANNED || state == CHUNK_STATE_MARKED;
}
