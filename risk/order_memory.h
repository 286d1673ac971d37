#pragma once

#include <array>
#include <cstdint>

#include "base/pages.h"
#include "base/time.h"
#include "order/terms.h"
#include "order/types.h"
#include "risk/archive.h"

// Which orders were accepted lately, for control C2: orders of the same economics within a time. A ring of the
// newest kCapacity. A table leads from what makes orders alike to the newest of them; each knows the one before it, and
// one further back, so that a question takes one look at the table and a number of steps that grows with the logarithm
// of how many are alike (skew-binary jumps, E. W. Myers, "An applicative random-access stack", 1983). In a flow of orders
// alike that number is not even taken: each order knows where the last question about those before it has ended, and the
// next question begins there. Its memory is of huge pages, which are taken as orders come.

namespace portcullis::risk {

// What makes two orders alike: owner, instrument, side, quantity and price (a market order's is zero, a stop
// order's is its StopPx(99)). Whole words, which are compared and hashed as they are.
struct Likeness {
  std::uint64_t who = 0;  // AccountId or TraderId; InstrumentId in the upper half
  Quantity quantity;
  Price price;
  std::uint64_t how = 0;  // side, dealt currency, type and whose id it is, a byte each

  static Likeness of(order::AccountId account, order::InstrumentId instrument, order::Side side, order::Dealt dealt,
                     const order::Terms& terms) {
    return of(account.value(), order::Scope::kAccount, instrument, side, dealt, terms);
  }
  static Likeness of(order::TraderId trader, order::InstrumentId instrument, order::Side side, order::Dealt dealt,
                     const order::Terms& terms) {
    return of(trader.value(), order::Scope::kTrader, instrument, side, dealt, terms);
  }
  friend bool operator==(const Likeness& a, const Likeness& b) {
    return ((a.who ^ b.who) | static_cast<std::uint64_t>(a.quantity.raw() ^ b.quantity.raw()) |
            static_cast<std::uint64_t>(a.price.raw() ^ b.price.raw()) | (a.how ^ b.how)) == 0;
  }

 private:
  static Likeness of(std::uint32_t owner, order::Scope scope, order::InstrumentId instrument, order::Side side,
                     order::Dealt dealt, const order::Terms& terms) {
    return Likeness{std::uint64_t{instrument.value()} << 32 | owner, terms.order_qty,
                    terms.has_price ? terms.price : terms.stop_px,
                    static_cast<std::uint64_t>(side) | static_cast<std::uint64_t>(dealt) << 8 |
                        static_cast<std::uint64_t>(terms.ord_type) << 16 | static_cast<std::uint64_t>(scope) << 24};
  }
};
static_assert(sizeof(Likeness) == 32);

class OrderMemory {
 public:
  // More orders than this within one window are not remembered: the oldest are forgotten first.
  static constexpr std::uint64_t kCapacity = 1 << 18;
  // The longest window that may be asked for; a snapshot holds no older orders.
  static constexpr Duration kLongestWindow = Duration::seconds(3600);
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  // Returns the order's place. A time before that of an order alike counts as that one's.
  std::uint64_t remember(const Likeness& order, UtcTime time);

