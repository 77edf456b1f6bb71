#include "CobreHiGHSShim.h"

#ifdef COBRE_HIGHS

#include <interfaces/highs_c_api.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <vector>

namespace {
// A pair of bounds as the caller edits them and as the library has them.
struct Bounds {
  std::vector<double> lower, upper, known_lower, known_upper;

  void reset(int count, const double *lowers, const double *uppers) {
    lower.assign(lowers, lowers + count);
    upper.assign(uppers, uppers + count);
    known_lower = lower;
    known_upper = upper;
  }
  void append(int count, const double *lowers, const double *uppers) {
    for (auto *list : {&lower, &known_lower}) list->insert(list->end(), lowers, lowers + count);
    for (auto *list : {&upper, &known_upper}) list->insert(list->end(), uppers, uppers + count);
  }
};

using Change = HighsInt (*)(void *, const HighsInt, const HighsInt *, const double *, const double *);

// Exceptions must not cross into Swift.
template <typename Body>
int guarded(Body body) {
  try {
    return body();
  } catch (...) {
    return 1;
  }
}
}  // namespace

struct cobre_highs {
  void *model;
  double primal_tolerance, dual_tolerance;
  int column_count = 0;
  Bounds columns, rows;
  std::vector<double> values, duals, costs, reduced_costs;
  double duality_gap = 0;
  std::vector<HighsInt> column_status, row_status;
  mutable std::vector<unsigned char> status;
  // Scratch for what has changed.
  std::vector<HighsInt> changed;
  std::vector<double> changed_lower, changed_upper;

  int row_count() const { return static_cast<int>(rows.lower.size()); }

  void hand_over(Bounds &bounds, Change change) {
    changed.clear();
    changed_lower.clear();
    changed_upper.clear();
    for (size_t index = 0; index < bounds.lower.size(); ++index) {
      if (bounds.lower[index] == bounds.known_lower[index] && bounds.upper[index] == bounds.known_upper[index]) continue;
      changed.push_back(static_cast<HighsInt>(index));
      changed_lower.push_back(bounds.known_lower[index] = bounds.lower[index]);
      changed_upper.push_back(bounds.known_upper[index] = bounds.upper[index]);
    }
    if (changed.empty()) return;
    change(model, static_cast<HighsInt>(changed.size()), changed.data(), changed_lower.data(), changed_upper.data());
  }

  void set_tolerances(double primal, double dual) {
    Highs_setDoubleOptionValue(model, "primal_feasibility_tolerance", primal);
    Highs_setDoubleOptionValue(model, "dual_feasibility_tolerance", dual);
  }

  // Adds what the dual of a bound gives to the dual objective. A dual that is 0 but for the tolerance may be at a bound that
  // does not exist.
  static void add_bound(double dual, double lower, double upper, double &sum, double &size) {
    const double bound = dual > 0 ? lower : upper;
    if (dual == 0 || !std::isfinite(bound)) return;
    sum += dual * bound;
    size += std::fabs(dual * bound);
  }

  // Warm starts have ended "optimal" at slightly dearer points (HiGHS issues 3194 and 3294). By weak duality the dual objective
  // lies below the optimum whatever the point is, so a cut takes that, and a point that is dearer by more than the tolerances
  // explain counts as not solved.
  bool is_optimal(double tolerance) {
    double primal = 0, dual = 0, size = 0;
    for (int column = 0; column < column_count; ++column) {
      primal += costs[column] * values[column];
      size += std::fabs(costs[column] * values[column]);
      add_bound(reduced_costs[column], columns.lower[column], columns.upper[column], dual, size);
    }
    for (int row = 0; row < row_count(); ++row) add_bound(duals[row], rows.lower[row], rows.upper[row], dual, size);
    duality_gap = primal - dual;
    return std::fabs(duality_gap) <= tolerance * std::max(1.0, std::fabs(primal)) + 1e-11 * size;
  }

  void hand_over() {
    hand_over(columns, Highs_changeColsBoundsBySet);
    hand_over(rows, Highs_changeRowsBoundsBySet);
  }
};

namespace {
unsigned char coded(HighsInt status, double lower, double upper) {
  if (status == kHighsBasisStatusBasic) return 1;
  if (lower == upper) return 5;
  if (status == kHighsBasisStatusUpper) return 2;
  return status == kHighsBasisStatusZero ? 0 : 3;
}

// Programs without rows or columns have no arrays, and callers need something to point at.
double *present(std::vector<double> &array) {
  static double nothing = 0;
  return array.empty() ? &nothing : array.data();
}

HighsInt decoded(unsigned char status, double lower, double upper) {
  if (status == 1) return kHighsBasisStatusBasic;
  const bool has_lower = std::isfinite(lower), has_upper = std::isfinite(upper);
  if (!has_lower && !has_upper) return kHighsBasisStatusZero;
  if (status == 2) return has_upper ? kHighsBasisStatusUpper : kHighsBasisStatusLower;
  return has_lower ? kHighsBasisStatusLower : kHighsBasisStatusUpper;
}
}  // namespace

