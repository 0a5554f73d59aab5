/* Checks a value by the type of its key and stores it. An error says what the key's row in
 * config_keys allows. */
#include "core/job/config_apply.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/job/config_files.h"
#include "core/job/config_sql.h"
#include "core/sql/template.h"

enum { NAME_BYTES_MAX = 63 };

static void *field(const struct config_value *value, struct config *config)
{
    return (char *)config + value->key->offset;
}

static void keep_string(const struct config_value *value, struct config *config, const char *s)
{
    char **to = field(value, config);

    free(*to);
    *to = memory_copy_string(s);
}

static bool has_control_byte(const char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7F)
            return true;
    return false;
}

static const char *word_fault(const cJSON *item, size_t bytes_max)
{
    if (item == NULL || !cJSON_IsString(item))
        return "not a string";
    if (*item->valuestring == '\0')
        return "empty";
    if (has_control_byte(item->valuestring))
        return "has a control byte";
    return strlen(item->valuestring) > bytes_max ? "too long" : NULL;
}

/* A string of the given letters only; "" allows all. */
static int apply_word(const struct config_value *value, struct config *config, const char *letters,
                      struct error *err)
{
    const char *fault = word_fault(value->item, NAME_BYTES_MAX);
    const char *s = value->item->valuestring;

    if (fault == NULL && *letters != '\0' && strspn(s, letters) != strlen(s))
        fault = "has a character that is not allowed";
    if (fault != NULL)
        return config_values_refuse(value, NULL, fault, err);
    keep_string(value, config, s);
    return 0;
}

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static int apply_job(const struct config_value *value, struct config *config, struct error *err)
{
    return apply_word(value, config, LETTERS_AND_DIGITS "._-", err);
}

/* null for the flag means no flag, even where an earlier source names one. */
static int apply_name(const struct config_value *value, struct config *config, struct error *err)
{
    if (cJSON_IsNull(value->item) && field(value, config) == &config->flag) {
        free(config->flag);
        config->flag = NULL;
        return 0;
    }
    return apply_word(value, config, "", err);
}

static int apply_zone(const struct config_value *value, struct config *config, struct error *err)
{
    return apply_word(value, config, LETTERS_AND_DIGITS "_/+-:", err);
}

static int check_placeholders(const struct config_value *value, const cJSON *item, const char *text,
                              const struct config *config, struct error *err)
{
    struct error found = ERROR_INIT;

    if (config_sql_check_placeholders(config, "", text, false, &found) == 0)
        return 0;
    /* without the line before it, which counts within the value and not within the file */
    const char *what = strstr(found.text, ": ");
    return config_values_error(value, item, err, "%s", what == NULL ? found.text : what + 2);
}

static int apply_table(const struct config_value *value, struct config *config, struct error *err)
{
    const char *fault = word_fault(value->item, 1000);

    if (fault == NULL && !config_sql_is_table(value->item->valuestring))
        fault = "not a table's name";
    if (fault != NULL)
        return config_values_refuse(value, NULL, fault, err);
    if (check_placeholders(value, NULL, value->item->valuestring, config, err) != 0)
        return -1;
    keep_string(value, config, value->item->valuestring);
    return 0;
}

static int check_expression(const struct config_value *value, const cJSON *item,
                            const struct config *config, struct error *err)
{
    if (!cJSON_IsString(item))
        return config_values_refuse(value, item, "not a string", err);
    const char *fault = config_sql_expression_fault(item->valuestring);
    if (fault != NULL)
        return config_values_refuse(value, item, fault, err);
    return check_placeholders(value, item, item->valuestring, config, err);
}

static int apply_sql(const struct config_value *value, struct config *config, struct error *err)
{
    if (check_expression(value, value->item, config, err) != 0)
        return -1;
    keep_string(value, config, value->item->valuestring);
    return 0;
}

static int apply_sql_list(const struct config_value *value, struct config *config,
                          struct error *err)
{
    if (!cJSON_IsArray(value->item))
        return config_values_refuse(value, NULL, "not a list", err);
    if (value->item->child == NULL)
        return config_values_refuse(value, NULL, "an empty list", err);
    for (const cJSON *item = value->item->child; item != NULL; item = item->next) {
        if (config->key_count == KEY_COLUMNS_MAX)
            return config_values_refuse(value, item, "one expression too many", err);
        if (check_expression(value, item, config, err) != 0)
            return -1;
        config->keys[config->key_count++] = memory_copy_string(item->valuestring);
    }
    return 0;
}

