#pragma once

#include <cstdint>
#include <vector>

#include "base/pages.h"
#include "base/time.h"
#include "order/terms.h"
#include "order/types.h"
#include "risk/archive.h"

// Which orders were accepted lately, for control C2: orders of the same economics within a time. A ring of the
// newest kCapacity. A table leads from what makes orders alike to the newest of them; each knows the one before it, and
// one further back, so that a question takes one look at the table and a number of steps that grows with the logarithm
// of how many are alike (skew-binary jumps, E. W. Myers, "An applicative random-access stack", 1983). All memory is taken
// with the first order; its pages come as they are used.

namespace portcullis::risk {

// What makes two orders alike: owner, instrument, side, quantity and price (a market order's is zero, a stop
// order's is its StopPx(99)).
struct Likeness {
  std::uint32_t owner = 0;       // AccountId
  std::uint32_t instrument = 0;  // InstrumentId
  Quantity quantity;
  Price price;
  order::Side side = order::Side::kBuy;
  order::Dealt dealt = order::Dealt::kBase;
  order::OrdType ord_type = order::OrdType::kLimit;
  order::Scope scope = order::Scope::kAccount;  // of the owner
  std::uint32_t pad = 0;

  static Likeness of(order::AccountId account, order::InstrumentId instrument, order::Side side, order::Dealt dealt,
                     const order::Terms& terms) {
    return Likeness{account.value(),
                    instrument.value(),
                    terms.order_qty,
                    terms.has_price ? terms.price : terms.stop_px,
                    side,
                    dealt,
                    terms.ord_type,
                    order::Scope::kAccount,
                    0};
  }
  static Likeness of(order::TraderId trader, order::InstrumentId instrument, order::Side side, order::Dealt dealt,
                     const order::Terms& terms) {
    Likeness alike = of(order::AccountId(trader.value()), instrument, side, dealt, terms);
    alike.scope = order::Scope::kTrader;
    return alike;
  }
  friend bool operator==(const Likeness&, const Likeness&) = default;
};

class OrderMemory {
 public:
  // More orders than this within one window are not remembered: the oldest are forgotten first.
  static constexpr std::uint64_t kCapacity = 1 << 18;
  // The longest window that may be asked for; a snapshot holds no older orders.
  static constexpr Duration kLongestWindow = Duration::seconds(3600);
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  // Returns the order's place. A time before that of an order alike counts as that one's.
  std::uint64_t remember(const Likeness& order, UtcTime time);

  // The place of the newest order that is alike, or kNone.
  std::uint64_t newest(const Likeness& order) const;
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

  struct Entry {
    Likeness order;
    UtcTime time;
    std::uint64_t previous = kNone;  // places; what is there may have been forgotten since
    std::uint64_t jump = kNone;
    std::uint64_t ordinal = 0;  // among those alike: how many were before
  };
  // Open addressing with linear probing; a slot stands as near behind its hash's place as it can.
  struct Slot {
    std::uint32_t hash = 0;   // never zero, unless the slot is free
    std::uint32_t place = 0;  // the lower half
  };

  static std::uint32_t hash_of(const Likeness& order);
  bool holds(std::uint64_t place) const { return place < next_ && next_ - place <= kCapacity; }
  const Entry& at(std::uint64_t place) const { return entries_[place % kCapacity]; }
  // Of a slot's order, which is always held.
  std::uint64_t place_of(const Slot& slot) const {
    return next_ - static_cast<std::uint32_t>(static_cast<std::uint32_t>(next_) - slot.place);
  }
  std::uint32_t find(std::uint32_t hash, const Likeness& order) const;  // its slot, or the free one where it belongs
  void forget(std::uint64_t place);
  void free(std::uint32_t slot);

  std::uint64_t next_ = 0;  // places are given out one by one
  std::vector<Entry> entries_;
  PageArray<Slot> slots_;  // kSlots, or none before the first order
};

}  // namespace portcullis::risk
