#include "cobre_copy.h"

#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

void cobre_copy_streaming(void *to, const void *from, size_t length) {
#if defined(__x86_64__)
  char *target = to;
  const char *source = from;
  size_t head = (64 - (uintptr_t)target % 64) % 64;
  if (head > length) head = length;
  memcpy(target, source, head);
  size_t done = head;
  for (; done + 64 <= length; done += 64)
    for (int part = 0; part < 64; part += 16)
      _mm_stream_si128((__m128i *)(target + done + part), _mm_loadu_si128((const __m128i *)(source + done + part)));
  _mm_sfence();
  memcpy(target + done, source + done, length - done);
#else
  memcpy(to, from, length);
#endif
}
