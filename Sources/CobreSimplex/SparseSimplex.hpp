// The dual simplex method over `Factors`, for programs with many rows.
#ifndef COBRE_SIMPLEX_SPARSE_SIMPLEX_HPP
#define COBRE_SIMPLEX_SPARSE_SIMPLEX_HPP

#include "Factors.hpp"
#include "Simplex.hpp"

#include "InstructionSet.hpp"
namespace cobre {

/// The same method, data and checks as `Simplex`, with work that follows the nonzeros.
///
/// A basic variable has the position of the row in which it is the pivot. Lengths of rows of B⁻¹ would take a solve more for
/// each exchange: reference weights from the entering column alone, 1 at first, serve instead (Devex: Harris, 1973). From a
/// start near the optimum they grow faster than that, which saves a fifth of the exchanges.
class SparseSimplex : public Simplex {
 public:
  using Simplex::Simplex;
  void load(int columns, int rows, const int *starts, const int *indices, const double *values,
            const double *columnLower, const double *columnUpper, const double *objective, const double *rowLower,
            const double *rowUpper) override;
  void addRows(int count, const double *lower, const double *upper, const int *starts, const int *columns,
               const double *values) override;
  void setStatus(const unsigned char *status) override;
  void release() override;

 protected:
  void reserve(int rows, int keptRows) override;
  void factorise() override;
  Next iterate() override;
  Next iteratePrimal() override;
  void computeDuals() override;
  void computeBasics() override;
  bool dualsHold() override;
  bool pointHolds() override;

 private:
  // SparseSimplex+Dual.cpp
  bool refactorise();
  Next step();
  int worstPosition() const;
  void rate(int position);
  void solveRow(int position);
  void price();
  void clearRow();
  /// Positions are searched in blocks of 16: the number of positions with those that fill up the last one.
  static int blocked(int positions) { return (positions + 15) & ~15; }
  bool mayEnter(int variable) const { return direction_[variable] != 0 || status_[variable] == isFree; }
  void arrangeRows();
  void open(int column);
  void close(int column);
  void swapPlaces(int first, int second);
  int chooseEntering(double sign, double excess);
  void moveBasics();
  void solveColumn(int variable);
  void reduce(double ratio);
  void weigh(int position, double pivot);
  void exchange(int position, int entering, double enteringValue, int leavingStatus);

  // SparseSimplex+Primal.cpp
  Next primalStep(int entering);

  // SparseSimplex+Check.cpp
  void reduceCosts();

  Factors factors_;
  /// Whether the factors do not belong to the basis any more.
  bool isStale_ = false;
  /// Whether the last factorisation found columns that depend on others, and took them out of the basis.
  bool isMended_ = false;
  /// Whether the dual method sets out from the basis of all logicals.
  bool startsFromLogicals_ = true;
  Buffer<int> members_;
  /// The entering column, the row of B⁻¹, and the work of other solves, by row or position.
  SparseVector entering_, inverseRow_, moved_;
  /// Reference weights by position, and by variable between two factorisations.
  Buffer<double> weights_, weightOf_;
  /// Squared violation by position.
  Buffer<double> violations_;
  /// Variables that may enter and have an element in the current row: a list, and 1 by variable.
  Buffer<int> touched_;
  Buffer<unsigned char> isTouched_;
  int touchedCount_ = 0;
  /// The matrix by row, the columns that may enter first: column and value by place, and where these columns end by row.
  Buffer<int> openColumns_, openEnds_;
  Buffer<double> openValues_;
  /// Place by element of the matrix by column, and the other way round.
  Buffer<int> placeOfElement_, elementOfPlace_, nextPlaces_;
};

}  // namespace cobre
#include "InstructionSetEnd.hpp"
#endif
