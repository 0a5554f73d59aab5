/* Expands and sends the statements of the ledger. */
#include "db/ledger/ledger_query.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "core/sql/template.h"

int ledger_query_expand(const struct work *work, const struct sql *sql, struct text *out,
                        struct error *err)
{
    const struct template_value values[] = {{"ledger", work->ledger}};

    return template_expand(sql->name, sql->text, values, 1, out, err);
}

int ledger_query(struct connection *c, const struct work *work, const struct sql *sql,
                 struct parameters p, struct rows **rows, struct error *err)
{
    struct text text = TEXT_INIT;
    int rc = -1;

    if (ledger_query_expand(work, sql, &text, err) == 0) {
        const struct sql expanded = {sql->name, text_string(&text)};
        rc = connection_query(c, &expanded, p, rows, err);
    }
    text_free(&text);
    return rc;
}

int ledger_query_change(struct connection *c, const struct work *work, const struct sql *sql,
                        struct parameters p, int64_t *changed, struct error *err)
{
    struct rows *rows = NULL;

    if (ledger_query(c, work, sql, p, &rows, err) != 0)
        return -1;
    *changed = rows_affected(rows);
    rows_free(rows);
    return 0;
}

int ledger_query_execute(struct connection *c, const struct work *work, const struct sql *sql,
                         struct error *err)
{
    struct text text = TEXT_INIT;
    int rc = -1;

    if (ledger_query_expand(work, sql, &text, err) == 0) {
        const struct sql expanded = {sql->name, text_string(&text)};
        rc = connection_script(c, &expanded, err);
    }
    text_free(&text);
    return rc;
}

struct ledger_query_number ledger_query_number(int64_t n)
{
    struct ledger_query_number number;

    snprintf(number.text, sizeof number.text, "%" PRId64, n);
    return number;
}
