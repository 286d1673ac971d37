#include "gateway/start_positions.h"

#include <gtest/gtest.h>

#include "tests/gateway/fixture.h"

// Start-of-day positions take the place of what is held: all of a file, or nothing of it and an alert.

namespace portcullis::gateway {
namespace {

using order::StartPositions;
using testing::Gateway;
using testing::Sent;

constexpr std::int32_t kDay = 20'780;  // 2026-11-23

class StartOfDay : public ::testing::Test {
 protected:
  StartOfDay() {
    gateway.command(order::RollDay{kDay - 1});
    fill("A1", "ALPHA-1", "1", "5000000", "1.1");
    fill("A2", "ALPHA-2", "2", "2000000", "1.1");
    gateway.command(order::RollDay{kDay});
  }

  void fill(const std::string& id, const std::string& account, const std::string& side, const std::string& quantity,
            const std::string& price) {
    const Sent order = Gateway::only(
        gateway.from_client("alpha", "35=D|11=" + id + "|1=" + account + "|55=EUR/USD|54=" + side + "|38=" + quantity +
                                         "|40=2|44=" + price + "|60=20261123-12:00:00|"),
        "D");
    gateway.from_broker("northbank", "35=8|37=N" + id + "|11=" + order[11] + "|17=E" + id +
                                         "|150=F|39=2|55=EUR/USD|54=" + side + "|38=" + quantity + "|32=" + quantity +
                                         "|31=" + price + "|14=" + quantity + "|151=0|6=" + price + "|");
  }
  StartPositions::Line line(std::string_view account, std::string_view symbol, std::int64_t quantity,
                            std::string_view price = "1.1") const {
    return {order::AccountId(gateway.state().accounts.find(account)),
            order::InstrumentId(gateway.state().instruments.find(symbol)), Quantity::of(quantity),
            *Price::parse(price)};
  }
  StartPositions file(std::vector<StartPositions::Line> lines) const {
    StartPositions file;
    file.trade_date = kDay;
    file.lines = std::move(lines);
    file.user = order::UserText("unix:ops");
    file.digest = order::ReasonText("sha256 00");
    return file;
  }
  const risk::Exposure& sums(std::string_view account) const {
    return gateway.state().risk.state().find(order::Scope::kAccount, gateway.state().accounts.find(account))->exposure;
  }
  Quantity position(std::string_view account, std::string_view symbol = "EUR/USD") const {
    return sums(account).of(order::InstrumentId(gateway.state().instruments.find(symbol))).position;
  }
  Quantity firms(std::string_view symbol = "EUR/USD") const {
    return gateway.state()
        .risk.state()
        .firm.exposure.of(order::InstrumentId(gateway.state().instruments.find(symbol)))
        .position;
  }
  void refused(const StartPositions& file, Refusal refusal, std::string_view why) {
    const std::size_t alerts = gateway.state().alerts.size();
    gateway.command(file);
    ASSERT_TRUE(gateway.last_outcome().reject) << why;
    EXPECT_EQ(gateway.last_outcome().refusal, refusal) << why;
    EXPECT_EQ(gateway.last_outcome().text, "the file was refused and nothing has changed: " + std::string(why));
    EXPECT_EQ(position("ALPHA-1"), Quantity::of(5'000'000));
    EXPECT_EQ(position("ALPHA-2"), Quantity::of(-2'000'000));
    ASSERT_EQ(gateway.state().alerts.size(), alerts + 1);
    EXPECT_EQ(gateway.state().alerts.back().code, order::AlertCode::kStartPositions);
    EXPECT_EQ(gateway.state().alerts.back().severity, order::Severity::kCritical);
  }

