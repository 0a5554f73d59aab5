/* The server settings of a job: what a job may set, and what it must not because the work's
 * exactness hangs on it. Source: PROTOCOL, section "Keys are text, so sessions must agree". */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "core/job/config_apply.h"

static const char pinned[] = "every session must read and write values alike, so chunkmill pins it";

static const struct {
    const char *name;
    const char *why;
} refused[] = {
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
    {"row_security", "an error beats rows that are silently missing, so chunkmill pins it"},
    {"default_transaction_isolation", "chunkmill begins each transaction as it needs it"},
    {"default_transaction_read_only", "chunkmill begins each transaction as it needs it"},
    {"transaction_isolation", "chunkmill begins each transaction as it needs it"},
    {"transaction_read_only", "chunkmill begins each transaction as it needs it"},
    {"session_replication_role", "it would switch off triggers and foreign keys"},
    {"session_authorization", "try PGUSER"},
    {"password", "a job file holds no password; try PGPASSFILE or a service file"},
    {"application_name", "chunkmill says there what a session does"},
    {"idle_session_timeout", "it would end the sessions that hold the run's locks"},
    {"idle_in_transaction_session_timeout", "chunkmill sets it"},
    {"transaction_timeout", "try connection.statement_timeout_ms"},
    {"client_connection_check_interval", "chunkmill sets it"},
};

static int check_name(const struct config_value *value, const char *name, struct error *err)
{
    if (*name == '\0' || strlen(name) > 63 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz_.") != strlen(name))
        return config_values_refuse(value, NULL, "not a setting's name in lower case", err);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (strcmp(name, refused[i].name) == 0)
            return config_values_error(value, NULL, err, "must not be set here; %s",
                                       refused[i].why);
    return 0;
}

int config_apply_setting(const struct config_value *value, struct config *config, struct error *err)
{
    const char *name = value->path + strlen(value->key->name) + 1;
    const cJSON *item = value->item;
    char number[40];
    const char *text = number;

    if (check_name(value, name, err) != 0)
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
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            return config_values_error(value, NULL, err, "has a control byte");
    config->settings[config->setting_count++] =
        (struct config_pair){memory_copy_string(name), memory_copy_string(text)};
    return 0;
}
