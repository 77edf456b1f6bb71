// A sparse factorisation of a basis, kept up from one exchange to the next.
#ifndef COBRE_SIMPLEX_FACTORS_HPP
#define COBRE_SIMPLEX_FACTORS_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "Buffer.hpp"
#include "Matrix.hpp"

#include "InstructionSet.hpp"
namespace cobre {

/// A set of small numbers, a bit each, that is read in order while it grows.
struct BitSet {
  Buffer<uint64_t> words;
  int count = 0;

  void reset(int size) {
    count = (size + 63) / 64;
    words.reserve(count);
    std::memset(words, 0, count * sizeof(uint64_t));
  }
  void insert(int number) { words[number >> 6] |= uint64_t(1) << (number & 63); }

  /// Takes the members out from the lowest on; `body` may insert higher ones.
  template <typename Body>
  void drainUp(Body body) {
    for (int word = 0; word < count; ++word) {
      while (const uint64_t bits = words[word]) {
        words[word] = bits & (bits - 1);
        body((word << 6) + __builtin_ctzll(bits));
      }
    }
  }
  /// Takes the members out from the highest on; `body` may insert lower ones.
  template <typename Body>
  void drainDown(Body body) {
    for (int word = count - 1; word >= 0; --word) {
      while (const uint64_t bits = words[word]) {
        const int bit = 63 - __builtin_clzll(bits);
        words[word] = bits & ~(uint64_t(1) << bit);
        body((word << 6) + bit);
      }
    }
  }
};

/// A vector by row with a list of the rows where it may not be 0.
struct SparseVector {
  Buffer<double> values;
  Buffer<int> rows;
  int count = 0;

  void reset(int size) {
    values.reserve(size);
    rows.reserve(size);
    std::memset(values, 0, size * sizeof(double));
    count = 0;
  }
  void clear() {
    for (int index = 0; index < count; ++index) values[rows[index]] = 0;
    count = 0;
  }
};

/// B = L R⁻¹ U for a basis B of columns of (A, −I), with as many elementary matrices R as exchanges since it was factorised
/// (Forrest and Tomlin, 1972).
///
/// A variable has the position of the row in which it is the pivot. Solves visit nonzeros alone: a set of bits in the
/// order of pivots says which are left, and elimination only ever adds later ones.
class Factors {
 public:
  /// Exchanges after which a new factorisation is due in any case.
  static constexpr int mostUpdates = 100;

  /// Factorises the basis of the structurals in `members` and the logicals of the rows where `variable[row] >= 0`.
  ///
  /// Sets `variable` to the variable of each position. Structurals that depend on others are left out: they are
  /// `members` from the returned count on; rows without one get their logical.
  int factorise(const Matrix &matrix, int *members, int count, int *variable);

  int updates() const { return updates_; }
  bool isWorn() const { return updates_ >= mostUpdates || growth_ > 2 * size_ + 4 * rows_; }

  /// x := B⁻¹ x. `keepsSpike`: remembers what `exchange` needs of an entering column.
  void solve(SparseVector &x, bool keepsSpike = false);
  /// y := B⁻ᵀ y. `position`: of the unit vector that y is, for an exchange at it; −1 for any other y.
  void solveTransposed(SparseVector &y, int position = -1);

  /// Replaces the column at a position by that of the last `solve` that kept its spike; its row was the last one to be kept.
  ///
  /// `pivot`: element of the solution at the position. False where the factors do not agree with it.
  bool exchange(int position, double pivot);
  void release();

 private:
  struct Entry {
    int other;
    double value;
  };
  struct Triple {
    int row, column;
    double value;
  };
  /// Lists of entries in one pool.
  struct Lists {
    Buffer<Entry> pool;
    Buffer<int> starts, counts, rooms;
    int used = 0;
    Entry *at(int list) { return pool + starts[list]; }
    void reserve(int lists) {
      starts.reserve(lists);
      counts.reserve(lists);
      rooms.reserve(lists);
    }
    void start(int list, int room) {
      starts[list] = used;
      counts[list] = 0;
      rooms[list] = room;
      used += room;
      pool.reserve(used, used - room);
    }
    void append(int list, int other, double value) {
      if (counts[list] == rooms[list]) {
        const int from = starts[list], kept = counts[list], room = 2 * kept + 4;
        pool.reserve(used + room, used);
        std::copy(pool + from, pool + from + kept, pool + used);
        starts[list] = used;
        rooms[list] = room;
        used += room;
      }
      pool[starts[list] + counts[list]++] = {other, value};
    }
    /// Appends where there is room for sure.
    void put(int list, int other, double value) { pool[starts[list] + counts[list]++] = {other, value}; }
    void remove(int list, int other) {
      Entry *entries = at(list);
      int index = 0;
      while (index < counts[list] && entries[index].other != other) ++index;
      if (index == counts[list]) return;
      entries[index] = entries[--counts[list]];
    }
  };

  /// In `counts_`, of a column that is in the basis; `sums_` is then its position.
  static constexpr int pivoted = -2;

  // Factors+Factorise.cpp
  void placePivot(int row, int column, double value);
  void pivotSingles(const Matrix &matrix, const int *members, int count, int *variable);
  void gatherKernel(const Matrix &matrix, const int *members, int count, const int *variable);
  void pivotKernel(int *variable);
  bool choosePivot(int &row, int &kernel);
  void dropColumn(int kernel);
  void eliminate(int row, int kernel, int *variable);
  void build();
  static void link(int *heads, int *next, int *previous, int item, int length);
  static void unlink(int *heads, int *next, int *previous, int item);
  void linkColumn(int kernel) {
    link(columnHeads_, columnNext_, columnPrevious_, kernel, kernel_.counts[kernel]);
    leastLength_ = std::min(leastLength_, kernel_.counts[kernel]);
  }
  void linkRow(int row) {
    link(rowHeads_, rowNext_, rowPrevious_, row, kernelRows_.counts[row]);
    leastLength_ = std::min(leastLength_, kernelRows_.counts[row]);
  }

  int rows_ = 0, columns_ = 0, size_ = 0, growth_ = 0, updates_ = 0, pivots_ = 0;

  // By position.
  Buffer<double> diagonal_, reciprocal_;
  Buffer<int> order_, firstOrder_;
  // By place in the order.
  Buffer<int> rowAt_, firstRowAt_;
  BitSet left_, leftFirst_;

  /// L by pivot row, and by row.
  Lists lower_, lowerByRow_;
  /// U by pivot row of the column, and by row.
  Lists upper_, upperByRow_;
  /// R by exchange: the position, and the entries of its row.
  Lists changes_;
  Buffer<int> changed_;

  Buffer<Entry> spike_, row_;
  int spikeCount_ = 0, rowCount_ = 0;

  // Of the factorisation.
  Buffer<int> pivotColumn_, pivotRow_, marks_, counts_, rowCounts_, sums_, rowSums_, queue_;
  Buffer<Triple> upperTriples_, lowerTriples_;
  int upperCount_ = 0, lowerCount_ = 0;
  Lists kernel_, kernelRows_;
  Buffer<double> work_;
  Buffer<int> columnHeads_, columnNext_, columnPrevious_, rowHeads_, rowNext_, rowPrevious_;
  Buffer<int> kernelColumns_;
  int kernelCount_ = 0, leastLength_ = 1;

  void note(Buffer<Triple> &triples, int &count, int row, int column, double value) {
    triples.reserve(count + 1, count);
    triples[count++] = {row, column, value};
  }
};

}  // namespace cobre
#include "InstructionSetEnd.hpp"
#endif
