#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

#include "gateway/snapshot.h"
#include "tests/gateway/fixture.h"

// Losses (E1) are looked at where something has moved. That decides what a look at every scope would: the same events
// in the same order, byte by byte, whether a core has come here by itself or from a snapshot.

namespace portcullis::gateway {
namespace {

using order::Control;
using order::Scope;
using testing::Gateway;
using testing::Sent;

std::vector<std::byte> saved(const State& state) {
  std::vector<std::byte> bytes;
  save(state, bytes);
  return bytes;
}

// Every kind of scope that keeps a profit states what it may lose, and little of it.
config::Config with_small_losses() {
  config::Config c = testing::small_configuration();
  c.clients[0].trader = config::TraderField::kSenderSubId;
  for (config::Client& client : c.clients) client.throttle = {1'000'000, 1'000'000, config::ThrottleAction::kReject};
  for (config::Broker& broker : c.brokers) broker.throttle = {1'000'000, 1'000'000, 0};
  // One rate follows from its quote.
  std::erase_if(c.reference.rates, [](const config::ReferenceRate& rate) { return rate.currency == "JPY"; });
  c.risk.firm.duplicate_orders = config::DuplicateOrders{100'000, Duration::seconds(1)};
  c.risk.firm.repeated_executions = 1'000'000;
  c.risk.breakers.daily_loss.soft_percent = 80;
  const auto losing = [](std::int64_t loss) {
    config::LimitSet limits;
    limits.max_daily_loss = Amount::of(loss);
    limits.max_drawdown = Amount::of(loss + 7'000);
    return limits;
  };
  c.risk.clients = {{"alpha", losing(60'000)}, {"beta", losing(30'000)}};
  c.risk.accounts = {{"ALPHA-1", losing(25'000)}, {"ALPHA-2", losing(35'000)}, {"BETA-1", losing(20'000)}};
  c.risk.traders = {{"alpha/ann", losing(15'000)}};
  c.risk.brokers = {{"northbank", losing(90'000)}, {"southbank", losing(40'000)}};
  return c;
}

// Trades, a market that moves far, and people who set limits and states and arm again, by chance.
class LossyFlow {
 public:
  explicit LossyFlow(std::uint64_t seed) : random_(seed) {}

  using Step = std::function<void(Gateway&)>;
  Step next() {
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return trade();
      case 4: {
        order::SetScopeState lift;
        lift.scope = scope();
        lift.id = static_cast<std::uint32_t>(below(2));
        lift.state = order::ScopeState::kActive;
        lift.user = order::UserText("risk1");
        lift.reason = order::ReasonText("looked into");
        return [lift](Gateway& g) {
          if (g.state().risk.has_state(lift.scope, lift.id)) g.command(lift);
        };
      }
      case 5: {
        order::RearmControl rearm;
        rearm.control = Control::kE1;
        rearm.scope = scope();
        rearm.id = static_cast<std::uint32_t>(below(2));
        rearm.detail = static_cast<std::uint8_t>(below(2));
        rearm.user = order::UserText("risk1");
        rearm.approver = order::UserText("risk2");
        return [rearm](Gateway& g) { g.command(rearm); };
      }
      case 6: {
        if (below(3) != 0) return trade();
        order::SetLimit limit;
        limit.scope = scope();
        limit.id = static_cast<std::uint32_t>(below(2));
        limit.limit =
            static_cast<std::uint16_t>(below(2) == 0 ? config::Limit::kMaxDailyLoss : config::Limit::kMaxDrawdown);
        limit.value = static_cast<std::int64_t>(1'000 + below(30'000)) * 100;
        limit.user = order::UserText("risk1");
        return [limit](Gateway& g) {
          if (g.state().risk.has_limits(limit.scope, limit.id)) g.command(limit);
        };
      }
      case 7: {
        order::SetRate rate;
        rate.currency = order::CurrencyId(static_cast<std::uint16_t>(1 + below(2)));
        rate.rate = Rate::from_raw(static_cast<std::int64_t>(900 + below(300)) * 1'000'000'000);
        rate.user = order::UserText("feed");
        return [rate](Gateway& g) { g.command(rate); };
      }
      default:
        return quote();
    }
  }
  // Everybody may trade again, whatever was lost.
  static void lift_all(Gateway& g) {
    order::SetScopeState lift;
    lift.state = order::ScopeState::kActive;
    lift.user = order::UserText("risk1");
    lift.reason = order::ReasonText("a new day");
    for (const Scope scope : {Scope::kFirm, Scope::kClient, Scope::kAccount, Scope::kBroker, Scope::kTrader}) {
      for (lift.id = 0; lift.id < 3; ++lift.id) {
        lift.scope = scope;
        if (g.state().risk.has_state(scope, lift.id)) g.command(lift);
      }
    }
  }

 private:
  std::uint64_t below(std::uint64_t count) { return random_() % count; }
  Scope scope() {
    constexpr Scope kScopes[] = {Scope::kFirm, Scope::kClient, Scope::kAccount, Scope::kBroker, Scope::kTrader};
    return kScopes[below(5)];
  }
  Step trade() {
    const std::uint64_t which = below(3);
    constexpr const char* kSymbols[] = {"EUR/USD", "GBP/USD", "USD/JPY"};
    constexpr const char* kPrices[] = {"1.1", "1.25", "150"};
    const bool beta = below(3) == 0;
    const std::string id = std::to_string(++ids_);
    const std::string symbol = kSymbols[which], price = kPrices[which];
    const std::string side = below(2) == 0 ? "1" : "2";
    const std::string size = std::to_string(1 + below(4)) + "00000";
    const std::string account = below(2) == 0 ? "ALPHA-1" : "ALPHA-2";
    const std::string body = (beta ? "35=D|11=T" + id + "|21=1" : "35=D|50=ann|11=T" + id + "|1=" + account) +
                             "|55=" + symbol + "|54=" + side + "|38=" + size + "|40=1|60=20261123-12:00:00|";
    return [=](Gateway& g) {
      for (const Sent& sent : g.from_client(beta ? "beta" : "alpha", body)) {
        if (sent.type() != "D") continue;
        const bool old = sent.session == "southbank";
        g.from_broker(sent.session, "35=8|37=N" + id + "|11=" + sent[11] + "|17=X" + id +
                                        (old ? "|20=0|150=2" : "|150=F") + "|39=2|55=" + symbol + "|54=" + side +
                                        "|38=" + size + "|32=" + size + "|31=" + price + "|14=" + size +
                                        "|151=0|6=" + price + "|");
      }
    };
  }
  Step quote() {
    constexpr std::int64_t kMiddles[] = {1'100, 1'250, 150'000};
    const std::uint64_t which = below(3);
    order::SetQuote quote;
    quote.instrument = order::InstrumentId(static_cast<std::uint32_t>(which));
    // Within 3 % of the middle, at 10^-3.
    const std::int64_t middle = kMiddles[which] * static_cast<std::int64_t>(970 + below(60)) / 1'000;
    quote.bid = Price::from_raw(middle * 1'000'000);
    quote.ask = Price::from_raw((middle + 1) * 1'000'000);
    quote.user = order::UserText("feed");
    return [quote](Gateway& g) { g.command(quote); };
  }

  std::mt19937_64 random_;
  int ids_ = 0;
};

TEST(Losses, ALookAtWhatHasMovedDecidesAsOneAtEveryScope) {
  std::uint64_t latched = 0, told = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Gateway first(with_small_losses());
    LossyFlow flow(seed);
    for (int i = 0; i < 50; ++i) flow.next()(first);
    Gateway second = Gateway::recovered_from(first);
    const std::size_t before = first.records().size();
    first.restart();
    second.restart();
    for (int i = 0; i < 600; ++i) {
      // The second looks at every scope each time.
      second.state().risk.state().profits.all_moved = true;
      if (i % 100 == 99) {
        for (Gateway* each : {&first, &second}) LossyFlow::lift_all(*each);
      }
      const LossyFlow::Step step = flow.next();
      step(first);
      step(second);
      const std::size_t records = second.records().size();
      ASSERT_EQ(first.records().size() - before, records);
      ASSERT_EQ(first.records().back(), second.records().back()) << "step " << i;
    }
    for (std::size_t i = 0; i < second.records().size(); ++i) {
      ASSERT_EQ(first.records()[before + i], second.records()[i]) << "record " << i;
    }
    EXPECT_EQ(saved(first.state()), saved(second.state()));
    EXPECT_FALSE(first.state().risk.verify());
    for (const Alert& alert : first.state().alerts) {
      latched += alert.code == order::AlertCode::kControlLatched && alert.text.view().substr(0, 2) == "E1" ? 1 : 0;
      told += alert.code == order::AlertCode::kLimitLevel ? 1 : 0;
    }
  }
  EXPECT_GT(latched, 50u);
  EXPECT_GT(told, 50u);
}

// What stands over its limit and was lifted latches again with the next quote, of whatever instrument.
TEST(Losses, ALossThatStandsLatchesAgainWithAQuoteOfAnotherInstrument) {
  Gateway gateway(with_small_losses());
  const Sent order = Gateway::only(
      gateway.from_client("alpha", "35=D|50=bob|11=A|1=ALPHA-1|55=EUR/USD|54=1|38=1000000|40=1|60=20261123-12:00:00|"),
      "D");
  gateway.from_broker(
      "northbank", "35=8|37=N|11=" + order[11] +
                       "|17=E1|150=F|39=2|55=EUR/USD|54=1|38=1000000|32=1000000|31=1.1001|14=1000000|151=0|6=1.1001|");
  const auto quote = [&gateway](std::string_view symbol, std::string_view at) {
    order::SetQuote command;
    command.instrument = order::InstrumentId(gateway.state().instruments.find(symbol));
    command.bid = command.ask = *Price::parse(at);
    gateway.command(command);
  };
  const std::uint32_t account = gateway.state().accounts.find("ALPHA-1");
  const auto state = [&] { return gateway.state().risk.own_state(Scope::kAccount, account); };
  quote("EUR/USD", "1.0700");  // 30,100 lost
  EXPECT_EQ(state(), order::ScopeState::kReduceOnly);
  order::SetScopeState lift;
  lift.scope = Scope::kAccount;
  lift.id = account;
  lift.state = order::ScopeState::kActive;
  lift.user = order::UserText("risk1");
  lift.reason = order::ReasonText("looked into");
  gateway.command(lift);
  ASSERT_EQ(state(), order::ScopeState::kActive);
  quote("USD/JPY", "151");
  EXPECT_EQ(state(), order::ScopeState::kReduceOnly);
}

}  // namespace
}  // namespace portcullis::gateway
