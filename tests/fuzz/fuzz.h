/* Shared by the fuzz targets. A target is LLVMFuzzerTestOneInput: it gives bytes to one module and
 * REQUIREs the properties that must hold for every input; libFuzzer (preset fuzz) or replay.c
 * (ctest) calls it. An input of several parts separates them by lines of %%, so that a corpus is
 * text. */
#ifndef CHUNKMILL_TESTS_FUZZ_H
#define CHUNKMILL_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static inline void fuzz_fail(const char *claim, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
    abort();
}

#define REQUIRE(claim) ((claim) ? (void)0 : fuzz_fail(#claim, __FILE__, __LINE__))

/* A string in a block of exactly its size, so that a read past its end is detected. It ends at the
 * first NUL. */
static inline char *fuzz_string(const void *data, size_t bytes)
{
    const char *nul = bytes == 0 ? NULL : memchr(data, '\0', bytes);
    size_t length = nul == NULL ? bytes : (size_t)(nul - (const char *)data);
    char *string = memory_zero(length + 1, 1);

    if (length > 0)
        memcpy(string, data, length);
    return string;
}

/* Returns the number-th part of the input, counted from 0, or NULL if there is none. The caller
 * owns it. */
static inline char *fuzz_part(const uint8_t *data, size_t bytes, int number)
{
    static const char line[] = "\n%%\n";
    enum { LINE_BYTES = sizeof line - 1 };
    size_t start = 0;

    for (size_t at = 0; at + LINE_BYTES <= bytes; at++) {
        if (memcmp(data + at, line, LINE_BYTES) != 0)
            continue;
        if (number-- == 0)
            return fuzz_string(data + start, at - start);
        at += LINE_BYTES - 1;
        start = at + 1;
    }
    return number == 0 ? fuzz_string(data + start, bytes - start) : NULL;
}

#endif
