/* Checks privileges, and prints the GRANT statements for those that are missing. The catalog
 * tells about target and ledger. The tables that the job's update reads are known from parsing
 * it (it locks them), and EXPLAIN confirms. */
#include <string.h>

#include "base/human.h"
#include "db/preflight/preflight_checks.h"
#include "sql_statements.h"

/* Each GRANT once. Returns how many were new. */
static int64_t advise_grants(struct preflight_run *run, const struct rows *rows)
{
    int64_t added = 0;

    for (int64_t i = 0; i < rows_count(rows); i++) {
        const char *grant = rows_text(rows, i, 0), *known = run->finding->remedy;
        if (known != NULL && strstr(known, grant) != NULL)
            continue;
        preflight_advise(run, "%s", grant);
        added++;
    }
    return added;
}

/* What the update reads. An update that doesn't parse is the update check's business, except for a
 * schema that may not be used. */
static int look_at_reads(struct preflight_run *run, int64_t *lacking, struct error *err)
{
    struct text text = TEXT_INIT;
    struct rows *rows = NULL;
    uint32_t types[KEY_COLUMNS_MAX + 2];
    struct predicate_shape all = {.kind = CHUNK_RANGE};
    int count, rc = -1;

    if (statement_text(run->work, STATEMENT_UPDATE, all, &text, err) != 0)
        goto out;
    const struct sql sql = {"parsing the update", text_string(&text)};
    if (connection_describe(run->c, &sql, types, &count, err) != 0)
        goto out;
    if (preflight_ask(run, &sql_inspect_locks, 0, NULL, &rows, err) != 0)
        goto out;
    *lacking += advise_grants(run, rows);
    rows_free(rows);
    rows = NULL;
    rc = preflight_plan_explain(run, STATEMENT_UPDATE, NULL, NULL, &rows, err);
out:
    rows_free(rows);
    text_free(&text);
    return rc;
}

int preflight_rights_check(struct preflight_run *run, struct error *err)
{
    const struct config *config = run->config;
    const char *values[] = {run->table_oid, config->ledger_schema, config->flag, config->row_id,
                            run->schema_list};
    struct rows *rows = NULL;

    if (preflight_ask(run, &sql_inspect_rights, 5, values, &rows, err) != 0)
        return -1;
    int64_t lacking = advise_grants(run, rows);
    rows_free(rows);
    if (run->is_resolved && !run->is_standby && look_at_reads(run, &lacking, err) != 0) {
        if (err->kind != ERROR_SERVER && err->kind != ERROR_CONFIG)
            return -1;
        if (lacking == 0 && strcmp(err->sqlstate, "42501") == 0) {
            preflight_say(run, PREFLIGHT_FAIL, "%s", err->text);
            preflight_advise(
                run,
                "GRANT the right that the server names to %s; the update needs SELECT and "
                "UPDATE on the columns of %s",
                run->role, run->table);
            return 0;
        }
    }
    if (lacking > 0)
        preflight_say(run, PREFLIGHT_FAIL, "role %s lacks %s", run->role,
                      human_count(lacking, "right").text);
    else
        preflight_say(run, PREFLIGHT_PASS, "role %s has what is needed", run->role);
    return 0;
}