  Gateway gateway;
};

TEST_F(StartOfDay, AFileTakesThePlaceOfWhatIsHeld) {
  gateway.command(file({line("ALPHA-1", "EUR/USD", 3'000'000), line("ALPHA-2", "EUR/USD", 0),
                        line("BETA-1", "EUR/USD", -1'000'000), line("BETA-1", "USD/JPY", 500'000, "150")}));
  EXPECT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().text;
  EXPECT_EQ(gateway.last_outcome().text, "4 positions are as the file says; 4 of them were not before");
  EXPECT_EQ(position("ALPHA-1"), Quantity::of(3'000'000));
  EXPECT_EQ(position("ALPHA-2"), Quantity());
  EXPECT_EQ(position("BETA-1"), Quantity::of(-1'000'000));
  EXPECT_EQ(position("BETA-1", "USD/JPY"), Quantity::of(500'000));
  EXPECT_EQ(firms(), Quantity::of(2'000'000));
  // Nothing was traded, and sums add up: what the file has moved is of no broker.
  EXPECT_EQ(sums("ALPHA-1").traded_notional(), Amount());
  EXPECT_FALSE(gateway.state().risk.verify());
  EXPECT_EQ(gateway.state().alerts.back().severity, order::Severity::kInfo);

  // The same from a snapshot and from the journal.
  EXPECT_EQ(Gateway::recovered_from(gateway).state().risk.state().firm.exposure.of(order::InstrumentId(0)).position,
            Quantity::of(2'000'000));
  EXPECT_EQ(Gateway::folded_from(gateway, gateway.records())
                .state()
                .risk.state()
                .firm.exposure.of(order::InstrumentId(0))
                .position,
            Quantity::of(2'000'000));

  // And once more: nothing is left to change.
  gateway.command(file({line("ALPHA-1", "EUR/USD", 3'000'000, "0"), line("BETA-1", "EUR/USD", -1'000'000, "0"),
                        line("BETA-1", "USD/JPY", 500'000, "0")}));
  EXPECT_EQ(gateway.last_outcome().text, "3 positions are as the file says; 0 of them were not before");
}

TEST_F(StartOfDay, LimitsAreAskedOnThePositionsOfTheFile) {
  gateway.command(file({line("ALPHA-1", "EUR/USD", 199'000'000), line("ALPHA-2", "EUR/USD", 0)}));
  ASSERT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().text;
  const auto buy = [&](const char* id, const char* quantity) {
    return gateway.from_client("alpha", "35=D|11=" + std::string(id) + "|1=ALPHA-1|55=EUR/USD|54=1|38=" + quantity +
                                            "|40=2|44=1.1|60=20261123-12:00:00|");
  };
  EXPECT_EQ(Gateway::only(buy("B1", "1000001"), "8")[58].substr(0, 9), "RISK-7 D3");
  EXPECT_EQ(Gateway::only(buy("B2", "1000000"), "D")[38], "1000000");
}

TEST_F(StartOfDay, AWrongFileIsRefusedWhole) {
  const std::vector<StartPositions::Line> good = {line("ALPHA-1", "EUR/USD", 1), line("ALPHA-2", "EUR/USD", 1)};
  StartPositions stale = file(good);
  stale.trade_date = kDay - 1;
  refused(stale, Refusal::kStale, "it is of 2026-11-22, and the trade date is 2026-11-23");
  StartPositions unsigned_one = file(good);
  unsigned_one.fault = order::ReasonText("its signature is not that of this file under admin.positions_key");
  refused(unsigned_one, Refusal::kInvalid, "its signature is not that of this file under admin.positions_key");
  refused(file({good[0]}), Refusal::kConflict,
          "ALPHA-2 in EUR/USD holds -2000000, and the file has no line of it; a line with 0 says that it is gone");
  refused(file({good[0], line("ALPHA-2", "EUR/USD", 7, "0")}), Refusal::kInvalid,
          "no price for what changes of ALPHA-2 in EUR/USD, where one was expected");
  StartPositions::Line unknown = good[1];
  unknown.instrument = order::InstrumentId(99);
  refused(file({good[0], unknown}), Refusal::kUnknown, "an account or an instrument that there is not");
  StartPositions::Line broken = good[1];
  broken.quantity = *Quantity::parse("0.005");
  refused(file({good[0], broken}), Refusal::kInvalid, "the position of ALPHA-2 in EUR/USD is off the grid of 0.01");
}

// Example 25 of the specification leaves -4,997,728.31 EUR, which is no multiple of a step of 1.
TEST_F(StartOfDay, APositionIsAnAmountOfTheBaseCurrencyWhateverTheStepOfOrders) {
  gateway.command(file({line("ALPHA-1", "EUR/USD", 5'000'000, "0"),
                        line("ALPHA-2", "EUR/USD", -2'000'000, "0"),
                        {order::AccountId(gateway.state().accounts.find("BETA-1")), order::InstrumentId(0),
                         *Quantity::parse("-4997728.31"), *Price::parse("1.1")}}));
  EXPECT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().text;
  EXPECT_EQ(position("BETA-1"), *Quantity::parse("-4997728.31"));
}

TEST_F(StartOfDay, IsOverWithTheFirstExecution) {
  gateway.from_client("beta", "35=D|11=B1|1=BETA-1|21=1|55=EUR/USD|54=1|38=1000|40=2|44=1.1|60=20261123-12:00:00|");
  gateway.command(file({line("ALPHA-1", "EUR/USD", 5'000'000), line("ALPHA-2", "EUR/USD", -2'000'000)}));
  EXPECT_FALSE(gateway.last_outcome().reject) << "an open order is no execution: " << gateway.last_outcome().text;
  fill("A3", "ALPHA-1", "1", "1000", "1.1");
  gateway.command(file({line("ALPHA-1", "EUR/USD", 1), line("ALPHA-2", "EUR/USD", 1)}));
  EXPECT_TRUE(gateway.last_outcome().reject);
  EXPECT_EQ(position("ALPHA-1"), Quantity::of(5'001'000));
  EXPECT_EQ(
      gateway.last_outcome().text,
      "the file was refused and nothing has changed: something has been executed today already; it is taken before "
      "the first execution");
}

}  // namespace
}  // namespace portcullis::gateway
