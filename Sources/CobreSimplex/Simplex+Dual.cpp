#include <algorithm>
#include <cmath>

#include "Simplex.hpp"

#include "InstructionSet.hpp"

namespace cobre {

namespace {
/// Elements of a row below this are taken for rounding.
constexpr double leastElement = 1e-9;
/// Ratios within this of the smallest one count as equal, and the one with the largest element enters.
constexpr double ratioMargin = 0.3e-9;
/// An element that is avoided if an earlier step offers a better one.
constexpr double poorElement = 1e-7, goodElement = 1e-5;
/// What row and column may differ by in the element they share.
constexpr double pivotAgreement = 1e-8;
}  // namespace

/// Makes the basis dual feasible: boxed variables go to their other bound, the rest get another cost for now, which the
/// check takes back. True if a variable moved.
bool Simplex::mendDuals() {
  bool moved = false;
  const Four least = all(-boxedTolerance_);
  for (int first = 0; first < size(); first += 4) {
    int wrong = 15 ^ bits(fetch(direction_ + first) * fetch(reduced_ + first) >= least);
    for (; wrong; wrong &= wrong - 1) {
      const int variable = first + __builtin_ctz(wrong);
      if (isBoxed(variable)) {
        status_[variable] = status_[variable] == atLower ? atUpper : atLower;
        settle(variable);
        moved = true;
      } else if (direction_[variable] * reduced_[variable] < -dualTolerance_) {
        reduced_[variable] = 0;
      }
    }
  }
  for (int index = 0; index < freeCount_; ++index) reduced_[free_[index]] = 0;
  return moved;
}

Simplex::Next Simplex::iterate() {
  Next next = Next::dual;
  while (next == Next::dual) next = step();
  return next;
}

/// One exchange of the dual method. `done` if no basic variable violates its bounds.
Simplex::Next Simplex::step() {
  const int position = worstPosition();
  if (position < 0) return Next::done;
  if (pivots_ >= pivotLimit_) return Next::stopped;
  const int leaving = variable_[position];
  const bool isAbove = basics_[position] > ceiling_[position];
  const double bound = isAbove ? upper_[leaving] : lower_[leaving];
  const double sign = isAbove ? 1 : -1;
  computeRow(position);
  const int entering = chooseEntering(sign, std::fabs(basics_[position] - bound));
  if (entering < 0) return Next::infeasible;
  ++pivots_;
  ++counts.pivots;

  computeColumn(entering);
  const double pivot = column_[position], expected = row_[entering];
  const double disagreement = std::fabs(pivot - expected);
  if (!(disagreement <= pivotAgreement * std::max(1.0, std::fabs(pivot)) && disagreement <= 0.1 * std::fabs(expected))) {
    columnNonzeros().forEach([&](int other) { column_[other] = 0; });
    std::memset(columnWords_, 0, inverse_.wordCount() * sizeof(uint64_t));
    return Next::factorise;
  }
  // A reduced cost of the wrong sign counts as 0: the step has length 0, and the cost of the entering variable is
  // shifted.
  double ratio = reduced_[entering] / pivot;
  if (ratio * sign < 0) ratio = 0;
  if (ratio != 0) {
    const Four factor = all(-ratio);
    for (int variable = 0; variable < size(); variable += 4) {
      put(reduced_ + variable, factor * fetch(row_ + variable) + fetch(reduced_ + variable));
    }
  }
  reduced_[entering] = 0;
  if (passedCount_ > 0) moveBasics();
  const double length = (basics_[position] - bound) / pivot;
  const Four factor = all(-length);
  for (int other = 0; other < rows(); other += 4) {
    put(basics_ + other, factor * fetch(column_ + other) + fetch(basics_ + other));
  }
  exchange(position, entering, value_[entering] + length, isAbove ? atUpper : atLower);
  reduced_[leaving] = -ratio;
  return Next::dual;
}

/// The position with the largest squared violation per squared length of its row; −1 if nothing is violated.
int Simplex::worstPosition() const {
  double best = 0;
  int position = -1;
  const double *norms = inverse_.norms();
  for (int first = 0; first < rows(); first += 4) {
    const Four value = fetch(basics_ + first), below = fetch(floor_ + first) - value,
               above = value - fetch(ceiling_ + first);
    const FourBits isBelow = below > all(0), isAbove = above > all(0);
    for (int isOut = bits(isBelow | isAbove); isOut; isOut &= isOut - 1) {
      const int index = first + __builtin_ctz(isOut);
      const double excess = std::max(floor_[index] - basics_[index], basics_[index] - ceiling_[index]);
      const double score = excess * excess / norms[index];
      if (score > best) {
        best = score;
        position = index;
      }
    }
  }
  return position;
}

/// Sets `row_` to the row of B⁻¹ (A, −I) at a position, for the nonbasic variables.
void Simplex::computeRow(int position) {
  std::memset(row_, 0, padded(size()) * sizeof(double));
  const double *inverse = inverse_.at(position);
  for (int slot = 0; slot < inverse_.width(); ++slot) {
    const double factor = inverse[slot];
    const int row = inverse_.row(slot);
    if (factor == 0 || row < 0) continue;
    row_[columns() + row] = -factor;
    for (int entry = matrix_.rowStarts[row]; entry < matrix_.rowStarts[row + 1]; ++entry) {
      row_[matrix_.columnIndices[entry]] += factor * matrix_.rowValues[entry];
    }
  }
  if (!isLogical(variable_[position])) return;
  const int row = variable_[position] - columns();
  for (int entry = matrix_.rowStarts[row]; entry < matrix_.rowStarts[row + 1]; ++entry) {
    row_[matrix_.columnIndices[entry]] -= matrix_.rowValues[entry];
  }
}

/// The ratio test that steps over boxed variables as long as the dual objective rises (Maros, 2003).
///
/// `sign`: of the violation. `excess`: its size. Returns the entering variable, −1 if there is none, and in `passed_`
/// the variables that move to their other bound.
int Simplex::chooseEntering(double sign, double excess) {
  int count = 0;
  const Four signs = all(sign), least = all(leastElement);
  for (int first = 0; first < size(); first += 4) {
    int found = bits(fetch(direction_ + first) * signs * fetch(row_ + first) > least);
    for (; found; found &= found - 1) candidates_[count++] = first + __builtin_ctz(found);
  }
  for (int index = 0; index < freeCount_; ++index) {
    if (std::fabs(row_[free_[index]]) > leastElement) candidates_[count++] = free_[index];
  }
  passedCount_ = 0;
  double slope = excess;
  int earlier = -1, earlierPassed = 0;
  while (count > 0) {
    double limit = infinite;
    for (int index = 0; index < count; ++index) {
      const int variable = candidates_[index];
      const double cost = std::max(0.0, direction_[variable] * reduced_[variable]);
      limit = std::min(limit, (cost + ratioMargin) / std::fabs(row_[variable]));
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
    if (isLast || slope < 0) {
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
void Simplex::moveBasics() {
  int changed = 0;
  for (int index = 0; index < passedCount_; ++index) {
    const int variable = passed_[index];
    const double before = value_[variable];
    status_[variable] = status_[variable] == atLower ? atUpper : atLower;
    settle(variable);
    const double change = value_[variable] - before;
    if (isLogical(variable)) {
      change_[variable - columns()] -= change;
      changedRows_[changed++] = variable - columns();
      continue;
    }
    for (int entry = matrix_.columnStarts[variable]; entry < matrix_.columnStarts[variable + 1]; ++entry) {
      change_[matrix_.rowIndices[entry]] += change * matrix_.columnValues[entry];
      changedRows_[changed++] = matrix_.rowIndices[entry];
    }
  }
  for (int index = 0; index < changed; ++index) {
    const int row = changedRows_[index], slot = inverse_.slot(row);
    const double change = change_[row];
    change_[row] = 0;
    if (change == 0) continue;
    if (slot >= 0) inverse_.moveAlong(slot, -change, basics_);
    else basics_[position_[columns() + row]] += change;
  }
}

/// Replaces the leaving variable by the entering one, whose column has been computed.
void Simplex::exchange(int position, int entering, double enteringValue, int leavingStatus) {
  const int leaving = variable_[position];
  if (status_[entering] == isFree) {
    int kept = 0;
    for (int index = 0; index < freeCount_; ++index) {
      if (free_[index] != entering) free_[kept++] = free_[index];
    }
    freeCount_ = kept;
  }
  position_[leaving] = -1;
  status_[leaving] = static_cast<unsigned char>(leavingStatus);
  settle(leaving);
  position_[entering] = position;
  status_[entering] = basic;
  direction_[entering] = 0;
  variable_[position] = entering;
  basics_[position] = enteringValue;
  logicals_[position] = isLogical(entering) ? 1 : 0;
  takeBounds(position);
  inverse_.exchange(position, column_, columnNonzeros(), isLogical(leaving) ? leaving - columns() : -1,
                    isLogical(entering) ? entering - columns() : -1, logicals_);
  columnNonzeros().forEach([&](int other) { column_[other] = 0; });
  std::memset(columnWords_, 0, inverse_.wordCount() * sizeof(uint64_t));
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
