/* All members are added through this file, so that no string reaches cJSON before it is well-
 * formed. */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"

/* cJSON's own answer to exhausted memory is a document with members missing. */
static void *allocate(size_t bytes)
{
    return memory_zero(bytes, 1);
}

static void abort_on_exhausted_memory(void)
{
    cJSON_Hooks hooks = {allocate, free};

    cJSON_InitHooks(&hooks);
}

static cJSON *add(cJSON *parent, const char *name, cJSON *item)
{
    if (cJSON_IsArray(parent)) {
        cJSON_AddItemToArray(parent, item);
    } else if (parent != NULL) {
        char *clean = utf8_clean_copy(name);
        cJSON_AddItemToObject(parent, clean, item);
        free(clean);
    }
    return item;
}

cJSON *json_object(cJSON *parent, const char *name)
{
    if (parent == NULL)
        abort_on_exhausted_memory();
    return add(parent, name, cJSON_CreateObject());
}

cJSON *json_array(cJSON *parent, const char *name)
{
    if (parent == NULL)
        abort_on_exhausted_memory();
    return add(parent, name, cJSON_CreateArray());
}

void json_null(cJSON *parent, const char *name)
{
    add(parent, name, cJSON_CreateNull());
}

void json_string(cJSON *parent, const char *name, const char *value)
{
    if (value == NULL) {
        json_null(parent, name);
        return;
    }
    char *clean = utf8_clean_copy(value);
    add(parent, name, cJSON_CreateString(clean));
    free(clean);
}

void json_string_or_null(cJSON *parent, const char *name, const char *value)
{
    json_string(parent, name, value == NULL || value[0] == '\0' ? NULL : value);
}

void json_bool(cJSON *parent, const char *name, bool value)
{
    add(parent, name, cJSON_CreateBool(value));
}

void json_raw(cJSON *parent, const char *name, const char *json)
{
    add(parent, name, cJSON_CreateRaw(json));
}

/* cJSON's numbers are doubles. */
void json_number(cJSON *parent, const char *name, int64_t value)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRId64, value);
    json_raw(parent, name, digits);
}

void json_real(cJSON *parent, const char *name, double value)
{
    if (isfinite(value))
        add(parent, name, cJSON_CreateNumber(value));
    else
        json_null(parent, name);
}

void json_rounded(cJSON *parent, const char *name, double value)
{
    char digits[32];

    snprintf(digits, sizeof digits, "%.6g", value);
    if (isfinite(value))
        json_raw(parent, name, digits);
    else
        json_null(parent, name);
}

void json_line(cJSON *list, cJSON *item)
{
    struct text line = TEXT_INIT;
    char *printed = cJSON_PrintUnformatted(item);

    text_format(&line, "\n\t\t%s", printed);
    json_raw(list, NULL, text_string(&line));
    text_free(&line);
    cJSON_free(printed);
    cJSON_Delete(item);
}

void json_text(cJSON *root, enum json_layout layout, struct text *out)
{
    char *printed = layout == JSON_IN_LINES ? cJSON_Print(root) : cJSON_PrintUnformatted(root);

    text_add(out, printed);
    text_add(out, "\n");
    cJSON_free(printed);
    cJSON_Delete(root);
}

void json_print(cJSON *root)
{
    struct text text = TEXT_INIT;

    json_text(root, JSON_IN_ONE_LINE, &text);
    fputs(text_string(&text), stdout);
    text_free(&text);
}

const char *json_library_version(void)
{
    return cJSON_Version();
}
