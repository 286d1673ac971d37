#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "admin/api.h"
#include "admin/authentication.h"
#include "admin/server.h"

namespace portcullis::admin {

// A request's head as it came from the wire, before its body is read.
struct RequestHead {
  std::string method;
  std::string target;
  std::string host;
  std::string origin;         // empty: none
  std::string fetch_site;     // Sec-Fetch-Site, as browsers send it
  std::string authorization;  // "Bearer …"
  std::string content_type;
  std::string if_match;
  std::string accept;
  std::string if_none_match;
  bool accepts_gzip = false;
  bool has_body = false;
  bool is_upgrade = false;  // to WebSocket
  std::string address;
};

// Everything between a socket and an endpoint: routing, Host and Origin, authentication, roles, the
// way to the core and back. Knows Asio for its timers and queues, but no connection. Admin thread,
// but for what Api says of replies.
class Dispatcher : public Api {
 public:
  Dispatcher(const ServerOptions& options, boost::asio::io_context& io, boost::asio::thread_pool& worker, Views& views,
             History& history, Commands& commands, Audit& audit);

  // Points to this object and keeps its owner, and so the io_context, alive: the core may answer
  // while the server goes. Set once, before the first request.
  void set_self(std::weak_ptr<Dispatcher> self) { self_ = std::move(self); }

  struct Admitted {
    const Endpoint* endpoint = nullptr;
    Request request;  // without its body yet
  };
  struct StreamUpgrade {};
  // What to do with a request, decided before its body is read.
  using Admission = std::variant<Response, Admitted, StreamUpgrade>;
  Admission admit(const RequestHead& head);

  // Runs the endpoint. `reply` is called on the admin thread.
  void handle(Admitted admitted, Reply reply);

  // For the stream, whose token comes in a message. Writes failures to the audit log.
  Authentication::Verdict authenticate(std::string_view token, const std::string& address, const std::string& action);

  // Runs a job on the blotter's worker; false when too many wait. `then` runs on the admin thread.
  bool on_worker(std::function<std::function<void()>(History&)> job);

  void set_users(const std::vector<User>& users) { authentication_.set_users(users); }
  // Whether the user is still there in this role.
  bool knows(const Identity& identity) const { return authentication_.knows(identity); }

  void count_answer(unsigned status);
  void stream_opened() { ++streams_; }
  void stream_closed(bool too_slow);
  std::uint32_t streams() const { return streams_; }
  Audit& audit() { return audit_; }

  Views& views() override { return views_; }
  UtcTime now() override;
  std::vector<MetricView> server_metrics() override;
  void read(Reply reply, std::function<Response(History&)> query) override;
  void submit(const Request& request, Command command, Reply reply) override;

 private:
  struct Route {
    const Endpoint* endpoint;
    std::vector<std::string> segments;  // "{name}" stands for any
  };
  // A command that the core has not answered. The reply is gone after a time-out.
  struct Pending {
    Reply reply;
    std::unique_ptr<boost::asio::steady_timer> timer;
  };

  std::variant<Response, Admitted> route(const RequestHead& head, const std::vector<std::string>& segments) const;
  std::optional<Response> refuse_identity(const RequestHead& head, const Endpoint& endpoint, Request& request);
  std::optional<Response> asset(const RequestHead& head, const std::string& path) const;
  void finish(std::uint64_t id, const CommandResult& result);

  static constexpr std::size_t kMaxPending = 1024;

  std::weak_ptr<Dispatcher> self_;
  const ServerOptions& options_;
  boost::asio::io_context& io_;
  boost::asio::thread_pool& worker_;
  Views& views_;
  History& history_;
  Commands& commands_;
  Audit& audit_;
  Authentication authentication_;
  std::vector<Route> routes_;
  std::unordered_map<std::string, std::string> plain_assets_;  // by path, inflated
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::uint64_t next_pending_ = 1;
  std::uint32_t waiting_reads_ = 0;
  std::uint32_t streams_ = 0;
  std::uint64_t slow_streams_ = 0;
  std::array<std::uint64_t, 6> answers_{};  // by the first digit of the status
};

}  // namespace portcullis::admin
