#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "order/terms.h"
#include "order/types.h"
#include "risk/archive.h"

// Which orders were accepted lately, for control C2: orders of the same economics within a time. A ring of the
// newest kCapacity, chained by a hash of what makes two orders alike, so that a question walks only what may be
// alike and stops at the first that is older than its window. All memory is taken with the first order.

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

  // Returns the order's place, for alike_at().
  std::uint64_t remember(const Likeness& order, UtcTime time);

  // How many remembered orders are alike and younger than `window` at `now`; counts no further than `enough`.
  std::int64_t count(const Likeness& order, UtcTime now, Duration window, std::int64_t enough) const;
  // The same for an order that was remembered, itself included; zero when it is forgotten or too old.
  std::int64_t alike_at(std::uint64_t place, UtcTime now, Duration window) const;

  void archive_to(SaveArchive& ar) const;
  void archive_from(LoadArchive& ar);

 private:
  static constexpr std::uint64_t kBuckets = 1 << 14;
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  struct Entry {
    Likeness order;
    UtcTime time;
    std::uint64_t previous = kNone;  // place of the bucket's order before this one
  };
  struct Bucket {
    std::uint64_t newest = kNone;  // place
    UtcTime time;                  // of that one: most questions are answered by it
  };

  static std::uint64_t bucket_of(const Likeness& order);
  bool holds(std::uint64_t place) const { return place < next_ && next_ - place <= kCapacity; }
  const Entry& at(std::uint64_t place) const { return entries_[place % kCapacity]; }

  std::uint64_t next_ = 0;  // places are given out one by one
  std::vector<Entry> entries_;
  std::vector<Bucket> buckets_;
};

}  // namespace portcullis::risk
