/* Gathers the values of a job from the defaults, the file, the environment and --set. Refuses keys
 * that are unknown or given twice; config_apply checks the values. */
#include "core/job/config_values.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "core/job/config.h"

extern char **environ;

/* A name that the user has written may be long or hold control bytes, which must not reach a
 * terminal. */
static void add_shown(struct text *out, const char *name)
{
    enum { SHOWN_MAX = 130 };

    for (int i = 0; i < SHOWN_MAX && name[i] != '\0'; i++)
        text_add_bytes(out, (unsigned char)name[i] < ' ' || name[i] == 0x7F ? "?" : &name[i], 1);
}

int config_values_error(const struct config_value *value, const cJSON *item, struct error *err,
                        const char *format, ...)
{
    char what[sizeof err->text];
    struct text where = TEXT_INIT;
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    config_json_where(value->json, item == NULL ? value->item : item, &where);
    text_add(&where, ": ");
    add_shown(&where, value->path);
    error_set(err, ERROR_CONFIG, "%s: %s", text_string(&where), what);
    text_free(&where);
    return -1;
}

int config_values_refuse(const struct config_value *value, const cJSON *item, const char *what,
                         struct error *err)
{
    struct text allowed = TEXT_INIT;

    config_keys_allowed(value->key, &allowed);
    config_values_error(value, item, err, "%s; allowed is %s", what, text_string(&allowed));
    text_free(&allowed);
    return -1;
}

static struct config_json *add_json(struct config_values *values, struct config_json json)
{
    values->jsons =
        memory_grow(values->jsons, (size_t)values->json_count + 1, sizeof(struct config_json *));
    struct config_json *kept = memory_copy(&json, sizeof json);
    values->jsons[values->json_count++] = kept;
    return kept;
}

const struct config_value *config_values_find(const struct config_values *values, const char *path)
{
    for (int i = 0; i < values->count; i++)
        if (strcmp(values->items[i].path, path) == 0)
            return &values->items[i];
    return NULL;
}

static void put(struct config_values *values, const struct config_json *json, const char *path,
                const cJSON *item)
{
    const struct config_key *key = config_keys_find(path);
    struct config_value *value = NULL;

    if (strcmp(path, "flag") == 0)
        path = key->name;
    for (int i = 0; i < values->count && value == NULL; i++)
        if (strcmp(values->items[i].path, path) == 0)
            value = &values->items[i];
    if (value == NULL) {
        values->items = memory_grow(values->items, (size_t)values->count + 1, sizeof *value);
        value = &values->items[values->count++];
        value->path = memory_copy_string(path);
    }
    value->key = key;
    value->json = json;
    value->item = item;
    value->is_default = false;
}

static int refuse_item(const struct config_json *json, const cJSON *item, const char *path,
                       const char *what, struct error *err)
{
    struct text where = TEXT_INIT;

    config_json_where(json, item, &where);
    text_add(&where, ": ");
    add_shown(&where, *path == '\0' ? "the job" : path);
    error_set(err, ERROR_CONFIG, "%s: %s", text_string(&where), what);
    text_free(&where);
    return -1;
}

static int unknown(const struct config_json *json, const cJSON *item, const char *path,
                   struct error *err)
{
    struct text what = TEXT_INIT;

    text_add(&what, "no such key; ");
    config_keys_advice(path, &what);
    refuse_item(json, item, path, text_string(&what), err);
    text_free(&what);
    return -1;
}

static int flatten(struct config_values *values, const struct config_json *json, const char *path,
                   const cJSON *item, struct error *err);

static bool is_comment(const char *path, const char *name)
{
    return strcmp(name, "$comment") == 0 || (*path == '\0' && strcmp(name, "$schema") == 0);
}

/* Compares the name with each one before it, which costs little: a group with many members has an
 * unknown or a repeated one among the first few, and a map may have 64 members. */
static int flatten_member(struct config_values *values, const struct config_json *json,
                          const char *path, const cJSON *object, const cJSON *member,
                          struct error *err)
{
    struct text child = TEXT_INIT;
    const struct config_key *key = config_keys_find(path);
    bool may_have_dots = key != NULL && key->type == CONFIG_SETTINGS;
    const char *name = member->string;
    int number = 1;
    int rc = 0;

