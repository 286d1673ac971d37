#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "gateway/core.h"
#include "risk/throttle.h"

// What a client's line does when messages come faster than the client's throttle gives tokens (control C1), where the
// configuration says so: `delay` stops reading the socket until there is a token again, so that the peer's own TCP
// holds what it sends; `disconnect` ends the session with a Logout(5). With `reject` the core alone answers. Nothing
// that has a number is ever held back.
//
// What the session level has to answer the core never sees: messages that are refused there, TestRequests,
// ResendRequests. Each costs a record and a message of ours, so they have tokens of their own, and who uses them up is
// disconnected whatever the configuration says: there is nothing to refuse them with.

namespace portcullis::app {

class Pace {
 public:
  Pace(const gateway::Core& core, order::SessionId session) : core_(core), session_(session) {}

  // Before the frame is handled: it is one too many, and the session is to end.
  bool breaks(std::string_view frame, UtcTime now) const {
    return action() == config::ThrottleAction::kDisconnect && counts(frame) && !has_token(now);
  }
  // After a frame was handled: the next one is to wait.
  bool must_wait(UtcTime now) const { return action() == config::ThrottleAction::kDelay && !has_token(now); }

  // For Text(58) of the Logout.
  std::string reason() const {
    return "RISK-14 C1: more than " + std::to_string(throttle().messages_per_second) + " messages per second";
  }

  // So many more were answered. False: too many, and the session is to end.
  bool may_be_answered(std::uint64_t count, UtcTime now) {
    answers_.configure(std::max(throttle().messages_per_second, kLeastAnswers), std::max(throttle().burst, kLeastAnswersAtOnce));
    const bool may = answers_.has(static_cast<std::int64_t>(count), now);
    answers_.take(now, static_cast<std::int64_t>(count));
    return may;
  }
  static std::string answers_reason() {
    return "RISK-14 C1: too many messages that the session level has to refuse, or to answer";
  }

 private:
  // As many are always answered, in a second and at once: a client's own tests must not end its session.
  static constexpr std::uint32_t kLeastAnswers = 100;
  static constexpr std::uint32_t kLeastAnswersAtOnce = 1000;

  // Clients' sessions only; a client that left the configuration has no throttle of its own.
  const config::ClientThrottle& throttle() const {
    static const config::ClientThrottle kNone;
    const gateway::State& state = core_.state();
    const gateway::Session& session = state.sessions[session_.value()];
    if (session.of_broker || session.client.value() >= state.setup.clients.size()) return kNone;
    return state.setup.clients[session.client.value()].throttle;
  }
  config::ThrottleAction action() const { return throttle().action; }
  bool has_token(UtcTime now) const {
    const risk::Session* session = core_.state().risk.state().find_session(session_);
    return session == nullptr || session->throttle.has(1, now);
  }
  // NewOrderSingle, cancel or replace: MsgType(35) is the third field of every frame.
  static bool counts(std::string_view frame) {
    const std::size_t at = frame.substr(0, 40).find(
        "\x01"
        "35=");
    if (at == std::string_view::npos || frame.size() < at + 6 || frame[at + 5] != '\x01') return false;
    const char type = frame[at + 4];
    return type == 'D' || type == 'F' || type == 'G';
  }

  const gateway::Core& core_;
  order::SessionId session_;
  risk::TokenBucket answers_;
};

}  // namespace portcullis::app
