#include "risk/profit.h"

#include <algorithm>
#include <limits>

#include "risk/powers.h"
#include "risk/worth.h"

namespace portcullis::risk {

namespace {

// Quantity * Price stands at 10^-11, an Amount at 10^-2.
constexpr int kValueToAmountDigits = Quantity::kScale + Price::kScale - Amount::kScale;
constexpr Wide kValueToAmount = pow10(kValueToAmountDigits);

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

inline std::int64_t saturate(Wide value) {
  // Nearly always within 63 bits.
  const auto narrow = static_cast<std::int64_t>(value);
  if (narrow == value && narrow >= -kMax) [[likely]]
    return narrow;
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

// In whole parts of an Amount, rounded down: floor(floor(x / 2^9) / 5^9), as of all but the largest.
[[gnu::always_inline]] inline Wide whole_amount(Wide value) {
  constexpr auto kFives = static_cast<std::uint64_t>(kValueToAmount >> kValueToAmountDigits);
  const Wide size = value < 0 ? kValueToAmount - 1 - value : value;
  const Wide shifted = size >> kValueToAmountDigits;
  if (shifted >> 64 != 0) [[unlikely]]
    return floor_by_power<kValueToAmountDigits>(value);
  const auto whole = Wide{static_cast<std::uint64_t>(shifted) / kFives};
  return value < 0 ? -whole : whole;
}

// Of 62 bits: three of them have a sum that fits, and none is at the end of the range.
[[gnu::always_inline]] inline bool is_near(std::int64_t value) {
  return (value ^ value >> 63) >> 62 == 0;
}

// value * factor / 10^kDigits, rounded down, of a factor above zero; false where it has too many bits for is_near().
template <int kDigits>
[[gnu::always_inline]] inline bool whole_part(std::int64_t value, std::int64_t factor, std::int64_t& whole) {
  constexpr Wide kPower = pow10(kDigits);
  constexpr auto kFives = static_cast<std::int64_t>(kPower >> kDigits);
  const bool is_below = value < 0;
  const UnsignedWide size = UnsignedWide{static_cast<std::uint64_t>(is_below ? -value : value)} *
                                static_cast<std::uint64_t>(factor) +
                            static_cast<std::uint64_t>(is_below ? kPower - 1 : 0);
  if (size >> (62 + kDigits) != 0) return false;
  const std::int64_t parts = static_cast<std::int64_t>(size >> kDigits) / kFives;
  whole = is_below ? -parts : parts;
  return true;
}

// Rounded down; held at the ends of the range. What was paid is whole, so only the worth is rounded.
[[gnu::always_inline]] inline std::int64_t total_in_term(const InstrumentProfit& profit, const Quote* quote,
                                                         std::int64_t multiplier) {
  const auto& [position, cash, cost] = profit;
  if (quote == nullptr) return saturate(Wide{cash.raw()} + cost.raw());
  const Price mark = position.is_negative() ? quote->ask : quote->bid;
  return saturate(Wide{cash.raw()} + whole_amount(worth(position, mark, multiplier)));
}

}  // namespace

void InstrumentProfit::book(Quantity base, Amount term) {
  const Wide before = position.raw();
  const Wide after = before + base.raw();
  if (before == 0 || (before > 0) == (base.raw() > 0) || base.is_zero()) {
    // It opens or grows: the position costs what was paid more.
    cost = Amount::from_raw(saturate(Wide{cost.raw()} - term.raw()));
  } else if (after == 0 || (after > 0) == (before > 0)) {
    // It shrinks: the rest keeps its average price.
    cost = Amount::from_raw(saturate(scaled(cost.raw(), after, before)));
  } else {
    // It turns: what is left was opened at this execution's price.
    cost = Amount::from_raw(saturate(scaled(-Wide{term.raw()}, after, base.raw())));
  }
  position = Quantity::from_raw(saturate(after));
  cash = Amount::from_raw(saturate(Wide{cash.raw()} + term.raw()));
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
  return paid + worth(position, position.is_negative() ? quote->ask : quote->bid, multiplier);
}

[[gnu::always_inline]] inline Profit::Cell& Profit::cell(order::InstrumentId instrument) {
  if (instrument.value() < places_.size() && places_[instrument.value()] != 0) [[likely]]
    return cells_.data()[places_.data()[instrument.value()] - 1];
  if (places_.size() <= instrument.value()) places_.resize(instrument.value() + std::size_t{1});
  cells_.emplace_back();
  places_[instrument.value()] = static_cast<std::uint32_t>(cells_.size());
  return cells_.back();
}

[[gnu::noinline]] Profit::Listed Profit::execute_any(const Execution& execution) {
  Cell& moved = cell(execution.instrument);
  moved.of.book(execution.base, execution.term);
  mark(moved, execution.quote, execution.rate, execution.multiplier);
  note_peak();
  return list(execution.instrument);
}

[[gnu::always_inline]] inline bool Profit::execute_short(Cell& cell, const Execution& execution) {
  auto& [position, cash, cost] = cell.of;
  std::int64_t held = 0;
  std::int64_t paid = 0;
  std::int64_t costs = 0;
  if (!execution.is_plain || (position.raw() ^ execution.base.raw()) < 0 ||
      __builtin_add_overflow(position.raw(), execution.base.raw(), &held) ||
      __builtin_add_overflow(cash.raw(), execution.term.raw(), &paid) ||
      __builtin_sub_overflow(cost.raw(), execution.term.raw(), &costs)) {
    return false;
  }
  const Price mark = held < 0 ? execution.quote->ask : execution.quote->bid;
  std::int64_t total = 0;
  if (!is_near(held) || !is_near(paid) || !is_near(costs) ||
      !whole_part<kValueToAmountDigits>(held, mark.raw(), total)) {
    return false;
  }
  total += paid;
  if (execution.rate != Rate::of(1) && !whole_part<Rate::kScale>(total, execution.rate.raw(), total)) return false;
  position = Quantity::from_raw(held);
  cash = Amount::from_raw(paid);
  cost = Amount::from_raw(costs);
  total_ += total - cell.marked;
  cell.marked = total;
  note_peak();
  return true;
}

Profit::Listed Profit::execute(const Execution& execution) {
  Cell* const known = find(execution.instrument);
  if (known == nullptr || !execute_short(*known, execution)) [[unlikely]]
    return execute_any(execution);
  constexpr Listed kBoth = kHeld | kCounted;
  if (known->listed == kBoth) [[likely]]
    return 0;
  return list(execution.instrument);
}

void Profit::leave(order::InstrumentId instrument, Quantity position) {
  if (Cell* const known = find(instrument)) known->of.book(-position, Amount());
}

bool Profit::mark(order::InstrumentId instrument, const Quote* quote, Rate rate, std::int64_t multiplier) {
  Cell* const known = find(instrument);
  return known != nullptr && mark(*known, quote, rate, multiplier);
}

Profit::Listed Profit::list(order::InstrumentId instrument) {
  Cell* const known = find(instrument);
  if (known == nullptr) return 0;
  const auto fresh = static_cast<Listed>(lists_of(known->of) & ~known->listed);
  known->listed |= fresh;
  return fresh;
}

bool Profit::stays_in(order::InstrumentId instrument, Listed list) {
  Cell* const known = find(instrument);
  if (known == nullptr) return false;
  if ((lists_of(known->of) & list) != 0) return true;
  known->listed &= static_cast<Listed>(~list);
  return false;
}

Profit::Listed Profit::listed(order::InstrumentId instrument) const {
  const bool known = instrument.value() < places_.size() && places_[instrument.value()] != 0;
  return known ? cells_[places_[instrument.value()] - 1].listed : Listed{0};
}

[[gnu::always_inline]] inline bool Profit::mark(Cell& cell, const Quote* quote, Rate rate, std::int64_t multiplier) {
  // Amounts are of 63 bits and rates of 63, so the product fits.
  const std::int64_t in_term = total_in_term(cell.of, quote, multiplier);
  const Wide in_risk_currency =
      rate == Rate::of(1) ? Wide{in_term} : floor_by_power<Rate::kScale>(Wide{in_term} * rate.raw());
  const Wide change = in_risk_currency - cell.marked;
  total_ += change;
  cell.marked = in_risk_currency;
  return change != 0;
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
