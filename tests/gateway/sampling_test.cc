#include "gateway/sampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "order/evidence.h"
#include "tests/gateway/fixture.h"

// Whoever states a limit on sums tells what is used of it, whoever was nearest to a decision; no tick has much to do.

namespace portcullis::gateway {
namespace {

using order::Control;
using order::Scope;
using testing::Gateway;

struct Sample {
  order::ExposureSampled event;
  std::vector<order::CheckResult> uses;
};

std::vector<Sample> samples_of(const Gateway& gateway, Scope scope, std::size_t from_record = 0) {
  std::vector<Sample> found;
  for (std::size_t i = from_record; i < gateway.records().size(); ++i) {
    RecordView::parse(gateway.records()[i])->for_each_event([&](const order::EventView& event) {
      if (event.type() != order::EventType::kExposureSampled) return;
      const auto sample = event.as<order::ExposureSampled>();
      if (sample.scope != scope) return;
      Sample& one = found.emplace_back(Sample{sample, {}});
      const std::span<const std::byte> tail = event.tail(sizeof(order::ExposureSampled));
      one.uses.resize(tail.size() / sizeof(order::CheckResult));
      std::memcpy(one.uses.data(), tail.data(), one.uses.size() * sizeof(order::CheckResult));
    });
  }
  return found;
}

const order::CheckResult* use_of(const Sample& sample, Control control) {
  const auto found = std::find_if(sample.uses.begin(), sample.uses.end(),
                                  [&](const order::CheckResult& use) { return use.control == control; });
  return found == sample.uses.end() ? nullptr : &*found;
}

config::ScopeLimits gross_of(std::string id, std::int64_t most) {
  config::ScopeLimits scope{std::move(id), {}};
  scope.limits.max_gross_open_notional = Amount::of(most);
  return scope;
}

std::vector<testing::Sent> buy(Gateway& gateway, const std::string& id, const std::string& account = "ALPHA-1") {
  return gateway.from_client("alpha", "35=D|11=" + id + "|1=" + account +
                                          "|50=ann|55=EUR/USD|54=1|38=2000000|40=2|44=1.1010|60=20261123-12:00:00|");
}

// The firm is always the nearest: its own limit is the tightest of all.
config::Config stating_everywhere() {
  config::Config c = testing::small_configuration();
  c.risk.firm.max_gross_open_notional = Amount::of(10'000'000);
  c.clients[0].trader = config::TraderField::kSenderSubId;
  c.clients[0].group = "funds";
  c.risk.groups = {gross_of("funds", 900'000'000)};
  c.risk.accounts = {gross_of("ALPHA-1", 1'000'000'000)};
  c.risk.sessions = {gross_of("alpha", 800'000'000)};
  c.risk.traders = {gross_of("alpha/ann", 700'000'000)};
  c.risk.instruments = {gross_of("EUR/USD", 600'000'000)};
  c.risk.currencies = {gross_of("EUR", 500'000'000)};
  return c;
}

TEST(Sampling, EveryKindOfScopeThatStatesALimitTellsItsUse) {
  Gateway gateway(stating_everywhere());
  buy(gateway, "A1");
  gateway.pass(kSamplingPeriod);
  for (const Scope scope :
       {Scope::kGroup, Scope::kAccount, Scope::kSession, Scope::kTrader, Scope::kInstrument, Scope::kCurrency}) {
    const std::vector<Sample> told = samples_of(gateway, scope);
    ASSERT_EQ(told.size(), 1u) << order::to_string(scope) << ": who states no limit tells nothing";
    const order::CheckResult* const use = use_of(told[0], Control::kD2);
    ASSERT_NE(use, nullptr) << order::to_string(scope);
    EXPECT_EQ(use->usage, Amount::of(2'200'000).raw());
    EXPECT_GE(use->limit, Amount::of(500'000'000).raw()) << "its own limit, not the firm's";
    EXPECT_EQ(told[0].uses.size(), 1u) << "of the limits that it states itself";
  }
}

TEST(Sampling, AScopeTellsAgainOnceSomethingHasMovedItAndOnceADay) {
  Gateway gateway(stating_everywhere());
  const auto told = [&] { return samples_of(gateway, Scope::kAccount).size(); };
  gateway.command(order::RollDay{20'780});
  gateway.pass(Duration::seconds(60));
  EXPECT_EQ(told(), 0u) << "nothing has ever been decided";
  const testing::Sent order = Gateway::only(buy(gateway, "A1"), "D");
  gateway.pass(kSamplingPeriod);
  EXPECT_EQ(told(), 1u);
  gateway.pass(kSamplingPeriod);
  gateway.pass(Duration::seconds(3'600));
  EXPECT_EQ(told(), 1u) << "nothing has moved it";
  buy(gateway, "A2", "ALPHA-2");
  gateway.pass(kSamplingPeriod);
  EXPECT_EQ(told(), 1u) << "it was another account";
  gateway.from_broker("northbank",
                      "35=8|37=N1|11=" + order[11] + "|17=E1|150=4|39=4|55=EUR/USD|54=1|38=2000000|14=0|151=0|6=0|");
  gateway.pass(kSamplingPeriod);
  ASSERT_EQ(told(), 2u);
  EXPECT_EQ(use_of(samples_of(gateway, Scope::kAccount)[1], Control::kD2)->usage, 0);
  gateway.command(order::RollDay{20'781});
  gateway.pass(kSamplingPeriod);
  gateway.pass(kSamplingPeriod);
  EXPECT_EQ(told(), 3u) << "each day has the limit in its report, whether anything is used of it or not";
}

TEST(Sampling, ALimitOfOneInstrumentTellsWhatIsUsedThere) {
  config::Config c = testing::small_configuration();
  config::LimitSet crossed;
  crossed.max_long_position = Quantity::of(50'000'000);
  c.risk.accounts = {config::ScopeLimits{"ALPHA-1", {}}};
  c.risk.accounts[0].instruments = {{"EUR/USD", crossed}};
  Gateway gateway(c);
  buy(gateway, "A1");
  gateway.pass(kSamplingPeriod);
  const std::vector<Sample> told = samples_of(gateway, Scope::kAccount);
  ASSERT_EQ(told.size(), 1u);
  const order::CheckResult* const use = use_of(told[0], Control::kD3);
  ASSERT_NE(use, nullptr);
  EXPECT_EQ(use->usage, Quantity::of(2'000'000).raw());
  EXPECT_EQ(use->limit, Quantity::of(50'000'000).raw());
}

// A firm of many accounts: each slot a few of them, each of them once, in a time that follows from their number.
TEST(Sampling, ATickLooksAtFewOfManyAccountsAndAllHaveTheirTurn) {
  constexpr std::size_t kAccounts = 9'000;
  config::Config c = testing::small_configuration();
  for (std::size_t i = 0; i < kAccounts; ++i) {
    const std::string name = "M-" + std::to_string(i);
    c.clients[0].accounts.push_back(name);
    c.risk.accounts.push_back(gross_of(name, 1'000'000'000));
  }
  Gateway gateway(c);
  buy(gateway, "A1", "M-7");
  std::map<std::uint32_t, int> times;
  // Accounts, sessions, instruments and currencies are looked at in one round.
  constexpr std::size_t kSlots = (kAccounts + 100) / kOthersPerSlot + 1;
  static_assert(kSlots > 250, "more than a period of clients takes");
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    const std::size_t before = gateway.records().size();
    gateway.pass(kSamplingSlot);
    const std::vector<Sample> told = samples_of(gateway, Scope::kAccount, before);
    ASSERT_LE(told.size(), kOthersPerSlot) << "in one slot";
    for (const Sample& sample : told) ++times[sample.event.id];
  }
  for (std::size_t tick = 0; tick < 2 * kSlots; ++tick) gateway.pass(Duration::milliseconds(20));
  EXPECT_EQ(samples_of(gateway, Scope::kAccount).size(), kAccounts) << "each is told once, since nothing moves them";
  EXPECT_GT(times.size(), kAccounts * 9 / 10) << "most of them in the first round";
}

TEST(Sampling, AStartForgetsWhatWasToldSoThatAllStartsTellTheSame) {
  Gateway gateway(stating_everywhere());
  buy(gateway, "A1");
  gateway.pass(kSamplingPeriod);
  const auto started = [](Gateway next) {
    next.restart();
    next.pass(kSamplingPeriod);
    next.pass(kSamplingPeriod);
    return samples_of(next, Scope::kAccount).size();
  };
  EXPECT_EQ(started(Gateway::recovered_from(gateway)), 1u);
  EXPECT_EQ(started(Gateway::folded_from(gateway, gateway.records())), 1u);
}

// Clients that have not changed cost no tick more than a bounded look at them; the firm ends the round all the same.
TEST(Sampling, ARoundOfManyClientsTakesSeveralTicks) {
  config::Config c = testing::small_configuration();
  for (int i = 0; i < 1'000; ++i) {
    config::Client client = c.clients[0];
    client.id = "client" + std::to_string(i);
    client.comp_id = "CLIENT" + std::to_string(i);
    client.accounts = {"C-" + std::to_string(i)};
    c.clients.push_back(client);
  }
  Gateway gateway(c);
  const auto ticks_of_a_round = [&] {
    const std::size_t before = samples_of(gateway, Scope::kFirm).size();
    int ticks = 0;
    for (; samples_of(gateway, Scope::kFirm).size() == before && ticks < 20; ++ticks) {
      gateway.pass(Duration::milliseconds(20));
    }
    return ticks;
  };
  ticks_of_a_round();
  buy(gateway, "A1");
  gateway.pass(kSamplingPeriod);
  const int ticks = ticks_of_a_round();
  EXPECT_GE(ticks, 3) << "256 scopes a step";
  EXPECT_LT(ticks, 6);
  EXPECT_EQ(samples_of(gateway, Scope::kFirm).back().event.open_orders, 1u);
}

}  // namespace
}  // namespace portcullis::gateway
