// CRC-32C (Castagnoli), with the processor's instruction where it has one.
#ifndef COBRE_CHECKSUM_H
#define COBRE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

// Continues a checksum over `length` more bytes. Begin with 0.
uint32_t cobre_crc32c(uint32_t checksum, const void *bytes, size_t length);

// The checksum of `length` bytes, which are copied to `to` on the way. The two must not overlap.
uint32_t cobre_crc32c_copy(void *to, const void *bytes, size_t length);

// The first of them by tables, whatever the processor can do, for tests and for other processors.
uint32_t cobre_crc32c_portable(uint32_t checksum, const void *bytes, size_t length);

#endif
