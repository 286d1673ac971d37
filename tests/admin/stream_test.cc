#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>
#include <functional>
#include <thread>

#include "admin/server.h"
#include "tests/admin/fake_gateway.h"
#include "tests/admin/http_client.h"

// The live stream, spoken to by Beast's WebSocket client.

namespace portcullis::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
namespace websocket = beast::websocket;
using testing::HasSubstr;

class Client {
 public:
  explicit Client(unsigned short port, const std::string& subprotocol = "", const std::string& origin = "")
      : socket_(io_) {
    asio::ip::tcp::socket& tcp = socket_.next_layer();
    tcp.connect({asio::ip::address_v4::loopback(), port});
    socket_.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
      if (!subprotocol.empty()) request.set(beast::http::field::sec_websocket_protocol, subprotocol);
      if (!origin.empty()) request.set(beast::http::field::origin, origin);
    }));
    socket_.handshake(answer_, "127.0.0.1:" + std::to_string(port), "/api/v1/stream", error_);
  }

  bool open() const { return !error_; }
  unsigned status() const { return answer_.result_int(); }
  std::string subprotocol() const { return std::string(answer_[beast::http::field::sec_websocket_protocol]); }

  void send(const std::string& text) { socket_.write(asio::buffer(text), error_); }

  // The next message, or nothing when the server closed: then reason() says why.
  std::optional<json::value> receive() {
    beast::flat_buffer buffer;
    socket_.read(buffer, error_);
    if (error_) return std::nullopt;
    return json::parse(beast::buffers_to_string(buffer.data()));
  }
  std::string reason() const { return std::string(socket_.reason().reason.c_str()); }

  // Reads until a message is wanted; fails the test when the stream ends before.
  json::value wait_for(const std::function<bool(const json::object&)>& wanted) {
    while (auto message = receive()) {
      if (wanted(message->as_object())) return *message;
    }
    ADD_FAILURE() << "the stream ended: " << reason() << " " << error_.message();
    return json::object{};
  }
  json::value wait_for_topic(const std::string& topic) {
    return wait_for([&](const json::object& message) { return message.at("topic") == json::value(topic); });
  }

  asio::ip::tcp::socket& tcp() { return socket_.next_layer(); }

 private:
  asio::io_context io_;
  websocket::stream<asio::ip::tcp::socket> socket_;
  websocket::response_type answer_;
  beast::error_code error_;
};

class AdminStream : public testing::Test {
 protected:
  void SetUp() override { start(test_options()); }
  void start(ServerOptions options) {
    auto started = Server::start(std::move(options), gateway_, gateway_, gateway_, gateway_);
    ASSERT_TRUE(started.ok()) << started.error().what;
    server_ = std::move(*started);
  }

  FakeGateway gateway_;
  std::unique_ptr<Server> server_;
};

TEST_F(AdminStream, BeginsWithWhoOneIsAndEverythingAsItIs) {
  Client client(server_->port());
  ASSERT_TRUE(client.open());
  client.send(R"({"token": "risk1-token-0123456789"})");
  const auto hello = client.wait_for_topic("hello");
  EXPECT_EQ(hello.at("user").as_string(), "risk1");
  EXPECT_EQ(hello.at("role").as_string(), "risk");
  const auto sessions = client.wait_for_topic("sessions");
  EXPECT_EQ(sessions.at("snapshot").as_bool(), true);
  EXPECT_EQ(sessions.at("rows").as_array().size(), 3u);
  EXPECT_EQ(client.wait_for_topic("exposures").at("rows").as_array().size(), 4u);
}

TEST_F(AdminStream, TellsTheHistogramOfEachStage) {
  gateway_.decide(7, 2);
  Client client(server_->port());
  ASSERT_TRUE(client.open());
  client.send(R"({"token": "viewer-token-0123456789"})");
  const auto stages = client.wait_for_topic("stages");
  ASSERT_EQ(stages.at("rows").as_array().size(), 2u);
  const auto& decide = stages.at("rows").at(0);
  EXPECT_EQ(decide.at("stage").as_string(), "decide");
  EXPECT_EQ(decide.at("bounds_s"), json::parse("[2e-6, 4e-6, 500e-6, 1e-3]"));
  EXPECT_EQ(decide.at("cumulative"), json::parse("[0, 7, 7, 9, 9]"));
}

TEST_F(AdminStream, TheTokenMayBeASubprotocolAndIsNeverEchoed) {
  Client client(server_->port(), "portcullis.v1, bearer.viewer-token-0123456789");
  ASSERT_TRUE(client.open());
  EXPECT_EQ(client.subprotocol(), "portcullis.v1");
  EXPECT_EQ(client.wait_for_topic("hello").at("user").as_string(), "viewer");
}

