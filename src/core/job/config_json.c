/* Strict JSON with lines. cJSON accepts more than JSON allows (control bytes, raw line breaks, a
 * \u0000 that cuts a string short), so the text is checked before cJSON parses it. cJSON keeps the
 * values in the order of the text, so the n-th value of its tree is the n-th value of the text. */
#include "core/job/config_json.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { DEPTH_MAX = 32 };

static int line_of(const char *text, const char *at)
{
    int line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

/* Why the character at s is refused; NULL: it is allowed. */
static const char *character_fault(const char *s, bool in_string)
{
    if (utf8_sequence_bytes(s) == 0)
        return "bytes that are not UTF-8";
    if (*s == 0x7F || (*s >= 0 && *s < ' ' && *s != '\t' && *s != '\n' && *s != '\r'))
        return "a control byte";
    if (in_string && *s >= 0 && *s < ' ')
        return "a line break or tab inside of a string; try \\n or \\t, or close the string";
    if (in_string && strncmp(s, "\\u0000", 6) == 0)
        return "\\u0000, which no text of the server can hold";
    return NULL;
}

static const char *text_fault(const char *text, const char **at)
{
    bool in_string = false;
    int depth = 0;

    for (const char *s = text; *s != '\0'; s += utf8_sequence_bytes(s)) {
        const char *fault = character_fault(s, in_string);
        *at = s;
        if (fault != NULL)
            return fault;
        if (*s == '"')
            in_string = !in_string;
        else if (in_string && *s == '\\' && (s[1] == '"' || s[1] == '\\'))
            s++;
        else if (!in_string && (*s == '{' || *s == '['))
            depth++;
        else if (!in_string && (*s == '}' || *s == ']'))
            depth--;
        if (depth > DEPTH_MAX)
            return "objects or lists nested too deeply";
    }
    return in_string ? "a string that does not end" : NULL;
}

int config_json_parse(const char *source, const char *text, struct config_json *json,
                      struct error *err)
{
    const char *at = text;
    const char *fault = text_fault(text, &at);

    if (fault != NULL)
        return error_set(err, ERROR_CONFIG, "%s:%d: %s", source, line_of(text, at), fault);
    cJSON *root = cJSON_ParseWithOpts(text, &at, 1);
    if (root == NULL)
        return error_set(
            err, ERROR_CONFIG,
            "%s:%d: not valid JSON; mind commas (none after the last), colons, quotes and brackets",
            source, line_of(text, at));
    *json = (struct config_json){memory_copy_string(source), memory_copy_string(text), root};
    return 0;
}

void config_json_adopt(const char *source, cJSON *root, struct config_json *json)
{
    *json = (struct config_json){memory_copy_string(source), NULL, root};
}

void config_json_clear(struct config_json *json)
{
    free(json->source);
    free(json->text);
    cJSON_Delete(json->root);
    memset(json, 0, sizeof *json);
}

/* Adds to *number how many values come up to item, in the order of the text. Returns whether item
 * was found. */
static bool find(const cJSON *tree, const cJSON *item, int *number)
{
    ++*number;
    if (tree == item)
        return true;
    for (const cJSON *child = tree->child; child != NULL; child = child->next)
        if (find(child, item, number))
            return true;
    return false;
}

/* The end of the string or the bare word at s. */
static const char *token_end(const char *s)
{
    if (*s != '"')
        return s + strcspn(s, ",:{}[]\" \t\r\n");
    for (s++; *s != '"'; s++)
        s += *s == '\\';
    return s + 1;
}

static const char *skip_space(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

/* The beginning of the number-th value of valid JSON, or of its name where it has one. */
static const char *place_of(const char *text, int number)
{
    const char *name = NULL;
    const char *s = skip_space(text);

    while (*s != '\0') {
        const char *start = s;
        if (*s == '{' || *s == '[') {
            s++;
        } else if (strchr("}],:", *s) != NULL) {
            s = skip_space(s + 1);
            continue;
        } else {
            s = token_end(s);
        }
        s = skip_space(s);
        if (*s == ':') {
            name = start;
            continue;
        }
        if (--number == 0)
            return name == NULL ? start : name;
        name = NULL;
    }
    return text;
}

int config_json_line(const struct config_json *json, const cJSON *item)
{
    int number = 0;

    if (json->text == NULL || !find(json->root, item, &number))
        return 0;
    return line_of(json->text, place_of(json->text, number));
}

void config_json_where(const struct config_json *json, const cJSON *item, struct text *out)
{
    int line = config_json_line(json, item);

    text_add(out, json->source);
    if (line > 0)
        text_format(out, ":%d", line);
}
