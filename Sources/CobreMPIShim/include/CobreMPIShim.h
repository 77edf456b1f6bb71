#ifndef COBRE_MPI_SHIM_H
#define COBRE_MPI_SHIM_H
int cobre_mpi_is_built(void);
#endif
