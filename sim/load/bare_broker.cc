#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
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
          RawSession::Handler{nullptr, [this](RawMessage& message) { answer(message); },
                              [this](const std::string&) { asio::post(io_, [this] { accept(); }); }});
      session_->start(false, 30, false);
    });
  }

  void answer(RawMessage& message) {
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

  void report(RawMessage& message, std::string_view exec_type, std::string_view status, std::string_view cum,
              std::string_view leaves, std::string_view last, bool unknown) {
    const auto or_else = [](std::string_view value, std::string_view instead) {
      return value.empty() ? instead : value;
    };
    const std::string_view price = or_else(message.get(44), "1");
    char exec_id[24] = {'X'};
    char* const exec_end = std::to_chars(exec_id + 1, exec_id + sizeof exec_id, unknown ? 0 : ++last_exec_).ptr;
    body_.clear();
    body_.add("37=", unknown ? "NONE" : message.get(11));
    body_.add("11=", message.get(11));
    body_.add("41=", message.get(41));
    body_.add("17=", unknown ? "0" : std::string_view(exec_id, static_cast<std::size_t>(exec_end - exec_id)));
    if (fix42_) body_.add("20=", unknown ? "3" : "0");
    body_.add("150=", exec_type);
    body_.add("39=", status);
    if (unknown) body_.add("103=", "5");
    body_.add("55=", or_else(message.get(55), "NONE"));
    body_.add("54=", or_else(message.get(54), "1"));
    body_.add("38=", message.get(38));
    body_.add("44=", message.get(44));
    body_.add("32=", last);
    body_.add("31=", last == "0" ? "0" : price);
    body_.add("14=", cum);
    body_.add("151=", leaves);
    body_.add("6=", cum == "0" ? "0" : price);
    if (message.msg_type() == "AF") {
      body_.add("584=", message.get(584));
      body_.add("911=", "0");
      body_.add("912=", "Y");
    }
    session_->send("8", body_.view(), utc_now());
  }

  const BareBrokerSettings settings_;
  const bool fix42_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::posix::stream_descriptor stop_;
  std::unique_ptr<RawSession> session_;
  RawBody body_;
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
