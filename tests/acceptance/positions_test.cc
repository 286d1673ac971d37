// `portcullis positions`: a signed file of start-of-day positions, given to the running gateway.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "tests/acceptance/broker_peer.h"
#include "tests/acceptance/live_gateway.h"
#include "tests/app/positions_signature.h"

namespace portcullis::acceptance {
namespace {

using app::testing::positions_signature;

class Positions : public testing::Test {
 protected:
  void SetUp() override {
    LiveSettings settings;
    settings.clients = {{"alpha", "FIX.4.4", ""}};
    gateway = std::make_unique<LiveGateway>(settings);
    std::string text = gateway->text(settings);
    const std::string admin = "\nadmin:\n";
    key = "a-key-of-the-back-office-of-many-characters";
    text.insert(text.find(admin) + admin.size(), "  positions_key: \"" + key + "\"\n");
    gateway->write_configuration(text);
    gateway->start();
    // The day that the gateway is in, by its own log.
    const std::size_t at = gateway->wait_for_log("\"trade_date\":\"", Duration::seconds(20));
    ASSERT_NE(at, std::string::npos) << gateway->log();
    date = gateway->log().substr(at + 14, 10);
  }
  int give(const std::string& text, const std::string& signature, std::string& output) {
    std::ofstream(gateway->path("positions.csv"), std::ios::binary) << text;
    std::ofstream(gateway->path("positions.hmac")) << signature << "\n";
    return gateway->run({"positions", "--config", gateway->configuration(), "--file", gateway->path("positions.csv"),
                         "--signature", gateway->path("positions.hmac")},
                        output);
  }
  std::string exposures() { return gateway->rest("GET", "/api/v1/exposures", "VIEWER").body; }
  std::string alerts() { return gateway->rest("GET", "/api/v1/alerts", "VIEWER").body; }

  std::unique_ptr<LiveGateway> gateway;
  std::string key, date;
};

TEST_F(Positions, ASignedFileTakesThePlaceOfWhatIsHeldAndSurvivesACrash) {
  const std::string text =
      "start-of-day positions,LIVE," + date + "\naccount,symbol,quantity,price\nalpha-1,EUR/USD,-1500000,1.1\n";
  std::string output;
  EXPECT_EQ(give(text, positions_signature(text, "a-key-that-the-gateway-has-not-of-many-characters"), output), 1);
  EXPECT_NE(output.find("its signature is not that of this file"), std::string::npos) << output;
  EXPECT_EQ(exposures().find("-1500000"), std::string::npos);
  EXPECT_NE(alerts().find("start_positions"), std::string::npos) << alerts();

  ASSERT_EQ(give(text, positions_signature(text, key), output), 0) << output;
  EXPECT_NE(exposures().find("\"-1500000\""), std::string::npos) << exposures();
  gateway->kill();
  gateway->start();
  EXPECT_NE(exposures().find("\"-1500000\""), std::string::npos) << exposures();
  EXPECT_EQ(gateway->log().find(key), std::string::npos) << "a secret stands in the log";
}

TEST_F(Positions, AFileOfAnotherDayIsRefused) {
  const std::string text =
      "start-of-day positions,LIVE,2001-01-01\naccount,symbol,quantity,price\nalpha-1,EUR/USD,5,1.1\n";
  std::string output;
  EXPECT_EQ(give(text, positions_signature(text, key), output), 1);
  EXPECT_NE(output.find("it is of 2001-01-01, and the trade date is " + date), std::string::npos) << output;
}

}  // namespace
}  // namespace portcullis::acceptance
