/* Goes once over the tokens, and keeps how deep the parentheses are and where in UPDATE .. SET
 * column = value, .. WHERE it is. */
#include "core/sql/update_outline.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/sql/sql_lexer.h"

enum { DEPTH_MAX = 64 };

enum place { BEFORE, TABLE, COLUMN, COLUMN_LIST, VALUE, REST };

struct reader {
    struct update_outline *outline;
    enum place place;
    int depth;                       /* of parentheses and brackets */
    bool is_subquery[DEPTH_MAX + 1]; /* by depth */
    bool is_opened;                  /* the last token was "(" */
    bool is_distinct;                /* the last token was DISTINCT, so that FROM is no clause */
};

/* As the catalog has it: folded, or unquoted. */
static char *catalog_name(const struct sql_token *token)
{
    struct text name = TEXT_INIT;
    const char *s = token->start;
    bool is_quoted = *s == '"';

    for (size_t i = is_quoted ? 1 : 0; i < token->bytes - (is_quoted ? 1 : 0); i++) {
        char c = is_quoted ? s[i] : (char)tolower((unsigned char)s[i]);
        text_add_bytes(&name, &c, 1);
        if (is_quoted && c == '"')
            i++; /* doubled */
    }
    return text_take(&name);
}

static void add_column(struct update_outline *outline, const struct sql_token *token)
{
    outline->columns =
        memory_grow(outline->columns, (size_t)outline->column_count + 1, sizeof *outline->columns);
    outline->columns[outline->column_count++] = catalog_name(token);
}

/* The last name between UPDATE and SET is the alias, or the table's own name. */
static void take_table_name(struct update_outline *outline, const struct sql_token *token)
{
    char *name = catalog_name(token);

    outline->is_about_t = strcmp(name, "t") == 0;
    free(name);
}

/* A word or a quoted identifier. */
static void take_name(struct reader *r, const struct sql_token *token)
{
    static const char *const query[] = {"select", "with", "values", "table", NULL};
    static const char *const ends[] = {"from", "where", "returning", NULL};

    if (r->is_opened && sql_lexer_is_one_of(token, query))
        r->is_subquery[r->depth] = true;
    if (r->depth == 0 && r->place == BEFORE && sql_lexer_is(token, "update")) {
        r->place = TABLE;
    } else if (r->depth == 0 && r->place == TABLE && sql_lexer_is(token, "set")) {
        r->place = COLUMN;
        r->outline->is_update = true;
    } else if (r->depth == 0 && r->place == TABLE) {
        take_table_name(r->outline, token);
    } else if ((r->depth == 0 && r->place == COLUMN) ||
               (r->depth == 1 && r->place == COLUMN_LIST)) {
        add_column(r->outline, token);
        r->place = r->depth == 0 ? VALUE : COLUMN_LIST;
    } else if (r->depth == 0 && r->place == VALUE && !r->is_distinct &&
               sql_lexer_is_one_of(token, ends)) {
        r->place = REST;
    }
    r->is_distinct = sql_lexer_is(token, "distinct");
    r->is_opened = false;
}

static void take_sign(struct reader *r, char c)
{
    if (c == '(' || c == '[') {
        if (r->depth == 0 && r->place == COLUMN)
            r->place = COLUMN_LIST;
        if (r->depth < DEPTH_MAX)
            r->depth++;
        r->is_subquery[r->depth] = false;
    } else if ((c == ')' || c == ']') && r->depth > 0) {
        r->is_subquery[r->depth--] = false;
        if (r->depth == 0 && r->place == COLUMN_LIST)
            r->place = VALUE;
    } else if (c == ',' && r->depth == 0 && r->place == VALUE) {
        r->place = COLUMN;
    }
    r->is_opened = c == '(';
    r->is_distinct = false;
}

static void take_filter(struct reader *r)
{
    bool is_inside = r->place != REST; /* what comes before WHERE is a CTE or a value */

    for (int i = 1; i <= r->depth; i++)
        is_inside |= r->is_subquery[i];
    r->outline->is_filtered |= !is_inside;
    r->is_opened = false;
}

static void take(struct reader *r, const struct sql_token *token)
{
    static const char filter[] = "{chunk_filter}";
    bool is_filter = token->kind == SQL_PLACEHOLDER && token->bytes == sizeof filter - 1 &&
                     strncmp(token->start, filter, token->bytes) == 0;

    if (token->kind == SQL_SPACE || token->kind == SQL_COMMENT)
        return;
    if (token->kind == SQL_WORD || token->kind == SQL_QUOTED_IDENTIFIER)
        take_name(r, token);
    else if (token->kind == SQL_STRING)
        r->is_opened = false;
    else if (is_filter)
        take_filter(r);
    else
        take_sign(r, token->kind == SQL_SIGN ? *token->start : '\0');
}

void update_outline_read(const char *sql, struct update_outline *outline)
{
    struct reader r = {.outline = outline, .place = BEFORE};

    *outline = (struct update_outline){.columns = NULL};
    for (struct sql_token token = sql_lexer_token(sql); token.kind != SQL_END;
         token = sql_lexer_token(sql_lexer_next(&token)))
        take(&r, &token);
}

bool update_outline_assigns(const struct update_outline *outline, const char *column)
{
    for (int i = 0; i < outline->column_count; i++)
        if (strcmp(outline->columns[i], column) == 0)
            return true;
    return false;
}

void update_outline_clear(struct update_outline *outline)
{
    for (int i = 0; i < outline->column_count; i++)
        free(outline->columns[i]);
    free(outline->columns);
    *outline = (struct update_outline){.columns = NULL};
}
