#include <algorithm>
#include <cmath>

#include "Simplex.hpp"

#include "InstructionSet.hpp"

namespace cobre {

namespace {
constexpr double leastElement = 1e-9;
}

/// Removes what reduced costs of the wrong sign are left while the point stays within its bounds.
Simplex::Next Simplex::iteratePrimal() {
  while (true) {
    int entering = -1;
    double worst = dualTolerance_;
    for (int variable = 0; variable < size(); ++variable) {
      const double wrong = -direction_[variable] * reduced_[variable];
      if (wrong > worst) {
        worst = wrong;
        entering = variable;
      }
    }
    for (int index = 0; index < freeCount_; ++index) {
      const double wrong = std::fabs(reduced_[free_[index]]);
      if (wrong > worst) {
        worst = wrong;
        entering = free_[index];
      }
    }
    if (entering < 0) return Next::done;
    if (pivots_ >= pivotLimit_) return Next::stopped;
    const Next next = primalStep(entering);
    if (next != Next::primal) return next;
  }
}

/// One exchange of the primal method: the entering variable moves until a basic one, or itself, meets a bound.
Simplex::Next Simplex::primalStep(int entering) {
  ++pivots_;
  ++counts.pivots;
  computeColumn(entering);
  const double sign = reduced_[entering] < 0 ? 1 : -1;
  // Within the tolerances several may block at once. Of these the largest element leaves (Harris, 1973).
  double limit = 2 * infinite;
  columnNonzeros().forEach([&](int position) {
    const double rate = -sign * column_[position];
    if (std::fabs(rate) <= leastElement) return;
    const double room = rate > 0 ? ceiling_[position] - basics_[position] : basics_[position] - floor_[position];
    limit = std::min(limit, std::max(0.0, room) / std::fabs(rate));
  });
  int leavingPosition = -1;
  double largest = 0, length = limit;
  columnNonzeros().forEach([&](int position) {
    const double rate = -sign * column_[position];
    if (std::fabs(rate) <= leastElement) return;
    const int variable = variable_[position];
    const double room = rate > 0 ? upper_[variable] - basics_[position] : basics_[position] - lower_[variable];
    if (!(room < infinite) || room > limit * std::fabs(rate) || std::fabs(rate) <= largest) return;
    largest = std::fabs(rate);
    leavingPosition = position;
    length = std::max(0.0, room) / std::fabs(rate);
  });
  const double own = upper_[entering] - lower_[entering];
  const bool flips = own < infinite && own <= length;
  if (flips) length = own;
  if (!flips && leavingPosition < 0) return Next::unbounded;
  const Four factor = all(-sign * length);
  for (int other = 0; other < rows(); other += 4) {
    put(basics_ + other, factor * fetch(column_ + other) + fetch(basics_ + other));
  }
  if (flips) {
    status_[entering] = status_[entering] == atLower ? atUpper : atLower;
    settle(entering);
    columnNonzeros().forEach([&](int other) { column_[other] = 0; });
    std::memset(columnWords_, 0, inverse_.wordCount() * sizeof(uint64_t));
    return Next::primal;
  }
  computeRow(leavingPosition);
  const int leaving = variable_[leavingPosition];
  const double pivot = column_[leavingPosition], ratio = reduced_[entering] / pivot;
  const Four price = all(-ratio);
  for (int variable = 0; variable < size(); variable += 4) {
    put(reduced_ + variable, price * fetch(row_ + variable) + fetch(reduced_ + variable));
  }
  reduced_[entering] = 0;
  const bool rises = -sign * pivot > 0;
  exchange(leavingPosition, entering, value_[entering] + sign * length, rises ? atUpper : atLower);
  reduced_[leaving] = -ratio;
  return Next::primal;
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
