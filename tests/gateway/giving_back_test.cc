#include "gateway/giving_back.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/ids.h"
#include "gateway/snapshot.h"
#include "tests/gateway/random_flow.h"

// Orders that are over leave the memory after some trading days, and what is said of them later is still heard.

namespace portcullis::gateway {
namespace {

using testing::Gateway;
using testing::RandomFlow;
using testing::Sent;

constexpr const char* kTime = "60=20261123-12:00:00|";

config::Config keeping(std::uint16_t days) {
  config::Config configuration = testing::small_configuration();
  configuration.gateway.keep_orders_days = days;
  return configuration;
}

Sent send_order(Gateway& gateway, const std::string& cl_ord_id, const std::string& more = "") {
  return Gateway::only(
      gateway.from_client("alpha", "35=D|11=" + cl_ord_id + "|55=EUR/USD|54=1|38=5000|40=2|44=1.1010|" + more + kTime),
      "D");
}

std::string report(const std::string& given, const std::string& exec_id, const std::string& kind,
                   const std::string& status, const std::string& more) {
  return "35=8|37=N1|11=" + given + "|17=" + exec_id + "|150=" + kind + "|39=" + status +
         "|55=EUR/USD|54=1|38=5000|6=1|" + more;
}
const std::string kFilled = "32=5000|31=1.1|14=5000|151=0|";

void fill(Gateway& gateway, const Sent& order, const std::string& exec_id) {
  gateway.from_broker("northbank", report(order[11], exec_id, "F", "2", kFilled));
}

// The day ends, and as much time passes as giving back takes.
void roll(Gateway& gateway) {
  order::RollDay roll;
  roll.trade_date = gateway.state().trade_date + 1;
  gateway.command(roll);
  for (int i = 0; i < 50; ++i) gateway.pass(Duration::milliseconds(20));
}

// A day on which something is taken.
void trade_a_day(Gateway& gateway, const std::string& name) {
  fill(gateway, send_order(gateway, name), "X" + name);
  roll(gateway);
}

std::vector<std::byte> saved(const State& state) {
  std::vector<std::byte> bytes;
  save(state, bytes);
  return bytes;
}

const Alert& newest_alert(const Gateway& gateway) {
  return gateway.state().alerts.back();
}

// A gateway that keeps one day and has given back the first order, filled as execution E1.
struct Over {
  Gateway gateway{keeping(1)};
  Sent order;

