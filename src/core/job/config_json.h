/* JSON that is read strictly, and the line that each value stands in, which cJSON doesn't keep. For
 * config*.c alone. */
#ifndef CHUNKMILL_CORE_JOB_CONFIG_JSON_H
#define CHUNKMILL_CORE_JOB_CONFIG_JSON_H

#include "base/error.h"
#include "base/text.h"

struct cJSON;

struct config_json {
    char *source; /* a file's name, "--set", an environment variable's name, or "default" */
    char *text;   /* NULL: lines mean nothing */
    struct cJSON *root;
};

/* config_json_parse(source, text, json, err): the whole of text must be one JSON value in UTF-8,
 * without control bytes, \u0000 or deep nesting. Takes copies. Errors: CONFIG "SOURCE:LINE: ..";
 * nothing to clear. */
int config_json_parse(const char *source, const char *text, struct config_json *json,
                      struct error *err);

/* config_json_adopt(source, root, json): a value that was made, not read; json owns root from now
 * on. */
void config_json_adopt(const char *source, struct cJSON *root, struct config_json *json);
void config_json_clear(struct config_json *json);

/* config_json_line(json, item): the line of item's name, or of item where it has none; 0: lines
 * mean nothing here. O(text). */
int config_json_line(const struct config_json *json, const struct cJSON *item);

/* "SOURCE:LINE", or "SOURCE" where there are no lines. */
void config_json_where(const struct config_json *json, const struct cJSON *item, struct text *out);

#endif
