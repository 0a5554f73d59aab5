/* CRC-32 of IEEE 802.3, reflected. It detects damage, not forgery. */
#ifndef CHUNKMILL_BASE_CHECKSUM_H
#define CHUNKMILL_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* checksum_crc32(crc, data, bytes): goes on from crc, which is UINT32_MAX at the beginning; the
 * checksum is the complement of the last. */
uint32_t checksum_crc32(uint32_t crc, const unsigned char *data, size_t bytes);

#endif
