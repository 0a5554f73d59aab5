/* Versioned bytes between ranks: a head (magic, version, kind, length, CRC-32 of all the rest),
 * then fields in a fixed order, little-endian, strings with their length. Every truncated,
 * lengthened or bit-flipped message is refused: unpack returns -1 with BUG, and leaves its result
 * cleared. Knows nothing of MPI. */
#ifndef CHUNKMILL_CORE_PROTOCOL_MESSAGE_H
#define CHUNKMILL_CORE_PROTOCOL_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/plan/chunk.h"
#include "core/protocol/cycle_result.h"
#include "core/protocol/work.h"

/* Raised when the bytes of a kind change. */
enum { MESSAGE_VERSION = 3 };

enum message_kind { MESSAGE_WORK = 1, MESSAGE_CHUNK, MESSAGE_RESULT };

/* pack appends one whole message to out; several in a row are a portion. */
void message_pack_work(struct text *out, const struct work *work);
void message_pack_chunk(struct text *out, const struct chunk *chunk);
void message_pack_result(struct text *out, const struct cycle_result *result);

/* unpack reads the message at data[*at .. bytes), moves *at behind it. The results are owned by the
 * caller.
 */
int message_unpack_work(const void *data, size_t bytes, size_t *at, struct work *work,
                        struct error *err);
int message_unpack_chunk(const void *data, size_t bytes, size_t *at, struct chunk *chunk,
                         struct error *err);
int message_unpack_result(const void *data, size_t bytes, size_t *at, struct cycle_result *result,
                          struct error *err);

#endif
