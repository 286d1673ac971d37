#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

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
  void add(std::int64_t integer) { cells_.push_back({integer, 0, Kind::kInteger}); }
  void add(std::string_view text) { cells_.push_back(stored(text)); }
  void add_absent() { cells_.push_back({0, 0, Kind::kAbsent}); }

  // Returns the place of the first value.
  std::size_t begin_row(std::size_t columns) {
    cells_.resize(cells_.size() + columns);
    return cells_.size() - columns;
  }
  void set(std::size_t at, std::int64_t integer) { cells_.data()[at] = {integer, 0, Kind::kInteger}; }
  void set(std::size_t at, std::string_view text) { cells_.data()[at] = stored(text); }
  void set_absent(std::size_t at) { cells_.data()[at] = {0, 0, Kind::kAbsent}; }

  bool empty() const { return cells_.empty(); }
  // All cells, row by row.
  std::size_t cells() const { return cells_.size(); }
  Cell cell(std::size_t at) const {
    const Stored& stored = cells_[at];
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
  struct Uncleared : std::allocator<T> {
    template <typename U>
    struct rebind {
      using other = Uncleared<U>;
    };
    template <typename U, typename... Arguments>
    void construct(U* at, Arguments&&... arguments) {
      if constexpr (sizeof...(arguments) == 0) {
        ::new (static_cast<void*>(at)) U;
      } else {
        ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
      }
    }
  };
  Stored stored(std::string_view text) {
    const std::size_t begin = texts_.size();
    texts_.resize(begin + text.size());
    if (!text.empty()) std::memcpy(texts_.data() + begin, text.data(), text.size());
    return {static_cast<std::int64_t>(begin), static_cast<std::uint32_t>(text.size()), Kind::kText};
  }
  std::vector<Stored, Uncleared<Stored>> cells_;
  std::vector<char, Uncleared<char>> texts_;
};

}  // namespace portcullis::persistence
