#include <gtest/gtest.h>

#include <string>

#include "risk/engine.h"
#include "tests/gateway/fixture.h"

// What goes wrong between two counterparties, as conversations: each line is somebody speaking, or what
// must be true after it. One order of 5,000,000 EUR/USD of client alpha at broker northbank, both FIX.4.4.

namespace portcullis::scenarios {
namespace {

using gateway::ResendDecision;
using gateway::SessionId;
using gateway::testing::Gateway;
using gateway::testing::Sent;

constexpr const char* kOrder = "|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|";

class Conversation : public testing::Test {
 protected:
  // The client's new order; `header` as "97=Y|" goes before the ids.
  std::vector<Sent> client_orders(const std::string& id, const std::string& header = "") {
    return gateway_.from_client("alpha", "35=D|" + header + "11=" + id + kOrder);
  }
  std::vector<Sent> client_cancels(const std::string& id, const std::string& original) {
    return gateway_.from_client(
        "alpha", "35=F|11=" + id + "|41=" + original + "|55=EUR/USD|54=1|38=5000000|60=20261123-12:00:00|");
  }
  std::vector<Sent> broker_reports(const std::string& ids, const std::string& what, const std::string& figures) {
    return gateway_.from_broker("northbank", "35=8|37=N1|11=" + ids + "|" + what + "|55=EUR/USD|54=1|38=5000000|" +
                                                 figures + "|60=20261123-12:00:00|");
  }
  std::vector<Sent> broker_fills(const std::string& id, const std::string& exec_id, const std::string& ord_status) {
    return broker_reports(id, "17=" + exec_id + "|150=F|39=" + ord_status,
                          "32=2000000|31=1.1005|14=2000000|151=3000000|6=1.1005");
  }
  // The id that the broker knows the order by, once it has taken it.
  std::string taken_order(const std::string& id) {
    const std::string given = Gateway::only(client_orders(id), "D")[11];
    broker_reports(given, "17=E1|150=0|39=0", "14=0|151=5000000|6=0");
    return given;
  }

  Quantity position() const {
    const order::InstrumentId instrument(gateway_.state().instruments.find("EUR/USD"));
    return gateway_.state().risk.state().firm.exposure.of(instrument).position;
  }
  order::AlertCode last_alert() const { return gateway_.state().alerts.back().code; }
  const gateway::Order& order(std::uint64_t number = 0) const { return gateway_.order(number); }

  Gateway gateway_;
};

// Scenario 11.
TEST_F(Conversation, AFillAfterTheCancelIsConfirmedIsBookedAndAlarmed) {
  const std::string given = taken_order("A");
  const std::string cancel = Gateway::only(client_cancels("C", "A"), "F")[11];
  broker_reports(cancel + "|41=" + given, "17=E2|150=4|39=4", "14=0|151=0|6=0");
  ASSERT_EQ(order().status, order::OrdStatus::kCanceled);

  const Sent late = Gateway::only(broker_fills(given, "E3", "4"), "8");
  EXPECT_EQ(late[150], "F");
  EXPECT_EQ(late[39], "4");
  EXPECT_EQ(late[11], "A");
  EXPECT_EQ(late[151], "0");
  EXPECT_EQ(position(), Quantity::of(2'000'000));
  EXPECT_EQ(last_alert(), order::AlertCode::kLateFill);
  EXPECT_TRUE(order().reserved == order::Need{});
}

// Scenario 12.
TEST_F(Conversation, ARepeatedExecIdMovesNothing) {
  const std::string given = taken_order("A");
  EXPECT_EQ(broker_fills(given, "E2", "1").size(), 1u);
  EXPECT_TRUE(broker_fills(given, "E2", "1").empty());
  EXPECT_EQ(position(), Quantity::of(2'000'000));
  EXPECT_EQ(order().cum_qty, Quantity::of(2'000'000));
  EXPECT_EQ(last_alert(), order::AlertCode::kDuplicateExecId);
}

// Scenario 12, the worse case: the same id for another execution.
TEST_F(Conversation, AnExecIdWithOtherContentIsNotBookedButAlarmed) {
  const std::string given = taken_order("A");
  broker_fills(given, "E2", "1");
  EXPECT_TRUE(
      broker_reports(given, "17=E2|150=F|39=1", "32=1000000|31=1.1005|14=3000000|151=2000000|6=1.1005").empty());
  EXPECT_EQ(position(), Quantity::of(2'000'000));
  EXPECT_EQ(last_alert(), order::AlertCode::kExecIdReused);
}

// Scenario 13.
TEST_F(Conversation, AReportForNoOrderGoesToSuspenseWhereRiskCountsIt) {
  EXPECT_TRUE(broker_fills("SOMEBODY-ELSES", "E9", "1").empty());
  EXPECT_EQ(position(), Quantity::of(2'000'000));
  const order::InstrumentId instrument(gateway_.state().instruments.find("EUR/USD"));
  EXPECT_EQ(gateway_.state().risk.state().suspense.of(instrument).position, Quantity::of(2'000'000));
  EXPECT_EQ(last_alert(), order::AlertCode::kUnknownOrderReport);
}

// Scenario 14.
TEST_F(Conversation, PossResendOfAKnownOrderIsAnsweredWithItsState) {
  taken_order("A");
  const std::vector<Sent> sent = client_orders("A", "97=Y|");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].session, "alpha");
  EXPECT_EQ(sent[0][150], "I");
  EXPECT_EQ(sent[0][39], "0");
  EXPECT_EQ(gateway_.state().orders.size(), 1u);
}

