#include "admin/stream_connection.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>
#include <deque>
#include <vector>

namespace portcullis::admin {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

namespace {

constexpr std::string_view kSubprotocol = "portcullis.v1";
constexpr std::string_view kBearer = "bearer.";
constexpr std::size_t kMaxMessageFromClient = 4096;
constexpr auto kCloseWithin = std::chrono::seconds(2);

class StreamConnection : public StreamFeed::Subscriber, public std::enable_shared_from_this<StreamConnection> {
 public:
  StreamConnection(ConnectionContext& context, beast::tcp_stream stream, std::string address,
                   std::shared_ptr<void> lease)
      : context_(context),
        socket_(std::move(stream)),
        timer_(socket_.get_executor()),
        address_(std::move(address)),
        lease_(std::move(lease)) {
    context_.dispatcher.stream_opened();
  }

  void start(http::request<http::string_body> upgrade) {
    std::string token;
    bool speaks_ours = false;
    for (const auto& each : http::token_list(upgrade[http::field::sec_websocket_protocol])) {
      const std::string_view offered(each.data(), each.size());
      if (offered == kSubprotocol) speaks_ours = true;
      if (offered.starts_with(kBearer)) token = std::string(offered.substr(kBearer.size()));
    }
    beast::get_lowest_layer(socket_).expires_never();
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = std::chrono::milliseconds(context_.options.request_timeout_ms);
    timeout.idle_timeout = std::chrono::seconds(30);
    timeout.keep_alive_pings = true;
    socket_.set_option(timeout);
    socket_.read_message_max(kMaxMessageFromClient);
    socket_.set_option(websocket::stream_base::decorator([speaks_ours](websocket::response_type& response) {
      response.set(http::field::server, "portcullis");
      // Never the token's subprotocol: the answer names only what both speak.
      if (speaks_ours) response.set(http::field::sec_websocket_protocol, kSubprotocol);
    }));
    upgrade_ = std::move(upgrade);
    socket_.async_accept(upgrade_, [self = shared_from_this(), token](beast::error_code error) {
      if (error) return self->stop();
      self->accepted(token);
    });
  }

  void send(std::shared_ptr<const std::string> message) override {
    if (closing_) return;
    if (!context_.dispatcher.knows(identity_)) {
      return close({websocket::close_code::policy_error, "the user is no longer configured"});
    }
    queued_bytes_ += message->size();
    if (queued_bytes_ > context_.options.stream_queue_bytes) {
      too_slow_ = true;
      context_.dispatcher.audit().write(
          {user_, address_, "stream", 0, "dropped: the console does not read fast enough"});
      return close({websocket::close_code::policy_error, "too slow: the queue is full"});
    }
    queue_.push_back(std::move(message));
    if (queue_.size() == 1) write();
  }

 private:
  void accepted(const std::string& token) {
    if (!token.empty()) return log_in(token);
    timer_.expires_after(std::chrono::milliseconds(context_.options.stream_token_timeout_ms));
    timer_.async_wait([self = shared_from_this()](beast::error_code error) {
      if (!error && !self->subscribed_) self->close({websocket::close_code::policy_error, "no token came in time"});
    });
    read();
  }

  void log_in(std::string_view token) {
    const auto verdict = context_.dispatcher.authenticate(token, address_, "stream");
    if (verdict.outcome != Authentication::Outcome::kKnown) {
      return close({websocket::close_code::policy_error, "the token is unknown"});
    }
    timer_.cancel();
    subscribed_ = true;
    identity_ = verdict.identity;
    user_ = identity_.name;
    const boost::json::object hello{{"topic", "hello"}, {"user", user_}, {"role", to_text(verdict.identity.role)}};
    send(std::make_shared<const std::string>(boost::json::serialize(hello)));
    context_.feed.subscribe(this);
    read();
  }

  void read() {
    socket_.async_read(buffer_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return self->stop();
      self->received();
    });
  }

  void received() {
    const std::string message = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    if (closing_) return read();  // until the peer's close frame
    if (subscribed_) return close({websocket::close_code::policy_error, "the stream takes no message after the token"});
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(message, error);
    const boost::json::value* token = !error && value.is_object() ? value.get_object().if_contains("token") : nullptr;
    if (token == nullptr || !token->is_string()) {
      return close({websocket::close_code::policy_error, "the first message is not {\"token\": \"...\"}"});
    }
    log_in(token->get_string());
  }

  void write() {
    socket_.text(true);
    socket_.async_write(asio::buffer(*queue_.front()),
                        [self = shared_from_this()](beast::error_code error, std::size_t) {
                          if (error) return self->stop();
                          self->queued_bytes_ -= self->queue_.front()->size();
                          self->queue_.pop_front();
                          if (!self->closing_ && !self->queue_.empty()) self->write();
                        });
  }

  void close(const websocket::close_reason& reason) {
    if (closing_) return;
    closing_ = true;
    context_.feed.unsubscribe(this);
    socket_.async_close(reason, [self = shared_from_this()](beast::error_code) { self->stop(); });
    // The close frame waits behind a write that may never end.
    timer_.expires_after(kCloseWithin);
    timer_.async_wait([self = shared_from_this()](beast::error_code error) {
      if (!error) self->stop();
    });
  }

  // Every end of the connection comes by here, but the end of the server.
  void stop() {
    if (stopped_) return;
    stopped_ = true;
    closing_ = true;
    context_.feed.unsubscribe(this);
    context_.dispatcher.stream_closed(too_slow_);
    timer_.cancel();
    beast::get_lowest_layer(socket_).close();
  }

  ConnectionContext& context_;
  websocket::stream<beast::tcp_stream> socket_;
  asio::steady_timer timer_;
  std::string address_;
  std::shared_ptr<void> lease_;
  http::request<http::string_body> upgrade_;
  beast::flat_buffer buffer_{kMaxMessageFromClient + 1024};
  std::deque<std::shared_ptr<const std::string>> queue_;
  std::size_t queued_bytes_ = 0;
  Identity identity_;
  std::string user_;
  bool subscribed_ = false;
  bool closing_ = false;
  bool too_slow_ = false;
  bool stopped_ = false;
};

}  // namespace

void run_stream(ConnectionContext& context, beast::tcp_stream stream, http::request<http::string_body> upgrade,
                std::string address, std::shared_ptr<void> lease) {
  std::make_shared<StreamConnection>(context, std::move(stream), std::move(address), std::move(lease))
      ->start(std::move(upgrade));
}

}  // namespace portcullis::admin
