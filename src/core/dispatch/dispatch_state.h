/* The dispatcher's slots and lists. Only dispatch.c and dispatch_arrange.c include it. */
#ifndef CHUNKMILL_CORE_DISPATCH_DISPATCH_STATE_H
#define CHUNKMILL_CORE_DISPATCH_DISPATCH_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/dispatch/dispatch.h"
#include "core/dispatch/id_map.h"

enum { NOBODY = -1, NO_SLOT = -1 };
enum slot_state { SLOT_WAITING, SLOT_HANDED, SLOT_DONE, SLOT_FAILED, SLOT_SPLIT };

struct slot {
    int64_t id;
    int64_t rows;
    int64_t due_ns; /* in the queue of busy ones */
    int64_t next;   /* slots of the same list, or NO_SLOT */
    int64_t previous;
    struct list *list; /* the list it is in */
    int worker;        /* the one that has it; while assigning: that will have it */
    enum slot_state state;
    bool second_pass, suspect;
};

struct list {
    int64_t first;
    int64_t last;
    int64_t count;
};

struct worker {
    struct list assigned; /* static: waiting for this worker alone */
    struct list held;
};

struct dispatch {
    struct dispatch_options options;
    struct worker *workers;
    struct slot *slots; /* in plan order */
    int64_t slot_count, slot_capacity;
    struct id_map index; /* of slots */
    struct list fresh;   /* never handed out, first pass; dynamic, or added after the assignment */
    struct list back;    /* given back by a worker that stopped or was lost */
    struct list busy;    /* resting; in order of due_ns, since all rest equally long */
    struct list second;  /* second passes */
    struct list suspects;
    int64_t suspect_count; /* that wait */
    int64_t alone;         /* the suspect that is handed out, or NO_SLOT */
    int limit, holders;    /* workers that may hold, and that do hold, a chunk */
    struct dispatch_counts counts;
    int64_t taken; /* hand-outs that count for max_chunks: those not given back */
    bool assigned;
    bool draining;
    bool growing; /* more chunks are to come */
};

void dispatch_list_push(struct dispatch *d, struct list *list, int64_t i);
/* From the list it is in. */
void dispatch_list_remove(struct dispatch *d, int64_t i);

#endif
