/* Each function asks the server one thing, or tells it one thing. */
#include "db/stats/bench_server.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "core/sql/template.h"
#include "db/cycle/statement.h"
#include "db/ledger/ledger_query.h"
#include "db/target/target.h"
#include "sql_statements.h"

int bench_server_count_rows(struct connection *c, const struct work *work,
                            const struct counters *before, struct bench_count *count,
                            struct error *err)
{
    struct ledger_query_number xid = ledger_query_number(before->next_xid);
    const char *values[] = {xid.text};
    struct rows *rows = NULL;

    *count = (struct bench_count){0};
    if (statement_query(c, work, &sql_count_written, ledger_query_values(1, values), &rows, err) !=
        0)
        return -1;
    count->in_scope = rows_int64(rows, 0, 0);
    count->written = rows_int64(rows, 0, 1);
    rows_free(rows);
    if (!work_has_flag(work))
        return 0;
    if (statement_query(c, work, &sql_count_flagged, PARAMETERS_NONE, &rows, err) != 0)
        return -1;
    count->marked = rows_int64(rows, 0, 0);
    rows_free(rows);
    return 0;
}

int bench_server_settings(struct connection *c, struct bench_pairs *pairs, struct error *err)
{
    struct rows *rows = NULL;

    if (connection_query_once(c, &sql_list_settings, PARAMETERS_NONE, &rows, err) != 0)
        return -1;
    for (int64_t i = 0; i < rows_count(rows); i++)
        bench_results_pairs_add(pairs, rows_text(rows, i, 0), "%s", rows_text(rows, i, 1));
    rows_free(rows);
    return 0;
}

int bench_server_table(struct connection *c, const struct work *work,
                       struct bench_server_table *table, struct error *err)
{
    struct ledger_query_number oid = ledger_query_number(work->table_oid);
    const char *values[] = {oid.text};
    struct rows *rows = NULL;

    if (connection_query_once(c, &sql_describe_table, ledger_query_values(1, values), &rows, err) !=
        0)
        return -1;
    table->table_bytes = rows_int64(rows, 0, 0);
    table->index_bytes = rows_int64(rows, 0, 1);
    table->estimated_rows = rows_int64(rows, 0, 2);
    snprintf(table->options, sizeof table->options, "%s", rows_text(rows, 0, 3));
    rows_free(rows);
    return 0;
}

int bench_server_last_rate(struct connection *c, const struct work *work, double *rate,
                           struct error *err)
{
    const char *values[] = {work->job};
    struct rows *rows = NULL;

    if (ledger_query(c, work, &sql_last_rate, ledger_query_values(1, values), &rows, err) != 0)
        return -1;
    *rate = rows_count(rows) > 0 ? rows_double(rows, 0, 0) : 0;
    rows_free(rows);
    return 0;
}

static int run_statements(struct connection *c, const char *name, const char *text,
                          struct error *err)
{
    int number = 0;

    for (const char *s = text, *end; *s != '\0'; s = end) {
        end = template_statement_end(s);
        char *one = memory_copy(s, (size_t)(end - s) + 1);
        one[end - s] = '\0';
        const struct sql sql = {name, one};
        int rc = template_statements(one) == 0 ? 0 : connection_script(c, &sql, err);
        free(one);
        number++;
        if (rc != 0) {
            error_context(err, "statement %d", number);
            return -1;
        }
    }
    return 0;
}

int bench_server_lift_timeouts(struct connection *c, struct error *err)
{
    static const struct sql no_timeouts = {"no timeouts",
                                           "SET statement_timeout = 0; SET lock_timeout = 0"};

    connection_patience(c, 0);
    return connection_script(c, &no_timeouts, err);
}

int bench_server_script(struct connection *c, const struct config *config, const char *name,
                        const char *text, struct error *err)
{
    struct text expanded = TEXT_INIT;
    int rc = target_expand(c, config, name, text, &expanded, err);

    if (rc == 0)
        rc = run_statements(c, name, text_string(&expanded), err);
    text_free(&expanded);
    return rc;
}
