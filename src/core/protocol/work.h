/* The work of a run: everything that a rank must know to do a chunk. Rank 0 resolves it once and
 * broadcasts it, so that it means the same on all ranks (docs/PROTOCOL.md, "Keys are text, so
 * sessions must agree"). Identifiers and expressions are SQL text that is already quoted; values
 * are text. It holds no password and no key of a row. */
#ifndef CHUNKMILL_CORE_PROTOCOL_WORK_H
#define CHUNKMILL_CORE_PROTOCOL_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/plan/key.h"

/* One expression of the key. type is schema-qualified and quoted ("pg_catalog"."date"). */
struct work_key {
    char *expression; /* as in the job file, about the alias t */
    char *type;
    uint32_t type_oid;
    uint32_t array_oid; /* 0: the type has no array type, so the filter "keys" is refused */
    bool nullable;      /* false only for columns that the catalog declares NOT NULL */
};

/* The name and value of a connection parameter or of a server setting. */
struct work_setting {
    char *name;
    char *value;
};

/* The members of struct work that are single values, as X(TYPE, NAME). From these two lists follow
 * the struct's members, their bytes in the message between ranks (core/protocol/message), their
 * clearing, and the test of their round trip. A type is char * (NULL: none), int64_t, int32_t,
 * uint32_t or bool.
 *
 * WORK_FACTS are resolved by rank 0: from the job file, on the server, or when the run begins. */
#define WORK_FACTS(X)                                                                              \
    X(char *, job)                                                                                 \
    X(int64_t, run_id)                                                                             \
    X(int32_t, attempt)                                                                            \
    X(char *, ledger) /* the ledger's schema, quoted */                                            \
    X(char *, table)  /* schema-qualified, quoted */                                               \
    X(uint32_t, table_oid)                                                                         \
    X(char *, row_id) /* quoted column name, NULL: none */                                         \
    X(char *, row_id_type)                                                                         \
    X(uint32_t, row_id_oid)                                                                        \
    X(char *, scope)     /* NULL: all rows */                                                      \
    X(char *, window_on) /* NULL: no window */                                                     \
    X(char *, window_type)                                                                         \
    X(char *, window_from) /* window_from and window_to are values, not SQL; they are */           \
    X(char *, window_to)   /* evaluated once, when the run begins */                               \
    X(char *, flag)        /* quoted column name, NULL: none */                                    \
    X(char *, marked)      /* marked and released are SQL literals, of which "NULL" is one */      \
    X(char *, released)                                                                            \
    X(char *, update)      /* the job's update; {chunk_filter} is the only placeholder left */     \
    X(bool, marks_by_id)   /* the table has triggers, which may write rows in the mark's xid */    \
    X(bool, rows_may_move) /* the table has triggers, which may move rows out of their chunk: */   \
                           /* it is looked where they are */

/* WORK_JOB_KEYS are keys of the job file that workers read. db/target/target_settings copies each
 * from the member of the same name and type in struct config. */
#define WORK_JOB_KEYS(X)                                                                           \
    X(int64_t, statement_timeout_ms)                                                               \
    X(int64_t, mark_ahead)    /* chunks that a worker marks ahead of the one that it updates */    \
    X(int64_t, retries)       /* how often a transaction is tried again before a quarantine */     \
    X(int64_t, suspect_after) /* after so many crashes a chunk runs alone, then is quarantined */

#define WORK_MEMBER(type, name) type name;

struct work {
    WORK_FACTS(WORK_MEMBER)
    WORK_JOB_KEYS(WORK_MEMBER)
    int32_t key_columns;
    struct work_key keys[KEY_COLUMNS_MAX];
    int32_t parameter_count;
    struct work_setting *parameters; /* libpq connection parameters, without a password */
    int32_t setting_count;
    struct work_setting *settings; /* SET in every session, in this order: the last one wins */
};

#undef WORK_MEMBER

enum work_type { WORK_STRING, WORK_INT64, WORK_INT32, WORK_UINT32, WORK_BOOL };

struct work_field {
    const char *name;
    enum work_type type;
    size_t offset; /* in struct work */
};

/* The members of both lists in their order. */
const struct work_field *work_fields_all(int *count);

static inline bool work_has_flag(const struct work *work)
{
    return work->flag != NULL;
}
/* Whether a row may have a NULL in the key. */
bool work_may_have_null_keys(const struct work *work);
void work_add_parameter(struct work *work, const char *name, const char *value);
void work_add_setting(struct work *work, const char *name, const char *value);

/* The server setting of that name, which must be there; of several, the one that wins. */
struct work_setting *work_find_setting(const struct work *work, const char *name);

/* Frees the strings and the key, and leaves the numbers, parameters and settings. */
void work_forget_strings(struct work *work);
void work_clear(struct work *work);

#endif
