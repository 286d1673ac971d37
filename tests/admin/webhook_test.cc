#include "admin/webhook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <mutex>
#include <thread>

#include "tests/admin/fake_gateway.h"

// Alerts over real sockets, to a server of the test's own.

namespace portcullis::admin {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using asio::ip::tcp;

// Takes one request a connection; the first ones are answered with the statuses given, the others with 204.
class Receiver {
 public:
  explicit Receiver(std::vector<int> statuses = {}) : statuses_(std::move(statuses)), acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {
    thread_ = std::thread([this] { serve(); });
  }
  ~Receiver() {
    stopping_ = true;
    // Wakes accept.
    asio::io_context io;
    tcp::socket last(io);
    boost::system::error_code ignored;
    last.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/hook?key=secret"; }
  std::vector<std::string> requests() const {
    const std::lock_guard guard(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (true) {
      tcp::socket socket(io_);
      boost::system::error_code error;
      acceptor_.accept(socket, error);
      if (stopping_) return;
      std::string text;
      char chunk[4096];
      while (!error && !whole(text)) text.append(chunk, socket.read_some(asio::buffer(chunk), error));
      int status = 204;
      {
        const std::lock_guard guard(mutex_);
        requests_.push_back(text);
        if (requests_.size() <= statuses_.size()) status = statuses_[requests_.size() - 1];
      }
      const std::string answer = "HTTP/1.1 " + std::to_string(status) + " x\r\n" + (status == 204 ? "" : "Content-Length: 0\r\n") +
                                 "Connection: close\r\n\r\n";
      asio::write(socket, asio::buffer(answer), error);
    }
  }

  static bool whole(const std::string& text) {
    const std::size_t head = text.find("\r\n\r\n");
    const std::size_t length = text.find("Content-Length: ");
    return head != std::string::npos && length != std::string::npos &&
           text.size() >= head + 4 + std::stoul(text.substr(length + 16));
  }

  std::vector<int> statuses_;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

WebhookOptions quick(const std::string& url) {
  WebhookOptions options;
  options.url = url;
  options.gateway = "LDN1";
  options.look_every_ms = 5;
  options.first_retry_ms = 5;
  options.last_retry_ms = 20;
  options.timeout_ms = 2'000;
  return options;
}

template <typename Condition>
bool waited_for(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

AlertView alert(const std::string& id, const std::string& text) {
  AlertView view;
  view.id = id;
  view.severity = "critical";
  view.kind = "mass_cancel";
  view.text = text;
  view.raised = UtcTime::from_ns(4'000'000'000'000'000'000);
  return view;
}

TEST(Webhook, PostsEachAlertOnceAndInOrder) {
  FakeGateway gateway;
  gateway.set_alerts({alert("0", "first"), alert("1", "second")});
  Receiver receiver;
  auto webhook = Webhook::start(quick(receiver.url()), gateway);
  ASSERT_TRUE(webhook.ok()) << webhook.error().what;
  ASSERT_TRUE(waited_for([&] { return (*webhook)->counters().delivered == 2; }));
  gateway.set_alerts({alert("0", "first"), alert("1", "second"), alert("2", "third")});
  ASSERT_TRUE(waited_for([&] { return (*webhook)->counters().delivered == 3; }));
  const std::vector<std::string> requests = receiver.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_THAT(requests[0], testing::StartsWith("POST /hook?key=secret HTTP/1.1\r\n"));
  EXPECT_THAT(requests[0], testing::HasSubstr("Content-Type: application/json"));
  const json::value body = json::parse(requests[2].substr(requests[2].find("\r\n\r\n") + 4));
  EXPECT_EQ(body.at("gateway").as_string(), "LDN1");
  EXPECT_EQ(body.at("alert").at("text").as_string(), "third");
}

TEST(Webhook, TriesAgainUntilItIsTaken) {
  FakeGateway gateway;
  gateway.set_alerts({alert("7", "only")});
  Receiver receiver({500, 429, 302});
  auto webhook = Webhook::start(quick(receiver.url()), gateway);
  ASSERT_TRUE(webhook.ok());
  ASSERT_TRUE(waited_for([&] { return (*webhook)->counters().delivered == 1; }));
  EXPECT_EQ(receiver.requests().size(), 4u);
  EXPECT_EQ((*webhook)->counters().failed, 3u);
}

TEST(Webhook, NobodyThereHoldsUpNothingAndTheQueueIsBounded) {
  FakeGateway gateway;
  std::vector<AlertView> many;
  for (std::size_t i = 0; i < Webhook::kMaxWaiting + 10; ++i) many.push_back(alert(std::to_string(i), "x"));
  gateway.set_alerts(many);
  auto webhook = Webhook::start(quick("http://127.0.0.1:1/"), gateway);
  ASSERT_TRUE(webhook.ok());
  ASSERT_TRUE(waited_for([&] { return (*webhook)->counters().failed > 2; }));
  EXPECT_EQ((*webhook)->counters().waiting, Webhook::kMaxWaiting);
  EXPECT_EQ((*webhook)->counters().lost, 10u);
  EXPECT_THAT((*webhook)->counters().last_error, testing::HasSubstr("no connection"));
}

TEST(Webhook, RefusesWhatIsNoWebAddress) {
  FakeGateway gateway;
  for (const char* url : {"ftp://x/", "http://", "not an address"}) {
    EXPECT_FALSE(Webhook::start(quick(url), gateway).ok()) << url;
  }
}

}  // namespace
}  // namespace portcullis::admin
