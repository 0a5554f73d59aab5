/* Strict JSON, and the line of each value, which cJSON does not keep. Only config*.c include this
 * header. */
#ifndef CHUNKMILL_CORE_JOB_CONFIG_JSON_H
#define CHUNKMILL_CORE_JOB_CONFIG_JSON_H

#include "base/error.h"
#include "base/text.h"

struct cJSON;

struct config_json {
    char *source; /* a file's name, "--set", an environment variable's name, or "default" */
    char *text;   /* NULL: the source has no lines */
    struct cJSON *root;
};

/* config_json_parse(source, text, json, err): parses text, all of which must be one JSON value in
 * UTF-8, without control bytes, \u0000 or deep nesting. Copies source and text. Errors: CONFIG
 * "SOURCE:LINE: .."; json needs no clearing then. */
int config_json_parse(const char *source, const char *text, struct config_json *json,
                      struct error *err);

/* config_json_adopt(source, root, json): takes a value that was not parsed from text. json owns
 * root from then on. */
void config_json_adopt(const char *source, struct cJSON *root, struct config_json *json);
void config_json_clear(struct config_json *json);

/* config_json_line(json, item): the line of item's name, or of item where it has no name; 0: the
 * source has no lines. O(bytes of the text). */
int config_json_line(const struct config_json *json, const struct cJSON *item);

/* config_json_where(json, item, out): appends "SOURCE:LINE", or "SOURCE" where there are no lines.
 */
void config_json_where(const struct config_json *json, const struct cJSON *item, struct text *out);

#endif
