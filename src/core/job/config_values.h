/* The values of a job as a flat list, one for each key; a later source replaces the value of an
 * earlier one. Only config*.c include this header. */
#ifndef CHUNKMILL_CORE_JOB_CONFIG_VALUES_H
#define CHUNKMILL_CORE_JOB_CONFIG_VALUES_H

#include <stdbool.h>

#include "base/error.h"
#include "core/job/config_json.h"
#include "core/job/config_keys.h"

struct config_value {
    char *path; /* the key's name; in a map, the member's ("schemas.x") */
    const struct config_key *key;
    const struct config_json *json; /* the source of item */
    const struct cJSON *item;
    bool is_default;
};

struct config_values {
    int count;
    struct config_value *items;
    int json_count;
    struct config_json **jsons; /* own the JSON that the items point into */
};

/* Each adds the values of its source, and replaces those of earlier sources. Errors: CONFIG. */
void config_values_defaults(struct config_values *values);
int config_values_file(struct config_values *values, const char *path, const char *text,
                       struct error *err);
int config_values_environment(struct config_values *values, struct error *err);
int config_values_set(struct config_values *values, const char *set, struct error *err);

/* The value of that path; NULL: no source gives one. */
const struct config_value *config_values_find(const struct config_values *values, const char *path);
void config_values_clear(struct config_values *values);

/* config_values_error(value, item, err, format, ...): sets CONFIG "WHERE: KEY: ..", with the line
 * of item, a part of the value, or of the whole value where item is NULL. Returns -1. */
int config_values_error(const struct config_value *value, const struct cJSON *item,
                        struct error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* config_values_refuse(value, item, what, err): the same with "WHAT; allowed is ..", which is what
 * config_keys_allowed says of the key. Returns -1. */
int config_values_refuse(const struct config_value *value, const struct cJSON *item,
                         const char *what, struct error *err);

#endif
