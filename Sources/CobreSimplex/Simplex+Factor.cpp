#include <algorithm>
#include <cmath>

#include "Simplex.hpp"

#include "InstructionSet.hpp"

namespace cobre {

namespace {
/// The least element that a column enters the basis by.
constexpr double leastPivot = 1e-9;
/// Share of the largest element that a pivot of a shorter row must reach.
constexpr double pivotShare = 0.1;
}  // namespace

/// Builds the inverse for the basis that the statuses name, by pivoting its structurals into the inverse of the
/// all-logical basis.
///
/// Columns with a single entry in the remaining rows come first: their rows are still rows of the unit matrix, so each
/// fills one new column of the inverse and changes no other. Of the rest, the shortest column comes next, after the
/// pivots so far. Dependent columns leave the basis and rows without a column keep their logical, so any statuses give
/// a basis.
void Simplex::factorise() {
  ++counts.factorisations;
  isFactorised_ = true;
  const int columnTotal = columns(), rowTotal = rows();
  inverse_.reset(rowTotal, columnTotal);
  columnWords_.reserve(inverse_.wordCount());
  std::memset(columnWords_, 0, inverse_.wordCount() * sizeof(uint64_t));
  for (int row = 0; row < rowTotal; ++row) {
    const int logical = columnTotal + row;
    variable_[row] = logical;
    logicals_[row] = 1;
    column_[row] = 0;
    change_[row] = 0;
    // −1 marks rows that need no column, or have one by now.
    rowCount_[row] = status_[logical] == basic ? -1 : 0;
    position_[logical] = row;
  }
  for (int row = rowTotal; row < padded(rowTotal); ++row) column_[row] = 0;
  int left = 0;
  int *queue = candidates_;
  int queued = 0;
  for (int column = 0; column < columnTotal; ++column) {
    position_[column] = -1;
    columnCount_[column] = -1;
    if (status_[column] != basic) continue;
    int count = 0;
    for (int entry = matrix_.columnStarts[column]; entry < matrix_.columnStarts[column + 1]; ++entry) {
      const int row = matrix_.rowIndices[entry];
      if (rowCount_[row] < 0) continue;
      ++rowCount_[row];
      ++count;
    }
    columnCount_[column] = count;
    if (count == 1) queue[queued++] = column;
    stack_[left++] = column;
  }
  for (int next = 0; next < queued; ++next) {
    const int column = queue[next];
    if (columnCount_[column] != 1) continue;
    for (int entry = matrix_.columnStarts[column]; entry < matrix_.columnStarts[column + 1]; ++entry) {
      const int row = matrix_.rowIndices[entry];
      if (rowCount_[row] < 0) continue;
      if (std::fabs(matrix_.columnValues[entry]) < leastPivot) break;
      computeColumn(column);
      admit(column, row);
      // Others may have become single.
      for (int other = matrix_.rowStarts[row]; other < matrix_.rowStarts[row + 1]; ++other) {
        const int neighbour = matrix_.columnIndices[other];
        if (columnCount_[neighbour] > 0 && --columnCount_[neighbour] == 1) queue[queued++] = neighbour;
      }
      break;
    }
  }
  int kept = 0;
  for (int index = 0; index < left; ++index) {
    if (position_[stack_[index]] < 0) stack_[kept++] = stack_[index];
  }
  while (kept > 0) {
    int best = 0;
    for (int index = 1; index < kept; ++index) {
      if (columnCount_[stack_[index]] < columnCount_[stack_[best]]) best = index;
    }
    const int column = stack_[best];
    for (int index = best + 1; index < kept; ++index) stack_[index - 1] = stack_[index];
    --kept;
    computeColumn(column);
    const int row = bestRow(column);
    if (row < 0) {
      status_[column] = atLower;
      columnNonzeros().forEach([&](int position) { column_[position] = 0; });
      std::memset(columnWords_, 0, inverse_.wordCount() * sizeof(uint64_t));
      continue;
    }
    admit(column, row);
    for (int other = matrix_.rowStarts[row]; other < matrix_.rowStarts[row + 1]; ++other) {
      if (columnCount_[matrix_.columnIndices[other]] > 0) --columnCount_[matrix_.columnIndices[other]];
    }
  }
  for (int row = 0; row < rowTotal; ++row) {
    if (position_[columnTotal + row] >= 0) status_[columnTotal + row] = basic;
  }
}

/// A remaining row with a large element of the current column and few columns, or −1 if all elements vanish.
int Simplex::bestRow(int) {
  double largest = leastPivot;
  columnNonzeros().forEach([&](int position) {
    if (position < rows() && rowCount_[position] >= 0) largest = std::max(largest, std::fabs(column_[position]));
  });
  int best = -1;
  columnNonzeros().forEach([&](int position) {
    if (rowCount_[position] < 0) return;
    const double size = std::fabs(column_[position]);
    if (size <= leastPivot || size < pivotShare * largest) return;
    if (best < 0 || rowCount_[position] < rowCount_[best] ||
        (rowCount_[position] == rowCount_[best] && size > std::fabs(column_[best]))) {
      best = position;
    }
  });
  return best;
}

/// Replaces the logical of a row by a structural, whose column has been computed.
void Simplex::admit(int column, int row) {
  const int logical = columns() + row;
  position_[logical] = -1;
  position_[column] = row;
  variable_[row] = column;
  logicals_[row] = 0;
  rowCount_[row] = -1;
  columnCount_[column] = -1;
  inverse_.exchange(row, column_, columnNonzeros(), row, -1, logicals_);
  columnNonzeros().forEach([&](int position) { column_[position] = 0; });
  std::memset(columnWords_, 0, inverse_.wordCount() * sizeof(uint64_t));
}

/// Sets `column_` to B⁻¹ times the column of a variable.
void Simplex::computeColumn(int variable) {
  const Positions nonzeros = columnNonzeros();
  if (isLogical(variable)) {
    inverse_.addColumn(inverse_.slot(variable - columns()), -1, column_, nonzeros);
    return;
  }
  for (int entry = matrix_.columnStarts[variable]; entry < matrix_.columnStarts[variable + 1]; ++entry) {
    const int row = matrix_.rowIndices[entry], slot = inverse_.slot(row);
    const double value = matrix_.columnValues[entry];
    if (slot >= 0) {
      inverse_.addColumn(slot, value, column_, nonzeros);
    } else {
      const int position = position_[columns() + row];
      const double old = column_[position], fresh = old - value;
      column_[position] = std::fabs(fresh) < 1e-12 * std::fabs(old) ? 0 : fresh;
      nonzeros.insert(position);
    }
  }
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
