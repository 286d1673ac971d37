#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/pages.h"

namespace portcullis::gateway {

// Entries numbered 0, 1, 2 … in the order they are added; an entry never moves, so that a number is a
// place. Memory comes in chunks of one block of pages, which another thread may have made ready (base/pages.h); adding an
// entry takes one once in kChunk times.
template <typename T, typename Number>
class NumberedStore {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  static constexpr std::size_t kChunk = Pages::kBlock / sizeof(T);

  Number next() const { return Number(size_); }
  std::uint64_t size() const { return size_; }
  bool contains(Number number) const { return number.value() < size_; }

  T& add() {
    if (size_ % kChunk == 0) chunks_.emplace_back(Pages::kBlock);
    return *std::construct_at(&at(size_++));
  }
  T& operator[](Number number) {
    PORTCULLIS_CHECK(contains(number), "no entry of this number");
    return at(number.value());
  }
  const T& operator[](Number number) const {
    PORTCULLIS_CHECK(contains(number), "no entry of this number");
    return entries(number.value() / kChunk)[number.value() % kChunk];
  }
  // Brings the entry near, if there is one, for who will need it soon.
  void prefetch(Number number) const {
    if (!contains(number)) return;
    const char* bytes = reinterpret_cast<const char*>(&(*this)[number]);
    for (std::size_t at = 0; at < sizeof(T); at += kLine) __builtin_prefetch(bytes + at, 1);
  }
  void clear() {
    chunks_.clear();
    size_ = 0;
  }
  std::size_t bytes() const { return chunks_.size() * Pages::kBlock; }

 private:
  static constexpr std::size_t kLine = 64;  // of the processor's cache

  T* entries(std::uint64_t chunk) const { return reinterpret_cast<T*>(chunks_[chunk].get()); }
  T& at(std::uint64_t index) { return entries(index / kChunk)[index % kChunk]; }

  std::vector<Pages> chunks_;
  std::uint64_t size_ = 0;
};

// From a 64-bit hash to a number below 2^32, open addressing with linear probing. Whether an entry of that hash
// is the one that is sought says the caller, who knows the text; what a table keeps of the hash is half of it, so that
// twice as many places are in the processor's caches. Entries are never removed one by one.
//
// No insertion waits for a whole table to be made anew: the hash's upper bits choose one of kShards tables, and one
// that has grown too full hands its entries to a larger one a few at each insertion, while both are asked.
class HashIndex {
 public:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  HashIndex() : shards_(kShards) {}

  // The value whose entry matches, or kNone. `matches(value)` compares what the hash stands for; it may be asked of
  // another hash's entry.
  template <typename Matches>
  std::uint64_t find(std::uint64_t hash, Matches&& matches) const {
    const std::uint32_t key = key_of(hash);
    const Shard& shard = shards_[shard_of(hash)];
    const std::uint64_t found = shard.now.find(key, matches);
    if (found != kNone || shard.before.empty()) [[likely]]
      return found;
    return shard.before.find(key, matches);
  }
  // Brings the hash's place near, for who will ask for it or insert it soon.
  void prefetch(std::uint64_t hash) const {
    const std::uint32_t key = key_of(hash);
    const Shard& shard = shards_[shard_of(hash)];
    if (!shard.now.empty()) __builtin_prefetch(shard.now.place_of(key), 1);
  }
  // Makes room for so many entries at once, in an index that is empty.
  void reserve(std::size_t entries) {
    PORTCULLIS_CHECK(size_ == 0, "room is made in an empty index");
    // Hashes do not spread evenly: a tenth more, and no shard grows soon.
    const std::size_t wanted = entries / kShards * 11 / 10 * 4 / 3 + kInitial;
    for (Shard& shard : shards_) shard.now = Table(std::bit_ceil(wanted));
  }
  // Returns how many places it has looked at: its work, for whoever has to keep that small.
  std::size_t insert(std::uint64_t hash, std::uint64_t value) {
    PORTCULLIS_CHECK(value <= kLargest, "an index holds numbers below 2^32");
    const std::uint32_t key = key_of(hash);
    Shard& shard = shards_[shard_of(hash)];
    std::size_t work = 0;
    if ((shard.size + 1) * 4 > shard.now.slots() * 3) {
      // The one before was handed over long ago: kMoved of its places at each of so many insertions.
      PORTCULLIS_CHECK(shard.before.empty(), "a table grows twice at once");
      shard.before = std::exchange(shard.now, Table(std::max(kInitial, shard.now.slots() * 2)));
      shard.moved = 0;
    }
    if (!shard.before.empty()) work += shard.hand_over();
    work += shard.now.place(key, static_cast<std::uint32_t>(value));
    ++shard.size;
    ++size_;
    return work;
  }
  void clear() {
    shards_ = std::vector<Shard>(kShards);
    size_ = 0;
  }
  std::size_t size() const { return size_; }
  std::size_t bytes() const {
    std::size_t slots = 0;
    for (const Shard& shard : shards_) slots += shard.now.slots() + shard.before.slots();
    return slots * sizeof(Slot) + kShards * sizeof(Shard);
  }