    text_format(&child, "%s%s%s", path, *path == '\0' ? "" : ".", name);
    for (const cJSON *other = object->child; rc == 0 && other != member; other = other->next) {
        number++;
        if (strcmp(other->string, name) == 0)
            rc = refuse_item(json, member, text_string(&child), "given twice; try one", err);
    }
    if (rc != 0 || is_comment(path, name))
        goto out;
    if (number > CONFIG_LIST_MAX)
        rc = refuse_item(json, member, text_string(&child),
                         "one member too many; at most 64 are allowed", err);
    else if (*name == '\0' || (strchr(name, '.') != NULL && !may_have_dots))
        rc = unknown(json, member, text_string(&child), err); /* "a.b" does not stand for b in a */
    else
        rc = flatten(values, json, text_string(&child), member, err);
out:
    text_free(&child);
    return rc;
}

static int flatten_members(struct config_values *values, const struct config_json *json,
                           const char *path, const cJSON *object, struct error *err)
{
    if (!cJSON_IsObject(object))
        return refuse_item(json, object, path, "must be an object, { .. }", err);
    for (const cJSON *member = object->child; member != NULL; member = member->next)
        if (flatten_member(values, json, path, object, member, err) != 0)
            return -1;
    return 0;
}

static int flatten(struct config_values *values, const struct config_json *json, const char *path,
                   const cJSON *item, struct error *err)
{
    const struct config_key *key = config_keys_find(path);
    bool is_flag_name = strcmp(path, "flag") == 0 && !cJSON_IsObject(item);
    bool is_whole_map = key != NULL && config_keys_is_map(key) && strcmp(key->name, path) == 0;

    if (*path == '\0' || is_whole_map || (config_keys_is_group(path) && !is_flag_name))
        return flatten_members(values, json, path, item, err);
    if (key == NULL)
        return unknown(json, item, path, err);
    put(values, json, path, item);
    return 0;
}

void config_values_defaults(struct config_values *values)
{
    int count;
    const struct config_key *keys = config_keys_all(&count);

    for (int i = 0; i < count; i++) {
        struct config_json json;
        if (keys[i].fallback == NULL)
            continue;
        config_json_adopt("default", cJSON_Parse(keys[i].fallback), &json);
        assert(json.root != NULL);
        const struct config_json *kept = add_json(values, json);
        put(values, kept, keys[i].name, kept->root);
        values->items[values->count - 1].is_default = true;
    }
}

int config_values_file(struct config_values *values, const char *path, const char *text,
                       struct error *err)
{
    struct config_json json;

    if (config_json_parse(path, text, &json, err) != 0)
        return -1;
    const struct config_json *kept = add_json(values, json);
    return flatten(values, kept, "", kept->root, err);
}

/* The value of a text without JSON's quotes, by the type of its key. A text that does not fit the
 * type becomes a string, which config_apply refuses. */
