// A session that may log on only once its client has limits of its own, and caps that no approval lifts: over REST and FIX.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>

#include "tests/acceptance/broker_peer.h"
#include "tests/acceptance/live_gateway.h"

namespace portcullis::acceptance {
namespace {

namespace json = boost::json;
constexpr Duration kPatience = Duration::seconds(20);

class OwnLimits : public testing::Test {
 protected:
  void SetUp() override {
    LiveSettings settings;
    settings.clients = {{"alpha", "FIX.4.4", ", enabled: false"}};
    settings.brokers = {{"north", broker.port(), "FIX.4.4", ", reconcile: none"}};
    gateway = std::make_unique<LiveGateway>(settings);
    std::string text = gateway->text(settings);
    const std::string risk = "\nrisk:\n";
    text.insert(text.find(risk) + risk.size(),
                "  mandatory_limits: [max_order_quantity]\n  absolute: {max_order_quantity: 12000000}\n");
    gateway->write_configuration(text);
    gateway->start();
    ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
  }
  // The whole answer to a Logon; nothing when the connection ends without one.
  std::string logs_on() {
    client.hang_up();
    client.next_seq = 1;  // what the door refuses takes no number
    client.connect(gateway->client_port());
    client.send("35=A|98=0|108=30");
    const auto answer = client.receive(kPatience);
    return answer ? answer->text : "";
  }
  admin::ClientResponse limit(const std::string& quantity, int version) {
    return admin::call(gateway->admin_port(), "PUT", "/api/v1/limits/client/alpha", gateway->token("RISK1"),
                       json::serialize(json::object{{"limits", {{"max_order_quantity", quantity}}}, {"reason", "a new client"}}),
                       "If-Match: " + std::to_string(version) + "\r\n");
  }
  json::value shown() { return json::parse(gateway->rest("GET", "/api/v1/limits", "VIEWER").body); }

  BrokerPeer broker{"NORTH"};
  FixPeer client{{"FIX.4.4", "ALPHA", "GATE"}};
  std::unique_ptr<LiveGateway> gateway;
};

TEST_F(OwnLimits, ASessionIsLetInOnceItsClientHasThem) {
  EXPECT_EQ(logs_on().find("35=A"), std::string::npos) << "a session that is not enabled is on";
  const admin::ClientResponse early = gateway->rest("POST", "/api/v1/sessions/alpha/enable", "OPERATOR");
  EXPECT_EQ(early.status, 409u) << early.body;
  EXPECT_NE(early.body.find("max_order_quantity"), std::string::npos) << early.body;
  EXPECT_EQ(logs_on().find("35=A"), std::string::npos) << "what was refused has opened the door";

  EXPECT_EQ(limit("2000", 0).status, 200u);
  const admin::ClientResponse enabled = gateway->rest("POST", "/api/v1/sessions/alpha/enable", "OPERATOR");
  EXPECT_EQ(enabled.status, 200u) << enabled.body;
  EXPECT_NE(logs_on().find("35=A"), std::string::npos) << gateway->log();
  client.send("35=D|11=A1|55=EUR/USD|54=1|38=2001|40=2|44=1.1|60=now");
  const auto refused = client.receive(kPatience);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ((*refused)[39], "8") << refused->text;
  client.send("35=D|11=A2|55=EUR/USD|54=1|38=2000|40=2|44=1.1|60=now");
  const auto order = broker.next(kPatience);
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ((*order)[38], "2000");
}

TEST_F(OwnLimits, ACapIsShownAndRefusedWithoutAskingForASecondPerson) {
  const admin::ClientResponse above = limit("12000001", 0);
  EXPECT_EQ(above.status, 409u) << above.body;
  EXPECT_NE(above.body.find("risk.absolute"), std::string::npos) << above.body;
  EXPECT_EQ(gateway->rest("GET", "/api/v1/proposals", "RISK2").body, "[]");
  EXPECT_EQ(limit("12000000", 0).status, 202u) << "up to the cap two persons may go";
  const json::value all = shown();
  for (const json::value& scope : all.as_array()) {
    if (scope.at("scope").as_string() != "firm") continue;
    EXPECT_EQ(scope.at("limits").at("max_order_quantity").at("absolute").as_string(), "12000000");
    EXPECT_TRUE(scope.at("limits").at("max_open_orders").at("absolute").is_null());
  }
}

}  // namespace
}  // namespace portcullis::acceptance
