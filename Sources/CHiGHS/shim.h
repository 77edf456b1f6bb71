// Carries the compiler and linker flags of HiGHS. Its headers are included by CobreHiGHSShim only.
