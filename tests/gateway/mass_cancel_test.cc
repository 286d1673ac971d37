#include "gateway/mass_cancel.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/gateway/fixture.h"

// Kill switches and their cancels, worked example 42 and section 3 of the risk specification.

namespace portcullis::gateway {
namespace {

using order::Scope;
using order::ScopeState;
using testing::Gateway;
using testing::Sent;

Sent send_order(Gateway& gateway, const std::string& client, const std::string& id,
                const std::string& symbol = "EUR/USD", const std::string& more = "") {
  const std::string price = symbol == "USD/JPY" ? "150" : symbol == "GBP/USD" ? "1.25" : "1.1";
  // No two alike, so that control C2 has nothing to say.
  const std::string quantity = std::to_string(100'000 + 1'000 * gateway.state().orders.size());
  return Gateway::only(gateway.from_client(client, "35=D|11=" + id + "|21=1|55=" + symbol + "|54=1|38=" + quantity +
                                                       "|40=2|44=" + price + "|" + more + "60=20261123-12:00:00|"),
                       "D");
}

std::string canceled(const Sent& cancel, const std::string& exec_id) {
  const bool old = cancel.session == "southbank";
  return "35=8|37=N|11=" + cancel[11] + "|41=" + cancel[41] + "|17=" + exec_id + "|" + (old ? "20=0|" : "") +
         "150=4|39=4|55=" + cancel[55] + "|54=1|38=" + cancel[38] + "|14=0|151=0|6=0|";
}

order::SetScopeState set_state(Scope scope, std::uint32_t id, ScopeState state) {
  return order::SetScopeState{scope, id, state, order::UserText("risk1"), order::ReasonText("runaway")};
}

const MassCancel& newest(const Gateway& gateway) {
  return gateway.state().mass_cancels.back();
}

config::Config slow_broker(std::uint32_t per_second) {
  config::Config configuration = testing::small_configuration();
  for (config::Broker& broker : configuration.brokers) {
    broker.throttle.messages_per_second = per_second;
    broker.throttle.burst = 10;
    broker.throttle.reserved_for_cancels_percent = 20;
  }
  configuration.emergency.contact = "the desk, +44 20 7946 0000";
  return configuration;
}

TEST(MassCancel, AKillSendsItsCancelsBooksALateFillAndTellsTheClientWhoAndWhy) {
  Gateway gateway;
  for (const char* id : {"A", "B", "C"}) send_order(gateway, "alpha", id);
  const Sent other = send_order(gateway, "beta", "D");
  gateway.command(set_state(Scope::kClient, 0, ScopeState::kKilled));
  const std::vector<Sent> cancels = gateway.pass(Duration());
  ASSERT_EQ(cancels.size(), 3u);
  EXPECT_EQ(newest(gateway).orders, 3u);
  EXPECT_EQ(newest(gateway).sent, 3u);
  EXPECT_EQ(newest(gateway).queued, 0u);

  const auto refused =
      gateway.from_client("alpha", "35=D|11=E|55=EUR/USD|54=1|38=100000|40=2|44=1.1|60=20261123-12:00:00|");
  EXPECT_EQ(Gateway::only(refused, "8")[150], "8");

  const Sent told = Gateway::only(gateway.from_broker("northbank", canceled(cancels[0], "E1")), "8");
  EXPECT_EQ(told[150], "4");
  EXPECT_EQ(told[378], "4");
  EXPECT_EQ(told[58], "cancelled by risk1: runaway");
  const Sent filled = Gateway::only(
      gateway.from_broker("northbank",
                          "35=8|37=N|11=" + cancels[1][41] +
                              "|17=E2|150=F|39=2|55=EUR/USD|54=1|38=101000|32=101000|31=1.1|14=101000|151=0|6=1.1|"),
      "8");
  EXPECT_EQ(filled[150], "F");
  EXPECT_EQ(newest(gateway).outstanding(), 1u);
  gateway.from_broker("northbank", canceled(cancels[2], "E3"));
  gateway.pass(Duration());
  EXPECT_TRUE(newest(gateway).finished);
  EXPECT_EQ(newest(gateway).canceled, 2u);
  EXPECT_EQ(newest(gateway).too_late, 1u);
  EXPECT_EQ(gateway.state().risk.own_state(Scope::kClient, 0), ScopeState::kKilled);
  EXPECT_TRUE(gateway.order(3).is_open()) << "beta's order is not touched: " << other[11];
}

TEST(MassCancel, ReachesEveryScope) {
  struct Case {
    Scope scope;
    std::uint32_t id;
    std::size_t orders;
  };
  // alpha's EUR/USD and GBP/USD at northbank; beta's USD/JPY at southbank and EUR/USD at northbank.
  for (const Case& each : {Case{Scope::kFirm, 0, 4}, Case{Scope::kClient, 1, 2}, Case{Scope::kAccount, 0, 2},
                           Case{Scope::kBroker, 1, 1}, Case{Scope::kInstrument, 0, 2}}) {
    SCOPED_TRACE(to_string(each.scope));
    Gateway gateway;
    send_order(gateway, "alpha", "A");
    send_order(gateway, "alpha", "B", "GBP/USD");
    send_order(gateway, "beta", "C", "USD/JPY");
    send_order(gateway, "beta", "D");
    gateway.command(set_state(each.scope, each.id, ScopeState::kCancel));
    EXPECT_EQ(gateway.pass(Duration()).size(), each.orders);
  }
  Gateway gateway;
  send_order(gateway, "alpha", "A");
  send_order(gateway, "beta", "B");
  gateway.command(set_state(Scope::kSession, gateway.core().client_session("beta").value(), ScopeState::kCancel));
  EXPECT_EQ(gateway.pass(Duration()).size(), 1u);
}

TEST(MassCancel, GoesAtTheBrokersPaceAndAheadOfNewOrders) {
  Gateway gateway(slow_broker(10));
  for (int i = 0; i < 7; ++i) {
    send_order(gateway, "alpha", "A" + std::to_string(i));
    gateway.pass(Duration::milliseconds(200));
  }
  gateway.command(set_state(Scope::kClient, 0, ScopeState::kCancel));
  std::size_t sent = gateway.pass(Duration()).size();
  // The tokens of before that are left go at once, the rest follows at ten a second.
  ASSERT_LE(sent, 10u);
  gateway.core();
  for (int i = 0; i < 5 && newest(gateway).queued > 0; ++i) {
    const auto refused = gateway.from_client(
        "beta", "35=D|11=X" + std::to_string(i) + "|21=1|55=USD/JPY|54=1|38=100000|40=2|44=150|60=20261123-12:00:00|");
    EXPECT_TRUE(std::any_of(refused.begin(), refused.end(),
                            [](const Sent& m) { return m.session == "southbank" || m[150] == "8"; }));
    sent += gateway.pass(Duration::milliseconds(500)).size();
  }
  EXPECT_EQ(newest(gateway).sent, 7u);
}

TEST(MassCancel, ABrokerThatIsSlowHoldsUpNoOther) {
  Gateway gateway(slow_broker(1));
  for (int i = 0; i < 8; ++i) send_order(gateway, "alpha", "A" + std::to_string(i));
  send_order(gateway, "beta", "B", "USD/JPY");
  gateway.command(set_state(Scope::kFirm, 0, ScopeState::kCancel));
  const std::vector<Sent> first = gateway.pass(Duration());
  EXPECT_TRUE(std::any_of(first.begin(), first.end(),
                          [](const Sent& m) { return m.session == "southbank" && m.type() == "F"; }));
  EXPECT_GT(newest(gateway).queued, 0u);
  // Nobody routes a new order to the broker that still has cancels to get.
  EXPECT_FALSE(gateway.state().broker_states[0].cancel_queue.empty());
  const auto elsewhere =
      gateway.from_client("beta", "35=D|11=N|21=1|55=EUR/USD|54=1|38=100000|40=2|44=1.1|60=20261123-12:00:00|");
  for (const Sent& message : elsewhere) EXPECT_NE(message.session, "northbank");
}

TEST(MassCancel, IsTriedAgainWithoutAnAnswerAndThenAPersonIsCalled) {
  Gateway gateway(slow_broker(500));
  send_order(gateway, "alpha", "A");
  gateway.command(set_state(Scope::kClient, 0, ScopeState::kCancel));
  EXPECT_EQ(Gateway::only(gateway.pass(Duration()), "F")[41].empty(), false);
  EXPECT_TRUE(gateway.pass(Duration::milliseconds(2'900)).empty());
  Gateway::only(gateway.pass(Duration::milliseconds(200)), "F");
  std::size_t cancels = 0;
  for (int i = 0; i < 20; ++i) {
    for (const Sent& message : gateway.pass(Duration::seconds(1))) cancels += message.type() == "F" ? 1 : 0;
  }
  EXPECT_EQ(cancels, 1u) << "three in all";
  EXPECT_TRUE(newest(gateway).escalated);
  const auto alarm = std::find_if(gateway.state().alerts.begin(), gateway.state().alerts.end(),
                                  [](const Alert& alert) { return alert.code == order::AlertCode::kMassCancel; });
  ASSERT_NE(alarm, gateway.state().alerts.end());
  EXPECT_EQ(alarm->severity, order::Severity::kCritical);
  EXPECT_EQ(alarm->text.view(),
            "1 of 1 orders are still open after the cancel of client; call the desk, +44 20 7946 0000");
  EXPECT_TRUE(gateway.order(0).reserved.base == Quantity::of(100'000)) << "reserved until it is over";
}

TEST(MassCancel, SurvivesARestartWithItsCounts) {
  Gateway first(slow_broker(1));
  for (int i = 0; i < 8; ++i) send_order(first, "alpha", "A" + std::to_string(i));
  first.command(set_state(Scope::kClient, 0, ScopeState::kCancel));
  first.pass(Duration());
  const std::uint32_t sent = newest(first).sent;
  ASSERT_LT(sent, 8u);
  Gateway second = Gateway::recovered_from(first);
  second.restart();
  EXPECT_EQ(newest(second).sent, sent);
  second.pass(Duration::seconds(1));
  EXPECT_GT(newest(second).sent, sent);
}

TEST(MassCancel, CancelsForABrokerThatIsDownGoFirstWhenItIsBack) {
  Gateway gateway;
  send_order(gateway, "alpha", "A");
  gateway.disconnect("northbank", true);
  gateway.command(set_state(Scope::kClient, 0, ScopeState::kKilled));
  for (const Sent& message : gateway.pass(Duration())) EXPECT_NE(message.session, "northbank");
  EXPECT_EQ(newest(gateway).sent, 0u);
  gateway.log_on("northbank", true);
  gateway.drained("northbank");
  bool cancel = false;
  for (int i = 0; i < 12 && !cancel; ++i) {
    for (const Sent& message : gateway.pass(Duration::seconds(1))) cancel = cancel || message.type() == "F";
  }
  EXPECT_TRUE(cancel);
  EXPECT_EQ(newest(gateway).sent, 1u);
}

TEST(MassCancel, AKilledScopesSessionIsKeptOutOnceItsCancelsAreSent) {
  Gateway gateway(slow_broker(1));
  for (int i = 0; i < 8; ++i) send_order(gateway, "alpha", "A" + std::to_string(i));
  const SessionId alpha = gateway.core().client_session("alpha");
  const SessionId beta = gateway.core().client_session("beta");
  const SessionId northbank = gateway.core().broker_session("northbank");
  gateway.command(set_state(Scope::kClient, 0, ScopeState::kCancel));
  EXPECT_FALSE(kept_out(gateway.state(), alpha)) << "cancel logs nobody out";
  gateway.command(set_state(Scope::kClient, 0, ScopeState::kKilled));
  gateway.pass(Duration());
  EXPECT_FALSE(kept_out(gateway.state(), alpha)) << "cancels are still to be sent";
  gateway.pass(Duration::seconds(30));
  EXPECT_TRUE(kept_out(gateway.state(), alpha));
  EXPECT_FALSE(kept_out(gateway.state(), beta));
  gateway.command(set_state(Scope::kBroker, 0, ScopeState::kKilled));
  EXPECT_FALSE(kept_out(gateway.state(), northbank)) << "its answers are still needed";
  gateway.command(set_state(Scope::kClient, 0, ScopeState::kActive));
  EXPECT_FALSE(kept_out(gateway.state(), alpha));
}

TEST(MassCancel, AKilledGroupsSessionsAreKeptOutToo) {
  config::Config config = slow_broker(1);
  config.risk.groups = {config::ScopeLimits{"funds", {}}};
  config.clients[0].group = "funds";
  Gateway gateway(config);
  for (int i = 0; i < 8; ++i) send_order(gateway, "alpha", "A" + std::to_string(i));
  gateway.command(set_state(Scope::kGroup, 0, ScopeState::kKilled));
  gateway.pass(Duration());
  EXPECT_FALSE(kept_out(gateway.state(), gateway.core().client_session("alpha"))) << "cancels are still to be sent";
  gateway.pass(Duration::seconds(30));
  EXPECT_TRUE(kept_out(gateway.state(), gateway.core().client_session("alpha")));
  EXPECT_FALSE(kept_out(gateway.state(), gateway.core().client_session("beta")));
}

TEST(Drill, MeasuresTheTimeToTheLastCancelAndSendsNone) {
  Gateway gateway(slow_broker(2));
  for (int i = 0; i < 8; ++i) send_order(gateway, "alpha", "A" + std::to_string(i));
  gateway.command(order::StartDrill{Scope::kClient, 0, order::UserText("ops"), order::ReasonText("monthly")});
  EXPECT_FALSE(gateway.last_outcome().reject);
  for (int i = 0; i < 30 && !newest(gateway).finished; ++i) {
    for (const Sent& message : gateway.pass(Duration::milliseconds(500))) EXPECT_NE(message.type(), "F");
  }
  const MassCancel& drill = newest(gateway);
  ASSERT_TRUE(drill.finished);
  EXPECT_TRUE(drill.drill);
  EXPECT_EQ(drill.orders, 8u);
  EXPECT_EQ(drill.sent, 8u);
  // Two of ten tokens are left after eight orders; six more cancels at two a second.
  EXPECT_EQ((drill.last_sent - drill.started).ms(), 3'000);
  EXPECT_EQ(gateway.state().risk.own_state(Scope::kClient, 0), ScopeState::kActive);
  EXPECT_TRUE(gateway.order(0).is_open());
}

TEST(CancelOnDisconnect, WaitsForItsGraceAndSparesGoodTillOrders) {
  config::Config configuration = testing::small_configuration();
  configuration.clients[0].cancel_on_disconnect = config::CancelOnDisconnect::kDay;
  configuration.clients[0].cancel_on_disconnect_grace = Duration::seconds(10);
  Gateway gateway(configuration);
  send_order(gateway, "alpha", "A");
  send_order(gateway, "alpha", "B", "EUR/USD", "59=1|");
  gateway.disconnect("alpha", false);
  EXPECT_TRUE(gateway.pass(Duration::milliseconds(4'000)).empty());
  gateway.log_on("alpha", false);
  for (const Sent& message : gateway.pass(Duration::seconds(20)))
    EXPECT_NE(message.type(), "F") << "it was back in time";
  gateway.disconnect("alpha", false);

  // The wait goes on behind a restart.
  Gateway second = Gateway::recovered_from(gateway);
  second.restart();
  std::vector<Sent> cancels;
  for (int i = 0; i < 11; ++i) {
    for (Sent& message : second.pass(Duration::seconds(1))) {
      if (message.type() == "F") cancels.push_back(message);
    }
  }
  ASSERT_GE(cancels.size(), 1u);
  EXPECT_EQ(newest(second).orders, 1u) << "the day order alone";
  const Sent told = Gateway::only(second.from_broker("northbank", canceled(cancels[0], "E1")), "8");
  EXPECT_EQ(told[58], "cancelled: the session was disconnected");
  EXPECT_TRUE(second.order(1).is_open());
  EXPECT_EQ(second.state().mass_cancel_count, 1u) << "once";
}

// --- OrderMassCancelRequest(q) ---------------------------------------------------------------------------------

config::Config with_mass_cancel() {
  config::Config configuration = testing::small_configuration();
  configuration.brokers[0].mass_cancel = true;
  return configuration;
}

std::vector<Sent> of_type(const std::vector<Sent>& all, std::string_view type) {
  std::vector<Sent> found;
  for (const Sent& each : all) {
    if (each.type() == type) found.push_back(each);
  }
  return found;
}

TEST(MassCancel, ABrokerThatTakesItHearsOfItInOneMessageFirst) {
  Gateway gateway(with_mass_cancel());
  send_order(gateway, "alpha", "A");
  send_order(gateway, "alpha", "B");
  send_order(gateway, "alpha", "C", "USD/JPY");  // at southbank, which does not take it
  const std::uint64_t before = gateway.state().sessions[1].numbers.next_sender;
  std::vector<Sent> sent = gateway.command(set_state(Scope::kFirm, 0, ScopeState::kCancel));
  const std::vector<Sent> at_once = of_type(sent, "q");
  ASSERT_EQ(at_once.size(), 1u);
  EXPECT_EQ(at_once[0].session, "northbank");
  EXPECT_EQ(at_once[0][530], "7");
  EXPECT_NE(at_once[0][11], "");
  EXPECT_TRUE(of_type(sent, "F").empty() || sent.front().type() == "q");
  const std::vector<Sent> later = gateway.pass(Duration());
  sent.insert(sent.end(), later.begin(), later.end());
  EXPECT_EQ(of_type(sent, "F").size(), 3u) << "each order is cancelled as well";
  EXPECT_EQ(of_type(sent, "q").size(), 1u);
  EXPECT_GE(gateway.state().sessions[1].numbers.next_sender, before);
  // Its answer is taken; a refusal is told, and nothing is lost by it.
  EXPECT_TRUE(gateway.from_broker("northbank", "35=r|37=X|11=" + at_once[0][11] + "|530=7|531=7|").empty());
  const std::uint64_t alerts = gateway.state().alert_count;
  EXPECT_TRUE(gateway.from_broker("northbank", "35=r|37=X|11=" + at_once[0][11] + "|530=7|531=0|532=99|58=no|").empty());
  EXPECT_EQ(gateway.state().alert_count, alerts + 1);
  EXPECT_EQ(gateway.state().alerts.back().code, order::AlertCode::kMassCancel);
}

TEST(MassCancel, APartOfABrokersOrdersIsCancelledOneByOne) {
  Gateway gateway(with_mass_cancel());
  send_order(gateway, "alpha", "A");
  std::vector<Sent> sent = gateway.command(set_state(Scope::kClient, 0, ScopeState::kCancel));
  const std::vector<Sent> later = gateway.pass(Duration());
  sent.insert(sent.end(), later.begin(), later.end());
  EXPECT_TRUE(of_type(sent, "q").empty());
  EXPECT_EQ(of_type(sent, "F").size(), 1u);
}

// --- groups, traders, currencies -----------------------------------------------------------------------------------

config::Config with_all_scopes() {
  config::Config configuration = testing::small_configuration();
  configuration.risk.groups = {config::ScopeLimits{"desk", {}}};
  configuration.clients[0].group = "desk";
  configuration.clients[0].trader = config::TraderField::kSenderSubId;
  configuration.risk.traders = {config::ScopeLimits{"alpha/ann", {}}};
  return configuration;
}

TEST(MassCancel, GroupsTradersAndCurrenciesAreKilledAndDrilledLikeTheOthers) {
  struct Case {
    Scope scope;
    std::uint32_t id;
    std::size_t cancels;
  };
  Gateway names(with_all_scopes());
  const std::uint32_t yen = names.state().currencies.find("JPY");
  const std::uint32_t ann = names.state().traders.find("alpha/ann");
  for (const Case& each : {Case{Scope::kGroup, 0, 3}, Case{Scope::kTrader, ann, 1}, Case{Scope::kCurrency, yen, 2}}) {
    Gateway gateway(with_all_scopes());
    send_order(gateway, "alpha", "A", "EUR/USD", "50=ann|");
    send_order(gateway, "alpha", "B");
    send_order(gateway, "alpha", "C", "USD/JPY");
    send_order(gateway, "beta", "D", "USD/JPY");
    order::StartDrill drill;
    drill.scope = each.scope;
    drill.id = each.id;
    drill.user = order::UserText("ops");
    drill.reason = order::ReasonText("the monthly drill");
    gateway.command(drill);
    EXPECT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().reject.text.view();
    EXPECT_TRUE(gateway.pass(Duration()).empty()) << "a drill sends nothing";
    EXPECT_EQ(newest(gateway).orders, each.cancels) << to_string(each.scope);
    std::vector<Sent> sent = gateway.command(set_state(each.scope, each.id, ScopeState::kKilled));
    const std::vector<Sent> later = gateway.pass(Duration());
    sent.insert(sent.end(), later.begin(), later.end());
    EXPECT_EQ(of_type(sent, "F").size(), each.cancels) << to_string(each.scope);
    const std::vector<Sent> refused = gateway.from_client(
        each.scope == Scope::kCurrency ? "beta" : "alpha",
        "35=D|11=Z|21=1|55=USD/JPY|54=1|38=5000|40=2|44=150|50=ann|60=20261123-12:00:00|");
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_NE(refused[0][58].find("A1"), std::string::npos) << to_string(each.scope) << ": " << refused[0][58];
  }
}

}  // namespace
}  // namespace portcullis::gateway
