// The matrix of a program, by column and by row.
#ifndef COBRE_SIMPLEX_MATRIX_HPP
#define COBRE_SIMPLEX_MATRIX_HPP

#include "Buffer.hpp"

namespace cobre {

struct Matrix {
  int columns = 0, rows = 0;
  Buffer<int> columnStarts, rowIndices, rowStarts, columnIndices;
  Buffer<double> columnValues, rowValues;
  Buffer<int> scratch;

  void load(int columns, int rows, const int *starts, const int *indices, const double *values);
  /// Appends rows given row-major.
  void addRows(int count, const int *starts, const int *columns, const double *values);
};

}  // namespace cobre
#endif
