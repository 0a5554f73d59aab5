/* The table of checks and their runner. Each check is a transaction of its own that is rolled
 * back, so that neither a refused statement nor a temporary view outlives it. The checks
 * themselves are in the files beside this one. */
#include "db/preflight/preflight.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "db/preflight/preflight_checks.h"
#include "db/target/target.h"

enum need {
    NEEDS_TABLE = 1,    /* a table or partitioned table that is there */
    NEEDS_RESOLVED = 2, /* its columns and expressions too */
    NEEDS_PRIMARY = 4,  /* makes temporary views, or reads what a standby has not */
    NEEDS_FLAG = 8,
    QUICK = 16, /* may fail, and is cheap */
};

static const struct {
    const char *name;
    preflight_check *check;
    int needs;
} checks[] = {
    {"connection", preflight_server_connection, 0},
    {"server_version", preflight_server_version, QUICK},
    {"pooler", preflight_server_pooler, QUICK},
    {"primary", preflight_server_primary, QUICK},
    {"ledger", preflight_server_ledger, 0},
    {"table", preflight_table_kind, QUICK},
    {"rules", preflight_table_rules, NEEDS_TABLE | QUICK},
    {"columns", preflight_table_columns, NEEDS_TABLE | QUICK},
    {"row_id", preflight_table_row_id, NEEDS_TABLE | QUICK},
    {"key", preflight_key_expressions, NEEDS_TABLE | QUICK},
    {"flag_in_key", preflight_key_flag, NEEDS_FLAG | NEEDS_RESOLVED | NEEDS_PRIMARY | QUICK},
    {"flag_values", preflight_key_flag_values, NEEDS_FLAG | NEEDS_RESOLVED | QUICK},
    {"flag_index", preflight_key_flag_index, NEEDS_FLAG | NEEDS_TABLE},
    {"row_security", preflight_table_row_security, NEEDS_TABLE | QUICK},
    {"triggers", preflight_table_triggers, NEEDS_TABLE | QUICK},
    {"privileges", preflight_rights_check, NEEDS_TABLE | QUICK},
    {"index", preflight_plan_index, NEEDS_RESOLVED | QUICK},
    {"statistics", preflight_health_statistics, NEEDS_TABLE},
    {"fillfactor", preflight_health_fillfactor, NEEDS_TABLE},
    {"hot", preflight_health_hot, NEEDS_TABLE},
    {"update", preflight_update_check, NEEDS_RESOLVED | QUICK},
    {"steps", preflight_update_steps, QUICK},
    {"connections", preflight_health_connections, QUICK},
    {"settings", preflight_health_settings, 0},
    {"lag", preflight_health_lag, NEEDS_PRIMARY},
    {"snapshots", preflight_health_snapshots, 0},
};
enum { CHECKS = sizeof checks / sizeof checks[0] };

const char *const *preflight_names(void)
{
    static const char *names[CHECKS + 1];

    for (int i = 0; i < CHECKS; i++)
        names[i] = checks[i].name;
    return names;
}

bool preflight_has_failed(const struct preflight *result)
{
    for (int i = 0; i < result->count; i++)
        if (result->findings[i].answer == PREFLIGHT_FAIL)
            return true;
    return false;
}

void preflight_clear(struct preflight *result)
{
    for (int i = 0; i < result->count; i++) {
        free(result->findings[i].facts);
        free(result->findings[i].remedy);
    }
    free(result->findings);
    *result = (struct preflight){0, NULL};
}

/* Appends to an owned string, `between` between. */
__attribute__((format(printf, 3, 0))) static void append(char **string, const char *between,
                                                         const char *format, va_list arguments)
{
    struct text joined = TEXT_INIT;
    va_list again;

    if (*string != NULL && **string != '\0')
        text_format(&joined, "%s%s", *string, between);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *words = memory_zero((size_t)length + 1, 1);
    vsnprintf(words, (size_t)length + 1, format, again);
    va_end(again);
    text_add(&joined, words);
    free(words);
    free(*string);
    *string = text_take(&joined);
}

void preflight_say(struct preflight_run *run, enum preflight_answer answer, const char *format, ...)
{
    va_list arguments;

    if (answer > run->finding->answer)
        run->finding->answer = answer;
    va_start(arguments, format);
    append(&run->finding->facts, "; ", format, arguments);
    va_end(arguments);
}

void preflight_advise(struct preflight_run *run, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    append(&run->finding->remedy, "\n", format, arguments);
    va_end(arguments);
}

int preflight_ask(struct preflight_run *run, const struct sql *sql, int count,
                  const char *const *values, struct rows **rows, struct error *err)
{
    return connection_query_once(run->c, sql, (struct parameters){count, values, NULL}, rows, err);
}

int preflight_ask_table(struct preflight_run *run, const struct sql *sql, struct rows **rows,
                        struct error *err)
{
    const char *values[] = {run->table_oid};

    return preflight_ask(run, sql, 1, values, rows, err);
}

int preflight_script(struct preflight_run *run, const char *text, struct error *err)
{
    const struct sql sql = {"a statement of the preflight", text};

    return connection_script(run->c, &sql, err);
}

int preflight_limit(struct preflight_run *run, int limit_ms, struct error *err)
{
    static const struct sql limit = {"limit the time of a check",
                                     "SELECT pg_catalog.set_config('statement_timeout', $1, true)"};
    char ms[16];
    const char *values[] = {ms};

    snprintf(ms, sizeof ms, "%d", limit_ms);
    return preflight_ask(run, &limit, 1, values, NULL, err);
}

