#include "Simplex.hpp"

#include <algorithm>
#include <cmath>

#include "InstructionSet.hpp"

namespace cobre {

namespace {
/// Rows made room for beyond those loaded.
constexpr int spareRows = 64;
/// How often a point is checked and found wanting before the basis counts as hopeless.
constexpr int mostPasses = 12;

/// Whether all numbers are finite: 0 times anything else is no number.
bool areFinite(const double *numbers, int count) {
  double probe = 0;
  for (int index = 0; index < count; ++index) probe += 0 * numbers[index];
  return probe == 0;
}
}  // namespace

/// By how much a variable may miss a bound: relative where the bound is large.
double Simplex::allowance(double bound) const {
  return primalTolerance_ * std::max(1.0, 1e-3 * std::fabs(bound));
}

/// Makes room for a number of rows. The data of the first `keptRows` are kept, unless there are none.
void Simplex::reserve(int rows, int keptRows) {
  const int kept = keptRows > 0 ? columns() + keptRows : 0;
  const int variables = padded(columns() + rows) + 4, positions = padded(rows) + 4;
  lower_.reserve(variables, kept);
  upper_.reserve(variables, kept);
  cost_.reserve(variables, kept);
  value_.reserve(variables, kept);
  reduced_.reserve(variables, kept);
  status_.reserve(variables, kept);
  position_.reserve(variables, kept);
  direction_.reserve(variables, kept);
  row_.reserve(variables);
  free_.reserve(variables);
  candidates_.reserve(variables);
  passed_.reserve(variables);
  columnCount_.reserve(variables);
  variable_.reserve(positions, keptRows);
  basics_.reserve(positions, keptRows);
  floor_.reserve(positions, keptRows);
  ceiling_.reserve(positions, keptRows);
  logicals_.reserve(positions, keptRows);
  column_.reserve(positions);
  activity_.reserve(positions);
  change_.reserve(positions);
  changedRows_.reserve(variables + matrix_.columnStarts[columns()]);
  residual_.reserve(positions + 64);
  prices_.reserve(positions + 64);
  rowCount_.reserve(positions);
  stack_.reserve(variables);
}

void Simplex::load(int columns, int rows, const int *starts, const int *indices, const double *values,
                   const double *columnLower, const double *columnUpper, const double *objective,
                   const double *rowLower, const double *rowUpper) {
  matrix_.load(columns, rows, starts, indices, values);
  freeCount_ = 0;
  reserve(rows + spareRows, 0);
  std::copy(columnLower, columnLower + columns, &lower_[0]);
  std::copy(columnUpper, columnUpper + columns, &upper_[0]);
  std::copy(objective, objective + columns, &cost_[0]);
  std::copy(rowLower, rowLower + rows, &lower_[columns]);
  std::copy(rowUpper, rowUpper + rows, &upper_[columns]);
  for (int row = 0; row < rows; ++row) cost_[columns + row] = 0;
  for (int variable = 0; variable < size(); ++variable) {
    value_[variable] = reduced_[variable] = 0;
    status_[variable] = variable < columns ? atLower : basic;
  }
  isFactorised_ = false;
  isFinite_ = areFinite(objective, columns) && areFinite(values, starts[columns]);
}

void Simplex::addRows(int count, const double *lower, const double *upper, const int *starts, const int *columns,
                      const double *values) {
  const int before = rows();
  if (!areFinite(values + starts[0], starts[count] - starts[0])) isFinite_ = false;
  reserve(before + count, before);
  matrix_.addRows(count, starts, columns, values);
  changedRows_.reserve(size() + matrix_.columnStarts[this->columns()]);
  for (int row = 0; row < count; ++row) {
    const int variable = this->columns() + before + row;
    lower_[variable] = lower[row];
    upper_[variable] = upper[row];
    cost_[variable] = value_[variable] = reduced_[variable] = 0;
    status_[variable] = basic;
  }
  if (!isFactorised_) return;
  for (int row = 0; row < count; ++row) {
    const int position = before + row, variable = this->columns() + position;
    int terms = 0;
    for (int entry = starts[row]; entry < starts[row + 1]; ++entry) {
      if (status_[columns[entry]] != basic) continue;
      changedRows_[terms] = position_[columns[entry]];
      residual_.reserve(terms + 1, terms);
      residual_[terms++] = values[entry];
    }
    inverse_.append(changedRows_, residual_, terms);
    variable_[position] = variable;
    position_[variable] = position;
    direction_[variable] = 0;
    logicals_[position] = 1;
  }
  // Work areas that are empty between two steps, and may have been made again.
  columnWords_.reserve(inverse_.wordCount());
  std::memset(columnWords_, 0, inverse_.wordCount() * sizeof(uint64_t));
  for (int row = 0; row < padded(rows()); ++row) column_[row] = change_[row] = 0;
}

void Simplex::setStatus(const unsigned char *status) {
  for (int variable = 0; variable < size(); ++variable) status_[variable] = status[variable] & 7;
  isFactorised_ = false;
}

void Simplex::adopt(const double *columnValues, const double *rowDuals, const unsigned char *status) {
  setStatus(status);
  std::copy(columnValues, columnValues + columns(), &value_[0]);
  std::copy(rowDuals, rowDuals + rows(), &reduced_[columns()]);
}

void Simplex::release() {
  inverse_.release();
  isFactorised_ = false;
}

cobre_simplex_arrays Simplex::arrays() {
  const int first = columns();
  return {first,           rows(),           matrix_.columnStarts, matrix_.rowIndices, matrix_.columnValues, cost_,
          lower_ + first, upper_ + first, lower_,               upper_,             value_,               reduced_ + first};
}

/// Puts a nonbasic variable onto the bound that its status names, or onto another one if that is infinite.
void Simplex::settle(int variable) {
  const double lower = lower_[variable], upper = upper_[variable];
  const bool hasLower = lower > -infinite, hasUpper = upper < infinite;
  if (hasLower && hasUpper && !(lower < upper)) {
    status_[variable] = fixed;
    direction_[variable] = 0;
    value_[variable] = lower;
  } else if (hasUpper && (status_[variable] == atUpper || !hasLower)) {
    status_[variable] = atUpper;
    direction_[variable] = -1;
    value_[variable] = upper;
  } else if (hasLower) {
    status_[variable] = atLower;
    direction_[variable] = 1;
    value_[variable] = lower;
  } else {
    status_[variable] = isFree;
    direction_[variable] = 0;
    value_[variable] = 0;
    free_[freeCount_++] = variable;
  }
}

/// Puts the nonbasic variables onto their bounds, which may have changed since the last solve. `dual` where these make
/// sense.
Simplex::Next Simplex::settleBounds() {
  if (!isFinite_) return Next::invalid;
  freeCount_ = 0;
  Next verdict = Next::dual;
  for (int variable = 0; variable < size(); ++variable) {
    const double lower = lower_[variable], upper = upper_[variable];
    if (!(lower <= upper && lower < infinite && upper > -infinite)) {
      if (std::isnan(lower) || std::isnan(upper)) return Next::invalid;
      if (lower >= infinite || upper <= -infinite || lower > upper + allowance(upper)) verdict = Next::contradictory;
    }
    // What is most common first; the rest is settled in full.
    if (status_[variable] == basic) {
      direction_[variable] = 0;
    } else if (status_[variable] == atLower && lower > -infinite && lower < upper) {
      direction_[variable] = 1;
      value_[variable] = lower;
    } else if (status_[variable] == atUpper && upper < infinite && lower < upper) {
      direction_[variable] = -1;
      value_[variable] = upper;
    } else {
      settle(variable);
    }
  }
  for (int variable = size(); variable < padded(size()); ++variable) {
    direction_[variable] = reduced_[variable] = row_[variable] = cost_[variable] = value_[variable] = 0;
  }
  for (int position = 0; position < rows(); ++position) takeBounds(position);
  for (int position = rows(); position < padded(rows()); ++position) {
    basics_[position] = column_[position] = logicals_[position] = 0;
    floor_[position] = -1;
    ceiling_[position] = 1;
  }
  return verdict;
}

/// Bounds of a basic variable, widened by what it may miss.
void Simplex::takeBounds(int position) {
  const int variable = variable_[position];
  floor_[position] = lower_[variable] - allowance(lower_[variable]);
  ceiling_[position] = upper_[variable] + allowance(upper_[variable]);
}

int Simplex::solve() {
  ++counts.solves;
  switch (run()) {
    case Next::done: return COBRE_SIMPLEX_OPTIMAL;
    case Next::infeasible: return COBRE_SIMPLEX_INFEASIBLE;
    case Next::contradictory: return COBRE_SIMPLEX_CONTRADICTORY;
    case Next::invalid: return COBRE_SIMPLEX_INVALID;
    case Next::unbounded: return COBRE_SIMPLEX_UNBOUNDED;
    case Next::stopped: return COBRE_SIMPLEX_STOPPED;
    default:
      isFactorised_ = false;
      return COBRE_SIMPLEX_INACCURATE;
  }
}

Simplex::Next Simplex::run() {
  pivots_ = 0;
  boxedTolerance_ = dualTolerance_;
  pivotLimit_ = 500 + 4 * size();
  int passes = 0, factorisations = 0;
  Next next = Next::dual;
  if (isFactorised_) {
    next = settleBounds();
    if (next != Next::dual) return next;
    computeBasics();
  } else {
    next = Next::factorise;
  }
  while (true) {
    switch (next) {
      case Next::dual:
        if (mendDuals()) computeBasics();
        next = iterate();
        if (next == Next::infeasible && pivots_ > 0 && factorisations < 2) next = Next::factorise;
        break;
      case Next::primal: next = iteratePrimal(); break;
      case Next::factorise:
        if (++factorisations > 3) return Next::factorise;
        factorise();
        next = settleBounds();
        if (next != Next::dual) return next;
        computeDuals();
        computeBasics();
        continue;
      default: return next;
    }
    if (next != Next::done) continue;
    next = check();
    if (next == Next::done) return next;
    if (++passes % mostPasses == 0) next = Next::factorise;
  }
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
