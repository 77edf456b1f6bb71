#include "cobre_checksum.h"

#include <pthread.h>
#include <string.h>

// Reflected Castagnoli polynomial (Castagnoli, Bräuer and Herrmann, 1993).
#define POLYNOMIAL 0x82f63b78u

// Slicing by eight (Kounavis and Berry, 2005).
static uint32_t table[8][256];
// Operators that advance a checksum over LANE zero bytes, to join three interleaved lanes.
#define LANE 1024
static uint32_t shift_table[4][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_tables(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; bit++) c = c & 1 ? (c >> 1) ^ POLYNOMIAL : c >> 1;
    table[0][i] = c;
  }
  for (uint32_t i = 0; i < 256; i++)
    for (int k = 1; k < 8; k++) table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 0xff];
  // Advancing over zero bytes is linear: do it for each byte value at each of the four places.
  for (int place = 0; place < 4; place++)
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t c = i << (8 * place);
      for (int step = 0; step < LANE; step++) c = (c >> 8) ^ table[0][c & 0xff];
      shift_table[place][i] = c;
    }
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

uint32_t cobre_crc32c(uint32_t checksum, const void *bytes, size_t length) {
  pthread_once(&once, make_tables);
  if (!__builtin_cpu_supports("sse4.2")) return ~portable(~checksum, bytes, length);
  return ~hardware(~checksum, bytes, length);
}
#else
uint32_t cobre_crc32c(uint32_t checksum, const void *bytes, size_t length) {
  return cobre_crc32c_portable(checksum, bytes, length);
}
#endif
