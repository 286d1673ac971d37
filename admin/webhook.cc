#include "admin/webhook.h"

#include <pthread.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/json.hpp>
#include <boost/url.hpp>
#include <charconv>
#include <deque>
#include <mutex>
#include <thread>

#include "admin/json.h"

namespace portcullis::admin {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

struct Target {
  bool tls = false;
  std::string host;
  std::string port;
  std::string path;  // with its query
};

Result<Target> parse(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->host().empty() || (parsed->scheme() != "http" && parsed->scheme() != "https")) {
    return Error{"alerts.webhook is no web address; http://HOST[:PORT][/PATH] or https:// was expected"};
  }
  Target target;
  target.tls = parsed->scheme() == "https";
  target.host = parsed->host_address();
  target.port = parsed->has_port() ? std::string(parsed->port()) : target.tls ? "443" : "80";
  target.path = parsed->encoded_target().empty() ? "/" : std::string(parsed->encoded_target());
  if (target.path.front() != '/') target.path.insert(0, "/");
  return target;
}

using Done = std::function<void(std::string error)>;

// One POST over a connection of its own; `done` is called once, with nothing when the answer was 2xx.
template <typename Stream>
class Delivery : public std::enable_shared_from_this<Delivery<Stream>> {
 public:
  template <typename... Arguments>
  Delivery(asio::io_context& io, const Target& target, std::string body, std::chrono::milliseconds time, Done done,
           Arguments&&... arguments)
      : target_(target), time_(time), done_(std::move(done)), resolver_(io), stream_(std::forward<Arguments>(arguments)...) {
    request_.method(http::verb::post);
    request_.target(target.path);
    request_.version(11);
    request_.set(http::field::host, target.host + ":" + target.port);
    request_.set(http::field::content_type, "application/json");
    request_.set(http::field::user_agent, "portcullis");
    request_.set(http::field::connection, "close");
    request_.body() = std::move(body);
    request_.prepare_payload();
    parser_.body_limit(64 * 1024);
  }

  void start() {
    resolver_.async_resolve(target_.host, target_.port, [self = this->shared_from_this()](error_code error, tcp::resolver::results_type found) {
      if (error) return self->end("its host is not found: " + error.message());
      beast::get_lowest_layer(self->stream_).expires_after(self->time_);
      beast::get_lowest_layer(self->stream_).async_connect(found, [self](error_code failed, const tcp::endpoint&) {
        if (failed) return self->end("no connection: " + failed.message());
        self->secure();
      });
    });
  }

 private:
  void secure() {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      write();
    } else {
      if (!SSL_set_tlsext_host_name(stream_.native_handle(), target_.host.c_str())) return end("no server name for TLS");
      stream_.set_verify_callback(asio::ssl::host_name_verification(target_.host));
      stream_.async_handshake(asio::ssl::stream_base::client, [self = this->shared_from_this()](error_code error) {
        if (error) return self->end("TLS: " + error.message());
        self->write();
      });
    }
  }

  void write() {
    http::async_write(stream_, request_, [self = this->shared_from_this()](error_code error, std::size_t) {
      if (error) return self->end("sending: " + error.message());
      http::async_read(self->stream_, self->buffer_, self->parser_, [self](error_code failed, std::size_t) {
        if (failed) return self->end("no answer: " + failed.message());
        const unsigned status = self->parser_.get().result_int();
        self->end(status / 100 == 2 ? std::string() : "it answers " + std::to_string(status));
      });
    });
  }

  void end(std::string error) {
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
    done_(std::move(error));
  }

  const Target& target_;
  const std::chrono::milliseconds time_;
  Done done_;
  tcp::resolver resolver_;
  Stream stream_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
};

std::uint64_t number_of(const std::string& id) {
  std::uint64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  return number;
}

}  // namespace

class Webhook::Impl {
 public:
  Impl(WebhookOptions options, Target target, Views& views) : options_(std::move(options)), target_(std::move(target)), views_(views) {}

  Status prepare() {
    if (!target_.tls) return {};
    tls_.set_verify_mode(asio::ssl::verify_peer);
    error_code error;
    if (options_.ca_file.empty()) {
      tls_.set_default_verify_paths(error);
    } else {
      tls_.load_verify_file(options_.ca_file, error);
    }
    if (error) return Error{"certificates to trust for alerts.webhook: " + error.message()};
    return {};
  }