TEST_F(AdminStream, TellsWhatChangesAndWhatIsGone) {
  Client client(server_->port());
  client.send(R"({"token": "viewer-token-0123456789"})");
  client.wait_for_topic("hello");
  client.wait_for([](const json::object& message) { return message.contains("resync"); });

  gateway_.set_session_state("alpha", "down", "logged out");
  const auto sessions =
      client.wait_for([](const json::object& m) { return m.at("topic") == "sessions" && !m.contains("snapshot"); });
  ASSERT_EQ(sessions.at("rows").as_array().size(), 1u) << "only what changed";
  EXPECT_EQ(sessions.at("rows").at(0).at("reason").as_string(), "logged out");

  gateway_.add_order("LDN1-9-1", "<b>bold</b>");
  const auto orders =
      client.wait_for([](const json::object& m) { return m.at("topic") == "orders" && m.contains("rows"); });
  EXPECT_EQ(orders.at("rows").at(0).at("order_id").as_string(), "LDN1-9-1");
  gateway_.fill_order("LDN1-9-1", *Quantity::parse("10"), *Price::parse("1.1"));
  const auto executions =
      client.wait_for([](const json::object& m) { return m.at("topic") == "executions" && m.contains("rows"); });
  EXPECT_EQ(executions.at("rows").at(0).at("last_px").as_string(), "1.1");

  const auto port = server_->port();
  call(port, "POST", "/api/v1/kill-switch", token_of("ops"), R"({"scope":"firm","state":"block_new","reason":"x"})");
  const auto stopped = client.wait_for([](const json::object& m) { return m.at("topic") == "kills"; });
  EXPECT_EQ(stopped.at("rows").at(0).at("state").as_string(), "block_new");
  const auto proposed =
      call(port, "POST", "/api/v1/kill-switch", token_of("ops"), R"({"scope":"firm","state":"active","reason":"x"})");
  const std::string id(json::parse(proposed.body).at("id").as_string());
  client.wait_for([](const json::object& m) { return m.at("topic") == "proposals"; });
  call(port, "POST", "/api/v1/proposals/" + id + "/approve", token_of("risk1"));
  const auto released = client.wait_for([](const json::object& m) { return m.at("topic") == "kills"; });
  EXPECT_EQ(released.at("removed").at(0).as_string(), "firm firm");
}

// A browser ends a stream whose text is no UTF-8, and nobody would see anything any more.
TEST_F(AdminStream, WhatAPeerSaysInAnotherEncodingIsStillUtf8) {
  gateway_.set_session_state("alpha", "down", "the peer logged out: S\xe9quence <b>\xff");
  Client client(server_->port());
  client.send(R"({"token": "viewer-token-0123456789"})");
  const auto sessions = client.wait_for_topic("sessions");
  EXPECT_EQ(sessions.at("rows").at(0).at("reason").as_string(), "the peer logged out: S?quence <b>?");
  const auto listed = json::parse(call(server_->port(), "GET", "/api/v1/sessions", token_of("viewer")).body);
  EXPECT_EQ(listed.at(0).at("reason").as_string(), "the peer logged out: S?quence <b>?");
}

TEST_F(AdminStream, AForeignOriginIsRefused) {
  Client client(server_->port(), "", "http://evil.example");
  EXPECT_FALSE(client.open());
  EXPECT_EQ(client.status(), 403u);
  Client own(server_->port(), "", "http://127.0.0.1:" + std::to_string(server_->port()));
  EXPECT_TRUE(own.open());
}

TEST_F(AdminStream, AWrongTokenOrNoneEndsIt) {
  Client wrong(server_->port());
  wrong.send(R"({"token": "wrong"})");
  EXPECT_FALSE(wrong.receive().has_value());
  EXPECT_EQ(wrong.reason(), "the token is unknown");
  Client rubbish(server_->port());
  rubbish.send("[[[[");
  EXPECT_FALSE(rubbish.receive().has_value());
  EXPECT_THAT(rubbish.reason(), HasSubstr("first message"));
  Client large(server_->port());
  large.send(std::string(100'000, 'x'));
  EXPECT_FALSE(large.receive().has_value());

  ServerOptions options = test_options();
  options.stream_token_timeout_ms = 50;
  start(std::move(options));
  Client silent(server_->port());
  EXPECT_FALSE(silent.receive().has_value());
  EXPECT_EQ(silent.reason(), "no token came in time");
}

TEST_F(AdminStream, ATokenInTheUrlIsRefused) {
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/stream?token=" + token_of("viewer"), "").status, 400u);
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/stream", token_of("viewer")).status, 426u);
}

TEST_F(AdminStream, AClientThatDoesNotReadIsDroppedWithAReason) {
  ServerOptions options = test_options();
  options.stream_queue_bytes = 256 * 1024;
  options.stream_period_ms = 1;
  start(std::move(options));
  Client client(server_->port());
  boost::system::error_code ignored;
  client.tcp().set_option(asio::socket_base::receive_buffer_size(4096), ignored);
  client.send(R"({"token": "viewer-token-0123456789"})");
  client.wait_for_topic("hello");
  const auto dropped = [&] {
    for (const AuditLine& line : gateway_.audit_lines()) {
      if (line.detail.starts_with("dropped")) return true;
    }
    return false;
  };
  const std::string text(20'000, 'x');
  for (int i = 0; i < 5000 && !dropped(); ++i) gateway_.set_session_state("alpha", "down", text + std::to_string(i));
  for (int i = 0; i < 5'000'000 && !dropped(); ++i) {
    gateway_.set_session_state("alpha", "down", text + std::to_string(i));
  }
  EXPECT_TRUE(dropped());
  EXPECT_THAT(call(server_->port(), "GET", "/metrics", token_of("viewer")).body,
              HasSubstr("portcullis_admin_slow_streams_total"));
}

TEST_F(AdminStream, StreamsAreBounded) {
  ServerOptions options = test_options();
  options.max_streams = 2;
  start(std::move(options));
  Client first(server_->port()), second(server_->port()), third(server_->port());
  EXPECT_TRUE(first.open());
  EXPECT_TRUE(second.open());
  EXPECT_EQ(third.status(), 503u);
}

TEST_F(AdminStream, TheServerStopsWhileStreamsAndCommandsAreOpen) {
  Client client(server_->port());
  client.send(R"({"token": "viewer-token-0123456789"})");
  client.wait_for_topic("hello");
  gateway_.set_core_silent(true);
  RawConnection waiting(server_->port());
  waiting.send(request_text("POST", "/api/v1/orders/LDN1-1-1/cancel", token_of("ops")));
  while (gateway_.commands().empty()) std::this_thread::yield();
  server_.reset();
  EXPECT_TRUE(waiting.ends());
}

}  // namespace
}  // namespace portcullis::admin
