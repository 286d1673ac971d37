#pragma once

#include <span>

#include "risk/context.h"

// One line a control, in the fixed order of the risk specification: the first refusal wins. What each is in words
// stands in inventory.cc; a test holds that none is missing there.

namespace portcullis::risk {

// Returns false when the order must be refused; then it has told the judge why.
using Check = bool (*)(const Context& context, Judge& judge);

struct RegisteredCheck {
  order::Control id;
  Check check;
  bool at_broker;  // asked once more for the broker that is to take the order (D9)
  bool swept;      // the sweep over ordinary orders asks what this one would (risk/ordinary.cc)
};

std::span<const RegisteredCheck> registry();
// One control that is not swept, and every order is asked control by control.
bool all_are_swept();
// Those asked at the broker alone, in the same order.
std::span<const RegisteredCheck> broker_registry();

// state
bool check_a1_state(const Context& context, Judge& judge);
// syntax
bool check_a2_permissions(const Context& context, Judge& judge);
bool check_a3_types(const Context& context, Judge& judge);
bool check_a6_tenor(const Context& context, Judge& judge);
// breaker
bool check_c3_repeated(const Context& context, Judge& judge);
// throttle
bool check_c1_throttle(const Context& context, Judge& judge);
// size
bool check_priced(const Context& context, Judge& judge);
bool check_b1_quantity(const Context& context, Judge& judge);
bool check_b2_notional(const Context& context, Judge& judge);
// price
bool check_b3_collar(const Context& context, Judge& judge);
// duplicate
bool check_a4_duplicate(const Context& context, Judge& judge);
bool check_c2_duplicates(const Context& context, Judge& judge);
// count
bool check_d1_open_orders(const Context& context, Judge& judge);
// position, net open positions, gross, volume
bool check_d3_position(const Context& context, Judge& judge);
bool check_d4_currency_position(const Context& context, Judge& judge);
bool check_d5_net_open_position(const Context& context, Judge& judge);
bool check_d6_settlement(const Context& context, Judge& judge);
bool check_d2_gross_open(const Context& context, Judge& judge);
bool check_d7_daily_volume(const Context& context, Judge& judge);
bool check_d8_credit(const Context& context, Judge& judge);
// what the client has open against it
bool check_d10_self_cross(const Context& context, Judge& judge);

}  // namespace portcullis::risk
