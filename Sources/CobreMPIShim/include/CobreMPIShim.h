// The MPI calls that the engine uses. The library is opened at run time: nothing is linked, and no mpi.h is needed.
//
// Every function returns an MPI error code, 0 for success. Errors never abort (MPI_ERRORS_RETURN). Collectives are
// started without blocking and tested until they are done, so that a watch can end a wait that leads nowhere.
#ifndef COBRE_MPI_SHIM_H
#define COBRE_MPI_SHIM_H

#include <stddef.h>
#include <stdint.h>

// The watch ended the wait. No MPI library uses this value.
#define COBRE_MPI_STOPPED (-32001)
#define COBRE_MPI_NOT_LOADED (-32002)
#define COBRE_MPI_NO_MEMORY (-32003)

// Opens an MPI library by its path, or by a name that the system's loader looks for; once one is open, later calls
// change nothing. Returns 0 with its name, version and path as text, or 1 with the reason why it cannot be used.
int cobre_mpi_load(const char *path, char *text, size_t capacity);

// Most bytes that one call of the library moves, the same on all ranks. At most 2^30, which is the default.
void cobre_mpi_set_most_bytes(int64_t bytes);

// Initialises MPI for calls from the main thread. Sets rank and size of all processes.
int cobre_mpi_start(int *rank, int *size);

// Called about ten times a second while a collective is not complete, with the nanoseconds waited so far. Anything but
// 0 ends the wait.
typedef int (*cobre_mpi_watch)(void *context, int64_t waited);
void cobre_mpi_set_watch(cobre_mpi_watch watch, void *context);

// Ends MPI for the life of the process. Waits for the other ranks as MPI_Finalize does.
int cobre_mpi_finish(void);

// Ends all processes of the group. Does not return where MPI runs.
void cobre_mpi_abort(int code);

// Gathers `count` bytes of every rank, in rank order.
int cobre_mpi_allgather(const void *send, void *receive, int count);

// Gathers contributions of different sizes. Any size: what does not fit an int is moved in pieces.
int cobre_mpi_allgatherv(
    const void *send, void *receive, const int64_t *counts, const int64_t *offsets);

// Gives every rank the bytes of the root. Any size.
int cobre_mpi_broadcast(void *bytes, int64_t count, int root);

// Text of an error code, always terminated.
void cobre_mpi_error_text(int code, char *text, size_t capacity);

// Memory that the ranks of one host share (MPI_Win_allocate_shared).
typedef struct CobreMPIRegion CobreMPIRegion;

// Makes a region of `bytes` bytes for the ranks of this host. Rank 0 of the host allocates it, all can access it. Sets
// `base` to its address and the rank on this host. All ranks of the group call it.
int cobre_mpi_region_make(int64_t bytes, CobreMPIRegion **region, void **base, int *host_rank);
// Makes what one rank of the host wrote visible to the others, and waits for them.
int cobre_mpi_region_fence(CobreMPIRegion *region);
int cobre_mpi_region_free(CobreMPIRegion *region);

#endif
