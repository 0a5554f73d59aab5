/* Allocation that aborts when memory is exhausted. The ledger makes such a crash safe, and error
 * branches that never run would only rot. free() is the one of the C library. */
#ifndef CHUNKMILL_BASE_MEMORY_H
#define CHUNKMILL_BASE_MEMORY_H

#include <stddef.h>

/* memory_zero(count, size): count * size bytes of zeros, owned by the caller (free). Aborts on
 * overflow. */
void *memory_zero(size_t count, size_t size);

/* memory_grow(block, count, size): realloc to count * size bytes; the new part is not initialised.
 */
void *memory_grow(void *block, size_t count, size_t size);

/* memory_copy_string(s): a copy of s, NULL for NULL. */
char *memory_copy_string(const char *s);

/* memory_copy(block, bytes): a copy of a block; one byte at least is allocated. */
void *memory_copy(const void *block, size_t bytes);

/* memory_unconst(block): the same address, for a field that is not const although what it points to
 * is only borrowed and never written to. */
static inline void *memory_unconst(const void *block)
{
    union {
        const void *given;
        void *taken;
    } address = {block};

    return address.taken;
}

#endif
