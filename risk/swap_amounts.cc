#include "risk/swap_amounts.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "risk/amounts.h"

namespace portcullis::risk {

namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr Wide kValueToAmount = pow10(Quantity::kScale + Price::kScale - Amount::kScale);
constexpr Wide kQuantityOverPriceToAmount = pow10(Price::kScale - Quantity::kScale + Amount::kScale);
constexpr std::int64_t kQuantityPerAmount = 10;  // raw Quantity of one raw Amount

std::optional<Amount> amount(Wide raw) {
  const auto narrowed = narrow(raw);
  if (!narrowed) return std::nullopt;
  return Amount::from_raw(*narrowed);
}

// numerator / denominator at 10^-2 and rounded up, of a quotient of quantities times prices; both are positive. Digit by
// digit, since the numerator has up to 126 bits.
std::optional<Wide> long_divide_up(Wide numerator, Wide denominator) {
  constexpr Wide kLargest = Wide{1} << 122;
  if (denominator > kLargest) return std::nullopt;
  Wide quotient = numerator / denominator;
  Wide rest = numerator % denominator;
  for (Wide scale = kQuantityOverPriceToAmount; scale > 1; scale /= 10) {
    if (quotient > kMax) return std::nullopt;
    quotient = quotient * 10 + rest * 10 / denominator;
    rest = rest * 10 % denominator;
  }
  return rest > 0 ? quotient + 1 : quotient;
}

struct Legs {
  Wide near_qty;
  Wide far_qty;
  Wide near_px;
  Wide far_px;
  bool far_alone;  // counts as volume, and not both

  Wide counted(Wide near, Wide far) const { return far_alone ? far : near + far; }
};

// The near leg buys `bought` of one currency; net > 0: the swap receives it.
struct Net {
  Amount in;
  Amount out;
};

std::optional<Net> net_of(std::optional<Wide> magnitude, bool receives) {
  if (!magnitude) return std::nullopt;
  const auto size = amount(*magnitude);
  if (!size) return std::nullopt;
  return receives ? Net{*size, Amount()} : Net{Amount(), *size};
}

bool base_dealt(const Legs& legs, bool buys, SwapAmounts& out) {
  const Wide base = legs.near_qty - legs.far_qty;  // bought, when the near leg buys
  const Wide size = base < 0 ? -base : base;
  const bool receives = buys == (base > 0);
  (receives ? out.need.buy : out.need.sell) = Quantity::from_raw(static_cast<std::int64_t>(size));
  out.largest_base = Quantity::from_raw(static_cast<std::int64_t>(std::max(legs.near_qty, legs.far_qty)));

  // Quantities and prices have 63 bits, so the products and their difference fit.
  const Wide near_value = legs.near_qty * legs.near_px;
  const Wide far_value = legs.far_qty * legs.far_px;
  const Wide term = near_value - far_value;  // paid, when the near leg buys
  const auto net = net_of(divide(term < 0 ? -term : term, kValueToAmount, Rounding::kAwayFromZero), buys != (term > 0));
  const auto near_base = amount(divide(legs.near_qty, kQuantityPerAmount, Rounding::kAwayFromZero));
  const auto far_base = amount(divide(legs.far_qty, kQuantityPerAmount, Rounding::kAwayFromZero));
  const auto near_term = amount(divide(near_value, kValueToAmount, Rounding::kAwayFromZero));
  const auto far_term = amount(divide(far_value, kValueToAmount, Rounding::kAwayFromZero));
  if (!net || !near_base || !far_base || !near_term || !far_term) return false;
  out.need.term_in = net->in;
  out.need.term_out = net->out;
  out.need.near_receivable = buys ? *near_base : *near_term;
  out.need.far_receivable = buys ? *far_term : *far_base;
  const auto volume = narrow(legs.counted(legs.near_qty, legs.far_qty));
  if (!volume) return false;
  out.need.volume = Quantity::from_raw(*volume);
  return true;
}

bool term_dealt(const Legs& legs, bool buys, SwapAmounts& out) {
  const Wide term = legs.near_qty - legs.far_qty;  // paid, when the near leg buys base
  const auto net = net_of(divide(term < 0 ? -term : term, kQuantityPerAmount, Rounding::kAwayFromZero), buys != (term > 0));
  // near / near_px - far / far_px, exactly.
  const Wide difference = legs.near_qty * legs.far_px - legs.far_qty * legs.near_px;
  const auto base = long_divide_up(difference < 0 ? -difference : difference, legs.near_px * legs.far_px);
  const auto leg_base = [](Wide qty, Wide price) {
    return amount(divide(qty * kQuantityOverPriceToAmount, price, Rounding::kAwayFromZero));
  };
  const auto near_base = leg_base(legs.near_qty, legs.near_px);
  const auto far_base = leg_base(legs.far_qty, legs.far_px);
  const auto near_term = amount(divide(legs.near_qty, kQuantityPerAmount, Rounding::kAwayFromZero));
  const auto far_term = amount(divide(legs.far_qty, kQuantityPerAmount, Rounding::kAwayFromZero));
  if (!net || !base || *base > kMax / kQuantityPerAmount || !near_base || !far_base || !near_term || !far_term) {
    return false;
  }
  const bool receives = buys == (difference > 0);
  const Quantity size = Quantity::from_raw(static_cast<std::int64_t>(*base * kQuantityPerAmount));
  (receives ? out.need.buy : out.need.sell) = size;
  const auto largest_base = narrow(Wide{std::max(near_base->raw(), far_base->raw())} * kQuantityPerAmount);
  const auto volume = narrow(legs.counted(near_base->raw(), far_base->raw()) * kQuantityPerAmount);
  if (!largest_base || !volume) return false;
  out.largest_base = Quantity::from_raw(*largest_base);
  out.need.volume = Quantity::from_raw(*volume);
  out.need.term_in = net->in;
  out.need.term_out = net->out;
  out.need.near_receivable = buys ? *near_base : *near_term;
  out.need.far_receivable = buys ? *far_term : *far_base;
  return true;
}

std::optional<Amount> notional_of(Wide dealt_qty, Rate rate) {
  constexpr Wide kScale = pow10(Quantity::kScale + Rate::kScale - Amount::kScale);
  if (dealt_qty > kMax) return std::nullopt;
  return amount(divide(dealt_qty * rate.raw(), kScale, Rounding::kAwayFromZero));
}

template <typename T>
T sum(T a, T b) {
  std::int64_t all = 0;
  if (__builtin_add_overflow(a.raw(), b.raw(), &all)) all = a.is_negative() ? -kMax : kMax;
  return T::from_raw(all);
}

}  // namespace

