#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/snapshot.h"
#include "tests/gateway/fixture.h"

// What is said and done before a limit is reached, and what trips by itself, through FIX: losses (E1), soft levels and
// their responses, reject rates and silent brokers (F1), drift (B4), ratios (C4), the gateway's own health (F2).

namespace portcullis::gateway {
namespace {

using config::Response;
using order::AlertCode;
using order::Control;
using order::Scope;
using order::ScopeState;
using testing::Gateway;
using testing::Sent;

class Breakers : public ::testing::Test {
 protected:
  std::vector<Sent> send(Gateway& gateway, std::string_view side, std::int64_t quantity, std::string_view price,
                         std::string_view client = "alpha") {
    const std::string id = "A" + std::to_string(++orders_);
    const std::string account = client == "alpha" ? "|1=ALPHA-1" : "|21=1";
    return gateway.from_client(client, "35=D|11=" + id + account + "|55=EUR/USD|54=" + std::string(side) +
                                           "|38=" + std::to_string(quantity) + "|40=2|44=" + std::string(price) +
                                           "|60=20261123-12:00:00|");
  }
  // An order that its broker takes.
  Sent take(Gateway& gateway, std::string_view side, std::int64_t quantity, std::string_view price) {
    return Gateway::only(send(gateway, side, quantity, price), "D");
  }
  // The same, filled at once at this price; the ExecID of the fill.
  std::string trade(Gateway& gateway, std::string_view side, std::int64_t quantity, std::string_view limit,
                    std::string_view price) {
    const Sent order = take(gateway, side, quantity, limit);
    const std::string exec_id = "E" + std::to_string(++executions_);
    gateway.from_broker("northbank", "35=8|37=N|11=" + order[11] + "|17=" + exec_id +
                                         "|150=F|39=2|55=EUR/USD|54=" + order[54] + "|38=" + order[38] +
                                         "|32=" + order[38] + "|31=" + std::string(price) + "|14=" + order[38] +
                                         "|151=0|6=" + std::string(price) + "|");
    last_cl_ord_id_ = order[11];
    return exec_id;
  }
  void refuse_at_broker(Gateway& gateway, const Sent& order) {
    gateway.from_broker("northbank", "35=8|37=N|11=" + order[11] + "|17=E" + std::to_string(++executions_) +
                                         "|150=8|39=8|55=EUR/USD|54=1|38=" + order[38] + "|14=0|151=0|6=0|");
  }
  void quote(Gateway& gateway, std::string_view bid, std::string_view ask) {
    order::SetQuote command;
    command.instrument = order::InstrumentId(gateway.state().instruments.find("EUR/USD"));
    command.bid = *Price::parse(bid);
    command.ask = *Price::parse(ask);
    gateway.command(command);
  }
  static std::size_t count(const Gateway& gateway, AlertCode code) {
    const auto& alerts = gateway.state().alerts;
    return static_cast<std::size_t>(
        std::count_if(alerts.begin(), alerts.end(), [code](const Alert& alert) { return alert.code == code; }));
  }
  static std::string last_alert(const Gateway& gateway) {
    return std::string(gateway.state().alerts.back().text.view());
  }
  static std::size_t latches(const Gateway& gateway) { return gateway.state().risk.state().latches.all().size(); }
  static ScopeState state_of_account(const Gateway& gateway) {
    return gateway.state().risk.own_state(Scope::kAccount, gateway.state().accounts.find("ALPHA-1"));
  }
  static std::vector<std::byte> saved(const State& state) {
    std::vector<std::byte> bytes;
    save(state, bytes);
    return bytes;
  }
  // The folded journal is where the gateway is. Throttles are full again after a start, and of one size.
  static void expect_replayed(const Gateway& gateway) {
    Core folded;
    for (const auto& bytes : gateway.records()) ASSERT_TRUE(folded.replay(*RecordView::parse(bytes)).ok());
    EXPECT_EQ(saved(folded.state()).size(), saved(gateway.state()).size());
    EXPECT_EQ(folded.state().risk.state().latches.all().size(), latches(gateway));
    EXPECT_EQ(folded.state().alert_count, gateway.state().alert_count);
  }

