#include <gtest/gtest.h>

#include <algorithm>

#include "tests/gateway/fixture.h"

// Soft levels and losses of the scopes beside firm, client, account and broker: groups, sessions, traders, currencies.

namespace portcullis::gateway {
namespace {

using order::AlertCode;
using order::Scope;
using order::ScopeState;
using testing::Gateway;
using testing::Sent;

config::Config with_ann() {
  config::Config c = testing::small_configuration();
  c.clients[0].trader = config::TraderField::kSenderSubId;
  c.clients[0].group = "funds";
  c.risk.groups = {config::ScopeLimits{"funds", {}}};
  return c;
}

Sent buys(Gateway& gateway, std::string_view id, std::int64_t quantity = 1'000'000) {
  return Gateway::only(
      gateway.from_client("alpha", "35=D|50=ann|11=" + std::string(id) + "|1=ALPHA-1|55=EUR/USD|54=1|38=" +
                                       std::to_string(quantity) + "|40=2|44=1.11|60=20261123-12:00:00|"),
      "D");
}

bool told(const Gateway& gateway, AlertCode code, std::string_view text) {
  const auto& alerts = gateway.state().alerts;
  return std::any_of(alerts.begin(), alerts.end(), [&](const Alert& alert) {
    return alert.code == code && alert.text.view().find(text) != std::string_view::npos;
  });
}

TEST(ScopeLevels, ATradersLossLatchesWithTheExecutionThatMakesIt) {
  config::Config c = with_ann();
  config::LimitSet limits;
  limits.max_daily_loss = Amount::of(10'000);
  c.risk.traders = {config::ScopeLimits{"alpha/ann", limits}};
  Gateway gateway(c);
  const Sent order = buys(gateway, "A");
  // Bought at 1.11 while the bid is 1.0999.
  gateway.from_broker("northbank", "35=8|37=N|11=" + order[11] +
                                       "|17=E1|150=F|39=2|55=EUR/USD|54=1|38=1000000|32=1000000|31=1.11|14=1000000|151=0|6=1.11|");
  EXPECT_EQ(gateway.state().risk.own_state(Scope::kTrader, 0), ScopeState::kReduceOnly);
  EXPECT_TRUE(told(gateway, AlertCode::kControlLatched, "E1: the day's loss of trader alpha/ann"));
  const Sent refused = Gateway::only(
      gateway.from_client("alpha", "35=D|50=ann|11=B|1=ALPHA-1|55=EUR/USD|54=1|38=1000|40=2|44=1.1|60=20261123-12:00:00|"),
      "8");
  EXPECT_NE(refused[58].find("state of the trader"), std::string::npos) << refused[58];
  Gateway::only(
      gateway.from_client("alpha", "35=D|50=bob|11=C|1=ALPHA-1|55=EUR/USD|54=1|38=1000|40=2|44=1.1|60=20261123-12:00:00|"),
      "D");
}

TEST(ScopeLevels, ATraderInheritsFromItsFirstOrderOnAndOnePersonMayTightenThat) {
  Gateway gateway(with_ann());
  buys(gateway, "A");
  const risk::Node& ann = gateway.state().risk.state().traders.at(0);
  EXPECT_EQ(ann.limits[config::Limit::kMaxOrderQuantity], Quantity::of(10'000'000).raw());
  order::RequestChange lower;
  lower.change.kind = order::ProposalKind::kLimits;
  lower.change.scope = Scope::kTrader;
  lower.change.maker = order::UserText("risk1");
  lower.change.maker_role = order::Role::kRisk;
  lower.change.reason = order::ReasonText("new here");
  lower.limits.emplace_back();
  lower.limits.front().limit = static_cast<std::uint16_t>(config::Limit::kMaxOrderQuantity);
  lower.limits.front().value = Quantity::of(1'000'000).raw();
  gateway.command(lower);
  EXPECT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().text;
  EXPECT_FALSE(gateway.last_outcome().proposal) << "it tightens";
  EXPECT_EQ(ann.limits[config::Limit::kMaxOrderQuantity], Quantity::of(1'000'000).raw());
}

TEST(ScopeLevels, EveryScopeThatStatesALimitIsToldOf) {
  config::Config c = with_ann();
  config::LimitSet limits;
  limits.max_gross_open_notional = Amount::of(2'000'000);
  c.risk.groups = {config::ScopeLimits{"funds", limits}};
  c.risk.traders = {config::ScopeLimits{"alpha/ann", limits}};
  c.risk.sessions = {config::ScopeLimits{"alpha", limits}};
  c.risk.currencies = {config::ScopeLimits{"EUR", limits}};
  Gateway gateway(c);
  buys(gateway, "A");  // 1.1m: 55 %
  for (const char* scope : {"group funds", "trader alpha/ann", "session alpha", "currency EUR"}) {
    EXPECT_TRUE(told(gateway, AlertCode::kLimitLevel, std::string(scope) + " has used 50 % of max_gross_open_notional"))
        << scope;
  }
}

// A report that moves nothing is of its own order's value date, though the last that moved was of another.
TEST(ScopeLevels, WhatSettlesIsOfTheOrdersOwnValueDate) {
  config::Config c = testing::small_configuration();
  config::LimitSet limits;
  limits.max_daily_settlement = Amount::of(2'300'000);
  c.risk.accounts = {config::ScopeLimits{"ALPHA-1", limits}};
  Gateway gateway(c);
  const auto order = [&](std::string_view id, std::string_view quantity, std::string_view settles) {
    return Gateway::only(gateway.from_client("alpha", "35=D|11=" + std::string(id) + "|1=ALPHA-1|55=EUR/USD|54=1|38=" +
                                                          std::string(quantity) + "|40=2|44=1.1|" + std::string(settles) +
                                                          "60=20261123-12:00:00|"),
                         "D");
  };
  const Sent spot = order("A", "1000000", "");  // 1.1m: 48 %
  order("B", "1000", "64=20261223|");
  order::SetRate rate;
  rate.currency = gateway.state().risk.state().instruments[0].base;
  rate.rate = *Rate::parse("1.2");  // 1.2m: 52 %
  rate.user = order::UserText("feed");
  gateway.command(rate);
  order("C", "1000", "64=20261223|");
  constexpr std::string_view kText = "account ALPHA-1 has used 50 % of max_daily_settlement";
  EXPECT_FALSE(told(gateway, AlertCode::kLimitLevel, kText));
  gateway.from_broker("northbank", "35=8|37=N|11=" + spot[11] + "|17=E1|150=0|39=0|55=EUR/USD|54=1|38=1000000|14=0|151=1000000|6=0|");
  EXPECT_TRUE(told(gateway, AlertCode::kLimitLevel, kText));
}

// A report that moves nothing leaves its scopes' marks those of older rates.
TEST(ScopeLevels, WhatARateHasMovedIsToldOfWithTheNextReportThoughThatMovesNothing) {
  config::Config c = testing::small_configuration();
  config::LimitSet limits;
  limits.max_net_open_position = Amount::of(2'300'000);
  c.risk.accounts = {config::ScopeLimits{"ALPHA-1", limits}};
  Gateway gateway(c);
  const Sent order = buys(gateway, "A");  // 1.1m: 48 %
  constexpr std::string_view kText = "account ALPHA-1 has used 50 % of max_net_open_position";
  EXPECT_FALSE(told(gateway, AlertCode::kLimitLevel, kText));
  order::SetRate rate;
  rate.currency = gateway.state().risk.state().instruments[0].base;
  rate.rate = *Rate::parse("1.2");  // 1.2m: 52 %
  rate.user = order::UserText("feed");
  gateway.command(rate);
  gateway.from_broker("northbank", "35=8|37=N|11=" + order[11] + "|17=E1|150=0|39=0|55=EUR/USD|54=1|38=1000000|14=0|151=1000000|6=0|");
  EXPECT_TRUE(told(gateway, AlertCode::kLimitLevel, kText));
}

// A derived rate moves with its quote: what the day's profit was between the two is no peak.
TEST(ScopeLevels, TheDaysPeakIsOfQuotesAndTheRatesThatFollowFromThemTogether) {
  config::Config c = testing::small_configuration();
  config::Instrument cross;
  cross.symbol = "EUR/GBP";
  cross.base = "EUR";
  cross.term = "GBP";
  cross.price_tick = *Price::parse("0.00001");
  cross.quantity_min = Quantity::of(1'000);
  c.instruments.push_back(cross);
  std::erase_if(c.reference.rates, [](const config::ReferenceRate& rate) { return rate.currency == "GBP"; });
  c.reference.quotes.push_back({"EUR/GBP", *Price::parse("0.88"), *Price::parse("0.88")});
  c.reference.quotes[1].bid = c.reference.quotes[1].ask = *Price::parse("1.25");
  Gateway gateway(c);
  const auto trades = [&](std::string_view symbol, std::string_view side, std::string_view price) {
    static int ids = 0;
    const std::string id = std::to_string(++ids);
    const Sent order = Gateway::only(
        gateway.from_client("alpha", "35=D|11=T" + id + "|1=ALPHA-1|55=" + std::string(symbol) + "|54=" + std::string(side) +
                                         "|38=1000000|40=2|44=" + std::string(price) + "|60=20261123-12:00:00|"),
        "D");
    gateway.from_broker(order.session, "35=8|37=N" + id + "|11=" + order[11] + "|17=X" + id + "|150=F|39=2|55=" +
                                           std::string(symbol) + "|54=" + std::string(side) +
                                           "|38=1000000|32=1000000|31=" + std::string(price) + "|14=1000000|151=0|6=1|");
  };
  // GBP/USD long gains by what EUR/GBP has lost in GBP when GBP rises.
  trades("GBP/USD", "1", "1.25");
  trades("EUR/GBP", "1", "0.89");  // -10,000 GBP at 0.88
  const risk::Node& account = gateway.state().risk.state().accounts[0];
  const Amount peak = account.profit.peak();
  order::SetQuote quote;
  quote.instrument = order::InstrumentId(gateway.state().instruments.find("GBP/USD"));
  quote.bid = quote.ask = *Price::parse("1.27");
  gateway.command(quote);
  // +20,000 USD, and -10,000 GBP at 1.27; between the two there stood -12,500.
  EXPECT_EQ(account.profit.total(), Amount::of(7'300));
  EXPECT_EQ(account.profit.peak(), std::max(peak, Amount::of(7'300)));
}

}  // namespace
}  // namespace portcullis::gateway
