/* The states of a chunk in the ledger, as docs/PROTOCOL.md, "The ledger" draws them. */
#ifndef CHUNKMILL_CORE_PROTOCOL_CHUNK_STATE_H
#define CHUNKMILL_CORE_PROTOCOL_CHUNK_STATE_H

#include <stdbool.h>

enum chunk_state {
    CHUNK_STATE_ABSENT, /* the ledger has no such chunk */
    CHUNK_STATE_PLANNED,
    CHUNK_STATE_MARKED,
    CHUNK_STATE_DONE,
    CHUNK_STATE_FAILED, /* quarantined */
    CHUNK_STATE_SPLIT,  /* retired: its parts are chunks of their own */
};

/* chunk_state_name(state): the word in the ledger, "planned"; "" for ABSENT. */
const char *chunk_state_name(enum chunk_state state);

/* chunk_state_parse(name, state): -1 where no state has this name. "" and NULL are no names. */
int chunk_state_parse(const char *name, enum chunk_state *state);

/* chunk_state_is_open(state): planned or marked: there is work left to do. */
bool chunk_state_is_open(enum chunk_state state);

#endif
