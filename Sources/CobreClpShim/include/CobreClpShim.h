// A C interface to ClpSimplex with only what stage LPs need. Every pointer handed out is valid until the next call that
// loads, adds rows or destroys.
#ifndef COBRE_CLP_SHIM_H
#define COBRE_CLP_SHIM_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cobre_clp cobre_clp;

/// An objective coefficient, an entry of the matrix, a bound.
enum { COBRE_CLP_LARGE_COST = 2, COBRE_CLP_LARGE_ENTRY = 3, COBRE_CLP_NO_BOUND = 4 };

cobre_clp *cobre_clp_create(double primal_tolerance, double dual_tolerance);
void cobre_clp_destroy(cobre_clp *lp);
/// Frees the simplex object. Only `cobre_clp_load` and `cobre_clp_destroy` may follow.
void cobre_clp_unload(cobre_clp *lp);
/// Discards the simplex object and builds a new one, so that nothing solved before can leak into the bits of what is
/// solved next. Column-major matrix. Bounds beyond 1e30 count as infinite. 0, or -1 if memory ran out, or a
/// COBRE_CLP_LARGE code if a value is NaN or too large, for which Clp would end the process. Then nothing is loaded.
int cobre_clp_load(cobre_clp *lp, int columns, int rows, const int *starts, const int *indices, const double *values,
                   const double *column_lower, const double *column_upper, const double *objective,
                   const double *row_lower, const double *row_upper);
/// Appends rows given row-major. They enter the basis as basic. Codes as for `cobre_clp_load`.
int cobre_clp_add_rows(cobre_clp *lp, int count, const double *lower, const double *upper, const int *starts,
                       const int *columns, const double *values);

/// Status bytes of Clp: 0 free, 1 basic, 2 at upper, 3 at lower, 4 superbasic, 5 fixed. Columns first, then rows.
void cobre_clp_set_status(cobre_clp *lp, const unsigned char *status);
const unsigned char *cobre_clp_status(const cobre_clp *lp);

/// Start of a solve: 0 everything again, 1 keep work areas afterwards, 7 also start from the current factorisation.
/// Returns 0 when optimal and clean, otherwise status * 100 + secondaryStatus, where status is 0 optimal, 1 infeasible,
/// 2 unbounded, 3 stopped, 4 errors.
int cobre_clp_dual(cobre_clp *lp, int start);
int cobre_clp_primal(cobre_clp *lp);
/// Puts every row into the basis.
void cobre_clp_slack_basis(cobre_clp *lp);
void cobre_clp_set_scaling(cobre_clp *lp, int mode);
/// Pivots after which a solve stops with status 3, for the solves that follow; 0 for a limit that follows the size of
/// the program, as at first.
void cobre_clp_limit_pivots(cobre_clp *lp, int pivots);
/// For the solves that follow, until the next load.
void cobre_clp_set_tolerances(cobre_clp *lp, double primal, double dual);

/// Bounds, which may be changed in place, and the last solution.
typedef struct {
  double *row_lower, *row_upper, *column_lower, *column_upper;
  const double *column_values, *row_duals;
} cobre_clp_arrays;
cobre_clp_arrays cobre_clp_get_arrays(const cobre_clp *lp);
int cobre_clp_write_mps(cobre_clp *lp, const char *path);

#ifdef __cplusplus
}
#endif
#endif
