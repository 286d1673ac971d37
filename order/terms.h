#pragma once

#include "order/types.h"

namespace portcullis::order {

// What an order asks for, and what a replace may change. Prices that the type does not use are zero.
struct Terms {
  Quantity order_qty;            // OrderQty(38) or CashOrderQty(152), of the currency that `dealt` names
  Price price;                   // Price(44)
  Price stop_px;                 // StopPx(99)
  UtcTime expire_time;           // ExpireTime(126); zero when absent
  Quantity order_qty2;           // OrderQty2(192): a swap's far leg, of the same currency; else zero
  Price price2;                  // Price2(640): a swap's far leg; else zero
  std::int32_t expire_date = 0;  // ExpireDate(432), days since 1970; zero when absent
  OrdType ord_type = OrdType::kLimit;
  TimeInForce time_in_force = TimeInForce::kDay;
  bool has_price = false;
  bool has_stop_px = false;

  friend bool operator==(const Terms&, const Terms&) = default;
};

// What the reservation of some terms was computed with, frozen at entry: release subtracts what was
// stored, and a partly filled order's need is recomputed without looking at the market again.
struct Valuation {
  Price counter_price;   // conservative price of the counter amount (spec, conservative price)
  Rate notional_rate;    // risk currency for one unit of the dealt currency
  std::int64_t multiplier = 1;

  friend bool operator==(const Valuation&, const Valuation&) = default;
};

// The three components that an order reserves (spec, "need"). All are >= 0.
struct Need {
  Quantity base;     // base currency or instrument units
  Amount term;       // term currency, upper bound
  Amount notional;   // risk currency

  friend bool operator==(const Need&, const Need&) = default;
};

// What an execution moves for good. Signed: a buy of base has base > 0 and term < 0.
struct Booking {
  Quantity base;
  Amount base_amount;  // base on the 0.01 grid of its currency
  Amount term;
  Amount traded;       // risk currency, >= 0 for a fill, <= 0 for a bust
  Quantity volume;     // the same in base units, without netting: of a swap that of the legs which count as volume
};

}  // namespace portcullis::order