static cJSON *bare_value(const struct config_key *key, const char *text)
{
    if (key->type == CONFIG_INT64 && *text != '\0' && strspn(text, "-0123456789") == strlen(text))
        return cJSON_CreateNumber(strtod(text, NULL));
    if (key->type == CONFIG_BOOL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        return cJSON_CreateBool(*text == 't');
    return cJSON_CreateString(text);
}

/* Whether text must be JSON, because no plain text can give the value. */
static bool wants_json(const struct config_key *key, const char *path, const char *text)
{
    if (strcmp(path, "flag") == 0)
        return *text == '{' || strcmp(text, "null") == 0;
    return key->type == CONFIG_SQL_LIST || key->type == CONFIG_NAMES || key->type == CONFIG_STEPS ||
           (config_keys_is_map(key) && strcmp(key->name, path) == 0);
}

static bool is_utf8(const char *text)
{
    while (*text != '\0' && utf8_sequence_bytes(text) > 0)
        text += utf8_sequence_bytes(text);
    return *text == '\0';
}

/* One "path = text" of the environment or of --set. */
static int assign(struct config_values *values, const char *source, const char *path,
                  const char *text, struct error *err)
{
    const struct config_key *key = config_keys_find(path);
    bool is_known = key != NULL || config_keys_is_group(path);
    struct config_json json;

    if (!is_known || !is_utf8(text)) {
        config_json_adopt(source, NULL, &json);
        if (is_known)
            refuse_item(&json, NULL, path, "has bytes that are not UTF-8", err);
        else
            unknown(&json, NULL, path, err);
        config_json_clear(&json);
        return -1;
    }
    if (key == NULL || wants_json(key, path, text)) {
        if (config_json_parse(source, text, &json, err) != 0)
            return -1;
        free(json.text); /* an argument has no lines worth naming */
        json.text = NULL;
    } else {
        config_json_adopt(source, bare_value(key, text), &json);
    }
    const struct config_json *kept = add_json(values, json);
    return flatten(values, kept, path, kept->root, err);
}

int config_values_set(struct config_values *values, const char *set, struct error *err)
{
    const char *equals = strchr(set, '=');
    struct text path = TEXT_INIT;
    int rc;

    if (equals == NULL || equals == set)
        return error_set(err, ERROR_CONFIG,
                         "--set: try --set KEY=VALUE, such as chunk.target_rows=5000");
    text_add_bytes(&path, set, (size_t)(equals - set));
    rc = assign(values, "--set", text_string(&path), equals + 1, err);
    text_free(&path);
    return rc;
}

/* Turns "CHUNK_TARGET_ROWS" into "chunk.target_rows" by comparing it with each key; where none
 * fits, the path is the name in lower case. In a map the rest is the member's name. */
static void path_of_variable(const char *name, struct text *path)
{
    int count;
    const struct config_key *keys = config_keys_all(&count);
    struct text lower = TEXT_INIT;

    for (const char *c = name; *c != '\0'; c++)
        text_format(&lower, "%c", *c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    const char *wanted = text_string(&lower);
    text_add(path, wanted);
    for (int i = 0; i < count; i++) {
        size_t bytes = strlen(keys[i].name);
        size_t same = 0;
        while (same < bytes &&
               wanted[same] == (keys[i].name[same] == '.' ? '_' : keys[i].name[same]))
            same++;
        bool is_member =
            config_keys_is_map(&keys[i]) && wanted[same] == '_' && wanted[same + 1] != '\0';
        if (same < bytes || (wanted[same] != '\0' && !is_member))
            continue;
        text_clear(path);
        text_format(path, "%s%s%s", keys[i].name, is_member ? "." : "",
                    is_member ? wanted + same + 1 : "");
    }
    text_free(&lower);
}

/* Whether other parts of the program read the variable. */
static bool is_reserved(const char *name)
{
    return strcmp(name, "LOG") == 0 || strcmp(name, "EXE") == 0 || strncmp(name, "TEST_", 5) == 0;
}

int config_values_environment(struct config_values *values, struct error *err)
{
    static const char prefix[] = "CHUNKMILL_";
    int rc = 0;

    for (char **entry = environ; rc == 0 && *entry != NULL; entry++) {
        const char *equals = strchr(*entry, '=');
        struct text variable = TEXT_INIT;
        struct text path = TEXT_INIT;
        if (equals == NULL || strncmp(*entry, prefix, sizeof prefix - 1) != 0)
            continue;
        text_add_bytes(&variable, *entry, (size_t)(equals - *entry));
        const char *name = text_string(&variable) + sizeof prefix - 1;
        path_of_variable(name, &path);
        if (!is_reserved(name))
            rc = assign(values, text_string(&variable), text_string(&path), equals + 1, err);
        text_free(&path);
        text_free(&variable);
    }
    return rc;
}

void config_values_clear(struct config_values *values)
{
    for (int i = 0; i < values->count; i++)
        free(values->items[i].path);
    for (int i = 0; i < values->json_count; i++) {
        config_json_clear(values->jsons[i]);
        free(values->jsons[i]);
    }
    free(values->items);
    free(values->jsons);
    memset(values, 0, sizeof *values);
}