Quantity far_part(const order::Terms& terms, Quantity near_qty, Rounding rounding) {
  if (near_qty == terms.order_qty || !terms.order_qty.is_positive()) return terms.order_qty2;
  const Wide part = divide(Wide{terms.order_qty2.raw()} * near_qty.raw(), terms.order_qty.raw(), rounding);
  return Quantity::from_raw(static_cast<std::int64_t>(std::clamp<Wide>(part, -kMax, kMax)));
}

std::optional<SwapAmounts> swap_amounts(order::Dealt dealt, bool buys_base, Quantity open, const order::Terms& terms,
                                        Rate dealt_rate, config::SwapGross gross) {
  if (!terms.price.is_positive() || !terms.price2.is_positive()) return std::nullopt;
  const Quantity far_open = far_part(terms, open, Rounding::kAwayFromZero);
  const Legs legs{open.raw(), far_open.raw(), terms.price.raw(), terms.price2.raw(), gross == config::SwapGross::kFar};
  SwapAmounts out;
  const bool fits = dealt == order::Dealt::kBase ? base_dealt(legs, buys_base, out) : term_dealt(legs, buys_base, out);
  const auto notional = notional_of(legs.counted(legs.near_qty, legs.far_qty), dealt_rate);
  if (!fits || !notional) return std::nullopt;
  out.notional = *notional;
  return out;
}

SwapAmounts swap_amounts_left(order::Dealt dealt, bool buys_base, const order::Terms& terms, Rate dealt_rate,
                              Quantity cum, config::SwapGross gross) {
  if (cum >= terms.order_qty) return SwapAmounts();
  const Wide left = std::min<Wide>(Wide{terms.order_qty.raw()} - cum.raw(), kMax);
  const Quantity open = Quantity::from_raw(static_cast<std::int64_t>(left));
  if (const auto amounts = swap_amounts(dealt, buys_base, open, terms, dealt_rate, gross)) return *amounts;
  const Amount all = Amount::from_raw(kMax);
  const Quantity whole = Quantity::from_raw(kMax);
  return SwapAmounts{order::SwapNeed{whole, whole, all, all, all, all, whole}, all, whole};
}

order::SwapNeed largest(const order::SwapNeed& a, const order::SwapNeed& b) {
  return order::SwapNeed{std::max(a.buy, b.buy),
                         std::max(a.sell, b.sell),
                         std::max(a.term_in, b.term_in),
                         std::max(a.term_out, b.term_out),
                         std::max(a.near_receivable, b.near_receivable),
                         std::max(a.far_receivable, b.far_receivable),
                         std::max(a.volume, b.volume)};
}

SwapFill swap_fill(bool buys_base, order::Dealt dealt, const order::Terms& terms, Quantity last_qty, Price last_px,
                   Price last_px2, Rate dealt_rate, config::SwapGross gross) {
  const order::Booking near_leg = booking_for(buys_base, dealt, last_qty, last_px, dealt_rate, 1);
  const Quantity far_qty = far_part(terms, last_qty, Rounding::kHalfEven);
  const order::Booking far_leg = booking_for(!buys_base, dealt, far_qty, last_px2, dealt_rate, 1);
  SwapFill fill;
  fill.net.base = sum(near_leg.base, far_leg.base);
  fill.net.base_amount = sum(near_leg.base_amount, far_leg.base_amount);
  fill.net.term = sum(near_leg.term, far_leg.term);
  fill.net.traded =
      gross == config::SwapGross::kFar ? far_leg.traded : sum(near_leg.traded, far_leg.traded);
  fill.net.volume =
      gross == config::SwapGross::kFar ? far_leg.volume : sum(near_leg.volume, far_leg.volume);
  fill.booking =
      order::SwapBooking{near_leg.base_amount, near_leg.term, far_leg.base_amount, far_leg.term};
  return fill;
}

order::SwapBooking reversed(const order::SwapBooking& booking) {
  return order::SwapBooking{-booking.near_base, -booking.near_term, -booking.far_base, -booking.far_term};
}

}  // namespace portcullis::risk
