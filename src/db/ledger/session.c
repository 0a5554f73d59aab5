/* Reads the job file, connects, pins the settings, resolves the target, in this order; and
 * adopts what a run has pinned. */
#include "db/ledger/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "db/ledger/ledger_run.h"
#include "db/target/target.h"

enum { VERSION_14 = 140000, VERSION_17 = 170000 };

/* What only newer servers know. */
static void add_version_settings(struct session *s)
{
    if (connection_server_version(s->control) < VERSION_14)
        return;
    work_add_setting(&s->work, "idle_session_timeout", "0");
    work_add_setting(&s->work, "client_connection_check_interval", "1s");
    if (connection_server_version(s->control) >= VERSION_17)
        work_add_setting(&s->work, "transaction_timeout", "0");
}

static int ask(struct connection *c, const char *text, struct rows **rows, struct error *err)
{
    const struct sql sql = {"asking the session", text};

    return connection_query_once(c, &sql, PARAMETERS_NONE, rows, err);
}

static int learn(struct session *s, struct error *err)
{
    struct rows *rows = NULL;

    if (ask(s->control, "SELECT current_setting('search_path'), pg_is_in_recovery()", &rows, err) !=
        0)
        return -1;
    work_add_setting(&s->work, "search_path", rows_text(rows, 0, 0));
    s->is_standby = rows_bool(rows, 0, 1);
    rows_free(rows);
    return 0;
}

int session_connect(const char *path, const char *const *sets, int set_count, const char *command,
                    struct session *s, struct error *err)
{
    char purpose[64];

    memset(s, 0, sizeof *s);
    if (config_read(path, sets, set_count, &s->config, err) != 0)
        return -1;
    snprintf(purpose, sizeof purpose, "chunkmill %s", command);
    target_settings(&s->config, &s->work);
    if (connection_open(NULL, 0, purpose, &s->control, err) != 0)
        goto fail;
    s->work.job = memory_copy_string(s->config.job);
    s->work.ledger = connection_identifier(s->control, s->config.ledger_schema);
    connection_parameters(s->control, &s->work);
    add_version_settings(s);
    if (learn(s, err) != 0 ||
        connection_pin(s->control, s->work.settings, s->work.setting_count, err) != 0)
        goto fail;
    return 0;
fail:
    session_close(s);
    return -1;
}

int session_open(const char *path, const char *const *sets, int set_count, const char *command,
                 struct session *s, struct error *err)
{
    if (session_connect(path, sets, set_count, command, s, err) != 0)
        return -1;
    if (target_resolve(s->control, &s->config, &s->work, err) != 0) {
        session_close(s);
        return -1;
    }
    return 0;
}

static int adopt_search_path(struct session *s, const char *search_path, struct error *err)
{
    struct work_setting *setting = work_find_setting(&s->work, "search_path");

    if (strcmp(setting->value, search_path) == 0)
        return 0;
    free(setting->value);
    setting->value = memory_copy_string(search_path);
    if (connection_pin(s->control, setting, 1, err) != 0)
        return -1;
    return target_resolve(s->control, &s->config, &s->work, err);
}

static int compare(struct session *s, const struct ledger_run *run, bool accept_changes,
                   struct error *err)
{
    char identity[65], update[65];

    if (ledger_run_hashes(s->control, &s->work, &s->config, identity, update, err) != 0)
        return -1;
    if (strcmp(identity, run->identity_hash) != 0 || s->work.table_oid != run->table_oid)
        return error_set(err, ERROR_REFUSED,
                         "job %s, label %s: the job's table, key, row_id, scope, window, flag, "
                         "filter, time_zone or own settings are not what the unfinished run began "
                         "with; put it back, or give the run up with "
                         "`chunkmill abandon %s`",
                         s->config.job, run->facts.label, s->config.path);
    if (strcmp(update, run->update_hash) == 0)
        return 0;
    if (!accept_changes)
        return error_set(err, ERROR_REFUSED,
                         "job %s, label %s: %s is not the update that the unfinished run began "
                         "with; put it back, or go "
                         "on with the new one for the chunks left by `run --accept-changes`",
                         s->config.job, run->facts.label, s->config.update_name);
    return ledger_run_accept_update(s->control, &s->work, update, err);
}

int session_adopt(struct session *s, const struct ledger_run *run, bool accept_changes,
                  struct error *err)
{
    if (adopt_search_path(s, run->search_path, err) != 0)
        return -1;
    s->work.run_id = run->run_id;
    s->work.attempt = run->attempt;
    free(s->work.window_from);
    free(s->work.window_to);
    s->work.window_from = memory_copy_string(run->window_from);
    s->work.window_to = memory_copy_string(run->window_to);
    return compare(s, run, accept_changes, err);
}

void session_close(struct session *s)
{
    connection_close(s->control);
    work_clear(&s->work);
    config_clear(&s->config);
    memset(s, 0, sizeof *s);
}
