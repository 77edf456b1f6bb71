#include "CobreSimplex.h"

#include <new>

#include "SparseSimplex.hpp"

struct cobre_simplex {
  cobre::Simplex dense;
  cobre::SparseSimplex sparse;
  int dense_rows = COBRE_SIMPLEX_DENSE_ROWS;
  /// The one that holds the LP.
  cobre::Simplex *current = &dense;

  cobre_simplex(double primal_tolerance, double dual_tolerance)
      : dense(primal_tolerance, dual_tolerance), sparse(primal_tolerance, dual_tolerance) {}

  /// Moves an LP that has grown.
  void turn_sparse() {
    const cobre_simplex_arrays lp = dense.arrays();
    sparse.load(lp.columns, lp.rows, lp.starts, lp.indices, lp.values, lp.column_lower, lp.column_upper, lp.objective,
                lp.row_lower, lp.row_upper);
    sparse.setStatus(dense.status());
    dense.release();
    current = &sparse;
  }
};

namespace {
// Exceptions must not cross into Swift.
template <typename Body>
int guarded(Body body) {
  try {
    return body();
  } catch (...) {
    return -1;
  }
}
}  // namespace

extern "C" {

int cobre_simplex_is_supported(void) {
#ifdef __x86_64__
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi");
#else
  return 1;
#endif
}

cobre_simplex *cobre_simplex_create(double primal_tolerance, double dual_tolerance) {
  return new (std::nothrow) cobre_simplex(primal_tolerance, dual_tolerance);
}

void cobre_simplex_destroy(cobre_simplex *lp) { delete lp; }

void cobre_simplex_set_dense_rows(cobre_simplex *lp, int rows) { lp->dense_rows = rows; }

void cobre_simplex_unload(cobre_simplex *lp) {
  lp->dense.release();
  lp->sparse.release();
}

int cobre_simplex_load(cobre_simplex *lp, int columns, int rows, const int *starts, const int *indices,
                       const double *values, const double *column_lower, const double *column_upper,
                       const double *objective, const double *row_lower, const double *row_upper) {
  return guarded([&] {
    cobre::Simplex *next = &lp->dense;
    if (rows > lp->dense_rows) next = &lp->sparse;
    if (next != lp->current) lp->current->release();
    lp->current = next;
    lp->current->load(columns, rows, starts, indices, values, column_lower, column_upper, objective, row_lower,
                      row_upper);
    return 0;
  });
}

int cobre_simplex_add_rows(cobre_simplex *lp, int count, const double *lower, const double *upper, const int *starts,
                           const int *columns, const double *values) {
  return guarded([&] {
    const bool is_dense = lp->current == &lp->dense;
    if (is_dense && lp->dense.arrays().rows + count > COBRE_SIMPLEX_MOST_DENSE_ROWS) lp->turn_sparse();
    lp->current->addRows(count, lower, upper, starts, columns, values);
    return 0;
  });
}

void cobre_simplex_set_status(cobre_simplex *lp, const unsigned char *status) { lp->current->setStatus(status); }
const unsigned char *cobre_simplex_status(const cobre_simplex *lp) { return lp->current->status(); }

int cobre_simplex_solve(cobre_simplex *lp) {
  return guarded([&] { return lp->current->solve(); });
}

void cobre_simplex_adopt(cobre_simplex *lp, const double *column_values, const double *row_duals,
                         const unsigned char *status) {
  lp->current->adopt(column_values, row_duals, status);
}

cobre_simplex_arrays cobre_simplex_get_arrays(const cobre_simplex *lp) {
  return lp->current->arrays();
}

cobre_simplex_counts cobre_simplex_get_counts(const cobre_simplex *lp) { return lp->current->counts; }
}
