#pragma once

#include <cstdint>
#include <vector>

#include "base/decimal.h"
#include "order/terms.h"
#include "order/types.h"

// The sums of one scope: what is open and what was executed. They change by stored amounts only, so that
// the sums of children always equal their parent's.

namespace portcullis::risk {

struct InstrumentExposure {
  Quantity position;   // executed, base units, signed
  Quantity open_buy;   // reserved by open orders that buy base
  Quantity open_sell;  // and that sell it

  friend bool operator==(const InstrumentExposure&, const InstrumentExposure&) = default;
};

struct CurrencyExposure {
  Amount position;  // executed, signed
  Amount in;        // open orders receive at most
  Amount out;       // and pay at most

  friend bool operator==(const CurrencyExposure&, const CurrencyExposure&) = default;
};

// Which instrument, currencies and direction an amount moves.
struct Movement {
  order::InstrumentId instrument;
  order::CurrencyId base;
  order::CurrencyId term;
  bool buys_base = true;
};

// What a reservation changes by, worked out once for all scopes.
struct ReservedChange {
  ReservedChange(const order::Need& before, const order::Need& after);

  Quantity base;
  Amount base_amount;  // on the grid of the base currency
  Amount term;
  Amount notional;
};

class Exposure {
 public:
  void reserve(const Movement& what, const ReservedChange& change);
  void count_open(std::int64_t delta) { open_orders_ += delta; }
  void book(const Movement& what, const order::Booking& booking);
  void start_day() { traded_notional_ = Amount(); }

  std::int64_t open_orders() const { return open_orders_; }
  Amount gross_open_notional() const { return gross_open_notional_; }
  Amount traded_notional() const { return traded_notional_; }

  // Zero where nothing ever was.
  const InstrumentExposure& of(order::InstrumentId instrument) const {
    if (instrument.value() >= instrument_cells_.size()) return kNoInstrument;
    const std::uint32_t place = instrument_cells_[instrument.value()];
    return place == 0 ? kNoInstrument : instruments_[place - 1];
  }
  const CurrencyExposure& of(order::CurrencyId currency) const {
    return currency.value() < currencies_.size() ? currencies_[currency.value()] : kNoCurrency;
  }

  // Calls visit(InstrumentId, const InstrumentExposure&) in index order, for what is not all zero.
  template <typename Visit>
  void each_instrument(Visit&& visit) const {
    for (std::uint32_t i = 0; i < instrument_cells_.size(); ++i) {
      if (instrument_cells_[i] == 0) continue;
      const InstrumentExposure& cell = instruments_[instrument_cells_[i] - 1];
      if (cell != InstrumentExposure()) visit(order::InstrumentId(i), cell);
    }
  }
  template <typename Visit>
  void each_currency(Visit&& visit) const {
    for (std::uint16_t i = 0; i < currencies_.size(); ++i) {
      if (currencies_[i] != CurrencyExposure()) visit(order::CurrencyId(i), currencies_[i]);
    }
  }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.open_orders_);
    ar(self.gross_open_notional_);
    ar(self.traded_notional_);
    ar.list(self.instrument_cells_);
    ar.list(self.instruments_);
    ar.list(self.currencies_);
  }

  // Every place in the index has its cell; else the sums cannot be read.
  bool is_sound() const;
  // No open sum is negative.
  bool open_is_not_negative() const;

 private:
  static constexpr InstrumentExposure kNoInstrument = {};
  static constexpr CurrencyExposure kNoCurrency = {};

  InstrumentExposure& cell(order::InstrumentId instrument) {
    if (instrument.value() < instrument_cells_.size() && instrument_cells_[instrument.value()] != 0) [[likely]] {
      return instruments_[instrument_cells_[instrument.value()] - 1];
    }
    return make_cell(instrument);
  }
  CurrencyExposure& cell(order::CurrencyId currency) {
    if (currency.value() < currencies_.size()) [[likely]]
      return currencies_[currency.value()];
    return make_cell(currency);
  }
  InstrumentExposure& make_cell(order::InstrumentId instrument);
  CurrencyExposure& make_cell(order::CurrencyId currency);

  std::int64_t open_orders_ = 0;
  Amount gross_open_notional_;
  Amount traded_notional_;
  // Most scopes trade few of the instruments: a small index by InstrumentId (0: none, else place + 1)
  // into cells made at first use.
  std::vector<std::uint32_t> instrument_cells_;
  std::vector<InstrumentExposure> instruments_;
  std::vector<CurrencyExposure> currencies_;  // by CurrencyId
};

}  // namespace portcullis::risk
