#include <gtest/gtest.h>

#include "tests/gateway/fixture.h"

// What a broker's FIX version cannot carry is refused with the tag, never forwarded without it.

namespace portcullis::gateway {
namespace {

using testing::Gateway;
using testing::Sent;

TEST(Carry, AnOrderGoesToTheBrokerThatCanCarryIt) {
  Gateway gateway;
  // TargetStrategy(847) is in FIX 4.4's NewOrderSingle, not in 4.2's.
  const Sent order = Gateway::only(
      gateway.from_client(
          "alpha", "35=D|11=A|55=EUR/USD|54=1|38=5000|40=2|44=1.1010|60=20261123-12:00:00|847=1|18=1 G|110=1000|"),
      "D");
  EXPECT_EQ(order.session, "northbank");
  EXPECT_EQ(order[847], "1");
  EXPECT_EQ(order[18], "1 G");
  EXPECT_EQ(order[110], "1000");
}

TEST(Carry, RefusesWhatNoBrokerOfTheRouteCanCarry) {
  Gateway gateway;
  // USD/JPY goes to southbank only, which speaks FIX 4.2.
  const Sent refused = Gateway::only(
      gateway.from_client("alpha", "35=D|11=A|55=USD/JPY|54=1|38=5000|40=2|44=150.000|60=20261123-12:00:00|847=1|"),
      "8");
  EXPECT_EQ(refused[150], "8");
  EXPECT_EQ(refused[103], "11");
  EXPECT_NE(refused[58].find("847"), std::string::npos);
  const Sent order = Gateway::only(
      gateway.from_client("alpha", "35=D|11=B|55=USD/JPY|54=1|38=5000|40=2|44=150.000|60=20261123-12:00:00|110=1000|"),
      "D");
  EXPECT_EQ(order.session, "southbank");
  EXPECT_EQ(order[110], "1000");
}

TEST(Carry, TakesManualOrderIndicatorThereAndBackInBothVersions) {
  Gateway gateway;
  const auto there_and_back = [&](const char* client, const char* broker, const std::string& body) {
    const Sent order = Gateway::only(gateway.from_client(client, body + "60=20261123-12:00:00|1028=Y|"), "D");
    EXPECT_EQ(order.session, broker);
    EXPECT_EQ(order[1028], "Y") << broker;
    const Sent report = Gateway::only(
        gateway.from_broker(broker, "35=8|37=N1|11=" + order[11] + "|17=E1|20=0|150=0|39=0|55=" + order[55] +
                                        "|54=1|38=5000|14=0|151=5000|6=0|1028=N|"),
        "8");
    EXPECT_EQ(report[1028], "N") << client;
  };
  there_and_back("alpha", "northbank", "35=D|11=A|55=EUR/USD|54=1|38=5000|40=2|44=1.1010|");
  there_and_back("beta", "southbank", "35=D|11=A|21=1|55=USD/JPY|54=1|38=5000|40=2|44=150.000|");
}

TEST(Carry, RefusesWhatSaysWhichContractAndWhatItsPriceAndQuantityCount) {
  Gateway gateway;
  // southbank speaks FIX 4.2: no PriceType(423), no QtyType(854), and other values of PositionEffect(77).
  for (const char* const field : {"423=1", "854=1", "77=R"}) {
    const std::string order =
        "|55=USD/JPY|54=1|38=5000|40=2|44=150.000|60=20261123-12:00:00|" + std::string(field) + "|";
    const Sent refused = Gateway::only(gateway.from_client("alpha", "35=D|11=" + std::string(field) + order), "8");
    EXPECT_EQ(refused[103], "11") << field;
    EXPECT_NE(refused[58].find(std::string(field).substr(0, std::string(field).find('='))), std::string::npos);
  }
  EXPECT_EQ(Gateway::only(gateway.from_client("alpha",
                                              "35=D|11=A|55=USD/JPY|54=1|38=5000|40=2|44=150.000|"
                                              "60=20261123-12:00:00|77=C|"),
                          "D")[77],
            "C");
  // MaturityDay(205) is in FIX 4.2 alone.
  gateway.disconnect("southbank", true);
  EXPECT_EQ(Gateway::only(gateway.from_client("beta",
                                              "35=D|11=A|21=1|55=EUR/USD|54=1|38=5000|40=2|44=1.1010|"
                                              "60=20261123-12:00:00|205=15|"),
                          "8")[103],
            "0");
}

}  // namespace
}  // namespace portcullis::gateway
