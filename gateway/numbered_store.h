#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/pages.h"

namespace portcullis::gateway {

// Entries numbered 0, 1, 2 … in the order they are added; an entry never moves, so that a number is a place, and a
// number is never used again. Memory comes in chunks of one block of pages, which another thread may have made ready
// (base/pages.h); adding an entry takes one once in kChunk times.
//
// An entry may be given back. Its memory is used again when all of its chunk have been, for the entries to come.
// `T::kept` says of an entry that it is there: true as it is made, false in memory that is all zeros.
template <typename T, typename Number>
class NumberedStore {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  static constexpr std::size_t kChunk = Pages::kBlock / sizeof(T);

  Number next() const { return Number(size_); }
  // How many have ever been added, and how many of them are there.
  std::uint64_t size() const { return size_; }
  std::uint64_t kept() const { return kept_; }
  bool contains(Number number) const { return find(number) != nullptr; }
  // The first that is there whose number is at least `from`; none when there is none.
  Number next_kept(Number from) const {
    for (std::uint64_t index = past_gone(from.value()); index < size_; index = past_gone(index + 1)) {
      if (entries(index / kChunk)[index % kChunk].kept) return Number(index);
    }
    return Number::none();
  }
  // The number itself, or past it the first of a chunk that has any entry; at least size() when there is none.
  std::uint64_t past_gone(std::uint64_t number) const {
    while (number < size_ && kept_in_[number / kChunk] == 0) number = (number / kChunk + 1) * kChunk;
    return number;
  }

  T& add() {
    const std::uint64_t chunk = size_ / kChunk;
    if (chunk >= chunks_.size() || chunks_[chunk].get() == nullptr) [[unlikely]]
      make_chunk(chunk);
    ++kept_in_[chunk];
    ++kept_;
    return *std::construct_at(entries(chunk) + size_++ % kChunk);
  }
  // Of numbers below `size` nothing more will be added: they were given back before.
  void skip_to(std::uint64_t size) {
    PORTCULLIS_CHECK(size >= size_, "numbers that are in use are passed over");
    size_ = size;
    const std::uint64_t chunks = (size + kChunk - 1) / kChunk;
    if (chunks_.size() < chunks) chunks_.resize(chunks);
    if (kept_in_.size() < chunks) kept_in_.resize(chunks);
  }
  void give_back(Number number) {
    T& entry = (*this)[number];
    entry.kept = false;
    --kept_;
    const std::uint64_t chunk = number.value() / kChunk;
    if (--kept_in_[chunk] != 0 || (chunk + 1) * kChunk > size_) return;
    Pages empty = std::move(chunks_[chunk]);
    if (spares_ < kSpares) spare_[spares_++] = std::move(empty);
  }
  T& operator[](Number number) { return const_cast<T&>(std::as_const(*this)[number]); }
  const T& operator[](Number number) const {
    const T* const entry = place_of(number);
    PORTCULLIS_CHECK(entry != nullptr && entry->kept, "no entry of this number");
    return *entry;
  }
  // Null when there is none of this number.
  const T* find(Number number) const {
    const T* const entry = place_of(number);
    return entry != nullptr && entry->kept ? entry : nullptr;
  }
  // Brings the entry near, if there is one, for who will need it soon.
  void prefetch(Number number) const {
    const char* const bytes = reinterpret_cast<const char*>(place_of(number));
    if (bytes == nullptr) return;
    for (std::size_t at = 0; at < sizeof(T); at += kLine) __builtin_prefetch(bytes + at, 1);
  }
  void clear() { *this = NumberedStore(); }
  // Of the memory that it holds.
  std::size_t bytes() const {
    std::size_t blocks = spares_;
    for (const Pages& chunk : chunks_) blocks += chunk.get() != nullptr ? 1 : 0;
    return blocks * Pages::kBlock;
  }

 private:
  static constexpr std::size_t kLine = 64;  // of the processor's cache
  // Chunks that wait to be used again; more go back to the system.
  static constexpr std::size_t kSpares = 16;

  T* entries(std::uint64_t chunk) const { return reinterpret_cast<T*>(chunks_[chunk].get()); }
  const T* place_of(Number number) const {
    if (number.value() >= size_) return nullptr;
    const T* const chunk = entries(number.value() / kChunk);
    return chunk == nullptr ? nullptr : chunk + number.value() % kChunk;
  }
  void make_chunk(std::uint64_t chunk) {
    if (chunk >= chunks_.size()) chunks_.resize(chunk + 1);
    if (chunk >= kept_in_.size()) kept_in_.resize(chunk + 1);
    // A spare one is full of entries that are not there.
    chunks_[chunk] = spares_ != 0 ? std::move(spare_[--spares_]) : Pages(Pages::kBlock);
  }

  std::vector<Pages> chunks_;           // by number; without memory where all have been given back
  std::vector<std::uint32_t> kept_in_;  // of each chunk
  std::array<Pages, kSpares> spare_;
  std::size_t spares_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t kept_ = 0;
};

}  // namespace portcullis::gateway
