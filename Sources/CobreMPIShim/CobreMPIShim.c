#include "CobreMPIShim.h"

#include <dlfcn.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The library is opened at run time, so no mpi.h says what its handles and constants are. There are two binary
// interfaces: handles of Open MPI are addresses of objects in its library, while MPICH and its relatives (Intel MPI,
// MVAPICH, Cray) use ints. A handle here is as wide as the wider of them. Functions that take an int read only the
// lower half of a register, and functions that write one fill the first half of a variable that was 0 before.
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || __SIZEOF_POINTER__ != 8
#error "Handles of MPICH are only found in the first half of a word on 64-bit little-endian machines."
#endif
typedef void *Handle;

// The functions in use, as every MPI since version 3.0 has them.
#define FUNCTIONS(X)                                                                                                      \
  X(Abort, (Handle, int))                                                                                                 \
  X(Barrier, (Handle))                                                                                                    \
  X(Comm_dup, (Handle, Handle *))                                                                                         \
  X(Comm_free, (Handle *))                                                                                                \
  X(Comm_rank, (Handle, int *))                                                                                           \
  X(Comm_set_errhandler, (Handle, Handle))                                                                                \
  X(Comm_size, (Handle, int *))                                                                                           \
  X(Comm_split_type, (Handle, int, int, Handle, Handle *))                                                                \
  X(Error_string, (int, char *, int *))                                                                                   \
  X(Finalize, (void))                                                                                                     \
  X(Finalized, (int *))                                                                                                   \
  X(Get_library_version, (char *, int *))                                                                                 \
  X(Iallgather, (const void *, int, Handle, void *, int, Handle, Handle, Handle *))                                       \
  X(Iallgatherv, (const void *, int, Handle, void *, const int *, const int *, Handle, Handle, Handle *))                 \
  X(Ibcast, (void *, int, Handle, int, Handle, Handle *))                                                                 \
  X(Init_thread, (int *, char ***, int, int *))                                                                           \
  X(Initialized, (int *))                                                                                                 \
  X(Test, (Handle *, int *, void *))                                                                                      \
  X(Win_allocate_shared, (intptr_t, int, Handle, Handle, void *, Handle *))                                               \
  X(Win_free, (Handle *))                                                                                                 \
  X(Win_lock_all, (int, Handle))                                                                                          \
  X(Win_set_errhandler, (Handle, Handle))                                                                                 \
  X(Win_shared_query, (Handle, int, intptr_t *, int *, void *))                                                           \
  X(Win_sync, (Handle))                                                                                                   \
  X(Win_unlock_all, (Handle))

#define DECLARE(name, parameters) int(*name) parameters;
static struct {
  FUNCTIONS(DECLARE)
} mpi;
#undef DECLARE

// What else mpi.h would say. The same in both interfaces: MPI_SUCCESS is 0, MPI_THREAD_FUNNELED 1.
static struct {
  Handle world, byte, no_info, errors_return;
  void *ignore_status;
  int shared, no_check;
} constant;

enum { FUNNELED = 1, VERSION_CAPACITY = 8192, ERROR_CAPACITY = 1024 };

static void *library;
static char library_path[4096], library_version[VERSION_CAPACITY + 1];

// Name and version of what the library says of itself, which goes on with who built it and how. One space between words.
static void keep_version(char *text) {
  text[strcspn(text, "\r\n,")] = 0;
  char *end = text;
  for (const char *next = text; *next; next++) {
    char letter = *next == '\t' ? ' ' : *next;
    if (letter != ' ' || (end > text && end[-1] != ' ')) *end++ = letter;
  }
  *end = 0;
}

static const char *find_constants(void) {
  if (dlsym(library, "ompi_mpi_comm_world")) {
    constant.world = dlsym(library, "ompi_mpi_comm_world");
    constant.byte = dlsym(library, "ompi_mpi_byte");
    constant.no_info = dlsym(library, "ompi_mpi_info_null");
    constant.errors_return = dlsym(library, "ompi_mpi_errors_return");
    constant.ignore_status = NULL;
    constant.shared = 0;
    constant.no_check = 1;
    if (!constant.byte || !constant.no_info || !constant.errors_return)
      return "it is an Open MPI without ompi_mpi_byte, ompi_mpi_info_null or ompi_mpi_errors_return";
    return NULL;
  }
  if (strstr(library_path, "_abi."))
    return "it has the binary interface of MPI 5.0, which is not known here; name the library of MPICH or Open MPI itself";
  static const char *const relatives[] = {"MPICH", "Intel(R) MPI", "MVAPICH"};
  for (size_t i = 0; i < sizeof relatives / sizeof *relatives; i++)
    if (strstr(library_version, relatives[i])) {
      constant.world = (Handle)0x44000000;
      constant.byte = (Handle)0x4c00010d;
      constant.no_info = (Handle)0x1c000000;
      constant.errors_return = (Handle)0x54000001;
      constant.ignore_status = (void *)1;
      constant.shared = 1;
      constant.no_check = 1024;
      return NULL;
    }
  return "it is neither an Open MPI nor a relative of MPICH, whose binary interfaces are the known ones";
}

