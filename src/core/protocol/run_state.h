/* The states of a run in the ledger, as docs/PROTOCOL.md, "The ledger" draws them. */
#ifndef CHUNKMILL_CORE_PROTOCOL_RUN_STATE_H
#define CHUNKMILL_CORE_PROTOCOL_RUN_STATE_H

#include <stdbool.h>

enum run_state {
    RUN_PLANNING,
    RUN_RUNNING,
    RUN_DONE,
    RUN_DONE_WITH_GAPS,
    RUN_ABANDONING,
    RUN_ABANDONED
};

/* "planning", "running", "done", "done_with_gaps", "abandoning", "abandoned". parse returns -1 for
 * anything else. */
const char *run_state_name(enum run_state state);
int run_state_parse(const char *name, enum run_state *state);
/* planning, running, abandoning */
bool run_state_is_unfinished(enum run_state state);

#endif
