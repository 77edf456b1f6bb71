#include <algorithm>
#include <cmath>

#include "SparseSimplex.hpp"

#include "InstructionSet.hpp"
#pragma clang fp contract(on)

namespace cobre {

namespace {
/// Residuals above this are refined once. Relative to the size of the numbers.
constexpr double refinable = 1e-11;
/// What the residuals together may move the objective by, relative.
constexpr double gapTolerance = 1e-9;
}  // namespace

void SparseSimplex::computeDuals() {
  moved_.clear();
  for (int position = 0; position < rows(); ++position) {
    const double cost = cost_[variable_[position]];
    if (cost == 0) continue;
    moved_.rows[moved_.count++] = position;
    moved_.values[position] = cost;
  }
  factors_.solveTransposed(moved_);
  for (int row = 0; row < rows(); ++row) prices_[row] = moved_.values[row];
  reduceCosts();
}

/// Sets the reduced costs of all columns, basic ones included, and of the logicals from the prices.
void SparseSimplex::reduceCosts() {
  std::copy(&cost_[0], &cost_[columns()], &reduced_[0]);
  for (int row = 0; row < rows(); ++row) {
    const double price = prices_[row];
    reduced_[columns() + row] = price;
    if (price == 0) continue;
    for (int entry = matrix_.rowStarts[row]; entry < matrix_.rowStarts[row + 1]; ++entry) {
      reduced_[matrix_.columnIndices[entry]] -= price * matrix_.rowValues[entry];
    }
  }
}

/// Sets the basic variables from the nonbasic ones.
void SparseSimplex::computeBasics() {
  for (int position = 0; position < rows(); ++position) value_[variable_[position]] = 0;
  computeActivities();
  moved_.clear();
  for (int row = 0; row < rows(); ++row) {
    const double difference = value_[columns() + row] - activity_[row];
    if (difference == 0) continue;
    moved_.rows[moved_.count++] = row;
    moved_.values[row] = difference;
  }
  factors_.solve(moved_);
  for (int position = 0; position < rows(); ++position) basics_[position] = moved_.values[position];
}

/// Whether the prices of this basis leave no reduced cost at a basic variable, refined once where they do.
bool SparseSimplex::dualsHold() {
  computeDuals();
  double objective = 0;
  for (int column = 0; column < columns(); ++column) {
    objective += cost_[column] * (position_[column] < 0 ? value_[column] : basics_[position_[column]]);
  }
  for (int round = 0;; ++round) {
    double worst = 0, gap = 0;
    for (int position = 0; position < rows(); ++position) {
      const int variable = variable_[position];
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
    moved_.clear();
    for (int position = 0; position < rows(); ++position) {
      const double error = reduced_[variable_[position]];
      if (error == 0) continue;
      moved_.rows[moved_.count++] = position;
      moved_.values[position] = error;
    }
    factors_.solveTransposed(moved_);
    for (int row = 0; row < rows(); ++row) prices_[row] += moved_.values[row];
    reduceCosts();
  }
}

/// Whether the point of this basis meets all rows, refined once if it does not.
bool SparseSimplex::pointHolds() {
  for (int round = 0;; ++round) {
    for (int position = 0; position < rows(); ++position) value_[variable_[position]] = basics_[position];
    computeActivities();
    double worst = 0, gap = 0;
    moved_.clear();
    for (int row = 0; row < rows(); ++row) {
      const int logical = columns() + row;
      // Basic logicals are what their row makes them.
      if (position_[logical] >= 0) {
        basics_[position_[logical]] = value_[logical] = activity_[row];
        continue;
      }
      const double error = value_[logical] - activity_[row];
      worst = std::max(worst, std::fabs(error) / std::max(1.0, 1e-3 * std::fabs(value_[logical])));
      gap += std::fabs(error * prices_[row]);
      if (!(std::fabs(error) <= infinite)) return false;
      if (error == 0) continue;
      moved_.rows[moved_.count++] = row;
      moved_.values[row] = error;
    }
    double objective = 0;
    for (int column = 0; column < columns(); ++column) objective += cost_[column] * value_[column];
    objective_ = objective;
    const double allowed = gapTolerance * std::max(1.0, std::fabs(objective));
    if (worst <= refinable && gap <= 0.01 * allowed) return true;
    if (round == 1) return worst <= primalTolerance_ && gap <= allowed;
    ++counts.refinements;
    factors_.solve(moved_);
    for (int index = 0; index < moved_.count; ++index) {
      const int position = moved_.rows[index];
      basics_[position] += moved_.values[position];
    }
  }
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