static int apply_names(const struct config_value *value, struct config *config, struct error *err)
{
    if (!cJSON_IsArray(value->item))
        return config_values_refuse(value, NULL, "not a list", err);
    if (value->item->child == NULL)
        return config_values_refuse(value, NULL, "an empty list", err);
    for (const cJSON *item = value->item->child; item != NULL; item = item->next) {
        const char *fault = word_fault(item, NAME_BYTES_MAX);
        if (fault == NULL && config->may_assign_count == KEY_COLUMNS_MAX)
            fault = "one name too many";
        if (fault != NULL)
            return config_values_refuse(value, item, fault, err);
        config->may_assign[config->may_assign_count++] = memory_copy_string(item->valuestring);
    }
    return 0;
}

/* A number, true, false or null of JSON is accepted, too: SQL writes it in the same way. */
static int apply_literal(const struct config_value *value, struct config *config, struct error *err)
{
    const cJSON *item = value->item;
    char *printed = NULL;
    const char *s = "";
    int rc = -1;

    if (cJSON_IsString(item))
        s = item->valuestring;
    else if (!cJSON_IsArray(item) && !cJSON_IsObject(item))
        s = printed = cJSON_PrintUnformatted(item);
    if (config_sql_is_literal(s)) {
        keep_string(value, config, s);
        rc = 0;
    } else {
        config_values_refuse(value, NULL, "not a literal", err);
    }
    cJSON_free(printed);
    return rc;
}

/* Reads the SQL file that `name` names; *path is how an error names it. */
static int read_sql(const struct config_value *value, const cJSON *name,
                    const struct config *config, struct text *path, struct text *sql,
                    struct error *err)
{
    struct error found = ERROR_INIT;
    const char *fault = word_fault(name, 4000);

    if (fault != NULL) {
        config_values_refuse(value, name, fault, err);
        return -1;
    }
    config_files_beside(config->path, name->valuestring, path);
    if (config_files_read(text_string(path), sql, &found) != 0)
        return config_values_error(value, name, err, "%s", found.text);
    if (template_statements(text_string(sql)) == 0)
        return config_values_error(value, name, err, "%s: holds no statement", text_string(path));
    bool in_update = value->key->type == CONFIG_FILE;
    if (config_sql_check_placeholders(config, text_string(path), text_string(sql), in_update,
                                      &found) != 0)
        return config_values_error(value, name, err, "%s", found.text);
    return 0;
}

static int apply_file(const struct config_value *value, struct config *config, struct error *err)
{
    struct text path = TEXT_INIT;
    struct text sql = TEXT_INIT;
    int rc = -1;

    if (read_sql(value, value->item, config, &path, &sql, err) != 0)
        goto out;
    int statements = template_statements(text_string(&sql));
    if (statements != 1) {
        config_values_error(value, NULL, err,
                            "%s: holds %d statements; one is allowed, try steps before or after",
                            text_string(&path), statements);
        goto out;
    }
    if (!template_uses(text_string(&sql), "chunk_filter")) {
        config_values_error(
            value, NULL, err,
            "%s: has no {chunk_filter}, so every chunk would update all rows; try WHERE .. AND "
            "{chunk_filter}",
            text_string(&path));
        goto out;
    }
    int line = config_sql_parameter_line(text_string(&sql));
    if (line > 0) {
        config_values_error(
            value, NULL, err,
            "%s:%d: has a parameter such as $1, which only chunkmill's own statements may have",
            text_string(&path), line);
        goto out;
    }
    free(config->update_name);
    config->update_name = memory_copy_string(value->item->valuestring);
    keep_string(value, config, text_string(&sql));
    rc = 0;
out:
    text_free(&path);
    text_free(&sql);
    return rc;
}

/* Reads {"file": NAME, "transaction": BOOL}. */
static int read_step_object(const struct config_value *value, const cJSON *item, const cJSON **file,
                            bool *transaction, struct error *err)
{
    const cJSON *seen_transaction = NULL;

    for (const cJSON *member = item->child; member != NULL; member = member->next) {
        const cJSON **seen = strcmp(member->string, "file") == 0          ? file
                             : strcmp(member->string, "transaction") == 0 ? &seen_transaction
                                                                          : NULL;
        if (seen == NULL && strcmp(member->string, "$comment") != 0)
            return config_values_error(value, member, err,
                                       "no such key in a step; file and transaction are allowed");
        if (seen != NULL && *seen != NULL)
            return config_values_error(value, member, err, "given twice in one step; try one");
        if (seen != NULL)
            *seen = member;
    }
    if (*file == NULL)
        return config_values_error(value, item, err, "a step without a file; try {\"file\": NAME}");
    if (seen_transaction != NULL && !cJSON_IsBool(seen_transaction))
        return config_values_error(value, seen_transaction, err,
                                   "transaction must be true or false");
    *transaction = seen_transaction == NULL || cJSON_IsTrue(seen_transaction);
    return 0;
}

