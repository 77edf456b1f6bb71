#include "CobreDigestShim.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <nettle/version.h>

// From release 4 on the length of a digest is no argument any more.
#if NETTLE_VERSION_MAJOR >= 4
#define END(function, context, result) function(context, result)
#else
#define END(function, context, result) function(context, COBRE_DIGEST_BYTES, result)
#endif

size_t cobre_digest_bytes(void) { return sizeof(struct sha256_ctx); }
size_t cobre_key_bytes(void) { return sizeof(struct hmac_sha256_ctx); }

void cobre_digest_begin(void *digest) { sha256_init(digest); }

void cobre_digest_update(void *digest, const void *bytes, size_t length) {
  if (length > 0) { sha256_update(digest, length, bytes); }
}

void cobre_digest_end(void *digest, void *result) { END(sha256_digest, digest, result); }

void cobre_key_set(void *key, const void *bytes, size_t length) { hmac_sha256_set_key(key, length, bytes); }

void cobre_key_prove(void *key, const void *bytes, size_t length, void *result) {
  if (length > 0) { hmac_sha256_update(key, length, bytes); }
  END(hmac_sha256_digest, key, result);
}

int cobre_proofs_equal(const void *a, const void *b) { return memeql_sec(a, b, COBRE_DIGEST_BYTES); }
