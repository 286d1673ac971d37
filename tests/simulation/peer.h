#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sim/json_log.h"
#include "sim/message.h"

// A counterparty's FIX 4.4 session as a pure model: frames and the time in, frames out. It keeps what it has sent,
// asks for what it misses, answers what it is asked for, and outlives any connection. Written for the simulator, so
// that the gateway's own session layer meets an engine that it shares nothing with but the specification.

namespace portcullis::simulation {

class Peer {
 public:
  Peer(bool initiator, std::string comp_id, std::string gateway_comp_id)
      : initiator_(initiator), comp_id_(std::move(comp_id)), gateway_comp_id_(std::move(gateway_comp_id)) {}

  void on_connected(UtcTime now);
  void on_disconnected();
  void on_frame(std::string_view frame, UtcTime now);
  // Heartbeats, TestRequests, a gap that nobody fills.
  void poll(UtcTime now);
  // Now, or at the next Logon: numbered when it is sent.
  void send(sim::Message message, UtcTime now);

  bool connected() const { return connected_; }
  bool logged_on() const { return logged_on_; }
  bool wants_close() const { return wants_close_; }
  // What is to go to the gateway, in order; taken by the caller.
  std::vector<std::string> take_frames() { return std::exchange(frames_, {}); }
  // Application messages, and Reject(3), in sequence and once; taken by the caller.
  std::vector<sim::Message> take_messages() { return std::exchange(messages_, {}); }
  bool nothing_waits() const { return unsent_.empty() && held_.empty(); }

  // The counterparty's own log, for the ledger.
  const std::vector<sim::LogLine>& log() const { return log_; }
  // What no gateway may do: numbers that went back, bytes that changed.
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Stored {
    sim::Message message;
    UtcTime sent;
  };

  void say(const std::string& type, const std::string& body, UtcTime now, std::uint64_t number = 0,
           const std::string& header = "");
  void transmit(const sim::Message& message, std::uint64_t number, UtcTime now, bool again, UtcTime first_sent);
  void flush(UtcTime now);
  void take(std::string_view frame, UtcTime now);
  void resend(std::uint64_t first, std::uint64_t last, UtcTime now);
  void ask_for_gap(UtcTime now);
  void log(const char* kind, const sim::Message& message);

  const bool initiator_;
  const std::string comp_id_, gateway_comp_id_;
  std::uint64_t next_sender_ = 1, next_target_ = 1;
  std::map<std::uint64_t, Stored> sent_;  // application messages by their numbers
  std::deque<sim::Message> unsent_;
  std::map<std::uint64_t, std::string> held_;  // frames behind a gap
  std::map<std::uint64_t, std::string> seen_;  // body of each application message that the gateway sent
  bool connected_ = false, logged_on_ = false, wants_close_ = false;
  UtcTime since_, received_, asked_, said_;
  bool asking_ = false;
  int tests_out_ = 0;

  std::vector<std::string> frames_;
  std::vector<sim::Message> messages_;
  std::vector<sim::LogLine> log_;
  std::vector<std::string> violations_;
};

}  // namespace portcullis::simulation
