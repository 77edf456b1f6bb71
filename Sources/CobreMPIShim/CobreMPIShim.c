#include "CobreMPIShim.h"
#ifdef COBRE_MPI
#include <mpi.h>
int cobre_mpi_is_built(void) { return 1; }
#else
int cobre_mpi_is_built(void) { return 0; }
#endif
