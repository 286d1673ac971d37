#pragma once

#include <cstdint>

#include "base/decimal.h"
#include "base/time.h"
#include "config/config.h"
#include "order/types.h"

namespace portcullis::risk {

// B4: where the market was when the first order of a window came. Zero: no window has been opened.
struct DriftWindow {
  Price reference;  // the middle of the quote
  UtcTime opened;
};

// What risk must know of an instrument. A default one is not defined: its orders are refused.
struct Instrument {
  order::CurrencyId base;  // what Quantity counts
  order::CurrencyId term;  // what Price is in
  Price price_tick;        // positive
  Quantity quantity_min;   // positive; base units
  Quantity quantity_step;  // positive; base units
  std::int64_t multiplier = 1;
  std::uint32_t spot_days = 2;
  bool is_fx = true;         // false: units that are worth price x multiplier, and no currency moves
  bool only_swaps = false;   // takes nothing else
  config::CollarWithoutData collar_without_data = config::CollarWithoutData::kReject;
  config::Percent static_collar;
  bool broken_dates = true;  // taken
  bool restricted = false;   // A2: positions in it may only be reduced
  bool delivers = true;      // false: an NDF, which is fixed and settles a difference only
  // Spot of one trade date, so that most orders need no calendar.
  std::int32_t spot_of = 0;
  std::int32_t spot_date = 0;
  bool defined = false;
  DriftWindow drift;

  // The rest is configuration.
  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.base);
    ar(self.term);
    ar(self.multiplier);
    ar(self.drift.reference);
    ar(self.drift.opened);
  }
};

}  // namespace portcullis::risk
