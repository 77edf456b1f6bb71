#include "cobre_cut_kernel.h"

#pragma STDC FP_CONTRACT OFF

typedef double lanes __attribute__((vector_size(COBRE_CUT_LANES * sizeof(double)), aligned(8)));

typedef long long bits __attribute__((vector_size(COBRE_CUT_LANES * sizeof(double)), aligned(8)));

// The larger of two numbers in each lane. `b` if one is not a number.
#define LARGER(a, b) ((lanes)(((bits)((a) > (b)) & (bits)(a)) | (~(bits)((a) > (b)) & (bits)(b))))

// Whether a comparison holds in any lane.
#define ANY(comparison) (__builtin_reduce_or((bits)(comparison)) != 0)

#define POINTS 4

// One body, compiled for each instruction set. The loader picks the best one that the processor has.
#if defined(__x86_64__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONES
#endif

CLONES void cobre_cut_maximum(
    const double *blocks, int64_t block_count, int64_t dimension, const double *points, int64_t count, double *values) {
  const int64_t width = (dimension + 1) * COBRE_CUT_LANES;
  int64_t point = 0;
  for (; point + POINTS <= count; point += POINTS) {
    const double *x = points + point * dimension;
    lanes best[POINTS];
    for (int p = 0; p < POINTS; p++) best[p] = (lanes){} + values[point + p];
    for (int64_t block = 0; block < block_count; block++) {
      const lanes *row = (const lanes *)(blocks + block * width);
      lanes height0 = row[0], height1 = row[0], height2 = row[0], height3 = row[0];
      for (int64_t j = 0; j < dimension; j++) {
        const lanes slope = row[1 + j];
        height0 += slope * x[j];
        height1 += slope * x[dimension + j];
        height2 += slope * x[2 * dimension + j];
        height3 += slope * x[3 * dimension + j];
      }
      best[0] = LARGER(height0, best[0]);
      best[1] = LARGER(height1, best[1]);
      best[2] = LARGER(height2, best[2]);
      best[3] = LARGER(height3, best[3]);
    }
    for (int p = 0; p < POINTS; p++) {
      double most = best[p][0];
      for (int lane = 1; lane < COBRE_CUT_LANES; lane++) most = best[p][lane] > most ? best[p][lane] : most;
      values[point + p] = most;
    }
  }
  for (; point < count; point++) {
    const double *x = points + point * dimension;
    lanes best = (lanes){} + values[point];
    for (int64_t block = 0; block < block_count; block++) {
      const lanes *row = (const lanes *)(blocks + block * width);
      lanes height = row[0];
      for (int64_t j = 0; j < dimension; j++) height += row[1 + j] * x[j];
      best = LARGER(height, best);
    }
    double most = best[0];
    for (int lane = 1; lane < COBRE_CUT_LANES; lane++) most = best[lane] > most ? best[lane] : most;
    values[point] = most;
  }
}

CLONES int64_t cobre_cut_exceeding(
    const double *intercepts, const double *slopes, int64_t first, int64_t block_count, int64_t dimension,
    const double *point, double bar, double *values) {
  const lanes *tops = (const lanes *)intercepts, *rows = (const lanes *)slopes;
  int64_t block = first;
  // Four at a time, whose sums do not wait for each other.
  for (; block + 4 <= block_count; block += 4) {
    const lanes *row0 = rows + block * dimension, *row1 = row0 + dimension;
    const lanes *row2 = row1 + dimension, *row3 = row2 + dimension;
    lanes height0 = tops[block], height1 = tops[block + 1], height2 = tops[block + 2], height3 = tops[block + 3];
    for (int64_t j = 0; j < dimension; j++) {
      const double x = point[j];
      height0 += row0[j] * x;
      height1 += row1[j] * x;
      height2 += row2[j] * x;
      height3 += row3[j] * x;
    }
    if (!ANY((height0 > bar) | (height1 > bar) | (height2 > bar) | (height3 > bar))) continue;
    if (ANY(height0 > bar)) return *(lanes *)values = height0, block;
    if (ANY(height1 > bar)) return *(lanes *)values = height1, block + 1;
    if (ANY(height2 > bar)) return *(lanes *)values = height2, block + 2;
    return *(lanes *)values = height3, block + 3;
  }
  for (; block < block_count; block++) {
    const lanes *row = rows + block * dimension;
    lanes height = tops[block];
    for (int64_t j = 0; j < dimension; j++) height += row[j] * point[j];
    if (ANY(height > bar)) return *(lanes *)values = height, block;
  }
  return block_count;
}

CLONES void cobre_cut_values(
    const double *intercepts, const double *slopes, int64_t block_count, int64_t dimension, const double *point,
    double *values) {
  for (int64_t block = 0; block < block_count; block++) {
    const lanes *row = (const lanes *)(slopes + block * dimension * COBRE_CUT_LANES);
    lanes height = *(const lanes *)(intercepts + block * COBRE_CUT_LANES);
    for (int64_t j = 0; j < dimension; j++) height += row[j] * point[j];
    *(lanes *)(values + block * COBRE_CUT_LANES) = height;
  }
}
