#include "tests/scenarios/risk_desk.h"

// The worked examples 37 to 44 of pre-trade risk: the firm above the account, states, latches, the throttle, the
// kill switch, a crash and the roll of the day.

namespace portcullis::scenarios {
namespace {

using gateway::testing::Gateway;
using gateway::testing::Sent;
using WorkedExamples = RiskDesk;
using order::AlertCode;
using order::ScopeState;

TEST_F(WorkedExamples, E37_TheFirmRefusesAndTheAccountKeepsNothing) {
  for (int i = 0; i < 4; ++i) places("buy 8m GBP/USD @1.25", "ALPHA-2");
  places("buy 6.4m GBP/USD @1.25", "ALPHA-2");
  limit("firm", "max_gross_open_notional", "50m");
  shows("gross 48m", "firm");
  const auto sent = says("buy 2m");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][150], "8");
  EXPECT_EQ(sent[0][103], "3");
  EXPECT_NE(sent[0][58].find(" D2"), std::string::npos) << sent[0][58];
  EXPECT_EQ(sent[0][58].find("50"), std::string::npos) << "a client is told no figure of the firm: " << sent[0][58];
  shows("gross 0, ob 0, orders 0");
  shows("gross 48m", "firm");
}

TEST_F(WorkedExamples, E38_ReduceOnlyLetsAPositionShrinkToZero) {
  holds("5m");
  sets_state("account ALPHA-1", ScopeState::kReduceOnly);
  refused("buy 1m", "A1", "0");
  places("sell 5m");
  refused("sell 1", "A1", "0");
  shows("pos 5m, os 5m, state reduce_only");
}

class Throttled : public RiskDesk {
 protected:
  static config::Config hundred_a_second() {
    config::Config c = configuration_of_the_examples();
    c.clients[0].throttle = config::ClientThrottle{100, 100, config::ThrottleAction::kReject};
    return c;
  }
  Throttled() : RiskDesk(hundred_a_second()) {}
};
using WorkedExamplesOfTheThrottle = Throttled;

TEST_F(WorkedExamplesOfTheThrottle, E40_TheHundredAndFirstOrderIsRefusedButACancelPasses) {
  const Ticket first = places("buy 1000");
  for (int i = 1; i < 100; ++i) places("buy 1000");
  refused("buy 1000", "C1", "99");
  cancels(first);
}

TEST_F(WorkedExamples, E42_TheKillSwitchCancelsAndAFillIsStillBooked) {
  const Ticket orders[] = {live("buy 1m"), live("buy 2m"), live("sell 1m")};
  const std::vector<Sent> sent = sets_state("account ALPHA-1", ScopeState::kKilled);
  std::vector<std::string> canceled;
  for (const Sent& message : sent) {
    if (message.type() == "F") canceled.push_back(message[41]);
  }
  ASSERT_EQ(canceled.size(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(canceled[static_cast<std::size_t>(i)], orders[i].given);
  refused("buy 1m", "A1", "0");
  refused("sell 1m", "A1", "0");
  shows("ob 3m, os 1m, state killed");
  fills(orders[0], "1m", "1.1000");
  shows("pos 1m, ob 2m, os 1m, state killed");
  reports(orders[1], "150=4|39=4|14=0|151=0");
  reports(orders[2], "150=4|39=4|14=0|151=0");
  shows("pos 1m, ob 0, os 0, gross 0, orders 0, state killed");
}

// The record is durable and its bytes were never sent; what a start makes of it.
TEST_F(WorkedExamples, E43_ReservedThroughARecoveryUntilTheBrokerKnowsNothing) {
  const Ticket order = places("buy 5m @1.1010");
  gateway = Gateway::recovered_from(gateway);
  gateway.restart();
  shows("ob 5m, gross 5.5m, orders 1");
  gateway.log_on("alpha", false);
  gateway.log_on("northbank", true);
  std::vector<Sent> asked = gateway.drained("northbank");
  const std::vector<Sent> more = gateway.pass(Duration());
  asked.insert(asked.end(), more.begin(), more.end());
  EXPECT_EQ(Gateway::only(asked, "H")[11], order.given);
  shows("ob 5m, gross 5.5m, orders 1");
  const Sent told = Gateway::only(reports(order, "17=0|150=I|39=8|103=5|14=0|151=0"), "8");
  EXPECT_EQ(told.session, "alpha");
  EXPECT_EQ(told[150], "8");
  EXPECT_EQ(told[11], order.cl_ord_id);
  shows("ob 0, EUR in 0, USD out 0, gross 0, orders 0");
}

TEST_F(WorkedExamples, E44_TheRollStartsTheVolumeAnewAndKeepsWhatIsOpen) {
  limit("account ALPHA-1", "max_long_position", "1bn");
  limit("account ALPHA-1", "max_short_position", "1bn");
  for (int i = 0; i < 12; ++i) holds(i % 2 == 0 ? "6.4m" : "-6.4m", "GBP/USD", "1.25");
  live("buy 3m 59=1");
  shows("traded 96m, ob 3m");
  gateway.command(order::RollDay{gateway.state().trade_date + 1});
  ASSERT_FALSE(gateway.last_outcome().reject);
  shows("traded 0, ob 3m, GBP/USD pos 0, gross 3.3m, orders 1");
}

TEST_F(WorkedExamples, AGoodTillOrderThatWasDoneForTheDayMayBeSuspendedOrStopped) {
  for (const std::string status : {"9", "7"}) {
    const Ticket order = live("buy 1m 59=1");
    reports(order, "150=3|39=3|14=0|151=1000000");
    const std::vector<Sent> told = reports(order, "150=" + status + "|39=" + status + "|14=0|151=1000000");
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0][39], status);
  }
  EXPECT_FALSE(alerted(order::AlertCode::kImpossibleReport));
  shows("ob 2m, orders 2");
}

}  // namespace
}  // namespace portcullis::scenarios
