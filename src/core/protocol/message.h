/* The messages between ranks as bytes: a head (magic, version, kind, length, CRC-32 of all the
 * rest), then the fields in a fixed order, little-endian, strings with their length. Every message
 * that is truncated, lengthened or has a wrong bit is refused: unpack returns -1 with BUG and
 * leaves its result cleared. Knows nothing of MPI. */
#ifndef CHUNKMILL_CORE_PROTOCOL_MESSAGE_H
#define CHUNKMILL_CORE_PROTOCOL_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/plan/chunk.h"
#include "core/protocol/cycle_result.h"
#include "core/protocol/work.h"

/* Raised when the same bytes get another meaning. It need not be raised for a member that joins
 * struct work, which makes the message longer and so refused by a program that has not got it. */
enum { MESSAGE_VERSION = 3 };

enum message_kind { MESSAGE_WORK = 1, MESSAGE_CHUNK, MESSAGE_RESULT };

/* pack appends one whole message to out. Several messages may follow one another. */
void message_pack_work(struct text *out, const struct work *work);
void message_pack_chunk(struct text *out, const struct chunk *chunk);
void message_pack_result(struct text *out, const struct cycle_result *result);

/* unpack reads the message that begins at data[*at], before data[bytes], and moves *at behind it.
 * The caller owns the result. */
int message_unpack_work(const void *data, size_t bytes, size_t *at, struct work *work,
                        struct error *err);
int message_unpack_chunk(const void *data, size_t bytes, size_t *at, struct chunk *chunk,
                         struct error *err);
int message_unpack_result(const void *data, size_t bytes, size_t *at, struct cycle_result *result,
                          struct error *err);

#endif
