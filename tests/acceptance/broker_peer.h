#pragma once

#include <optional>
#include <string>

#include "tests/acceptance/fix_peer.h"

// A broker by hand: waits for the gateway's connection, logs it on, and answers what a session must answer, so that a
// test sees application messages only. Configure it with `reconcile: none`, unless the test plays the reconciliation.

namespace portcullis::acceptance {

class BrokerPeer {
 public:
  explicit BrokerPeer(std::string comp_id, std::string begin_string = "FIX.4.4")
      : peer_({std::move(begin_string), std::move(comp_id), "GATE"}) {}

  std::uint16_t port() const { return listener_.port(); }
  FixPeer& peer() { return peer_; }
  // A connection that the test plays itself, from the gateway's Logon on; -1 after the time.
  int accept(Duration patience) { return listener_.accept(patience); }

  // Accepts, answers the Logon, and the TestRequest that ends the drain. False after the time.
  bool open(Duration patience, const std::string& logon = "98=0|108=30") {
    const std::optional<FixText> hello = logon_of_next(patience);
    if (!hello) return false;
    if ((*hello)[141] == "Y") peer_.next_seq = 1;
    peer_.send("35=A|" + logon + ((*hello)[141] == "Y" ? "|141=Y" : ""));
    while (const std::optional<FixText> message = peer_.receive(patience)) {
      answer(*message);
      if ((*message)[112].find("DRAIN") == 0) return true;
    }
    return false;
  }

  // Accepts, and answers the Logon with a Logout.
  bool refuse(Duration patience, const std::string& text) {
    if (!logon_of_next(patience)) return false;
    peer_.send("35=5|58=" + text);
    while (peer_.receive(patience)) {
    }  // its own Logout, and the end
    peer_.hang_up();
    return true;
  }

  // The next application message; nothing after the time, or when the gateway has closed.
  std::optional<FixText> next(Duration patience) {
    while (std::optional<FixText> message = peer_.receive(patience)) {
      if (!answer(*message)) return message;
    }
    return std::nullopt;
  }

  // The gateway has handled all that was said so far.
  bool settled(Duration patience) {
    peer_.send("35=1|112=SETTLED");
    while (const std::optional<FixText> message = peer_.receive(patience)) {
      if ((*message)[35] == "0" && (*message)[112] == "SETTLED") return true;
      answer(*message);
    }
    return false;
  }

 private:
  // Of the next connection that is alive: the one before may have been made by a gateway that has gone since.
  std::optional<FixText> logon_of_next(Duration patience) {
    for (int socket = listener_.accept(patience); socket >= 0; socket = listener_.accept(patience)) {
      peer_.adopt(socket);
      const std::optional<FixText> hello = peer_.receive(patience);
      if (hello && (*hello)[35] == "A") return hello;
    }
    return std::nullopt;
  }

  // Session-level messages are answered and swallowed.
  bool answer(const FixText& message) {
    const std::string type = message[35];
    if (type == "1") peer_.send("35=0|112=" + message[112]);
    if (type == "2") {  // nothing of ours is worth a resend
      const std::uint64_t next = peer_.next_seq;
      peer_.send("35=4|34=" + message[7] + "|43=Y|122=now|123=Y|36=" + std::to_string(next));
      peer_.next_seq = next;
    }
    if (type == "5") peer_.send("35=5");
    return type == "0" || type == "1" || type == "2" || type == "4" || type == "5" || type == "A";
  }

  FixListener listener_;
  FixPeer peer_;
};

}  // namespace portcullis::acceptance
