#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "fix/dictionary.h"
#include "fix/pass_through.h"
#include "fix/scanner.h"

// The lane: an application message that is exactly what was expected, on a session in its ordinary
// state, goes to the core without QuickFIX. Everything else goes through QuickFIX, and what QuickFIX
// then delivers enters the core by the same door; both ways give the same records and the same bytes.

namespace portcullis::session {

// The counterparty's dictionary, asked whether QuickFIX with the same dictionary would certainly accept
// the message. "No" only means that QuickFIX decides.
class MessageRules {
 public:
  virtual ~MessageRules() = default;
  virtual bool understands(const fix::ScannedMessage& message) const = 0;
  // The count field of a repeating group that is not whole, in which entries of groups within it count, too; 0: none.
  virtual std::uint32_t broken_group(const fix::ScannedMessage& message) const = 0;
};

// The ordinary rules: the dictionary from the same XML that QuickFIX has for the session.
class DictionaryRules : public MessageRules {
 public:
  // `dictionary` outlives this. `user_defined_tags`: unknown tags from 5000 up are let pass, as with
  // SessionSettings::check_user_defined_fields off.
  DictionaryRules(const fix::Dictionary& dictionary, bool user_defined_tags)
      : dictionary_(dictionary), user_defined_tags_(user_defined_tags) {}
  bool understands(const fix::ScannedMessage& message) const override {
    return dictionary_.understand(message, user_defined_tags_).understood;
  }
  std::uint32_t broken_group(const fix::ScannedMessage& message) const override {
    return fix::broken_group(message, dictionary_);
  }

 private:
  const fix::Dictionary& dictionary_;
  bool user_defined_tags_;
};

// How the peer addresses its messages.
struct LaneIdentity {
  std::string_view begin_string;
  std::string_view sender_comp_id;  // 49 of what the peer sends
  std::string_view target_comp_id;  // 56 of what the peer sends
};

// The session as it stands. All of it must hold for the lane to act.
struct LaneState {
  bool logged_on = false;
  bool enabled = false;
  bool logout_sent = false;
  bool gap_open = false;      // a ResendRequest of ours is unanswered
  bool higher_waits = false;  // frames wait behind a gap
  std::uint64_t next_target = 0;
};

enum class LaneRefusal : std::uint8_t {
  kNone,        // the lane takes it
  kSession,     // the session is not in its ordinary state
  kNumber,      // not the expected MsgSeqNum(34)
  kPossDup,     // PossDupFlag(43)=Y
  kAdmin,       // a session-level message
  kIdentity,    // other BeginString(8), SenderCompID(49) or TargetCompID(56)
  kTime,        // SendingTime(52) is missing, unreadable or too far from now
  kDictionary,  // not fully understood
};

// Session-level: 0 1 2 3 4 5 A.
bool is_admin(std::string_view msg_type);

bool addressed_to_us(const fix::HeaderFields& header, const LaneIdentity& identity);

// SendingTime(52) is readable and within `max_latency` of now, before or after. Zero: any readable time.
bool good_sending_time(std::string_view sending_time, UtcTime now, Duration max_latency);

LaneRefusal lane_refuses(const fix::ScannedMessage& message, const LaneState& state, const LaneIdentity& identity,
                         const MessageRules& rules, UtcTime now, Duration max_latency);

}  // namespace portcullis::session
