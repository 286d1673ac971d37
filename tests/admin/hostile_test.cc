#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "admin/authentication.h"
#include "admin/dispatcher.h"
#include "admin/request_checks.h"
#include "admin/server.h"
#include "tests/admin/fake_gateway.h"
#include "tests/admin/http_client.h"

// What strangers, other people's web pages and broken clients send: an answer of 4xx or a closed
// connection, never a change.

namespace portcullis::admin {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class HostileHttp : public testing::Test {
 protected:
  void SetUp() override { start(test_options()); }

  void start(ServerOptions options) {
    auto started = Server::start(std::move(options), gateway_, gateway_, gateway_, gateway_);
    ASSERT_TRUE(started.ok()) << started.error().what;
    server_ = std::move(*started);
  }

  // Sends the bytes on a connection of their own and gives the status.
  unsigned status_of(const std::string& bytes) {
    RawConnection connection(server_->port());
    connection.send(bytes);
    return connection.receive().status;
  }

  static std::string bearer(const std::string& user) { return "Authorization: Bearer " + token_of(user) + "\r\n"; }

  FakeGateway gateway_;
  std::unique_ptr<Server> server_;
};

constexpr const char* kKill = R"({"scope":"firm","state":"killed","reason":"not you"})";

TEST_F(HostileHttp, NoTokenOrAWrongOneIs401) {
  auto response = call(server_->port(), "GET", "/api/v1/sessions", "");
  EXPECT_EQ(response.status, 401u);
  EXPECT_EQ(response.headers["www-authenticate"], "Bearer realm=\"portcullis\"");
  EXPECT_EQ(call(server_->port(), "POST", "/api/v1/kill-switch", "nope", kKill).status, 401u);
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", "viewer-token-012345678").status, 401u) << "a prefix";
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions?token=" + token_of("root"), "").status, 401u);
  EXPECT_EQ(status_of("GET /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic cm9vdDpyb290\r\n\r\n"),
            401u);
  EXPECT_TRUE(gateway_.commands().empty());
}

TEST_F(HostileHttp, RolesAreEnforced) {
  const std::string limits = R"({"limits":{"max_order_quantity":"1"},"reason":"r"})";
  EXPECT_EQ(call(server_->port(), "POST", "/api/v1/kill-switch", token_of("viewer"), kKill).status, 403u);
  EXPECT_EQ(
      call(server_->port(), "PUT", "/api/v1/limits/account/ALPHA-1", token_of("ops"), limits, "If-Match: 7\r\n").status,
      403u);
  EXPECT_EQ(call(server_->port(), "POST", "/api/v1/sessions/alpha/disable", token_of("viewer"), "{}").status, 403u);
  EXPECT_TRUE(gateway_.commands().empty());
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/limits", token_of("root")).status, 200u) << "admin may do all";
}

TEST_F(HostileHttp, BruteForceIsSlowedDownAndAKnownUserStillGetsIn) {
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", token_of("ops")).status, 200u);
  unsigned refused = 0;
  for (int i = 0; i < 40; ++i) {
    const auto response = call(server_->port(), "GET", "/api/v1/sessions", "guess-" + std::to_string(i));
    if (response.status == 429) {
      ++refused;
      EXPECT_TRUE(response.headers.contains("retry-after"));
    }
  }
  EXPECT_GE(refused, 25u);
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", token_of("ops")).status, 200u);
  // A right token that this address never used waits with the others.
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", token_of("root")).status, 429u);
  EXPECT_LE(gateway_.audit_lines().size(), 20u) << "guesses do not fill the audit log";
}

TEST_F(HostileHttp, WhoHasBeenHereStaysKnownWhenTheUsersChange) {
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", token_of("ops")).status, 200u);
  for (int i = 0; i < 40; ++i) call(server_->port(), "GET", "/api/v1/sessions", "guess-" + std::to_string(i));
  auto users = test_options().users;
  std::reverse(users.begin(), users.end());
  users.insert(users.begin(), {"new", Role::kViewer, "new-token-0123456789"});
  server_->set_users(users);
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", token_of("ops")).status, 200u);
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", token_of("root")).status, 429u);
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", "new-token-0123456789").status, 429u);
}

// As many as a configuration may have.
TEST_F(HostileHttp, TakesAllUsersAtTheStartAndLater) {
  ServerOptions options = test_options();
  while (options.users.size() < kMaxUsers) {
    const std::string name = "user" + std::to_string(options.users.size());
    options.users.push_back({name, Role::kViewer, token_of(name)});
  }
  start(options);
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", token_of("user255")).status, 200u);
  start(test_options());
  server_->set_users(options.users);
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", token_of("user255")).status, 200u);
  options.users.push_back({"one more", Role::kViewer, "one-more-0123456789"});
  EXPECT_FALSE(Server::start(options, gateway_, gateway_, gateway_, gateway_).ok());
}

TEST_F(HostileHttp, AnAnswerToHeadHasNoBody) {
  RawConnection connection(server_->port());
  const std::string head = "HEAD /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string wrong = "HEAD /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";
  // Bytes of a body would be taken for the next answer.
  connection.send(head + wrong + head + "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (const char* status : {"200", "404", "200"}) {
    const std::string answer = connection.receive_head();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::string(status)));
    EXPECT_THAT(answer, HasSubstr("Content-Length: "));
  }
  const ClientResponse got = connection.receive();
  EXPECT_EQ(got.status, 200u);
  EXPECT_THAT(got.body, HasSubstr("live"));
}