 private:
  static constexpr std::size_t kShards = 1 << 8;
  static constexpr std::size_t kInitial = 1 << 4;
  static constexpr std::size_t kMoved = 4;
  static constexpr std::uint64_t kLargest = ~std::uint32_t{0};
  struct Slot {
    std::uint32_t key = 0;  // 0: free
    std::uint32_t value = 0;
  };

  class Table {
   public:
    Table() = default;
    explicit Table(std::size_t count) : slots_(std::make_unique<Slot[]>(count)), count_(count) {}
    Table(Table&& other) noexcept : slots_(std::move(other.slots_)), count_(std::exchange(other.count_, 0)) {}
    Table& operator=(Table&& other) noexcept {
      slots_ = std::move(other.slots_);
      count_ = std::exchange(other.count_, 0);
      return *this;
    }
    ~Table() = default;

    bool empty() const { return count_ == 0; }
    std::size_t slots() const { return count_; }
    const Slot& operator[](std::size_t i) const { return slots_[i]; }

    template <typename Matches>
    std::uint64_t find(std::uint32_t key, Matches&& matches) const {
      if (empty()) return kNone;
      for (std::size_t i = key & mask();; i = (i + 1) & mask()) {
        const Slot& slot = slots_[i];
        if (slot.key == 0) return kNone;
        if (slot.key == key && matches(std::uint64_t{slot.value})) return slot.value;
      }
    }
    const Slot* place_of(std::uint32_t key) const { return slots_.get() + (key & mask()); }
    std::size_t place(std::uint32_t key, std::uint32_t value) {
      std::size_t work = 1;
      std::size_t i = key & mask();
      for (; slots_[i].key != 0; i = (i + 1) & mask()) ++work;
      slots_[i] = Slot{key, value};
      return work;
    }

   private:
    std::size_t mask() const { return count_ - 1; }

    std::unique_ptr<Slot[]> slots_;
    std::size_t count_ = 0;  // a power of two, or zero
  };

  struct Shard {
    Table now;
    Table before;           // what `now` takes over; stays whole until it has
    std::size_t moved = 0;  // places of `before` that it has looked at
    std::size_t size = 0;

    std::size_t hand_over() {
      std::size_t work = 0;
      for (std::size_t n = 0; n < kMoved && moved < before.slots(); ++n, ++moved, ++work) {
        if (before[moved].key != 0) work += now.place(before[moved].key, before[moved].value);
      }
      if (moved == before.slots()) before = Table();
      return work;
    }
  };

  static std::uint32_t key_of(std::uint64_t hash) {
    const auto lower = static_cast<std::uint32_t>(hash);
    return lower == 0 ? 1 : lower;
  }
  static std::size_t shard_of(std::uint64_t hash) { return static_cast<std::size_t>(hash >> 56); }

  std::vector<Shard> shards_;
  std::size_t size_ = 0;
};

// Inserts many entries one after the other: some of them wait until their places have come near.
class InsertAhead {
 public:
  explicit InsertAhead(HashIndex& index) : index_(index) {}
  InsertAhead(const InsertAhead&) = delete;
  InsertAhead& operator=(const InsertAhead&) = delete;
  ~InsertAhead() {
    while (inserted_ < added_) insert_next();
  }

  void add(std::uint64_t hash, std::uint64_t value) {
    if (added_ - inserted_ == kWaiting) insert_next();
    index_.prefetch(hash);
    waiting_[added_++ % kWaiting] = {hash, value};
  }

 private:
  static constexpr std::size_t kWaiting = 16;
  struct Entry {
    std::uint64_t hash = 0;
    std::uint64_t value = 0;
  };

  void insert_next() {
    const Entry& entry = waiting_[inserted_++ % kWaiting];
    index_.insert(entry.hash, entry.value);
  }

  HashIndex& index_;
  std::array<Entry, kWaiting> waiting_;
  std::size_t added_ = 0;
  std::size_t inserted_ = 0;
};

// Hash of a text together with the number that scopes it (a session, a broker).
std::uint64_t hash_text(std::uint64_t scope, std::string_view text);

}  // namespace portcullis::gateway
