// Carries the compiler and linker flags of Clp; the headers are C++ and are included by CobreClpShim only.
