#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
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

  HashIndex() : near_(kShards), shards_(kShards) {}

  // The value whose entry matches, or kNone. `matches(value)` compares what the hash stands for; it may be asked of
  // another hash's entry.
  template <typename Matches>
  std::uint64_t find(std::uint64_t hash, Matches&& matches) const {
    const std::uint32_t key = key_of(hash);
    const Near& near = near_[shard_of(hash)];
    const std::uint64_t found = near.now.find(key, matches);
    if (found != kNone || !near.grows) [[likely]]
      return found;
    return shards_[shard_of(hash)].before.find(
        key, [&](std::uint64_t value) { return value != kGone && matches(value); });
  }
  // Brings the hash's place near, for who will ask for it or insert it soon, and what an insertion hands over there.
  void prefetch(std::uint64_t hash) const {
    const std::uint32_t key = key_of(hash);
    const Near& near = near_[shard_of(hash)];
    if (near.now.empty()) return;
    __builtin_prefetch(near.now.place_of(key), 1);
    if (!near.grows) return;
    const Shard& shard = shards_[shard_of(hash)];
    __builtin_prefetch(shard.before.place_of(key));
    __builtin_prefetch(&shard.before[shard.moved]);
    // Entries keep their order when a table is made anew in twice its size.
    __builtin_prefetch(&near.now[shard.moved * 2], 1);
  }
  // What stands in the hash's own place, or kNone: the value that is sought, as a rule, and a hint only.
  std::uint64_t likely(std::uint64_t hash) const {
    const std::uint32_t key = key_of(hash);
    const Near& near = near_[shard_of(hash)];
    if (near.now.empty()) return kNone;
    const Slot* const slot = near.now.place_of(key);
    return slot->key == key ? slot->value : kNone;
  }
  // Room for what a day brings as a rule, of which a start makes no less: until there is more, no table grows.
  static constexpr std::size_t kLeastRoom = std::size_t{1} << 18;

  // Makes room for so many entries at once, in an index that is empty: all shards stand in the same huge pages then,
  // which cost the system a tenth of what small ones would, and the processor fewer looks at its tables of pages, each
  // until its own table has grown. What is small is touched now, so that no order waits for its pages to be cleared.
  void reserve(std::size_t entries) {
    PORTCULLIS_CHECK(size_ == 0, "room is made in an empty index");
    has_reserved_ = true;
    make_room(entries);
  }
  // Returns how many places it has looked at: its work, for whoever has to keep that small.
  std::size_t insert(std::uint64_t hash, std::uint64_t value) {
    PORTCULLIS_CHECK(value < kGone, "an index holds numbers below 2^32 - 1");
    const std::uint32_t key = key_of(hash);
    const std::size_t at = shard_of(hash);
    Near& near = near_[at];
    std::size_t work = 0;
    if (is_full(near)) [[unlikely]]
      begin_to_grow(near, shards_[at]);
    if (near.grows) work += hand_over(near, shards_[at]);
    work += near.now.place(key, static_cast<std::uint32_t>(value));
    ++near.size;
    ++size_;
    return work;
  }
  // As find(), and where there is none as insert(): kNone, and `value` has been inserted.
  template <typename Matches>
  std::uint64_t find_or_insert(std::uint64_t hash, std::uint64_t value, Matches&& matches) {
    Near& near = near_[shard_of(hash)];
    if (near.grows || is_full(near)) [[unlikely]] {
      const std::uint64_t found = find(hash, matches);
      if (found == kNone) insert(hash, value);
      return found;
    }
    PORTCULLIS_CHECK(value < kGone, "an index holds numbers below 2^32 - 1");
    const std::uint64_t found = near.now.find_or_place(key_of(hash), static_cast<std::uint32_t>(value), matches);
    if (found != kNone) return found;
    ++near.size;
    ++size_;
    return kNone;
  }
  // Takes out what was inserted as this value under this hash; false when it was not. Nothing is allocated, and nothing
  // is left that later searches would pass over.
  bool erase(std::uint64_t hash, std::uint64_t value) {
    const std::uint32_t key = key_of(hash);
    Near& near = near_[shard_of(hash)];
    // What has been handed over stands in both.
    bool found = near.grows && shards_[shard_of(hash)].before.mark_gone(key, static_cast<std::uint32_t>(value));
    if (near.now.take_out(key, static_cast<std::uint32_t>(value))) found = true;
    if (!found) return false;
    --near.size;
    --size_;
    return true;
  }
  // Forgets all entries. Room is left for as many as there were, since a day brings what the one before it did, and for
  // kLeastRoom where reserve() made any; an index without entries keeps what it has. Room of about that size is used again:
  // memory that is new would be waited for by the orders that touch it first.
  void clear() {
    if (size_ == 0) return;
    const std::size_t entries = std::max(size_, has_reserved_ ? kLeastRoom : 0);
    const auto grows = [](const Near& near) { return near.grows != 0; };
    const bool fits = room_.bytes() / sizeof(Slot) <= kRoomy * kShards * slots_of_a_shard(entries);
    if (fits && in_room_ == kShards && std::none_of(near_.begin(), near_.end(), grows)) {
      std::memset(room_.get(), 0, room_.bytes());
      for (Near& near : near_) near.size = 0;
      size_ = 0;
      return;
    }
    near_ = std::vector<Near>(kShards);
    shards_ = std::vector<Shard>(kShards);
    room_ = Pages();
    in_room_ = 0;
    size_ = 0;
    if (has_reserved_) make_room(entries);
  }
  std::size_t size() const { return size_; }
  std::size_t bytes() const {
    std::size_t slots = 0;
    for (const Near& near : near_) slots += near.now.slots();
    for (const Shard& shard : shards_) slots += shard.before.slots();
    return slots * sizeof(Slot) + kShards * (sizeof(Near) + sizeof(Shard));
  }

 private:
  static constexpr std::size_t kShards = 1 << 8;
  static constexpr std::size_t kInitial = 1 << 4;
  static constexpr std::size_t kMoved = 4;
  static constexpr std::size_t kRoomy = 4;  // room that is so many times too large is not used again
  static constexpr std::size_t kTouched = 8 * Pages::kBlock;  // bytes
  // The value of an entry that was taken out of a table which is being handed over.
  static constexpr std::uint32_t kGone = ~std::uint32_t{0};
  struct Slot {
    std::uint32_t key = 0;  // 0: free
    std::uint32_t value = 0;
  };

  // In memory that others own.
  class Table {
   public:
    Table() = default;
    // It is all zeros.
    Table(Slot* slots, std::size_t count) : slots_(slots), count_(static_cast<std::uint32_t>(count)) {}

    bool empty() const { return count_ == 0; }
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
    // There is a free place.
    template <typename Matches>
    std::uint64_t find_or_place(std::uint32_t key, std::uint32_t value, Matches&& matches) {
      for (std::size_t i = home(key);; i = behind(i)) {
        Slot& slot = slots_[i];
        if (slot.key == 0) {
          slot = Slot{key, value};
          return kNone;
        }
        if (slot.key == key && matches(std::uint64_t{slot.value})) return slot.value;
      }
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

    Slot* slots_ = nullptr;
    std::uint32_t count_ = 0;
  };

  // What is asked of a shard with each search, apart from the rest: of all shards it is a few pages of memory.
  struct Near {
    [[no_unique_address]] Table now;  // its last four bytes are free
    std::uint32_t size : 31 = 0;
    std::uint32_t grows : 1 = 0;  // its table before is being handed over
  };
  static_assert(sizeof(Near) == 16);
  struct Shard {
    std::unique_ptr<Slot[]> own;  // of `now`; null: it stands in the room
    std::unique_ptr<Slot[]> own_before;
    Table before;           // what `now` takes over; stays whole until it has
    std::size_t moved = 0;  // places of `before` that it has looked at

    Table make(std::size_t count) {
      own = std::make_unique<Slot[]>(count);
      return Table(own.get(), count);
    }
  };

  // Hashes do not spread evenly: a tenth more, and no shard grows soon.
  static constexpr std::size_t slots_of_a_shard(std::size_t entries) {
    return entries / kShards * 11 / 10 * 3 / 2 + kInitial;
  }
  void make_room(std::size_t entries) {
    const std::size_t wanted = slots_of_a_shard(entries);
    Pages room(kShards * wanted * sizeof(Slot) < Pages::kBlock ? 0 : kShards * wanted * sizeof(Slot));
    if (room.bytes() <= kTouched) room.touch();
    auto* part = reinterpret_cast<Slot*>(room.get());
    for (std::size_t i = 0; i < kShards; ++i) {
      if (part == nullptr) {
        near_[i].now = shards_[i].make(wanted);
      } else {
        near_[i].now = Table(part, wanted);
        part += wanted;
      }
    }
    room_ = std::move(room);
    in_room_ = part == nullptr ? 0 : kShards;
  }
  // One more entry, and a table is to grow.
  static bool is_full(const Near& near) { return (std::size_t{near.size} + 1) * 4 > near.now.slots() * 3; }
  void begin_to_grow(Near& near, Shard& shard) {
    // The one before was handed over long ago: kMoved of its places at each of so many insertions.
    PORTCULLIS_CHECK(!near.grows, "a table grows twice at once");
    shard.before = near.now;
    shard.own_before = std::move(shard.own);
    shard.moved = 0;
    near.now = shard.make(std::max(kInitial, near.now.slots() * 2));
    near.grows = !shard.before.empty();
  }
  std::size_t hand_over(Near& near, Shard& shard) {
    std::size_t work = 0;
    for (std::size_t n = 0; n < kMoved && shard.moved < shard.before.slots(); ++n, ++shard.moved, ++work) {
      const Slot& slot = shard.before[shard.moved];
      if (slot.key != 0 && slot.value != kGone) work += near.now.place(slot.key, slot.value);
    }
    if (shard.moved < shard.before.slots()) return work;
    near.grows = 0;
    shard.before = Table();
    if (shard.own_before == nullptr && --in_room_ == 0) room_ = Pages();
    shard.own_before.reset();
    return work;
  }

  static std::uint32_t key_of(std::uint64_t hash) {
    const auto lower = static_cast<std::uint32_t>(hash);
    return lower == 0 ? 1 : lower;
  }
  static std::size_t shard_of(std::uint64_t hash) { return static_cast<std::size_t>(hash >> 56); }

  Pages room_;               // of the tables that reserve() made
  std::size_t in_room_ = 0;  // so many stand there still
  std::vector<Near> near_;
  std::vector<Shard> shards_;
  std::size_t size_ = 0;
  bool has_reserved_ = false;  // reserve() was called
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
