#include "Matrix.hpp"

#include <algorithm>

namespace cobre {

void Matrix::load(int newColumns, int newRows, const int *starts, const int *indices, const double *values) {
  columns = newColumns;
  rows = newRows;
  const int entries = starts[columns];
  columnStarts.reserve(columns + 1);
  rowIndices.reserve(entries);
  columnValues.reserve(entries);
  rowStarts.reserve(rows + 1);
  columnIndices.reserve(entries);
  rowValues.reserve(entries);
  std::copy(starts, starts + columns + 1, &columnStarts[0]);
  std::copy(indices, indices + entries, &rowIndices[0]);
  std::copy(values, values + entries, &columnValues[0]);
  for (int row = 0; row <= rows; ++row) rowStarts[row] = 0;
  for (int entry = 0; entry < entries; ++entry) {
    if (indices[entry] + 2 <= rows) ++rowStarts[indices[entry] + 2];
  }
  for (int row = 2; row <= rows; ++row) rowStarts[row] += rowStarts[row - 1];
  // Starts are one row ahead and advance while the rows are filled.
  for (int column = 0; column < columns; ++column) {
    for (int entry = starts[column]; entry < starts[column + 1]; ++entry) {
      const int target = rowStarts[indices[entry] + 1]++;
      columnIndices[target] = column;
      rowValues[target] = values[entry];
    }
  }
}

void Matrix::addRows(int count, const int *starts, const int *newColumns, const double *values) {
  const int before = columnStarts[columns], added = starts[count] - starts[0];
  rowStarts.reserve(rows + count + 1, rows + 1);
  columnIndices.reserve(before + added, before);
  rowValues.reserve(before + added, before);
  rowIndices.reserve(before + added, before);
  columnValues.reserve(before + added, before);
  for (int row = 0; row < count; ++row) rowStarts[rows + row + 1] = before + starts[row + 1] - starts[0];
  std::copy(newColumns + starts[0], newColumns + starts[count], &columnIndices[before]);
  std::copy(values + starts[0], values + starts[count], &rowValues[before]);

  // Columns move up from the last on, each by what the columns before it gain.
  int first = columns;
  for (int entry = starts[0]; entry < starts[count]; ++entry) first = std::min(first, newColumns[entry]);
  Buffer<int> &gains = scratch;
  gains.reserve(columns + 1);
  for (int column = first; column < columns; ++column) gains[column] = 0;
  for (int entry = starts[0]; entry < starts[count]; ++entry) ++gains[newColumns[entry]];
  int shift = added;
  for (int column = columns - 1; column >= first; --column) {
    const int end = columnStarts[column + 1], gain = gains[column];
    columnStarts[column + 1] = end + shift;
    shift -= gain;
    if (shift > 0) {
      std::copy_backward(&rowIndices[columnStarts[column]], &rowIndices[end], &rowIndices[end + shift]);
      std::copy_backward(&columnValues[columnStarts[column]], &columnValues[end], &columnValues[end + shift]);
    }
    gains[column] = end + shift;
  }
  for (int row = 0; row < count; ++row) {
    for (int entry = starts[row]; entry < starts[row + 1]; ++entry) {
      const int target = gains[newColumns[entry]]++;
      rowIndices[target] = rows + row;
      columnValues[target] = values[entry];
    }
  }
  rows += count;
}

}  // namespace cobre
