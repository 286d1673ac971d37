#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/gateway/fixture.h"

// What a session tells the core about its counterparty's numbers.

namespace portcullis::gateway {
namespace {

using testing::Gateway;
using testing::Sent;

const char kBuy[] = "35=D|11=A|1=ALPHA-1|55=EUR/USD|54=1|38=1000000|40=2|44=1.1010|60=20261123-12:00:00|";
const char kBuyAgain[] = "35=D|11=B|1=ALPHA-1|55=EUR/USD|54=1|38=2000000|40=2|44=1.1010|60=20261123-12:00:00|";

TEST(SessionEffects, ABrokerThatFilledItsNumbersTakesNoOrdersUntilItHasTold) {
  Gateway gateway;
  SessionEffects effects;
  effects.reconcile_again = true;
  gateway.session("northbank", true, effects);
  // The next broker of the route takes the order meanwhile.
  EXPECT_EQ(Gateway::only(gateway.from_client("alpha", kBuy), "D").session, "southbank");
  gateway.drained("northbank");
  gateway.pass(Duration::seconds(30));
  EXPECT_EQ(Gateway::only(gateway.from_client("alpha", kBuyAgain), "D").session, "northbank");
}

TEST(SessionEffects, ABrokerThatHasSeenMoreFromUsThanWeKnowOfHoldsTheGateway) {
  Gateway gateway;
  const SessionAlert alert{order::AlertCode::kHold, order::Severity::kCritical, "it expects 57"};
  SessionEffects effects;
  effects.reconcile_again = true;
  effects.alerts = std::span(&alert, 1);
  gateway.session("northbank", true, effects);
  EXPECT_TRUE(gateway.state().held);
  EXPECT_EQ(Gateway::only(gateway.from_client("alpha", kBuy), "8")[150], "8");
  gateway.drained("northbank");
  gateway.pass(Duration::seconds(30));
  EXPECT_FALSE(gateway.state().held);
  EXPECT_EQ(Gateway::only(gateway.from_client("alpha", kBuyAgain), "D").session, "northbank");
}

// The journal may come from an old backup: what it does not know is out there all the same.
class ForgottenId : public ::testing::Test {
 protected:
  // A report under `id`: a fill, or the answer to a question about the order.
  void broker_reports(const std::string& id, bool status) {
    gateway.from_broker("northbank", "35=8|37=N9|11=" + id + "|17=" + (status ? "0|150=I" : "X9|150=F") +
                                         "|39=1|55=EUR/USD|54=1|38=1000000|32=500000|31=1.1005|14=500000|151=500000|"
                                         "6=1.1005|60=20261123-12:00:00|");
  }
  order::BrokerPhase phase() const {
    return gateway.state().broker_states[gateway.state().brokers.find("northbank")].phase;
  }
  // An id of this epoch that no request has: the first one's, with another number.
  std::string number(const std::string& digit) const { return given.substr(0, given.size() - 1) + digit; }
  std::size_t holds() const {
    return static_cast<std::size_t>(std::count_if(gateway.state().alerts.begin(), gateway.state().alerts.end(), [](const Alert& a) {
      return a.code == order::AlertCode::kHold && a.severity == order::Severity::kCritical;
    }));
  }

  Gateway gateway;
  const std::string given = Gateway::only(gateway.from_client("alpha", kBuy), "D")[11];
};

TEST_F(ForgottenId, OfAnotherEpochHoldsTheGatewayUntilTheBrokerHasDrainedAndTold) {
  std::string other = given;
  other[other.size() - 2] = other[other.size() - 2] == '9' ? '8' : '9';  // a digit of the epoch
  broker_reports(other, false);
  EXPECT_TRUE(gateway.state().held);
  EXPECT_EQ(phase(), order::BrokerPhase::kDraining);
  EXPECT_EQ(gateway.state().executions.size(), 1u);  // in suspense
  EXPECT_EQ(Gateway::only(gateway.from_client("alpha", kBuyAgain), "8")[150], "8");
  gateway.pass(Duration::seconds(60));
  EXPECT_TRUE(gateway.state().held) << "time alone releases nothing";
  gateway.drained("northbank");
  gateway.pass(Duration::seconds(30));
  EXPECT_FALSE(gateway.state().held);
}

TEST_F(ForgottenId, OfAKnownEpochButNoRequestHoldsToo) {
  broker_reports(number("7"), false);
  EXPECT_TRUE(gateway.state().held);
}

TEST_F(ForgottenId, InTheAnswersAtReconciliationIsCountedAndBeginsNothingAnew) {
  broker_reports(number("7"), false);
  gateway.drained("northbank");
  gateway.pass(Duration());
  ASSERT_EQ(phase(), order::BrokerPhase::kReconciling);
  broker_reports(number("8"), true);
  broker_reports(number("9"), true);
  EXPECT_EQ(phase(), order::BrokerPhase::kReconciling);
  EXPECT_EQ(holds(), 3u);
  gateway.pass(Duration::seconds(30));
  EXPECT_FALSE(gateway.state().held);
}

TEST_F(ForgottenId, OfSomebodyElseIsNoReasonToHold) {
  broker_reports("SOMEBODY-ELSES", false);
  broker_reports("OTHERR0SABCDE1", false);
  EXPECT_FALSE(gateway.state().held);
}

TEST_F(ForgottenId, InARefusedCancelHoldsToo) {
  gateway.from_broker("northbank", "35=9|37=N9|11=" + number("7") + "|41=" + given + "|39=0|434=1|102=1|");
  EXPECT_TRUE(gateway.state().held);
}

}  // namespace
}  // namespace portcullis::gateway
