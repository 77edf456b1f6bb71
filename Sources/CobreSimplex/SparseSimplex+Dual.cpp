#include <algorithm>
#include <cmath>

#include "SparseSimplex.hpp"

#include "InstructionSet.hpp"
#pragma clang fp contract(on)

namespace cobre {

namespace {
/// Elements of a row below this are taken for rounding.
constexpr double leastElement = 1e-9;
/// Ratios within this of the smallest one count as equal, and the one with the largest element enters.
constexpr double ratioMargin = 0.3e-9;
/// An element that is avoided if an earlier step offers a better one.
constexpr double poorElement = 1e-7, goodElement = 1e-5;
/// Share of what an exchange adds that a weight grows by in addition, where the start is near the optimum: measured.
constexpr double hotGrowth = 0.25;
/// What row and column may differ by in the element they share before factors are made again, and after that.
constexpr double pivotAgreement = 1e-7, freshAgreement = 1e-5;
}  // namespace

Simplex::Next SparseSimplex::iterate() {
  arrangeRows();
  for (int position = 0; position < rows(); ++position) rate(position);
  for (int position = rows(); position < blocked(rows()); ++position) {
    violations_[position] = 0;
    weights_[position] = 1;
  }
  Next next = Next::dual;
  while (next == Next::dual) {
    if ((isStale_ || factors_.isWorn()) && !refactorise()) return Next::factorise;
    next = step();
  }
  startsFromLogicals_ = false;
  return next;
}

/// Factorises the current basis again. False where bounds or basis changed by that.
bool SparseSimplex::refactorise() {
  factorise();
  Next next = Next::dual;
  if (isMended_) {
    next = settleBounds();
    arrangeRows();
  } else {
    for (int position = 0; position < rows(); ++position) takeBounds(position);
  }
  computeBasics();
  for (int position = 0; position < rows(); ++position) rate(position);
  return next == Next::dual;
}

void SparseSimplex::rate(int position) {
  const double value = basics_[position];
  const double excess = std::max(value - ceiling_[position], floor_[position] - value);
  violations_[position] = excess > 0 ? excess * excess : 0;
}

/// One exchange of the dual method. `done` if no basic variable violates its bounds.
Simplex::Next SparseSimplex::step() {
  const int position = worstPosition();
  if (position < 0) return Next::done;
  if (pivots_ >= pivotLimit_) return Next::stopped;
  const int leaving = variable_[position];
  const bool isAbove = basics_[position] > ceiling_[position];
  const double bound = isAbove ? upper_[leaving] : lower_[leaving];
  const double sign = isAbove ? 1 : -1;
  solveRow(position);
  price();
  const int entering = chooseEntering(sign, std::fabs(basics_[position] - bound));
  if (entering < 0) {
    clearRow();
    return Next::infeasible;
  }
  ++pivots_;
  ++counts.pivots;

  solveColumn(entering);
  const double pivot = entering_.values[position], expected = row_[entering];
  const double disagreement = std::fabs(pivot - expected);
  const double agreement = factors_.updates() > 0 ? pivotAgreement : freshAgreement;
  if (!(disagreement <= agreement * std::max(1.0, std::fabs(pivot)) && disagreement <= 0.1 * std::fabs(expected))) {
    clearRow();
    entering_.clear();
    if (factors_.updates() == 0) return Next::factorise;
    isStale_ = true;
    return Next::dual;
  }
  // A reduced cost of the wrong sign counts as 0: the step has length 0, and the cost of the entering variable is
  // shifted.
  double ratio = reduced_[entering] / pivot;
  if (ratio * sign < 0) ratio = 0;
  reduce(ratio);
  reduced_[entering] = 0;
  if (passedCount_ > 0) moveBasics();
  weigh(position, pivot);
  const double length = (basics_[position] - bound) / pivot;
  for (int index = 0; index < entering_.count; ++index) {
    const int other = entering_.rows[index];
    basics_[other] -= length * entering_.values[other];
    rate(other);
  }
  exchange(position, entering, value_[entering] + length, isAbove ? atUpper : atLower);
  reduced_[leaving] = -ratio;
  return Next::dual;
}

/// The position with the largest squared violation per weight of its row; −1 if nothing is violated.
int SparseSimplex::worstPosition() const {
  double best = 0;
  int position = -1;
  for (int first = 0; first < blocked(rows()); first += 16) {
    const double *violation = violations_ + first, *weight = weights_ + first;
    const Four bar = all(best);
    FourBits isBetter = fetch(violation) > bar * fetch(weight);
    for (int part = 4; part < 16; part += 4) isBetter |= fetch(violation + part) > bar * fetch(weight + part);
    if (!__builtin_reduce_or(isBetter)) continue;
    for (int index = first; index < first + 16; ++index) {
      if (!(violations_[index] > best * weights_[index])) continue;
      best = violations_[index] / weights_[index];
      position = index;
    }
  }
  return position;
}

/// Sets `inverseRow_` to the row of B⁻¹ at a position.
void SparseSimplex::solveRow(int position) {
  inverseRow_.clear();
  inverseRow_.values[position] = 1;
  inverseRow_.rows[0] = position;
  inverseRow_.count = 1;
  factors_.solveTransposed(inverseRow_, position);
}

/// Sets `row_` to the row of B⁻¹ (A, −I) for the variables that may enter, and lists them.
void SparseSimplex::price() {
  int *list = touched_;
  unsigned char *marks = isTouched_;
  double *elements = row_;
  int count = 0;
  for (int index = 0; index < inverseRow_.count; ++index) {
    const int row = inverseRow_.rows[index];
    const double factor = inverseRow_.values[row];
    const int logical = columns() + row;
    if (mayEnter(logical)) {
      elements[logical] = -factor;
      marks[logical] = 1;
      list[count++] = logical;
    }
    const int end = openEnds_[row];
    for (int place = matrix_.rowStarts[row]; place < end; ++place) {
      const int column = openColumns_[place];
      elements[column] += factor * openValues_[place];
      list[count] = column;
      count += 1 - marks[column];
      marks[column] = 1;
    }
  }
  touchedCount_ = count;
}

void SparseSimplex::clearRow() {
  for (int index = 0; index < touchedCount_; ++index) {
    row_[touched_[index]] = 0;
    isTouched_[touched_[index]] = 0;
  }
  touchedCount_ = 0;
}

/// Sorts the elements of each row by whether their column may enter.
void SparseSimplex::arrangeRows() {
  const int elements = matrix_.columnStarts[columns()];
  openColumns_.reserve(elements);
  openValues_.reserve(elements);
  placeOfElement_.reserve(elements);
  elementOfPlace_.reserve(elements);
  openEnds_.reserve(rows());
  nextPlaces_.reserve(rows());
  for (int row = 0; row < rows(); ++row) nextPlaces_[row] = matrix_.rowStarts[row];
  for (const bool isOpen : {true, false}) {
    for (int column = 0; column < columns(); ++column) {
      if (mayEnter(column) != isOpen) continue;
      for (int element = matrix_.columnStarts[column]; element < matrix_.columnStarts[column + 1]; ++element) {
        const int place = nextPlaces_[matrix_.rowIndices[element]]++;
        openColumns_[place] = column;
        openValues_[place] = matrix_.columnValues[element];
        placeOfElement_[element] = place;
        elementOfPlace_[place] = element;
      }
    }
    if (!isOpen) return;
    for (int row = 0; row < rows(); ++row) openEnds_[row] = nextPlaces_[row];
  }
}

void SparseSimplex::swapPlaces(int first, int second) {
  std::swap(openColumns_[first], openColumns_[second]);
  std::swap(openValues_[first], openValues_[second]);
  std::swap(elementOfPlace_[first], elementOfPlace_[second]);
  placeOfElement_[elementOfPlace_[first]] = first;
  placeOfElement_[elementOfPlace_[second]] = second;
}

void SparseSimplex::open(int column) {
  for (int element = matrix_.columnStarts[column]; element < matrix_.columnStarts[column + 1]; ++element) {
    swapPlaces(placeOfElement_[element], openEnds_[matrix_.rowIndices[element]]++);
  }
}

void SparseSimplex::close(int column) {
  for (int element = matrix_.columnStarts[column]; element < matrix_.columnStarts[column + 1]; ++element) {
    swapPlaces(placeOfElement_[element], --openEnds_[matrix_.rowIndices[element]]);
  }
}

/// Takes a step in the duals along the current row.
void SparseSimplex::reduce(double ratio) {
  if (ratio == 0) return;
  for (int index = 0; index < touchedCount_; ++index) {
    const int variable = touched_[index];
    reduced_[variable] -= ratio * row_[variable];
  }
}

/// The ratio test of `Simplex` among the listed variables.
int SparseSimplex::chooseEntering(double sign, double excess) {
  int count = 0;
  for (int index = 0; index < touchedCount_; ++index) {
    const int variable = touched_[index];
    if (status_[variable] == isFree ? std::fabs(row_[variable]) > leastElement
                                    : direction_[variable] * sign * row_[variable] > leastElement) {
      candidates_[count++] = variable;
    }
  }
  passedCount_ = 0;
  // What rounding may leave of a violation that the last boxed variable removes.
  const double spent = primalTolerance_ * std::max(1.0, excess);
  double slope = excess;
  int earlier = -1, earlierPassed = 0;
  while (count > 0) {
    double limit = infinite;
    for (int index = 0; index < count; ++index) {
      const int variable = candidates_[index];
      const double cost = std::max(0.0, direction_[variable] * reduced_[variable]);
      const double element = std::fabs(row_[variable]);
      if (cost + ratioMargin < limit * element) limit = (cost + ratioMargin) / element;
    }
    int entering = -1, kept = 0, group = passedCount_;
    double largest = 0;
    bool isLast = false;
    for (int index = 0; index < count; ++index) {
      const int variable = candidates_[index];
      const double cost = std::max(0.0, direction_[variable] * reduced_[variable]);
      const double element = std::fabs(row_[variable]);
      if (!(cost <= limit * element)) {
        candidates_[kept++] = variable;
        continue;
      }
      if (element > largest) {
        largest = element;
        entering = variable;
      }
      if (isBoxed(variable)) slope -= element * (upper_[variable] - lower_[variable]);
      else isLast = true;
      passed_[group++] = variable;
    }
    if (entering < 0) return -1;
    if (isLast || slope <= spent) {
      if (largest < poorElement && earlier >= 0) {
        passedCount_ = earlierPassed;
        return earlier;
      }
      return entering;
    }
    if (largest >= goodElement) {
      earlier = entering;
      earlierPassed = passedCount_;
    }
    passedCount_ = group;
    count = kept;
  }
  return -1;
}

/// Moves the variables that were stepped over to their other bounds, and updates the basic ones.
void SparseSimplex::moveBasics() {
  moved_.clear();
  for (int index = 0; index < passedCount_; ++index) {
    const int variable = passed_[index];
    const double before = value_[variable];
    status_[variable] = status_[variable] == atLower ? atUpper : atLower;
    settle(variable);
    const double change = value_[variable] - before;
    if (isLogical(variable)) {
      const int row = variable - columns();
      if (moved_.values[row] == 0) moved_.rows[moved_.count++] = row;
      moved_.values[row] -= change;
      continue;
    }
    for (int entry = matrix_.columnStarts[variable]; entry < matrix_.columnStarts[variable + 1]; ++entry) {
      const int row = matrix_.rowIndices[entry];
      if (moved_.values[row] == 0) moved_.rows[moved_.count++] = row;
      moved_.values[row] += change * matrix_.columnValues[entry];
    }
  }
  factors_.solve(moved_);
  for (int index = 0; index < moved_.count; ++index) {
    const int other = moved_.rows[index];
    basics_[other] -= moved_.values[other];
    rate(other);
  }
}

/// Sets `entering_` to B⁻¹ times the column of a variable.
void SparseSimplex::solveColumn(int variable) {
  entering_.clear();
  if (isLogical(variable)) {
    entering_.rows[entering_.count++] = variable - columns();
    entering_.values[variable - columns()] = -1;
  } else {
    for (int entry = matrix_.columnStarts[variable]; entry < matrix_.columnStarts[variable + 1]; ++entry) {
      entering_.rows[entering_.count++] = matrix_.rowIndices[entry];
      entering_.values[matrix_.rowIndices[entry]] = matrix_.columnValues[entry];
    }
  }
  factors_.solve(entering_, true);
}

/// Updates the reference weights of the rows for an exchange at a position.
void SparseSimplex::weigh(int position, double pivot) {
  const double inverse = 1 / pivot, weight = weights_[position], growth = startsFromLogicals_ ? 0 : hotGrowth;
  for (int index = 0; index < entering_.count; ++index) {
    const int other = entering_.rows[index];
    const double share = entering_.values[other] * inverse, fresh = share * share * weight;
    weights_[other] = std::max(weights_[other], fresh) + growth * fresh;
  }
  weights_[position] = std::max(weight * inverse * inverse, 1.0);
}

/// Replaces the leaving variable by the entering one, whose column has been computed.
void SparseSimplex::exchange(int position, int entering, double enteringValue, int leavingStatus) {
  const int leaving = variable_[position];
  if (status_[entering] == isFree) {
    int kept = 0;
    for (int index = 0; index < freeCount_; ++index) {
      if (free_[index] != entering) free_[kept++] = free_[index];
    }
    freeCount_ = kept;
  }
  if (!isLogical(entering)) close(entering);
  if (!factors_.exchange(position, entering_.values[position])) isStale_ = true;
  clearRow();
  entering_.clear();
  position_[leaving] = -1;
  status_[leaving] = static_cast<unsigned char>(leavingStatus);
  settle(leaving);
  if (!isLogical(leaving) && mayEnter(leaving)) open(leaving);
  position_[entering] = position;
  status_[entering] = basic;
  direction_[entering] = 0;
  variable_[position] = entering;
  basics_[position] = enteringValue;
  takeBounds(position);
  rate(position);
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
