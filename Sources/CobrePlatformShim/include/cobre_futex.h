// Waiting on a word in memory that several processes share (futex(2)).
#ifndef COBRE_FUTEX_H
#define COBRE_FUTEX_H

#include <stdint.h>

// Sleeps while *address == expected, at most `nanoseconds`. Returns 0 when woken, else an errno value:
// EAGAIN (the word had changed), EINTR, ETIMEDOUT.
int cobre_futex_wait(const void *address, uint32_t expected, int64_t nanoseconds);

// Wakes every sleeper of the word.
void cobre_futex_wake_all(void *address);

#endif
