#include "admin/server.h"

#include <pthread.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <thread>
#include <unordered_map>

#include "admin/dispatcher.h"
#include "admin/http_connection.h"
#include "admin/stream_feed.h"

namespace portcullis::admin {

namespace asio = boost::asio;
using asio::ip::tcp;

class Server::Impl {
 public:
  Impl(ServerOptions options, Views& views, History& history, Commands& commands, Audit& audit)
      : options_(std::move(options)),
        acceptor_(io_),
        retry_(io_),
        dispatcher_(options_, io_, worker_, views, history, commands, audit),
        feed_(io_, dispatcher_, options_.stream_period_ms),
        context_{options_, dispatcher_, feed_} {}

  Status listen() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error) return Error{"admin listen address '" + options_.address + "' is no IP address"};
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return Error{"the admin server cannot listen on " + options_.address + ":" + std::to_string(options_.port) +
                   ": " + error.message()};
    }
    port_ = acceptor_.local_endpoint().port();
    for (User& user : options_.users) user.token.assign(user.token.size(), '\0');  // hashes are kept, tokens not
    return {};
  }

  void run(const std::shared_ptr<Impl>& self) {
    dispatcher_.set_self(std::shared_ptr<Dispatcher>(self, &dispatcher_));
    accept();
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "admin");
      io_.run();
    });
  }

  void stop() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    worker_.stop();  // queries that have not begun are dropped
    worker_.join();
  }

  void set_users(std::vector<User> users) {
    asio::post(io_, [this, users = std::move(users)] { dispatcher_.set_users(users); });
  }

  std::uint16_t port() const { return port_; }

  std::string url() const {
    const bool v6 = options_.address.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + options_.address + "]" : options_.address) + ":" + std::to_string(port_) + "/";
  }

 private:
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {
        // Out of descriptors, most likely: trying at once would only spin.
        retry_.expires_after(std::chrono::milliseconds(100));
        retry_.async_wait([this](boost::system::error_code stopped) {
          if (!stopped) accept();
        });
        return;
      }
      admit(std::move(socket));
      accept();
    });
  }

  void admit(tcp::socket socket) {
    boost::system::error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error) return;  // gone already
    const std::string address = peer.address().to_string();
    auto found = per_address_.find(address);
    if (connections_ >= options_.max_connections ||
        (found != per_address_.end() && found->second >= options_.max_connections_per_address)) {
      return;  // closing the socket is the cheapest answer to a flood
    }
    ++connections_;
    ++per_address_[address];
    const std::shared_ptr<void> lease(nullptr, [this, address](void*) {
      --connections_;
      if (--per_address_[address] == 0) per_address_.erase(address);
    });
    socket.set_option(tcp::no_delay(true), error);
    run_http(context_, std::move(socket), address, lease);
  }

  // Handlers left in io_ refer to what stands after it here and are dropped with it, so the members
  // they use come first and io_ goes first.
  ServerOptions options_;
  std::uint32_t connections_ = 0;
  std::unordered_map<std::string, std::uint32_t> per_address_;
  asio::io_context io_{1};
  asio::thread_pool worker_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  Dispatcher dispatcher_;
  StreamFeed feed_;
  ConnectionContext context_;
  std::thread thread_;
  std::uint16_t port_ = 0;
};

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Views& views, History& history, Commands& commands,
                                              Audit& audit) {
  if (options.users.empty()) return Error{"the admin server has no user; at least one was expected"};
  if (options.users.size() > kMaxUsers) {
    return Error{"the admin server has more than " + std::to_string(kMaxUsers) + " users"};
  }
  auto impl = std::make_shared<Impl>(std::move(options), views, history, commands, audit);
  if (Status status = impl->listen(); !status) return status.error();
  impl->run(impl);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
  impl_->stop();
}
void Server::set_users(std::vector<User> users) {
  impl_->set_users(std::move(users));
}
std::uint16_t Server::port() const {
  return impl_->port();
}
std::string Server::url() const {
  return impl_->url();
}

}  // namespace portcullis::admin