static int read_step(const struct config_value *value, const cJSON *item,
                     const struct config *config, struct config_step *step, struct error *err)
{
    const cJSON *file = cJSON_IsObject(item) ? NULL : item;
    struct text path = TEXT_INIT;
    struct text sql = TEXT_INIT;
    int rc = -1;

    step->transaction = true;
    if (file == NULL && read_step_object(value, item, &file, &step->transaction, err) != 0)
        goto out;
    if (read_sql(value, file, config, &path, &sql, err) != 0)
        goto out;
    if (!step->transaction && template_statements(text_string(&sql)) != 1) {
        config_values_error(value, item, err,
                            "%s: outside of a transaction a step must be one statement",
                            text_string(&path));
        goto out;
    }
    step->name = memory_copy_string(file->valuestring);
    step->sql = text_take(&sql);
    rc = 0;
out:
    text_free(&path);
    text_free(&sql);
    return rc;
}

static int apply_steps(const struct config_value *value, struct config *config, struct error *err)
{
    struct config_step *steps = field(value, config);
    int *count = steps == config->before ? &config->before_count : &config->after_count;

    if (!cJSON_IsArray(value->item))
        return config_values_refuse(value, NULL, "not a list", err);
    for (const cJSON *item = value->item->child; item != NULL; item = item->next) {
        if (*count == CONFIG_LIST_MAX)
            return config_values_refuse(value, item, "one step too many", err);
        if (read_step(value, item, config, &steps[*count], err) != 0)
            return -1;
        ++*count;
    }
    return 0;
}

static int apply_int64(const struct config_value *value, struct config *config, struct error *err)
{
    const struct config_key *key = value->key;
    double number = value->item->valuedouble;

    if (!cJSON_IsNumber(value->item))
        return config_values_refuse(value, NULL, "not a number", err);
    if (!(number >= (double)key->low && number <= (double)key->high))
        return config_values_refuse(value, NULL, "out of range", err);
    int64_t whole = (int64_t)number;
    if ((double)whole != number)
        return config_values_refuse(value, NULL, "not a whole number", err);
    memcpy(field(value, config), &whole, sizeof whole);
    return 0;
}

static int apply_bool(const struct config_value *value, struct config *config, struct error *err)
{
    if (!cJSON_IsBool(value->item))
        return config_values_refuse(value, NULL, "not a boolean", err);
    *(bool *)field(value, config) = cJSON_IsTrue(value->item);
    return 0;
}

/* key->unit is "FIRST or SECOND". */
static int apply_choice(const struct config_value *value, struct config *config, struct error *err)
{
    const char *words = value->key->unit;
    const char *s = cJSON_IsString(value->item) ? value->item->valuestring : "";
    size_t first_bytes = strcspn(words, " ");
    const char *second = strrchr(words, ' ') + 1;
    bool is_first = strlen(s) == first_bytes && strncmp(s, words, first_bytes) == 0;

    if (!is_first && strcmp(s, second) != 0)
        return config_values_refuse(value, NULL, "not one of its words", err);
    *(bool *)field(value, config) = !is_first;
    return 0;
}

static int apply_schema(const struct config_value *value, struct config *config, struct error *err)
{
    const char *name = value->path + strlen(value->key->name) + 1;
    const char *fault = word_fault(value->item, NAME_BYTES_MAX);

    if (*name == '\0' || strlen(name) > NAME_BYTES_MAX || (*name >= '0' && *name <= '9') ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name))
        fault = "not a placeholder's name";
    else if (strcmp(name, "chunk_filter") == 0)
        fault = "the name of chunkmill's own placeholder";
    else if (config->schema_count == CONFIG_LIST_MAX)
        fault = "one schema too many";
    if (fault != NULL)
        return config_values_refuse(value, NULL, fault, err);
    config->schemas[config->schema_count++] = (struct config_pair){
        memory_copy_string(name), memory_copy_string(value->item->valuestring)};
    return 0;
}

/* The server settings that a job must not set, because the exactness of the run depends on them.
 * Source: docs/PROTOCOL.md, "Keys are text, so sessions must agree". */
