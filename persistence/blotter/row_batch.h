#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

// Rows on their way to a table, in one buffer that is read as it was written, so that a row costs no allocation of its
// own, and many of them little memory: what a batch is written into comes back out of the caches.

namespace portcullis::persistence {

class RowBatch {
 public:
  enum class Kind : std::uint8_t { kAbsent, kInteger, kText };
  struct Cell {
    Kind kind = Kind::kAbsent;
    std::int64_t integer = 0;
    std::string_view text;  // valid until the batch changes
  };

  RowBatch() = default;
  RowBatch(RowBatch&& other) noexcept { *this = std::move(other); }
  RowBatch& operator=(RowBatch&& other) noexcept {
    ordinary_ = other.ordinary_;
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }
  // Of rows that have the table's ordinary columns and no others (Table::ordinary).
  static RowBatch of_ordinary_rows() {
    RowBatch batch;
    batch.ordinary_ = true;
    return batch;
  }
  bool ordinary() const { return ordinary_; }

  // Writes one row, its values in the order of its columns, into room that was asked for once.
  class Writer {
   public:
    void add(std::int64_t integer) {
      *at_ = kIntegerFollows;
      std::memcpy(at_ + 1, &integer, sizeof integer);
      at_ += 1 + sizeof integer;
    }
    void add(std::string_view text) { at_ = put(at_, text); }
    void add_absent() { *at_++ = kNothing; }

   private:
    friend class RowBatch;
    explicit Writer(char* at) : at_(at) {}
    char* at_;
  };
  // So many bytes a value takes at most, and a text beside it those that it has.
  static constexpr std::size_t kMostOfAValue = 1 + sizeof(std::int64_t);

  // The batch does not change until end().
  Writer begin(std::size_t most_bytes) { return Writer(room(most_bytes)); }
  void end(const Writer& row) { size_ = static_cast<std::size_t>(row.at_ - data_.get()); }

  bool empty() const { return size_ == 0; }
  // Keeps its memory.
  void clear() { size_ = 0; }

  // All values, row by row. The batch outlives it, and does not change meanwhile.
  class Reader {
   public:
    Reader() = default;
    explicit Reader(const RowBatch& batch) : at_(batch.data_.get()), end_(at_ + batch.size_) {}
    bool done() const { return at_ == end_; }
    // The same as next() for who has a function for each kind: integer, text, absent.
    template <typename Integer, typename Text, typename Absent>
    auto next(Integer&& integer, Text&& text, Absent&& absent) {
      const auto tag = static_cast<unsigned char>(*at_++);
      if (tag >= kShortText) return text(std::string_view(std::exchange(at_, at_ + (tag - kShortText)), tag - kShortText));
      if (tag == kIntegerFollows) {
        std::int64_t given = 0;
        std::memcpy(&given, std::exchange(at_, at_ + sizeof given), sizeof given);
        return integer(given);
      }
      if (tag == kNothing) return absent();
      std::uint32_t size = 0;
      std::memcpy(&size, std::exchange(at_, at_ + sizeof size), sizeof size);
      return text(std::string_view(std::exchange(at_, at_ + size), size));
    }
    // It is not done.
    Cell next() {
      return next([](std::int64_t integer) { return Cell{Kind::kInteger, integer, {}}; },
                  [](std::string_view text) { return Cell{Kind::kText, 0, text}; }, [] { return Cell(); });
    }

   private:
    const char* at_ = nullptr;
    const char* end_ = nullptr;
  };

 private:
  // How a value begins: the length of a short text stands there itself.
  static constexpr char kNothing = 0;
  static constexpr char kIntegerFollows = 1;
  static constexpr char kLongTextFollows = 2;
  static constexpr unsigned char kShortText = 3;
  static constexpr std::size_t kMostShort = 256 - kShortText;

  static char* put(char* to, std::string_view text) {
    const std::size_t size = text.size();
    if (size < kMostShort) [[likely]] {
      *to++ = static_cast<char>(kShortText + size);
    } else {
      const auto given = static_cast<std::uint32_t>(size);
      *to = kLongTextFollows;
      std::memcpy(to + 1, &given, sizeof given);
      to += 1 + sizeof given;
    }
    copy(to, text.data(), size);
    return to + size;
  }
  // Most texts are names, words and ids: two moves that overlap where a call would choose among many ways.
  static void copy(char* to, const char* from, std::size_t size) {
    const auto both_ends = [&]<typename Piece>(Piece first, Piece last) {
      std::memcpy(&first, from, sizeof first);
      std::memcpy(&last, from + size - sizeof last, sizeof last);
      std::memcpy(to, &first, sizeof first);
      std::memcpy(to + size - sizeof last, &last, sizeof last);
    };
    struct Sixteen {
      std::uint64_t halves[2];
    };
    if (size > 2 * sizeof(Sixteen)) {
      std::memcpy(to, from, size);
    } else if (size >= sizeof(Sixteen)) {
      both_ends(Sixteen(), Sixteen());
    } else if (size >= sizeof(std::uint64_t)) {
      both_ends(std::uint64_t{}, std::uint64_t{});
    } else if (size >= sizeof(std::uint32_t)) {
      both_ends(std::uint32_t{}, std::uint32_t{});
    } else if (size > 0) {
      to[0] = from[0];
      to[size / 2] = from[size / 2];
      to[size - 1] = from[size - 1];
    }
  }

  // For so many more bytes, which are written at once, so they are not cleared before.
  char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) [[unlikely]]
      grow(bytes);
    return data_.get() + size_;
  }
  void grow(std::size_t bytes) {
    constexpr std::size_t kFirst = 256;
    capacity_ = std::max({2 * capacity_, size_ + bytes, kFirst});
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    std::copy_n(data_.get(), size_, larger.get());
    data_ = std::move(larger);
  }

  bool ordinary_ = false;
  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace portcullis::persistence
