// Times MPI's own collectives as `cobre-worker conformance --measure` times the engine's: medians of seven batches.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  int rank, size;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  const long largest = argc > 1 ? atol(argv[1]) : 64L << 20;
  const long sizes[] = {0,         8,       64,      512,      4096,    32768,
                        65536,     1 << 18, 1 << 20, 4 << 20,  16 << 20, 64 << 20};
  if (rank == 0) puts("backend,ranks,operation,bytes,microseconds");
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    long bytes = sizes[s];
    if (bytes > largest) break;
    long repeats = bytes ? (64L << 20) / (bytes * size) : 2000;
    if (repeats > 2000) repeats = 2000;
    if (repeats < 4) repeats = 4;
    char *send = calloc((size_t)bytes + 1, 1), *receive = calloc((size_t)bytes * (size_t)size + 1, 1);
    // Memory that was never written is one page of zeros for the kernel, and would be read out of the cache.
    memset(send, 1, (size_t)bytes + 1);
    memset(receive, 0, (size_t)bytes * (size_t)size + 1);
    int *counts = malloc(sizeof(int) * (size_t)size), *offsets = malloc(sizeof(int) * (size_t)size);
    for (int r = 0; r < size; r++) {
      counts[r] = (int)bytes;
      offsets[r] = (int)(r * bytes);
    }
    for (int operation = 0; operation < (bytes ? 3 : 1); operation++) {
      double times[7];
      for (int batch = 0; batch < 7; batch++) {
        MPI_Barrier(MPI_COMM_WORLD);
        double start = MPI_Wtime();
        for (long i = 0; i < repeats; i++) {
          if (bytes == 0)
            MPI_Barrier(MPI_COMM_WORLD);
          else if (operation == 0)
            MPI_Allgatherv(send, (int)bytes, MPI_BYTE, receive, counts, offsets, MPI_BYTE, MPI_COMM_WORLD);
          else if (operation == 1)
            MPI_Bcast(receive, (int)bytes, MPI_BYTE, 0, MPI_COMM_WORLD);
          else
            MPI_Allreduce(send, receive, (int)(bytes / 8), MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
        }
        times[batch] = (MPI_Wtime() - start) / (double)repeats;
      }
      qsort(times, 7, sizeof *times, compare);
      const char *names[] = {"allgatherv", "broadcast", "allreduce"};
      if (rank == 0)
        printf("mpi,%d,%s,%ld,%.2f\n", size, bytes ? names[operation] : "barrier", bytes, times[3] * 1e6);
    }
    free(send);
    free(receive);
    free(counts);
    free(offsets);
  }
  MPI_Finalize();
}