static const char pinned[] = "every session must read and write values alike, so chunkmill pins it";

static const struct {
    const char *name;
    const char *why;
} refused_settings[] = {
    {"timezone", "try time_zone, a key of its own"},
    {"lock_timeout", "try connection.lock_timeout_ms"},
    {"statement_timeout", "try connection.statement_timeout_ms"},
    {"search_path", "try names with their schema; chunkmill pins it as at planning"},
    {"datestyle", pinned},
    {"intervalstyle", pinned},
    {"extra_float_digits", pinned},
    {"bytea_output", pinned},
    {"client_encoding", pinned},
    {"standard_conforming_strings", pinned},
    {"transform_null_equals", pinned},
    {"array_nulls", pinned},
    {"quote_all_identifiers", pinned},
    {"row_security", "an error beats rows that are silently missing, so chunkmill pins it"},
    {"default_transaction_isolation", "chunkmill begins each transaction as it needs it"},
    {"default_transaction_deferrable", "chunkmill begins each transaction as it needs it"},
    {"default_transaction_read_only", "a server that is to be written to is not read-only"},
    {"transaction_isolation", "chunkmill begins each transaction as it needs it"},
    {"transaction_read_only", "chunkmill begins each transaction as it needs it"},
    {"session_replication_role", "it would switch off triggers and foreign keys"},
    {"session_authorization", "try PGUSER"},
    {"password", "a job file holds no password; try PGPASSFILE or a service file"},
    {"application_name", "chunkmill shows there what a session does"},
    {"idle_session_timeout", "it would end the sessions that hold the run's locks"},
    {"idle_in_transaction_session_timeout", "chunkmill sets it"},
    {"transaction_timeout", "try connection.statement_timeout_ms"},
    {"client_connection_check_interval", "chunkmill sets it"},
};

static int check_setting(const struct config_value *value, const char *name, struct error *err)
{
    if (*name == '\0' || strlen(name) > NAME_BYTES_MAX ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz_.") != strlen(name))
        return config_values_refuse(value, NULL, "not a setting's name in lower case", err);
    for (size_t i = 0; i < sizeof refused_settings / sizeof refused_settings[0]; i++)
        if (strcmp(name, refused_settings[i].name) == 0)
            return config_values_error(value, NULL, err, "must not be set here; %s",
                                       refused_settings[i].why);
    return 0;
}

static int apply_setting(const struct config_value *value, struct config *config, struct error *err)
{
    const char *name = value->path + strlen(value->key->name) + 1;
    const cJSON *item = value->item;
    char number[40];
    const char *text = number;

    if (check_setting(value, name, err) != 0)
        return -1;
    if (config->setting_count == CONFIG_LIST_MAX)
        return config_values_refuse(value, NULL, "one setting too many", err);
    if (cJSON_IsNumber(item) && isfinite(item->valuedouble))
        snprintf(number, sizeof number, "%.15g", item->valuedouble);
    else if (cJSON_IsBool(item))
        text = cJSON_IsTrue(item) ? "on" : "off";
    else if (cJSON_IsString(item))
        text = item->valuestring;
    else
        return config_values_refuse(value, NULL, "neither a string nor a number nor a boolean",
                                    err);
    if (has_control_byte(text))
        return config_values_error(value, NULL, err, "has a control byte");
    config->settings[config->setting_count++] =
        (struct config_pair){memory_copy_string(name), memory_copy_string(text)};
    return 0;
}

int config_apply(const struct config_value *value, struct config *config, struct error *err)
{
    static int (*const by_type[])(const struct config_value *, struct config *, struct error *) = {
        [CONFIG_JOB] = apply_job,           [CONFIG_NAME] = apply_name,
        [CONFIG_TABLE] = apply_table,       [CONFIG_SQL] = apply_sql,
        [CONFIG_SQL_LIST] = apply_sql_list, [CONFIG_NAMES] = apply_names,
        [CONFIG_LITERAL] = apply_literal,   [CONFIG_FILE] = apply_file,
        [CONFIG_STEPS] = apply_steps,       [CONFIG_ZONE] = apply_zone,
        [CONFIG_INT64] = apply_int64,       [CONFIG_BOOL] = apply_bool,
        [CONFIG_CHOICE] = apply_choice,     [CONFIG_SCHEMAS] = apply_schema,
        [CONFIG_SETTINGS] = apply_setting,
    };
    return by_type[value->key->type](value, config, err);
}
