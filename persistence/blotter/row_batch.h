#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

// Rows on their way to a table, all values in one buffer and all texts in another, so that a row costs no allocation of
// its own.

namespace portcullis::persistence {

class RowBatch {
 public:
  enum class Kind : std::uint8_t { kAbsent, kInteger, kText };
  struct Cell {
    Kind kind = Kind::kAbsent;
    std::int64_t integer = 0;
    std::string_view text;  // valid until the batch changes
  };

  // The values of a row, in the order of its columns. A row of which the number of columns is known is begun with
  // it, and all of its values are set.
  void add(std::int64_t integer) { set(begin_row(1), integer); }
  void add(std::string_view text) { set(begin_row(1), text); }
  void add_absent() { set_absent(begin_row(1)); }

  // Returns the place of the first value.
  std::size_t begin_row(std::size_t columns) {
    const std::size_t first = cells_.size();
    cells_.add(columns);
    return first;
  }
  void set(std::size_t at, std::int64_t integer) { cells_.data()[at] = {integer, 0, Kind::kInteger}; }
  void set(std::size_t at, std::string_view text) { cells_.data()[at] = stored(text); }
  void set_absent(std::size_t at) { cells_.data()[at] = {0, 0, Kind::kAbsent}; }

  bool empty() const { return cells_.size() == 0; }
  // All cells, row by row.
  std::size_t cells() const { return cells_.size(); }
  Cell cell(std::size_t at) const {
    const Stored& stored = cells_.data()[at];
    if (stored.kind != Kind::kText) return {stored.kind, stored.value, {}};
    return {stored.kind, 0, {texts_.data() + stored.value, stored.size}};
  }
  // Keeps its memory.
  void clear() {
    cells_.clear();
    texts_.clear();
  }

 private:
  struct Stored {
    std::int64_t value;  // of an integer; of a text where it begins
    std::uint32_t size;
    Kind kind;
  };
  // What is made room for is written at once, so it is not cleared before.
  template <typename T>
  class Room {
   public:
    Room() = default;
    Room(Room&& other) noexcept { *this = std::move(other); }
    Room& operator=(Room&& other) noexcept {
      data_ = std::move(other.data_);
      size_ = std::exchange(other.size_, 0);
      capacity_ = std::exchange(other.capacity_, 0);
      return *this;
    }
    // Room for so many more; where it begins.
    T* add(std::size_t count) {
      if (capacity_ - size_ < count) [[unlikely]] grow(count);
      return data_.get() + std::exchange(size_, size_ + count);
    }
    T* data() { return data_.get(); }
    const T* data() const { return data_.get(); }
    std::size_t size() const { return size_; }
    void clear() { size_ = 0; }

   private:
    void grow(std::size_t count) {
      capacity_ = std::max(2 * capacity_, size_ + count);
      auto larger = std::make_unique_for_overwrite<T[]>(capacity_);
      std::copy_n(data_.get(), size_, larger.get());
      data_ = std::move(larger);
    }

    std::unique_ptr<T[]> data_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
  };
  Stored stored(std::string_view text) {
    const std::size_t begin = texts_.size();
    std::copy(text.begin(), text.end(), texts_.add(text.size()));
    return {static_cast<std::int64_t>(begin), static_cast<std::uint32_t>(text.size()), Kind::kText};
  }
  Room<Stored> cells_;
  Room<char> texts_;
};

}  // namespace portcullis::persistence
