#include "CobreClpShim.h"

#include <ClpDualRowDantzig.hpp>
#include <ClpDualRowSteepest.hpp>
#include <ClpFactorization.hpp>
#include <ClpSimplex.hpp>
#include <algorithm>
#include <cmath>
#include <new>

struct cobre_clp {
  ClpSimplex *model;
  double primal_tolerance;
  double dual_tolerance;
  int pivot_limit;
};

namespace {
// Exceptions of CoinUtils must not cross into Swift.
template <typename Body>
int guarded(Body body) {
  try {
    return body();
  } catch (...) {
    return -1;
  }
}

// Message texts are the dearest part of a new object: made once, then copied as a block.
struct Texts {
  CoinMessages clp;
  CoinMessages coin;
  Texts() {
    ClpSimplex model;
    clp = model.messages();
    coin = model.coinMessages();
  }
};

const Texts &texts() {
  static const Texts shared;
  return shared;
}

// In a solve of a few pivots Clp spends most of the time on checks around them. 128: no check of the matrix, which is
// ours. 4096: no second check of a confirmed optimum. Not 2048, which confirms an optimum without a new factorisation:
// it led to wrong bounds.
constexpr unsigned int short_cuts = 128 | 4096;

// Up to this many rows the largest infeasibility leaves the basis. Steepest edge saves pivots but computes the norms of
// all rows at the start of every solve, which takes longer than the few pivots of a warm start: measured, a sixth more
// time at 93 rows, the same at 186, a third less at 486. Larger LPs begin with norms of 1, which proved as good as
// exact ones.
constexpr int most_rows_without_norms = 150;
constexpr int norms_of_one = 0;
// Room for so many pivots between factorisations is made, and cleared, at each of them. More are as good as never
// needed.
constexpr int pivots_of_small_programs = 60;

// Clp can exchange the same columns for ever where an LP is at the edge of its tolerances. No solve that ends needs
// nearly as many pivots; one that is stopped here goes to the next attempt like any other that failed. A count, not a
// time, so that it stops at the same place everywhere.
void limit_pivots(const cobre_clp *lp) {
  const int size = std::min(10000000, lp->model->numberRows() + lp->model->numberColumns());
  lp->model->setMaximumIterations(lp->pivot_limit > 0 ? lp->pivot_limit : 20000 + 20 * size);
}

// Programs without rows or columns have no arrays, and callers need something to point at.
double nothing = 0;
double *present(double *array) { return array ? array : &nothing; }

// Beyond this size Clp calls feasible LPs infeasible, and for still larger numbers it ends the process.
constexpr double largest = 1e19;

bool all_below_largest(const double *values, long count) {
  bool result = true;
  // Not an early exit: without it the loop is vectorised, and NaN compares false.
  for (long k = 0; k < count; ++k) result &= values[k] < largest && values[k] > -largest;
  return result;
}

bool all_numbers(const double *values, long count) {
  bool result = true;
  for (long k = 0; k < count; ++k) result &= values[k] == values[k];
  return result;
}

int outcome(const ClpSimplex *model) { return model->status() * 100 + model->secondaryStatus(); }

// Codes of outcomes, the same as Clp's when it finds them itself.
constexpr int contradictory_bounds = 106;
constexpr int no_numbers = 405;

// With the short cuts Clp accepts a column with contradictory bounds, and it always accepts NaN as a bound. Returns 0
// for bounds that make sense.
int verdict(const double *lower, const double *upper, int count, double tolerance) {
  int code = 0;
  for (int index = 0; index < count; ++index) {
    if (lower[index] <= upper[index]) continue;
    if (std::isnan(lower[index]) || std::isnan(upper[index])) return no_numbers;
    const double allowed = tolerance * std::max(1.0, 1e-3 * std::fabs(upper[index]));
    if (lower[index] > upper[index] + allowed) code = contradictory_bounds;
  }
  return code;
}

int verdict(const ClpSimplex *model) {
  const double tolerance = model->primalTolerance();
  const int rows = verdict(model->rowLower(), model->rowUpper(), model->numberRows(), tolerance);
  return rows ? rows : verdict(model->columnLower(), model->columnUpper(), model->numberColumns(), tolerance);
}
}  // namespace

