/* A key: a tuple of values as PostgreSQL prints them. C carries the text and never interprets it;
 * only SQL compares. Private data: a key is never logged. */
#ifndef CHUNKMILL_CORE_PLAN_KEY_H
#define CHUNKMILL_CORE_PLAN_KEY_H

#include <stdbool.h>

#include "base/text.h"

enum { KEY_COLUMNS_MAX = 8 };

/* columns == 0: no key (an open bound). Values are owned; key_clear frees them. */
struct key {
    int columns;
    char *values[KEY_COLUMNS_MAX];
};

void key_copy(struct key *to, const struct key *from);
void key_clear(struct key *key);
static inline bool key_is_set(const struct key *key)
{
    return key->columns > 0;
}

/* Of the same text in each column: what the server finds equal may differ here (1.0 and 1.00). */
bool key_is_same(const struct key *a, const struct key *b);

/* key_array_add(array, value): appends a value to a PostgreSQL array literal that is being built:
 * the first call writes "{", later ones ","; the value is always quoted, NULL is not allowed.
 * key_array_end writes "}".
 */
void key_array_add(struct text *array, const char *value);
void key_array_end(struct text *array);
/* The whole key as an array literal, owned by the caller; NULL when it is not set. */
char *key_array(const struct key *key);

#endif
