#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "admin/port.h"
#include "base/result.h"

namespace portcullis::admin {

struct User {
  std::string name;
  Role role = Role::kViewer;
  std::string token;  // only its SHA-256 is kept once the server stands
};

struct ServerOptions {
  std::string address = "127.0.0.1";  // an IP literal
  std::uint16_t port = 0;             // 0: any free one
  // Names under which a browser may reach the server, beside localhost and the address itself: the
  // defence against DNS rebinding. With a reverse proxy, its public name.
  std::vector<std::string> allowed_hosts;
  std::vector<User> users;

  std::uint32_t max_connections = 256;
  std::uint32_t max_connections_per_address = 64;
  std::uint32_t max_streams = 64;
  std::uint32_t header_limit_bytes = 16 * 1024;
  std::uint32_t body_limit_bytes = 1024 * 1024;
  std::uint32_t request_timeout_ms = 10'000;           // from the first byte of a request to its last
  std::uint32_t idle_timeout_ms = 60'000;              // between two requests of one connection
  std::uint32_t command_timeout_ms = 10'000;           // for the core to answer; then 504
  std::uint32_t history_queue = 64;                    // requests waiting for the blotter; beyond it 503
  std::uint32_t stream_period_ms = 250;                // how often changes are looked for and sent
  std::uint32_t stream_queue_bytes = 4 * 1024 * 1024;  // unsent to one console; beyond it it is dropped
  std::uint32_t stream_token_timeout_ms = 5'000;
  std::uint32_t failed_logins = 10;  // from one address within a minute; then back-off, doubling to a minute
};

inline constexpr std::size_t kMaxUsers = 256;

// The admin server: REST, metrics, console and live stream over HTTP/1.1 on one thread of its own,
// with one worker thread beside it for the blotter. The ports outlive it.
class Server {
 public:
  // Binds and starts to serve, or says why it cannot.
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Views& views, History& history,
                                               Commands& commands, Audit& audit);
  // Closes all connections and joins both threads. Completions that arrive later are ignored.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Any thread: they take the place of those before, soon after. At most kMaxUsers. A live stream of a user who is gone
  // is closed.
  void set_users(std::vector<User> users);

  std::uint16_t port() const;
  // "http://127.0.0.1:8080/"
  std::string url() const;

 private:
  class Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace portcullis::admin