bool preflight_timed_out(const struct error *err)
{
    return err->kind == ERROR_SERVER && strcmp(err->sqlstate, "57014") == 0;
}

void preflight_flatten(char *sql)
{
    char *to = sql;

    if (strstr(sql, "--") != NULL)
        return;
    for (const char *from = sql; *from != '\0'; from++)
        if (from[0] != '\n' || from[1] != ')')
            *to++ = *from;
    *to = '\0';
}

/* Why the check can't be made, or NULL. */
static const char *hindrance(const struct preflight_run *run, int needs)
{
    bool is_table = run->kind == 'r' || run->kind == 'p';

    if ((needs & NEEDS_PRIMARY) != 0 && run->is_standby)
        return "needs the primary";
    if ((needs & (NEEDS_TABLE | NEEDS_RESOLVED)) != 0 && !is_table)
        return "needs the table: see table";
    if ((needs & NEEDS_RESOLVED) != 0 && !run->is_resolved)
        return "needs columns and expressions that the server knows: see columns and key";
    return NULL;
}

static bool is_listed(const char *name, const char *const *list, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

/* A standby refuses READ WRITE, and is to be looked at all the same. */
static int begin(struct preflight_run *run, struct error *err)
{
    static const struct sql plain = {"begin", "BEGIN"};

    return run->is_standby ? connection_script(run->c, &plain, err) : connection_begin(run->c, err);
}

static int make(struct preflight_run *run, preflight_check *check, struct error *err)
{
    struct error refused = ERROR_INIT;
    int rc = begin(run, &refused);

    if (rc == 0)
        rc = check(run, &refused);
    connection_rollback(run->c);
    if (rc == 0)
        return 0;
    if (refused.kind != ERROR_SERVER && refused.kind != ERROR_CONFIG) {
        *err = refused;
        error_context(err, "check %s", run->finding->name);
        return -1;
    }
    preflight_say(run, PREFLIGHT_WARN, "could not be looked at: %s (%s)", refused.text,
                  refused.sqlstate);
    return 0;
}

static int run_checks(struct preflight_run *run, struct preflight *result, struct error *err)
{
    const struct preflight_options *options = run->options;

    for (int i = 0; i < CHECKS; i++) {
        if (options->quick && (checks[i].needs & QUICK) == 0)
            continue;
        run->finding = &result->findings[result->count++];
        run->finding->name = checks[i].name;
        const char *why = hindrance(run, checks[i].needs);
        if (is_listed(checks[i].name, options->skip, options->skip_count))
            preflight_say(run, PREFLIGHT_SKIPPED, "skipped, as asked");
        else if ((checks[i].needs & NEEDS_FLAG) != 0 && run->config->flag == NULL)
            preflight_say(run, PREFLIGHT_PASS, "the job has no flag");
        else if (why != NULL)
            preflight_say(run, PREFLIGHT_SKIPPED, "%s", why);
        else if (make(run, checks[i].check, err) != 0)
            return -1;
    }
    return 0;
}

static int refuse_unknown(const struct preflight_options *options, struct error *err)
{
    struct text known = TEXT_INIT;
    int rc = 0;

    for (int i = 0; i < CHECKS; i++)
        text_format(&known, "%s%s", i > 0 ? ", " : "", checks[i].name);
    for (int i = 0; i < options->skip_count && rc == 0; i++)
        if (!is_listed(options->skip[i], preflight_names(), CHECKS))
            rc = error_set(err, ERROR_CONFIG, "no check is called '%s'; try one of %s",
                           options->skip[i], text_string(&known));
    text_free(&known);
    return rc;
}

/* Fills work, where the session has not done it. What the server or the job file refuses is a
 * finding. */
static int resolve(struct preflight_run *run, struct error *err)
{
    struct session *s = run->session;
    int rc = 0;

    if (run->kind != 'r' && run->kind != 'p')
        return 0;
    if (run->work->update == NULL) /* what is resolved last */
        rc = target_resolve(run->c, run->config, run->work, &run->unresolved);
    if (rc == 0 && run->config->window_on != NULL && s->work.window_from == NULL &&
        s->work.window_to == NULL)
        rc = target_pin_window(run->c, run->config, run->work, &run->unresolved);
    run->is_resolved = rc == 0;
    if (rc == 0 || run->unresolved.kind == ERROR_SERVER || run->unresolved.kind == ERROR_CONFIG ||
        run->unresolved.kind == ERROR_REFUSED)
        return 0;
    *err = run->unresolved;
    return -1;
}

int preflight_run(struct session *s, const struct preflight_options *options,
                  struct preflight *result, struct error *err)
{
    struct preflight_run run = {.session = s,
                                .c = s->control,
                                .config = &s->config,
                                .work = &s->work,
                                .options = options,
                                .unresolved = ERROR_INIT};
    struct work shown;
    int rc = -1;

    *result = (struct preflight){0, NULL};
    if (refuse_unknown(options, err) != 0)
        return -1;
    result->findings = memory_zero(CHECKS, sizeof *result->findings);
    if (preflight_server_read(&run, err) == 0 && preflight_table_read(&run, err) == 0 &&
        resolve(&run, err) == 0) {
        shown = s->work;
        shown.marks_by_id = false; /* the ids are in the ledger, which may not be there yet */
        run.work = &shown;
        rc = run_checks(&run, result, err);
    }
    connection_rollback(run.c);
    free(run.role);
    free(run.tls);
    free(run.schema_list);
    free(run.wanted);
    free(run.table);
    if (rc != 0)
        preflight_clear(result);
    return rc;
}
