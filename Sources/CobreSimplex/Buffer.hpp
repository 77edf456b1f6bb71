// Room for numbers that only ever grows.
#ifndef COBRE_SIMPLEX_BUFFER_HPP
#define COBRE_SIMPLEX_BUFFER_HPP

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace cobre {

/// An array of plain values at an address of 64 bytes; throws `std::bad_alloc`.
template <typename Value>
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  ~Buffer() { std::free(base_); }

  operator Value *() { return base_; }
  operator const Value *() const { return base_; }

  /// Makes room for so many values and keeps the first `kept`.
  void reserve(size_t count, size_t kept = 0) {
    if (count <= capacity_) return;
    const size_t room = count + count / 2;
    const size_t bytes = (room * sizeof(Value) + 63) / 64 * 64;
    Value *fresh = static_cast<Value *>(std::aligned_alloc(64, bytes));
    if (!fresh) throw std::bad_alloc();
    if (kept) std::memcpy(fresh, base_, kept * sizeof(Value));
    std::free(base_);
    base_ = fresh;
    capacity_ = room;
  }

  void swap(Buffer &other) {
    std::swap(base_, other.base_);
    std::swap(capacity_, other.capacity_);
  }

  void release() {
    std::free(base_);
    base_ = nullptr;
    capacity_ = 0;
  }

 private:
  Value *base_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace cobre
#endif
