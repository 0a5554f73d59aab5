/* The table of a job file's keys: the one place that knows them. For config*.c and the tests alone.
 */
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
    CONFIG_LITERAL,  /* a number, true, false, null or a quoted string, as SQL text */
    CONFIG_FILE,     /* the name of an SQL file, relative to the job file */
    CONFIG_STEPS,    /* a list of SQL files */
    CONFIG_ZONE,     /* a time zone's name */
    CONFIG_INT64,
    CONFIG_BOOL,
    CONFIG_CHOICE,   /* one of two words; kept as a bool: is it the second? */
    CONFIG_SCHEMAS,  /* placeholder -> schema */
    CONFIG_SETTINGS, /* server setting -> value */
};

struct config_key {
    const char *name; /* dots for nesting */
    enum config_type type;
    size_t offset;        /* in struct config */
    const char *fallback; /* the default as JSON, NULL: none */
    int64_t low, high;    /* CONFIG_INT64 */
    const char
        *unit; /* CONFIG_INT64: "" where the number is a plain one; CONFIG_CHOICE: the words */
    const char *help;
    bool is_required;
};

/* The keys in the order of the job file's documentation; schemas come before all that may name
 * them. */
const struct config_key *config_keys_all(int *count);

/* config_keys_find(path): the key, or the one that holds path ("schemas.x",
 * "connection.settings.x"); "flag" finds flag.column. NULL: none. */
const struct config_key *config_keys_find(const char *path);

/* Whether path holds keys ("chunk"). */
bool config_keys_is_group(const char *path);

/* Whether a key's value is an object of members that the user names. */
bool config_keys_is_map(const struct config_key *key);

/* What a key may be, in words: "a whole number from 1 to 10000000 (rows)". */
void config_keys_allowed(const struct config_key *key, struct text *out);

/* config_keys_advice(path, out): what to say to an unknown key, after a semicolon: "did you mean
 * chunk.target_rows?", how to connect instead, or which keys there are. */
void config_keys_advice(const char *path, struct text *out);

#endif
