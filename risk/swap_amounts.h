#pragma once

#include <optional>

#include "base/decimal.h"
#include "config/config.h"
#include "order/swap.h"
#include "order/terms.h"
#include "order/types.h"

// The amounts of an FX swap (risk specification, section 2). Both prices are the swap's own and stand for what its
// legs are done at: the near leg at Price(44), the far leg, the other way round, at Price2(640). What is netted is
// netted exactly and rounded up once.

namespace portcullis::risk {

struct SwapAmounts {
  order::SwapNeed need;
  Amount notional;        // risk currency: of the far leg, or of both
  Quantity largest_base;  // base units of the larger leg
};

// What `open` of the near leg's quantity reserves, and of the far leg its part: OrderQty2(192) in the proportion of the
// near leg, rounded up. `buys_base`: the near leg. Nothing when an amount does not fit or a price is not positive.
std::optional<SwapAmounts> swap_amounts(order::Dealt dealt, bool buys_base, Quantity open, const order::Terms& terms,
                                        Rate dealt_rate, config::SwapGross gross);

// As above for what is left of `terms` after `cum`, never negative; saturates instead of overflowing, since the terms
// were valued before.
SwapAmounts swap_amounts_left(order::Dealt dealt, bool buys_base, const order::Terms& terms, Rate dealt_rate,
                              Quantity cum, config::SwapGross gross);

// Component by component.
order::SwapNeed largest(const order::SwapNeed& a, const order::SwapNeed& b);

// What a fill of `last_qty` of the near leg moves, with its part of the far leg, rounded half to even.
struct SwapFill {
  order::Booking net;         // of both legs; traded: the far leg's, or both
  order::SwapBooking booking;  // by leg
};
SwapFill swap_fill(bool buys_base, order::Dealt dealt, const order::Terms& terms, Quantity last_qty, Price last_px,
                   Price last_px2, Rate dealt_rate, config::SwapGross gross);

order::SwapBooking reversed(const order::SwapBooking& booking);

// `part` of the far leg for a quantity of the near one.
Quantity far_part(const order::Terms& terms, Quantity near_qty, Rounding rounding);

}  // namespace portcullis::risk
