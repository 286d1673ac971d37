#include "risk/amounts.h"

#include <algorithm>
#include <limits>

#include "risk/powers.h"

namespace portcullis::risk {

namespace {

// Digits, and powers of ten, between the scales of the operands and that of the result.
constexpr int kQuantityTimesPriceToAmount = Quantity::kScale + Price::kScale - Amount::kScale;
constexpr int kQuantityTimesRateToAmount = Quantity::kScale + Rate::kScale - Amount::kScale;
constexpr Wide kQuantityOverPriceToAmount = pow10(Price::kScale - Quantity::kScale + Amount::kScale);
constexpr std::int64_t kQuantityPerAmount = 10;  // raw Quantity of one raw Amount: 10^(3 - 2)
constexpr int kPercentDigits = config::Percent::kScale + 2;
constexpr Wide kWholePercent = pow10(kPercentDigits);

std::int64_t saturate(Wide value) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp<Wide>(value, -kMax, kMax));
}

std::optional<Price> above(Price price, config::Percent buffer) {
  const auto raw =
      narrow(divide_by_power<kPercentDigits>(Wide{price.raw()} * (kWholePercent + buffer.raw()), Rounding::kAwayFromZero));
  if (!raw) return std::nullopt;
  return Price::from_raw(*raw);
}

std::optional<Price> below(Price price, config::Percent buffer) {
  const auto raw =
      narrow(divide_by_power<kPercentDigits>(Wide{price.raw()} * (kWholePercent - buffer.raw()), Rounding::kTowardZero));
  if (!raw) return std::nullopt;
  return Price::from_raw(*raw);
}

bool has_limit(const order::Terms& terms) {
  switch (terms.ord_type) {
    case order::OrdType::kLimit:
    case order::OrdType::kStopLimit:
    case order::OrdType::kPreviouslyQuoted:
    case order::OrdType::kForexSwap:
      return true;
    case order::OrdType::kMarket:
    case order::OrdType::kStop:
      return false;
  }
  return false;
}

// The most that one unit of base can cost or bring.
std::optional<Price> upper_bound(const order::Terms& terms, bool buys_base, const Quote* quote,
                                 config::Percent buffer) {
  const bool limited = has_limit(terms);
  if (limited && buys_base) return terms.price;
  if (quote == nullptr) return std::nullopt;
  Price touch = quote->ask;
  if (terms.ord_type == order::OrdType::kStop) touch = std::max(touch, terms.stop_px);
  const std::optional<Price> bound = above(touch, buffer);
  if (!bound || !limited) return bound;
  return std::max(terms.price, *bound);
}

// The least.
std::optional<Price> lower_bound(const order::Terms& terms, bool buys_base, const Quote* quote,
                                 config::Percent buffer) {
  const bool limited = has_limit(terms);
  if (limited && !buys_base) return terms.price;
  if (quote == nullptr) return std::nullopt;
  Price touch = quote->bid;
  if (terms.ord_type == order::OrdType::kStop) touch = std::min(touch, terms.stop_px);
  const std::optional<Price> bound = below(touch, buffer);
  if (!bound || !limited) return bound;
  return std::min(terms.price, *bound);
}

std::optional<Amount> value_of_units(Quantity units, Price price, std::int64_t multiplier, Rounding rounding) {
  Wide product = Wide{units.raw()} * price.raw();
  if (multiplier != 1 && __builtin_mul_overflow(product, Wide{multiplier}, &product)) return std::nullopt;
  const auto raw = narrow(divide_by_power<kQuantityTimesPriceToAmount>(product, rounding));
  if (!raw) return std::nullopt;
  return Amount::from_raw(*raw);
}

std::optional<Amount> in_risk_currency(Amount term, Rate rate, Rounding rounding) {
  const auto raw = narrow(divide_by_power<Rate::kScale>(Wide{term.raw()} * rate.raw(), rounding));
  if (!raw) return std::nullopt;
  return Amount::from_raw(*raw);
}

std::optional<Amount> notional(Quantity dealt, Rate rate, std::int64_t multiplier, Rounding rounding) {
  Wide product = Wide{dealt.raw()} * rate.raw();
  if (multiplier != 1 && __builtin_mul_overflow(product, Wide{multiplier}, &product)) return std::nullopt;
  const auto raw = narrow(divide_by_power<kQuantityTimesRateToAmount>(product, rounding));
  if (!raw) return std::nullopt;
  return Amount::from_raw(*raw);
}

}  // namespace

