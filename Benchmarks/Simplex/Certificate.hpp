// What a point and prices prove about a program, whoever found them.
#pragma once
#include "Program.hpp"

/// Both objectives, and by how much bounds and signs are missed beyond the rounding of the sums that show it.
struct Certificate {
  double primal = 0, dual = 0;
  /// Sum of the sizes of what both objectives are made of.
  double scale = 1;
  /// Relative to a thousandth of the value where that is above 1.
  double primalViolation = 0;
  /// Largest reduced cost that points to an infinite bound, relative to the cost where that is above 1.
  double dualViolation = 0;
  /// What rounding may do to the difference of both objectives.
  double gapNoise = 0;

  Certificate(const Program &program, const double *point, const double *prices) {
    constexpr double rounding = 1e-15;
    const size_t columns = size_t(program.columns());
    std::vector<double> reduced(program.cost), size(columns);
    for (size_t column = 0; column < columns; ++column) size[column] = std::fabs(program.cost[column]);
    for (size_t row = 0; row < program.rows.size(); ++row) {
      double activity = 0, noise = 0;
      for (const Term &term : program.rows[row]) {
        const size_t column = size_t(term.column);
        reduced[column] -= prices[row] * term.value;
        size[column] += std::fabs(prices[row] * term.value);
        activity += term.value * point[column];
        noise += std::fabs(term.value * point[column]);
      }
      weigh(prices[row], 1, 0, program.rowLower[row], program.rowUpper[row], activity, rounding * noise);
    }
    for (size_t column = 0; column < columns; ++column) {
      primal += program.cost[column] * point[column];
      scale += std::fabs(program.cost[column] * point[column]);
      weigh(reduced[column], std::max(1.0, std::fabs(program.cost[column])), rounding * size[column],
            program.columnLower[column], program.columnUpper[column], point[column], 0);
    }
  }

  double gap() const { return std::max(0.0, std::fabs(primal - dual) - gapNoise) / scale; }
  bool holds(double tolerance) const {
    return gap() <= tolerance && primalViolation <= 1.01 * tolerance && dualViolation <= 1.01 * tolerance;
  }

 private:
  void weigh(double price, double priceScale, double priceNoise, double lower, double upper, double value,
             double noise) {
    if (!std::isfinite(value) || !std::isfinite(price)) primalViolation = infinity;
    const double missed = std::max(lower - value, value - upper) - noise;
    primalViolation = std::max(primalViolation, missed / std::max(1.0, 1e-3 * std::fabs(value)));
    gapNoise += noise * std::fabs(price) + priceNoise * std::fabs(value);
    if (price == 0) return;
    double bound = price > 0 ? lower : upper;
    if (std::fabs(bound) > 1e29) {
      dualViolation = std::max(dualViolation, (std::fabs(price) - priceNoise) / priceScale);
      bound = value;
    }
    gapNoise += priceNoise * std::fabs(bound);
    dual += price * bound;
    scale += std::fabs(price * bound);
  }
};
