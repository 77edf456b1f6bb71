// Small facts about the machine and the process.
#ifndef COBRE_SYSTEM_H
#define COBRE_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

// Nanoseconds of the monotonic clock.
int64_t cobre_monotonic_nanoseconds(void);

// Makes the C library keep up to 256 MB of freed memory instead of handing it back to the system each time.
void cobre_keep_freed_memory(void);

// Cores that this process may run on, at least 1.
int cobre_usable_cores(void);

// Fills `bytes` with random bytes fit for secrets. Returns 0, or an errno value.
int cobre_random_bytes(void *bytes, size_t length);

// An anonymous file in memory, close-on-exec. Returns a descriptor, or the negated errno value.
int cobre_memory_file(const char *name);

// Sets or clears close-on-exec of a descriptor. Returns 0, or an errno value.
int cobre_set_close_on_exec(int descriptor, int on);

// Holds what is at `path` without reading it (O_PATH), relative to a directory's descriptor. With `follow` 0 a link at
// the end is held itself. Returns a close-on-exec descriptor, or the negated errno value.
int cobre_open_place(int directory, const char *path, int follow);

// Opens what a descriptor of `cobre_open_place` holds, and nothing else. Returns a close-on-exec descriptor, or the negated
// errno value.
int cobre_reopen_place(int descriptor, int flags);

// Whether a descriptor can read or write: 0 for a descriptor of `cobre_open_place`, and for a number that is not a
// descriptor.
int cobre_is_open(int descriptor);

// Makes a descriptor non-blocking. Returns 0, or an errno value.
int cobre_set_nonblocking(int descriptor);

// Writes the text of an errno value, always terminated.
void cobre_error_text(int code, char *text, size_t capacity);

// Copies `length` bytes from the memory of another process of this user (process_vm_readv). Returns 0, or an errno value;
// ESRCH where the process has ended.
int cobre_read_process(int process, uint64_t address, void *bytes, size_t length);

// Bytes of a TCP socket that the other side has not acknowledged.
int cobre_unsent_bytes(int socket);

#endif