std::optional<Price> conservative_price(const order::Terms& terms, bool buys_base, order::Dealt dealt,
                                        const Quote* quote, config::Percent buffer) {
  const bool upper = dealt == order::Dealt::kBase || dealt == order::Dealt::kUnits;
  const std::optional<Price> bound =
      upper ? upper_bound(terms, buys_base, quote, buffer) : lower_bound(terms, buys_base, quote, buffer);
  if (!bound || !bound->is_positive()) return std::nullopt;
  return bound;
}

bool price_limit_order(const order::Terms& terms, bool buys_base, const Quote& quote, config::Percent buffer,
                       order::Valuation& valuation, order::Need& need) {
  std::int64_t price = terms.price.raw();
  if (!buys_base) {
    std::int64_t touch = 0;
    if (!up_by_power<kPercentDigits>(Wide{quote.ask.raw()} * (kWholePercent + buffer.raw()), touch)) return false;
    price = std::max(price, touch);
  }
  const std::int64_t quantity = terms.order_qty.raw();
  std::int64_t term = 0;
  std::int64_t notional = 0;
  if (price <= 0 || quantity <= 0 || valuation.multiplier != 1) return false;
  if (!up_by_power<kQuantityTimesPriceToAmount>(Wide{quantity} * price, term)) return false;
  if (!up_by_power<kQuantityTimesRateToAmount>(Wide{quantity} * valuation.notional_rate.raw(), notional)) return false;
  valuation.counter_price = Price::from_raw(price);
  need = {terms.order_qty, Amount::from_raw(term), Amount::from_raw(notional)};
  return true;
}

std::optional<order::Need> need_for(order::Dealt dealt, Quantity open, const order::Valuation& valuation) {
  order::Need need;
  if (dealt == order::Dealt::kUnits) {
    const auto term = value_of_units(open, valuation.counter_price, valuation.multiplier, Rounding::kAwayFromZero);
    const auto notional = term ? in_risk_currency(*term, valuation.notional_rate, Rounding::kAwayFromZero) : term;
    if (!notional) return std::nullopt;
    return order::Need{open, *term, *notional};
  }
  const auto in_risk_currency = notional(open, valuation.notional_rate, valuation.multiplier, Rounding::kAwayFromZero);
  if (!in_risk_currency) return std::nullopt;
  need.notional = *in_risk_currency;
  if (dealt == order::Dealt::kBase) {
    const auto term = narrow(divide_by_power<kQuantityTimesPriceToAmount>(
        Wide{open.raw()} * valuation.counter_price.raw(), Rounding::kAwayFromZero));
    if (!term) return std::nullopt;
    need.base = open;
    need.term = Amount::from_raw(*term);
    return need;
  }
  if (!valuation.counter_price.is_positive()) return std::nullopt;
  const auto base = narrow(
      divide(Wide{open.raw()} * kQuantityOverPriceToAmount, valuation.counter_price.raw(), Rounding::kAwayFromZero) *
      kQuantityPerAmount);
  if (!base) return std::nullopt;
  need.base = Quantity::from_raw(*base);
  need.term = base_amount(open);  // the dealt amount itself, on the same grid
  return need;
}

namespace {

// A limit bounds its order's price at its entry; a broker may state a worse one since, which bounds it then.
bool is_worse(const order::Terms& terms, order::Dealt dealt, Price bound) {
  const bool limit = terms.ord_type == order::OrdType::kLimit || terms.ord_type == order::OrdType::kStopLimit ||
                     terms.ord_type == order::OrdType::kPreviouslyQuoted;
  if (!limit || !terms.has_price) return false;
  return dealt == order::Dealt::kBase || dealt == order::Dealt::kUnits ? terms.price > bound : terms.price < bound;
}

}  // namespace

order::Need need_of_terms(order::Dealt dealt, const order::Terms& terms, const order::Valuation& valuation,
                          Quantity cum) {
  if (cum >= terms.order_qty) return order::Need();
  const Quantity open = Quantity::from_raw(saturate(Wide{terms.order_qty.raw()} - cum.raw()));
  order::Valuation valued = valuation;
  if (is_worse(terms, dealt, valuation.counter_price)) [[unlikely]] valued.counter_price = terms.price;
  if (const auto need = need_for(dealt, open, valued)) return *need;
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  return order::Need{Quantity::from_raw(kMax), Amount::from_raw(kMax), Amount::from_raw(kMax)};
}

