/* Sends a statement of the ledger: {ledger} is expanded, and it is prepared under its name.
 * Serves the modules of db/ledger and those that read the ledger's tables. */
#ifndef CHUNKMILL_DB_LEDGER_LEDGER_QUERY_H
#define CHUNKMILL_DB_LEDGER_LEDGER_QUERY_H

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"
#include "db/connection/rows.h"

/* ledger_query_expand(work, sql, out, err): the statement's text with the schema in it. */
int ledger_query_expand(const struct work *work, const struct sql *sql, struct text *out,
                        struct error *err);

/* Values for a statement of the ledger, as text. */
static inline struct parameters ledger_query_values(int count, const char *const *values)
{
    return (struct parameters){count, values, NULL};
}

/* ledger_query(c, work, sql, p, rows, err): rows may be NULL. Errors as connection_query. */
int ledger_query(struct connection *c, const struct work *work, const struct sql *sql,
                 struct parameters p, struct rows **rows, struct error *err);

/* ledger_query_change: the same, and how many rows it changed. */
int ledger_query_change(struct connection *c, const struct work *work, const struct sql *sql,
                        struct parameters p, int64_t *changed, struct error *err);

/* ledger_query_execute: one or more statements without parameters, by the simple protocol. */
int ledger_query_execute(struct connection *c, const struct work *work, const struct sql *sql,
                         struct error *err);

/* A number as text, for a parameter. */
struct ledger_query_number {
    char text[24];
};
struct ledger_query_number ledger_query_number(int64_t n);

#endif