static const char *find_functions(void) {
  static char missing[128];
#define FIND(name, parameters)                                                   \
  mpi.name = (int(*) parameters)dlsym(library, "MPI_" #name);                    \
  if (!mpi.name) {                                                               \
    snprintf(missing, sizeof missing, "it has no function MPI_%s", #name);       \
    return missing;                                                              \
  }
  FUNCTIONS(FIND)
#undef FIND
  return NULL;
}

int cobre_mpi_load(const char *path, char *text, size_t capacity) {
  if (library) {
    snprintf(text, capacity, "%s (%s)", library_version, library_path);
    return 0;
  }
  // Components that Open MPI loads later look for its symbols in the global scope.
  library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    const char *reason = dlerror();
    snprintf(text, capacity, "%s", reason ? reason : path);
    return 1;
  }
  const char *reason = find_functions();
  if (!reason) {
    Dl_info place;
    int length = 0;
    // A function may be in a library that the named one needs, such as the one under Debian's names.
    snprintf(
        library_path, sizeof library_path, "%s",
        dladdr((void *)(intptr_t)mpi.Init_thread, &place) && place.dli_fname ? place.dli_fname : path);
    // One of the few functions that may be called before MPI has been started.
    if (mpi.Get_library_version(library_version, &length) != 0) library_version[0] = 0;
    library_version[VERSION_CAPACITY] = 0;
    reason = find_constants();
    keep_version(library_version);
  }
  if (!reason) {
    snprintf(text, capacity, "%s (%s)", library_version, library_path);
    return 0;
  }
  snprintf(text, capacity, "%s: %s", path, reason);
  // An MPI that was opened may have started threads; it stays open, but is not used.
  library = NULL;
  return 1;
}

#define TRY(call)                                \
  do {                                           \
    int status_ = (call);                        \
    if (status_ != 0) return status_;  \
  } while (0)

// Our own communicator, so that nothing else in the process can disturb the order of our calls.
static Handle group;
static int group_rank, group_size;
// Reused per call. A group of a few thousand ranks at most.
static int *piece_counts, *piece_offsets;

// Largest piece of one rank in one call. Offsets within one call are ints, so the whole call must fit too.
static int64_t most_bytes = (int64_t)1 << 30;

void cobre_mpi_set_most_bytes(int64_t bytes) {
  if (bytes > 0 && bytes <= (int64_t)1 << 30) most_bytes = bytes;
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int cobre_mpi_start(int *rank, int *size) {
  int initialized = 0, provided = 0;
  if (!library) return COBRE_MPI_NOT_LOADED;
  TRY(mpi.Initialized(&initialized));
  if (!initialized) TRY(mpi.Init_thread(NULL, NULL, FUNNELED, &provided));
  TRY(mpi.Comm_set_errhandler(constant.world, constant.errors_return));
  TRY(mpi.Comm_dup(constant.world, &group));
  TRY(mpi.Comm_set_errhandler(group, constant.errors_return));
  TRY(mpi.Comm_rank(group, &group_rank));
  TRY(mpi.Comm_size(group, &group_size));
  piece_counts = malloc(sizeof(int) * (size_t)group_size);
  piece_offsets = malloc(sizeof(int) * (size_t)group_size);
  if (!piece_counts || !piece_offsets) return COBRE_MPI_NO_MEMORY;
  *rank = group_rank;
  *size = group_size;
  return 0;
}

int cobre_mpi_finish(void) {
  int finalized = 0;
  if (!library) return COBRE_MPI_NOT_LOADED;
  TRY(mpi.Finalized(&finalized));
  if (finalized) return 0;
  if (group) TRY(mpi.Comm_free(&group));
  free(piece_counts);
  free(piece_offsets);
  piece_counts = piece_offsets = NULL;
  return mpi.Finalize();
}

void cobre_mpi_abort(int code) {
  int initialized = 0, finalized = 0;
  if (!library) return;
  mpi.Initialized(&initialized);
  mpi.Finalized(&finalized);
  if (initialized && !finalized) mpi.Abort(constant.world, code);
}

static cobre_mpi_watch watch;
static void *watch_context;

void cobre_mpi_set_watch(cobre_mpi_watch function, void *context) {
  watch = function;
  watch_context = context;
}

// Tests until the request is done. Yields after a while: there may be more ranks than cores.
static int complete(Handle *request) {
  int done = 0;
  for (int i = 0; i < 1000; i++) {
    TRY(mpi.Test(request, &done, constant.ignore_status));
    if (done) return 0;
  }
  int64_t begin = now(), looked = 0;
  for (;;) {
    TRY(mpi.Test(request, &done, constant.ignore_status));
    if (done) return 0;
    int64_t waited = now() - begin;
    if (waited - looked > 100000000) {
      looked = waited;
      if (watch && watch(watch_context, waited)) return COBRE_MPI_STOPPED;
    }
    if (waited < 20000000) {
      sched_yield();
    } else {
      // The peer computes: leave the core to it.
      struct timespec pause = {.tv_nsec = waited < 1000000000 ? 50000 : 500000};
      nanosleep(&pause, NULL);
    }
  }
}

int cobre_mpi_allgather(const void *send, void *receive, int count) {
  Handle request = NULL;
  TRY(mpi.Iallgather(send, count, constant.byte, receive, count, constant.byte, group, &request));
  return complete(&request);
}

int cobre_mpi_allgatherv(
    const void *send, void *receive, const int64_t *counts, const int64_t *offsets) {
  int64_t largest = 0, total = 0;
  for (int r = 0; r < group_size; r++) {
    if (counts[r] > largest) largest = counts[r];
    total += counts[r];
  }
  Handle request = NULL;
  if (total <= most_bytes) {
    for (int r = 0; r < group_size; r++) {
      piece_counts[r] = (int)counts[r];
      piece_offsets[r] = (int)offsets[r];
    }
    TRY(mpi.Iallgatherv(
        send, piece_counts[group_rank], constant.byte, receive, piece_counts, piece_offsets, constant.byte, group, &request));
    return complete(&request);
  }
  // Offsets beyond an int: one contribution after the other, in pieces, each sent from its own part of the receive
  // buffer.
  char *target = receive;
  if (counts[group_rank] > 0) memmove(target + offsets[group_rank], send, (size_t)counts[group_rank]);
  for (int r = 0; r < group_size; r++)
    for (int64_t done = 0; done < counts[r]; done += most_bytes) {
      int length = (int)(counts[r] - done < most_bytes ? counts[r] - done : most_bytes);
      TRY(mpi.Ibcast(target + offsets[r] + done, length, constant.byte, r, group, &request));
      TRY(complete(&request));
    }
  return 0;
}

int cobre_mpi_broadcast(void *bytes, int64_t count, int root) {
  Handle request = NULL;
  for (int64_t done = 0; done < count; done += most_bytes) {
    int length = (int)(count - done < most_bytes ? count - done : most_bytes);
    TRY(mpi.Ibcast((char *)bytes + done, length, constant.byte, root, group, &request));
    TRY(complete(&request));
  }
  return 0;
}

void cobre_mpi_error_text(int code, char *text, size_t capacity) {
  char buffer[ERROR_CAPACITY];
  int length = 0, initialized = 0;
  if (code == COBRE_MPI_NOT_LOADED) {
    snprintf(text, capacity, "no MPI library has been loaded");
    return;
  }
  if (code == COBRE_MPI_NO_MEMORY) {
    snprintf(text, capacity, "there is no memory");
    return;
  }
  if (library) mpi.Initialized(&initialized);
  if (!initialized || mpi.Error_string(code, buffer, &length) != 0)
    snprintf(text, capacity, "MPI error %d", code);
  else
    snprintf(text, capacity, "%.*s", length, buffer);
}

struct CobreMPIRegion {
  Handle host, window;
};

int cobre_mpi_region_make(int64_t bytes, CobreMPIRegion **region, void **base, int *host_rank) {
  CobreMPIRegion *made = malloc(sizeof *made);
  if (!made) return COBRE_MPI_NO_MEMORY;
  intptr_t size;
  int unit;
  void *own;
  *region = NULL;
  made->host = made->window = NULL;
  int status = mpi.Comm_split_type(group, constant.shared, group_rank, constant.no_info, &made->host);
  if (status == 0) status = mpi.Comm_set_errhandler(made->host, constant.errors_return);
  if (status == 0) status = mpi.Comm_rank(made->host, host_rank);
  if (status == 0)
    status = mpi.Win_allocate_shared(
        *host_rank == 0 ? (intptr_t)bytes : 0, 1, constant.no_info, made->host, &own, &made->window);
  if (status == 0) {
    mpi.Win_set_errhandler(made->window, constant.errors_return);
    status = mpi.Win_shared_query(made->window, 0, &size, &unit, base);
    if (status == 0) status = mpi.Win_lock_all(constant.no_check, made->window);
    if (status != 0) mpi.Win_free(&made->window);
  }
  if (status != 0) {
    if (made->host) mpi.Comm_free(&made->host);
    free(made);
    return status;
  }
  *region = made;
  return 0;
}

int cobre_mpi_region_fence(CobreMPIRegion *region) {
  TRY(mpi.Win_sync(region->window));
  TRY(mpi.Barrier(region->host));
  return mpi.Win_sync(region->window);
}

int cobre_mpi_region_free(CobreMPIRegion *region) {
  TRY(mpi.Win_unlock_all(region->window));
  TRY(mpi.Win_free(&region->window));
  TRY(mpi.Comm_free(&region->host));
  free(region);
  return 0;
}
