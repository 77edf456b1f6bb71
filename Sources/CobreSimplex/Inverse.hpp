// The part of the inverse of a basis that the matrix itself does not give.
#ifndef COBRE_SIMPLEX_INVERSE_HPP
#define COBRE_SIMPLEX_INVERSE_HPP

#include <cstdint>

#include "Buffer.hpp"
#include "Vectors.hpp"

#include "InstructionSet.hpp"
namespace cobre {

/// A set of positions of the basis, a bit each.
struct Positions {
  uint64_t *words;
  int count;
  void insert(int position) const { words[position >> 6] |= uint64_t(1) << (position & 63); }
  template <typename Body>
  void forEach(Body body) const {
    for (int word = 0; word < count; ++word) {
      for (uint64_t bits = words[word]; bits; bits &= bits - 1) body((word << 6) + __builtin_ctzll(bits));
    }
  }
};

/// B⁻¹ of a basis B of columns of (A, −I), as far as it is not trivial.
///
/// The column of B⁻¹ that belongs to a row whose logical is basic is −1 at the position of that logical and 0 elsewhere.
/// The others, one for each nonbasic logical, are kept here: an entry says by how much the basic variable of a position
/// changes per unit of that logical. They are stored by position, each with a contiguous row, so that a row of B⁻¹, which
/// is what the dual method asks for most, lies at hand; for each column a superset of its nonzeros is known.
class Inverse {
 public:
  /// Becomes the inverse of the basis of all logicals, with row i at position i.
  ///
  /// `columns`: structural columns, which with `rows` limit how many slots there can be.
  void reset(int rows, int columns);
  /// Appends a position for a logical that is basic; its row is the sum of `values` times the rows of `positions`.
  void append(const int *positions, const double *values, int count);
  void release();

  int rows() const { return rows_; }
  /// Slots in use and between them, a multiple of 4.
  int width() const { return width_; }
  /// The column of a row of the matrix; −1 where its logical is basic.
  int slot(int row) const { return slotOfRow_[row]; }
  /// The row of the matrix that a slot belongs to; −1 for none.
  int row(int slot) const { return rowOfSlot_[slot]; }
  const double *at(int position) const { return values_ + size_t(position) * stride_; }
  /// Squared length of the row of B⁻¹ at each position.
  const double *norms() const { return norms_; }
  int wordCount() const { return words_; }

  /// Adds `factor` times the column of a slot to `target`, whose nonzeros are among `nonzeros`.
  void addColumn(int slot, double factor, double *target, Positions nonzeros);

  /// The same with every digit of `target` kept.
  void moveAlong(int slot, double factor, double *target);

  /// Exchanges the variable at a position.
  ///
  /// `column`: B⁻¹ times the entering column, nonzero among `nonzeros`. `leaving`, `entering`: row of the logical that
  /// leaves or enters, −1 for a structural. `logicals`: 1 by position where a logical is basic after the exchange.
  void exchange(int position, const double *column, Positions nonzeros, int leaving, int entering,
                const double *logicals);

 private:
  Positions columnNonzeros(int slot) { return {masks_ + size_t(slot) * words_, words_}; }
  int takeSlot(int row);
  void dropSlot(int row);
  void makeRoom(int rows, int slots);

  int rows_ = 0, width_ = 0, slots_ = 0, freeSlots_ = 0, columns_ = 0;
  int stride_ = 0, words_ = 0, rowRoom_ = 0, slotRoom_ = 0;
  Buffer<double> values_, norms_;
  Buffer<uint64_t> masks_;
  Buffer<int> slotOfRow_, rowOfSlot_, freed_, blocks_;
};

}  // namespace cobre
#include "InstructionSetEnd.hpp"
#endif