  int orders_ = 0;
  int executions_ = 0;
  std::string last_cl_ord_id_;
};

config::Config with_account(const config::LimitSet& limits) {
  config::Config config = testing::small_configuration();
  config.risk.accounts = {config::ScopeLimits{"ALPHA-1", limits}};
  return config;
}

config::Config with_loss_limit() {
  config::LimitSet limits;
  limits.max_daily_loss = Amount::of(200'000);
  return with_account(limits);
}

// --- E1 ---

// Example 39 of the risk specification: realised -180k, long 5m at 1.1050, bid 1.0999, limit 200k.
TEST_F(Breakers, No39TheDaysLossLatchesReduceOnly) {
  Gateway gateway(with_loss_limit());
  trade(gateway, "1", 9'000'000, "1.1200", "1.1200");
  trade(gateway, "2", 9'000'000, "1.1000", "1.1000");
  quote(gateway, "1.1050", "1.1052");
  trade(gateway, "1", 5'000'000, "1.1060", "1.1050");
  const risk::Node& account =
      *gateway.state().risk.state().find(Scope::kAccount, gateway.state().accounts.find("ALPHA-1"));
  EXPECT_EQ(account.profit.total(), Amount::of(-180'000));
  EXPECT_EQ(account.profit.realised(order::InstrumentId(0)), Amount::of(-180'000));
  EXPECT_EQ(latches(gateway), 0u);

  quote(gateway, "1.0999", "1.1001");
  EXPECT_EQ(account.profit.total(), Amount::of(-205'500));
  ASSERT_EQ(latches(gateway), 1u);
  const risk::Latch& latch = gateway.state().risk.state().latches.all().front();
  EXPECT_EQ(latch.key.control, Control::kE1);
  EXPECT_EQ(latch.usage, 20'550'000);
  EXPECT_EQ(latch.limit, 20'000'000);
  EXPECT_EQ(state_of_account(gateway), ScopeState::kReduceOnly);
  EXPECT_EQ(last_alert(gateway), "E1: the day's loss of account ALPHA-1 has reached max_daily_loss");

  EXPECT_EQ(Gateway::only(send(gateway, "1", 1'000'000, "1.1000"), "8")[58].substr(0, 11), "RISK-16 A1:");
  EXPECT_EQ(take(gateway, "2", 5'000'000, "1.1000").session, "northbank");
  EXPECT_EQ(Gateway::only(send(gateway, "2", 1'000, "1.1000"), "8")[150], "8");

  // It holds over a restart and over a market that comes back.
  Gateway recovered = Gateway::recovered_from(gateway);
  EXPECT_EQ(saved(recovered.state()), saved(gateway.state()));
  recovered.restart();
  quote(recovered, "1.1050", "1.1052");
  EXPECT_EQ(latches(recovered), 1u);
  EXPECT_EQ(recovered.state().risk.state().find(Scope::kAccount, account.id)->profit.total(), Amount::of(-180'000));
  expect_replayed(gateway);
}

TEST_F(Breakers, E1SaysEightyPercentBeforeAndABustTakesTheLossBack) {
  Gateway gateway(with_loss_limit());
  trade(gateway, "1", 9'000'000, "1.1200", "1.1200");
  EXPECT_EQ(count(gateway, AlertCode::kLimitLevel), 1u);
  EXPECT_EQ(last_alert(gateway), "account ALPHA-1 has used 80 % of max_daily_loss");
  const std::string exec_id = trade(gateway, "2", 9'000'000, "1.1000", "1.1000");
  EXPECT_EQ(count(gateway, AlertCode::kLimitLevel), 1u) << "it is told once";
  gateway.from_broker("northbank",
                      "35=8|37=N|11=" + last_cl_ord_id_ + "|17=H1|19=" + exec_id +
                          "|150=H|39=0|55=EUR/USD|54=2|38=9000000|32=9000000|31=1.1|14=0|151=9000000|6=0|");
  const risk::Node& account =
      *gateway.state().risk.state().find(Scope::kAccount, gateway.state().accounts.find("ALPHA-1"));
  EXPECT_EQ(account.profit.total(), Amount::of(-180'900)) << "9m long again, from 1.12 at 1.0999";
}

TEST_F(Breakers, E1IsRearmedWithItsScopeAndLatchesAgainWhileTheLossStands) {
  Gateway gateway(with_loss_limit());
  trade(gateway, "1", 9'000'000, "1.1200", "1.1200");
  quote(gateway, "1.0970", "1.0972");
  ASSERT_EQ(latches(gateway), 1u);
  order::RearmControl rearm;
  rearm.control = Control::kE1;
  rearm.scope = Scope::kAccount;
  rearm.id = gateway.state().accounts.find("ALPHA-1");
  rearm.user = order::UserText("risk1");
  rearm.approver = order::UserText("risk2");
  gateway.command(rearm);
  EXPECT_TRUE(gateway.last_outcome().reject) << "its scope's state is lifted instead";

  order::SetScopeState lift;
  lift.scope = Scope::kAccount;
  lift.id = rearm.id;
  lift.state = ScopeState::kActive;
  lift.reason = order::ReasonText("looked into");
  gateway.command(lift);
  EXPECT_EQ(latches(gateway), 0u);
  take(gateway, "1", 1'000, "1.0900");
  EXPECT_EQ(latches(gateway), 0u);
  quote(gateway, "1.0971", "1.0972");
  EXPECT_EQ(latches(gateway), 1u) << "the loss is still over the limit";

  // The next day starts at nothing.
  gateway.command(lift);
  order::RollDay roll;
  roll.trade_date = gateway.state().trade_date + 1;
  gateway.command(roll);
  quote(gateway, "1.0971", "1.0972");
  EXPECT_EQ(latches(gateway), 0u);
  expect_replayed(gateway);
}

TEST_F(Breakers, E1LoweringTheLimitBelowTheLossLatchesAtOnce) {
  Gateway gateway(with_loss_limit());
  trade(gateway, "1", 9'000'000, "1.1200", "1.1200");
  order::SetLimit lower;
  lower.scope = Scope::kAccount;
  lower.id = gateway.state().accounts.find("ALPHA-1");
  lower.limit = static_cast<std::uint16_t>(config::Limit::kMaxDailyLoss);
  lower.value = Amount::of(100'000).raw();
  gateway.command(lower);
  EXPECT_EQ(latches(gateway), 1u);
  EXPECT_EQ(state_of_account(gateway), ScopeState::kReduceOnly);
}

TEST_F(Breakers, E1AFileThatLowersTheLimitBelowTheLossLatchesWithItself) {
  config::Config configuration = with_loss_limit();
  configuration.reference.quotes.clear();  // nothing else that would have losses looked at
  Gateway gateway(configuration);
  quote(gateway, "1.0999", "1.1001");
  trade(gateway, "1", 9'000'000, "1.1200", "1.1200");
  EXPECT_EQ(latches(gateway), 0u);
  configuration.risk.accounts[0].limits.max_daily_loss = Amount::of(100'000);
  gateway.reload(configuration);
  EXPECT_EQ(latches(gateway), 1u);
  EXPECT_EQ(state_of_account(gateway), ScopeState::kReduceOnly);
  expect_replayed(gateway);
}

// --- soft levels ---

config::Config with_four_orders() {
  config::LimitSet limits;
  limits.max_open_orders = 4;
  return with_account(limits);
}

TEST_F(Breakers, SoftLevelsAreToldOnceEachOnTheWayUpAndAgainAfterAFall) {
  Gateway gateway(with_four_orders());
  const Sent first = take(gateway, "1", 10'001, "1.1");
  EXPECT_EQ(count(gateway, AlertCode::kLimitLevel), 0u);
  const Sent second = take(gateway, "1", 10'002, "1.1");
  EXPECT_EQ(count(gateway, AlertCode::kLimitLevel), 1u);
  EXPECT_EQ(last_alert(gateway), "account ALPHA-1 has used 50 % of max_open_orders");
  take(gateway, "1", 10'003, "1.1");
  EXPECT_EQ(last_alert(gateway), "account ALPHA-1 has used 75 % of max_open_orders");
  take(gateway, "1", 10'004, "1.1");
  EXPECT_EQ(last_alert(gateway), "account ALPHA-1 has used 90 % of max_open_orders");
  EXPECT_EQ(gateway.state().alerts.back().severity, order::Severity::kCritical);
  EXPECT_EQ(count(gateway, AlertCode::kLimitLevel), 3u);
  send(gateway, "1", 10'005, "1.1");
  EXPECT_EQ(count(gateway, AlertCode::kLimitLevel), 3u) << "a refused order uses nothing";
  refuse_at_broker(gateway, first);
  EXPECT_EQ(count(gateway, AlertCode::kLimitLevel), 3u) << "a fall is not told";
  take(gateway, "1", 10'006, "1.1");
  EXPECT_EQ(count(gateway, AlertCode::kLimitLevel), 4u);
  expect_replayed(gateway);
  Gateway recovered = Gateway::recovered_from(gateway);
  EXPECT_EQ(saved(recovered.state()), saved(gateway.state()));
}

TEST_F(Breakers, APositionLevelFallsWithTheInstrumentThatRaisedIt) {
  config::LimitSet limits;
  limits.max_long_position = Quantity::of(1'000'000);
  Gateway gateway(with_account(limits));
  const Sent euros = take(gateway, "1", 800'000, "1.1");
  EXPECT_EQ(last_alert(gateway), "account ALPHA-1 has used 75 % of max_long_position");
  gateway.from_client("alpha", "35=D|11=G1|1=ALPHA-1|55=GBP/USD|54=1|38=10000|40=2|44=1.25|60=20261123-12:00:00|");
  const risk::Node& account =
      *gateway.state().risk.state().find(Scope::kAccount, gateway.state().accounts.find("ALPHA-1"));
  EXPECT_EQ(account.levels.level(config::Limit::kMaxLongPosition), 2);
  refuse_at_broker(gateway, euros);
  EXPECT_EQ(account.levels.level(config::Limit::kMaxLongPosition), 0);
}

TEST_F(Breakers, ALevelsResponseSlowsReducesOrBlocks) {
  config::Config config = with_four_orders();
  config.risk.responses = {{config::ResponseScope::kAccount, 50, Response::kSlow},
                           {config::ResponseScope::kAccount, 90, Response::kBlockNew}};
  config.clients[0].throttle = {10, 10, config::ThrottleAction::kReject};
  Gateway gateway(config);
  const auto& session = gateway.state().risk.state().sessions[gateway.core().client_session("alpha").value()];
  take(gateway, "1", 10'001, "1.1");
  EXPECT_FALSE(session.slowed);
  take(gateway, "1", 10'002, "1.1");
  EXPECT_TRUE(session.slowed);
  // Eight tokens are left, and each message takes two.
  EXPECT_EQ(session.throttle.tokens(gateway.now()), 8);
  take(gateway, "1", 10'003, "1.1");
  EXPECT_EQ(session.throttle.tokens(gateway.now()), 6);
  EXPECT_TRUE(session.slowed) << "75 % has no response of its own: that of 50 % holds on";
  take(gateway, "1", 10'004, "1.1");
  EXPECT_EQ(state_of_account(gateway), ScopeState::kBlockNew);
  ASSERT_EQ(latches(gateway), 1u);
  EXPECT_EQ(gateway.state().risk.state().latches.all().front().key.control, Control::kD1);
  EXPECT_EQ(Gateway::only(send(gateway, "1", 10'005, "1.1"), "8")[58].substr(0, 7), "RISK-16");
  expect_replayed(gateway);
}

// --- F1 ---

config::Config with_reject_breaker(Response response) {
  config::Config config = testing::small_configuration();
  config.risk.breakers.rejects.least = 5;
  config.risk.breakers.rejects.response = response;
  return config;
}

TEST_F(Breakers, F1ASessionThatIsMostlyRefusedIsBlockedAndNobodyElse) {
  Gateway gateway(with_reject_breaker(Response::kBlockNew));
  for (int i = 0; i < 5; ++i) take(gateway, "1", 10'000 + i, "1.1");
  for (int i = 0; i < 5; ++i) send(gateway, "1", 20'000'000, "1.1");
  EXPECT_EQ(latches(gateway), 0u) << "half is not more than half";
  send(gateway, "1", 20'000'000, "1.1");
  ASSERT_EQ(latches(gateway), 1u);
  EXPECT_EQ(gateway.state().risk.state().latches.all().front().key.scope, Scope::kSession);
  EXPECT_EQ(Gateway::only(send(gateway, "1", 10'100, "1.1"), "8")[58].substr(0, 7), "RISK-16");
  EXPECT_EQ(Gateway::only(send(gateway, "1", 10'000, "1.1", "beta"), "D").type(), "D");
  expect_replayed(gateway);
}

TEST_F(Breakers, F1WarnsOnceByDefaultAndTakesWhatIsGood) {
  Gateway gateway(with_reject_breaker(Response::kWarn));
  for (int i = 0; i < 30; ++i) send(gateway, "1", 20'000'000, "1.1");
  EXPECT_EQ(count(gateway, AlertCode::kBreaker), 1u);
  EXPECT_EQ(latches(gateway), 0u);
  take(gateway, "1", 10'000, "1.1");
  // The window passes, and the next time is told again.
  gateway.pass(Duration::seconds(20));
  take(gateway, "1", 10'001, "1.1");
  for (int i = 0; i < 30; ++i) send(gateway, "1", 20'000'000, "1.1");
  EXPECT_EQ(count(gateway, AlertCode::kBreaker), 2u);
  expect_replayed(gateway);
}

TEST_F(Breakers, F1ABrokerThatRejectsTooMuchIsPassedOver) {
  config::Config config = testing::small_configuration();
  config.risk.breakers.broker_rejects = {3, Duration::seconds(10), Response::kBlockNew};
  Gateway gateway(config);
  for (int i = 0; i < 4; ++i) refuse_at_broker(gateway, take(gateway, "1", 10'000 + i, "1.1"));
  ASSERT_EQ(latches(gateway), 1u);
  EXPECT_EQ(take(gateway, "1", 10'100, "1.1").session, "southbank");
}

TEST_F(Breakers, F1ABrokerThatIsSilentIsPassedOver) {
  config::Config config = testing::small_configuration();
  config.risk.breakers.unacked.response = Response::kBlockNew;
  Gateway gateway(config);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(take(gateway, "1", 10'000 + i, "1.1").session, "northbank");
  gateway.pass(Duration::seconds(3));
  EXPECT_EQ(latches(gateway), 0u);
  gateway.pass(Duration::milliseconds(1));
  ASSERT_EQ(latches(gateway), 1u);
  EXPECT_EQ(take(gateway, "1", 10'100, "1.1").session, "southbank");
  expect_replayed(gateway);
}

config::Config with_fill_breaker(Response response) {
  config::Config config = testing::small_configuration();
  config.risk.breakers.fills.count = 3;
  config.risk.breakers.fills.response = response;
  return config;
}

TEST_F(Breakers, F1ASessionWithTooManyExecutionsInAMinuteIsBlockedAndNobodyElse) {
  Gateway gateway(with_fill_breaker(Response::kBlockNew));
  for (int i = 0; i < 3; ++i) trade(gateway, "1", 1'000 + i, "1.1", "1.1");
  EXPECT_EQ(latches(gateway), 0u) << "as many as are allowed";
  trade(gateway, "1", 2'000, "1.1", "1.1");
  ASSERT_EQ(latches(gateway), 1u);
  const risk::Latch& latch = gateway.state().risk.state().latches.all().front();
  EXPECT_EQ(latch.key.control, Control::kF1);
  EXPECT_EQ(latch.key.scope, Scope::kSession);
  EXPECT_EQ(latch.usage, 4);
  EXPECT_EQ(latch.limit, 3);
  EXPECT_EQ(Gateway::only(send(gateway, "1", 10'000, "1.1"), "8")[58].substr(0, 7), "RISK-16");
  EXPECT_EQ(Gateway::only(send(gateway, "1", 10'000, "1.1", "beta"), "D").type(), "D");
  expect_replayed(gateway);
}

TEST_F(Breakers, F1ExecutionsOfAMinuteAgoDoNotCountAndAWarningIsToldAgain) {
  Gateway gateway(with_fill_breaker(Response::kWarn));
  for (int i = 0; i < 3; ++i) trade(gateway, "1", 1'000 + i, "1.1", "1.1");
  gateway.pass(Duration::seconds(61));
  for (int i = 0; i < 3; ++i) trade(gateway, "1", 2'000 + i, "1.1", "1.1");
  EXPECT_EQ(count(gateway, AlertCode::kBreaker), 0u);
  for (int i = 0; i < 3; ++i) trade(gateway, "1", 3'000 + i, "1.1", "1.1");
  EXPECT_EQ(count(gateway, AlertCode::kBreaker), 1u) << "it is told once";
  EXPECT_EQ(latches(gateway), 0u);
  gateway.pass(Duration::seconds(61));
  trade(gateway, "1", 4'000, "1.1", "1.1");  // the condition is over
  for (int i = 0; i < 3; ++i) trade(gateway, "1", 5'000 + i, "1.1", "1.1");
  EXPECT_EQ(count(gateway, AlertCode::kBreaker), 2u);
}

TEST_F(Breakers, F1ALateAnswerIsTold) {
  config::Config config = testing::small_configuration();
  config.risk.breakers.broker_latency = {Duration::milliseconds(200), Response::kWarn};
  Gateway gateway(config);
  const auto acknowledge = [&](const Sent& order) {
    gateway.from_broker("northbank", "35=8|37=N|11=" + order[11] + "|17=E" + std::to_string(++executions_) +
                                         "|150=0|39=0|55=EUR/USD|54=1|38=" + order[38] + "|14=0|151=" + order[38] +
                                         "|6=0|");
  };
  acknowledge(take(gateway, "1", 10'000, "1.1"));
  EXPECT_EQ(count(gateway, AlertCode::kBreaker), 0u);
  const Sent late = take(gateway, "1", 10'001, "1.1");
  gateway.pass(Duration::milliseconds(201));
  acknowledge(late);
  EXPECT_EQ(count(gateway, AlertCode::kBreaker), 1u);
}

// --- B4, C4, F2 ---

TEST_F(Breakers, B4AnInstrumentWhoseMarketHasMovedTooFarTakesNothingNew) {
  config::Config config = testing::small_configuration();
  config.risk.breakers.price_drift.percent = config::Percent::of(1);
  Gateway gateway(config);
  quote(gateway, "1.0599", "1.0601");
  EXPECT_EQ(latches(gateway), 0u) << "no order has opened a window";
  quote(gateway, "1.0999", "1.1001");
  take(gateway, "1", 10'000, "1.1");
  quote(gateway, "1.1109", "1.1111");
  EXPECT_EQ(latches(gateway), 0u) << "exactly one percent";
  quote(gateway, "1.1110", "1.1112");
  ASSERT_EQ(latches(gateway), 1u);
  EXPECT_EQ(gateway.state().risk.state().latches.all().front().key.scope, Scope::kInstrument);
  EXPECT_EQ(Gateway::only(send(gateway, "1", 10'001, "1.1"), "8")[58].substr(0, 7), "RISK-16");
  const auto pounds =
      gateway.from_client("alpha", "35=D|11=G1|1=ALPHA-1|55=GBP/USD|54=1|38=10000|40=2|44=1.25|60=20261123-12:00:00|");
  EXPECT_EQ(Gateway::only(pounds, "D").type(), "D");
  expect_replayed(gateway);
}

TEST_F(Breakers, B4AWindowThatHasPassedIsMeasuredAnew) {
  config::Config config = testing::small_configuration();
  config.risk.breakers.price_drift = {config::Percent::of(1), Duration::seconds(60), Response::kBlockNew};
  Gateway gateway(config);
  take(gateway, "1", 10'000, "1.1");
  gateway.pass(Duration::seconds(60));
  quote(gateway, "1.1179", "1.1181");
  EXPECT_EQ(latches(gateway), 0u);
  take(gateway, "1", 10'001, "1.1");
  quote(gateway, "1.1280", "1.1282");
  EXPECT_EQ(latches(gateway), 0u);
  quote(gateway, "1.1300", "1.1302");
  EXPECT_EQ(latches(gateway), 1u);
}

TEST_F(Breakers, C4WarnsOfASessionThatCancelsTooMuch) {
  config::Config config = testing::small_configuration();
  config.risk.breakers.ratios = {50, 0, 4};
  Gateway gateway(config);
  for (int i = 0; i < 3; ++i) take(gateway, "1", 10'000 + i, "1.1");
  gateway.from_client("alpha", "35=F|11=C1|41=A1|55=EUR/USD|54=1|38=10000|60=20261123-12:00:00|");
  EXPECT_EQ(count(gateway, AlertCode::kBreaker), 0u);
  gateway.from_client("alpha", "35=F|11=C2|41=A2|55=EUR/USD|54=1|38=10001|60=20261123-12:00:00|");
  EXPECT_EQ(count(gateway, AlertCode::kBreaker), 1u);
  EXPECT_EQ(Gateway::only(send(gateway, "1", 10'003, "1.1"), "D").type(), "D");
}

TEST_F(Breakers, F2TheGatewaysOwnHealthWarnsOrBlocksTheFirm) {
  order::ReportHealth report;
  report.condition = order::HealthCondition::kJournalLag;
  report.bad = true;
  report.usage = 150;
  report.limit = 100;
  report.reason = order::ReasonText("F2: the journal lags");
  Gateway warns;
  warns.command(report);
  warns.command(report);
  EXPECT_EQ(count(warns, AlertCode::kBreaker), 1u);
  EXPECT_EQ(take(warns, "1", 10'000, "1.1").type(), "D");
  report.bad = false;
  warns.command(report);
  report.bad = true;
  warns.command(report);
  EXPECT_EQ(count(warns, AlertCode::kBreaker), 2u);
  expect_replayed(warns);

  config::Config config = testing::small_configuration();
  config.risk.breakers.infrastructure.response = Response::kBlockNew;
  Gateway blocks(config);
  blocks.command(report);
  EXPECT_EQ(blocks.state().risk.own_state(Scope::kFirm, 0), ScopeState::kBlockNew);
  EXPECT_EQ(Gateway::only(send(blocks, "1", 10'000, "1.1"), "8")[58].substr(0, 7), "RISK-16");
  report.bad = false;
  blocks.command(report);
  EXPECT_EQ(blocks.state().risk.own_state(Scope::kFirm, 0), ScopeState::kBlockNew) << "persons lift it";
  expect_replayed(blocks);
}

}  // namespace
}  // namespace portcullis::gateway
