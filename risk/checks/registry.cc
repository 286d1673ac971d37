#include "risk/checks/registry.h"

#include <algorithm>
#include <array>

namespace portcullis::risk {

namespace {

using enum order::Control;

constexpr RegisteredCheck kRegistry[] = {
    {kA1, check_a1_state, true, true},
    {kA2, check_a2_permissions, false, true},
    {kA3, check_a3_types, true, true},
    {kA6, check_a6_tenor, true, true},
    {kC3, check_c3_repeated, false, true},
    {kC1, check_c1_throttle, false, true},
    {kB2, check_priced, false, true},
    {kB1, check_b1_quantity, true, true},
    {kB2, check_b2_notional, true, true},
    {kB3, check_b3_collar, true, true},
    {kA4, check_a4_duplicate, false, true},
    {kC2, check_c2_duplicates, false, true},
    {kD1, check_d1_open_orders, true, true},
    {kD3, check_d3_position, true, true},
    {kD4, check_d4_currency_position, true, true},
    {kD5, check_d5_net_open_position, true, true},
    {kD6, check_d6_settlement, true, true},
    {kD2, check_d2_gross_open, true, true},
    {kD7, check_d7_daily_volume, true, true},
    {kD8, check_d8_credit, true, true},
    {kD10, check_d10_self_cross, false, true},
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

bool all_are_swept() {
  return std::ranges::all_of(kRegistry, &RegisteredCheck::swept);
}

std::span<const RegisteredCheck> broker_registry() {
  return kAtBroker;
}

}  // namespace portcullis::risk