order::Need largest(const order::Need& a, const order::Need& b) {
  return order::Need{std::max(a.base, b.base), std::max(a.term, b.term), std::max(a.notional, b.notional)};
}

namespace {

// Whatever the amounts are.
[[gnu::noinline]] order::Booking booking_for_any(bool buys_base, order::Dealt dealt, Quantity last_qty, Price last_px,
                                                 Rate dealt_rate, std::int64_t multiplier) {
  const Wide sign = buys_base ? 1 : -1;
  const Wide cents = divide(Wide{last_qty.raw()}, kQuantityPerAmount, Rounding::kHalfEven);
  order::Booking booking;
  if (dealt == order::Dealt::kUnits) {
    // No currency is exchanged; what was paid counts for the day's profit.
    const Amount most = Amount::from_raw(std::numeric_limits<std::int64_t>::max());
    const Amount term = value_of_units(last_qty, last_px, multiplier, Rounding::kHalfEven).value_or(most);
    booking.base = Quantity::from_raw(saturate(sign * last_qty.raw()));
    booking.term = buys_base ? -term : term;
    booking.traded = in_risk_currency(term, dealt_rate, Rounding::kHalfEven).value_or(most);
    booking.volume = last_qty;
    return booking;
  }
  if (dealt == order::Dealt::kBase) {
    const Wide term =
        divide_by_power<kQuantityTimesPriceToAmount>(Wide{last_qty.raw()} * last_px.raw(), Rounding::kHalfEven);
    booking.base = Quantity::from_raw(saturate(sign * last_qty.raw()));
    booking.base_amount = Amount::from_raw(saturate(sign * cents));
    booking.term = Amount::from_raw(saturate(-sign * term));
  } else {
    // A price of zero or less cannot turn a term amount into base; the term side is still booked.
    const Wide base = last_px.is_positive() ? divide(Wide{last_qty.raw()} * kQuantityOverPriceToAmount, last_px.raw(),
                                                     Rounding::kHalfEven)
                                            : Wide{0};
    booking.base = Quantity::from_raw(saturate(sign * base * kQuantityPerAmount));
    booking.base_amount = Amount::from_raw(saturate(sign * base));
    booking.term = Amount::from_raw(saturate(-sign * cents));
  }
  const auto traded = notional(last_qty, dealt_rate, multiplier, Rounding::kHalfEven);
  booking.traded = traded ? *traded : Amount::from_raw(std::numeric_limits<std::int64_t>::max());
  booking.volume = buys_base ? booking.base : -booking.base;
  return booking;
}

}  // namespace

order::Booking booking_for(bool buys_base, order::Dealt dealt, Quantity last_qty, Price last_px, Rate dealt_rate,
                           std::int64_t multiplier) {
  // Most are dealt in base, and each of their amounts comes by one multiplication.
  const std::int64_t base = last_qty.raw();
  std::int64_t cents = 0;
  std::int64_t term = 0;
  std::int64_t traded = 0;
  const bool is_plain = dealt == order::Dealt::kBase && multiplier == 1 && half_even_by_power<1>(base, cents) &&
                        half_even_by_power<kQuantityTimesPriceToAmount>(Wide{base} * last_px.raw(), term) &&
                        half_even_by_power<kQuantityTimesRateToAmount>(Wide{base} * dealt_rate.raw(), traded);
  if (!is_plain) [[unlikely]]
    return booking_for_any(buys_base, dealt, last_qty, last_px, dealt_rate, multiplier);
  const std::int64_t sign = buys_base ? 1 : -1;
  return order::Booking{Quantity::from_raw(sign * base), Amount::from_raw(sign * cents), Amount::from_raw(-sign * term),
                        Amount::from_raw(traded), last_qty};
}

order::Booking reversed(const order::Booking& booking) {
  return order::Booking{-booking.base, -booking.base_amount, -booking.term, -booking.traded, -booking.volume};
}

Amount base_amount(Quantity base) {
  const std::int64_t cents = base.raw() / kQuantityPerAmount;
  return Amount::from_raw(base.raw() % kQuantityPerAmount > 0 ? cents + 1 : cents);
}

}  // namespace portcullis::risk
