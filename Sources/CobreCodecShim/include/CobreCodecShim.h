// The compression libraries that table files need, behind one kind of call: whole buffers in and out, sizes known
// beforehand, no state kept except a context of zstd that saves its set-up cost from page to page.
#ifndef COBRE_CODEC_SHIM_H
#define COBRE_CODEC_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cobre_zstd cobre_zstd;

/// NULL where memory ran out.
cobre_zstd *cobre_zstd_create(void);
void cobre_zstd_destroy(cobre_zstd *context);

/// Each of these returns how many bytes it wrote, never more than `capacity`, or -1 if the input is damaged or does not
/// fit.
int64_t cobre_zstd_decompress(cobre_zstd *context, const void *input, size_t size, void *output, size_t capacity);
int64_t cobre_snappy_decompress(const void *input, size_t size, void *output, size_t capacity);
int64_t cobre_gzip_decompress(const void *input, size_t size, void *output, size_t capacity);
int64_t cobre_lz4_decompress(const void *input, size_t size, void *output, size_t capacity);

/// The most bytes that `cobre_zstd_compress` needs for `size` bytes of input.
size_t cobre_zstd_bound(size_t size);
/// Bytes written, or -1 if memory ran out.
int64_t cobre_zstd_compress(int level, const void *input, size_t size, void *output, size_t capacity);

/// The checksum of gzip (polynomial 04C11DB7), which pages may carry.
uint32_t cobre_crc32(const void *input, size_t size);

#ifdef __cplusplus
}
#endif

#endif
