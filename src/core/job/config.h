/* The job file: JSON whose keys are all known and checked (docs/JOB.md, config/job.schema.json).
 * One table of keys (type, default, range, unit, help) serves the file, --set, the environment,
 * `check`, --help and the test of the schema. Precedence: default < file < CHUNKMILL_* environment
 * < --set. SQL is kept as text; nothing is resolved here, because that needs the server. */
#ifndef CHUNKMILL_CORE_JOB_CONFIG_H
#define CHUNKMILL_CORE_JOB_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "core/plan/key.h"

enum { CONFIG_LIST_MAX = 64 };

/* A step before the first chunk or after the last one: the text of an SQL file. */
struct config_step {
    char *name;       /* the file's name, as in the job file */
    char *sql;        /* its text, with the {placeholders} not replaced yet */
    bool transaction; /* false: runs outside of a transaction, and must be repeatable */
};

struct config_pair {
    char *name;
    char *value;
};

struct config {
    char *path;       /* of the job file, as given */
    char *job;        /* [A-Za-z0-9._-]{1,63} */
    int schema_count; /* a placeholder's name, and its schema as value */
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
    int may_assign_count;   /* columns of the key that the update may assign */
    char *may_assign[KEY_COLUMNS_MAX];
    char *description; /* the text of config_describe */
};

/* config_read(path, sets, set_count, config, err): reads the file, the CHUNKMILL_* variables and
 * the sets ("key=value", dots for nesting: chunk.target_rows=5000), checks all of them, and reads
 * the SQL files (paths relative to the job file). Errors: CONFIG "FILE:LINE: KEY: what is wrong;
 * what is allowed"; config is cleared then. */
int config_read(const char *path, const char *const *sets, int set_count, struct config *config,
                struct error *err);
void config_clear(struct config *config);

/* config_describe(config, out): one line for each key, "KEY = VALUE [WHERE]". VALUE is JSON; WHERE
 * is "default", FILE:LINE, the name of the environment variable, or "--set". */
void config_describe(const struct config *config, struct text *out);

/* config_keys_print(out): the help for the keys of a job file: meaning, allowed values, default. */
void config_keys_print(FILE *out);

#endif
