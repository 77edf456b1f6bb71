#include <algorithm>
#include <cmath>

#include "SparseSimplex.hpp"

#include "InstructionSet.hpp"
#pragma clang fp contract(on)

namespace cobre {

namespace {
/// Elements of a column below this are taken for rounding.
constexpr double leastElement = 1e-9;
}  // namespace

/// Removes reduced costs of the wrong sign that the dual method has hidden, by the largest one first.
Simplex::Next SparseSimplex::iteratePrimal() {
  arrangeRows();
  while (true) {
    if ((isStale_ || factors_.isWorn())) {
      if (!refactorise()) return Next::factorise;
      computeDuals();
    }
    double worst = dualTolerance_;
    int entering = -1;
    for (int variable = 0; variable < size(); ++variable) {
      const double wrong =
          status_[variable] == isFree ? std::fabs(reduced_[variable]) : -direction_[variable] * reduced_[variable];
      if (wrong > worst) {
        worst = wrong;
        entering = variable;
      }
    }
    if (entering < 0) return Next::done;
    if (pivots_ >= pivotLimit_) return Next::stopped;
    const Next next = primalStep(entering);
    if (next != Next::primal) return next;
  }
}

/// One exchange of the primal method: the entering variable moves until a basic one, or itself, meets a bound.
Simplex::Next SparseSimplex::primalStep(int entering) {
  ++pivots_;
  ++counts.pivots;
  solveColumn(entering);
  const double sign = reduced_[entering] < 0 ? 1 : -1;
  // Within the tolerances several may block at once. Of these the largest element leaves (Harris, 1973).
  double limit = 2 * infinite;
  for (int index = 0; index < entering_.count; ++index) {
    const int position = entering_.rows[index];
    const double rate = -sign * entering_.values[position];
    if (std::fabs(rate) <= leastElement) continue;
    const double room = rate > 0 ? ceiling_[position] - basics_[position] : basics_[position] - floor_[position];
    limit = std::min(limit, std::max(0.0, room) / std::fabs(rate));
  }
  int leavingPosition = -1;
  double largest = 0, length = limit;
  for (int index = 0; index < entering_.count; ++index) {
    const int position = entering_.rows[index];
    const double rate = -sign * entering_.values[position];
    if (std::fabs(rate) <= leastElement) continue;
    const int variable = variable_[position];
    const double room = rate > 0 ? upper_[variable] - basics_[position] : basics_[position] - lower_[variable];
    if (!(room < infinite) || room > limit * std::fabs(rate) || std::fabs(rate) <= largest) continue;
    largest = std::fabs(rate);
    leavingPosition = position;
    length = std::max(0.0, room) / std::fabs(rate);
  }
  const double own = upper_[entering] - lower_[entering];
  const bool flips = own < infinite && own <= length;
  if (flips) length = own;
  if (!flips && leavingPosition < 0) {
    entering_.clear();
    return Next::unbounded;
  }
  for (int index = 0; index < entering_.count; ++index) {
    const int position = entering_.rows[index];
    basics_[position] -= sign * length * entering_.values[position];
  }
  if (flips) {
    status_[entering] = status_[entering] == atLower ? atUpper : atLower;
    settle(entering);
    entering_.clear();
    return Next::primal;
  }
  solveRow(leavingPosition);
  price();
  const int leaving = variable_[leavingPosition];
  const double pivot = entering_.values[leavingPosition], ratio = reduced_[entering] / pivot;
  reduce(ratio);
  reduced_[entering] = 0;
  weigh(leavingPosition, pivot);
  const bool rises = -sign * pivot > 0;
  exchange(leavingPosition, entering, value_[entering] + sign * length, rises ? atUpper : atLower);
  reduced_[leaving] = -ratio;
  return Next::primal;
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
