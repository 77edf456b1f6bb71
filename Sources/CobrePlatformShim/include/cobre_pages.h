// Sends memory of this process into a socket without a copy by the system (Linux: vmsplice, splice).
#ifndef COBRE_PAGES_H
#define COBRE_PAGES_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

// Makes a pipe for pages on their way, close-on-exec and non-blocking, with room for `bytes` where the system allows.
// Returns 0, or an errno value.
int cobre_page_pipe(int ends[2], int bytes);

// Puts memory into the pipe. It must not change before the receiver has read it. Returns bytes taken, or -1 and errno.
ssize_t cobre_pages_in(int pipe, const struct iovec *parts, size_t count);

// Moves up to `length` bytes on from the pipe to a socket, without waiting and without SIGPIPE. Returns bytes moved, or -1
// and errno.
ssize_t cobre_pages_out(int pipe, int socket, size_t length);

// Allocates page-aligned memory, with large pages if the system has them. Returns NULL if there is none. Free it with
// `cobre_pages_free`, never with free(3).
void *cobre_pages_allocate(size_t bytes);
void cobre_pages_free(void *memory, size_t bytes);

#endif
