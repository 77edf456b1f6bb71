// Carries the compiler and linker flags of HiGHS; its headers are included by CobreHiGHSShim only.
