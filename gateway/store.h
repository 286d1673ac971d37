#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/pages.h"

namespace portcullis::gateway {

// From a 64-bit hash to a number below 2^32, open addressing with linear probing. Whether an entry of that hash
// is the one that is sought says the caller, who knows the text; what a table keeps of the hash is half of it, so that
// twice as many places are in the processor's caches.
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
    return shard.before.find(key, [&](std::uint64_t value) { return value != kGone && matches(value); });
  }
  // Brings the hash's place near, for who will ask for it or insert it soon, and what an insertion hands over there.
  void prefetch(std::uint64_t hash) const {
    const std::uint32_t key = key_of(hash);
    const Shard& shard = shards_[shard_of(hash)];
    if (shard.now.empty()) return;
    __builtin_prefetch(shard.now.place_of(key), 1);
    if (shard.before.empty()) return;
    __builtin_prefetch(shard.before.place_of(key));
    __builtin_prefetch(&shard.before[shard.moved]);
    // Entries keep their order when a table is made anew in twice its size.
    __builtin_prefetch(&shard.now[shard.moved * 2], 1);
  }
  // What stands in the hash's own place, or kNone: the value that is sought, as a rule, and a hint only.
  std::uint64_t likely(std::uint64_t hash) const {
    const std::uint32_t key = key_of(hash);
    const Shard& shard = shards_[shard_of(hash)];
    if (shard.now.empty()) return kNone;
    const Slot* const slot = shard.now.place_of(key);
    return slot->key == key ? slot->value : kNone;
  }
  // Makes room for so many entries at once, in an index that is empty: all shards stand in the same huge pages then,
  // which cost the system a tenth of what small ones would, each until its own table has grown.
  void reserve(std::size_t entries) {
    PORTCULLIS_CHECK(size_ == 0, "room is made in an empty index");
    // Hashes do not spread evenly: a tenth more, and no shard grows soon.
    const std::size_t wanted = entries / kShards * 11 / 10 * 3 / 2 + kInitial;
    Pages room(kShards * wanted * sizeof(Slot) < Pages::kBlock ? 0 : kShards * wanted * sizeof(Slot));
    auto* part = reinterpret_cast<Slot*>(room.get());
    for (Shard& shard : shards_) {
      shard.now = part == nullptr ? Table(wanted) : Table(part, wanted);
      if (part != nullptr) part += wanted;
    }
    room_ = std::move(room);
    in_room_ = part == nullptr ? 0 : kShards;
  }
  // Returns how many places it has looked at: its work, for whoever has to keep that small.
  std::size_t insert(std::uint64_t hash, std::uint64_t value) {
    PORTCULLIS_CHECK(value < kGone, "an index holds numbers below 2^32 - 1");
    const std::uint32_t key = key_of(hash);
    Shard& shard = shards_[shard_of(hash)];
    std::size_t work = 0;
    if ((shard.size + 1) * 4 > shard.now.slots() * 3) {
      // The one before was handed over long ago: kMoved of its places at each of so many insertions.
      PORTCULLIS_CHECK(shard.before.empty(), "a table grows twice at once");
      shard.before = std::exchange(shard.now, Table(std::max(kInitial, shard.now.slots() * 2)));
      shard.moved = 0;
    }
    if (!shard.before.empty()) {
      const bool in_room = !shard.before.owns();
      work += shard.hand_over();
      if (in_room && shard.before.empty() && --in_room_ == 0) room_ = Pages();
    }
    work += shard.now.place(key, static_cast<std::uint32_t>(value));
    ++shard.size;
    ++size_;
    return work;
  }
  // Takes out what was inserted as this value under this hash; false when it was not. Nothing is allocated, and nothing
  // is left that later searches would pass over.
  bool erase(std::uint64_t hash, std::uint64_t value) {
    const std::uint32_t key = key_of(hash);
    Shard& shard = shards_[shard_of(hash)];
    // What has been handed over stands in both.
    bool found = shard.before.mark_gone(key, static_cast<std::uint32_t>(value));
    if (shard.now.take_out(key, static_cast<std::uint32_t>(value))) found = true;
    if (!found) return false;
    --shard.size;
    --size_;
    return true;
  }
  void clear() {
    shards_ = std::vector<Shard>(kShards);
    room_ = Pages();
    in_room_ = 0;
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
  // The value of an entry that was taken out of a table which is being handed over.
  static constexpr std::uint32_t kGone = ~std::uint32_t{0};
  struct Slot {
    std::uint32_t key = 0;  // 0: free
    std::uint32_t value = 0;
  };

  class Table {
   public:
    Table() = default;
    explicit Table(std::size_t count) : own_(std::make_unique<Slot[]>(count)), slots_(own_.get()), count_(count) {}
    // In zeroed memory that outlives it.
    Table(Slot* slots, std::size_t count) : slots_(slots), count_(count) {}
    Table(Table&& other) noexcept
        : own_(std::move(other.own_)),
          slots_(std::exchange(other.slots_, nullptr)),
          count_(std::exchange(other.count_, 0)) {}
    Table& operator=(Table&& other) noexcept {
      own_ = std::move(other.own_);
      slots_ = std::exchange(other.slots_, nullptr);
      count_ = std::exchange(other.count_, 0);
      return *this;
    }
    ~Table() = default;

    bool empty() const { return count_ == 0; }
    bool owns() const { return own_ != nullptr; }
    std::size_t slots() const { return count_; }
    const Slot& operator[](std::size_t i) const { return slots_[i]; }

    template <typename Matches>
    std::uint64_t find(std::uint32_t key, Matches&& matches) const {
      if (empty()) return kNone;
      for (std::size_t i = home(key);; i = behind(i)) {
        const Slot& slot = slots_[i];
        if (slot.key == 0) return kNone;
        if (slot.key == key && matches(std::uint64_t{slot.value})) return slot.value;
      }
    }
    const Slot* place_of(std::uint32_t key) const { return slots_ + home(key); }
    std::size_t place(std::uint32_t key, std::uint32_t value) {
      std::size_t work = 1;
      std::size_t i = home(key);
      for (; slots_[i].key != 0; i = behind(i)) ++work;
      slots_[i] = Slot{key, value};
      return work;
    }
    // Entries behind it move up, so that each is still found from the place where it belongs.
    bool take_out(std::uint32_t key, std::uint32_t value) {
      std::size_t hole = where(key, value);
      if (hole == kNowhere) return false;
      for (std::size_t i = behind(hole); slots_[i].key != 0; i = behind(i)) {
        // How far the entry stands from its own place; it may go as far back as that.
        if (steps(home(slots_[i].key), i) < steps(hole, i)) continue;
        slots_[hole] = slots_[i];
        hole = i;
      }
      slots_[hole] = Slot();
      return true;
    }
    // It stays in the way, without a value, since those who hand the table over count its places.
    bool mark_gone(std::uint32_t key, std::uint32_t value) {
      const std::size_t i = where(key, value);
      if (i == kNowhere) return false;
      slots_[i].value = kGone;
      return true;
    }

   private:
    static constexpr std::size_t kNowhere = ~std::size_t{0};
    std::size_t home(std::uint32_t key) const {
      return static_cast<std::size_t>((std::uint64_t{key} * count_) >> 32);
    }
    std::size_t behind(std::size_t place) const { return place + 1 == count_ ? 0 : place + 1; }
    // From one place forward to another.
    std::size_t steps(std::size_t from, std::size_t to) const { return to >= from ? to - from : to + count_ - from; }
    std::size_t where(std::uint32_t key, std::uint32_t value) const {
      if (empty()) return kNowhere;
      for (std::size_t i = home(key); slots_[i].key != 0; i = behind(i)) {
        if (slots_[i].key == key && slots_[i].value == value) return i;
      }
      return kNowhere;
    }

    std::unique_ptr<Slot[]> own_;
    Slot* slots_ = nullptr;
    std::size_t count_ = 0;  // below 2^32
  };

  struct alignas(64) Shard {  // one line of memory
    Table now;
    Table before;           // what `now` takes over; stays whole until it has
    std::size_t moved = 0;  // places of `before` that it has looked at
    std::size_t size = 0;

    std::size_t hand_over() {
      std::size_t work = 0;
      for (std::size_t n = 0; n < kMoved && moved < before.slots(); ++n, ++moved, ++work) {
        const Slot& slot = before[moved];
        if (slot.key != 0 && slot.value != kGone) work += now.place(slot.key, slot.value);
      }
      if (moved == before.slots()) before = Table();
      return work;
    }
  };

  static_assert(sizeof(Shard) == 64);

  static std::uint32_t key_of(std::uint64_t hash) {
    const auto lower = static_cast<std::uint32_t>(hash);
    return lower == 0 ? 1 : lower;
  }
  static std::size_t shard_of(std::uint64_t hash) { return static_cast<std::size_t>(hash >> 56); }

  Pages room_;               // of the tables that reserve() made
  std::size_t in_room_ = 0;  // so many stand there still
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
