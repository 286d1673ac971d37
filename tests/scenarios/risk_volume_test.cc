#include "tests/scenarios/risk_desk.h"

// D7 in base units (max_daily_quantity): what was traded on the day and what is open, without netting.

namespace portcullis::scenarios {
namespace {

using gateway::testing::Sent;

config::Config with_swaps(config::SwapGross gross = config::SwapGross::kFar) {
  config::Config c = configuration_of_the_examples();
  c.risk.firm.order_types->insert(config::OrderType::kSwap);
  c.risk.swap_gross = gross;
  return c;
}

class DailyQuantity : public RiskDesk {
 protected:
  explicit DailyQuantity(config::Config configuration = with_swaps()) : RiskDesk(std::move(configuration)) {
    limit("account ALPHA-1", "max_daily_quantity", "10m");
  }
  // A swap that buys near at 1.1000 and sells far at 1.1050; empty when it was refused by D7.
  Ticket swaps(std::string_view near_qty, std::string_view far_qty) {
    const std::string id = "S" + std::to_string(++swaps_);
    const std::vector<Sent> sent =
        gateway.from_client("alpha", "35=D|11=" + id + "|1=ALPHA-1|55=EUR/USD|54=1|40=G|38=" + number(near_qty) +
                                         "|44=1.1000|192=" + number(far_qty) +
                                         "|640=1.1050|193=20261223|60=20261123-12:00:00|");
    Ticket ticket;
    if (sent.size() != 1 || sent[0].type() != "D") {
      EXPECT_TRUE(sent.size() == 1 && sent[0][58].find(" D7: ") != std::string::npos) << sent.at(0).bytes;
      return ticket;
    }
    return Ticket{id, sent[0][11], sent[0].session, "EUR/USD", sent[0][54], "", *Quantity::parse(number(near_qty)),
                  "1.1000", ""};
  }
  std::int64_t used() {
    const risk::Node& account = *gateway.state().risk.state().find(order::Scope::kAccount,
                                                                    index_of(order::Scope::kAccount, "ALPHA-1"));
    return *gateway.state().risk.used(account, config::Limit::kMaxDailyQuantity) / 1'000;
  }

 private:
  int swaps_ = 0;
};

TEST_F(DailyQuantity, D7_CountsASwapsFarLegThoughItsLegsNet) {
  const Ticket swap = swaps("6m", "6m");
  EXPECT_EQ(used(), 6'000'000) << "open";
  EXPECT_TRUE(swaps("5m", "5m").given.empty());
  reports(swap, "17=X1|150=F|39=1|32=4000000|31=1.1000|637=1.1050|14=4000000|151=2000000");
  EXPECT_EQ(used(), 6'000'000) << "4m of it done";
  reports(swap, "17=X2|19=X1|150=H|39=0|32=4000000|31=1.1000|14=0|151=6000000");
  EXPECT_EQ(used(), 6'000'000) << "and taken back";
  reports(swap, "150=4|39=4|14=0|151=0");
  EXPECT_EQ(used(), 0);
  EXPECT_FALSE(gateway.state().risk.verify());
}

TEST_F(DailyQuantity, D7_CountsTheFarLegOfAnUnevenSwap) {
  const Ticket swap = swaps("2m", "6m");
  EXPECT_EQ(used(), 6'000'000);
  fills(swap, "2m", "1.1000");
  shows("pos -4m, os 0");
  EXPECT_EQ(used(), 6'000'000) << "the position moved the other way; volume is volume";
  refused("buy 4,001,000", "D7", "3");
  places("buy 4m");
}

class DailyQuantityOfBothLegs : public DailyQuantity {
 protected:
  DailyQuantityOfBothLegs() : DailyQuantity(with_swaps(config::SwapGross::kBoth)) {}
};

TEST_F(DailyQuantityOfBothLegs, D7_CountsBothWhereTheConfigurationSaysSo) {
  const Ticket swap = swaps("3m", "5m");
  EXPECT_EQ(used(), 8'000'000);
  fills(swap, "3m", "1.1000");
  EXPECT_EQ(used(), 8'000'000);
  EXPECT_TRUE(swaps("1m", "1,001,000").given.empty());
}

TEST_F(DailyQuantity, D7_ABustOfYesterdaysFillMakesNoRoomToday) {
  const Ticket order = live("buy 8m 59=1");
  const std::string yesterday = fills(order, "5m", "1.1000");
  gateway.command(order::RollDay{gateway.state().trade_date + 1});
  fills(order, "3m", "1.1000");
  EXPECT_EQ(used(), 3'000'000);
  reports(order, "150=H|19=" + yesterday + "|39=1|32=5000000|31=1.1000|14=3000000|151=5000000");
  EXPECT_EQ(used(), 8'000'000) << "3m of today, 5m open again";
  reports(order, "150=4|39=4|14=3000000|151=0");
  EXPECT_EQ(used(), 3'000'000);
  refused("buy 7,001,000", "D7", "3");
  places("buy 7m");
}

TEST_F(DailyQuantity, D7_APositionThatTwoPersonsAdjustWasNotTraded) {
  order::RequestChange adjust;
  adjust.change.kind = order::ProposalKind::kAdjustPosition;
  adjust.change.id = index_of(order::Scope::kAccount, "ALPHA-1");
  adjust.change.instrument = order::InstrumentId(index_of(order::Scope::kInstrument, "EUR/USD"));
  adjust.change.quantity = Quantity::of(4'000'000);
  adjust.change.price = *Price::parse("1.1");
  adjust.change.maker = order::UserText("risk1");
  adjust.change.maker_role = order::Role::kRisk;
  adjust.change.reason = order::ReasonText("statement of the prime broker");
  gateway.command(adjust);
  ASSERT_TRUE(gateway.last_outcome().proposal);
  gateway.command(order::DecideProposal{*gateway.last_outcome().proposal, true, order::UserText("risk2"),
                                        order::Role::kRisk, order::ReasonText("seen")});
  shows("pos 4m");
  EXPECT_EQ(used(), 0);
}

TEST_F(DailyQuantity, D7_ABustOfACorrectionTakesAllOfItBack) {
  limit("account ALPHA-1", "max_daily_quantity", "5m");
  const Ticket order = live("buy 2m");
  const std::string execution = fills(order, "2m", "1.1000");
  reports(order, "17=X|150=G|19=" + execution + "|39=1|32=1500000|31=1.1000|14=1500000|151=500000");
  reports(order, "150=H|19=X|39=0|32=1500000|31=1.1000|14=0|151=2000000");
  refused("buy 3000001", "D7", "3");
  places("buy 3m");
}

}  // namespace
}  // namespace portcullis::scenarios
