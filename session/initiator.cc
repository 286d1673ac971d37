#include "session/initiator.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <optional>
#include <utility>

namespace portcullis::session {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::string seconds_text(Duration duration) {
  const std::int64_t ms = duration.ms();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

// As a person says it; the system's own words for what is rare.
std::string plain_text(const error_code& error) {
  if (error == asio::error::connection_refused) return "connection refused";
  if (error == asio::error::timed_out) return "timed out";
  if (error == asio::error::host_unreachable || error == asio::error::network_unreachable) return "unreachable";
  if (error == asio::error::host_not_found || error == asio::error::host_not_found_try_again) {
    return "the host name is not known";
  }
  return error.message();
}

}  // namespace

class Initiator::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(InitiatorSettings settings, std::shared_ptr<const TlsContext> tls, asio::io_context& core,
       InitiatorEvents& events)
      : settings_(std::move(settings)),
        tls_context_(std::move(tls)),
        events_(events),
        resolver_(core),
        socket_(core),
        timer_(core),
        pause_(settings_.reconnect_min) {}

  void start() {
    if (state_ != State::kStopped) return;
    why_down_ = "connecting";
    host_ = 0;
    pause_ = settings_.reconnect_min;
    attempt();
  }

  void stop(std::string why) {
    state_ = State::kStopped;
    why_down_ = std::move(why);
    abort_attempt();
  }

  void logged_on() {
    failed_rounds_ = 0;
    host_ = 0;
    pause_ = settings_.reconnect_min;
    logged_on_ = true;
  }

  void disconnected(std::string why) {
    if (state_ != State::kConnected) return;
    why_down_ = std::move(why);
    if (!logged_on_) return next_host();
    wait();
  }

  State state_ = State::kStopped;
  std::string why_down_ = "not started";
  std::uint64_t failed_rounds_ = 0;

 private:
  using Self = std::shared_ptr<Impl>;

  const config::Endpoint& host() const { return settings_.connect[host_]; }

  void attempt() {
    abort_attempt();
    state_ = State::kConnecting;
    logged_on_ = false;
    const std::uint64_t number = attempt_;
    timer_.expires_after(std::chrono::nanoseconds(settings_.connect_timeout.ns()));
    timer_.async_wait([self = shared_from_this(), number](const error_code& cancelled) {
      if (cancelled || number != self->attempt_) return;
      const std::string limit = seconds_text(self->settings_.connect_timeout);
      self->failed(self->tls_ != nullptr ? "TLS: the handshake timed out after " + limit : "timed out after " + limit);
    });
    resolver_.async_resolve(host().host, std::to_string(host().port),
                            [self = shared_from_this(), number](const error_code& error, const auto& found) {
                              if (number != self->attempt_) return;
                              if (error) return self->failed(plain_text(error));
                              self->connect(found, number);
                            });
  }

  void connect(const tcp::resolver::results_type& found, std::uint64_t number) {
    asio::async_connect(socket_, found, [self = shared_from_this(), number](const error_code& error, const auto&) {
      if (number != self->attempt_) return;
      if (error) return self->failed(plain_text(error));
      if (self->tls_context_ == nullptr) return self->succeeded();
      self->tls_ = std::make_unique<TlsStream>(self->tls_context_);
      self->shake(number);
    });
  }

  void shake(std::uint64_t number) {
    const TlsStream::Progress progress = tls_->handshake();
    outgoing_.clear();
    tls_->take_output(outgoing_);
    if (progress == TlsStream::Progress::kFailed || progress == TlsStream::Progress::kClosed) {
      error_code ignored;  // the alert tells the broker why; it is a courtesy
      socket_.non_blocking(true, ignored);
      socket_.write_some(asio::buffer(outgoing_), ignored);
      return failed(tls_->failure().empty() ? "TLS: the broker closed the connection" : tls_->failure());
    }
    const bool done = progress == TlsStream::Progress::kDone;
    if (outgoing_.empty()) return done ? succeeded() : read(number);
    asio::async_write(socket_, asio::buffer(outgoing_),
                      [self = shared_from_this(), number, done](const error_code& error, std::size_t) {
                        if (number != self->attempt_) return;
                        if (error) return self->failed("TLS: " + plain_text(error));
                        return done ? self->succeeded() : self->read(number);
                      });
  }