  void run() {
    started_ = views_.gateway().started;
    look();
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "webhook");
      io_.run();
    });
  }

  void stop() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Counters counters() const {
    const std::lock_guard guard(mutex_);
    return counters_;
  }

 private:
  void look() {
    for (const AlertView& alert : views_.alerts()) {
      const std::uint64_t number = number_of(alert.id);
      if (number < next_) continue;
      if (next_ > 0 && number > next_) {
        // More were raised since the last look than the views show.
        const std::lock_guard guard(mutex_);
        counters_.lost += number - next_;
      }
      next_ = number + 1;
      const bool missed = alert.severity == "critical" && alert.acknowledged_by.empty();
      if (alert.raised < started_ && !missed) continue;
      waiting_.push_back(serialized(boost::json::object{{"gateway", options_.gateway}, {"alert", to_json(alert)}}));
      if (waiting_.size() <= kMaxWaiting) continue;
      // The one that is under way stays.
      waiting_.erase(waiting_.begin() + (under_way_ ? 1 : 0));
      const std::lock_guard guard(mutex_);
      ++counters_.lost;
    }
    tell_waiting();
    if (!under_way_ && !pausing_ && !waiting_.empty()) deliver();
    look_timer_.expires_after(std::chrono::milliseconds(options_.look_every_ms));
    look_timer_.async_wait([this](error_code error) {
      if (!error) look();
    });
  }

  void tell_waiting() {
    const std::lock_guard guard(mutex_);
    counters_.waiting = waiting_.size();
  }

  void deliver() {
    under_way_ = true;
    const auto time = std::chrono::milliseconds(options_.timeout_ms);
    const Done done = [this](std::string error) { on_done(std::move(error)); };
    if (target_.tls) {
      using Stream = beast::ssl_stream<beast::tcp_stream>;
      std::make_shared<Delivery<Stream>>(io_, target_, waiting_.front(), time, done, io_, tls_)->start();
    } else {
      std::make_shared<Delivery<beast::tcp_stream>>(io_, target_, waiting_.front(), time, done, io_)->start();
    }
  }

  void on_done(std::string error) {
    under_way_ = false;
    {
      const std::lock_guard guard(mutex_);
      ++(error.empty() ? counters_.delivered : counters_.failed);
      counters_.last_error = error;
    }
    if (error.empty()) {
      retry_ms_ = options_.first_retry_ms;
      waiting_.pop_front();
      tell_waiting();
      if (!waiting_.empty()) deliver();
      return;
    }
    pausing_ = true;
    retry_timer_.expires_after(std::chrono::milliseconds(retry_ms_));
    retry_ms_ = std::min(retry_ms_ * 2, options_.last_retry_ms);
    retry_timer_.async_wait([this](error_code stopped) {
      if (stopped) return;
      pausing_ = false;
      if (!under_way_ && !waiting_.empty()) deliver();
    });
  }

  const WebhookOptions options_;
  const Target target_;
  Views& views_;
  asio::io_context io_{1};
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  asio::steady_timer look_timer_{io_};
  asio::steady_timer retry_timer_{io_};
  UtcTime started_;
  std::uint64_t next_ = 0;  // the number of the first alert that was not looked at
  std::deque<std::string> waiting_;
  bool under_way_ = false;
  bool pausing_ = false;
  std::uint32_t retry_ms_ = options_.first_retry_ms;
  mutable std::mutex mutex_;
  Counters counters_;
  std::thread thread_;
};

Result<std::unique_ptr<Webhook>> Webhook::start(WebhookOptions options, Views& views) {
  Result<Target> target = parse(options.url);
  if (!target) return target.error();
  auto impl = std::make_unique<Impl>(std::move(options), std::move(target).value(), views);
  if (const Status ready = impl->prepare(); !ready) return ready.error();
  impl->run();
  return std::unique_ptr<Webhook>(new Webhook(std::move(impl)));
}

Webhook::Webhook(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Webhook::~Webhook() {
  impl_->stop();
}
Webhook::Counters Webhook::counters() const {
  return impl_->counters();
}

}  // namespace portcullis::admin
