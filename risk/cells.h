#pragma once

#include <cstdint>
#include <limits>

#include "base/decimal.h"
#include "order/types.h"

// What one scope holds of one instrument, one currency or one value date.

namespace portcullis::risk {

// a + b, held at the upper end: a sum that does not fit is above every limit.
inline std::int64_t held_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}
inline std::int64_t at_least_zero(std::int64_t value) {
  return value > 0 ? value : 0;
}

struct alignas(64) InstrumentExposure {
  // What D3 and D7 hold to limits; marks, as those of currencies are.
  std::int64_t worst_long = 0;   // base units, position + open_buy
  std::int64_t worst_short = 0;  // open_sell - position
  std::int64_t daily = 0;        // volume()

  Quantity position;   // executed, base units, signed
  Quantity open_buy;   // reserved by open orders that buy base
  Quantity open_sell;  // and that sell it
  Quantity traded;     // executed on this trading day, without netting
  Quantity swapped;    // what open swaps count for as volume beside what is netted in open_buy and open_sell; signed

  // D7 in base units: traded and open, without netting.
  Wide volume() const {
    return Wide{at_least_zero(traded.raw())} + open_buy.raw() + open_sell.raw() + swapped.raw();
  }
  void mark() {
    worst_long = held_sum(position.raw(), open_buy.raw());
    worst_short = held_sum(open_sell.raw(), -position.raw());
    daily = held_sum(held_sum(at_least_zero(traded.raw()), held_sum(open_buy.raw(), open_sell.raw())), swapped.raw());
  }

  friend bool operator==(const InstrumentExposure& a, const InstrumentExposure& b) {
    return a.position == b.position && a.open_buy == b.open_buy && a.open_sell == b.open_sell &&
           a.traded == b.traded && a.swapped == b.swapped;
  }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.position);
    ar(self.open_buy);
    ar(self.open_sell);
    ar(self.traded);
    ar(self.swapped);
  }
};
static_assert(sizeof(InstrumentExposure) == 64, "one cache line");

struct alignas(64) CurrencyExposure {
  Amount position;  // executed, signed
  Amount in;        // open orders receive at most
  Amount out;       // and pay at most
  std::int64_t pad = 0;

  // Marks: what both sides are worth in the risk currency, rounded up, where they hold less than nothing too; and by
  // how much that is more, in parts of 10^-12. What changes by an amount changes by its worth, to the last part.
  std::int64_t long_worth = 0;   // of position + in
  std::int64_t short_worth = 0;  // of out - position
  std::int64_t long_rest = 0;
  std::int64_t short_rest = 0;

  // What is held to limits.
  Amount long_mark() const { return Amount::from_raw(at_least_zero(long_worth)); }
  Amount short_mark() const { return Amount::from_raw(at_least_zero(short_worth)); }

  Wide worst_long() const { return Wide{position.raw()} + in.raw(); }
  Wide worst_short() const { return Wide{out.raw()} - position.raw(); }

  friend bool operator==(const CurrencyExposure& a, const CurrencyExposure& b) {
    return a.position == b.position && a.in == b.in && a.out == b.out;
  }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.position);
    ar(self.in);
    ar(self.out);
  }
};
static_assert(sizeof(CurrencyExposure) == 64, "one cache line");

// What one currency settles on one value date.
struct SettlementExposure {
  order::CurrencyId currency;
  std::uint16_t pad = 0;
  std::int32_t date = 0;  // days since 1970
  Amount net;             // executed, signed: received less paid
  Amount receivable;      // open orders receive at most
  Amount mark;            // worth() in the risk currency, rounded up

  // Ascending by date, then by currency.
  static constexpr std::uint64_t key_of(std::int32_t date, order::CurrencyId currency) {
    return std::uint64_t{static_cast<std::uint32_t>(date)} << 32 | currency.value();
  }
  std::uint64_t key() const { return key_of(date, currency); }

  Wide worth() const { return (net.is_negative() ? Wide{0} : Wide{net.raw()}) + receivable.raw(); }
  // The same where it fits 64 bits, and else what is left of it.
  std::uint64_t wrapped_worth() const {
    return static_cast<std::uint64_t>(at_least_zero(net.raw())) + static_cast<std::uint64_t>(receivable.raw());
  }

  friend bool operator==(const SettlementExposure& a, const SettlementExposure& b) {
    return a.date == b.date && a.currency == b.currency && a.net == b.net && a.receivable == b.receivable;
  }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.date);
    ar(self.currency);
    ar(self.net);
    ar(self.receivable);
  }
};

// What non-deliverable forwards of one instrument and fixing date have executed, which leaves the positions once it is
// fixed, and what is open of them.
struct FixingExposure {
  std::int32_t date = 0;  // days since 1970
  order::InstrumentId instrument;
  order::CurrencyId base;
  order::CurrencyId term;
  Quantity position;
  Amount base_amount;
  Amount term_amount;
  Amount open;  // base currency, of open orders in either direction at most

  friend bool operator==(const FixingExposure&, const FixingExposure&) = default;

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.date);
    ar(self.instrument);
    ar(self.base);
    ar(self.term);
    ar(self.position);
    ar(self.base_amount);
    ar(self.term_amount);
    ar(self.open);
  }
};

// All marks of one value date.
struct DateSum {
  std::int32_t date = 0;
  Amount total;  // `marks`, held at the end of the range
  Wide marks = 0;

  void add(Wide change) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    marks += change;
    total = Amount::from_raw(marks < Wide{kMost} ? static_cast<std::int64_t>(marks) : kMost);
  }
};

}  // namespace portcullis::risk
