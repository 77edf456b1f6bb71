// The dual simplex method over `Inverse`.
#ifndef COBRE_SIMPLEX_SIMPLEX_HPP
#define COBRE_SIMPLEX_SIMPLEX_HPP

#include "Buffer.hpp"
#include "CobreSimplex.h"
#include "Inverse.hpp"
#include "Matrix.hpp"

#include "InstructionSet.hpp"
namespace cobre {

/// Minimises c · x subject to A x − s = 0 and bounds on the structurals x and the logicals s.
///
/// Variables are numbered structurals first, then the logical of each row. The reduced cost of a logical is the dual of
/// its row. Whatever a solve finds is checked against the program as it was given before it counts.
class Simplex {
 public:
  Simplex(double primalTolerance, double dualTolerance)
      : primalTolerance_(primalTolerance), dualTolerance_(dualTolerance) {}
  virtual ~Simplex() = default;

  virtual void load(int columns, int rows, const int *starts, const int *indices, const double *values,
            const double *columnLower, const double *columnUpper, const double *objective, const double *rowLower,
            const double *rowUpper);
  virtual void addRows(int count, const double *lower, const double *upper, const int *starts, const int *columns,
               const double *values);
  virtual void setStatus(const unsigned char *status);
  const unsigned char *status() const { return status_; }
  int solve();
  void adopt(const double *columnValues, const double *rowDuals, const unsigned char *status);
  virtual void release();
  cobre_simplex_arrays arrays();
  cobre_simplex_counts counts = {0, 0, 0, 0};

 protected:
  enum Status : unsigned char { isFree = 0, basic = 1, atUpper = 2, atLower = 3, superbasic = 4, fixed = 5 };
  /// What comes after a step or a check.
  enum class Next { done, dual, primal, factorise, infeasible, unbounded, stopped, contradictory, invalid };

  int columns() const { return matrix_.columns; }
  int rows() const { return matrix_.rows; }
  int size() const { return matrix_.columns + matrix_.rows; }
  bool isLogical(int variable) const { return variable >= matrix_.columns; }
  bool isBoxed(int variable) const { return upper_[variable] - lower_[variable] < infinite; }
  double allowance(double bound) const;

  // Simplex.cpp
  virtual void reserve(int rows, int keptRows);
  Next settleBounds();
  void settle(int variable);
  Next run();

  // Simplex+Factor.cpp
  virtual void factorise();
  void pivotIn(int column, int row);
  int bestRow(int column);
  void admit(int column, int position);

  // Simplex+Dual.cpp
  virtual Next iterate();
  Next step();
  int worstPosition() const;
  void computeRow(int position);
  int chooseEntering(double sign, double excess);
  void collect(double sign);
  void moveBasics();
  void computeColumn(int variable);
  void solveFor(const double *change, const int *changedRows, int count);
  void exchange(int position, int entering, double enteringValue, int leavingStatus);
  void takeBounds(int position);
  bool mendDuals();

  // Simplex+Primal.cpp
  virtual Next iteratePrimal();
  Next primalStep(int entering);

  // Simplex+Check.cpp
  virtual void computeDuals();
  void reduceCosts();
  void computeActivities();
  virtual void computeBasics();
  virtual bool dualsHold();
  virtual bool pointHolds();
  Next check();

  static constexpr double infinite = 1e30;

  const double primalTolerance_, dualTolerance_;
  Matrix matrix_;
  Inverse inverse_;
  bool isFactorised_ = false;
  /// Whether costs and elements are finite.
  bool isFinite_ = true;
  int pivots_ = 0, pivotLimit_ = 0;
  /// By how much a reduced cost of a boxed variable may have the wrong sign; 0 once that has moved the dual objective.
  double boxedTolerance_ = 0;
  double objective_ = 0;

  // By variable.
  Buffer<double> lower_, upper_, cost_, value_, reduced_;
  Buffer<unsigned char> status_;
  Buffer<int> position_;
  /// 1 at the lower bound, −1 at the upper one, 0 where the variable may not enter; free ones are listed apart.
  Buffer<double> direction_;
  Buffer<double> row_;
  Buffer<int> free_;
  int freeCount_ = 0;

  // By position: the basic variable, its value and bounds as far as they may be missed, and whether it is a logical.
  Buffer<int> variable_;
  Buffer<double> basics_, floor_, ceiling_, logicals_;
  Buffer<double> column_;
  Buffer<uint64_t> columnWords_;
  Buffer<double> score_;

  // By row of the matrix.
  Buffer<double> activity_, change_;
  Buffer<int> changedRows_;
  // By slot of the inverse.
  Buffer<double> prices_;
  Buffer<double> residual_;

  // Candidates of the ratio test.
  Buffer<int> candidates_, passed_;
  int passedCount_ = 0;

  // Of the factorisation.
  Buffer<int> columnCount_, rowCount_, stack_;

  Positions columnNonzeros() { return {columnWords_, inverse_.wordCount()}; }
};

}  // namespace cobre
#include "InstructionSetEnd.hpp"
#endif
