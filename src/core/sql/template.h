/* Text with {placeholders}. A placeholder is {name} with name = [a-z_][a-z0-9_]*; "{{" is a literal
 * brace. Braces inside SQL string literals, quoted identifiers, dollar quotes and comments are left
 * alone (core/sql/sql_lexer). Values are inserted as they stand: the caller has quoted them. */
#ifndef CHUNKMILL_CORE_SQL_TEMPLATE_H
#define CHUNKMILL_CORE_SQL_TEMPLATE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

struct template_value {
    const char *name;
    const char
        *value; /* NULL: known, but kept as it stands, braces and all (for a later expansion) */
};

/* template_expand(source, text, values, count, out, err): appends the expansion to out, which is
 * left as it was on an error. Where a value is kept for later, so is "{{". An unknown placeholder
 * is CONFIG: "SOURCE:LINE: unknown placeholder {name}; known here: {a}, {b}" (the close spelling
 * named first where there is one); so is a { that begins no placeholder. */
int template_expand(const char *source, const char *text, const struct template_value *values,
                    int count, struct text *out, struct error *err);

/* template_uses(text, name): whether {name} occurs outside of literals and comments. */
bool template_uses(const char *text, const char *name);

/* template_statements(text): how many SQL statements the text holds, by semicolons outside of
 * literals and comments (empty ones not counted): an update must be one. */
int template_statements(const char *text);

/* template_ends_transaction(text): whether one of its statements is COMMIT, END, ROLLBACK (but not
 * TO a savepoint), ABORT or PREPARE TRANSACTION. A text with the body of an SQL function, BEGIN
 * ATOMIC, is not judged. */
bool template_ends_transaction(const char *text);

/* template_statement_end(text): behind the semicolon that ends the first statement; the end of the
 * text where none does. */
const char *template_statement_end(const char *text);

/* template_is_closed(text): whether every literal and comment in it ends and its brackets pair up,
 * so that nothing of it can reach beyond parentheses put around it. */
bool template_is_closed(const char *text);

#endif
