/* Grows the buffer by doubling. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void reserve(struct text *text, size_t more_bytes)
{
    size_t needed = text->bytes + more_bytes + 1;

    if (needed <= text->capacity_bytes)
        return;
    size_t capacity = text->capacity_bytes < 64 ? 64 : text->capacity_bytes;
    while (capacity < needed)
        capacity *= 2;
    text->data = memory_grow(text->data, capacity, 1);
    text->capacity_bytes = capacity;
}

void text_add_bytes(struct text *text, const void *bytes, size_t count)
{
    reserve(text, count);
    if (count > 0)
        memcpy(text->data + text->bytes, bytes, count);
    text->bytes += count;
    text->data[text->bytes] = '\0';
}

void text_add(struct text *text, const char *s)
{
    text_add_bytes(text, s, strlen(s));
}

void text_format(struct text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int bytes = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (bytes <= 0)
        return;
    reserve(text, (size_t)bytes);
    va_start(args, format);
    vsnprintf(text->data + text->bytes, (size_t)bytes + 1, format, args);
    va_end(args);
    text->bytes += (size_t)bytes;
}

const char *text_string(const struct text *text)
{
    return text->data == NULL ? "" : text->data;
}

char *text_take(struct text *text)
{
    reserve(text, 0);
    text->data[text->bytes] = '\0';
    char *data = text->data;
    memset(text, 0, sizeof *text);
    return data;
}

void text_clear(struct text *text)
{
    text->bytes = 0;
    if (text->data != NULL)
        text->data[0] = '\0';
}

void text_free(struct text *text)
{
    free(text->data);
    memset(text, 0, sizeof *text);
}
