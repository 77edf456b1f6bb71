// Loops over doubles four at a time, in one fixed order of summation. The instruction set is chosen when the code is
// compiled, never while it runs, and products are fused with sums exactly where an expression says a * b + c: the same
// program gives the same bits in every build of one architecture.
#ifndef COBRE_SIMPLEX_VECTORS_HPP
#define COBRE_SIMPLEX_VECTORS_HPP

#include "InstructionSet.hpp"
#pragma clang fp contract(on)

namespace cobre {

typedef double Four __attribute__((vector_size(32), aligned(8)));
typedef long long FourBits __attribute__((vector_size(32), aligned(8)));

/// The next multiple of 4.
inline int padded(int count) { return (count + 3) & ~3; }

inline Four fetch(const double *from) { return *reinterpret_cast<const Four *>(from); }
inline void put(double *to, Four value) { *reinterpret_cast<Four *>(to) = value; }
inline Four all(double value) { return Four{value, value, value, value}; }
inline Four magnitude(Four value) {
  return reinterpret_cast<Four>(reinterpret_cast<FourBits>(value) & 0x7fffffffffffffffLL);
}
/// `value` where the mask is set, else 0.
inline Four where(FourBits mask, Four value) {
  return reinterpret_cast<Four>(mask & reinterpret_cast<FourBits>(value));
}
/// A bit for each of four, 1 where the mask is set.
inline int bits(FourBits mask) {
#ifdef __x86_64__
  return __builtin_ia32_movmskpd256(reinterpret_cast<Four>(mask));
#else
  return (mask[0] & 1) | (mask[1] & 2) | (mask[2] & 4) | (mask[3] & 8);
#endif
}
inline double sum(Four value) { return (value[0] + value[2]) + (value[1] + value[3]); }

/// Σ a·b over a multiple of 4 values.
inline double dot(const double *a, const double *b, int count) {
  Four even = all(0), odd = all(0);
  int index = 0;
  for (; index + 8 <= count; index += 8) {
    even = fetch(a + index) * fetch(b + index) + even;
    odd = fetch(a + index + 4) * fetch(b + index + 4) + odd;
  }
  if (index < count) even = fetch(a + index) * fetch(b + index) + even;
  return sum(even + odd);
}

/// to += factor · from over a multiple of 4 values.
inline void add(double *to, double factor, const double *from, int count) {
  const Four factors = all(factor);
  for (int index = 0; index < count; index += 4) put(to + index, factors * fetch(from + index) + fetch(to + index));
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
#endif
