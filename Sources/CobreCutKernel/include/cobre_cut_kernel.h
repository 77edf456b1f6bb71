// The largest of many linear functions at many points, as fast as the processor allows.
#ifndef COBRE_CUT_KERNEL_H
#define COBRE_CUT_KERNEL_H

#include <stdint.h>

// Functions are laid out in blocks of this many: 8 intercepts, then 8 slopes for each component.
#define COBRE_CUT_LANES 8

// values[p] = max(values[p], max over functions of intercept + sum_j slope_j * point_j) for `count` points, row by row.
//
// Terms are added in the order of the components, without fused operations, so the bits are those of the plain loop. Blocks
// are padded with intercepts of minus infinity.
void cobre_cut_maximum(
    const double *blocks, int64_t block_count, int64_t dimension, const double *points, int64_t count, double *values);

#endif
