#include "risk/checks/registry.h"

#include <algorithm>
#include <array>

namespace portcullis::risk {

namespace {

using enum order::Control;

constexpr RegisteredCheck kRegistry[] = {
    {kA1, check_a1_state, true},
    {kA2, check_a2_permissions, false},
    {kA3, check_a3_types, true},
    {kA6, check_a6_tenor, true},
    {kC3, check_c3_repeated, false},
    {kC1, check_c1_throttle, false},
    {kB2, check_priced, false},
    {kB1, check_b1_quantity, true},
    {kB2, check_b2_notional, true},
    {kB3, check_b3_collar, true},
    {kA4, check_a4_duplicate, false},
    {kC2, check_c2_duplicates, false},
    {kD1, check_d1_open_orders, true},
    {kD3, check_d3_position, true},
    {kD4, check_d4_currency_position, true},
    {kD5, check_d5_net_open_position, true},
    {kD6, check_d6_settlement, true},
    {kD2, check_d2_gross_open, true},
    {kD7, check_d7_daily_volume, true},
    {kD8, check_d8_credit, true},
    {kD10, check_d10_self_cross, false},
};

constexpr auto kAtBroker = [] {
  constexpr auto kCount = std::ranges::count_if(kRegistry, &RegisteredCheck::at_broker);
  std::array<RegisteredCheck, static_cast<std::size_t>(kCount)> some{};
  std::ranges::copy_if(kRegistry, some.begin(), &RegisteredCheck::at_broker);
  return some;
}();

}  // namespace

std::span<const RegisteredCheck> registry() {
  return kRegistry;
}

std::span<const RegisteredCheck> broker_registry() {
  return kAtBroker;
}

}  // namespace portcullis::risk
