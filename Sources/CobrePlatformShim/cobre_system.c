#include "cobre_system.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int64_t cobre_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void cobre_keep_freed_memory(void) {
#ifdef __GLIBC__
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TOP_PAD, 4 << 20);
#endif
}

int cobre_usable_cores(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    int count = CPU_COUNT(&set);
    if (count > 0) return count;
  }
  // More cores than cpu_set_t can name.
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

int cobre_random_bytes(void *bytes, size_t length) {
  unsigned char *p = bytes;
  while (length > 0) {
    ssize_t got = getrandom(p, length, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    p += got;
    length -= (size_t)got;
  }
  return 0;
}

int cobre_memory_file(const char *name) {
  int descriptor = memfd_create(name, MFD_CLOEXEC);
  return descriptor >= 0 ? descriptor : -errno;
}

int cobre_open_place(int directory, const char *path, int follow) {
  int descriptor = openat(directory, path, O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
  return descriptor >= 0 ? descriptor : -errno;
}

int cobre_reopen_place(int descriptor, int flags) {
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  int opened = open(path, flags | O_CLOEXEC);
  return opened >= 0 ? opened : -errno;
}

int cobre_is_open(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_PATH) == 0;
}

int cobre_set_close_on_exec(int descriptor, int on) {
  int flags = fcntl(descriptor, F_GETFD);
  if (flags < 0) return errno;
  flags = on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC;
  return fcntl(descriptor, F_SETFD, flags) < 0 ? errno : 0;
}

int cobre_set_nonblocking(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return errno;
  return fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 ? errno : 0;
}

void cobre_error_text(int code, char *text, size_t capacity) {
  char buffer[256];
  snprintf(text, capacity, "%s", strerror_r(code, buffer, sizeof buffer));
}

int cobre_read_process(int process, uint64_t address, void *bytes, size_t length) {
  char *target = bytes;
  while (length > 0) {
    struct iovec local = {.iov_base = target, .iov_len = length};
    struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = length};
    ssize_t got = process_vm_readv(process, &local, 1, &remote, 1, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    if (got == 0) return EFAULT;
    target += got;
    address += (uint64_t)got;
    length -= (size_t)got;
  }
  return 0;
}

int cobre_unsent_bytes(int socket) {
  int bytes = 0;
  return ioctl(socket, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}
