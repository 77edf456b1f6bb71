// Carries the compiler and linker flags of the installed MPI; mpi.h is included by CobreMPIShim only.