TEST_F(Conversation, PossResendOfAnUnseenOrderIsANewOrder) {
  const Sent forwarded = Gateway::only(client_orders("A", "97=Y|"), "D");
  EXPECT_EQ(forwarded[97], "");
  EXPECT_EQ(forwarded[43], "");
}

// Scenario 15. The number is the expected one, so the message was never seen; its time says that it is old.
TEST_F(Conversation, AnHourOldPossDupIsRefusedAsStale) {
  const std::vector<Sent> sent = client_orders("A", "43=Y|122=20261123-11:00:00.000|");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].session, "alpha");
  EXPECT_EQ(sent[0][150], "8");
  EXPECT_EQ(sent[0][39], "8");
  EXPECT_EQ(sent[0][103], "8");
  EXPECT_TRUE(order().reserved == order::Need{});
}

TEST_F(Conversation, AYoungPossDupIsTakenAsNew) {
  EXPECT_EQ(client_orders("A", "43=Y|122=20261123-11:59:50.000|").front().type(), "D");
}

// Scenario 26. The broker has our order behind a gap that it asks us to fill; by then it is too old to be
// sent again, so its number is given away. It stays reserved, since giving the number away proves nothing.
TEST_F(Conversation, AnOrderWhoseNumberWasGivenAwayIsBookedWhenTheBrokerExecutesIt) {
  const Sent sent = Gateway::only(client_orders("A"), "D");
  const UtcTime when = gateway_.now();
  const SessionId line = gateway_.core().broker_session("northbank");
  EXPECT_EQ(gateway_.core().resend_decision(line, "D", sent[11], when, when + Duration::seconds(1)),
            ResendDecision::kResend);

  const std::vector<Sent> asked = gateway_.pass(Duration::seconds(6));
  EXPECT_EQ(Gateway::only(asked, "H")[11], sent[11]);
  EXPECT_TRUE(order().unknown);
  EXPECT_EQ(gateway_.core().resend_decision(line, "D", sent[11], when, gateway_.now()), ResendDecision::kGapFill);
  gateway_.pass(Duration::seconds(600));
  EXPECT_TRUE(order().is_open());
  EXPECT_EQ(order().reserved.base, Quantity::of(5'000'000));

  const Sent fill = Gateway::only(broker_fills(sent[11], "E1", "1"), "8");
  EXPECT_EQ(fill[11], "A");
  EXPECT_EQ(fill[14], "2000000");
  EXPECT_FALSE(order().unknown);
  EXPECT_EQ(position(), Quantity::of(2'000'000));
  EXPECT_EQ(order().reserved.base, Quantity::of(3'000'000));
}

// Scenario 26, the other way: released on the broker's word that it has never had the order, not before.
TEST_F(Conversation, AnOrderWhoseNumberWasGivenAwayIsReleasedByTheBrokersWord) {
  const Sent sent = Gateway::only(client_orders("A"), "D");
  gateway_.pass(Duration::seconds(6));
  EXPECT_EQ(order().reserved.base, Quantity::of(5'000'000));
  const Sent rejected = Gateway::only(broker_reports(sent[11], "17=0|150=I|39=8|103=5", "14=0|151=0|6=0"), "8");
  EXPECT_EQ(rejected[150], "8");
  EXPECT_TRUE(order().reserved == order::Need{});
}

}  // namespace
}  // namespace portcullis::scenarios
