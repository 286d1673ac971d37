#include "gateway/shadow.h"

#include <gtest/gtest.h>

#include "order/evidence.h"
#include "tests/gateway/fixture.h"

namespace portcullis::gateway {
namespace {

using testing::Gateway;

std::string order_text(const std::string& id, const std::string& quantity) {
  return "35=D|11=" + id + "|55=EUR/USD|54=1|38=" + quantity + "|40=2|44=1.1010|60=20261123-12:00:00|";
}

config::Config with_shadow() {
  config::Config configuration = testing::small_configuration();
  config::RiskSection& shadow = configuration.risk.shadow.emplace_back();
  shadow.clients.push_back({"alpha", {}});
  shadow.clients.front().limits.max_gross_open_notional = Amount::of(6'000'000);
  shadow.firm.max_order_quantity = Quantity::of(20'000'000);
  shadow.firm.max_order_notional = Amount::of(30'000'000);
  return configuration;
}

std::vector<order::ShadowDecided> differences(const Gateway& gateway) {
  std::vector<order::ShadowDecided> found;
  for (const auto& content : gateway.records()) {
    RecordView::parse(content)->for_each_event([&](const order::EventView& event) {
      if (event.type() == order::EventType::kShadowDecided) found.push_back(event.as<order::ShadowDecided>());
    });
  }
  return found;
}

TEST(ShadowLimits, TellWhatTheyWouldRefuseAndLetItPass) {
  Gateway gateway(with_shadow());
  Gateway::only(gateway.from_client("alpha", order_text("A1", "4000000")), "D");
  EXPECT_TRUE(differences(gateway).empty());
  Gateway::only(gateway.from_client("alpha", order_text("A2", "3000000")), "D");
  const auto told = differences(gateway);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].live, order::RejectCode::kNone);
  EXPECT_EQ(told[0].shadow, order::RejectCode::kExposure);
  EXPECT_EQ(told[0].control, order::Control::kD2);
  EXPECT_EQ(told[0].check.scope, order::Scope::kClient);
  EXPECT_EQ(told[0].check.usage, Amount::of(4'400'000).raw()) << "what really happened counts";
  EXPECT_EQ(told[0].check.delta, Amount::of(3'300'000).raw());
  EXPECT_EQ(told[0].check.limit, Amount::of(6'000'000).raw());
  EXPECT_EQ(gateway.state().shadow_would_refuse, 1u);
}

TEST(ShadowLimits, TellWhatTheyWouldAcceptAndItStaysRefused) {
  Gateway gateway(with_shadow());
  Gateway::only(
      gateway.from_client("beta", "35=D|11=B1|21=1|55=EUR/USD|54=1|38=15000000|40=2|44=1.1010|60=20261123-12:00:00|"),
      "8");
  const auto told = differences(gateway);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].live, order::RejectCode::kNone);
  EXPECT_EQ(told[0].shadow, order::RejectCode::kNone);
  EXPECT_EQ(told[0].control, order::Control::kB1);
  EXPECT_EQ(gateway.state().shadow_would_accept, 1u);
  EXPECT_EQ(gateway.order(0).status, order::OrdStatus::kRejected);
}

TEST(ShadowLimits, ReplacesAreAskedToo) {
  Gateway gateway(with_shadow());
  const auto order = Gateway::only(gateway.from_client("alpha", order_text("A1", "4000000")), "D");
  gateway.from_broker(
      "northbank", "35=8|37=N1|11=" + order[11] + "|17=E0|150=0|39=0|55=EUR/USD|54=1|38=4000000|14=0|151=4000000|6=0|");
  gateway.from_client("alpha", "35=G|11=R1|41=A1|55=EUR/USD|54=1|38=8000000|40=2|44=1.1010|60=20261123-12:00:00|");
  const auto told = differences(gateway);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].msg_type, 'G');
}

TEST(ShadowLimits, AnOperatorsLimitCountsWhereTheShadowStatesNone) {
  Gateway gateway(with_shadow());
  order::SetLimit lower;
  lower.scope = order::Scope::kFirm;
  lower.limit = static_cast<std::uint16_t>(config::Limit::kMaxOpenOrders);
  lower.value = 0;
  gateway.command(lower);
  gateway.from_client("alpha", order_text("A1", "1000000"));
  EXPECT_TRUE(differences(gateway).empty()) << "both refuse it now";
  lower.limit = static_cast<std::uint16_t>(config::Limit::kMaxOpenOrders);
  lower.value = 1000;
  gateway.command(lower);
  lower.limit = static_cast<std::uint16_t>(config::Limit::kMaxOrderQuantity);
  lower.value = Quantity::of(1'000).raw();
  gateway.command(lower);
  gateway.from_client("alpha", order_text("A2", "1000000"));
  ASSERT_EQ(differences(gateway).size(), 1u) << "the shadow keeps its own";
  EXPECT_EQ(gateway.state().shadow_would_accept, 1u);
}

TEST(ShadowLimits, WithoutTheSectionThereAreNone) {
  Gateway gateway;
  gateway.from_client("alpha", order_text("A1", "4000000"));
  EXPECT_TRUE(differences(gateway).empty());
}

TEST(ShadowLimits, TheSameAfterARestartFromASnapshot) {
  Gateway before(with_shadow());
  before.from_client("alpha", order_text("A1", "4000000"));
  Gateway after = Gateway::recovered_from(before);
  after.restart();
  after.log_on("alpha", false);
  after.log_on("northbank", true);
  after.drained("northbank");
  after.pass(Duration::seconds(11));
  after.from_client("alpha", order_text("A2", "3000000"));
  const auto told = differences(after);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].check.usage, Amount::of(4'400'000).raw());
}

std::vector<order::ExposureSampled> samples(const Gateway& gateway) {
  std::vector<order::ExposureSampled> found;
  for (const auto& content : gateway.records()) {
    RecordView::parse(content)->for_each_event([&](const order::EventView& event) {
      if (event.type() == order::EventType::kExposureSampled) found.push_back(event.as<order::ExposureSampled>());
    });
  }
  return found;
}

TEST(Sampling, TellsWhatHasChangedAndThenNothing) {
  Gateway gateway;
  gateway.pass(Duration::seconds(20));
  const std::size_t quiet = samples(gateway).size();
  gateway.from_client("alpha", order_text("A1", "4000000"));
  gateway.pass(Duration::seconds(10));
  const auto told = samples(gateway);
  ASSERT_EQ(told.size(), quiet + 3) << "the client, the broker and the firm, not beta and southbank";
  EXPECT_EQ(told[quiet].scope, order::Scope::kClient);
  EXPECT_EQ(told[quiet + 1].scope, order::Scope::kBroker);
  EXPECT_EQ(told[quiet + 2].scope, order::Scope::kFirm);
  EXPECT_EQ(told[quiet + 2].gross_open, Amount::of(4'400'000));
  EXPECT_EQ(told[quiet + 2].open_orders, 1u);
  EXPECT_EQ(told[quiet + 2].net_open_position, Amount::of(4'400'000));
  gateway.pass(Duration::seconds(3600));
  EXPECT_EQ(samples(gateway).size(), told.size()) << "an idle gateway writes nothing";
}

}  // namespace
}  // namespace portcullis::gateway