  // What is sought, brought near step by step while other things are asked: its slot of the table with seek(), the
  // newest order that is alike with look_ahead().
  struct Sought {
    Likeness order;
    std::uint32_t hash = 0;
  };
  Sought seek(const Likeness& order) const {
    const std::uint32_t hash = hash_of(order);
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & kMask]);
    return {order, hash};
  }
  void look_ahead(const Sought& sought) const {
    if (slots_.empty()) return;
    const Slot& slot = slots_[sought.hash & kMask];
    if (slot.hash == sought.hash) __builtin_prefetch(&at(place_of(slot)));
  }
  // The place of the newest order that is alike, or kNone.
  std::uint64_t newest(const Sought& sought) const {
    if (slots_.empty()) return kNone;
    const Slot& slot = slots_[find(sought.hash, sought.order)];
    return slot.hash == 0 ? kNone : place_of(slot);
  }
  std::uint64_t newest(const Likeness& order) const { return newest(Sought{order, hash_of(order)}); }
  // Of the remembered orders alike the one at `newest`, itself included, none of them newer: how many are younger than
  // `window` at `now`. Zero for kNone and for what is forgotten.
  std::int64_t count(std::uint64_t newest, UtcTime now, Duration window) const;
  // The same of all that are alike the one at `place`, newer ones too.
  std::int64_t alike_at(std::uint64_t place, UtcTime now, Duration window) const;

  void archive_to(SaveArchive& ar) const;
  void archive_from(LoadArchive& ar);

 private:
  // Twice as many as can be taken, so that a search ends soon.
  static constexpr std::uint32_t kSlots = 2 * kCapacity;
  static constexpr std::uint32_t kMask = kSlots - 1;
  // So many orders before it is forgotten, an order's slot is brought near.
  static constexpr std::uint64_t kForgottenSoon = 4;
  // So many that have become too old since the last question are passed one by one, before the jumps are taken.
  static constexpr int kFewPassed = 4;

  struct alignas(64) Entry {  // one line of memory
    Likeness order;
    UtcTime time;
    std::uint32_t previous = 0;      // so many places before this one; what is there may have been forgotten since; 0: none
    std::uint32_t previous_age = 0;  // so many whole microseconds older than this one, or more than a 32-bit number holds
    std::uint32_t jump = 0;          // no nearer than the one before
    std::uint32_t ordinal = 0;       // among those alike: how many were before; it wraps, differences do not
    std::uint32_t next = 0;          // so many places behind this one; 0: none yet
    // So many places before this one stands what the last question about it, or about the one before it, has found. Where
    // the next begins: it follows from the rest and is in no snapshot.
    mutable std::uint32_t oldest = 0;
  };
  static_assert(sizeof(Entry) == 64);
  static constexpr std::uint64_t kBlock = Pages::kBlock / sizeof(Entry);
  static constexpr std::uint64_t kBlocks = kCapacity / kBlock;
  static_assert(kBlocks * kBlock == kCapacity);
  // Open addressing with linear probing; a slot stands as near behind its hash's place as it can.
  struct Slot {
    std::uint32_t hash = 0;   // never zero, unless the slot is free
    std::uint32_t place = 0;  // the lower half
  };

  static std::uint32_t hash_of(const Likeness& order) {
    std::uint64_t hash = 0x9e3779b97f4a7c15;
    const auto mix = [&hash](std::uint64_t word) {
      hash ^= word;
      hash *= 0xff51afd7ed558ccd;
      hash ^= hash >> 32;
    };
    mix(order.who);
    mix(static_cast<std::uint64_t>(order.quantity.raw()));
    mix(static_cast<std::uint64_t>(order.price.raw()));
    mix(order.how);
    const auto lower = static_cast<std::uint32_t>(hash);
    return lower == 0 ? 1 : lower;
  }
  bool holds(std::uint64_t place) const { return place < next_ && next_ - place <= kCapacity; }
  // The one so many places before `place`, if there is one.
  bool holds_behind(std::uint64_t place, std::uint32_t steps) const { return steps != 0 && holds(place - steps); }
  // The places that have been given out and not given out again, whatever stands there.
  std::uint64_t size() const { return next_ < kCapacity ? next_ : kCapacity; }
  const Entry& at(std::uint64_t place) const { return blocks_[place / kBlock % kBlocks][place % kBlock]; }
  Entry& at(std::uint64_t place) { return blocks_[place / kBlock % kBlocks][place % kBlock]; }
  // Of a slot's order, which is always held.
  std::uint64_t place_of(const Slot& slot) const {
    return next_ - static_cast<std::uint32_t>(static_cast<std::uint32_t>(next_) - slot.place);
  }
  // Its slot, or the free one where it belongs.
  std::uint32_t find(std::uint32_t hash, const Likeness& order) const {
    std::uint32_t i = hash & kMask;
    for (;; i = (i + 1) & kMask) {
      const Slot& slot = slots_[i];
      if (slot.hash == 0 || (slot.hash == hash && at(place_of(slot)).order == order)) return i;
    }
  }
  // Whether the one before it is younger than `window`: never false where it is, so that one that is too old is hardly
  // ever looked at.
  bool previous_may_be_young(const Entry& entry, std::uint64_t place, UtcTime now, Duration window) const {
    const UtcTime previous = entry.time - Duration::nanoseconds(std::int64_t{entry.previous_age} * 1'000);
    return now - previous < window && holds_behind(place, entry.previous);
  }
  // The first of those alike the one at `newest` that is younger than `window`, where that one is.
  std::uint64_t oldest(std::uint64_t newest, UtcTime now, Duration window) const;
  std::uint64_t sought_by_jumps(std::uint64_t newest, UtcTime now, Duration window) const;
  void forget(std::uint64_t place);
  void free(std::uint32_t slot);

  std::uint64_t next_ = 0;  // places are given out one by one
  std::array<PageArray<Entry>, kBlocks> blocks_;
  PageArray<Slot> slots_;  // kSlots, or none before the first order
};

}  // namespace portcullis::risk
