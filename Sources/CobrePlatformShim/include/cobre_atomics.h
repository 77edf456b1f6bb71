// Atomics in raw memory, for words that several processes share.
//
// Swift's own Atomic makes no promise about memory shared between processes. These builtins work on the address alone.
#ifndef COBRE_ATOMICS_H
#define COBRE_ATOMICS_H

#include <stdbool.h>
#include <stdint.h>

static inline __attribute__((always_inline)) uint32_t cobre_load_acquire_u32(const void *address) {
  return __atomic_load_n((const uint32_t *)address, __ATOMIC_ACQUIRE);
}

static inline __attribute__((always_inline)) uint32_t cobre_load_u32(const void *address) {
  return __atomic_load_n((const uint32_t *)address, __ATOMIC_SEQ_CST);
}

static inline __attribute__((always_inline)) void cobre_store_release_u32(void *address, uint32_t value) {
  __atomic_store_n((uint32_t *)address, value, __ATOMIC_RELEASE);
}

static inline __attribute__((always_inline)) uint32_t cobre_fetch_add_u32(void *address, uint32_t value) {
  return __atomic_fetch_add((uint32_t *)address, value, __ATOMIC_SEQ_CST);
}

static inline __attribute__((always_inline)) bool cobre_exchange_if_u32(
    void *address, uint32_t expected, uint32_t desired) {
  return __atomic_compare_exchange_n(
      (uint32_t *)address, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static inline __attribute__((always_inline)) void cobre_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// Tells the core that this is a spin loop.
static inline __attribute__((always_inline)) void cobre_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("isb");
#endif
}

#endif
