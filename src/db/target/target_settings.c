/* The server settings of every session: defaults that a job may change, the job's own, and those
 * that are pinned. */
#include <inttypes.h>
#include <stdio.h>

#include "core/plan/chunk.h"
#include "db/target/target.h"

/* At most half of the statement_timeout: a wait for a lock must end by lock_timeout, because a
 * statement that ends by statement_timeout counts as too large and its chunk is split. */
static int64_t lock_timeout_ms(const struct config *config)
{
    int64_t most_ms = config->statement_timeout_ms / 2;

    return config->statement_timeout_ms > 0 && config->lock_timeout_ms > most_ms
               ? (most_ms > 0 ? most_ms : 1)
               : config->lock_timeout_ms;
}

/* A generic plan does not know how wide a chunk is, so each chunk is planned for its own bounds;
 * but not small chunks, where planning takes a tenth of the time and the width matters less. */
static const char *plan_cache_mode(const struct config *config)
{
    return config->target_rows < CHUNK_SMALL_ROWS ? "auto" : "force_custom_plan";
}

#define COPY(type, name) work->name = config->name;

void target_settings(const struct config *config, struct work *work)
{
    /* Text must mean the same in every session (docs/PROTOCOL.md, "Keys are text, so sessions must
     * agree"). */
    static const char *const pinned[][2] = {
        {"datestyle", "ISO, MDY"},
        {"intervalstyle", "postgres"},
        {"extra_float_digits", "1"},
        {"bytea_output", "hex"},
        {"client_encoding", "UTF8"},
        {"standard_conforming_strings", "on"},
        {"transform_null_equals", "off"},
        {"array_nulls", "on"},
        {"quote_all_identifiers", "off"},
        {"default_transaction_isolation", "read committed"},
        {"default_transaction_deferrable", "off"},
        {"row_security", "off"},
        {"idle_in_transaction_session_timeout", "300s"},
    };
    /* A job may change these: costs that fit chunks, and keepalives, without which a session whose
     * network is cut would keep its locks for hours. */
    static const char *const defaults[][2] = {
        {"jit", "off"},
        {"random_page_cost", "1.1"},
        {"tcp_keepalives_idle", "10"},
        {"tcp_keepalives_interval", "5"},
        {"tcp_keepalives_count", "3"},
        {"tcp_user_timeout", "30000"},
    };
    char number[24];

    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
        work_add_setting(work, defaults[i][0], defaults[i][1]);
    work_add_setting(work, "plan_cache_mode", plan_cache_mode(config));
    for (int i = 0; i < config->setting_count; i++)
        work_add_setting(work, config->settings[i].name, config->settings[i].value);
    for (size_t i = 0; i < sizeof pinned / sizeof pinned[0]; i++)
        work_add_setting(work, pinned[i][0], pinned[i][1]);
    work_add_setting(work, "timezone", config->time_zone);
    snprintf(number, sizeof number, "%" PRId64, lock_timeout_ms(config));
    work_add_setting(work, "lock_timeout", number);
    snprintf(number, sizeof number, "%" PRId64, config->statement_timeout_ms);
    work_add_setting(work, "statement_timeout", number);
    WORK_JOB_KEYS(COPY)
    if (config->flag == NULL)
        work->mark_ahead = 0;
}