TEST_F(HostileHttp, AForeignOriginOrHostIsRefused) {
  const auto post = [&](const std::string& headers) {
    return call(server_->port(), "POST", "/api/v1/kill-switch", token_of("ops"), kKill, headers).status;
  };
  EXPECT_EQ(post("Origin: http://evil.example\r\n"), 403u);
  EXPECT_EQ(post("Origin: null\r\n"), 403u);
  EXPECT_EQ(post("Origin: http://127.0.0.1.evil.example\r\n"), 403u);
  EXPECT_EQ(post("Sec-Fetch-Site: cross-site\r\n"), 403u);
  const auto get = [&](const std::string& host) {
    return status_of("GET /api/v1/sessions HTTP/1.1\r\nHost: " + host + "\r\n" + bearer("viewer") + "\r\n");
  };
  EXPECT_EQ(get("evil.example"), 421u) << "a rebound DNS name";
  EXPECT_EQ(get("127.0.0.1.evil.example"), 421u);
  EXPECT_EQ(get("evil@127.0.0.1"), 421u);
  EXPECT_EQ(get("localhost:8080"), 200u);
  EXPECT_EQ(get("[::1]:8080"), 200u);
  EXPECT_TRUE(gateway_.commands().empty());
  EXPECT_EQ(post("Origin: http://127.0.0.1\r\n"), 200u);
}

TEST_F(HostileHttp, NoAnswerAllowsOtherOrigins) {
  const auto response =
      call(server_->port(), "OPTIONS", "/api/v1/kill-switch", "", "", "Access-Control-Request-Method: POST\r\n");
  EXPECT_EQ(response.status, 405u);
  for (const auto& [name, value] : response.headers) {
    EXPECT_FALSE(name.starts_with("access-control")) << name;
  }
}

TEST_F(HostileHttp, SecurityHeadersStandOnEveryAnswer) {
  for (const char* path : {"/", "/api/v1/health/live", "/nothing"}) {
    auto response = call(server_->port(), "GET", path, "");
    EXPECT_EQ(response.headers["x-content-type-options"], "nosniff") << path;
    EXPECT_EQ(response.headers["x-frame-options"], "DENY") << path;
    EXPECT_EQ(response.headers["referrer-policy"], "no-referrer") << path;
    EXPECT_THAT(response.headers["content-security-policy"], HasSubstr("default-src 'none'")) << path;
    EXPECT_THAT(response.headers["content-security-policy"], testing::Not(HasSubstr("unsafe"))) << path;
  }
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", token_of("viewer")).headers["cache-control"], "no-store");
}

TEST_F(HostileHttp, TraversalLeadsNowhere) {
  for (const char* path :
       {"/../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/console.js/../../x",
        "/api/v1/../../etc/passwd", "//etc/passwd", "/console.js%00.html", "/%c0%ae%c0%ae/etc/passwd", "/.git/config",
        "/api/v1/orders/..%2f..%2fetc%2fpasswd%00", "\\..\\windows"}) {
    const unsigned status = call(server_->port(), "GET", path, token_of("viewer")).status;
    EXPECT_TRUE(status == 400 || status == 404) << path << " gave " << status;
  }
}

