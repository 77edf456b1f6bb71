// A dual simplex for linear programs that are solved again and again with other bounds and a few more rows. Every
// pointer handed out is valid until the next call that loads, adds rows or destroys.
#ifndef COBRE_SIMPLEX_H
#define COBRE_SIMPLEX_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cobre_simplex cobre_simplex;

/// 1 if this processor has the instructions that the code was built for.
int cobre_simplex_is_supported(void);

/// Null where memory ran out.
cobre_simplex *cobre_simplex_create(double primal_tolerance, double dual_tolerance);
void cobre_simplex_destroy(cobre_simplex *lp);
/// Rows up to which a loaded LP is solved with a dense inverse, and rows, added ones included, up to which it stays so.
/// Larger ones are solved with sparse factors.
enum { COBRE_SIMPLEX_DENSE_ROWS = 800, COBRE_SIMPLEX_MOST_DENSE_ROWS = 1000 };
/// Sets the first of these limits for the LPs that are loaded from now on; for tests.
void cobre_simplex_set_dense_rows(cobre_simplex *lp, int rows);
/// Frees the arrays. Only `cobre_simplex_load` and `cobre_simplex_destroy` may follow.
void cobre_simplex_unload(cobre_simplex *lp);

/// Loads an LP with a column-major matrix. Bounds beyond 1e30 count as infinite. Nothing of the previous LP is kept. 0,
/// or -1 if memory ran out.
int cobre_simplex_load(cobre_simplex *lp, int columns, int rows, const int *starts, const int *indices,
                       const double *values, const double *column_lower, const double *column_upper,
                       const double *objective, const double *row_lower, const double *row_upper);
/// Appends rows given row-major. They enter the basis as basic. 0, or -1 if memory ran out.
int cobre_simplex_add_rows(cobre_simplex *lp, int count, const double *lower, const double *upper, const int *starts,
                           const int *columns, const double *values);

/// Statuses coded as Clp's: 0 free, 1 basic, 2 at upper, 3 at lower, 4 superbasic, 5 fixed. Columns first, then rows.
void cobre_simplex_set_status(cobre_simplex *lp, const unsigned char *status);
const unsigned char *cobre_simplex_status(const cobre_simplex *lp);

/// The result of a solve. If there is no optimum, the last point is unchecked and another solver must decide, except if
/// bounds contradict each other or the LP contains NaN.
enum {
  COBRE_SIMPLEX_OPTIMAL = 0,
  COBRE_SIMPLEX_INFEASIBLE = 100,
  /// A lower bound is above its upper one, or a bound leaves no finite value.
  COBRE_SIMPLEX_CONTRADICTORY = 101,
  COBRE_SIMPLEX_UNBOUNDED = 200,
  /// The limit of pivots was reached.
  COBRE_SIMPLEX_STOPPED = 300,
  /// No accurate basis was found.
  COBRE_SIMPLEX_INACCURATE = 400,
  /// A bound is not a number, or a cost or an element is not finite.
  COBRE_SIMPLEX_INVALID = 500
};
int cobre_simplex_solve(cobre_simplex *lp);

/// Takes over point, duals and basis of another solver for the current LP.
void cobre_simplex_adopt(cobre_simplex *lp, const double *column_values, const double *row_duals,
                         const unsigned char *status);

/// The current LP with the added rows, and the last solution. Bounds may be changed in place.
typedef struct {
  int columns, rows;
  const int *starts, *indices;
  const double *values, *objective;
  double *row_lower, *row_upper, *column_lower, *column_upper;
  const double *column_values, *row_duals;
} cobre_simplex_arrays;
cobre_simplex_arrays cobre_simplex_get_arrays(const cobre_simplex *lp);

/// Since the solver was created.
typedef struct {
  long long solves, pivots, factorisations, refinements;
} cobre_simplex_counts;
cobre_simplex_counts cobre_simplex_get_counts(const cobre_simplex *lp);

#ifdef __cplusplus
}
#endif
#endif
