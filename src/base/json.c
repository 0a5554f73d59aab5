/* One byte string that grows. Knows only whether the next member needs a comma. */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static void quote(struct text *out, const char *s)
{
    text_add(out, "\"");
    for (; *s != '\0'; s++) {
        unsigned char byte = (unsigned char)*s;
        if (byte == '"' || byte == '\\')
            text_format(out, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7f)
            text_format(out, "\\u%04x", byte);
        else
            text_add_bytes(out, s, 1);
    }
    text_add(out, "\"");
}

static void member(struct json *json, const char *name)
{
    if (json->needs_comma)
        text_add(&json->text, ", ");
    json->needs_comma = true;
    if (name != NULL) {
        quote(&json->text, name);
        text_add(&json->text, ": ");
    }
}

void json_begin(struct json *json, const char *name, char open)
{
    member(json, name);
    text_add_bytes(&json->text, &open, 1);
    json->needs_comma = false;
}

void json_end(struct json *json, char close)
{
    text_add_bytes(&json->text, &close, 1);
    json->needs_comma = true;
}

void json_string(struct json *json, const char *name, const char *value)
{
    member(json, name);
    if (value == NULL)
        text_add(&json->text, "null");
    else
        quote(&json->text, value);
}

void json_string_or_null(struct json *json, const char *name, const char *value)
{
    json_string(json, name, value == NULL || value[0] == '\0' ? NULL : value);
}

void json_number(struct json *json, const char *name, int64_t value)
{
    member(json, name);
    text_format(&json->text, "%" PRId64, value);
}

void json_real(struct json *json, const char *name, double value)
{
    member(json, name);
    if (isfinite(value))
        text_format(&json->text, "%.6g", value);
    else
        text_add(&json->text, "null");
}

void json_bool(struct json *json, const char *name, bool value)
{
    member(json, name);
    text_add(&json->text, value ? "true" : "false");
}

void json_print(struct json *json)
{
    puts(text_string(&json->text));
    json_free(json);
}

void json_free(struct json *json)
{
    text_free(&json->text);
    json->needs_comma = false;
}
