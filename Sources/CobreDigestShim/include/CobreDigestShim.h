// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) of the library Nettle, whose signatures differ between its releases.
#ifndef COBRE_DIGEST_SHIM_H
#define COBRE_DIGEST_SHIM_H

#include <stddef.h>

#define COBRE_DIGEST_BYTES 32

// Bytes of memory, aligned as for any type, that a digest in progress and a key need.
size_t cobre_digest_bytes(void);
size_t cobre_key_bytes(void);

// A digest in progress: begun, continued, and ended with 32 bytes, after which it is begun again.
void cobre_digest_begin(void *digest);
void cobre_digest_update(void *digest, const void *bytes, size_t length);
void cobre_digest_end(void *digest, void *result);

// Prepares a key once for many messages.
void cobre_key_set(void *key, const void *bytes, size_t length);

// The 32 bytes that prove a message to a receiver with the same key.
void cobre_key_prove(void *key, const void *bytes, size_t length, void *result);

// Whether two proofs are equal, in a time that does not depend on where they differ.
int cobre_proofs_equal(const void *a, const void *b);

#endif
