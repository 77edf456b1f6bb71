// Copying.
#ifndef COBRE_COPY_H
#define COBRE_COPY_H

#include <stddef.h>

// Copies memory that does not overlap, bypassing the caches. For data that is larger than the caches and not read again
// soon.
void cobre_copy_streaming(void *to, const void *from, size_t length);

#endif
