#include "session/lane.h"

#include <optional>

#include "base/same_text.h"
namespace portcullis::session {

bool is_admin(std::string_view msg_type) {
  return msg_type.size() == 1 && (msg_type[0] == 'A' || (msg_type[0] >= '0' && msg_type[0] <= '5'));
}

bool addressed_to_us(const fix::HeaderFields& header, const LaneIdentity& identity) {
  return same_text(header.begin_string, identity.begin_string) &&
         same_text(header.sender_comp_id, identity.sender_comp_id) &&
         same_text(header.target_comp_id, identity.target_comp_id);
}

bool good_sending_time(std::string_view sending_time, UtcTime now, Duration max_latency) {
  const std::optional<UtcTime> sent = parse_utc_timestamp(sending_time);
  if (!sent) return false;
  if (max_latency == Duration()) return true;
  const Duration away = now > *sent ? now - *sent : *sent - now;
  return away <= max_latency;
}

LaneRefusal lane_refuses(const fix::ScannedMessage& message, const LaneState& state, const LaneIdentity& identity,
                         const MessageRules& rules, UtcTime now, Duration max_latency) {
  const fix::HeaderFields& header = message.header();
  if (!state.logged_on || !state.enabled || state.logout_sent || state.gap_open || state.higher_waits) {
    return LaneRefusal::kSession;
  }
  if (header.msg_seq_num != state.next_target) return LaneRefusal::kNumber;
  if (header.poss_dup) return LaneRefusal::kPossDup;
  if (is_admin(header.msg_type)) return LaneRefusal::kAdmin;
  if (!addressed_to_us(header, identity)) return LaneRefusal::kIdentity;
  if (!good_sending_time(header.sending_time, now, max_latency)) return LaneRefusal::kTime;
  if (!message.regular() || !rules.understands(message)) return LaneRefusal::kDictionary;
  return LaneRefusal::kNone;
}

}  // namespace portcullis::session
