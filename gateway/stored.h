#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/copy_text.h"
#include "base/pages.h"

// How the state keeps, among millions of orders, what an event states in full: numbers in half their bytes, short texts
// where they are, and beside the entries what few of them have.

namespace portcullis::gateway {

// The number of an entry, or none, in 32 bits: no table has more entries (HashIndex, and what a snapshot may count).
template <typename Number>
class Narrow {
 public:
  Narrow() = default;
  explicit Narrow(Number number) { *this = number; }
  Narrow& operator=(Number number) {
    PORTCULLIS_CHECK(!number.has_value() || number.value() < ~std::uint32_t{0}, "a table holds fewer than 2^32 entries");
    next_ = static_cast<std::uint32_t>(number.value() + 1);
    return *this;
  }
  operator Number() const { return Number(value()); }  // NOLINT(google-explicit-constructor): it is that number

  typename Number::rep value() const { return typename Number::rep{next_} - 1; }
  bool has_value() const { return next_ != 0; }

  friend bool operator==(Narrow, Narrow) = default;
  friend auto operator<=>(Narrow a, Narrow b) { return Number(a) <=> Number(b); }

 private:
  std::uint32_t next_ = 0;  // the number behind it; 0: none
};

// A counter of events that an entry keeps in half its bytes.
inline std::uint32_t narrow_counter(std::uint64_t value) {
  PORTCULLIS_CHECK(value <= ~std::uint32_t{0}, "a counter that no gateway lives to see");
  return static_cast<std::uint32_t>(value);
}

// Values that come and go one by one and never move. Memory comes in blocks of pages, which another thread may have
// made ready (base/pages.h), and is used again for values to come; it does not go back to the system.
template <typename T>
class Slots {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Slots() = default;
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;
  Slots(Slots&& other) noexcept { *this = std::move(other); }
  Slots& operator=(Slots&& other) noexcept {
    std::swap(blocks_, other.blocks_);
    std::swap(free_, other.free_);
    std::swap(taken_, other.taken_);
    return *this;
  }
  ~Slots() = default;

  // As T is made.
  T* add() {
    Slot* slot = free_;
    if (slot != nullptr) {
      free_ = slot->next_free;
    } else {
      if (taken_ == blocks_.size() * kEach) [[unlikely]]
        blocks_.emplace_back(Pages::kBlock);
      slot = reinterpret_cast<Slot*>(blocks_.back().get()) + taken_ % kEach;
      ++taken_;
    }
    return std::construct_at(&slot->value);
  }
  // Null is taken for nothing.
  void give_back(const T* value) {
    if (value == nullptr) return;
    auto* const slot = reinterpret_cast<Slot*>(const_cast<T*>(value));
    slot->next_free = std::exchange(free_, slot);
  }
  // Of the memory that it holds.
  std::size_t bytes() const { return blocks_.size() * Pages::kBlock; }

 private:
  union Slot {
    T value;
    Slot* next_free;
  };
  static constexpr std::size_t kEach = Pages::kBlock / sizeof(Slot);

  std::vector<Pages> blocks_;
  Slot* free_ = nullptr;
  std::size_t taken_ = 0;  // of all blocks, those that were given back among them
};

// Room for texts that are too long to stand in an entry.
class LongTexts {
 public:
  static constexpr std::size_t kLongest = 63;

  const char* add(std::string_view text) {
    char* const memory = text.size() <= kUsual ? usual_.add()->bytes : longest_.add()->bytes;
    copy_text(memory, text);
    return memory;
  }
  void give_back(const char* text, std::size_t size) {
    if (size <= kUsual) {
      usual_.give_back(reinterpret_cast<const Text<kUsual>*>(text));
    } else {
      longest_.give_back(reinterpret_cast<const Text<kLongest + 1>*>(text));
    }
  }
  std::size_t bytes() const { return usual_.bytes() + longest_.bytes(); }

 private:
  static constexpr std::size_t kUsual = 40;  // the 36 characters of a UUID, in whole words
  template <std::size_t N>
  struct Text {
    char bytes[N];
  };

  Slots<Text<kUsual>> usual_;
  Slots<Text<kLongest + 1>> longest_;
};

// A text of at most LongTexts::kLongest bytes. Up to kInPlace of them stand here, where most ids end; a longer one
// stands in LongTexts, and whoever holds this gives it back there.
template <std::size_t kInPlace>
class StoredText {
  static_assert(kInPlace >= sizeof(char*) && kInPlace < LongTexts::kLongest);

 public:
  StoredText() = default;
  StoredText(const StoredText&) = delete;
  StoredText& operator=(const StoredText&) = delete;
  ~StoredText() = default;

  std::string_view view() const { return {is_long() ? place() : bytes_, size_}; }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  bool is_long() const { return size_ > kInPlace; }

  // Nothing is done for the text that it is already. Unused bytes are zero.
  void set(std::string_view text, LongTexts& texts) {
    PORTCULLIS_CHECK(text.size() <= LongTexts::kLongest, "text longer than a stored one may be");
    if (!empty()) {
      if (text == view()) return;
      clear(texts);
    }
    size_ = static_cast<std::uint8_t>(text.size());
    if (is_long()) {
      const char* const memory = texts.add(text);
      std::memcpy(bytes_, &memory, sizeof memory);
    } else {
      copy_text(bytes_, text);
    }
  }
  void clear(LongTexts& texts) {
    if (is_long()) texts.give_back(place(), size_);
    forget();
  }
  // As it was made, whatever it led to: for who has copied its bytes from elsewhere.
  void forget() {
    std::memset(bytes_, 0, sizeof bytes_);
    size_ = 0;
  }

 private:
  const char* place() const {
    const char* memory = nullptr;
    std::memcpy(&memory, bytes_, sizeof memory);
    return memory;
  }

  char bytes_[kInPlace] = {};
  std::uint8_t size_ = 0;
};

}  // namespace portcullis::gateway
