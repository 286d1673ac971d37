#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "session/authentication.h"
#include "session/lockout.h"
#include "session/stream.h"

namespace boost::asio {
class io_context;
}

// Where clients connect. A thread of its own (the door) accepts, does the TLS handshake, reads the first
// message and judges it; a second one verifies passwords. Only a connection whose Logon is right reaches
// the core thread. Strangers cost nothing: no journal record, no number, bounded memory, a disconnect
// without a word, a rate-limited audit line.

namespace portcullis::session {

struct AcceptorSettings {
  config::Endpoint listen;  // port 0: any free one
  std::optional<config::ServerTls> tls;
  std::vector<LogonRule> rules;

  Duration time_to_logon = Duration::seconds(5);         // from accept to the whole Logon
  Duration failure_delay = Duration::milliseconds(500);  // from the Logon to the disconnect, whatever failed
  std::size_t max_pending = 2048;                        // connections before their Logon is judged, in total
  std::size_t max_pending_per_address = 1024;
  std::size_t max_password_checks = 256;  // that wait for the password thread
  LockoutSettings address_lockout{.failures = 20};
  LockoutSettings session_lockout{.failures = 5};
  std::uint32_t audit_lines_per_second = 10;
};

// A connection that may be trusted, for the core thread.
struct LoggedOn {
  std::string session_id;
  std::string logon;  // the raw Logon(A): not yet journaled, masked by nobody
  Stream stream;      // what followed the Logon is in stream.received
};

// Why someone was turned away. `comp_id` is what a stranger claimed: escape it.
struct AuditLine {
  UtcTime time;
  std::string remote;
  std::string comp_id;
  std::string what;
  std::uint64_t suppressed = 0;  // lines that the rate limit left out before this one
  std::string session_id;        // whose Logon it was; empty: no session of ours is named
};

class AcceptorEvents {
 public:
  virtual ~AcceptorEvents() = default;
  // On the core thread. The session is taken until session_ended().
  virtual void on_logged_on(LoggedOn logged_on) = 0;
  // On the door thread.
  virtual void on_audit(const AuditLine& line) = 0;
};

struct AcceptorCounters {
  std::uint64_t accepted = 0;
  std::uint64_t refused_address = 0;  // by allow-list or lock-out, before anything was read
  std::uint64_t refused_full = 0;     // by the caps
  std::uint64_t timed_out = 0;        // no Logon in time
  std::uint64_t failed_logons = 0;
  std::uint64_t logged_on = 0;
  std::uint64_t pending = 0;  // now
};

class Acceptor {
 public:
  // Checks password hashes and TLS files, binds and listens, so that a fault is known at start. `core` and `events`
  // outlive the acceptor.
  static Result<std::unique_ptr<Acceptor>> open(AcceptorSettings settings, boost::asio::io_context& core,
                                                AcceptorEvents& events);
  // Closes every connection that is not handed over, and joins both threads.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  void start();

  // The address that is listened on, with the real port.
  const config::Endpoint& listening() const;

  // Any thread, at once or soon after.
  void set_rules(std::vector<LogonRule> rules);
  // By an operator or the schedule: a disabled session's Logon is refused. Lasts until set_rules().
  void set_enabled(const std::string& session_id, bool enabled);
  // The core is done with the session's connection: another may log on.
  void session_ended(const std::string& session_id);
  // No new connection is accepted; those under way go on.
  void stop_listening();
  AcceptorCounters counters() const;

 private:
  class Door;
  explicit Acceptor(std::shared_ptr<Door> door);
  std::shared_ptr<Door> door_;
};

}  // namespace portcullis::session
