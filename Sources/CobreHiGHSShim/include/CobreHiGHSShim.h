// A C interface to one HiGHS object with what stage LPs need. It does not include HiGHS's headers, so that programs
// built without the library can use it too. Statuses of columns and rows are translated to the bytes that Clp uses,
// which are the engine's: 0 free, 1 basic, 2 at upper, 3 at lower, 5 fixed. Every pointer handed out is valid until the
// next call that loads, adds rows or destroys.
#ifndef COBRE_HIGHS_SHIM_H
#define COBRE_HIGHS_SHIM_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cobre_highs cobre_highs;

/// 1 if this was built with HiGHS. Without it the functions below are never to be called, but for `create`.
int cobre_highs_is_built(void);
/// NULL where memory ran out or this was built without HiGHS.
cobre_highs *cobre_highs_create(double primal_tolerance, double dual_tolerance);
void cobre_highs_destroy(cobre_highs *lp);

/// Loads an LP and forgets everything of the previous one, so that nothing solved before can leak into the bits of what
/// is solved next. Column-major matrix. 0, or 1 if memory ran out.
int cobre_highs_load(cobre_highs *lp, int columns, int rows, const int *starts, const int *indices,
                     const double *values, const double *column_lower, const double *column_upper,
                     const double *objective, const double *row_lower, const double *row_upper);
/// Appends rows given row-major. They enter the basis as basic. 0, or 1 if memory ran out.
int cobre_highs_add_rows(cobre_highs *lp, int count, const double *lower, const double *upper, const int *starts,
                         const int *columns, const double *values);

/// Frees the memory of the current LP. The next call is to load another one.
void cobre_highs_unload(cobre_highs *lp);

/// Columns first, then rows. A basis with too few or too many basic members is completed by a fixed rule.
void cobre_highs_set_status(cobre_highs *lp, const unsigned char *status);
const unsigned char *cobre_highs_status(const cobre_highs *lp);

/// Modes of a solve, in the order in which a failed solve is retried: from the end of the last one, from scratch, from
/// scratch with presolve, by the primal method, from scratch with HiGHS's own scaling, and with its own tolerances.
enum {
  COBRE_HIGHS_PLAIN = 0,
  COBRE_HIGHS_CLEAR = 1,
  COBRE_HIGHS_PRESOLVE = 2,
  COBRE_HIGHS_PRIMAL = 3,
  COBRE_HIGHS_SCALED = 4,
  COBRE_HIGHS_LOOSE = 5
};
/// 0 when optimal, feasible within 1e-6 and with equal primal and dual objectives within 1e-7, otherwise 100 times 1 infeasible, 2 unbounded, 4 anything else, plus the
/// library's status.
int cobre_highs_solve(cobre_highs *lp, int manner);

/// Bounds, which may be changed in place (the next solve passes changes on), and the last solution.
typedef struct {
  double *row_lower, *row_upper, *column_lower, *column_upper;
  const double *column_values, *row_duals;
} cobre_highs_arrays;
cobre_highs_arrays cobre_highs_get_arrays(cobre_highs *lp);
/// By how much the primal objective of the last solve exceeds the dual one, which no optimum is below.
double cobre_highs_duality_gap(const cobre_highs *lp);
int cobre_highs_write_mps(cobre_highs *lp, const char *path);

#ifdef __cplusplus
}
#endif
#endif
