/* The work of a run: everything that a rank must know to do a chunk, resolved once by rank 0 and
 * broadcast, so that all ranks mean the same (PROTOCOL, section "Keys are text, so sessions must
 * agree"). Identifiers and expressions are SQL text, quoted already; values are text. No password,
 * no key. */
#ifndef CHUNKMILL_CORE_PROTOCOL_WORK_H
#define CHUNKMILL_CORE_PROTOCOL_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/plan/key.h"

/* One expression of the key. type is schema-qualified and quoted ("pg_catalog"."date"). */
struct work_key {
    char *expression; /* as in the job file, about the alias t */
    char *type;
    uint32_t type_oid;
    uint32_t array_oid; /* 0: the type has no array type, so filter keys can't be had */
    bool nullable;      /* false only for columns that the catalog declares NOT NULL */
};

/* Name and value, for connection parameters and session settings. */
struct work_setting {
    char *name;
    char *value;
};

struct work {
    char *job;
    int64_t run_id;
    int32_t attempt;
    char *ledger; /* the ledger's schema, quoted */
    char *table;  /* schema-qualified, quoted */
    uint32_t table_oid;
    int32_t key_columns;
    struct work_key keys[KEY_COLUMNS_MAX];
    char *row_id; /* quoted column name, NULL: none */
    char *row_id_type;
    uint32_t row_id_oid;
    char *scope;     /* NULL: all rows */
    char *window_on; /* NULL: no window */
    char *window_type;
    char *window_from; /* pinned when the run begins; values, not SQL */
    char *window_to;
    char *flag;   /* quoted column name, NULL: none */
    char *marked; /* SQL literals; "NULL" is one */
    char *released;
    char *update; /* the job's update; {chunk_filter} is the only placeholder left */
    int64_t lock_timeout_ms;
    int64_t statement_timeout_ms;
    bool marks_by_id;   /* the table has triggers, which may give rows that are not ours the mark's
                           xid */
    int32_t mark_ahead; /* chunks that a worker marks ahead of the one that it updates */
    int32_t retries;    /* how often a transaction is tried again before the chunk is quarantined */
    int32_t suspect_after; /* so often in flight when a rank or session died: then alone, then
                              quarantined */
    int32_t parameter_count;
    struct work_setting *parameters; /* libpq connection parameters, without a password */
    int32_t setting_count;
    struct work_setting *settings; /* SET for every session, in this order */
};

static inline bool work_has_flag(const struct work *work)
{
    return work->flag != NULL;
}
/* Whether a row may have a NULL in the key. */
bool work_may_have_null_keys(const struct work *work);
void work_add_parameter(struct work *work, const char *name, const char *value);
void work_add_setting(struct work *work, const char *name, const char *value);
void work_clear(struct work *work);

#endif
