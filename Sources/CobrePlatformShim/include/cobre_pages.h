// Memory of this process that goes into a socket as it lies there, without a copy by the system (Linux: vmsplice, splice).
#ifndef COBRE_PAGES_H
#define COBRE_PAGES_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

// Makes a pipe for pages on their way, close-on-exec and non-blocking, with room for `bytes` where the system allows.
// Returns 0, or an errno value.
int cobre_page_pipe(int ends[2], int bytes);

// Puts memory into the pipe; it must not change before whoever gets it has read it. Returns bytes taken, or -1 and errno.
ssize_t cobre_pages_in(int pipe, const struct iovec *parts, size_t count);

// Moves up to `length` bytes on from the pipe to a socket, without waiting and without SIGPIPE. Returns bytes moved, or -1
// and errno.
ssize_t cobre_pages_out(int pipe, int socket, size_t length);

// Memory whose pages are large where the system has such, from the start of one; NULL where there is none. Never freed by
// free(3), but by `cobre_pages_free`.
void *cobre_pages_allocate(size_t bytes);
void cobre_pages_free(void *memory, size_t bytes);

#endif