TEST_F(HostileHttp, SmugglingIsRefusedAndTheConnectionEnds) {
  const std::string hidden = request_text("POST", "/api/v1/kill-switch", token_of("ops"), kKill);
  const std::string head = "POST /api/v1/alerts/A1/ack HTTP/1.1\r\nHost: localhost\r\n" + bearer("ops") +
                           "Content-Type: application/json\r\n";
  const std::string length = "Content-Length: " + std::to_string(hidden.size()) + "\r\n";
  for (const std::string& attack : {
           head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
           head + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + hidden,
           head + "Content-Length: 0\r\n" + length + "\r\n" + hidden,
           head + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + hidden,
           head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
           head + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden,
           head + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
           head + "Content-Length: +2\r\n\r\n{}" + hidden,
           head + "Content-Length: 2 2\r\n\r\n{}" + hidden,
           head + "Content-Length: -1\r\n\r\n" + hidden,
           head + "Content-Length: 99999999999999999999\r\n\r\n" + hidden,
           head + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n" + hidden,
           "GET /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\n" + bearer("viewer") + length + "\r\n" + hidden,
           "GET /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n" + bearer("viewer") + "\r\n" +
               hidden,
           "GET /api/v1/sessions HTTP/1.0\r\nHost: localhost\r\n" + bearer("viewer") + "\r\n" + hidden,
           "GET http://localhost/api/v1/sessions HTTP/1.1\r\nHost: localhost\r\n" + bearer("viewer") + length + "\r\n" +
               hidden,
       }) {
    RawConnection connection(server_->port());
    connection.send(attack);
    const auto response = connection.receive();
    EXPECT_TRUE(response.status >= 400 && response.status < 500) << response.status << " for\n" << attack;
    EXPECT_TRUE(response.closed) << attack;
    EXPECT_TRUE(connection.ends()) << "a second answer for\n" << attack;
  }
  EXPECT_TRUE(gateway_.commands().empty());
}

TEST_F(HostileHttp, RubbishIsRefused) {
  for (const std::string& rubbish :
       {std::string("8=FIX.4.4\x01"
                    "9=5\x01"
                    "35=0\x01"
                    "10=161\x01\r\n\r\n"),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"), std::string("GET  / HTTP/1.1\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\n\r\n"), std::string("GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n"),
        std::string("GET /\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n")}) {
    const unsigned status = status_of(rubbish);
    EXPECT_TRUE(status >= 400 && status < 500) << status << " for " << rubbish;
  }
}

