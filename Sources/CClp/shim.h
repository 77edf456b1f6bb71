// Carries the compiler and linker flags of Clp. The headers are C++ and are included by CobreClpShim only.
