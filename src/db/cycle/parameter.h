/* The parameters of the cycle's statements: the name, the type and the description of each. Which
 * of them a statement takes, and in which order, is one list in db/cycle/statement; their values
 * come from db/cycle/executor. So an order is written once, and no caller counts places. */
#ifndef CHUNKMILL_DB_CYCLE_PARAMETER_H
#define CHUNKMILL_DB_CYCLE_PARAMETER_H

#include <stdint.h>

enum parameter {
    PARAMETER_NONE, /* ends a list */
    PARAMETER_RUN_ID,
    PARAMETER_ATTEMPT,
    PARAMETER_WORKER,
    PARAMETER_CHUNK_ID,
    PARAMETER_PARENT_ID,   /* the chunk that is split */
    PARAMETER_CRASHES_MAX, /* a chunk with more crashes is refused */
    PARAMETER_STATE,
    PARAMETER_MARK_XID,
    PARAMETER_ROWS_UPDATED,
    PARAMETER_ROWS_RELEASED,
    PARAMETER_ROWS_LOST,
    PARAMETER_TRIES,
    PARAMETER_SQLSTATE,
    PARAMETER_ERROR,
    PARAMETER_KIND,
    PARAMETER_KEY_LOWER,
    PARAMETER_KEY_UPPER,
    PARAMETER_UPPER_OPEN,
    PARAMETER_ROW_LOWER,
    PARAMETER_ROW_UPPER,
    PARAMETER_KEY_SETS,
    PARAMETER_ROWS_PLANNED,
    PARAMETER_KEYS_PLANNED,
    PARAMETER_IS_FIRST_PART,
    PARAMETER_IS_LAST_PART,
    PARAMETER_COUNT
};

/* parameter_type(parameter): the oid of its type. */
uint32_t parameter_type(enum parameter parameter);

/* parameter_description(parameter): "run id", "the mark's xid". */
const char *parameter_description(enum parameter parameter);

#endif
