#include <algorithm>
#include <cmath>

#include "Simplex.hpp"

#include "InstructionSet.hpp"

namespace cobre {

namespace {
/// Residuals above this are refined once. Relative to the size of the numbers.
constexpr double refinable = 1e-11;
/// What the residuals together may move the objective by, relative.
constexpr double gapTolerance = 1e-9;
}  // namespace

/// Sets the prices of the rows from the costs of the basic variables.
void Simplex::computeDuals() {
  std::memset(prices_, 0, inverse_.width() * sizeof(double));
  for (int position = 0; position < rows(); ++position) {
    const double cost = cost_[variable_[position]];
    if (cost != 0) add(prices_, cost, inverse_.at(position), inverse_.width());
  }
  reduceCosts();
}

/// Sets the reduced costs of all columns, basic ones included, and of the logicals from the prices.
void Simplex::reduceCosts() {
  std::copy(&cost_[0], &cost_[columns()], &reduced_[0]);
  for (int row = 0; row < rows(); ++row) reduced_[columns() + row] = 0;
  for (int slot = 0; slot < inverse_.width(); ++slot) {
    const double price = prices_[slot];
    const int row = inverse_.row(slot);
    if (price == 0 || row < 0) continue;
    reduced_[columns() + row] = price;
    for (int entry = matrix_.rowStarts[row]; entry < matrix_.rowStarts[row + 1]; ++entry) {
      reduced_[matrix_.columnIndices[entry]] -= price * matrix_.rowValues[entry];
    }
  }
}

/// Sets the activity of every row at the point of `value_`.
void Simplex::computeActivities() {
  for (int row = 0; row < rows(); ++row) activity_[row] = 0;
  for (int column = 0; column < columns(); ++column) {
    const double value = value_[column];
    if (value == 0) continue;
    for (int entry = matrix_.columnStarts[column]; entry < matrix_.columnStarts[column + 1]; ++entry) {
      activity_[matrix_.rowIndices[entry]] += value * matrix_.columnValues[entry];
    }
  }
}

/// Sets the basic variables from the nonbasic ones.
void Simplex::computeBasics() {
  for (int position = 0; position < rows(); ++position) value_[variable_[position]] = 0;
  computeActivities();
  for (int slot = 0; slot < inverse_.width(); ++slot) {
    const int row = inverse_.row(slot);
    residual_[slot] = row < 0 ? 0 : value_[columns() + row] - activity_[row];
  }
  for (int position = 0; position < rows(); ++position) {
    const double moved = dot(inverse_.at(position), residual_, inverse_.width());
    const int variable = variable_[position];
    basics_[position] = isLogical(variable) ? moved + activity_[variable - columns()] : moved;
  }
}

/// Whether the prices of this basis leave no reduced cost at a basic variable, refined once where they do.
bool Simplex::dualsHold() {
  computeDuals();
  for (int position = 0; position < rows(); ++position) value_[variable_[position]] = basics_[position];
  // Logicals cost nothing.
  const double objective = dot(cost_, value_, padded(columns()));
  for (int round = 0;; ++round) {
    double worst = 0, gap = 0;
    for (int position = 0; position < rows(); ++position) {
      const int variable = variable_[position];
      if (isLogical(variable)) continue;
      const double error = std::fabs(reduced_[variable]);
      worst = std::max(worst, error / std::max(1.0, std::fabs(cost_[variable])));
      // What the dual objective loses where the variable is priced at the bound that its reduced cost points to.
      const double value = basics_[position];
      const double reach = reduced_[variable] > 0 ? value - lower_[variable] : upper_[variable] - value;
      gap += error * std::fabs(reach < infinite ? reach : value);
      if (!(error <= infinite)) return false;
    }
    const double allowed = gapTolerance * std::max(1.0, std::fabs(objective));
    if (worst <= refinable && gap <= 0.01 * allowed) return true;
    if (round == 1) return worst <= dualTolerance_ && gap <= allowed;
    ++counts.refinements;
    for (int position = 0; position < rows(); ++position) {
      const int variable = variable_[position];
      if (isLogical(variable) || reduced_[variable] == 0) continue;
      add(prices_, reduced_[variable], inverse_.at(position), inverse_.width());
    }
    reduceCosts();
  }
}

/// Whether the point of this basis meets all rows, refined once if it does not.
bool Simplex::pointHolds() {
  for (int round = 0;; ++round) {
    for (int position = 0; position < rows(); ++position) value_[variable_[position]] = basics_[position];
    computeActivities();
    double worst = 0, gap = 0;
    for (int slot = 0; slot < inverse_.width(); ++slot) {
      const int row = inverse_.row(slot);
      residual_[slot] = 0;
      if (row < 0) continue;
      const double logical = value_[columns() + row], error = logical - activity_[row];
      residual_[slot] = error;
      worst = std::max(worst, std::fabs(error) / std::max(1.0, 1e-3 * std::fabs(logical)));
      gap += std::fabs(error * prices_[slot]);
      if (!(std::fabs(error) <= infinite)) return false;
    }
    // Basic logicals are what their row makes them.
    for (int position = 0; position < rows(); ++position) {
      const int variable = variable_[position];
      if (isLogical(variable)) basics_[position] = value_[variable] = activity_[variable - columns()];
    }
    const double objective = dot(cost_, value_, padded(columns()));
    objective_ = objective;
    const double allowed = gapTolerance * std::max(1.0, std::fabs(objective));
    if (worst <= refinable && gap <= 0.01 * allowed) return true;
    if (round == 1) return worst <= primalTolerance_ && gap <= allowed;
    ++counts.refinements;
    for (int position = 0; position < rows(); ++position) {
      basics_[position] += dot(inverse_.at(position), residual_, inverse_.width());
    }
  }
}

/// Checks the current basis against the original LP, and returns what is still to be done.
Simplex::Next Simplex::check() {
  if (!dualsHold() || !pointHolds()) return Next::factorise;
  for (int position = 0; position < rows(); ++position) reduced_[variable_[position]] = 0;
  bool isPrimal = true;
  for (int position = 0; position < rows(); ++position) {
    if (!(basics_[position] >= floor_[position] && basics_[position] <= ceiling_[position])) isPrimal = false;
  }
  bool isDual = true, isMendable = true;
  double gap = 0;
  for (int first = 0; first < size(); first += 4) {
    // What is no number counts as negative.
    int negative = 15 ^ bits(fetch(direction_ + first) * fetch(reduced_ + first) >= all(0));
    for (; negative; negative &= negative - 1) {
      const int variable = first + __builtin_ctz(negative);
      const double cost = direction_[variable] * reduced_[variable];
      if (cost >= -dualTolerance_) {
        if (isBoxed(variable)) gap -= cost * (upper_[variable] - lower_[variable]);
        continue;
      }
      isDual = false;
      if (!isBoxed(variable)) isMendable = false;
    }
  }
  for (int index = 0; index < freeCount_; ++index) {
    if (std::fabs(reduced_[free_[index]]) > dualTolerance_) isDual = isMendable = false;
  }
  if (gap > gapTolerance * std::max(1.0, std::fabs(objective_))) {
    isDual = false;
    boxedTolerance_ = 0;
  }
  if (isPrimal && isDual) return Next::done;
  // Costs that were shifted on the way are back: what they hid is removed by the primal method.
  return isPrimal && !isMendable ? Next::primal : Next::dual;
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
