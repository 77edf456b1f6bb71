#include "CobreCodecShim.h"

#include <limits.h>
#include <lz4.h>
#include <snappy-c.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

cobre_zstd *cobre_zstd_create(void) { return (cobre_zstd *)ZSTD_createDCtx(); }

void cobre_zstd_destroy(cobre_zstd *context) { ZSTD_freeDCtx((ZSTD_DCtx *)context); }

int64_t cobre_zstd_decompress(cobre_zstd *context, const void *input, size_t size, void *output, size_t capacity) {
  size_t written = ZSTD_decompressDCtx((ZSTD_DCtx *)context, output, capacity, input, size);
  return ZSTD_isError(written) ? -1 : (int64_t)written;
}

int64_t cobre_snappy_decompress(const void *input, size_t size, void *output, size_t capacity) {
  size_t written = 0;
  if (snappy_uncompressed_length(input, size, &written) != SNAPPY_OK || written > capacity) return -1;
  written = capacity;
  return snappy_uncompress(input, size, output, &written) == SNAPPY_OK ? (int64_t)written : -1;
}

int64_t cobre_gzip_decompress(const void *input, size_t size, void *output, size_t capacity) {
  if (size > UINT_MAX || capacity > UINT_MAX) return -1;
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  // Adding 32 to the window size makes zlib detect gzip and zlib headers.
  if (inflateInit2(&stream, 15 + 32) != Z_OK) return -1;
  stream.next_in = (Bytef *)(uintptr_t)input;
  stream.avail_in = (uInt)size;
  stream.next_out = output;
  stream.avail_out = (uInt)capacity;
  int status = Z_OK;
  for (;;) {
    status = inflate(&stream, Z_FINISH);
    // A gzip file may be several streams one after the other (RFC 1952, section 2.2).
    if (status != Z_STREAM_END || stream.avail_in == 0) break;
    if (inflateReset(&stream) != Z_OK) break;
  }
  int64_t written = status == Z_STREAM_END ? (int64_t)(capacity - stream.avail_out) : -1;
  inflateEnd(&stream);
  return written;
}

int64_t cobre_lz4_decompress(const void *input, size_t size, void *output, size_t capacity) {
  if (size > INT_MAX || capacity > INT_MAX) return -1;
  int written = LZ4_decompress_safe(input, output, (int)size, (int)capacity);
  return written < 0 ? -1 : written;
}

size_t cobre_zstd_bound(size_t size) { return ZSTD_compressBound(size); }

int64_t cobre_zstd_compress(int level, const void *input, size_t size, void *output, size_t capacity) {
  size_t written = ZSTD_compress(output, capacity, input, size, level);
  return ZSTD_isError(written) ? -1 : (int64_t)written;
}

uint32_t cobre_crc32(const void *input, size_t size) {
  uLong crc = crc32(0L, Z_NULL, 0);
  const unsigned char *bytes = input;
  while (size > 0) {
    uInt part = size > (1u << 30) ? (1u << 30) : (uInt)size;
    crc = crc32(crc, bytes, part);
    bytes += part;
    size -= part;
  }
  return (uint32_t)crc;
}
