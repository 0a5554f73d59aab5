/* The job file: JSON, every key known and checked (docs/JOB.md, config/job.schema.json). One table
 * of keys (type, default, range, unit, help) is read by the parser, by --set, by the environment,
 * by `check`, by
 * --help and by the schema's test. Precedence: default < file < CHUNKMILL_* environment < --set.
 * SQL is kept as text; nothing is resolved here, for that needs the server. */
#ifndef CHUNKMILL_CORE_JOB_CONFIG_H
#define CHUNKMILL_CORE_JOB_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "core/plan/key.h"

enum { CONFIG_LIST_MAX = 64 };

/* A step before or after: an SQL file's text. */
struct config_step {
    char *name;       /* the file's name, as in the job file */
    char *sql;        /* its text, {schemas} not expanded yet */
    bool transaction; /* false: run outside of a transaction; must be repeatable */
};

struct config_pair {
    char *name;
    char *value;
};

struct config {
    char *path;       /* of the job file, as given */
    char *job;        /* [A-Za-z0-9._-]{1,63} */
    int schema_count; /* placeholders: name -> schema */
    struct config_pair schemas[CONFIG_LIST_MAX];
    char *table; /* with placeholders */
    char *row_id;
    int key_count; /* 0: the primary key */
    char *keys[KEY_COLUMNS_MAX];
    char *scope;       /* NULL: all rows */
    char *window_on;   /* NULL: none */
    char *window_from; /* SQL expressions */
    char *window_to;
    char *flag; /* column name as in the catalog, NULL: none */
    char *flag_marked;
    char *flag_released;
    int before_count, after_count;
    struct config_step before[CONFIG_LIST_MAX], after[CONFIG_LIST_MAX];
    bool after_on_gaps;
    char *update_name; /* the file's name */
    char *update;      /* its text */
    int64_t target_rows, max_rows, max_keys;
    bool keys_filter;
    int64_t max_workers, max_failed_chunks, retries, suspect_after, mark_ahead;
    bool static_schedule;
    char *time_zone;
    int setting_count;
    struct config_pair settings[CONFIG_LIST_MAX];
    int64_t lock_timeout_ms, statement_timeout_ms;
    char *ledger_schema;
    bool share_table;
    bool triggers_may_skip; /* a BEFORE UPDATE trigger that may return NULL is accepted */
    char *description;      /* what config_describe says */
};

/* config_read(path, sets, set_count, config, err): reads the file, CHUNKMILL_* and the sets
 * ("key=value", dots for nesting: chunk.target_rows=5000), checks all of it, reads the SQL files
 * (paths relative to the job file). Errors: CONFIG: "FILE:LINE: KEY: what is wrong; what is
 * allowed", nothing left to free. */
int config_read(const char *path, const char *const *sets, int set_count, struct config *config,
                struct error *err);
void config_clear(struct config *config);

/* One line a setting: KEY = VALUE as JSON [WHERE], where being default, FILE:LINE, the environment
 * variable's name or --set. */
void config_describe(const struct config *config, struct text *out);

/* The table of keys as help for a person: key, type, default, range, unit, meaning. */
void config_keys_print(FILE *out);

#endif
