/* A byte string that grows. It always ends with a NUL, which bytes does not count. It starts as
 * TEXT_INIT and ends with text_free; a text that was never written to is "". */
#ifndef CHUNKMILL_BASE_TEXT_H
#define CHUNKMILL_BASE_TEXT_H

#include <stddef.h>

struct text {
    char *data; /* NULL while nothing was added: read it with text_string */
    size_t bytes;
    size_t capacity_bytes;
};

#define TEXT_INIT                                                                                  \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }

void text_add(struct text *text, const char *s);
void text_add_bytes(struct text *text, const void *bytes, size_t count);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *text_string(const struct text *text);
/* text_take(text): the string, owned by the caller (free), and text empty again. Never NULL. */
char *text_take(struct text *text);
void text_clear(struct text *text);
void text_free(struct text *text);

#endif
