#include "CobreMPIShim.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef COBRE_MPI

#include <limits.h>
#include <mpi.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#define TRY(call)                                \
  do {                                           \
    int status_ = (call);                        \
    if (status_ != MPI_SUCCESS) return status_;  \
  } while (0)

// Our own communicator, so that nothing else in the process can disturb the order of our calls.
static MPI_Comm group = MPI_COMM_NULL;
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
  TRY(MPI_Initialized(&initialized));
  if (!initialized) TRY(MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided));
  TRY(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
  TRY(MPI_Comm_dup(MPI_COMM_WORLD, &group));
  TRY(MPI_Comm_set_errhandler(group, MPI_ERRORS_RETURN));
  TRY(MPI_Comm_rank(group, &group_rank));
  TRY(MPI_Comm_size(group, &group_size));
  piece_counts = malloc(sizeof(int) * (size_t)group_size);
  piece_offsets = malloc(sizeof(int) * (size_t)group_size);
  if (!piece_counts || !piece_offsets) return MPI_ERR_NO_MEM;
  *rank = group_rank;
  *size = group_size;
  return MPI_SUCCESS;
}

int cobre_mpi_finish(void) {
  int finalized = 0;
  TRY(MPI_Finalized(&finalized));
  if (finalized) return MPI_SUCCESS;
  if (group != MPI_COMM_NULL) TRY(MPI_Comm_free(&group));
  free(piece_counts);
  free(piece_offsets);
  piece_counts = piece_offsets = NULL;
  return MPI_Finalize();
}

void cobre_mpi_abort(int code) {
  int initialized = 0, finalized = 0;
  MPI_Initialized(&initialized);
  MPI_Finalized(&finalized);
  if (initialized && !finalized) MPI_Abort(MPI_COMM_WORLD, code);
}

static cobre_mpi_watch watch;
static void *watch_context;

void cobre_mpi_set_watch(cobre_mpi_watch function, void *context) {
  watch = function;
  watch_context = context;
}

