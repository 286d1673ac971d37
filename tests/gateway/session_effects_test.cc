#include <gtest/gtest.h>

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

}  // namespace
}  // namespace portcullis::gateway
