#include "cobre_pages.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// Large pages go into a message in few parts.
#define LARGE ((size_t)2 << 20)

int cobre_page_pipe(int ends[2], int bytes) {
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return errno;
  // Refused where the user has many pipes: the usual size will do.
  (void)fcntl(ends[1], F_SETPIPE_SZ, bytes);
  return 0;
}

ssize_t cobre_pages_in(int pipe, const struct iovec *parts, size_t count) {
  return vmsplice(pipe, parts, count, SPLICE_F_NONBLOCK);
}

ssize_t cobre_pages_out(int pipe, int socket, size_t length) {
  // splice(2) knows no MSG_NOSIGNAL: a broken connection would end the process.
  sigset_t broken, before, pending;
  sigemptyset(&broken);
  sigaddset(&broken, SIGPIPE);
  sigpending(&pending);
  pthread_sigmask(SIG_BLOCK, &broken, &before);
  ssize_t moved = splice(pipe, NULL, socket, NULL, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  int code = errno;
  // Also if some of it was sent before the connection broke.
  if (moved < (ssize_t)length && !sigismember(&pending, SIGPIPE)) {
    const struct timespec now = {0, 0};
    while (sigtimedwait(&broken, NULL, &now) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  // Nothing left the pipe although it is not empty: a receiver would wait forever.
  if (moved == 0) {
    moved = -1;
    code = EIO;
  }
  errno = code;
  return moved;
}

static size_t rounded(size_t bytes) { return (bytes + LARGE - 1) / LARGE * LARGE; }

void *cobre_pages_allocate(size_t bytes) {
  const size_t wanted = rounded(bytes);
  char *memory = mmap(NULL, wanted + LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return NULL;
  char *start = memory + (LARGE - (uintptr_t)memory % LARGE) % LARGE;
  if (start > memory) munmap(memory, (size_t)(start - memory));
  const size_t rest = (size_t)(memory + wanted + LARGE - (start + wanted));
  if (rest > 0) munmap(start + wanted, rest);
  (void)madvise(start, wanted, MADV_HUGEPAGE);
  return start;
}

void cobre_pages_free(void *memory, size_t bytes) { munmap(memory, rounded(bytes)); }
