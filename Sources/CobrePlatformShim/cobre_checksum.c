#include "cobre_checksum.h"

#include <pthread.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Reflected Castagnoli polynomial (Castagnoli, Bräuer and Herrmann, 1993).
#define POLYNOMIAL 0x82f63b78u

// Slicing by eight (Kounavis and Berry, 2005).
static uint32_t table[8][256];
// Operators that advance a checksum over LANE zero bytes, to join three interleaved lanes.
#define LANE 1024
static uint32_t shift_table[4][256];
// Factors that move a block over BLOCK bytes (Gopal et al., 2009): x^(8 BLOCK + 32) and x^(8 BLOCK - 32), reflected.
#define BLOCK 256
static uint64_t fold_low, fold_high;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// x^(8 bytes) modulo the polynomial, reflected in 33 bits: what the register holds after so many zero bytes behind a 1.
static uint64_t power(int bytes) {
  uint32_t c = 0x80000000u;
  while (bytes--) c = (c >> 8) ^ table[0][c & 0xff];
  return (uint64_t)c << 1;
}

static void make_tables(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; bit++) c = c & 1 ? (c >> 1) ^ POLYNOMIAL : c >> 1;
    table[0][i] = c;
  }
  for (uint32_t i = 0; i < 256; i++)
    for (int k = 1; k < 8; k++) table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 0xff];
  // Advancing over zero bytes is linear: do it for each byte value at each of the four positions.
  for (int place = 0; place < 4; place++)
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t c = i << (8 * place);
      for (int step = 0; step < LANE; step++) c = (c >> 8) ^ table[0][c & 0xff];
      shift_table[place][i] = c;
    }
  fold_low = power(BLOCK + 4);
  fold_high = power(BLOCK - 4);
}

static uint32_t portable(uint32_t c, const unsigned char *p, size_t n) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  while (n >= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    word ^= c;
    c = table[7][word & 0xff] ^ table[6][(word >> 8) & 0xff] ^ table[5][(word >> 16) & 0xff] ^
        table[4][(word >> 24) & 0xff] ^ table[3][(word >> 32) & 0xff] ^ table[2][(word >> 40) & 0xff] ^
        table[1][(word >> 48) & 0xff] ^ table[0][word >> 56];
    p += 8;
    n -= 8;
  }
#endif
  while (n--) c = (c >> 8) ^ table[0][(c ^ *p++) & 0xff];
  return c;
}

uint32_t cobre_crc32c_portable(uint32_t checksum, const void *bytes, size_t length) {
  pthread_once(&once, make_tables);
  return ~portable(~checksum, bytes, length);
}

#if defined(__x86_64__)
static uint32_t shift(uint32_t c) {
  return shift_table[0][c & 0xff] ^ shift_table[1][(c >> 8) & 0xff] ^ shift_table[2][(c >> 16) & 0xff] ^
         shift_table[3][c >> 24];
}

// The instruction has a latency of three cycles and starts every cycle: three lanes keep it busy.
__attribute__((target("sse4.2"))) static uint32_t hardware(uint32_t c, const unsigned char *p, size_t n) {
  while (n >= 3 * LANE) {
    uint64_t a = c, b = 0, d = 0;
    for (size_t i = 0; i < LANE; i += 8) {
      uint64_t x, y, z;
      memcpy(&x, p + i, 8);
      memcpy(&y, p + LANE + i, 8);
      memcpy(&z, p + 2 * LANE + i, 8);
      a = __builtin_ia32_crc32di(a, x);
      b = __builtin_ia32_crc32di(b, y);
      d = __builtin_ia32_crc32di(d, z);
    }
    c = shift(shift((uint32_t)a) ^ (uint32_t)b) ^ (uint32_t)d;
    p += 3 * LANE;
    n -= 3 * LANE;
  }
  while (n >= 8) {
    uint64_t x;
    memcpy(&x, p, 8);
    c = (uint32_t)__builtin_ia32_crc32di(c, x);
    p += 8;
    n -= 8;
  }
  while (n--) c = __builtin_ia32_crc32qi(c, *p++);
  return c;
}

#define WIDE_UNIT __attribute__((target("avx512f,vpclmulqdq,sse4.2")))

// A block of 256 bytes may be replaced by a later one with the same remainder: each is multiplied into the next and
// added to it, 64 bytes per instruction, and only the last one is divided. If `to` is given, everything is copied
// there.
WIDE_UNIT static inline __attribute__((always_inline)) uint32_t fold(
    uint32_t c, const unsigned char *p, size_t n, unsigned char *to) {
  const __m512i factors = _mm512_broadcast_i32x4(_mm_set_epi64x((long long)fold_high, (long long)fold_low));
  __m512i part[4];
  for (int i = 0; i < 4; i++) {
    part[i] = _mm512_loadu_si512(p + 64 * i);
    if (to) _mm512_storeu_si512(to + 64 * i, part[i]);
  }
  // The previous remainder counts as if it were in the first four bytes.
  part[0] = _mm512_xor_si512(part[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)c)));
  size_t done = BLOCK;
  for (; n - done >= BLOCK; done += BLOCK)
    for (int i = 0; i < 4; i++) {
      const __m512i next = _mm512_loadu_si512(p + done + 64 * i);
      if (to) _mm512_storeu_si512(to + done + 64 * i, next);
      const __m512i low = _mm512_clmulepi64_epi128(part[i], factors, 0x00);
      const __m512i high = _mm512_clmulepi64_epi128(part[i], factors, 0x11);
      part[i] = _mm512_ternarylogic_epi64(low, high, next, 0x96);
    }
  unsigned char last[BLOCK];
  for (int i = 0; i < 4; i++) _mm512_storeu_si512(last + 64 * i, part[i]);
  // They are to be read from memory: else the loop would take each block apart for the division that follows it, which costs
  // a third of the speed.
  __asm__ volatile("" : : "r"(last) : "memory");
  if (to) memcpy(to + done, p + done, n - done);
  return hardware(hardware(0, last, BLOCK), p + done, n - done);
}

WIDE_UNIT static uint32_t wide(uint32_t c, const unsigned char *p, size_t n) { return fold(c, p, n, NULL); }

WIDE_UNIT static uint32_t wide_copy(uint32_t c, const unsigned char *p, size_t n, unsigned char *to) {
  return fold(c, p, n, to);
}

// What a checksum of many bytes is worth the start of the wide unit.
#define WIDE 2048

static int is_wide(size_t length) {
  return length >= WIDE && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("vpclmulqdq") &&
         __builtin_cpu_supports("sse4.2");
}

uint32_t cobre_crc32c(uint32_t checksum, const void *bytes, size_t length) {
  pthread_once(&once, make_tables);
  if (!__builtin_cpu_supports("sse4.2")) return ~portable(~checksum, bytes, length);
  return ~(is_wide(length) ? wide(~checksum, bytes, length) : hardware(~checksum, bytes, length));
}

uint32_t cobre_crc32c_copy(void *to, const void *bytes, size_t length) {
  pthread_once(&once, make_tables);
  if (is_wide(length)) return ~wide_copy(~0u, bytes, length, to);
  memcpy(to, bytes, length);
  return cobre_crc32c(0, bytes, length);
}
#else
uint32_t cobre_crc32c(uint32_t checksum, const void *bytes, size_t length) {
  return cobre_crc32c_portable(checksum, bytes, length);
}

uint32_t cobre_crc32c_copy(void *to, const void *bytes, size_t length) {
  memcpy(to, bytes, length);
  return cobre_crc32c_portable(0, bytes, length);
}
#endif
