/* Allocation that never returns NULL. */
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *block)
{
    if (block == NULL) {
        fputs("chunkmill: out of memory\n", stderr);
        abort();
    }
    return block;
}

void *memory_zero(size_t count, size_t size)
{
    return checked(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *memory_grow(void *block, size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size)
        abort();
    size_t bytes = count * size;
    return checked(realloc(block, bytes > 0 ? bytes : 1));
}

void *memory_copy(const void *block, size_t bytes)
{
    void *copy = checked(malloc(bytes > 0 ? bytes : 1));
    if (bytes > 0)
        memcpy(copy, block, bytes);
    return copy;
}

char *memory_copy_string(const char *s)
{
    return s == NULL ? NULL : memory_copy(s, strlen(s) + 1);
}
