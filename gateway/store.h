#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace portcullis::gateway {

// Entries numbered 0, 1, 2 … in the order they are added; an entry never moves, so that a number is a
// place. Memory comes in chunks; adding an entry allocates once in kChunk times.
template <typename T, typename Number>
class NumberedStore {
 public:
  static constexpr std::size_t kChunk = 4096;

  Number next() const { return Number(size_); }
  std::uint64_t size() const { return size_; }
  bool contains(Number number) const { return number.value() < size_; }

  T& add() {
    if (size_ % kChunk == 0) chunks_.push_back(std::make_unique<T[]>(kChunk));
    return at(size_++);
  }
  T& operator[](Number number) {
    PORTCULLIS_CHECK(contains(number), "no entry of this number");
    return at(number.value());
  }
  const T& operator[](Number number) const {
    PORTCULLIS_CHECK(contains(number), "no entry of this number");
    return chunks_[number.value() / kChunk][number.value() % kChunk];
  }
  void clear() {
    chunks_.clear();
    size_ = 0;
  }

 private:
  T& at(std::uint64_t index) { return chunks_[index / kChunk][index % kChunk]; }

  std::vector<std::unique_ptr<T[]>> chunks_;
  std::uint64_t size_ = 0;
};

// From a 64-bit hash to a number, open addressing with linear probing. Whether an entry of that hash
// is the one that is sought says the caller, who knows the text. Entries are never removed one by one.
class HashIndex {
 public:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  HashIndex() : slots_(kInitial) {}

  // The value whose entry matches, or kNone. `matches(value)` compares what the hash stands for.
  template <typename Matches>
  std::uint64_t find(std::uint64_t hash, Matches&& matches) const {
    const std::uint64_t key = hash == 0 ? 1 : hash;
    for (std::size_t i = key & mask();; i = (i + 1) & mask()) {
      const Slot& slot = slots_[i];
      if (slot.hash == 0) return kNone;
      if (slot.hash == key && matches(slot.value)) return slot.value;
    }
  }
  void insert(std::uint64_t hash, std::uint64_t value) {
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    place(hash == 0 ? 1 : hash, value);
    ++size_;
  }
  void clear() {
    slots_.assign(kInitial, Slot{});
    size_ = 0;
  }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kInitial = 1 << 12;
  struct Slot {
    std::uint64_t hash = 0;  // 0: free
    std::uint64_t value = 0;
  };

  std::size_t mask() const { return slots_.size() - 1; }
  void place(std::uint64_t key, std::uint64_t value) {
    std::size_t i = key & mask();
    while (slots_[i].hash != 0) i = (i + 1) & mask();
    slots_[i] = Slot{key, value};
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.hash != 0) place(slot.hash, slot.value);
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

// Hash of a text together with the number that scopes it (a session, a broker).
std::uint64_t hash_text(std::uint64_t scope, std::string_view text);

}  // namespace portcullis::gateway
