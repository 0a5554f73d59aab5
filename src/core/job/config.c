/* The job file from its sources to struct config: config_values gathers the values, config_apply
 * checks and stores one at a time, and this file checks the rules about several keys. */
#include "core/job/config.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "core/job/config_apply.h"
#include "core/job/config_files.h"
#include "core/job/config_json.h"
#include "core/job/config_keys.h"
#include "core/job/config_values.h"

static int gather(const char *path, const char *const *sets, int set_count,
                  struct config_values *values, struct error *err)
{
    struct text text = TEXT_INIT;
    int rc = -1;

    config_values_defaults(values);
    if (config_files_read(path, &text, err) == 0 &&
        config_values_file(values, path, text_string(&text), err) == 0)
        rc = config_values_environment(values, err);
    for (int i = 0; rc == 0 && i < set_count; i++)
        rc = config_values_set(values, sets[i], err);
    text_free(&text);
    return rc;
}

static int apply_all(const struct config_values *values, struct config *config, struct error *err)
{
    int count;
    const struct config_key *keys = config_keys_all(&count);

    for (int i = 0; i < count; i++) {
        bool is_there = false;
        for (int j = 0; j < values->count; j++) {
            if (values->items[j].key != &keys[i])
                continue;
            if (config_apply(&values->items[j], config, err) != 0)
                return -1;
            is_there = true;
        }
        if (!is_there && keys[i].is_required) {
            struct text allowed = TEXT_INIT;
            config_keys_allowed(&keys[i], &allowed);
            error_set(err, ERROR_CONFIG, "%s: %s: is missing and required; allowed is %s",
                      config->path, keys[i].name, text_string(&allowed));
            text_free(&allowed);
            return -1;
        }
    }
    return 0;
}

static const struct config_value *given(const struct config_values *values, const char *path)
{
    const struct config_value *value = config_values_find(values, path);

    return value == NULL || value->is_default ? NULL : value;
}

static int check_window(const struct config_values *values, struct error *err)
{
    static const char *const parts[] = {"window.on", "window.from", "window.to"};
    const struct config_value *seen = NULL;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && seen == NULL; i++)
        seen = config_values_find(values, parts[i]);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && seen != NULL; i++)
        if (config_values_find(values, parts[i]) == NULL)
            return config_values_error(seen, NULL, err,
                                       "a window needs on, from and to; %s is missing", parts[i]);
    return 0;
}

static int check_flag(const struct config_values *values, const struct config *config,
                      struct error *err)
{
    const struct config_value *marked = given(values, "flag.marked");
    const struct config_value *released = given(values, "flag.released");
    bool is_taken_away = config->flag == NULL && given(values, "flag.column") != NULL;

    if (config->flag == NULL && !is_taken_away && (marked != NULL || released != NULL))
        return config_values_error(marked != NULL ? marked : released, NULL, err,
                                   "a value without a flag; try flag.column");
    if (strcasecmp(config->flag_marked, config->flag_released) == 0)
        return config_values_error(
            marked != NULL ? marked : released, NULL, err,
            "marked and released are the same; allowed are two values that differ");
    return 0;
}

static int check_together(const struct config_values *values, const struct config *config,
                          struct error *err)
{
    const struct config_value *max_keys = given(values, "chunk.max_keys");
    const struct config_value *max_rows = config_values_find(values, "chunk.max_rows");
    const struct config_value *target_rows = config_values_find(values, "chunk.target_rows");

    if (check_window(values, err) != 0 || check_flag(values, config, err) != 0)
        return -1;
    if (max_keys != NULL && !config->keys_filter)
        return config_values_error(
            max_keys, NULL, err,
            "only allowed with \"filter\": \"keys\"; a range holds any number of keys");
    if (config->max_rows < config->target_rows)
        return config_values_error(
            max_rows->is_default ? target_rows : max_rows, NULL, err,
            "chunk.max_rows must be at least chunk.target_rows; try raising chunk.max_rows too");
    return 0;
}

static void describe_value(struct text *out, const char *path, const struct config_value *value)
{
    struct text where = TEXT_INIT;
    char *printed = value == NULL ? NULL : cJSON_PrintUnformatted(value->item);

    if (value == NULL)
        text_add(&where, "default");
    else
        config_json_where(value->json, value->item, &where);
    text_format(out, "%s = %s [%s]\n", path, printed == NULL ? "null" : printed,
                text_string(&where));
    cJSON_free(printed);
    text_free(&where);
}

static char *describe(const struct config_values *values)
{
    int count;
    const struct config_key *keys = config_keys_all(&count);
    struct text out = TEXT_INIT;

    for (int i = 0; i < count; i++) {
        bool is_there = false;
        for (int j = 0; j < values->count; j++) {
            if (values->items[j].key != &keys[i])
                continue;
            describe_value(&out, values->items[j].path, &values->items[j]);
            is_there = true;
        }
        if (!is_there)
            describe_value(&out, keys[i].name, NULL);
    }
    return text_take(&out);
}

int config_read(const char *path, const char *const *sets, int set_count, struct config *config,
                struct error *err)
{
    struct config_values values = {0};
    int rc = -1;

    memset(config, 0, sizeof *config);
    config->path = memory_copy_string(path);
    if (gather(path, sets, set_count, &values, err) == 0 && apply_all(&values, config, err) == 0 &&
        check_together(&values, config, err) == 0) {
        config->description = describe(&values);
        rc = 0;
    }
    config_values_clear(&values);
    if (rc != 0)
        config_clear(config);
    return rc;
}

static void clear_pairs(struct config_pair *pairs, int count)
{
    for (int i = 0; i < count; i++) {
        free(pairs[i].name);
        free(pairs[i].value);
    }
}

static void clear_steps(struct config_step *steps, int count)
{
    for (int i = 0; i < count; i++) {
        free(steps[i].name);
        free(steps[i].sql);
    }
}

void config_clear(struct config *config)
{
    char *const strings[] = {
        config->path,   config->job,         config->table,         config->row_id,
        config->scope,  config->window_on,   config->window_from,   config->window_to,
        config->flag,   config->flag_marked, config->flag_released, config->update_name,
        config->update, config->time_zone,   config->ledger_schema, config->description,
    };

    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        free(strings[i]);
    for (int i = 0; i < config->key_count; i++)
        free(config->keys[i]);
    for (int i = 0; i < config->may_assign_count; i++)
        free(config->may_assign[i]);
    clear_pairs(config->schemas, config->schema_count);
    clear_pairs(config->settings, config->setting_count);
    clear_steps(config->before, config->before_count);
    clear_steps(config->after, config->after_count);
    memset(config, 0, sizeof *config);
}

void config_describe(const struct config *config, struct text *out)
{
    text_add(out, config->description);
}
