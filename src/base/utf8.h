/* Checks and repairs UTF-8. */
#ifndef CHUNKMILL_BASE_UTF8_H
#define CHUNKMILL_BASE_UTF8_H

#include <stddef.h>

/* utf8_sequence_bytes(s): length of the well-formed sequence that begins at s, 0 when there is
 * none. Reads no further than the first byte that doesn't fit, so a NUL at the end of a string is
 * end enough. Source: RFC 3629, section 4. */
size_t utf8_sequence_bytes(const char *s);

/* utf8_clean_copy(s): a copy (free) that is well-formed: each byte that isn't is a question mark.
 */
char *utf8_clean_copy(const char *s);

#endif
