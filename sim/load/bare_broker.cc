#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <memory>

#include "sim/inbox.h"
#include "sim/load/load.h"
#include "sim/load/raw_session.h"

namespace portcullis::sim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class BareBroker {
 public:
  BareBroker(const BareBrokerSettings& settings, int stop_file)
      : settings_(settings), fix42_(settings.begin_string == "FIX.4.2"), acceptor_(io_), stop_(io_, stop_file) {}
  ~BareBroker() { stop_.release(); }  // the caller's own

  Status listen() {
    boost::system::error_code failed;
    const asio::ip::address address = asio::ip::make_address(settings_.host, failed);
    const tcp::endpoint endpoint(address, settings_.port);
    if (!failed) acceptor_.open(endpoint.protocol(), failed);
    if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor_.bind(endpoint, failed);
    if (!failed) acceptor_.listen(4, failed);
    if (!failed) return {};
    return Error{"cannot listen on " + settings_.host + ":" + std::to_string(settings_.port) + ": " + failed.message()};
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void run() {
    stop_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code&) { io_.stop(); });
    accept();
    io_.run();
  }

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& failed, tcp::socket socket) {
      if (failed) return;
      socket.set_option(tcp::no_delay(true));
      // The last session's cancelled operations are queued before this, so nothing refers to it any more then.
      asio::post(io_, [old = std::shared_ptr<RawSession>(std::move(session_))] {});
      session_ = std::make_unique<RawSession>(
          std::move(socket), settings_.begin_string, settings_.sender, settings_.target,
          RawSession::Handler{nullptr, [this](const RawMessage& message) { answer(message); },
                              [this](const std::string&) { asio::post(io_, [this] { accept(); }); }});
      session_->start(false, 30, false);
    });
  }

  void answer(const RawMessage& message) {
    const std::string_view type = message.msg_type();
    if (type == "D") {
      const std::string_view quantity = message.get(38);
      report(message, "0", "0", "0", quantity, "0", false);
      if (settings_.fill) report(message, fix42_ ? "2" : "F", "2", quantity, "0", quantity, false);
    } else if (type == "F") {
      report(message, "4", "4", "0", "0", "0", false);
    } else if (type == "H" || type == "AF") {
      report(message, fix42_ ? "8" : "I", "8", "0", "0", "0", true);
    }
  }

  void add(int tag, std::string_view value) {
    if (!value.empty()) body_.append(std::to_string(tag)).append(1, '=').append(value).append(1, '\x01');
  }

  void report(const RawMessage& message, std::string_view exec_type, std::string_view status, std::string_view cum,
              std::string_view leaves, std::string_view last, bool unknown) {
    const std::string_view price = message.get(44).empty() ? std::string_view("1") : message.get(44);
    body_.clear();
    add(37, unknown ? std::string_view("NONE") : message.get(11));
    add(11, message.get(11));
    add(41, message.get(41));
    add(17, unknown ? "0" : "X" + std::to_string(++last_exec_));
    if (fix42_) add(20, unknown ? "3" : "0");
    add(150, exec_type);
    add(39, status);
    if (unknown) add(103, "5");
    add(55, message.get(55).empty() ? std::string_view("NONE") : message.get(55));
    add(54, message.get(54).empty() ? std::string_view("1") : message.get(54));
    add(38, message.get(38));
    add(44, message.get(44));
    add(32, last);
    add(31, last == "0" ? std::string_view("0") : price);
    add(14, cum);
    add(151, leaves);
    add(6, cum == "0" ? std::string_view("0") : price);
    if (message.msg_type() == "AF") {
      add(584, message.get(584));
      add(911, "0");
      add(912, "Y");
    }
    session_->send("8", body_, utc_now());
  }

  const BareBrokerSettings settings_;
  const bool fix42_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::posix::stream_descriptor stop_;
  std::unique_ptr<RawSession> session_;
  std::string body_;
  std::uint64_t last_exec_ = static_cast<std::uint64_t>(utc_now().ns());
};

}  // namespace

Status run_bare_broker(const BareBrokerSettings& settings, int stop_file,
                       const std::function<void(std::uint16_t port)>& listening_on) {
  BareBroker broker(settings, stop_file);
  if (const Status listening = broker.listen(); !listening) return listening;
  listening_on(broker.port());
  broker.run();
  return {};
}

}  // namespace portcullis::sim
