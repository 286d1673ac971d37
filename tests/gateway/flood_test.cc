#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/snapshot.h"
#include "tests/gateway/fixture.h"

// The breakers `fills` and `flood` (F1) of a session: they trip, say so, stop it, and two persons let it go on. And what
// counts as a message of a session.

namespace portcullis::gateway {
namespace {

using order::AlertCode;
using order::Control;
using order::Role;
using order::Scope;
using order::ScopeState;
using testing::Gateway;
using testing::Sent;

class Floods : public ::testing::Test {
 protected:
  static config::Config with(config::Response response) {
    config::Config c = testing::small_configuration();
    c.clients[0].throttle.messages_per_second = 10;
    c.clients[0].throttle.burst = 1'000;
    c.risk.breakers.flood.response = response;
    c.risk.breakers.fills = {5, Duration::seconds(60), response};
    c.risk.breakers.rejects.response = config::Response::kOff;
    c.risk.firm.duplicate_orders = config::DuplicateOrders{1'000, Duration::seconds(1)};
    return c;
  }
  std::vector<Sent> orders(Gateway& gateway, std::string_view client = "alpha") {
    const bool alpha = client == "alpha";
    return gateway.from_client(client, "35=D|11=" + std::string(client) + std::to_string(++ids_) +
                                           (alpha ? "|1=ALPHA-1" : "|1=BETA-1|21=1") +
                                           "|55=EUR/USD|54=1|38=1000|40=2|44=1.1|60=20261123-12:00:00|");
  }
  bool is_taken(Gateway& gateway, std::string_view client = "alpha") {
    const std::vector<Sent> sent = orders(gateway, client);
    return sent.size() == 1 && sent[0].type() == "D";
  }
  void fill(Gateway& gateway) {
    const Sent order = Gateway::only(orders(gateway), "D");
    gateway.from_broker("northbank", "35=8|37=N|11=" + order[11] + "|17=X" + order[11] +
                                         "|150=F|39=2|55=EUR/USD|54=1|38=1000|32=1000|31=1.1|14=1000|151=0|6=1.1|");
  }
  // So many messages in each second.
  template <typename Say>
  void each_second(Gateway& gateway, int seconds, int messages, Say&& say) {
    for (int second = 0; second < seconds; ++second) {
      for (int i = 0; i < messages; ++i) say();
      gateway.pass(Duration::seconds(1));
    }
  }
  static std::uint32_t session(const Gateway& gateway) { return gateway.state().session_names.find("alpha"); }
  static ScopeState state_of(const Gateway& gateway) {
    return gateway.state().risk.own_state(Scope::kSession, session(gateway));
  }
  static std::size_t told(const Gateway& gateway, AlertCode code, std::string_view text) {
    const auto& alerts = gateway.state().alerts;
    return static_cast<std::size_t>(std::count_if(alerts.begin(), alerts.end(), [&](const Alert& alert) {
      return alert.code == code && alert.text.view().find(text) != std::string_view::npos;
    }));
  }
  // Two persons, one step: to reduce_only, then to active.
  static void lift(Gateway& gateway) {
    for (int step = 0; step < 2; ++step) {
      order::RequestChange change;
      change.change.kind = order::ProposalKind::kScopeState;
      change.change.scope = Scope::kSession;
      change.change.id = session(gateway);
      change.change.state = ScopeState::kActive;
      change.change.maker = order::UserText("ops");
      change.change.maker_role = Role::kOperator;
      change.change.reason = order::ReasonText("the algorithm was repaired");
      gateway.command(change);
      ASSERT_TRUE(gateway.last_outcome().proposal);
      const auto approve = [&](std::string_view who) {
        gateway.command(order::DecideProposal{*gateway.last_outcome().proposal, true, order::UserText(who), Role::kRisk,
                                              order::ReasonText("seen")});
      };
      const std::uint64_t proposal = *gateway.last_outcome().proposal;
      approve("ops");
      EXPECT_TRUE(gateway.last_outcome().reject) << "one person alone";
      gateway.command(order::DecideProposal{proposal, true, order::UserText("risk1"), Role::kRisk,
                                            order::ReasonText("seen")});
      EXPECT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().text;
    }
  }

  int ids_ = 0;
};

TEST_F(Floods, F1_MoreExecutionsThanAllowedBlockTheSessionAlone) {
  Gateway gateway(with(config::Response::kBlockNew));
  for (int i = 0; i < 5; ++i) fill(gateway);
  EXPECT_EQ(state_of(gateway), ScopeState::kActive) << "exactly as many as are allowed";
  fill(gateway);
  EXPECT_EQ(state_of(gateway), ScopeState::kBlockNew);
  EXPECT_EQ(told(gateway, AlertCode::kControlLatched, "more executions in a time than fills allows"), 1u);
  EXPECT_FALSE(is_taken(gateway));
  EXPECT_TRUE(is_taken(gateway, "beta"));

  // It holds over a restart and when the minute is over; two persons lift it, and counting begins anew.
  gateway.pass(Duration::seconds(61));
  Gateway second = Gateway::recovered_from(gateway);
  second.restart();
  EXPECT_EQ(state_of(second), ScopeState::kBlockNew);
  lift(gateway);
  EXPECT_EQ(state_of(gateway), ScopeState::kActive);
  EXPECT_TRUE(is_taken(gateway));
  for (int i = 0; i < 5; ++i) fill(gateway);
  EXPECT_EQ(state_of(gateway), ScopeState::kActive);
  fill(gateway);
  EXPECT_EQ(state_of(gateway), ScopeState::kBlockNew) << "armed again with its scope";
}

TEST_F(Floods, F1_FillsCountWithinTheirTimeOnly) {
  Gateway gateway(with(config::Response::kBlockNew));
  for (int i = 0; i < 20; ++i) {
    fill(gateway);
    gateway.pass(Duration::seconds(15));
  }
  EXPECT_EQ(state_of(gateway), ScopeState::kActive);
}

TEST_F(Floods, F1_AFloodOfThreeSecondsBlocksTheSessionAlone) {
  Gateway gateway(with(config::Response::kBlockNew));
  gateway.pass(Duration::seconds(1));
  each_second(gateway, 2, 21, [&] { orders(gateway); });
  EXPECT_TRUE(is_taken(gateway)) << "two seconds are no flood";
  each_second(gateway, 1, 20, [&] { orders(gateway); });
  orders(gateway);  // judged when the third second is over
  EXPECT_EQ(state_of(gateway), ScopeState::kBlockNew);
  EXPECT_EQ(told(gateway, AlertCode::kControlLatched, "far more than its throttle's rate"), 1u);
  EXPECT_FALSE(is_taken(gateway));
  EXPECT_TRUE(is_taken(gateway, "beta"));
  lift(gateway);
  EXPECT_EQ(state_of(gateway), ScopeState::kActive);
  EXPECT_TRUE(is_taken(gateway));
}

TEST_F(Floods, F1_ABurstThatTheThrottleAllowsIsNoFlood) {
  Gateway gateway(with(config::Response::kBlockNew));
  for (int i = 0; i < 200; ++i) orders(gateway);
  for (int i = 0; i < 5; ++i) {
    gateway.pass(Duration::seconds(1));
    orders(gateway);
  }
  EXPECT_EQ(state_of(gateway), ScopeState::kActive);
}

TEST_F(Floods, F1_OneThatOnlyWarnsDoesSoOnceUntilItIsOver) {
  Gateway gateway(with(config::Response::kWarn));
  gateway.pass(Duration::seconds(1));
  each_second(gateway, 6, 21, [&] { orders(gateway); });
  EXPECT_EQ(told(gateway, AlertCode::kBreaker, "far more than its throttle's rate"), 1u);
  EXPECT_TRUE(is_taken(gateway));
  each_second(gateway, 5, 1, [&] { orders(gateway); });
  each_second(gateway, 5, 21, [&] { orders(gateway); });
  EXPECT_EQ(told(gateway, AlertCode::kBreaker, "far more than its throttle's rate"), 2u);
}

// Cancels and replaces of what is not there are messages too.
TEST_F(Floods, F1_CountsCancelsAndReplacesThatNameNoOrder) {
  for (const char* type : {"F", "G"}) {
    Gateway gateway(with(config::Response::kBlockNew));
    gateway.pass(Duration::seconds(1));
    const auto say = [&] {
      gateway.from_client("alpha", "35=" + std::string(type) + "|11=Z" + std::to_string(++ids_) +
                                       "|41=NOTHING|55=EUR/USD|54=1|38=1000|40=2|44=1.1|60=20261123-12:00:00|");
    };
    each_second(gateway, 3, 21, say);
    say();
    EXPECT_EQ(state_of(gateway), ScopeState::kBlockNew) << type;
  }
}

TEST_F(Floods, F1_CountsOrdersWhoseClOrdIdIsTaken) {
  Gateway gateway(with(config::Response::kBlockNew));
  gateway.pass(Duration::seconds(1));
  const auto say = [&] {
    gateway.from_client("alpha", "35=D|11=SAME|1=ALPHA-1|55=EUR/USD|54=1|38=1000|40=2|44=1.1|60=20261123-12:00:00|");
  };
  each_second(gateway, 3, 21, say);
  say();
  EXPECT_EQ(state_of(gateway), ScopeState::kBlockNew);
}

TEST_F(Floods, C1_ARefusedCancelTakesATokenAsAnyMessage) {
  config::Config c = with(config::Response::kOff);
  c.clients[0].throttle.burst = 10;
  c.clients[0].throttle.messages_per_second = 1;
  Gateway gateway(c);
  for (int i = 0; i < 10; ++i) {
    gateway.from_client("alpha", "35=F|11=Z" + std::to_string(i) + "|41=NOTHING|55=EUR/USD|54=1|38=1000|60=20261123-12:00:00|");
  }
  const std::vector<Sent> sent = orders(gateway);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_NE(sent[0][58].find("C1"), std::string::npos) << sent[0].bytes;
}

}  // namespace
}  // namespace portcullis::gateway
