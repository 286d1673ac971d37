#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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
  // it, and its values are set.
  void add(std::int64_t integer) { cells_.push_back({integer, 0, Kind::kInteger}); }
  void add(std::string_view text) { cells_.push_back(stored(text)); }
  void add_absent() { cells_.push_back({0, 0, Kind::kAbsent}); }

  // Returns the place of the first value.
  std::size_t begin_row(std::size_t columns) {
    cells_.resize(cells_.size() + columns);
    return cells_.size() - columns;
  }
  void set(std::size_t at, std::int64_t integer) { cells_[at] = {integer, 0, Kind::kInteger}; }
  void set(std::size_t at, std::string_view text) { cells_[at] = stored(text); }

  bool empty() const { return cells_.empty(); }
  // All cells, row by row.
  std::size_t cells() const { return cells_.size(); }
  Cell cell(std::size_t at) const {
    const Stored& stored = cells_[at];
    if (stored.kind != Kind::kText) return {stored.kind, stored.value, {}};
    return {stored.kind, 0, std::string_view(texts_).substr(static_cast<std::size_t>(stored.value), stored.size)};
  }
  // Keeps its memory.
  void clear() {
    cells_.clear();
    texts_.clear();
  }

 private:
  struct Stored {
    std::int64_t value = 0;  // of an integer; of a text where it begins
    std::uint32_t size = 0;
    Kind kind = Kind::kAbsent;
  };
  Stored stored(std::string_view text) {
    const auto begin = static_cast<std::int64_t>(texts_.size());
    texts_ += text;
    return {begin, static_cast<std::uint32_t>(text.size()), Kind::kText};
  }
  std::vector<Stored> cells_;
  std::string texts_;
};

}  // namespace portcullis::persistence