  Over() {
    order = send_order(gateway, "OLD");
    fill(gateway, order, "E1");
    roll(gateway);
    trade_a_day(gateway, "NEXT");
    EXPECT_FALSE(gateway.state().orders.contains(OrderNumber(0)));
  }
};

TEST(GivingBack, AnOrderThatIsOverGoesAfterItsTradingDays) {
  Gateway gateway(keeping(2));
  fill(gateway, send_order(gateway, "A"), "E1");
  roll(gateway);
  trade_a_day(gateway, "B");
  EXPECT_TRUE(gateway.state().orders.contains(OrderNumber(0)));
  EXPECT_TRUE(gateway.state().find_execution(BrokerId(0), "E1").has_value());
  trade_a_day(gateway, "C");
  EXPECT_FALSE(gateway.state().orders.contains(OrderNumber(0)));
  EXPECT_FALSE(gateway.state().requests.contains(RequestNumber(0)));
  EXPECT_FALSE(gateway.state().executions.contains(ExecutionNumber(0)));
  EXPECT_FALSE(gateway.state().find_execution(BrokerId(0), "E1").has_value());
  EXPECT_EQ(gateway.state().orders.kept(), 2u);
  EXPECT_EQ(gateway.state().orders.size(), 3u);
  EXPECT_EQ(gateway.state().exec_ids.size(), 2u);
}

TEST(GivingBack, ADayWithoutTradingIsNone) {
  Gateway gateway(keeping(1));
  fill(gateway, send_order(gateway, "A"), "E1");
  for (int i = 0; i < 10; ++i) roll(gateway);
  EXPECT_TRUE(gateway.state().orders.contains(OrderNumber(0)));
  trade_a_day(gateway, "B");
  EXPECT_FALSE(gateway.state().orders.contains(OrderNumber(0)));
}

TEST(GivingBack, CountsFromTheLastThatHappenedToTheOrder) {
  Gateway gateway(keeping(1));
  const Sent order = send_order(gateway, "A");
  fill(gateway, order, "E1");
  roll(gateway);
  gateway.from_broker("northbank", report(order[11], "E2", "H", "0", "19=E1|14=0|151=5000|"));
  gateway.from_broker("northbank", report(order[11], "E3", "4", "4", "14=0|151=0|"));
  roll(gateway);
  EXPECT_TRUE(gateway.state().orders.contains(OrderNumber(0)));
  trade_a_day(gateway, "B");
  EXPECT_FALSE(gateway.state().orders.contains(OrderNumber(0)));
  EXPECT_EQ(gateway.state().executions.kept(), 1u);
}

TEST(GivingBack, WhatLivesOrIsUnknownStays) {
  config::Config configuration = keeping(1);
  configuration.brokers[0].ack_timeout = Duration::seconds(1);
  Gateway gateway(configuration);
  const Sent lasting = send_order(gateway, "GTC", "59=1|");
  gateway.from_broker("northbank", report(lasting[11], "E1", "F", "1", "32=1000|31=1.1|14=1000|151=4000|"));
  send_order(gateway, "LOST");  // never answered
  gateway.pass(Duration::seconds(2));
  ASSERT_TRUE(gateway.order(1).unknown);
  for (const char* day : {"D1", "D2", "D3", "D4"}) trade_a_day(gateway, day);
  ASSERT_TRUE(gateway.state().orders.contains(OrderNumber(0)));
  ASSERT_TRUE(gateway.state().orders.contains(OrderNumber(1)));
  EXPECT_EQ(gateway.state().orders.kept(), 3u);
  // Its executions are there to be busted, its client can still name it.
  gateway.from_broker("northbank", report(lasting[11], "E2", "H", "0", "19=E1|14=0|151=5000|"));
  EXPECT_TRUE(gateway.order(0).cum_qty.is_zero());
  EXPECT_EQ(
      Gateway::only(gateway.from_client("alpha", std::string("35=F|11=C|41=GTC|55=EUR/USD|54=1|38=5000|") + kTime),
                    "F")[41],
      lasting[11]);
}

TEST(GivingBack, ALateFillGoesToSuspenseAndHoldsNothing) {
  Over over;
  Gateway& gateway = over.gateway;
  const auto position = gateway.state().risk.state().firm.exposure;
  const std::uint64_t executions = gateway.state().executions.size();
  EXPECT_TRUE(gateway.from_broker("northbank", report(over.order[11], "E9", "F", "2", kFilled)).empty());
  EXPECT_FALSE(gateway.state().held);
  ASSERT_EQ(gateway.state().executions.size(), executions + 1);
  EXPECT_FALSE(gateway.state().executions[ExecutionNumber(executions)].order.has_value());
  EXPECT_EQ(newest_alert(gateway).code, order::AlertCode::kUnknownOrderReport);
  EXPECT_NE(newest_alert(gateway).text.view().find("given back"), std::string_view::npos);
  // Said once more it is booked once.
  gateway.from_broker("northbank", report(over.order[11], "E9", "F", "2", kFilled));
  EXPECT_EQ(gateway.state().executions.size(), executions + 1);
  EXPECT_EQ(newest_alert(gateway).code, order::AlertCode::kDuplicateExecId);
  // And with other content not at all.
  gateway.from_broker("northbank", report(over.order[11], "E9", "F", "2", "32=4000|31=1.1|14=4000|151=0|"));
  EXPECT_EQ(gateway.state().executions.size(), executions + 1);
  EXPECT_EQ(newest_alert(gateway).code, order::AlertCode::kExecIdReused);
  // An execution of the order itself, repeated after so long, is told from no other any more: it is alarmed.
  gateway.from_broker("northbank", report(over.order[11], "E1", "F", "2", kFilled));
  EXPECT_EQ(newest_alert(gateway).code, order::AlertCode::kUnknownOrderReport);
}

TEST(GivingBack, ALateBustAndALateRefusalAreAlarmed) {
  Over over;
  Gateway& gateway = over.gateway;
  gateway.from_broker("northbank", report(over.order[11], "E9", "H", "0", "19=E1|14=0|151=5000|"));
  EXPECT_EQ(newest_alert(gateway).code, order::AlertCode::kUnknownOrderReport);
  EXPECT_FALSE(gateway.state().held);
  gateway.from_broker("northbank", "35=9|37=N|11=" + over.order[11] + "|41=" + over.order[11] + "|39=2|434=1|58=no|");
  EXPECT_EQ(newest_alert(gateway).code, order::AlertCode::kUnmatchedReject);
  EXPECT_FALSE(gateway.state().held);
  // By the number of the message, which the broker's ring still holds.
  gateway.from_broker("northbank", "35=j|45=" + over.order[34] + "|372=D|380=0|58=not today|");
  EXPECT_EQ(newest_alert(gateway).code, order::AlertCode::kUnmatchedReject);
  EXPECT_FALSE(gateway.state().risk.verify());
}

TEST(GivingBack, ItsClientIsToldThatTheOrderIsUnknown) {
  Over over;
  const std::string id(IdBuffer::order_id("LDN1", over.gateway.state().epoch, OrderNumber(0)).view());
  const Sent refused = Gateway::only(
      over.gateway.from_client("alpha", "35=F|11=C|41=OLD|37=" + id + "|55=EUR/USD|54=1|38=5000|" + kTime), "9");
  EXPECT_EQ(refused[102], "1");
  const Sent status = Gateway::only(over.gateway.from_client("alpha", "35=H|11=S|37=" + id + "|55=EUR/USD|54=1|"), "8");
  EXPECT_EQ(status[39], "8");
  EXPECT_EQ(status[103], "5");
  order::OperatorCancel cancel;
  cancel.order = OrderNumber(0);
  over.gateway.command(cancel);
  EXPECT_EQ(over.gateway.last_outcome().reject.code, order::RejectCode::kUnknownOrder);
}

TEST(GivingBack, AnIdThatWasNeverGivenStillHoldsOrders) {
  Over over;
  Gateway& gateway = over.gateway;
  const std::uint64_t epoch = gateway.state().epoch;
  gateway.restart();
  trade_a_day(gateway, "AFTER");
  trade_a_day(gateway, "LATER");
  ASSERT_FALSE(gateway.state().requests.contains(RequestNumber(2)));
  // The second start took this number; under the first one's epoch it was never sent, as far as we know.
  gateway.from_broker("northbank", report(std::string(IdBuffer::cl_ord_id("LDN1", epoch, RequestNumber(2)).view()),
                                          "E9", "F", "2", kFilled));
  EXPECT_TRUE(gateway.state().held);
}

TEST(GivingBack, NumbersGoOn) {
  Over over;
  const Sent next = send_order(over.gateway, "OLD");  // the ClOrdID is free on another day
  EXPECT_EQ(next[11], IdBuffer::cl_ord_id("LDN1", over.gateway.state().epoch, RequestNumber(2)).view());
  EXPECT_NE(next[11], over.order[11]);
}

TEST(GivingBack, AnAlertKeepsTheNameOfItsOrder) {
  Gateway gateway(keeping(1));
  const Sent order = send_order(gateway, "A");
  fill(gateway, order, "E1");
  gateway.from_broker("northbank", report(order[11], "E2", "F", "2", kFilled));  // more than was ordered
  ASSERT_EQ(newest_alert(gateway).order, OrderNumber(0));
  roll(gateway);
  trade_a_day(gateway, "B");
  ASSERT_FALSE(gateway.state().orders.contains(OrderNumber(0)));
  const auto& alerts = gateway.state().alerts;
  const auto about =
      std::find_if(alerts.begin(), alerts.end(), [](const Alert& a) { return a.order == OrderNumber(0); });
  ASSERT_NE(about, alerts.end());
  EXPECT_EQ(about->order_epoch, gateway.state().epoch);
}

// Ticks do a little each; a snapshot in the middle of it goes on where it was.
TEST(GivingBack, ARoundIsSpreadOverTicksAndSnapshots) {
  config::Config configuration = keeping(1);
  configuration.risk.firm.duplicate_orders = config::DuplicateOrders{1'000'000, Duration::seconds(1)};
  configuration.clients[0].throttle = {100'000, 100'000, config::ThrottleAction::kReject};
  configuration.brokers[0].throttle = {100'000, 100'000, 0};
  Gateway gateway(configuration);
  constexpr std::uint64_t kOrders = 1'000;
  for (std::uint64_t i = 0; i < kOrders; ++i) {
    const std::string number = std::to_string(i);
    const Sent order = send_order(gateway, "A" + number);
    if (i % 100 != 7) {
      fill(gateway, order, "E" + number);
    } else {
      gateway.from_broker("northbank", report(order[11], "E" + number, "0", "0", "14=0|151=5000|"));
    }
  }
  roll(gateway);
  fill(gateway, send_order(gateway, "B"), "EB");
  order::RollDay roll;
  roll.trade_date = gateway.state().trade_date + 1;
  gateway.command(roll);
  int ticks = 0;
  const auto under_way = [&gateway] {
    const GivingBack& self = gateway.state().giving_back;
    return self.round != self.kept_from || self.table != order::GivenBackTable::kNone;
  };
  for (; under_way(); ++ticks) {
    const std::uint64_t before =
        gateway.state().orders.kept() + gateway.state().requests.kept() + gateway.state().executions.kept();
    gateway.pass(Duration::milliseconds(20));
    const std::uint64_t after =
        gateway.state().orders.kept() + gateway.state().requests.kept() + gateway.state().executions.kept();
    EXPECT_LE(before - after, 256u);
    Gateway recovered = Gateway::recovered_from(gateway);
    ASSERT_EQ(saved(recovered.state()), saved(gateway.state()));
    if (ticks == 5) gateway = std::move(recovered), gateway.restart();
  }
  EXPECT_GT(ticks, 4);
  EXPECT_EQ(gateway.state().orders.kept(), kOrders / 100 + 1);
  EXPECT_EQ(gateway.state().requests.kept(), kOrders / 100 + 1);
  EXPECT_EQ(gateway.state().executions.kept(), kOrders / 100 + 1);
}

// Beside one that keeps everything: whatever is said of what both know is answered alike, and all sums are the same.
TEST(GivingBack, AnswersAndSumsAreThoseOfAGatewayThatKeepsEverything) {
  std::uint64_t given_back = 0;
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Gateway keeps(keeping(config::kMaxKeepOrdersDays));
    Gateway gives(keeping(1));
    RandomFlow flow(seed);
    flow.leave_the_day_alone();
    for (int day = 0; day < 12; ++day) {
      // An id may come again on the next day, not after more.
      if (day % 2 == 0) flow.begin_exec_ids("E" + std::to_string(day) + "-");
      for (int i = 0; i < 250; ++i) {
        const RandomFlow::Step step = flow.next(keeps);
        const std::vector<Sent> by_keeps = step(keeps);
        const std::vector<Sent> by_gives = step(gives);
        ASSERT_EQ(by_keeps.size(), by_gives.size()) << "day " << day << " step " << i;
        for (std::size_t m = 0; m < by_keeps.size(); ++m)
          ASSERT_EQ(by_keeps[m].bytes, by_gives[m].bytes) << "day " << day << " step " << i;
      }
      roll(keeps);
      roll(gives);
      std::vector<std::byte> sums, other_sums;
      keeps.state().risk.save(sums);
      gives.state().risk.save(other_sums);
      ASSERT_EQ(sums, other_sums) << "day " << day;
      ASSERT_EQ(keeps.state().orders.size(), gives.state().orders.size());
      ASSERT_EQ(keeps.state().executions.size(), gives.state().executions.size());
      ASSERT_EQ(keeps.state().open_orders.size(), gives.state().open_orders.size());
      for (OrderNumber n(0); n.value() < keeps.state().orders.size(); n = OrderNumber(n.value() + 1)) {
        const Order& kept = keeps.state().orders[n];
        if (!gives.state().orders.contains(n)) {
          ASSERT_FALSE(kept.is_open() || kept.unknown || kept.open_requests != 0) << "order " << n.value();
          continue;
        }
        const Order& other = gives.state().orders[n];
        ASSERT_EQ(kept.status, other.status);
        ASSERT_EQ(kept.cum_qty, other.cum_qty);
        ASSERT_TRUE(kept.reserved == other.reserved);
        ASSERT_EQ(kept.newest, other.newest);
      }
    }
    given_back += gives.state().orders.size() - gives.state().orders.kept();
    EXPECT_EQ(keeps.state().orders.kept(), keeps.state().orders.size());

    // The journal says which; whoever folds it, from the start or from a snapshot, has the same.
    Core folded;
    for (const auto& bytes : gives.records()) ASSERT_TRUE(folded.replay(*RecordView::parse(bytes)).ok());
    EXPECT_EQ(folded.state().orders.kept(), gives.state().orders.kept());
    EXPECT_EQ(folded.state().requests.kept(), gives.state().requests.kept());
    EXPECT_EQ(folded.state().executions.kept(), gives.state().executions.kept());
    Gateway recovered = Gateway::recovered_from(gives);
    EXPECT_EQ(saved(recovered.state()), saved(gives.state()));
  }
  EXPECT_GT(given_back, 500u);
}

}  // namespace
}  // namespace portcullis::gateway