  void read(std::uint64_t number) {
    socket_.async_read_some(asio::buffer(chunk_),
                            [self = shared_from_this(), number](const error_code& error, std::size_t size) {
                              if (number != self->attempt_) return;
                              if (error == asio::error::eof) {
                                return self->failed("TLS: the broker closed the connection during the handshake");
                              }
                              if (error) return self->failed("TLS: " + plain_text(error));
                              self->tls_->feed({self->chunk_.data(), size});
                              self->shake(number);
                            });
  }

  void succeeded() {
    Stream stream;
    error_code error;
    stream.ipv6 = socket_.local_endpoint(error).protocol() == tcp::v6();
    const int fd = socket_.release(error);
    if (error) return failed(error.message());
    stream.socket = FileDescriptor(fd);
    if (tls_ != nullptr) stream.peer = tls_->peer_identity();
    stream.tls = std::move(tls_);
    stream.remote = host().to_string();
    abort_attempt();
    state_ = State::kConnected;
    why_down_.clear();
    events_.on_connected(std::move(stream), host());
  }

  void failed(const std::string& why) {
    why_down_ = host().to_string() + ": " + why;
    abort_attempt();
    const std::uint64_t number = attempt_;
    events_.on_connect_failed(why_down_);
    // The listener may have stopped us.
    if (number == attempt_ && state_ == State::kConnecting) next_host();
  }

  void next_host() {
    if (++host_ < settings_.connect.size()) return attempt();
    host_ = 0;
    ++failed_rounds_;
    wait();
    pause_ = std::min(pause_ + pause_, settings_.reconnect_max);
  }

  void wait() {
    abort_attempt();
    state_ = State::kWaiting;
    const std::uint64_t number = attempt_;
    timer_.expires_after(std::chrono::nanoseconds(pause_.ns()));
    timer_.async_wait([self = shared_from_this(), number](const error_code& cancelled) {
      if (!cancelled && number == self->attempt_) self->attempt();
    });
  }

  // What is under way ends without effect: its number is no longer the current one.
  void abort_attempt() {
    ++attempt_;
    resolver_.cancel();
    timer_.cancel();
    tls_.reset();
    error_code ignored;  // the socket is given up whatever it says
    socket_.close(ignored);
  }

  InitiatorSettings settings_;
  std::shared_ptr<const TlsContext> tls_context_;
  InitiatorEvents& events_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  std::unique_ptr<TlsStream> tls_;
  std::array<char, 4096> chunk_;
  std::string outgoing_;
  Duration pause_;  // before the next round
  std::size_t host_ = 0;
  std::uint64_t attempt_ = 0;
  bool logged_on_ = false;
};

InitiatorSettings initiator_settings(const config::Broker& broker) {
  InitiatorSettings settings;
  settings.connect = broker.connect;
  settings.tls = broker.tls;
  settings.reconnect_min = broker.reconnect.min;
  settings.reconnect_max = broker.reconnect.max;
  return settings;
}

Result<std::unique_ptr<Initiator>> Initiator::open(InitiatorSettings settings, asio::io_context& core,
                                                   InitiatorEvents& events) {
  if (settings.connect.empty()) return Error{"a broker needs at least one host to connect to"};
  std::shared_ptr<const TlsContext> tls;
  if (settings.tls) {
    auto context = TlsContext::for_client(*settings.tls);
    if (!context) return context.error();
    tls = std::move(*context);
  }
  auto impl = std::make_shared<Impl>(std::move(settings), std::move(tls), core, events);
  return std::unique_ptr<Initiator>(new Initiator(std::move(impl)));
}

Initiator::Initiator(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Initiator::~Initiator() {
  impl_->stop("gone");
}

void Initiator::start() {
  impl_->start();
}
void Initiator::stop(std::string why) {
  impl_->stop(std::move(why));
}
void Initiator::logged_on() {
  impl_->logged_on();
}
void Initiator::disconnected(std::string why) {
  impl_->disconnected(std::move(why));
}
Initiator::State Initiator::state() const {
  return impl_->state_;
}
const std::string& Initiator::why_down() const {
  return impl_->why_down_;
}
std::uint64_t Initiator::failed_rounds() const {
  return impl_->failed_rounds_;
}

}  // namespace portcullis::session
