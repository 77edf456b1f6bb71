// Copying.
#ifndef COBRE_COPY_H
#define COBRE_COPY_H

#include <stddef.h>

// Copies memory that does not overlap past the caches: for what is larger than they are and not soon read again.
void cobre_copy_streaming(void *to, const void *from, size_t length);

#endif
