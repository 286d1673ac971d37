#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/config.h"
#include "session/stream.h"

namespace boost::asio {
class io_context;
}

// Connects to one broker, on the core thread: its hosts in turn, TLS where it is configured, and after
// a whole round of failures a pause that doubles up to a limit. It always knows, in plain words, why
// the connection is down. The Logon is the session's business.

namespace portcullis::session {

struct InitiatorSettings {
  std::vector<config::Endpoint> connect;  // at least one; tried in turn
  std::optional<config::ClientTls> tls;
  Duration reconnect_min = Duration::seconds(1);
  Duration reconnect_max = Duration::seconds(30);
  Duration connect_timeout = Duration::seconds(5);  // one host: name, TCP and TLS together
};

InitiatorSettings initiator_settings(const config::Broker& broker);

class InitiatorEvents {
 public:
  virtual ~InitiatorEvents() = default;
  // Connected, TLS done: the session may send its Logon. Until disconnected() nothing more is tried.
  virtual void on_connected(Stream stream, const config::Endpoint& host) = 0;
  // One host failed; `why` is what why_down() says from now on.
  virtual void on_connect_failed(const std::string& why) = 0;
};

class Initiator {
 public:
  enum class State : std::uint8_t {
    kStopped,
    kConnecting,
    kWaiting,  // for the next round
    kConnected,
  };

  // Fails where the TLS files cannot be used. `core` and `events` outlive the initiator.
  static Result<std::unique_ptr<Initiator>> open(InitiatorSettings settings, boost::asio::io_context& core,
                                                 InitiatorEvents& events);
  ~Initiator();
  Initiator(const Initiator&) = delete;
  Initiator& operator=(const Initiator&) = delete;

  // From the first host, without a pause. Does nothing unless stopped.
  void start();
  // No more attempts; what was handed over is the session's.
  void stop(std::string why);

  // The broker accepted our Logon: after this connection the hosts are tried from the first again,
  // after the shortest pause.
  void logged_on();
  // The connection that was handed over has ended, for this reason. Without logged_on() in between the
  // host counts as failed, so that a host that accepts and then hangs up does not stop the search.
  void disconnected(std::string why);

  State state() const;
  // Empty while connected.
  const std::string& why_down() const;
  // How many rounds over all hosts have failed since the last logged_on().
  std::uint64_t failed_rounds() const;

 private:
  class Impl;
  explicit Initiator(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // shared with the operations under way
};

}  // namespace portcullis::session
