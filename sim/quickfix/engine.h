#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/message.h"

// One FIX session on QuickFIX's own engine, behind a header that includes nothing of QuickFIX: its sessions,
// its message stores, its parser, its initiator. The gateway's counterparties run on it, so that the peer that
// judges the gateway shares no line with it.
// This header must also compile as C++14, because QuickFIX's headers do not compile past it.

namespace portcullis {
namespace sim {

struct EngineSettings {
  bool acceptor = false;       // true: listens; false: connects, and connects again when the session drops
  std::string host;            // a dotted IPv4 address
  std::uint16_t port = 0;      // an acceptor may ask for 0, any free port
  std::string begin_string;    // FIX.4.2 or FIX.4.4
  std::string sender_comp_id;  // SenderCompID(49) of what this side sends
  std::string target_comp_id;  // TargetCompID(56) of what this side sends
  std::string username;        // Username(553) of an initiator's Logon; empty: not sent
  std::string password;        // Password(554)
  std::string store_dir;       // QuickFIX's FileStore there; empty: its MemoryStore
  std::string dictionary;      // a data dictionary in QuickFIX's XML format; empty: messages are not validated
  int heartbeat_s = 30;
  int reconnect_s = 1;
  bool reset_on_logon = false;
};

// Called on QuickFIX's threads; on_sending also on the thread that calls Engine::send. Must not throw, must not
// call the engine back, and must outlive it.
class EngineHandler {
 public:
  virtual ~EngineHandler() = default;
  virtual void on_logon() = 0;
  virtual void on_logout() = 0;
  // An application message that the session accepted, in sequence.
  virtual void on_received(const Message& message) = 0;
  // An application message about to leave, new or retransmitted (poss_dup); its number is known.
  virtual void on_sending(const Message& message) = 0;
  // What the session says about itself, for people.
  virtual void on_event(const std::string& text) = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  // The port it listens on (acceptor), or connects to.
  virtual std::uint16_t port() const = 0;
  virtual bool logged_on() const = 0;
  // The number that the next message will carry, from the store.
  virtual long next_sender_seq() const = 0;
  // Gives the message to the session, which numbers and stores it. Returns its MsgSeqNum(34); 0 when the session
  // refused it. While the session is down the message is stored and goes out by the peer's ResendRequest.
  virtual long send(const Message& message) = 0;
  // Logs out, waits for the answer for a few seconds, closes. Idempotent.
  virtual void stop() = 0;
};

// Starts the engine. Returns nothing and fills `error` when it could not (address in use, unreadable dictionary).
std::unique_ptr<Engine> start_engine(const EngineSettings& settings, EngineHandler& handler, std::string& error);

}  // namespace sim
}  // namespace portcullis
