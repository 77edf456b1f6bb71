#include <algorithm>

#include "Factors.hpp"

#include "InstructionSet.hpp"
#pragma clang fp contract(on)

namespace cobre {

namespace {
/// The least element that a column enters the basis by.
constexpr double leastPivot = 1e-9;
/// Share of the largest element of its column that a pivot must reach.
constexpr double pivotShare = 0.1, singlePivotShare = 1e-3;
/// Columns and rows looked at for each pivot.
constexpr int mostCandidates = 4;
constexpr double cancelled = 1e-12;
}  // namespace

/// Logicals first, then columns and rows with a single element left as long as there are any, then what remains by the
/// rule of Markowitz (1957): few elements in row and column, none much smaller than others of its column.
int Factors::factorise(const Matrix &matrix, int *members, int count, int *variable) {
  rows_ = matrix.rows;
  columns_ = matrix.columns;
  upperCount_ = lowerCount_ = pivots_ = updates_ = growth_ = 0;
  const int places = rows_ + mostUpdates + 1;
  diagonal_.reserve(rows_);
  reciprocal_.reserve(rows_);
  order_.reserve(rows_);
  firstOrder_.reserve(rows_);
  rowAt_.reserve(places);
  firstRowAt_.reserve(rows_);
  pivotRow_.reserve(rows_);
  pivotColumn_.reserve(rows_);
  spike_.reserve(rows_);
  row_.reserve(rows_);
  work_.reserve(rows_);
  marks_.reserve(rows_);
  changed_.reserve(mostUpdates + 1);
  changes_.reserve(mostUpdates + 1);
  changes_.used = 0;
  left_.reset(places);
  leftFirst_.reset(rows_);
  for (int row = 0; row < rows_; ++row) {
    work_[row] = 0;
    marks_[row] = -1;
  }
  pivotSingles(matrix, members, count, variable);
  gatherKernel(matrix, members, count, variable);
  pivotKernel(variable);
  // Rows that no column needs keep their logical.
  for (int row = 0; row < rows_; ++row) {
    if (variable[row] >= 0) continue;
    variable[row] = columns_ + row;
    placePivot(row, -1, -1);
  }
  build();
  int kept = 0;
  for (int index = 0; index < count; ++index) {
    if (counts_[members[index]] == pivoted) std::swap(members[kept++], members[index]);
  }
  return kept;
}

void Factors::placePivot(int row, int column, double value) {
  pivotRow_[pivots_] = row;
  pivotColumn_[pivots_] = column;
  diagonal_[row] = value;
  reciprocal_[row] = 1 / value;
  order_[row] = firstOrder_[row] = pivots_;
  rowAt_[pivots_] = firstRowAt_[pivots_] = row;
  ++pivots_;
  if (column >= 0) {
    counts_[column] = pivoted;
    sums_[column] = row;
  }
}

/// Pivots of logicals, and of columns and rows with a single element.
void Factors::pivotSingles(const Matrix &matrix, const int *members, int count, int *variable) {
  counts_.reserve(columns_);
  sums_.reserve(columns_);
  rowCounts_.reserve(rows_);
  rowSums_.reserve(rows_);
  queue_.reserve(2 * (rows_ + columns_));
  for (int row = 0; row < rows_; ++row) {
    rowCounts_[row] = rowSums_[row] = 0;
    if (variable[row] < 0) continue;
    rowCounts_[row] = -1;
    placePivot(row, -1, -1);
  }
  for (int column = 0; column < columns_; ++column) counts_[column] = -1;
  // The exclusive or of the rows of a column is its row once there is only one, and so for rows.
  for (int index = 0; index < count; ++index) {
    const int column = members[index];
    int rows = 0, sum = 0;
    for (int entry = matrix.columnStarts[column]; entry < matrix.columnStarts[column + 1]; ++entry) {
      const int row = matrix.rowIndices[entry];
      if (rowCounts_[row] < 0 || matrix.columnValues[entry] == 0) continue;
      ++rows;
      sum ^= row;
      ++rowCounts_[row];
      rowSums_[row] ^= column;
    }
    counts_[column] = rows;
    sums_[column] = sum;
  }
  int first = 0, queued = 0;
  // Columns are queued by their number, rows by −1 − their number.
  for (int index = 0; index < count; ++index) {
    if (counts_[members[index]] == 1) queue_[queued++] = members[index];
  }
  for (int row = 0; row < rows_; ++row) {
    if (rowCounts_[row] == 1) queue_[queued++] = -1 - row;
  }
  while (first < queued) {
    const int item = queue_[first++];
    int row, column;
    if (item >= 0) {
      if (counts_[item] != 1) continue;
      column = item;
      row = sums_[column];
    } else {
      row = -1 - item;
      if (rowCounts_[row] != 1) continue;
      column = rowSums_[row];
    }
    double pivot = 0, largest = 0;
    for (int entry = matrix.columnStarts[column]; entry < matrix.columnStarts[column + 1]; ++entry) {
      if (rowCounts_[matrix.rowIndices[entry]] < 0) continue;
      largest = std::max(largest, std::fabs(matrix.columnValues[entry]));
      if (matrix.rowIndices[entry] == row) pivot = matrix.columnValues[entry];
    }
    if (!(std::fabs(pivot) >= leastPivot && std::fabs(pivot) >= singlePivotShare * largest)) continue;
    const bool others = rowCounts_[row] > 1;
    rowCounts_[row] = -1;
    for (int entry = matrix.columnStarts[column]; entry < matrix.columnStarts[column + 1]; ++entry) {
      const int other = matrix.rowIndices[entry];
      const double value = matrix.columnValues[entry];
      if (other == row || value == 0) continue;
      if (rowCounts_[other] < 0) {
        note(upperTriples_, upperCount_, other, column, value);
      } else {
        note(lowerTriples_, lowerCount_, other, row, value / pivot);
        rowSums_[other] ^= column;
        if (--rowCounts_[other] == 1) queue_[queued++] = -1 - other;
      }
    }
    variable[row] = column;
    placePivot(row, column, pivot);
    if (!others) continue;
    for (int entry = matrix.rowStarts[row]; entry < matrix.rowStarts[row + 1]; ++entry) {
      const int other = matrix.columnIndices[entry];
      if (counts_[other] <= 0 || matrix.rowValues[entry] == 0) continue;
      sums_[other] ^= row;
      if (--counts_[other] == 1) queue_[queued++] = other;
    }
  }
}

/// Copies what the pivots so far have left of the other columns.
void Factors::gatherKernel(const Matrix &matrix, const int *members, int count, const int *variable) {
  kernelCount_ = 0;
  kernel_.used = kernelRows_.used = 0;
  kernel_.reserve(count);
  kernelRows_.reserve(rows_);
  kernelColumns_.reserve(count);
  int longest = 0;
  for (int row = 0; row < rows_; ++row) {
    if (rowCounts_[row] <= 0) continue;
    kernelRows_.start(row, rowCounts_[row] + 4);
    longest = std::max(longest, rowCounts_[row]);
  }
  for (int index = 0; index < count; ++index) {
    const int column = members[index];
    if (counts_[column] < 0) continue;
    const int kernel = kernelCount_++;
    kernelColumns_[kernel] = column;
    kernel_.start(kernel, counts_[column] + 2);
    for (int entry = matrix.columnStarts[column]; entry < matrix.columnStarts[column + 1]; ++entry) {
      const int row = matrix.rowIndices[entry];
      const double value = matrix.columnValues[entry];
      if (value == 0) continue;
      if (rowCounts_[row] < 0) {
        note(upperTriples_, upperCount_, row, column, value);
      } else {
        kernel_.append(kernel, row, value);
        kernelRows_.append(row, kernel, 0);
      }
    }
  }
  // Lists by length: no column is longer than there are rows, nor a row than there are columns.
  const int lengths = std::max(rows_, kernelCount_) + 2;
  columnHeads_.reserve(lengths);
  rowHeads_.reserve(lengths);
  for (int length = 0; length < lengths; ++length) columnHeads_[length] = rowHeads_[length] = -1;
  columnNext_.reserve(kernelCount_);
  columnPrevious_.reserve(kernelCount_);
  rowNext_.reserve(rows_);
  rowPrevious_.reserve(rows_);
  for (int kernel = kernelCount_ - 1; kernel >= 0; --kernel) linkColumn(kernel);
  for (int row = rows_ - 1; row >= 0; --row) {
    if (rowCounts_[row] > 0) linkRow(row);
  }
}

void Factors::link(int *heads, int *next, int *previous, int item, int length) {
  const int head = heads[length];
  next[item] = head;
  previous[item] = -1 - length;
  if (head >= 0) previous[head] = item;
  heads[length] = item;
}

void Factors::unlink(int *heads, int *next, int *previous, int item) {
  const int before = previous[item], after = next[item];
  if (before >= 0) next[before] = after;
  else heads[-1 - before] = after;
  if (after >= 0) previous[after] = before;
}

void Factors::pivotKernel(int *variable) {
  int left = kernelCount_;
  leastLength_ = 1;
  while (left > 0) {
    int row = -1, kernel = -1;
    if (!choosePivot(row, kernel)) return;
    --left;
    if (row < 0) {
      dropColumn(kernel);
      continue;
    }
    eliminate(row, kernel, variable);
  }
}

/// Takes a column that is 0 by now out of the kernel.
void Factors::dropColumn(int kernel) {
  unlink(columnHeads_, columnNext_, columnPrevious_, kernel);
  Entry *entries = kernel_.at(kernel);
  for (int index = 0; index < kernel_.counts[kernel]; ++index) {
    const int row = entries[index].other;
    unlink(rowHeads_, rowNext_, rowPrevious_, row);
    kernelRows_.remove(row, kernel);
    linkRow(row);
  }
  kernel_.counts[kernel] = 0;
}

/// Finds the next pivot: of the shortest columns and rows the element with the least Markowitz count.
///
/// `row` is −1 for a column without an element large enough. False if nothing is left.
bool Factors::choosePivot(int &bestRow, int &bestKernel) {
  if (columnHeads_[0] >= 0) {
    bestKernel = columnHeads_[0];
    return true;
  }
  double best = 1e300, bestSize = 0;
  int seen = 0;
  const int longest = std::max(rows_, kernelCount_);
  bool isFirst = true;
  for (int length = std::max(1, leastLength_); length <= longest; ++length) {
    if (columnHeads_[length] < 0 && rowHeads_[length] < 0) continue;
    if (isFirst) leastLength_ = length;
    isFirst = false;
    for (int kernel = columnHeads_[length]; kernel >= 0; kernel = columnNext_[kernel]) {
      const Entry *entries = kernel_.at(kernel);
      double largest = 0;
      for (int index = 0; index < length; ++index) largest = std::max(largest, std::fabs(entries[index].value));
      if (largest < leastPivot) {
        bestRow = -1;
        bestKernel = kernel;
        return true;
      }
      for (int index = 0; index < length; ++index) {
        const double size = std::fabs(entries[index].value);
        if (size < pivotShare * largest) continue;
        const int row = entries[index].other;
        const double merit = double(length - 1) * (kernelRows_.counts[row] - 1);
        if (merit < best || (merit == best && size > bestSize)) {
          best = merit;
          bestSize = size;
          bestRow = row;
          bestKernel = kernel;
        }
      }
      if (best <= double(length - 1) * (length - 1) || ++seen >= mostCandidates) return true;
    }
    for (int row = rowHeads_[length]; row >= 0; row = rowNext_[row]) {
      const Entry *members = kernelRows_.at(row);
      for (int index = 0; index < length; ++index) {
        const int kernel = members[index].other;
        const double merit = double(length - 1) * (kernel_.counts[kernel] - 1);
        if (merit > best) continue;
        const Entry *entries = kernel_.at(kernel);
        double largest = 0, size = 0;
        for (int other = 0; other < kernel_.counts[kernel]; ++other) {
          largest = std::max(largest, std::fabs(entries[other].value));
          if (entries[other].other == row) size = std::fabs(entries[other].value);
        }
        if (size < leastPivot || size < pivotShare * largest) continue;
        if (merit < best || size > bestSize) {
          best = merit;
          bestSize = size;
          bestRow = row;
          bestKernel = kernel;
        }
      }
      if (best <= double(length) * (length - 1) || (++seen >= mostCandidates && bestKernel >= 0)) {
        if (bestKernel >= 0) return true;
      }
    }
  }
  return bestKernel >= 0;
}

/// Takes a row and a column out of the kernel, and subtracts the row from the others of the column.
void Factors::eliminate(int row, int kernel, int *variable) {
  const int column = kernelColumns_[kernel];
  const int length = kernel_.counts[kernel];
  unlink(columnHeads_, columnNext_, columnPrevious_, kernel);
  unlink(rowHeads_, rowNext_, rowPrevious_, row);
  double pivot = 0;
  Entry *entries = kernel_.at(kernel);
  for (int index = 0; index < length; ++index) {
    if (entries[index].other == row) pivot = entries[index].value;
  }
  const int firstLower = lowerCount_;
  for (int index = 0; index < length; ++index) {
    const int other = entries[index].other;
    if (other == row) continue;
    const double factor = entries[index].value / pivot;
    note(lowerTriples_, lowerCount_, other, row, factor);
    work_[other] = factor;
    unlink(rowHeads_, rowNext_, rowPrevious_, other);
    kernelRows_.remove(other, kernel);
  }
  kernel_.counts[kernel] = 0;
  for (int index = 0; index < kernelRows_.counts[row]; ++index) {
    const int target = kernelRows_.at(row)[index].other;
    if (target == kernel) continue;
    unlink(columnHeads_, columnNext_, columnPrevious_, target);
    Entry *parts = kernel_.at(target);
    double factor = 0;
    int kept = 0;
    for (int part = 0; part < kernel_.counts[target]; ++part) {
      if (parts[part].other == row) factor = parts[part].value;
    }
    for (int part = 0; part < kernel_.counts[target]; ++part) {
      const int other = parts[part].other;
      if (other == row) continue;
      if (work_[other] != 0) {
        marks_[other] = target;
        const double term = work_[other] * factor, fresh = parts[part].value - term;
        if (std::fabs(fresh) <= cancelled * std::fabs(term)) {
          kernelRows_.remove(other, target);
          continue;
        }
        parts[part].value = fresh;
      }
      parts[kept++] = parts[part];
    }
    kernel_.counts[target] = kept;
    note(upperTriples_, upperCount_, row, kernelColumns_[target], factor);
    for (int part = firstLower; part < lowerCount_; ++part) {
      const int other = lowerTriples_[part].row;
      if (marks_[other] == target) {
        marks_[other] = -1;
        continue;
      }
      kernel_.append(target, other, -lowerTriples_[part].value * factor);
      kernelRows_.append(other, target, 0);
    }
    linkColumn(target);
  }
  kernelRows_.counts[row] = 0;
  for (int part = firstLower; part < lowerCount_; ++part) {
    const int other = lowerTriples_[part].row;
    work_[other] = 0;
    linkRow(other);
  }
  variable[row] = column;
  placePivot(row, column, pivot);
}

/// Sorts the elements found into the lists that solves read.
void Factors::build() {
  size_ = upperCount_ + lowerCount_;
  Lists *lists[] = {&lower_, &lowerByRow_, &upper_, &upperByRow_};
  for (Lists *list : lists) {
    list->reserve(rows_);
    list->used = 0;
    for (int row = 0; row < rows_; ++row) list->counts[row] = 0;
  }
  for (int index = 0; index < lowerCount_; ++index) {
    ++lower_.counts[lowerTriples_[index].column];
    ++lowerByRow_.counts[lowerTriples_[index].row];
  }
  for (int index = 0; index < upperCount_; ++index) {
    Triple &triple = upperTriples_[index];
    // Entries of columns that were dropped in the end are in no list.
    triple.column = counts_[triple.column] == pivoted ? sums_[triple.column] : -1;
    if (triple.column < 0) continue;
    ++upper_.counts[triple.column];
    ++upperByRow_.counts[triple.row];
  }
  // In the order of the pivots, in which they are read. Rows of U get room for what exchanges add.
  for (Lists *list : lists) {
    const int spare = list == &upperByRow_ ? 2 : 0;
    for (int place = 0; place < rows_; ++place) {
      const int row = rowAt_[place];
      list->starts[row] = list->used;
      list->rooms[row] = list->counts[row] + spare;
      list->used += list->rooms[row];
      list->counts[row] = 0;
    }
    list->pool.reserve(list->used);
  }
  for (int index = 0; index < lowerCount_; ++index) {
    const Triple &triple = lowerTriples_[index];
    lower_.put(triple.column, triple.row, triple.value);
    lowerByRow_.put(triple.row, triple.column, triple.value);
  }
  for (int index = 0; index < upperCount_; ++index) {
    const Triple &triple = upperTriples_[index];
    if (triple.column < 0) continue;
    upper_.put(triple.column, triple.row, triple.value);
    upperByRow_.put(triple.row, triple.column, triple.value);
  }
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