// Tests until the request is done. Yields after a while: there may be more ranks than cores.
static int complete(MPI_Request *request) {
  int done = 0;
  for (int i = 0; i < 1000; i++) {
    TRY(MPI_Test(request, &done, MPI_STATUS_IGNORE));
    if (done) return MPI_SUCCESS;
  }
  int64_t begin = now(), looked = 0;
  for (;;) {
    TRY(MPI_Test(request, &done, MPI_STATUS_IGNORE));
    if (done) return MPI_SUCCESS;
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
  MPI_Request request;
  TRY(MPI_Iallgather(send, count, MPI_BYTE, receive, count, MPI_BYTE, group, &request));
  return complete(&request);
}

int cobre_mpi_allgatherv(
    const void *send, void *receive, const int64_t *counts, const int64_t *offsets) {
  int64_t largest = 0, total = 0;
  for (int r = 0; r < group_size; r++) {
    if (counts[r] > largest) largest = counts[r];
    total += counts[r];
  }
  MPI_Request request;
  if (total <= most_bytes) {
    for (int r = 0; r < group_size; r++) {
      piece_counts[r] = (int)counts[r];
      piece_offsets[r] = (int)offsets[r];
    }
    TRY(MPI_Iallgatherv(
        send, piece_counts[group_rank], MPI_BYTE, receive, piece_counts, piece_offsets, MPI_BYTE, group, &request));
    return complete(&request);
  }
  // Offsets beyond an int: one contribution after the other, in pieces, each sent from its own part of the receive
  // buffer.
  char *target = receive;
  if (counts[group_rank] > 0) memmove(target + offsets[group_rank], send, (size_t)counts[group_rank]);
  for (int r = 0; r < group_size; r++)
    for (int64_t done = 0; done < counts[r]; done += most_bytes) {
      int length = (int)(counts[r] - done < most_bytes ? counts[r] - done : most_bytes);
      TRY(MPI_Ibcast(target + offsets[r] + done, length, MPI_BYTE, r, group, &request));
      TRY(complete(&request));
    }
  return MPI_SUCCESS;
}

int cobre_mpi_broadcast(void *bytes, int64_t count, int root) {
  MPI_Request request;
  for (int64_t done = 0; done < count; done += most_bytes) {
    int length = (int)(count - done < most_bytes ? count - done : most_bytes);
    TRY(MPI_Ibcast((char *)bytes + done, length, MPI_BYTE, root, group, &request));
    TRY(complete(&request));
  }
  return MPI_SUCCESS;
}

void cobre_mpi_error_text(int code, char *text, size_t capacity) {
  char buffer[MPI_MAX_ERROR_STRING];
  int length = 0, initialized = 0;
  MPI_Initialized(&initialized);
  if (!initialized || MPI_Error_string(code, buffer, &length) != MPI_SUCCESS)
    snprintf(text, capacity, "MPI error %d", code);
  else
    snprintf(text, capacity, "%.*s", length, buffer);
}

void cobre_mpi_library(char *text, size_t capacity) {
  char buffer[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  if (MPI_Get_library_version(buffer, &length) != MPI_SUCCESS) length = 0;
  snprintf(text, capacity, "%.*s", length, buffer);
}

struct CobreMPIRegion {
  MPI_Comm host;
  MPI_Win window;
};

int cobre_mpi_region_make(int64_t bytes, CobreMPIRegion **region, void **base, int *host_rank) {
  CobreMPIRegion *made = malloc(sizeof *made);
  if (!made) return MPI_ERR_NO_MEM;
  MPI_Aint size;
  int unit;
  void *own;
  *region = NULL;
  made->host = MPI_COMM_NULL;
  int status = MPI_Comm_split_type(group, MPI_COMM_TYPE_SHARED, group_rank, MPI_INFO_NULL, &made->host);
  if (status == MPI_SUCCESS) status = MPI_Comm_set_errhandler(made->host, MPI_ERRORS_RETURN);
  if (status == MPI_SUCCESS) status = MPI_Comm_rank(made->host, host_rank);
  if (status == MPI_SUCCESS)
    status = MPI_Win_allocate_shared(
        *host_rank == 0 ? (MPI_Aint)bytes : 0, 1, MPI_INFO_NULL, made->host, &own, &made->window);
  if (status == MPI_SUCCESS) {
    MPI_Win_set_errhandler(made->window, MPI_ERRORS_RETURN);
    status = MPI_Win_shared_query(made->window, 0, &size, &unit, base);
    if (status == MPI_SUCCESS) status = MPI_Win_lock_all(MPI_MODE_NOCHECK, made->window);
    if (status != MPI_SUCCESS) MPI_Win_free(&made->window);
  }
  if (status != MPI_SUCCESS) {
    if (made->host != MPI_COMM_NULL) MPI_Comm_free(&made->host);
    free(made);
    return status;
  }
  *region = made;
  return MPI_SUCCESS;
}

int cobre_mpi_region_fence(CobreMPIRegion *region) {
  TRY(MPI_Win_sync(region->window));
  TRY(MPI_Barrier(region->host));
  return MPI_Win_sync(region->window);
}

int cobre_mpi_region_free(CobreMPIRegion *region) {
  TRY(MPI_Win_unlock_all(region->window));
  TRY(MPI_Win_free(&region->window));
  TRY(MPI_Comm_free(&region->host));
  free(region);
  return MPI_SUCCESS;
}

#else

// Built without MPI: these are never called, but they must link.
#define UNAVAILABLE (-32002)

void cobre_mpi_set_most_bytes(int64_t bytes) { (void)bytes; }
int cobre_mpi_start(int *rank, int *size) { (void)rank, (void)size; return UNAVAILABLE; }
int cobre_mpi_finish(void) { return UNAVAILABLE; }
void cobre_mpi_abort(int code) { (void)code; }
void cobre_mpi_set_watch(cobre_mpi_watch watch, void *context) { (void)watch, (void)context; }
int cobre_mpi_allgather(const void *send, void *receive, int count) {
  (void)send, (void)receive, (void)count;
  return UNAVAILABLE;
}
int cobre_mpi_allgatherv(
    const void *send, void *receive, const int64_t *counts, const int64_t *offsets) {
  (void)send, (void)receive, (void)counts, (void)offsets;
  return UNAVAILABLE;
}
int cobre_mpi_broadcast(void *bytes, int64_t count, int root) {
  (void)bytes, (void)count, (void)root;
  return UNAVAILABLE;
}
void cobre_mpi_error_text(int code, char *text, size_t capacity) {
  snprintf(text, capacity, "built without MPI (%d)", code);
}
void cobre_mpi_library(char *text, size_t capacity) { snprintf(text, capacity, "none"); }
int cobre_mpi_region_make(int64_t bytes, CobreMPIRegion **region, void **base, int *host_rank) {
  (void)bytes, (void)region, (void)base, (void)host_rank;
  return UNAVAILABLE;
}
int cobre_mpi_region_fence(CobreMPIRegion *region) { (void)region; return UNAVAILABLE; }
int cobre_mpi_region_free(CobreMPIRegion *region) { (void)region; return UNAVAILABLE; }

#endif
