#include "app/start_positions.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/app/positions_signature.h"
#include "tests/gateway/fixture.h"

// What a file of start-of-day positions says, who has signed it, and what is wrong with one that cannot be used.

namespace portcullis::app {
namespace {

using gateway::testing::Gateway;

constexpr const char* kKey = "the key that the back office signs with";

std::string signature_of(const std::string& text, const std::string& key = kKey) {
  return testing::positions_signature(text, key);
}

class StartPositionsFile : public ::testing::Test {
 protected:
  StartPositionsFile() { configuration.admin.positions_key = config::Secret(kKey); }
  order::StartPositions read(const std::string& text) const { return read(text, signature_of(text)); }
  order::StartPositions read(const std::string& text, const std::string& signature) const {
    return read_start_positions(text, signature, configuration, gateway.state());
  }

  config::Config configuration = gateway::testing::small_configuration();
  Gateway gateway;
};

const std::string kHeads = "start-of-day positions,LDN1,2026-11-27\naccount,symbol,quantity,price\n";

TEST_F(StartPositionsFile, SaysWhatIsHeld) {
  const order::StartPositions file = read(kHeads + "ALPHA-1,EUR/USD,-1500000,1.09985\r\nBETA-1,USD/JPY,0,\n");
  ASSERT_EQ(file.fault.view(), "");
  EXPECT_EQ(Date::from_days(file.trade_date).to_iso(), "2026-11-27");
  ASSERT_EQ(file.lines.size(), 2u);
  EXPECT_EQ(file.lines[0].account.value(), gateway.state().accounts.find("ALPHA-1"));
  EXPECT_EQ(file.lines[0].instrument.value(), gateway.state().instruments.find("EUR/USD"));
  EXPECT_EQ(file.lines[0].quantity, Quantity::of(-1'500'000));
  EXPECT_EQ(file.lines[0].price, *Price::parse("1.09985"));
  EXPECT_TRUE(file.lines[1].quantity.is_zero());
  EXPECT_TRUE(file.lines[1].price.is_zero());
  EXPECT_EQ(file.digest.view().size(), std::string("sha256 ").size() + 64);
  EXPECT_EQ(read(kHeads).fault.view(), "") << "a day that begins flat";
}

TEST_F(StartPositionsFile, IsReadOnlyWhenItIsSigned) {
  const std::string text = kHeads + "ALPHA-1,EUR/USD,1,1.1\n";
  const std::string wrong = "its signature is not that of this file under admin.positions_key";
  for (const std::string& signature : {std::string(), std::string("00"), std::string(64, '0'), signature_of(text + " "),
                                       signature_of(text, "another key of somebody who is not asked")}) {
    const order::StartPositions file = read(text, signature);
    EXPECT_EQ(file.fault.view(), wrong) << signature;
    EXPECT_TRUE(file.lines.empty());
  }
  // As openssl prints it.
  EXPECT_EQ(read(text, "HMAC-SHA2-256(positions.csv)= " + signature_of(text) + "\n").fault.view(), "");
  configuration.admin.positions_key.reset();
  EXPECT_EQ(read(text).fault.view(), "no file can be checked without admin.positions_key");
}

TEST_F(StartPositionsFile, AFaultHasItsLineAndWhatWasExpected) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "it has no heads, the gateway with its trade date and the names of columns"},
      {"positions\n", "line 1: 'start-of-day positions,GATEWAY,DATE' was expected"},
      {"start-of-day positions,NYC1,2026-11-27\n", "line 1: it is for another gateway; LDN1 was expected"},
      {"start-of-day positions,LDN1,27.11.2026\n", "line 1: its date is none; one such as 2026-11-27 was expected"},
      {"start-of-day positions,LDN1,2026-11-27\naccount;symbol\n",
       "line 2: 'account,symbol,quantity,price' was expected"},
      {kHeads + "ALPHA-1,EUR/USD,1\n", "line 3: an account, a symbol, a quantity and a price were expected"},
      {kHeads + "NOBODY,EUR/USD,1,1.1\n", "line 3: no account is called NOBODY"},
      {kHeads + "ALPHA-1,EUR/CHF,1,1.1\n", "line 3: no instrument is called EUR/CHF"},
      {kHeads + "ALPHA-1,EUR/USD,1e6,1.1\n", "line 3: the quantity of ALPHA-1 in EUR/USD is no number of base units"},
      {kHeads + "ALPHA-1,EUR/USD,1,-1.1\n", "line 3: the price of ALPHA-1 in EUR/USD is none"},
      {kHeads + "ALPHA-1,EUR/USD,1,1.1\nALPHA-1,EUR/USD,2,1.1\n", "line 4: ALPHA-1 in EUR/USD a second time"},
      {kHeads + "\n", "line 3: an account, a symbol, a quantity and a price were expected"},
  };
  for (const auto& [text, fault] : cases) EXPECT_EQ(read(text).fault.view(), fault) << text;
  EXPECT_EQ(read(std::string(kMaxPositionsText + 1, 'x')).fault.view(), "it is longer than 262144 bytes");
}

}  // namespace
}  // namespace portcullis::app