TEST_F(HostileHttp, HeadsAndBodiesAreBounded) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + std::string(20'000, 'a') + "\r\n\r\n"), 431u);
  EXPECT_EQ(status_of("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), 431u);

  const std::string ten_megabytes = "{\"reason\": \"" + std::string(10 * 1024 * 1024, 'x') + "\"}";
  EXPECT_EQ(call(server_->port(), "POST", "/api/v1/kill-switch", token_of("ops"), ten_megabytes).status, 413u);
  // Without a right token no body is read at all.
  EXPECT_EQ(status_of("POST /api/v1/kill-switch HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nope\r\n"
                      "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"),
            401u);
  // A body that does not say its length is stopped at the same place.
  RawConnection chunked(server_->port());
  chunked.send("POST /api/v1/kill-switch HTTP/1.1\r\nHost: localhost\r\n" + bearer("ops") +
               "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
  for (int i = 0; i < 20 && chunked.send(chunk); ++i) {
  }
  EXPECT_EQ(chunked.receive().status, 413u);
  EXPECT_TRUE(gateway_.commands().empty());
}

TEST_F(HostileHttp, ABodyMustBeJsonAndExpected) {
  const std::string kill(kKill);
  const std::string head = "POST /api/v1/kill-switch HTTP/1.1\r\nHost: localhost\r\n" + bearer("ops") +
                           "Content-Length: " + std::to_string(kill.size()) + "\r\n";
  EXPECT_EQ(status_of(head + "Content-Type: text/plain\r\n\r\n" + kill), 415u)
      << "what a form of another page can send";
  EXPECT_EQ(status_of(head + "Content-Type: application/x-www-form-urlencoded\r\n\r\n" + kill), 415u);
  EXPECT_EQ(status_of(head + "\r\n" + kill), 415u);
  EXPECT_EQ(call(server_->port(), "GET", "/api/v1/sessions", token_of("viewer"), "{}").status, 400u);
  EXPECT_TRUE(gateway_.commands().empty());
}

TEST_F(HostileHttp, ExpectContinueIsAnsweredOnlyWhenTheHeadIsRight) {
  RawConnection connection(server_->port());
  const std::string kill(kKill);
  connection.send("POST /api/v1/kill-switch HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n" + bearer("ops") +
                  "Content-Type: application/json\r\nContent-Length: " + std::to_string(kill.size()) + "\r\n\r\n");
  EXPECT_EQ(connection.receive().status, 100u);
  connection.send(kill);
  EXPECT_EQ(connection.receive().status, 200u);
  EXPECT_EQ(status_of("POST /api/v1/kill-switch HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                      "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n"),
            401u);
}

TEST_F(HostileHttp, ARequestThatDripsIsCutOff) {
  ServerOptions options = test_options();
  options.request_timeout_ms = 150;
  start(std::move(options));
  RawConnection head(server_->port());
  head.send("GET /api/v1/sessions HTTP/1.1\r\nHost: loc");
  EXPECT_TRUE(head.ends());
  RawConnection body(server_->port());
  body.send("POST /api/v1/kill-switch HTTP/1.1\r\nHost: localhost\r\n" + bearer("ops") +
            "Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{");
  EXPECT_TRUE(body.ends());
}

TEST_F(HostileHttp, ASilentConnectionIsCutOff) {
  ServerOptions options = test_options();
  options.idle_timeout_ms = 150;
  start(std::move(options));
  RawConnection silent(server_->port());
  EXPECT_TRUE(silent.ends());
}

TEST_F(HostileHttp, ConnectionsAreBoundedAndComeFreeAgain) {
  ServerOptions options = test_options();
  options.max_connections = 3;
  start(std::move(options));
  {
    std::optional<RawConnection> first, second, third;
    for (auto* each : {&first, &second, &third}) {
      each->emplace(server_->port());
      (*each)->send(request_text("GET", "/health/live", ""));
      EXPECT_EQ((*each)->receive().status, 200u);
    }
    RawConnection one_too_many(server_->port());
    EXPECT_TRUE(one_too_many.ends());
  }
  // The server sees the closed ones in its own time.
  unsigned status = 0;
  for (int i = 0; i < 1000 && status != 200; ++i) {
    RawConnection connection(server_->port());
    if (connection.send(request_text("GET", "/health/live", ""))) {
      if (connection.ends()) continue;
      status = 200;
    }
  }
  EXPECT_EQ(status, 200u);
}

// What a job of the worker holds is the connection that asked. It is one thread's, so it must not end on the worker's.
TEST(AdminDispatcher, AJobOfTheWorkerEndsOnTheServersThread) {
  FakeGateway gateway;
  const ServerOptions options = test_options();
  boost::asio::io_context io{1};
  boost::asio::thread_pool worker{1};
  Dispatcher dispatcher(options, io, worker, gateway, gateway, gateway, gateway);
  std::thread::id ended;
  std::shared_ptr<void> held(nullptr, [&ended](void*) { ended = std::this_thread::get_id(); });
  bool is_answered = false;
  ASSERT_TRUE(dispatcher.on_worker([held = std::move(held), &is_answered](History&) -> std::function<void()> {
    return [&is_answered] { is_answered = true; };
  }));
  worker.join();  // it is done with the job
  EXPECT_FALSE(is_answered);
  io.run();
  EXPECT_TRUE(is_answered);
  EXPECT_EQ(ended, std::this_thread::get_id());
}

TEST(AdminAuthentication, BackOffDoublesAndEnds) {
  Authentication authentication({{"ops", Role::kOperator, "right"}}, 3);
  const auto at = [](std::int64_t ms) { return SteadyTime::from_ns(1'000'000'000'000 + ms * 1'000'000); };
  using Outcome = Authentication::Outcome;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(authentication.authenticate("wrong", "a", at(i)).outcome, Outcome::kUnknown);
  EXPECT_EQ(authentication.authenticate("wrong", "a", at(10)).outcome, Outcome::kBackOff);
  EXPECT_EQ(authentication.authenticate("right", "a", at(10)).outcome, Outcome::kBackOff) << "never used from here";
  EXPECT_EQ(authentication.authenticate("right", "b", at(10)).outcome, Outcome::kKnown) << "another address";
  EXPECT_EQ(authentication.authenticate("wrong", "a", at(1100)).outcome, Outcome::kUnknown);
  EXPECT_EQ(authentication.authenticate("wrong", "a", at(1200)).retry_after_s, 2u) << "two seconds now";
  EXPECT_EQ(authentication.authenticate("right", "a", at(4000)).outcome, Outcome::kKnown);
}

TEST(AdminAuthentication, TheTableOfAddressesIsBounded) {
  Authentication authentication({{"ops", Role::kOperator, "right"}}, 3);
  for (int i = 0; i < 5000; ++i) {
    static_cast<void>(authentication.authenticate("wrong", "10.0." + std::to_string(i), SteadyTime::from_ns(i)));
  }
  EXPECT_EQ(authentication.failures(), 5000u);
}

TEST(AdminTarget, IsDecodedBySegment) {
  const auto target = parse_target("/api/v1/reference/quotes/EUR%2FUSD?a=b+c&d=%26");
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->segments.back(), "EUR/USD");
  EXPECT_EQ(target->parameters[0].second, "b c");
  EXPECT_EQ(target->parameters[1].second, "&");
  for (const char* bad : {"", "*", "api", "http://localhost/", "/a%", "/a%2", "/%zz", "/a%00", "/a\x7f", "/%ff", "/./a",
                          "/%2e%2e/a", "/a?b=1&b=2", "/a?%00=1", "/a#b"}) {
    EXPECT_FALSE(parse_target(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace portcullis::admin
