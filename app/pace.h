#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "fix/frame.h"
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
//
// All else (an OrderStatusRequest, a message that the gateway does not take, a Heartbeat) takes no token of the
// throttle and is no fault, but costs a record, too. Who sends more of it than those tokens would pay for is read no
// faster.

namespace portcullis::app {

class Pace {
 public:
  Pace(const gateway::Core& core, order::SessionId session) : core_(core), session_(session) {}

  // Before the frame is handled: it is one too many, and the session is to end.
  bool breaks(const fix::Frame& frame, UtcTime now) const {
    return action() == config::ThrottleAction::kDisconnect &&
           is_order_or_cancel(frame.bytes.substr(frame.body_offset)) && !has_token(now);
  }
  // After a frame was handled: the next one is to wait.
  bool must_wait(UtcTime now) {
    if (others_used_up_) others_used_up_ = !others_.has(1, now);
    return others_used_up_ || (action() == config::ThrottleAction::kDelay && !has_token(now));
  }
  // After a frame was handled that the session level did not have to answer.
  void took(const fix::Frame& frame, UtcTime now) {
    if (is_order_or_cancel(frame.bytes.substr(frame.body_offset))) [[likely]]
      return;
    configure(others_);
    others_.take(now);
    others_used_up_ = !others_.has(1, now);
  }

  // For Text(58) of the Logout.
  std::string reason() const {
    return "RISK-14 C1: more than " + std::to_string(throttle().messages_per_second) + " messages per second";
  }

  // So many more were answered. False: too many, and the session is to end.
  bool may_be_answered(std::uint64_t count, UtcTime now) {
    configure(answers_);
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
  void configure(risk::TokenBucket& bucket) const {
    bucket.configure(std::max(throttle().messages_per_second, kLeastAnswers),
                     std::max(throttle().burst, kLeastAnswersAtOnce));
  }
  // NewOrderSingle, cancel or replace: MsgType(35) begins the body of every frame.
  static bool is_order_or_cancel(std::string_view body) {
    if (body.size() < 5 || body[4] != '\x01') return false;
    return body[3] == 'D' || body[3] == 'F' || body[3] == 'G';
  }

  const gateway::Core& core_;
  order::SessionId session_;
  risk::TokenBucket answers_;
  risk::TokenBucket others_;
  bool others_used_up_ = false;
};

}  // namespace portcullis::app
