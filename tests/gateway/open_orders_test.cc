#include "gateway/open_orders.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/gateway/random_flow.h"

namespace portcullis::gateway {
namespace {

using testing::Gateway;
using testing::RandomFlow;

std::vector<std::uint64_t> listed(const OpenOrders& open) {
  std::vector<std::uint64_t> numbers;
  open.for_each([&](OrderNumber number) { numbers.push_back(number.value()); });
  return numbers;
}

TEST(OpenOrders, ListsInAscendingOrderWhatWasAddedAndNotRemoved) {
  std::mt19937_64 random(7);
  OpenOrders open;
  std::set<std::uint64_t> expected;
  for (int i = 0; i < 20'000; ++i) {
    // Far apart as well as side by side, so that every level has words that are empty.
    const std::uint64_t number = random() % 3 == 0 ? random() % 3'000'000 : 2'000'000 + random() % 300;
    if (random() % 2 == 0) {
      open.add(OrderNumber(number));
      expected.insert(number);
    } else {
      open.remove(OrderNumber(number));
      expected.erase(number);
    }
  }
  EXPECT_EQ(open.size(), expected.size());
  EXPECT_EQ(listed(open), std::vector<std::uint64_t>(expected.begin(), expected.end()));
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{1'999'999}, std::uint64_t{2'999'999}, std::uint64_t{9'000'000}}) {
    const auto at = expected.lower_bound(number);
    const OrderNumber found = open.next(OrderNumber(number));
    EXPECT_EQ(found.has_value(), at != expected.end());
    if (found.has_value()) {
      EXPECT_EQ(found.value(), *at);
    }
  }
}

// Blocks of bits are put away when the last order of theirs ends, and used again: nothing of before shows in them.
TEST(OpenOrders, ComeAndGoInOrderOverAnyTime) {
  OpenOrders open;
  std::set<std::uint64_t> expected;
  for (std::uint64_t number = 0; number < 2'000'000; ++number) {
    open.add(OrderNumber(number));
    if (number % 50'021 == 0) expected.insert(number);
    if (number >= 10'000 && (number - 10'000) % 50'021 != 0) open.remove(OrderNumber(number - 10'000));
  }
  for (std::uint64_t number = 1'990'000; number < 2'000'000; ++number) expected.insert(number);
  EXPECT_EQ(listed(open), std::vector<std::uint64_t>(expected.begin(), expected.end()));
  EXPECT_EQ(open.size(), expected.size());
}

TEST(OpenOrders, AreThoseOfTheStateAfterAnyFlow) {
  for (const std::uint64_t seed : {11u, 12u, 13u}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Gateway gateway;
    RandomFlow flow(seed);
    const auto expect_equal = [](const State& state) {
      std::vector<std::uint64_t> open;
      for (std::uint64_t i = 0; i < state.orders.size(); ++i) {
        if (state.orders.contains(OrderNumber(i)) && state.orders[OrderNumber(i)].is_open()) open.push_back(i);
      }
      EXPECT_EQ(listed(state.open_orders), open);
      EXPECT_EQ(state.open_orders.size(), open.size());
    };
    for (int i = 0; i < 600; ++i) flow.next(gateway)(gateway);
    expect_equal(gateway.state());
    EXPECT_GT(gateway.state().open_orders.size(), 5u);
    EXPECT_LT(gateway.state().open_orders.size(), gateway.state().orders.size());
    expect_equal(Gateway::recovered_from(gateway).state());
  }
}

}  // namespace
}  // namespace portcullis::gateway