extern "C" {

cobre_clp *cobre_clp_create(double primal_tolerance, double dual_tolerance) {
  return new (std::nothrow) cobre_clp{nullptr, primal_tolerance, dual_tolerance, 0};
}

void cobre_clp_destroy(cobre_clp *lp) {
  if (!lp) return;
  delete lp->model;
  delete lp;
}

void cobre_clp_unload(cobre_clp *lp) {
  delete lp->model;
  lp->model = nullptr;
}

int cobre_clp_load(cobre_clp *lp, int columns, int rows, const int *starts, const int *indices, const double *values,
                   const double *column_lower, const double *column_upper, const double *objective,
                   const double *row_lower, const double *row_upper) {
  return guarded([&] {
    delete lp->model;
    lp->model = nullptr;
    if (!all_below_largest(objective, columns)) return int(COBRE_CLP_LARGE_COST);
    if (!all_below_largest(values, starts[columns])) return int(COBRE_CLP_LARGE_ENTRY);
    if (!all_numbers(column_lower, columns) || !all_numbers(column_upper, columns) || !all_numbers(row_lower, rows) ||
        !all_numbers(row_upper, rows))
      return int(COBRE_CLP_NO_BOUND);
    ClpSimplex *model = new ClpSimplex(true);
    lp->model = model;
    *model->messagesPointer() = texts().clp;
    *model->coinMessagesPointer() = texts().coin;
    model->setLogLevel(0);
    // Clp's own scaling returned wrong optima on stage LPs. Perturbation would make bits depend on chance.
    model->scaling(0);
    model->setPerturbation(100);
    model->setPrimalTolerance(lp->primal_tolerance);
    model->setDualTolerance(lp->dual_tolerance);
    if (rows <= most_rows_without_norms) {
      ClpDualRowDantzig pricing;
      model->setDualRowPivotAlgorithm(pricing);
      model->setFactorizationFrequency(pivots_of_small_programs);
    } else {
      ClpDualRowSteepest pricing(norms_of_one);
      model->setDualRowPivotAlgorithm(pricing);
    }
    // The factorisation keeps its arrays from one to the next.
    model->factorization()->setPersistenceFlag(1);
    model->loadProblem(columns, rows, starts, indices, values, column_lower, column_upper, objective, row_lower,
                       row_upper);
    return 0;
  });
}

int cobre_clp_add_rows(cobre_clp *lp, int count, const double *lower, const double *upper, const int *starts,
                       const int *columns, const double *values) {
  return guarded([&] {
    if (!all_below_largest(values, starts[count])) return int(COBRE_CLP_LARGE_ENTRY);
    if (!all_numbers(lower, count) || !all_numbers(upper, count)) return int(COBRE_CLP_NO_BOUND);
    lp->model->addRows(count, lower, upper, starts, columns, values);
    return 0;
  });
}

void cobre_clp_set_status(cobre_clp *lp, const unsigned char *status) {
  guarded([&] {
    lp->model->copyinStatus(status);
    return 0;
  });
}

const unsigned char *cobre_clp_status(const cobre_clp *lp) {
  // Bits above the status say what Clp did to a bound for the time of a solve. Equal statuses must be equal bytes.
  unsigned char *status = lp->model->statusArray();
  const int count = lp->model->numberColumns() + lp->model->numberRows();
  for (int index = 0; index < count; ++index) status[index] &= 7;
  return status;
}

int cobre_clp_dual(cobre_clp *lp, int start) {
  return guarded([&] {
    if (const int code = verdict(lp->model)) return code;
    // A solve from scratch follows a failure and takes no short cuts.
    lp->model->setSpecialOptions(start ? short_cuts : 0);
    limit_pivots(lp);
    lp->model->dual(0, start);
    return outcome(lp->model);
  });
}

int cobre_clp_primal(cobre_clp *lp) {
  return guarded([&] {
    if (const int code = verdict(lp->model)) return code;
    lp->model->setSpecialOptions(0);
    limit_pivots(lp);
    lp->model->primal(0, 0);
    return outcome(lp->model);
  });
}

void cobre_clp_slack_basis(cobre_clp *lp) {
  guarded([&] {
    lp->model->allSlackBasis(true);
    return 0;
  });
}

void cobre_clp_set_scaling(cobre_clp *lp, int mode) { lp->model->scaling(mode); }
void cobre_clp_limit_pivots(cobre_clp *lp, int pivots) { lp->pivot_limit = pivots; }

void cobre_clp_set_tolerances(cobre_clp *lp, double primal, double dual) {
  lp->model->setPrimalTolerance(primal);
  lp->model->setDualTolerance(dual);
}

cobre_clp_arrays cobre_clp_get_arrays(const cobre_clp *lp) {
  ClpSimplex *model = lp->model;
  if (!model) return {&nothing, &nothing, &nothing, &nothing, &nothing, &nothing};
  return {present(model->rowLower()),    present(model->rowUpper()),
          present(model->columnLower()), present(model->columnUpper()),
          present(model->primalColumnSolution()), present(model->dualRowSolution())};
}

int cobre_clp_write_mps(cobre_clp *lp, const char *path) {
  if (!lp->model) return 1;
  return guarded([&] { return lp->model->writeMps(path, 0, 1); });
}
}
