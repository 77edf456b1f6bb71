#include "cobre_futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int cobre_futex_wait(const void *address, uint32_t expected, int64_t nanoseconds) {
  if (nanoseconds < 0) nanoseconds = 0;
  struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  // Not FUTEX_PRIVATE: the word is shared between processes.
  long result = syscall(SYS_futex, address, FUTEX_WAIT, expected, &timeout, NULL, 0);
  return result == 0 ? 0 : errno;
}

void cobre_futex_wake_all(void *address) { syscall(SYS_futex, address, FUTEX_WAKE, INT_MAX, NULL, NULL, 0); }
