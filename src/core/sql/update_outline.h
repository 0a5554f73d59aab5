/* What the text of an UPDATE tells without a server: which columns it assigns, and whether its
 * filter stands where the server checks a row again after it has waited for it. Serves the
 * warnings of the preflight; a text that is not understood has no columns. */
#ifndef CHUNKMILL_CORE_SQL_UPDATE_OUTLINE_H
#define CHUNKMILL_CORE_SQL_UPDATE_OUTLINE_H

#include <stdbool.h>

struct update_outline {
    bool is_update;   /* UPDATE .. SET, outside of parentheses */
    bool is_about_t;  /* the table that is updated has the alias t, or that name and no alias */
    bool is_filtered; /* a {chunk_filter} stands outside of subqueries and WITH */
    int column_count;
    char **columns; /* assigned ones, as the catalog spells them */
};

/* update_outline_read(sql, outline): one statement; outline is overwritten. */
void update_outline_read(const char *sql, struct update_outline *outline);
bool update_outline_assigns(const struct update_outline *outline, const char *column);
void update_outline_clear(struct update_outline *outline);

#endif
