#include "Inverse.hpp"

#include <algorithm>
#include <cmath>

#include "InstructionSet.hpp"

namespace cobre {

namespace {
/// What remains of a sum below this share of its terms is rounding and counts as 0: noise would fill the inverse.
constexpr double cancelled = 1e-12;
/// Spare room for rows and slots beyond the current ones.
constexpr int spare = 32;
}  // namespace

void Inverse::makeRoom(int rows, int slots) {
  if (rows <= rowRoom_ && slots <= slotRoom_) return;
  const int rowRoom = std::max(rowRoom_, (rows + spare + 63) / 64 * 64);
  // An odd number of cache lines: strides that are powers of 2 would put a column into few sets of the cache.
  const int lines = ((std::max(slotRoom_, slots) + 7) / 8) | 1;
  const int stride = lines * 8, words = rowRoom / 64;
  if (rows_ > 0 && width_ > 0) {
    Buffer<double> values;
    Buffer<uint64_t> masks;
    values.reserve(size_t(rowRoom) * stride);
    masks.reserve(size_t(stride) * words);
    for (int position = 0; position < rows_; ++position) {
      std::memcpy(values + size_t(position) * stride, at(position), width_ * sizeof(double));
    }
    std::memset(masks, 0, size_t(stride) * words * sizeof(uint64_t));
    for (int slot = 0; slot < slots_; ++slot) {
      std::memcpy(masks + size_t(slot) * words, masks_ + size_t(slot) * words_, words_ * sizeof(uint64_t));
    }
    values_.swap(values);
    masks_.swap(masks);
  } else {
    values_.reserve(size_t(rowRoom) * stride);
    masks_.reserve(size_t(stride) * words);
  }
  norms_.reserve(rowRoom, rows_);
  slotOfRow_.reserve(rowRoom, rows_);
  // Up to the width, since slots that are not taken yet are marked.
  rowOfSlot_.reserve(stride, width_);
  freed_.reserve(stride, freeSlots_);
  blocks_.reserve(stride);
  rowRoom_ = rowRoom;
  slotRoom_ = stride;
  stride_ = stride;
  words_ = words;
}

void Inverse::reset(int rows, int columns) {
  rows_ = width_ = slots_ = freeSlots_ = 0;
  columns_ = columns;
  rowRoom_ = slotRoom_ = 0;
  makeRoom(rows, std::min(rows + spare, columns));
  rows_ = rows;
  for (int row = 0; row < rows; ++row) {
    slotOfRow_[row] = -1;
    norms_[row] = 1;
  }
}

void Inverse::release() {
  values_.release();
  masks_.release();
  rows_ = width_ = slots_ = freeSlots_ = 0;
  rowRoom_ = slotRoom_ = 0;
}

void Inverse::append(const int *positions, const double *values, int count) {
  makeRoom(rows_ + 1, std::min(rows_ + 1, columns_));
  const int position = rows_++;
  slotOfRow_[position] = -1;
  double *target = values_ + size_t(position) * stride_;
  std::memset(target, 0, width_ * sizeof(double));
  for (int index = 0; index < count; ++index) add(target, values[index], at(positions[index]), width_);
  norms_[position] = 1 + dot(target, target, width_);
  for (int slot = 0; slot < slots_; ++slot) {
    if (target[slot] != 0) columnNonzeros(slot).insert(position);
  }
}

int Inverse::takeSlot(int row) {
  int slot;
  if (freeSlots_ > 0) {
    slot = freed_[--freeSlots_];
  } else {
    slot = slots_++;
    if (slots_ > width_) {
      const Four zero = all(0);
      for (int position = 0; position < rows_; ++position) put(values_ + size_t(position) * stride_ + width_, zero);
      for (int unused = width_; unused < width_ + 4; ++unused) rowOfSlot_[unused] = -1;
      width_ += 4;
    }
    std::memset(masks_ + size_t(slot) * words_, 0, words_ * sizeof(uint64_t));
  }
  slotOfRow_[row] = slot;
  rowOfSlot_[slot] = row;
  return slot;
}

void Inverse::dropSlot(int row) {
  const int slot = slotOfRow_[row];
  const Positions nonzeros = columnNonzeros(slot);
  nonzeros.forEach([&](int position) { values_[size_t(position) * stride_ + slot] = 0; });
  std::memset(nonzeros.words, 0, words_ * sizeof(uint64_t));
  slotOfRow_[row] = -1;
  rowOfSlot_[slot] = -1;
  freed_[freeSlots_++] = slot;
}

void Inverse::addColumn(int slot, double factor, double *target, Positions nonzeros) {
  const Positions known = columnNonzeros(slot);
  const double *column = values_ + slot;
  for (int word = 0; word < words_; ++word) {
    uint64_t kept = known.words[word];
    for (uint64_t bits = kept; bits; bits &= bits - 1) {
      const int bit = __builtin_ctzll(bits);
      const int position = (word << 6) + bit;
      const double value = column[size_t(position) * stride_];
      if (value == 0) {
        kept &= ~(uint64_t(1) << bit);
        continue;
      }
      const double old = target[position], fresh = factor * value + old;
      target[position] = std::fabs(fresh) < cancelled * std::fabs(old) ? 0 : fresh;
    }
    known.words[word] = kept;
    nonzeros.words[word] |= kept;
  }
}

void Inverse::moveAlong(int slot, double factor, double *target) {
  const double *column = values_ + slot;
  columnNonzeros(slot).forEach([&](int position) {
    target[position] = factor * column[size_t(position) * stride_] + target[position];
  });
}

void Inverse::exchange(int position, const double *column, Positions nonzeros, int leaving, int entering,
                       const double *logicals) {
  if (entering >= 0) dropSlot(entering);
  double *pivotRow = values_ + size_t(position) * stride_;
  if (leaving >= 0) {
    const int slot = takeSlot(leaving);
    pivotRow = values_ + size_t(position) * stride_;
    pivotRow[slot] = -1;
  }
  const double scale = 1 / column[position];
  // Most rows of a larger inverse are nearly empty: only its blocks of 4 with something in them are touched.
  int blocks = 0;
  for (int first = 0; first < width_; first += 4) {
    bool isEmpty = true;
    for (int slot = first; slot < first + 4; ++slot) {
      if (pivotRow[slot] == 0) continue;
      isEmpty = false;
      uint64_t *words = masks_ + size_t(slot) * words_;
      for (int word = 0; word < words_; ++word) words[word] |= nonzeros.words[word];
    }
    if (!isEmpty) {
      put(pivotRow + first, fetch(pivotRow + first) * all(scale));
      blocks_[blocks++] = first;
    }
  }
  const Four limit = all(cancelled);
  nonzeros.forEach([&](int other) {
    if (other == position || column[other] == 0) return;
    double *row = values_ + size_t(other) * stride_;
    const Four factor = all(-column[other]);
    Four growth = all(0);
    for (int index = 0; index < blocks; ++index) {
      const int first = blocks_[index];
      const Four old = fetch(row + first);
      Four fresh = factor * fetch(pivotRow + first) + old;
      fresh = where(magnitude(fresh) >= limit * magnitude(old), fresh);
      put(row + first, fresh);
      const Four square = fresh * fresh;
      growth += square - old * old;
    }
    const double before = norms_[other], after = before + sum(growth);
    // A norm that shrank far has lost its digits.
    norms_[other] = after > 1e-5 * before ? after : dot(row, row, width_) + logicals[other];
  });
  norms_[position] = dot(pivotRow, pivotRow, width_) + logicals[position];
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
