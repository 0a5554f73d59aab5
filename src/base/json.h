/* JSON for what commands print: members one behind the other, commas and escapes taken care of. A
 * writer only, and flat on purpose: reports and job files have cJSON in floor core. */
#ifndef CHUNKMILL_BASE_JSON_H
#define CHUNKMILL_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct json {
    struct text text;
    bool needs_comma;
};

/* name NULL: in an array, or the whole. open is '{' or '['; json_end closes with '}' or ']'. */
void json_begin(struct json *json, const char *name, char open);
void json_end(struct json *json, char close);
void json_string(struct json *json, const char *name,
                 const char *value); /* NULL is null, and "" is "" */
/* "" is null: for what is not known yet. */
void json_string_or_null(struct json *json, const char *name, const char *value);
void json_number(struct json *json, const char *name, int64_t value);
void json_real(struct json *json, const char *name, double value); /* not finite: null */
void json_bool(struct json *json, const char *name, bool value);

/* json_print(json): to standard output with a newline, and frees it. */
void json_print(struct json *json);
void json_free(struct json *json);

#endif
