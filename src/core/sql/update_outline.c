/* One pass over the tokens: parentheses deep, and where in UPDATE .. SET column = value, .. WHERE
 * they are.
 */
#include "core/sql/update_outline.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/sql/template.h"

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

static bool is_word(const char *s, size_t bytes, const char *word)
{
    return strlen(word) == bytes && strncasecmp(s, word, bytes) == 0;
}

static bool is_one_of(const char *s, size_t bytes, const char *const *words)
{
    for (; *words != NULL; words++)
        if (is_word(s, bytes, *words))
            return true;
    return false;
}

/* As the catalog has it: folded, or unquoted. */
static void add_column(struct update_outline *outline, const char *s, size_t bytes)
{
    struct text name = TEXT_INIT;
    bool is_quoted = *s == '"';

    for (size_t i = is_quoted ? 1 : 0; i < bytes - (is_quoted ? 1 : 0); i++) {
        char c = is_quoted ? s[i] : (char)tolower((unsigned char)s[i]);
        text_add_bytes(&name, &c, 1);
        if (is_quoted && c == '"')
            i++; /* doubled */
    }
    outline->columns =
        memory_grow(outline->columns, (size_t)outline->column_count + 1, sizeof *outline->columns);
    outline->columns[outline->column_count++] = text_take(&name);
}

/* A word or a quoted identifier. */
static void take_name(struct reader *r, const char *s, size_t bytes)
{
    static const char *const query[] = {"select", "with", "values", "table", NULL};
    static const char *const ends[] = {"from", "where", "returning", NULL};

    if (r->is_opened && is_one_of(s, bytes, query))
        r->is_subquery[r->depth] = true;
    if (r->depth == 0 && r->place == BEFORE && is_word(s, bytes, "update")) {
        r->place = TABLE;
    } else if (r->depth == 0 && r->place == TABLE && is_word(s, bytes, "set")) {
        r->place = COLUMN;
        r->outline->is_update = true;
    } else if ((r->depth == 0 && r->place == COLUMN) ||
               (r->depth == 1 && r->place == COLUMN_LIST)) {
        add_column(r->outline, s, bytes);
        r->place = r->depth == 0 ? VALUE : COLUMN_LIST;
    } else if (r->depth == 0 && r->place == VALUE && !r->is_distinct && is_one_of(s, bytes, ends)) {
        r->place = REST;
    }
    r->is_distinct = is_word(s, bytes, "distinct");
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

/* The end of the token at s; a quoted identifier with doubled quotes is one. */
static const char *token_end(const char *s)
{
    const char *end = template_opaque_end(s);

    while (*s == '"' && *end == '"')
        end = template_opaque_end(end);
    return end;
}

void update_outline_read(const char *sql, struct update_outline *outline)
{
    static const char filter[] = "{chunk_filter}";
    struct reader r = {.outline = outline, .place = BEFORE};

    *outline = (struct update_outline){.columns = NULL};
    for (const char *s = sql; *s != '\0';) {
        const char *end = token_end(s);
        bool is_comment = strncmp(s, "--", 2) == 0 || strncmp(s, "/*", 2) == 0;
        if (end > s && !is_comment) {
            if (*s != '\'' && *s != '$')
                take_name(&r, s, (size_t)(end - s));
            r.is_opened = false;
        } else if (end == s && strncmp(s, filter, sizeof filter - 1) == 0) {
            take_filter(&r);
            end = s + sizeof filter - 1;
        } else if (end == s && !isspace((unsigned char)*s)) {
            take_sign(&r, *s);
            end =
                s + (strncmp(s, "{{", 2) == 0 ? 2 : 1); /* a brace meant as one begins no filter */
        }
        s = end > s ? end : s + 1;
    }
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