extern "C" {

int cobre_highs_is_built(void) { return 1; }
cobre_highs *cobre_highs_create(double primal_tolerance, double dual_tolerance) {
  auto *lp = new (std::nothrow) cobre_highs;
  if (!lp) return nullptr;
  lp->model = nullptr;
  lp->primal_tolerance = primal_tolerance;
  lp->dual_tolerance = dual_tolerance;
  const int code = guarded([&] {
    lp->model = Highs_create();
    return lp->model ? 0 : 1;
  });
  if (code != 0) {
    delete lp;
    return nullptr;
  }
  void *model = lp->model;
  Highs_setBoolOptionValue(model, "output_flag", 0);
  Highs_setStringOptionValue(model, "presolve", "off");
  Highs_setStringOptionValue(model, "parallel", "off");
  Highs_setStringOptionValue(model, "solver", "simplex");
  Highs_setIntOptionValue(model, "threads", 1);
  Highs_setIntOptionValue(model, "simplex_strategy", 1);
  // Stage LPs are scaled already. Perturbation would make the bits depend on what was solved before.
  Highs_setIntOptionValue(model, "simplex_scale_strategy", 0);
  Highs_setDoubleOptionValue(model, "dual_simplex_cost_perturbation_multiplier", 0);
  lp->set_tolerances(primal_tolerance, dual_tolerance);
  return lp;
}

void cobre_highs_destroy(cobre_highs *lp) {
  if (!lp) return;
  Highs_destroy(lp->model);
  delete lp;
}

int cobre_highs_load(cobre_highs *lp, int columns, int rows, const int *starts, const int *indices,
                     const double *values, const double *column_lower, const double *column_upper,
                     const double *objective, const double *row_lower, const double *row_upper) {
  return guarded([&] {
    lp->column_count = columns;
    lp->columns.reset(columns, column_lower, column_upper);
    lp->rows.reset(rows, row_lower, row_upper);
    lp->values.assign(columns, 0);
    lp->duals.assign(rows, 0);
    lp->costs.assign(objective, objective + columns);
    lp->reduced_costs.assign(columns, 0);
    lp->duality_gap = 0;
    lp->column_status.assign(columns, kHighsBasisStatusLower);
    lp->row_status.assign(rows, kHighsBasisStatusBasic);
    Highs_clearSolver(lp->model);
    // Warnings are of no account: small coefficients are left out by the library's own rule.
    const HighsInt code =
        Highs_passLp(lp->model, columns, rows, starts[columns], kHighsMatrixFormatColwise, kHighsObjSenseMinimize, 0,
                     objective, column_lower, column_upper, row_lower, row_upper, starts, indices, values);
    return code == kHighsStatusError ? 1 : 0;
  });
}

int cobre_highs_add_rows(cobre_highs *lp, int count, const double *lower, const double *upper, const int *starts,
                         const int *columns, const double *values) {
  return guarded([&] {
    lp->hand_over();
    const HighsInt code = Highs_addRows(lp->model, count, lower, upper, starts[count], starts, columns, values);
    if (code == kHighsStatusError) return 1;
    lp->rows.append(count, lower, upper);
    lp->duals.resize(lp->duals.size() + count, 0);
    lp->row_status.resize(lp->row_status.size() + count, kHighsBasisStatusBasic);
    return 0;
  });
}

void cobre_highs_unload(cobre_highs *lp) {
  guarded([&] {
    Highs_clearModel(lp->model);
    lp->column_count = 0;
    lp->columns = Bounds();
    lp->rows = Bounds();
    return 0;
  });
}

void cobre_highs_set_status(cobre_highs *lp, const unsigned char *status) {
  guarded([&] {
    const int rows = lp->row_count();
    int basic = 0;
    for (int column = 0; column < lp->column_count; ++column) {
      lp->column_status[column] = decoded(status[column], lp->columns.lower[column], lp->columns.upper[column]);
      basic += status[column] == 1;
    }
    for (int row = 0; row < rows; ++row) {
      const unsigned char code = status[lp->column_count + row];
      lp->row_status[row] = decoded(code, lp->rows.lower[row], lp->rows.upper[row]);
      basic += code == 1;
    }
    // Rows leave from the end, or enter from the start, until the number is right. Then columns leave.
    for (int row = rows - 1; row >= 0 && basic > rows; --row) {
      if (lp->row_status[row] != kHighsBasisStatusBasic) continue;
      lp->row_status[row] = decoded(3, lp->rows.lower[row], lp->rows.upper[row]);
      --basic;
    }
    for (int column = lp->column_count - 1; column >= 0 && basic > rows; --column) {
      if (lp->column_status[column] != kHighsBasisStatusBasic) continue;
      lp->column_status[column] = decoded(3, lp->columns.lower[column], lp->columns.upper[column]);
      --basic;
    }
    for (int row = 0; row < rows && basic < rows; ++row) {
      if (lp->row_status[row] == kHighsBasisStatusBasic) continue;
      lp->row_status[row] = kHighsBasisStatusBasic;
      ++basic;
    }
    Highs_setBasis(lp->model, lp->column_status.data(), lp->row_status.data());
    return 0;
  });
}

const unsigned char *cobre_highs_status(const cobre_highs *lp) {
  guarded([&] {
    auto *own = const_cast<cobre_highs *>(lp);
    const int rows = lp->row_count();
    Highs_getBasis(lp->model, own->column_status.data(), own->row_status.data());
    lp->status.resize(lp->column_count + rows);
    for (int column = 0; column < lp->column_count; ++column) {
      lp->status[column] = coded(lp->column_status[column], lp->columns.lower[column], lp->columns.upper[column]);
    }
    for (int row = 0; row < rows; ++row) {
      lp->status[lp->column_count + row] = coded(lp->row_status[row], lp->rows.lower[row], lp->rows.upper[row]);
    }
    return 0;
  });
  return lp->status.data();
}

int cobre_highs_solve(cobre_highs *lp, int manner) {
  const int code = guarded([&] {
    lp->hand_over();
    if (manner != COBRE_HIGHS_PLAIN) Highs_clearSolver(lp->model);
    if (manner == COBRE_HIGHS_PRESOLVE) Highs_setStringOptionValue(lp->model, "presolve", "on");
    if (manner == COBRE_HIGHS_PRIMAL) Highs_setIntOptionValue(lp->model, "simplex_strategy", 4);
    if (manner == COBRE_HIGHS_SCALED) Highs_setIntOptionValue(lp->model, "simplex_scale_strategy", 2);
    if (manner == COBRE_HIGHS_LOOSE) lp->set_tolerances(1e-7, 1e-7);
    const HighsInt result = Highs_run(lp->model);
    if (manner == COBRE_HIGHS_LOOSE) lp->set_tolerances(lp->primal_tolerance, lp->dual_tolerance);
    if (manner == COBRE_HIGHS_PRESOLVE) Highs_setStringOptionValue(lp->model, "presolve", "off");
    if (manner == COBRE_HIGHS_PRIMAL) Highs_setIntOptionValue(lp->model, "simplex_strategy", 1);
    if (manner == COBRE_HIGHS_SCALED) Highs_setIntOptionValue(lp->model, "simplex_scale_strategy", 0);
    const HighsInt status = Highs_getModelStatus(lp->model);
    if (status == kHighsModelStatusInfeasible || status == kHighsModelStatusUnboundedOrInfeasible) return 100 + (int)status;
    if (status == kHighsModelStatusUnbounded) return 200 + (int)status;
    if (result == kHighsStatusError || status != kHighsModelStatusOptimal) return 400 + (int)status;
    // Points were called optimal that violate nearly parallel rows.
    double primal = 0, dual = 0;
    Highs_getDoubleInfoValue(lp->model, "max_primal_infeasibility", &primal);
    Highs_getDoubleInfoValue(lp->model, "max_dual_infeasibility", &dual);
    if (!(primal <= 1e-6) || !(dual <= 1e-6)) return 450 + (int)status;
    // Read at once: a later change of the program clears it.
    Highs_getSolution(lp->model, lp->values.data(), lp->reduced_costs.data(), nullptr, lp->duals.data());
    return lp->is_optimal(manner == COBRE_HIGHS_LOOSE ? 1e-5 : 1e-7) ? 0 : 460 + (int)status;
  });
  return code == 1 ? 499 : code;
}

cobre_highs_arrays cobre_highs_get_arrays(cobre_highs *lp) {
  return {present(lp->rows.lower),    present(lp->rows.upper), present(lp->columns.lower),
          present(lp->columns.upper), present(lp->values),     present(lp->duals)};
}

double cobre_highs_duality_gap(const cobre_highs *lp) { return lp->duality_gap; }

int cobre_highs_write_mps(cobre_highs *lp, const char *path) {
  return guarded([&] {
    lp->hand_over();
    return Highs_writeModel(lp->model, path) == kHighsStatusError ? 1 : 0;
  });
}
}

#else

// Built without HiGHS: no object can exist, so nothing below is ever called with one.
extern "C" {
int cobre_highs_is_built(void) { return 0; }
cobre_highs *cobre_highs_create(double, double) { return nullptr; }
void cobre_highs_destroy(cobre_highs *) {}
int cobre_highs_load(cobre_highs *, int, int, const int *, const int *, const double *, const double *, const double *,
                     const double *, const double *, const double *) {
  return 1;
}
int cobre_highs_add_rows(cobre_highs *, int, const double *, const double *, const int *, const int *, const double *) {
  return 1;
}
void cobre_highs_unload(cobre_highs *) {}
void cobre_highs_set_status(cobre_highs *, const unsigned char *) {}
const unsigned char *cobre_highs_status(const cobre_highs *) { return nullptr; }
int cobre_highs_solve(cobre_highs *, int) { return 499; }
cobre_highs_arrays cobre_highs_get_arrays(cobre_highs *) {
  static double nothing = 0;
  return {&nothing, &nothing, &nothing, &nothing, &nothing, &nothing};
}
double cobre_highs_duality_gap(const cobre_highs *) { return 0; }
int cobre_highs_write_mps(cobre_highs *, const char *) { return 1; }
}

#endif
