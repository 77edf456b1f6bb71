// From here to `InstructionSetEnd.hpp` functions are compiled for one instruction set, which never depends on the machine
// that runs them. x86 without these instructions is turned away (`cobre_simplex_is_supported`); other processors take
// what their compiler uses by default.
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,popcnt"))), apply_to = function)
#endif
