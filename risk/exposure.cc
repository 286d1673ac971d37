#include "risk/exposure.h"

#include <algorithm>
#include <limits>

#include "risk/amounts.h"

namespace portcullis::risk {

namespace {

// value + change, held at the ends of the range: what has happened is booked, whatever its size.
template <typename T>
void add(T& value, T change) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(value.raw(), change.raw(), &sum)) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    sum = value.is_negative() ? -kMax : kMax;
  }
  value = T::from_raw(sum);
}

}  // namespace

// Both sides are at least 0, so the differences fit.
ReservedChange::ReservedChange(const order::Need& before, const order::Need& after)
    : base(after.base - before.base),
      base_amount(risk::base_amount(after.base) - risk::base_amount(before.base)),
      term(after.term - before.term),
      notional(after.notional - before.notional) {}

InstrumentExposure& Exposure::make_cell(order::InstrumentId instrument) {
  if (instrument.value() >= instrument_cells_.size()) instrument_cells_.resize(instrument.value() + std::size_t{1}, 0);
  std::uint32_t& place = instrument_cells_[instrument.value()];
  instruments_.emplace_back();
  place = static_cast<std::uint32_t>(instruments_.size());
  return instruments_.back();
}

CurrencyExposure& Exposure::make_cell(order::CurrencyId currency) {
  currencies_.resize(currency.value() + std::size_t{1});
  return currencies_.back();
}

void Exposure::reserve(const Movement& what, const ReservedChange& change) {
  InstrumentExposure& instrument = cell(what.instrument);
  add(what.buys_base ? instrument.open_buy : instrument.open_sell, change.base);
  CurrencyExposure& base = cell(what.base);
  add(what.buys_base ? base.in : base.out, change.base_amount);
  CurrencyExposure& term = cell(what.term);
  add(what.buys_base ? term.out : term.in, change.term);
  add(gross_open_notional_, change.notional);
}

void Exposure::book(const Movement& what, const order::Booking& booking) {
  add(cell(what.instrument).position, booking.base);
  add(cell(what.base).position, booking.base_amount);
  add(cell(what.term).position, booking.term);
  add(traded_notional_, booking.traded);
}

bool Exposure::is_sound() const {
  return std::all_of(instrument_cells_.begin(), instrument_cells_.end(),
                     [this](std::uint32_t place) { return place <= instruments_.size(); });
}

bool Exposure::open_is_not_negative() const {
  if (open_orders_ < 0 || gross_open_notional_.is_negative()) return false;
  const auto instrument_ok = [](const InstrumentExposure& cell) {
    return !cell.open_buy.is_negative() && !cell.open_sell.is_negative();
  };
  const auto currency_ok = [](const CurrencyExposure& cell) {
    return !cell.in.is_negative() && !cell.out.is_negative();
  };
  return std::all_of(instruments_.begin(), instruments_.end(), instrument_ok) &&
         std::all_of(currencies_.begin(), currencies_.end(), currency_ok);
}

}  // namespace portcullis::risk
