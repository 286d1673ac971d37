#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "admin/server.h"
#include "tests/admin/fake_gateway.h"
#include "tests/admin/http_client.h"

// The REST paths over real sockets, against a gateway made of tables.

namespace portcullis::admin {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

class AdminApi : public testing::Test {
 protected:
  void SetUp() override { start(test_options()); }

  void start(ServerOptions options) {
    auto started = Server::start(std::move(options), gateway_, gateway_, gateway_, gateway_);
    ASSERT_TRUE(started.ok()) << started.error().what;
    server_ = std::move(*started);
  }

  ClientResponse get(const std::string& path, const std::string& user = "viewer") {
    return call(server_->port(), "GET", "/api/v1" + path, token_of(user));
  }
  ClientResponse post(const std::string& path, const std::string& user, const std::string& body = "") {
    return call(server_->port(), "POST", "/api/v1" + path, token_of(user), body);
  }
  ClientResponse put(const std::string& path, const std::string& user, const std::string& body,
                     const std::string& headers = "") {
    return call(server_->port(), "PUT", "/api/v1" + path, token_of(user), body, headers);
  }
  static json::value parsed(const ClientResponse& response) { return json::parse(response.body); }

  FakeGateway gateway_;
  std::unique_ptr<Server> server_;
};

TEST_F(AdminApi, HealthNeedsNoToken) {
  for (const char* path : {"/api/v1/health/live", "/health/ready"}) {
    const auto response = call(server_->port(), "GET", path, "");
    EXPECT_EQ(response.status, 200u) << path;
    EXPECT_EQ(parsed(response).at("ready").as_bool(), true);
  }
  EXPECT_THAT(get("/health/ready").body, HasSubstr("session southbank is down"));
}

TEST_F(AdminApi, SessionsSayWhyTheyAreDown) {
  const auto sessions = parsed(get("/sessions")).as_array();
  ASSERT_EQ(sessions.size(), 3u);
  EXPECT_EQ(sessions[2].at("state").as_string(), "down");
  EXPECT_THAT(std::string(sessions[2].at("reason").as_string()), HasSubstr("connection refused"));
  EXPECT_EQ(sessions[0].at("next_sender_seq").as_int64(), 1532);
}

TEST_F(AdminApi, OrdersComeNewestFirstInPages) {
  for (int i = 3; i <= 7; ++i) gateway_.add_order("LDN1-1-" + std::to_string(i), "");
  auto response = get("/orders?client=alpha&limit=3&open=true");
  ASSERT_EQ(response.status, 200u);
  EXPECT_EQ(parsed(response).at(0).at("order_id").as_string(), "LDN1-1-7");
  EXPECT_EQ(parsed(response).at(0).at("price").as_string(), "1.0999");
  ASSERT_EQ(parsed(response).as_array().size(), 3u);
  const std::string link = response.headers["link"];
  ASSERT_THAT(link, HasSubstr("rel=\"next\""));
  const std::string target = link.substr(1, link.find('>') - 1);
  response = call(server_->port(), "GET", target, token_of("viewer"));
  EXPECT_EQ(parsed(response).at(0).at("order_id").as_string(), "LDN1-1-4");
}

TEST_F(AdminApi, AnOrderComesWithItsChainAndExecutions) {
  const auto order = parsed(get("/orders/LDN1-1-1"));
  EXPECT_EQ(order.at("cum_qty").as_string(), "400000");
  EXPECT_EQ(order.at("chain").at(0).at("kind").as_string(), "new");
  EXPECT_EQ(order.at("executions").at(0).at("last_px").as_string(), "1.09985");
  EXPECT_EQ(get("/orders/NOPE").status, 404u);
}

TEST_F(AdminApi, BadQueriesSayWhatWasExpected) {
  for (const char* query : {"?limit=0", "?limit=1001", "?limit=ten", "?open=maybe", "?cursor=x", "?token=abc"}) {
    const auto response = get(std::string("/orders") + query);
    EXPECT_EQ(response.status, 422u) << query;
    EXPECT_EQ(response.headers.at("content-type"), "application/problem+json");
  }
  EXPECT_EQ(get("/orders?limit=1&limit=2").status, 400u);
}

TEST_F(AdminApi, ABlotterThatIsAwayIs503) {
  gateway_.set_blotter_away(true);
  EXPECT_EQ(get("/orders").status, 503u);
  EXPECT_EQ(get("/sessions").status, 200u);
}

TEST_F(AdminApi, ExposureOfOneAccountIsOneObjectWithDecimalsAsStrings) {
  const auto exposure = parsed(get("/exposures?scope=account&id=ALPHA-1"));
  EXPECT_EQ(exposure.at("instruments").at("EUR/USD").at("position").as_string(), "5000000");
  EXPECT_EQ(exposure.at("currencies").at("USD").at("out").as_string(), "1101000");
  EXPECT_EQ(exposure.at("settlement").at("2026-11-24").as_string(), "5505000");
  EXPECT_EQ(parsed(get("/exposures")).as_array().size(), 2u);
  EXPECT_EQ(get("/exposures?scope=account&id=NOPE").status, 404u);
  EXPECT_EQ(get("/exposures?scope=accounts").status, 422u) << "not an empty list";
}

TEST_F(AdminApi, MetricsAreText) {
  const auto response = call(server_->port(), "GET", "/metrics", token_of("viewer"));
  EXPECT_EQ(response.status, 200u);
  EXPECT_THAT(response.body, HasSubstr("portcullis_orders_total{client=\"alpha\",gateway=\"LDN1\"} 2"));
  EXPECT_THAT(response.body, HasSubstr("# TYPE portcullis_admin_failed_logins_total counter"));
  EXPECT_EQ(call(server_->port(), "GET", "/metrics", "").status, 401u);
}

TEST_F(AdminApi, QuotesAndRatesAreExact) {
  auto response = put("/reference/quotes/EUR%2FUSD", "ops", R"({"bid": "1.0999", "ask": "1.1001"})");
  EXPECT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(parsed(response).at("text").as_string(), "EUR/USD is 1.0999 / 1.1001");
  EXPECT_EQ(put("/reference/rates/JPY", "ops", R"({"rate": "0.006666666667"})").status, 200u);
  EXPECT_EQ(put("/reference/quotes/EUR%2FUSD", "ops", R"({"bid": 1.0999, "ask": "1.1001"})").status, 422u);
  EXPECT_EQ(put("/reference/quotes/EUR%2FUSD", "ops", R"({"bid": "1.2", "ask": "1.1"})").status, 422u);
  EXPECT_EQ(put("/reference/quotes/EUR%2FUSD", "ops", R"({"bid": "1.2"})").status, 422u);
  EXPECT_EQ(put("/reference/quotes/XXX%2FUSD", "ops", R"({"bid": "1.1", "ask": "1.2"})").status, 404u);
  EXPECT_EQ(gateway_.commands().size(), 3u);
}

TEST_F(AdminApi, AnyoneMayStopButNobodyMayReleaseAlone) {
  const std::string kill = R"({"scope": "account", "id": "ALPHA-1", "state": "killed", "reason": "runaway"})";
  EXPECT_EQ(post("/kill-switch", "viewer", kill).status, 403u);
  EXPECT_EQ(post("/kill-switch", "ops", kill).status, 200u);
  EXPECT_EQ(parsed(get("/kill-switch")).at(0).at("user").as_string(), "ops");
  EXPECT_EQ(parsed(get("/exposures?scope=account&id=ALPHA-1")).at("state").as_string(), "killed");

  const std::string release = R"({"scope": "account", "id": "ALPHA-1", "state": "active", "reason": "found it"})";
  const auto proposed = post("/kill-switch", "ops", release);
  ASSERT_EQ(proposed.status, 202u);
  const std::string path = "/proposals/" + std::string(parsed(proposed).at("id").as_string());
  EXPECT_EQ(proposed.headers.at("location"), "/api/v1" + path);
  EXPECT_EQ(post(path + "/approve", "ops").status, 403u) << "one's own";
  EXPECT_EQ(post(path + "/approve", "risk1").status, 200u);
  EXPECT_EQ(parsed(get("/kill-switch")).as_array().size(), 0u);
  EXPECT_EQ(parsed(get(path)).at("decided_by").as_string(), "risk1");
  EXPECT_EQ(gateway_.commands().back().second.user, "risk1");
  EXPECT_EQ(post(path + "/approve", "risk2").status, 409u);
}

TEST_F(AdminApi, ADrillChangesNothingUnlessItIsLive) {
  const auto drill = post("/kill-switch", "ops", R"({"scope": "firm", "state": "cancel", "reason": "monthly", "drill": true})");
  EXPECT_EQ(drill.status, 200u) << drill.body;
  EXPECT_EQ(parsed(get("/kill-switch")).as_array().size(), 0u);
  EXPECT_EQ(parsed(get("/kill-switch/runs")).at(0).at("ms_to_last_cancel").as_int64(), 40);
  EXPECT_EQ(post("/kill-switch", "ops", R"({"scope": "firm", "state": "cancel", "reason": "x", "live": true})").status, 422u);
  EXPECT_EQ(post("/kill-switch", "ops", R"({"scope": "firm", "state": "cancel", "reason": "x", "drill": "yes"})").status, 422u);
  EXPECT_EQ(post("/kill-switch", "ops", R"({"scope": "firm", "state": "cancel", "reason": "monthly", "drill": true, "live": true})").status, 200u);
  EXPECT_EQ(parsed(get("/kill-switch")).at(0).at("reason").as_string(), "drill: monthly");
}

TEST_F(AdminApi, TheFirmNeedsNoId) {
  EXPECT_EQ(post("/kill-switch", "ops", R"({"scope": "firm", "state": "block_new", "reason": "drill"})").status, 200u);
  EXPECT_EQ(post("/kill-switch", "ops", R"({"scope": "firm", "id": null, "state": "cancel", "reason": "x"})").status,
            200u);
  EXPECT_EQ(post("/kill-switch", "ops", R"({"scope": "account", "state": "killed", "reason": "x"})").status, 422u);
}

TEST_F(AdminApi, LoweringALimitIsAtOnceAndRaisingNeedsASecondPerson) {
  const std::string path = "/limits/account/ALPHA-1";
  const std::string lower = R"({"limits": {"max_order_quantity": "9000000"}, "reason": "careful"})";
  EXPECT_EQ(put(path, "risk1", lower).status, 428u);
  EXPECT_EQ(put(path, "ops", lower, "If-Match: 7\r\n").status, 403u);
  EXPECT_EQ(put(path, "risk1", lower, "If-Match: 6\r\n").status, 412u);
  EXPECT_EQ(put(path, "risk1", lower, "If-Match: 7\r\n").status, 200u);
  const auto limits = parsed(get("/limits"));
  EXPECT_EQ(limits.at(0).at("version").as_int64(), 8);
  EXPECT_EQ(limits.at(0).at("limits").at("max_order_quantity").at("value").as_string(), "9000000");
  EXPECT_EQ(limits.at(0).at("limits").at("duplicate_orders").at("enforced").as_bool(), false);

  const std::string raise = R"({"limits": {"max_order_quantity": 20000000}, "reason": "month end"})";
  const auto proposed = put(path, "risk1", raise, "If-Match: \"8\"\r\n");
  ASSERT_EQ(proposed.status, 202u) << proposed.body;
  EXPECT_EQ(parsed(proposed).at("state").as_string(), "waiting");
  EXPECT_EQ(parsed(proposed).at("reason").as_string(), "month end");
  const std::string proposal = "/proposals/" + std::string(parsed(proposed).at("id").as_string());
  EXPECT_EQ(post(proposal + "/approve", "risk1").status, 403u);
  EXPECT_EQ(post(proposal + "/approve", "ops").status, 403u) << "role too low";
  EXPECT_EQ(post(proposal + "/approve", "risk2").status, 200u);
  EXPECT_EQ(parsed(get("/limits")).at(0).at("limits").at("max_order_quantity").at("value").as_string(), "20000000");
}

TEST_F(AdminApi, AProposalMayBeRejectedAndThenWaitsNoMore) {
  const auto proposed = put("/limits/account/ALPHA-1", "risk1",
                            R"({"limits": {"max_order_quantity": "20000000"}, "reason": "x"})", "If-Match: 7\r\n");
  const std::string proposal = "/proposals/" + std::string(parsed(proposed).at("id").as_string());
  EXPECT_EQ(post(proposal + "/reject", "ops", R"({"reason": "not today"})").status, 200u);
  EXPECT_EQ(post(proposal + "/approve", "risk2").status, 409u);
  EXPECT_EQ(parsed(get("/proposals")).at(0).at("decision").as_string(), "not today");
  EXPECT_EQ(post("/proposals/P1-1/approve", "risk2").status, 404u);
}

TEST_F(AdminApi, SessionsCanBeSteered) {
  EXPECT_EQ(post("/sessions/alpha/disable", "ops").status, 200u);
  EXPECT_EQ(parsed(get("/sessions")).at(0).at("enabled").as_bool(), false);
  EXPECT_EQ(post("/sessions/alpha/enable", "ops", R"({"reason": "fixed"})").status, 200u);
  EXPECT_EQ(post("/sessions/nobody/logout", "ops").status, 404u);
  EXPECT_EQ(post("/sessions/alpha/explode", "ops").status, 404u);
  EXPECT_EQ(post("/sessions/alpha/sequence", "ops", R"({"reason": "agreed"})").status, 422u);
  EXPECT_EQ(post("/sessions/alpha/sequence", "ops", R"({"next_sender_seq": 0, "reason": "agreed"})").status, 422u);
  EXPECT_EQ(post("/sessions/alpha/sequence", "ops", R"({"next_sender_seq": 9, "reason": "agreed"})").status, 202u);
}

TEST_F(AdminApi, AnOrderCanBeCancelledOnce) {
  gateway_.fill_order("LDN1-1-1", *Quantity::parse("600000"), *Price::parse("1.1"));
  EXPECT_EQ(post("/orders/LDN1-1-2/cancel", "ops").status, 200u);
  EXPECT_EQ(post("/orders/LDN1-1-1/cancel", "ops").status, 409u);
  EXPECT_EQ(post("/orders/NOPE/cancel", "ops").status, 404u);
}

TEST_F(AdminApi, WhatIsNotBuiltSays501) {
  const auto response = post("/orders/LDN1-1-2/resolve", "risk1",
                             R"({"as": "rejected", "evidence": "mail", "reason": "broker says so"})");
  EXPECT_EQ(response.status, 501u);
  EXPECT_THAT(response.body, HasSubstr("cannot do that yet"));
  EXPECT_EQ(post("/orders/LDN1-1-2/resolve", "risk1", R"({"as": "filled", "evidence": "m", "reason": "r"})").status,
            422u);
  EXPECT_EQ(
      post("/positions/adjust", "risk1",
           R"({"account":"ALPHA-1","symbol":"EUR/USD","quantity":"-5","price":"1.1","evidence":"e","reason":"r"})")
          .status,
      501u);
}

TEST_F(AdminApi, AlertsCanBeAcknowledged) {
  EXPECT_EQ(post("/alerts/A1/ack", "ops").status, 200u);
  EXPECT_EQ(parsed(get("/alerts")).at(0).at("acknowledged_by").as_string(), "ops");
}

TEST_F(AdminApi, ASilentCoreIs504AndThenNothingIsPromised) {
  ServerOptions options = test_options();
  options.command_timeout_ms = 50;
  start(std::move(options));
  gateway_.set_core_silent(true);
  const auto response = post("/orders/LDN1-1-2/cancel", "ops");
  EXPECT_EQ(response.status, 504u);
  EXPECT_THAT(response.body, HasSubstr("the outcome is not known"));
}

TEST_F(AdminApi, BodiesSayEveryFaultAtOnce) {
  const auto response = post("/kill-switch", "ops", R"({"scope": "planet", "state": "off", "colour": "red"})");
  EXPECT_EQ(response.status, 422u);
  EXPECT_EQ(parsed(response).at("errors").as_array().size(), 5u) << response.body;
  EXPECT_EQ(post("/kill-switch", "ops", "[1, 2]").status, 400u);
  EXPECT_EQ(post("/kill-switch", "ops", "{\"scope\": ").status, 400u);
  EXPECT_EQ(post("/kill-switch", "ops", std::string(5000, '[')).status, 400u);
  EXPECT_TRUE(gateway_.commands().empty());
}

TEST_F(AdminApi, WritesAndRefusalsAreAudited) {
  post("/sessions/alpha/disable", "ops");
  call(server_->port(), "GET", "/api/v1/orders", "wrong-token");
  const auto lines = gateway_.audit_lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].user, "ops");
  EXPECT_EQ(lines[0].action, "POST /api/v1/sessions/alpha/disable");
  EXPECT_EQ(lines[0].status, 200u);
  EXPECT_EQ(lines[1].detail, "authentication failed");
  for (const AuditLine& line : lines) {
    EXPECT_EQ((line.action + line.detail + line.user).find("token"), std::string::npos);
  }
}

TEST_F(AdminApi, AKeptConnectionServesManyRequests) {
  RawConnection connection(server_->port());
  connection.send(request_text("GET", "/api/v1/sessions", token_of("viewer")) +
                  request_text("GET", "/api/v1/alerts", token_of("viewer")));
  EXPECT_EQ(connection.receive().status, 200u);
  EXPECT_THAT(connection.receive().body, HasSubstr("unknown_order"));
  connection.send(request_text("GET", "/api/v1/nothing", token_of("viewer")));
  EXPECT_EQ(connection.receive().status, 404u);
  connection.send(request_text("GET", "/api/v1/limits", token_of("viewer")));
  EXPECT_EQ(connection.receive().status, 200u);
}

}  // namespace
}  // namespace portcullis::admin
