/* The table of the job file's keys. A numeric key that is added here needs a member in struct
 * config, its place in config/job.schema.json and docs/JOB.md, which the tests compare with this
 * table, and a row in core/protocol/work.h if workers read it. Only config*.c and the tests include
 * this header. */
#ifndef CHUNKMILL_CORE_JOB_CONFIG_KEYS_H
#define CHUNKMILL_CORE_JOB_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum config_type {
    CONFIG_JOB,      /* letters, digits, dot, underscore and hyphen */
    CONFIG_NAME,     /* an identifier exactly as in the catalog */
    CONFIG_TABLE,    /* a table's name as SQL writes it, with placeholders */
    CONFIG_SQL,      /* an expression, with placeholders */
    CONFIG_SQL_LIST, /* up to KEY_COLUMNS_MAX expressions */
    CONFIG_NAMES,    /* up to KEY_COLUMNS_MAX identifiers */
    CONFIG_LITERAL,  /* a number, true, false, null or a quoted string, as SQL text */
    CONFIG_FILE,     /* the name of an SQL file, relative to the job file */
    CONFIG_STEPS,    /* a list of SQL files */
    CONFIG_ZONE,     /* a time zone's name */
    CONFIG_INT64,
    CONFIG_BOOL,
    CONFIG_CHOICE,   /* one of two words; stored as a bool: whether it is the second */
    CONFIG_SCHEMAS,  /* an object of placeholders and their schemas */
    CONFIG_SETTINGS, /* an object of server settings and their values */
};

struct config_key {
    const char *name; /* dots for nesting */
    enum config_type type;
    size_t offset;        /* in struct config */
    const char *fallback; /* the default as JSON, NULL: none */
    int64_t low, high;    /* CONFIG_INT64 */
    const char *unit;     /* CONFIG_INT64: what is counted; CONFIG_CHOICE: "FIRST or SECOND" */
    const char *help;
    bool is_required;
};

/* config_keys_all(count): the table. Values are applied in its order, so schemas come before the
 * keys that may name them. */
const struct config_key *config_keys_all(int *count);

/* config_keys_find(path): the key of that name, or the map that has path as a member ("schemas.x",
 * "connection.settings.x"). "flag" finds flag.column. NULL: there is none. */
const struct config_key *config_keys_find(const char *path);

/* Whether path is a group of keys ("chunk"). */
bool config_keys_is_group(const char *path);

/* Whether a key's value is an object of members that the user names. */
bool config_keys_is_map(const struct config_key *key);

/* config_keys_allowed(key, out): appends what the key allows, in words: "a whole number from 1 to
 * 10000000 (rows)". */
void config_keys_allowed(const struct config_key *key, struct text *out);

/* config_keys_advice(path, out): appends the advice for an unknown key: "did you mean
 * chunk.target_rows?", how to set the connection instead, or which keys there are. */
void config_keys_advice(const char *path, struct text *out);

#endif
