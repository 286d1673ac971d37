#include "gateway/stored.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "gateway/snapshot.h"
#include "tests/gateway/fixture.h"

namespace portcullis::gateway {
namespace {

using testing::Gateway;
using testing::Sent;

TEST(Narrow, IsTheNumberThatItWasMadeOf) {
  Narrow<OrderNumber> number;
  EXPECT_FALSE(number.has_value());
  EXPECT_EQ(number, OrderNumber::none());
  EXPECT_EQ(number.value(), OrderNumber::kNoneValue);
  for (const std::uint64_t value : {0ull, 1ull, 0xFFFF'FFFEull}) {
    number = OrderNumber(value);
    EXPECT_TRUE(number.has_value());
    EXPECT_EQ(number, OrderNumber(value));
    EXPECT_EQ(number.value(), value);
  }
  EXPECT_LT(Narrow(OrderNumber(3)), Narrow(OrderNumber(4)));
  EXPECT_LT(Narrow(OrderNumber(3)), Narrow<OrderNumber>()) << "as of the wide one, none is behind all";
  EXPECT_DEATH(number = OrderNumber(0xFFFF'FFFF), "2\\^32");
}

TEST(StoredText, HoldsEachLengthHereOrBesideIt) {
  LongTexts texts;
  StoredText<22> text;
  EXPECT_TRUE(text.empty());
  // Up and down: a text of one kind is followed by each other kind.
  for (const std::size_t first : {0u, 1u, 22u, 23u, 40u, 41u, 63u}) {
    for (const std::size_t second : {0u, 1u, 22u, 23u, 40u, 41u, 63u}) {
      const std::string a(first, 'a'), b(second, 'b');
      text.set(a, texts);
      EXPECT_EQ(text.view(), a);
      text.set(b, texts);
      EXPECT_EQ(text.view(), b);
      EXPECT_EQ(text.is_long(), second > 22);
    }
  }
  text.clear(texts);
  EXPECT_TRUE(text.empty());
  EXPECT_DEATH(text.set(std::string(64, 'x'), texts), "longer");
}

TEST(StoredText, WhatItGivesBackIsUsedAgain) {
  LongTexts texts;
  StoredText<22> text;
  const std::string uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  text.set(uuid, texts);
  const char* const place = text.view().data();
  text.set(uuid, texts);
  EXPECT_EQ(text.view().data(), place) << "the same text is not written again";
  const std::size_t memory = texts.bytes();
  for (int i = 0; i < 100'000; ++i) text.set(uuid.substr(1) + static_cast<char>('0' + i % 10), texts);
  EXPECT_EQ(texts.bytes(), memory);
}

TEST(Slots, AreAddedAsTheyAreMadeAndNeverMove) {
  struct Value {
    std::uint64_t number = 7;
    std::uint64_t other = 8;
  };
  Slots<Value> slots;
  std::vector<Value*> all;
  std::set<Value*> places;
  for (std::uint64_t i = 0; i < 300'000; ++i) {
    all.push_back(slots.add());
    ASSERT_EQ(all.back()->number, 7u);
    all.back()->number = i;
    places.insert(all.back());
  }
  EXPECT_EQ(places.size(), all.size());
  for (std::uint64_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i]->number, i);
  const std::size_t memory = slots.bytes();
  for (std::size_t i = 0; i < all.size(); i += 2) slots.give_back(all[i]);
  slots.give_back(nullptr);
  for (std::size_t i = 0; i < all.size(); i += 2) {
    Value* const again = slots.add();
    ASSERT_TRUE(places.contains(again));
    ASSERT_EQ(again->number, 7u);
    ASSERT_EQ(again->other, 8u);
  }
  EXPECT_EQ(slots.bytes(), memory);
  for (std::uint64_t i = 1; i < all.size(); i += 2) ASSERT_EQ(all[i]->number, i) << "its neighbours came and went";
}

// What few orders have stands beside them: it survives a snapshot, follows the order's changes, and goes with it.
TEST(Entries, KeepLongIdsAndRareTermsThroughASnapshot) {
  const std::string client_id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  const std::string replace_id(63, 'R');
  const std::string broker_id(50, 'N');
  const std::string exec_id(41, 'E');
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", "35=D|11=" + client_id +
                                                                    "|55=EUR/USD|54=1|38=5000|40=4|44=1.1010|99=1.1005|"
                                                                    "59=6|126=20261124-12:00:00|60=20261123-12:00:00|"),
                                   "D");
  gateway.from_broker("northbank", "35=8|37=" + broker_id + "|11=" + order[11] + "|17=" + exec_id +
                                       "|150=0|39=0|55=EUR/USD|54=1|38=5000|14=0|151=5000|6=0|");
  const Sent replace =
      Gateway::only(gateway.from_client("alpha", "35=G|11=" + replace_id + "|41=" + client_id +
                                                     "|55=EUR/USD|54=1|38=4000|40=4|44=1.1011|99=1.1006|"
                                                     "59=6|126=20261124-12:00:00|60=20261123-12:00:00|"),
                    "G");
  const auto expect_whole = [&](const State& state, const char* stop_px) {
    const Order& kept = state.orders[OrderNumber(0)];
    EXPECT_EQ(state.requests[kept.original].cl_ord_id.view(), client_id);
    EXPECT_EQ(state.requests[kept.newest].cl_ord_id.view(), replace_id);
    EXPECT_EQ(kept.broker_order_id.view(), broker_id);
    EXPECT_EQ(state.executions[ExecutionNumber(0)].exec_id.view(), exec_id);
    EXPECT_EQ(kept.terms().stop_px, *Price::parse(stop_px));
    EXPECT_NE(kept.terms().expire_time, UtcTime());
    EXPECT_TRUE(kept.terms().has_stop_px);
    ASSERT_NE(state.requests[kept.newest].replacement, nullptr);
    EXPECT_EQ(state.requests[kept.newest].replacement->terms.stop_px, *Price::parse("1.1006"));
  };
  expect_whole(gateway.state(), "1.1005");
  Gateway recovered = Gateway::recovered_from(gateway);
  expect_whole(recovered.state(), "1.1005");
  recovered.restart();
  recovered.from_broker("northbank", "35=8|37=" + broker_id + "|11=" + replace[11] + "|41=" + order[11] +
                                         "|17=E2|150=5|39=0|55=EUR/USD|54=1|38=4000|14=0|151=4000|6=0|");
  expect_whole(recovered.state(), "1.1006");
  EXPECT_EQ(recovered.state().orders[OrderNumber(0)].order_qty, Quantity::of(4000));
}

// An order whose terms are those of most has nothing beside it, whatever it had before.
TEST(Entries, LoseTheirRareTermsWithTheTerms) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", "35=D|11=A1|55=EUR/USD|54=1|38=5000|40=4|44=1.1010|"
                                                                "99=1.1005|60=20261123-12:00:00|"),
                                   "D");
  gateway.from_broker("northbank", "35=8|37=N1|11=" + order[11] +
                                       "|17=E1|150=0|39=0|55=EUR/USD|54=1|38=5000|14=0|151=5000|6=0|");
  const Order& kept = gateway.state().orders[OrderNumber(0)];
  ASSERT_NE(kept.rare, nullptr);
  const Sent replace = Gateway::only(
      gateway.from_client("alpha", "35=G|11=A2|41=A1|55=EUR/USD|54=1|38=5000|40=2|44=1.1010|60=20261123-12:00:00|"), "G");
  gateway.from_broker("northbank", "35=8|37=N1|11=" + replace[11] + "|41=" + order[11] +
                                       "|17=E2|150=5|39=0|55=EUR/USD|54=1|38=5000|14=0|151=5000|6=0|");
  EXPECT_EQ(kept.rare, nullptr);
  EXPECT_EQ(kept.terms().stop_px, Price());
  EXPECT_EQ(kept.terms().ord_type, order::OrdType::kLimit);
}

}  // namespace
}  // namespace portcullis::gateway
