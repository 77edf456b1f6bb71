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

// The first block from `first` on in which a function exceeds `bar` at a point, or `block_count` where none does; the values
// of the block go to `values`, 8 of them.
//
// Here intercepts and slopes lie apart: 8 intercepts of each block, and 8 slopes of each block and component. The bits of the
// values are those of the plain loop too.
int64_t cobre_cut_exceeding(
    const double *intercepts, const double *slopes, int64_t first, int64_t block_count, int64_t dimension,
    const double *point, double bar, double *values);

// Writes the values of all functions of such blocks at a point.
void cobre_cut_values(
    const double *intercepts, const double *slopes, int64_t block_count, int64_t dimension, const double *point,
    double *values);

#endif
