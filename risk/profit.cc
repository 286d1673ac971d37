#include "risk/profit.h"

#include <algorithm>
#include <limits>

#include "risk/powers.h"

namespace portcullis::risk {

namespace {

// Quantity * Price stands at 10^-11, an Amount at 10^-2.
constexpr int kValueToAmountDigits = Quantity::kScale + Price::kScale - Amount::kScale;
constexpr Wide kValueToAmount = pow10(kValueToAmountDigits);

std::int64_t saturate(Wide value) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp<Wide>(value, -kMax, kMax));
}

// Half to even, whatever the signs.
Wide scaled(Wide value, Wide times, Wide by) {
  return by < 0 ? divide(-value * times, -by, Rounding::kHalfEven) : divide(value * times, by, Rounding::kHalfEven);
}

// Term currency at 10^-11; held at the end of the range.
Wide worth(Quantity position, Price mark, std::int64_t multiplier) {
  Wide value = Wide{position.raw()} * mark.raw();
  constexpr Wide kMost = Wide{1} << 125;
  if (multiplier != 1 && __builtin_mul_overflow(value, Wide{multiplier}, &value)) {
    value = position.is_negative() ? -kMost : kMost;
  }
  return value;
}

template <typename T>
T added(T value, T change) {
  return T::from_raw(saturate(Wide{value.raw()} + change.raw()));
}

}  // namespace

void InstrumentProfit::book(Quantity base, Amount term) {
  const Wide before = position.raw();
  const Wide after = before + base.raw();
  if (before == 0 || (before > 0) == (base.raw() > 0) || base.is_zero()) {
    // It opens or grows: the position costs what was paid more.
    cost = added(cost, -term);
  } else if (after == 0 || (after > 0) == (before > 0)) {
    // It shrinks: the rest keeps its average price.
    cost = Amount::from_raw(saturate(scaled(cost.raw(), after, before)));
  } else {
    // It turns: what is left was opened at this execution's price.
    cost = Amount::from_raw(saturate(scaled(-Wide{term.raw()}, after, base.raw())));
  }
  position = Quantity::from_raw(saturate(after));
  cash = added(cash, term);
}

void InstrumentProfit::start_day(const Quote* quote, std::int64_t multiplier) {
  if (quote != nullptr) {
    const Price mark = position.is_negative() ? quote->ask : quote->bid;
    cost = Amount::from_raw(saturate(divide(worth(position, mark, multiplier), kValueToAmount, Rounding::kHalfEven)));
  }
  cash = -cost;
}

Wide InstrumentProfit::total(const Quote* quote, std::int64_t multiplier) const {
  const Wide paid = Wide{cash.raw()} * kValueToAmount;
  if (quote == nullptr) return paid + Wide{cost.raw()} * kValueToAmount;
  const Price mark = position.is_negative() ? quote->ask : quote->bid;
  return paid + worth(position, mark, multiplier);
}

bool Profit::book(order::InstrumentId instrument, Quantity base, Amount term) {
  if (places_.size() <= instrument.value()) places_.resize(instrument.value() + std::size_t{1});
  std::uint32_t& place = places_[instrument.value()];
  const bool first = place == 0;
  if (first) {
    cells_.emplace_back();
    place = static_cast<std::uint32_t>(cells_.size());
  }
  cells_[place - 1].of.book(base, term);
  return first;
}

void Profit::leave(order::InstrumentId instrument, Quantity position) {
  if (instrument.value() >= places_.size() || places_[instrument.value()] == 0) return;
  cells_[places_[instrument.value()] - 1].of.book(-position, Amount());
}

void Profit::mark(order::InstrumentId instrument, const Quote* quote, Rate rate, std::int64_t multiplier) {
  if (instrument.value() >= places_.size() || places_[instrument.value()] == 0) return;
  Cell& cell = cells_[places_[instrument.value()] - 1];
  const Wide in_term = floor_by_power<kValueToAmountDigits>(cell.of.total(quote, multiplier));
  // Amounts are of 63 bits and rates of 63, so the product fits.
  const Wide in_risk_currency = floor_by_power<Rate::kScale>(
      std::clamp<Wide>(in_term, -std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max()) *
      rate.raw());
  total_ += in_risk_currency - cell.marked;
  cell.marked = in_risk_currency;
}

Amount Profit::total() const {
  return Amount::from_raw(saturate(total_));
}

const InstrumentProfit& Profit::of(order::InstrumentId instrument) const {
  static constexpr InstrumentProfit kNothing;
  if (instrument.value() >= places_.size() || places_[instrument.value()] == 0) return kNothing;
  return cells_[places_[instrument.value()] - 1].of;
}

Amount Profit::realised(order::InstrumentId instrument) const {
  return of(instrument).realised();
}

bool Profit::is_sound() const {
  return std::all_of(places_.begin(), places_.end(), [this](std::uint32_t place) { return place <= cells_.size(); });
}

}  // namespace portcullis::risk
