#include "SparseSimplex.hpp"

#include <algorithm>

#include "InstructionSet.hpp"

namespace cobre {

void SparseSimplex::load(int columns, int rows, const int *starts, const int *indices, const double *values,
                         const double *columnLower, const double *columnUpper, const double *objective,
                         const double *rowLower, const double *rowUpper) {
  Simplex::load(columns, rows, starts, indices, values, columnLower, columnUpper, objective, rowLower, rowUpper);
  startsFromLogicals_ = true;
  for (int variable = 0; variable < size(); ++variable) weightOf_[variable] = 1;
}

/// The next solve factorises again, which takes no longer than it would to extend the factors.
void SparseSimplex::addRows(int count, const double *lower, const double *upper, const int *starts,
                            const int *columns, const double *values) {
  const int before = size();
  if (isFactorised_) {
    for (int position = 0; position < rows(); ++position) weightOf_[variable_[position]] = weights_[position];
  }
  isFactorised_ = false;
  Simplex::addRows(count, lower, upper, starts, columns, values);
  for (int variable = before; variable < size(); ++variable) weightOf_[variable] = 1;
}

void SparseSimplex::setStatus(const unsigned char *status) {
  Simplex::setStatus(status);
  startsFromLogicals_ = false;
  for (int variable = 0; variable < size(); ++variable) weightOf_[variable] = 1;
}

void SparseSimplex::release() {
  Simplex::release();
  factors_.release();
}

void SparseSimplex::reserve(int rows, int keptRows) {
  Simplex::reserve(rows, keptRows);
  const int kept = keptRows > 0 ? columns() + keptRows : 0;
  const int variables = padded(columns() + rows) + 4, positions = blocked(rows) + 4;
  members_.reserve(columns() + 4);
  weightOf_.reserve(variables, kept);
  weights_.reserve(positions, keptRows);
  violations_.reserve(positions);
  touched_.reserve(variables);
  touchedCount_ = 0;
  isTouched_.reserve(variables);
  std::memset(isTouched_, 0, variables);
  std::memset(row_, 0, variables * sizeof(double));
  for (SparseVector *vector : {&entering_, &inverseRow_, &moved_}) vector->reset(positions);
  moved_.rows.reserve(variables + matrix_.columnStarts[columns()]);
}

void SparseSimplex::factorise() {
  ++counts.factorisations;
  if (isFactorised_) {
    for (int position = 0; position < rows(); ++position) weightOf_[variable_[position]] = weights_[position];
  }
  isFactorised_ = true;
  isStale_ = false;
  int count = 0;
  for (int column = 0; column < columns(); ++column) {
    position_[column] = -1;
    if (status_[column] == basic) members_[count++] = column;
  }
  for (int row = 0; row < rows(); ++row) {
    const int logical = columns() + row;
    position_[logical] = -1;
    variable_[row] = status_[logical] == basic ? logical : -1;
  }
  const int kept = factors_.factorise(matrix_, members_, count, variable_);
  isMended_ = kept < count;
  for (int index = kept; index < count; ++index) status_[members_[index]] = atLower;
  for (int position = 0; position < rows(); ++position) {
    const int variable = variable_[position];
    status_[variable] = basic;
    position_[variable] = position;
    weights_[position] = weightOf_[variable];
  }
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
