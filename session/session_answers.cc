#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include "base/check.h"
#include "session/session.h"

// What a session answers without QuickFIX: ResendRequest(2), and what QuickFIX must not see. And what of
// the peer's behaviour an operator must hear of.

namespace portcullis::session {

namespace {

// A session-level message that we write ourselves; a Text(58) is cut long before this.
constexpr std::size_t kOwnMessageBytes = 1024;
constexpr int kSameRequestLimit = 3;
constexpr std::size_t kLongestMsgType = 32;
// What a peer wrote can be part of an alert, and be as long as a frame.
constexpr std::size_t kMaxText = 256;
constexpr int kInvalidTagNumber = 0;    // 373
constexpr int kLastReasonOfFix42 = 11;  // 373: the later ones are new in FIX 4.3

// An optional sign and digits: what QuickFIX would read as an integer.
bool reads_as_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string too_low_text(std::uint64_t expected, std::uint64_t received) {
  return "MsgSeqNum too low, expecting " + std::to_string(expected) + " but received " + std::to_string(received);
}

// RefTagID(371). A tag that is no tag is named where it is an integer at all: 0, a negative one, one that begins with
// zero. It stands behind the last field that was read.
std::optional<std::int64_t> ref_tag_of(const fix::ScanFault& fault, const fix::ScannedMessage& message) {
  if (fault.ref_tag != 0) return fault.ref_tag;
  const std::span<const fix::RawField> fields = message.fields();
  if (fault.session_reject_reason != kInvalidTagNumber || fields.empty()) return std::nullopt;
  const std::string_view last = fields.back().value;
  const std::string_view frame = message.bytes();
  const std::string_view rest = frame.substr(static_cast<std::size_t>(last.data() + last.size() - frame.data()) + 1);
  const std::string_view text = rest.substr(0, rest.find('='));
  std::int32_t tag = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tag);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return tag;
}

// The value of a field of a message that QuickFIX wrote.
std::string_view value_in(std::string_view bytes, std::string_view tag) {
  const std::string begin = '\x01' + std::string(tag) + '=';
  const std::size_t at = bytes.find(begin);
  if (at == std::string_view::npos) return {};
  const std::string_view value = bytes.substr(at + begin.size());
  return value.substr(0, value.find('\x01'));
}

bool contains_ignoring_case(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

}  // namespace

// True when the request was valid, or was invalid in a way that QuickFIX does not see.
bool Session::answer_resend_request(std::string_view frame, std::uint64_t expected, UtcTime arrived, Now now) {
  const std::uint64_t seq = message().header().msg_seq_num;
  if (seq < expected) {
    // QuickFIX would answer it. A duplicate has been answered already.
    if (!message().header().poss_dup) {
      end_with_logout(too_low_text(expected, seq), order::AlertCode::kSequence, order::Severity::kWarning, now);
    }
    return true;
  }
  const std::string_view begin_text = message().find(7);
  const std::string_view end_text = message().find(16);
  if (!reads_as_integer(begin_text) || !reads_as_integer(end_text)) return false;
  if (!rules_.understands(message()) && !control_accepts(frame, now)) return false;
  const std::uint64_t first = fix::parse_number(begin_text);
  std::uint64_t last = fix::parse_number(end_text);
  const bool to_the_end = end_text.find_first_not_of('0') == std::string_view::npos ||
                          (last == 999999 && config_.begin_string <= "FIX.4.2");
  if (to_the_end) last = std::numeric_limits<std::uint64_t>::max();

  const std::uint64_t newest = core_.numbers(config_.id).next_sender - 1;
  if (first < 1 || first > newest || last < first) {
    if (seq > expected) return false;  // refused when its turn comes
    refuse_resend_request(frame, first, newest, expected, now);
    return true;
  }
  ++counters_.answered;
  if (first == same_request_first_ && last == same_request_last_) {
    ++same_request_count_;
  } else {
    same_request_first_ = first;
    same_request_last_ = last;
    same_request_count_ = 1;
  }
  if (same_request_count_ >= kSameRequestLimit) {
    end_with_logout("the same ResendRequest came " + std::to_string(kSameRequestLimit) + " times, from " +
                        std::string(begin_text) + " to " + std::string(end_text),
                    order::AlertCode::kResendStorm, order::Severity::kWarning, now);
    return true;
  }
  if (seq == expected) {
    gateway::Input input = message_input(frame, now);
    input.effects.next_target = expected + 1;
    commit_own(input, now);
  } else {
    hold_too_high(frame, true, expected, arrived, now);
  }
  note_written();
  replay_.open(epoch_, first, last, replay_.active() ? replay_.last_written() : last_written_, last_record_);
  continue_replay(now);
  return true;
}

// Whether QuickFIX finds nothing to reject in a ResendRequest(2). What it says else is asked of it again when its turn
// comes, and then recorded.
bool Session::control_accepts(std::string_view frame, Now now) {
  quickfix::Frame judged;
  judged.data = frame.data();
  judged.size = frame.size();
  judged.msg_seq_num = message().header().msg_seq_num;
  judged.judged_only = true;
  const gateway::SessionNumbers numbers = core_.numbers(config_.id);
  return control_->next({numbers.next_sender, numbers.next_target}, now.utc.ns(), judged).accepted;
}

void Session::refuse_resend_request(std::string_view frame, std::uint64_t first, std::uint64_t newest,
                                    std::uint64_t expected, Now now) {
  const bool bad_begin = first < 1 || first > newest;
  fix::ScanFault fault;
  fault.kind = fix::ScanFault::Kind::kNotAField;
  fault.ref_tag = bad_begin ? 7 : 16;
  fault.session_reject_reason = 5;  // value is incorrect
  fault.text = bad_begin ? "BeginSeqNo is not a number that was sent" : "EndSeqNo is below BeginSeqNo";
  if (first > newest) {
    // The peer has seen more from us than we know of: our numbers may come from an old backup.
    const std::string text = "the peer asks for message " + std::to_string(first) +
                             ", but the newest that we sent is " + std::to_string(newest);
    const gateway::SessionAlert alert{order::AlertCode::kHold, order::Severity::kCritical, text};
    refuse(frame, fault, expected, now, &alert);
    return;
  }
  refuse(frame, fault, expected, now);
}

// PossDupFlag(43)=Y under the expected number, of a message that somebody acts upon: it must say when it was first
// sent, and that before it was sent now. QuickFIX asks this of numbers below the expected one only.
bool Session::refuse_poss_dup(std::string_view frame, std::uint64_t expected, Now now) {
  const fix::HeaderFields& header = message().header();
  constexpr std::string_view kSessionLevel = "012345A";
  if (header.msg_type.size() == 1 && kSessionLevel.find(header.msg_type[0]) != std::string_view::npos) return false;
  fix::ScanFault fault;
  fault.kind = fix::ScanFault::Kind::kHeader;
  fault.ref_tag = 122;
  if (header.orig_sending_time.empty()) {
    fault.session_reject_reason = 1;  // required tag missing
    fault.text = "OrigSendingTime is required with PossDupFlag";
    refuse(frame, fault, expected, now);
    return true;
  }
  const std::optional<UtcTime> first_sent = parse_utc_timestamp(header.orig_sending_time);
  const std::optional<UtcTime> sent = parse_utc_timestamp(header.sending_time);
  if (!first_sent || !sent || *first_sent <= *sent) return false;
  fault.session_reject_reason = 10;  // SendingTime accuracy problem
  fault.text = "OrigSendingTime is after SendingTime";
  refuse(frame, fault, expected, now);
  logout(fault.text, now);
  return true;
}

// A NewSeqNo(36) past what QuickFIX can hold would overflow there. A gap fill to its own number, which QuickFIX takes for
// one that changes nothing, would leave that number open for ever.
bool Session::refuse_new_seq_no(std::string_view frame, std::uint64_t expected, Now now) {
  const std::string_view text = message().find(36);
  if (!reads_as_integer(text)) return false;
  const std::uint64_t value = fix::parse_number(text);
  const bool fits = !text.starts_with('-') && text.size() <= 18 && value <= quickfix::kMaxSeqNum;
  const bool fills_nothing =
      value == expected && message().header().msg_seq_num == expected && message().find(123) == "Y";
  if (fits && !fills_nothing) return false;
  fix::ScanFault fault;
  fault.kind = fix::ScanFault::Kind::kNotAField;
  fault.ref_tag = 36;
  fault.session_reject_reason = 5;
  fault.text = fits ? "NewSeqNo of a gap fill is not above its MsgSeqNum" : "NewSeqNo is not a number from 0 to 2147483646";
  refuse(frame, fault, expected, now);
  return true;
}

// Our own Reject(3), of a frame that QuickFIX must not see. Its number is consumed if it was expected.
void Session::refuse(std::string_view frame, const fix::ScanFault& fault, std::uint64_t expected, Now now,
                     const gateway::SessionAlert* alert) {
  const fix::HeaderFields& header = message().header();
  const std::uint64_t seq = header.msg_seq_num;
  if (seq < expected) {
    if (header.poss_dup) return;  // a duplicate of what was refused before
    return end_with_logout(too_low_text(expected, seq), order::AlertCode::kSequence, order::Severity::kWarning, now);
  }
  ++counters_.over_bounds;
  ++counters_.answered;
  fix::SessionReject reject;
  reject.ref_seq_num = seq;
  reject.text = fault.text;
  if (config_.begin_string >= "FIX.4.2") {  // 371 to 373 are new in FIX 4.2
    reject.ref_tag = ref_tag_of(fault, message());
    // What the peer wrote may be as long as a frame; a MsgType(35) that long names nothing.
    if (header.msg_type.size() <= kLongestMsgType) reject.ref_msg_type = header.msg_type;
    const bool known = config_.begin_string > "FIX.4.2" || fault.session_reject_reason <= kLastReasonOfFix42;
    if (known) reject.session_reject_reason = fault.session_reject_reason;
  }
  std::array<char, kOwnMessageBytes> buffer;
  const std::uint64_t number = core_.numbers(config_.id).next_sender;
  gateway::StagedMessage staged{number, fix::reject(identity_, number, now.utc, reject, buffer)};
  PORTCULLIS_CHECK(!staged.bytes.empty(), "a Reject(3) outgrows its buffer");
  gateway::Input input = message_input(frame, now);
  input.effects.outbound = std::span(&staged, 1);
  gateway::SessionAlert lost;
  const std::string lost_text =
      refused_of_broker(fault.text, reject.ref_tag ? std::to_string(*reject.ref_tag) : std::string(), &lost);
  lost.text = lost_text;
  if (alert != nullptr) {
    input.effects.alerts = std::span(alert, 1);
    ask_broker_again(input);
  } else if (!lost_text.empty()) {
    input.effects.alerts = std::span(&lost, 1);
  }
  if (seq == expected) input.effects.next_target = expected + 1;
  commit_own(input, now);
}

// What a broker's message says is lost where the session level refuses it, and a report may be of an execution.
std::string Session::refused_of_broker(std::string_view why, std::string_view ref_tag,
                                       gateway::SessionAlert* alert) const {
  const fix::HeaderFields& header = message().header();
  if (!config_.broker || is_admin(header.msg_type)) return {};
  const bool is_report = header.msg_type == "8";
  alert->code = order::AlertCode::kSessionProtocol;
  alert->severity = is_report ? order::Severity::kCritical : order::Severity::kWarning;
  std::string text = is_report ? "an ExecutionReport" : "a message of type " + std::string(header.msg_type);
  text += " with MsgSeqNum " + std::to_string(header.msg_seq_num) +
          " was rejected, and what it says is lost: " + std::string(why);
  if (!ref_tag.empty()) text += " (" + std::string(ref_tag) + ")";
  return text.substr(0, kMaxText);
}

// The text of an alert about the frame that QuickFIX has just judged, or nothing.
std::string Session::what_is_odd(const quickfix::Staged& staged, std::uint64_t expected, std::uint64_t next_sender,
                                 gateway::SessionAlert* alert) const {
  const fix::HeaderFields& header = message().header();
  const std::string_view type = header.msg_type;
  alert->code = order::AlertCode::kSequence;
  alert->severity = order::Severity::kWarning;
  if (staged.fault) {
    alert->code = order::AlertCode::kSessionProtocol;
    return staged.events.empty() ? "the control plane failed" : staged.events.back();
  }
  // A peer that has seen more from us than we know of: our numbers may come from an old backup.
  if (type == "5" && contains_ignoring_case(message().find(58), "too low")) {
    alert->code = order::AlertCode::kHold;
    alert->severity = order::Severity::kCritical;
    return "the peer expects a higher MsgSeqNum than ours, which is next " + std::to_string(next_sender) + ": " +
           std::string(message().find(58));
  }
  const std::uint64_t next_expected = type == "A" ? fix::parse_number(message().find(789)) : 0;
  if (next_expected > next_sender) {
    alert->code = order::AlertCode::kHold;
    alert->severity = order::Severity::kCritical;
    return "the peer's Logon expects our message " + std::to_string(next_expected) + ", but the next is " +
           std::to_string(next_sender);
  }
  if (type == "A" && header.msg_seq_num < expected && !staged.reset) {
    return "the peer logged on with MsgSeqNum " + std::to_string(header.msg_seq_num) + " while " +
           std::to_string(expected) + " was expected";
  }
  if (type == "4" && staged.numbers.next_target > expected && config_.broker) {
    return "the broker filled its numbers " + std::to_string(expected) + " to " +
           std::to_string(staged.numbers.next_target - 1) + " with a SequenceReset";
  }
  for (const quickfix::OutboundMessage& reply : staged.messages) {
    if (reply.msg_type != "3" || header.msg_seq_num != expected) continue;
    return refused_of_broker(value_in(reply.bytes, "58"), value_in(reply.bytes, "371"), alert);
  }
  if (staged.target_undone) {
    return "MsgSeqNum " + std::to_string(header.msg_seq_num) + " of a message of type " + std::string(type) +
           " while " + std::to_string(expected) + " was expected: the expected number stays";
  }
  return {};
}

}  // namespace portcullis::session
