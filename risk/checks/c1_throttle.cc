#include "risk/checks/registry.h"

// C1: messages per second of a client's session, as a token bucket. New orders and replaces are refused
// without a token; cancels take one when there is one and are never refused, so they do not come here. A session that
// is slowed by a soft level pays twice. Where the configuration delays, the socket waits for tokens (app/pace.h), and
// nothing is refused: what came through a gap's queue at once has its numbers already.

namespace portcullis::risk {

bool check_c1_throttle(const Context& context, Judge& judge) {
  // A session that nobody configured has no tokens.
  const TokenBucket bucket = context.session != nullptr ? context.session->throttle : TokenBucket();
  const std::int64_t used = bucket.burst() - bucket.tokens(context.now);
  if (context.session != nullptr && context.session->delays) {
    judge.record(order::Control::kC1, order::Scope::kSession, context.session_id.value(), used, bucket.burst(), true);
    return true;
  }
  const std::int64_t cost = context.session != nullptr ? context.session->message_cost() : 1;
  if (judge.test(order::Control::kC1, order::Scope::kSession, context.session_id.value(), used, cost, bucket.burst())) {
    return true;
  }
  judge.refuse(order::RejectCode::kThrottled, order::Control::kC1, 0, {"too many messages; try again in a moment"});
  return false;
}

}  // namespace portcullis::risk
