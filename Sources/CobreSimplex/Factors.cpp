#include "Factors.hpp"

#include <algorithm>

#include "InstructionSet.hpp"
#pragma clang fp contract(on)

namespace cobre {

namespace {
/// What cancels to this share of its terms counts as 0.
constexpr double cancelled = 1e-12;
/// A new diagonal may differ by this share from what the column says.
constexpr double agreement = 1e-6;

inline double less(double old, double factor, double value) {
  const double term = factor * value, fresh = old - term;
  return std::fabs(fresh) <= cancelled * std::fabs(term) ? 0 : fresh;
}
}  // namespace

void Factors::solve(SparseVector &x, bool keepsSpike) {
  double *values = x.values;
  for (int index = 0; index < x.count; ++index) {
    const int row = x.rows[index];
    left_.insert(order_[row]);
    if (lower_.counts[row]) leftFirst_.insert(firstOrder_[row]);
  }
  leftFirst_.drainUp([&](int place) {
    const int row = firstRowAt_[place];
    const double value = values[row];
    if (value == 0) return;
    const Entry *entry = lower_.at(row), *end = entry + lower_.counts[row];
    for (; entry < end; ++entry) {
      const int other = entry->other;
      values[other] = less(values[other], entry->value, value);
      left_.insert(order_[other]);
      if (lower_.counts[other]) leftFirst_.insert(firstOrder_[other]);
    }
  });
  for (int update = 0; update < updates_; ++update) {
    const Entry *entry = changes_.at(update), *end = entry + changes_.counts[update];
    double sum = 0;
    for (; entry < end; ++entry) sum += entry->value * values[entry->other];
    if (sum == 0) continue;
    const int row = changed_[update];
    values[row] = less(values[row], -1, sum);
    left_.insert(order_[row]);
  }
  if (keepsSpike) spikeCount_ = 0;
  int count = 0;
  if (keepsSpike) {
    for (int word = 0; word < left_.count; ++word) {
      for (uint64_t bits = left_.words[word]; bits; bits &= bits - 1) {
        const int row = rowAt_[(word << 6) + __builtin_ctzll(bits)];
        if (values[row] != 0) spike_[spikeCount_++] = {row, values[row]};
      }
    }
  }
  left_.drainDown([&](int place) {
    const int row = rowAt_[place];
    if (values[row] == 0) return;
    const double value = values[row] * reciprocal_[row];
    values[row] = value;
    x.rows[count++] = row;
    const Entry *entry = upper_.at(row), *end = entry + upper_.counts[row];
    for (; entry < end; ++entry) {
      const int other = entry->other;
      values[other] = less(values[other], entry->value, value);
      left_.insert(order_[other]);
    }
  });
  x.count = count;
}

void Factors::solveTransposed(SparseVector &y, int position) {
  double *values = y.values;
  for (int index = 0; index < y.count; ++index) left_.insert(order_[y.rows[index]]);
  if (position >= 0) rowCount_ = 0;
  left_.drainUp([&](int place) {
    const int row = rowAt_[place];
    if (values[row] == 0) return;
    const double value = values[row] * reciprocal_[row];
    values[row] = value;
    if (position >= 0 && row != position) row_[rowCount_++] = {row, value};
    leftFirst_.insert(firstOrder_[row]);
    const Entry *entry = upperByRow_.at(row), *end = entry + upperByRow_.counts[row];
    for (; entry < end; ++entry) {
      const int other = entry->other;
      values[other] = less(values[other], entry->value, value);
      left_.insert(order_[other]);
    }
  });
  for (int update = updates_ - 1; update >= 0; --update) {
    const double value = values[changed_[update]];
    if (value == 0) continue;
    const Entry *entry = changes_.at(update), *end = entry + changes_.counts[update];
    for (; entry < end; ++entry) {
      const int other = entry->other;
      values[other] = less(values[other], -entry->value, value);
      leftFirst_.insert(firstOrder_[other]);
    }
  }
  int count = 0;
  leftFirst_.drainDown([&](int place) {
    const int row = firstRowAt_[place];
    const double value = values[row];
    if (value == 0) return;
    y.rows[count++] = row;
    const Entry *entry = lowerByRow_.at(row), *end = entry + lowerByRow_.counts[row];
    for (; entry < end; ++entry) {
      const int other = entry->other;
      values[other] = less(values[other], entry->value, value);
      leftFirst_.insert(firstOrder_[other]);
    }
  });
  y.count = count;
}

bool Factors::exchange(int position, double pivot) {
  const double old = diagonal_[position];
  changed_[updates_] = position;
  changes_.start(updates_, rowCount_);
  double diagonal = 0;
  Entry *change = changes_.at(updates_);
  for (int index = 0; index < rowCount_; ++index) {
    change[index] = {row_[index].other, row_[index].value * old};
    work_[row_[index].other] = change[index].value;
  }
  changes_.counts[updates_] = rowCount_;
  for (int index = 0; index < spikeCount_; ++index) {
    const Entry &entry = spike_[index];
    diagonal += (entry.other == position ? 1 : work_[entry.other]) * entry.value;
  }
  for (int index = 0; index < rowCount_; ++index) work_[row_[index].other] = 0;
  // The element of the column at the position is the new diagonal over the old one.
  if (!(std::fabs(diagonal - pivot * old) <= agreement * std::fabs(diagonal))) return false;
  Entry *entry = upperByRow_.at(position);
  for (int index = 0; index < upperByRow_.counts[position]; ++index) upper_.remove(entry[index].other, position);
  upperByRow_.counts[position] = 0;
  entry = upper_.at(position);
  for (int index = 0; index < upper_.counts[position]; ++index) upperByRow_.remove(entry[index].other, position);
  upper_.start(position, spikeCount_);
  for (int index = 0; index < spikeCount_; ++index) {
    const Entry &part = spike_[index];
    if (part.other == position) continue;
    upper_.append(position, part.other, part.value);
    upperByRow_.append(part.other, position, part.value);
  }
  diagonal_[position] = diagonal;
  reciprocal_[position] = 1 / diagonal;
  const int place = rows_ + updates_;
  order_[position] = place;
  rowAt_[place] = position;
  growth_ += spikeCount_ + rowCount_;
  ++updates_;
  return true;
}

void Factors::release() {
  lower_.pool.release();
  lowerByRow_.pool.release();
  upper_.pool.release();
  upperByRow_.pool.release();
  changes_.pool.release();
  kernel_.pool.release();
  kernelRows_.pool.release();
  upperTriples_.release();
  lowerTriples_.release();
}

}  // namespace cobre
#include "InstructionSetEnd.hpp"
