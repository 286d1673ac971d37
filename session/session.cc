#include "session/session.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

#include "base/check.h"
#include "fix/frame.h"
#include "session/mask.h"

// What a session does with a frame. Its life and its timers are in session_life.cc.

namespace portcullis::session {

namespace {

// What a peer wrote can be part of a reason or an alert, and be as long as a frame.
constexpr std::size_t kMaxText = 256;

// QuickFIX's last line that says why, rather than that, it disconnects.
std::string explain(const std::vector<std::string>& events) {
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (*event != "Disconnecting") return *event;
  }
  return "closed by the session protocol";
}

std::string misaddressed(const fix::HeaderFields& header, const LaneIdentity& expected) {
  const auto told = [](std::string_view version, std::string_view from, std::string_view to) {
    return std::string(version) + " from " + std::string(from.substr(0, 64)) + " to " + std::string(to.substr(0, 64));
  };
  return "the peer's first message is " + told(header.begin_string, header.sender_comp_id, header.target_comp_id) +
         ", expected " + told(expected.begin_string, expected.sender_comp_id, expected.target_comp_id) +
         " (BeginString(8), SenderCompID(49), TargetCompID(56))";
}

// QuickFIX takes the length of a data field from the first field of its length tag, wherever that stands, and
// reads that far. So each data field must follow its length field, and a length that is given twice must be the
// same.
fix::ScanFault data_lengths_fault(const fix::ScannedMessage& message) {
  fix::ScanFault fault;
  fault.session_reject_reason = 6;  // incorrect data format for value
  if (!message.regular()) {
    fault.kind = fix::ScanFault::Kind::kDataLength;
    fault.text = "a data field does not follow its length field at once";
    return fault;
  }
  for (const fix::RawField& field : message.fields()) {
    if (fix::data_tag_of_length(field.tag) == 0 || message.find(field.tag) == field.value) continue;
    fault.kind = fix::ScanFault::Kind::kDataLength;
    fault.ref_tag = field.tag;
    fault.text = "a length field stands twice, with different values";
    return fault;
  }
  return {};
}

// What QuickFIX would ignore as garbled, since it counts the body's bytes without BeginString(8), BodyLength(9) and
// CheckSum(10) wherever they stand: its number would be asked for again and again. And what it answers by closing the
// connection, or as a matter of the application: a header that does not say from whom, to whom or when.
fix::ScanFault header_fault(const fix::ScannedMessage& message) {
  constexpr int kRequiredTagMissing = 1;
  constexpr int kAppearsMoreThanOnce = 13;
  const std::span<const fix::RawField> fields = message.fields();
  const auto fault = [](std::uint32_t tag, int reason, const char* text) {
    return fix::ScanFault{fix::ScanFault::Kind::kHeader, tag, reason, text};
  };
  for (std::size_t i = 2; i + 1 < fields.size(); ++i) {
    const std::uint32_t tag = fields[i].tag;
    if (tag >= 8 && tag <= 10) return fault(tag, kAppearsMoreThanOnce, "the field stands twice, or not in its place");
  }
  for (const std::uint32_t tag : {49u, 52u, 56u}) {
    const bool stands = std::ranges::any_of(fields, [tag](const fix::RawField& field) { return field.tag == tag; });
    if (!stands) return fault(tag, kRequiredTagMissing, "a required field of the header is missing");
  }
  return {};
}

// What QuickFIX ignores as garbled, since its data dictionary does not have a data field in which an SOH stands: its
// number would be asked for again and again.
fix::ScanFault unreadable_fault(const fix::ScannedMessage& message) {
  constexpr int kTagNotDefined = 2;
  constexpr int kIncorrectDataFormat = 6;
  for (const fix::RawField& field : message.fields()) {
    if (fix::length_tag_of_data(field.tag) == 0 || field.value.find(fix::kSoh) == std::string_view::npos) continue;
    return {fix::ScanFault::Kind::kNotAField, field.tag, kTagNotDefined,
            "a data field that this message type does not have"};
  }
  return {fix::ScanFault::Kind::kNotAField, 0, kIncorrectDataFormat, "the message cannot be read"};
}

// QuickFIX does not count the entries of a group within a group. The whole group would be left out on the way.
fix::ScanFault group_fault(std::uint32_t count_tag) {
  constexpr int kIncorrectNumInGroup = 16;
  return {fix::ScanFault::Kind::kNotAField, count_tag, kIncorrectNumInGroup,
          "a repeating group has another count than it says, or more than 100 entries"};
}

// The application messages of FIX 4.2, and those that came up to FIX 4.4.
bool is_application_type(std::string_view begin_string, std::string_view type) {
  constexpr std::string_view kOfFix42 = "6789BCDEFGHJKLMNPQRSTVWXYZabcdefghijklm";
  constexpr std::string_view kSince = "nopqrstuvwxyz";
  if (type.size() == 1) {
    return kOfFix42.find(type[0]) != std::string_view::npos ||
           (begin_string > "FIX.4.2" && kSince.find(type[0]) != std::string_view::npos);
  }
  if (type.size() != 2 || begin_string <= "FIX.4.2") return false;
  return (type[0] == 'A' && type[1] >= 'A' && type[1] <= 'Z') || (type[0] == 'B' && type[1] >= 'A' && type[1] <= 'H');
}

constinit thread_local fix::ScannedMessage g_message;

}  // namespace

fix::ScannedMessage& Session::message() {
  return g_message;
}

void Session::on_frame(std::string_view frame, Now now) {
  if (wire_ == nullptr || phase_ == SessionPhase::kClosing) return;
  last_received_ = now.steady;
  test_requests_out_ = 0;
  take(frame, now.utc, now);
  if (!queue_.empty()) drain_queue(now);
}

// A frame that has arrived, or that waited behind a gap and whose turn has come.
void Session::take(std::string_view frame, UtcTime arrived, Now now) {
  fix::ScanFault fault = fix::scan(frame, message());
  const fix::HeaderFields& header = message().header();
  const std::uint64_t seq = header.msg_seq_num;
  const std::uint64_t expected = core_.numbers(config_.id).next_target;

  if (!fault && take_by_lane(expected, arrived, now)) return;
  if (!fault) fault = data_lengths_fault(message());
  if (!fault) fault = header_fault(message());

  const bool numbered = seq >= 1 && seq <= quickfix::kMaxSeqNum;
  if (!logged_on()) {
    if (fault) return drop("the first message is malformed: " + std::string(fault.text), now);
    if (!numbered) return drop("the Logon(A) has no valid MsgSeqNum(34)", now);
    // QuickFIX would close as well, and not say why.
    if (!addressed_to_us(header, peer_identity_)) return drop(misaddressed(header, peer_identity_), now);
    return take_by_control(frame, expected, arrived, now);
  }
  if (!numbered) {
    return end_with_logout("MsgSeqNum(34) is missing, or is not a number from 1 to 2147483646",
                           order::AlertCode::kSessionProtocol, order::Severity::kWarning, now);
  }
  if (fault) {
    if (seq > expected) return hold_too_high(frame, false, expected, arrived, now);
    return refuse(frame, fault, expected, now);
  }
  // A message that is not for us, or whose time is wrong, is judged by QuickFIX whatever its number.
  if (addressed_to_us(header, peer_identity_) && good_sending_time(header.sending_time, arrived, config_.max_latency)) {
    if (header.msg_type == "2" && answer_resend_request(frame, expected, arrived, now)) return;
    if (header.msg_type == "4" && refuse_new_seq_no(frame, expected, now)) return;
    if (header.poss_dup && seq == expected && refuse_poss_dup(frame, expected, now)) return;
    if (seq > expected && waits_behind_gap()) return hold_too_high(frame, false, expected, arrived, now);
  }
  take_by_control(frame, expected, arrived, now);
}

LaneState Session::lane_state(std::uint64_t expected) const {
  return LaneState{.logged_on = phase_ == SessionPhase::kLoggedOn,
                   .enabled = control_->enabled(),
                   .logout_sent = control_->logout_sent(),
                   .gap_open = gap_.open(),
                   .higher_waits = !queue_.empty(),
                   .next_target = expected};
}

bool Session::take_by_lane(std::uint64_t expected, UtcTime arrived, Now now) {
  if (lane_refuses(message(), lane_state(expected), peer_identity_, rules_, arrived, config_.max_latency) !=
      LaneRefusal::kNone) {
    return false;
  }
  ++counters_.lane;
  gateway::Input input = message_input(message().bytes(), now);
  input.deliver = &message();
  input.effects.next_target = expected + 1;
  last_record_ = core_.submit(input);
  return true;
}

// Logon(A) and Logout(5) are QuickFIX's whatever their number, and so is a SequenceReset(4) without
// GapFillFlag(123), whose number means nothing.
bool Session::waits_behind_gap() const {
  const std::string_view type = message().header().msg_type;
  return type != "A" && type != "5" && (type != "4" || message().find(123) == "Y");
}

void Session::hold_too_high(std::string_view frame, bool answered, std::uint64_t expected, UtcTime arrived, Now now) {
  ++counters_.too_high;
  const std::uint64_t seq = message().header().msg_seq_num;
  queue_.hold(seq, frame, arrived, answered);
  if (gap_.too_high(seq)) send_resend_request(expected, now);
}

void Session::drain_queue(Now now) {
  while (wire_ != nullptr && phase_ != SessionPhase::kClosing) {
    const std::uint64_t expected = core_.numbers(config_.id).next_target;
    const std::optional<TooHighQueue::Held> held = queue_.take(expected);
    if (!held) return;
    if (held->answered) {
      fix::scan(held->bytes, message());
      gateway::Input input = message_input(held->bytes, now);
      input.effects.next_target = expected + 1;
      commit_own(input, now);
    } else {
      take(held->bytes, held->arrived, now);
      // What did not use its number would be taken again for ever.
      if (core_.numbers(config_.id).next_target == expected) return;
    }
  }
}

void Session::take_by_control(std::string_view frame, std::uint64_t expected, UtcTime arrived, Now now) {
  const fix::HeaderFields& header = message().header();
  const bool is_logon = header.msg_type == "A";
  const bool asks_reset = is_logon && message().find(141) == "Y";
  const bool was_logged_on = logged_on();
  const bool good_time = good_sending_time(header.sending_time, arrived, config_.max_latency);
  if (asks_reset) {
    if ((was_logged_on || !reset_asked_) && (config_.broker || !config_.peer_may_reset)) {
      return drop("the peer's Logon asks for a reset of the sequence numbers, which is not allowed", now);
    }
    if (header.msg_seq_num != 1) {
      return drop("the peer's Logon asks for a reset with MsgSeqNum(34) other than 1", now);
    }
    // QuickFIX would reset first, and then look from whom the Logon is and when it was sent.
    if (was_logged_on && !(good_time && resets_live_session())) {
      return drop("the peer's Logon asks for a reset of a live session, and is not as the one that began it", now);
    }
  }
  if (!good_time && !was_logged_on) {
    return drop(
        "SendingTime(52) of the peer's first message is too far from our clock: " + std::string(header.sending_time),
        now);
  }
  ++counters_.control_plane;
  quickfix::Frame input_frame;
  input_frame.data = frame.data();
  input_frame.size = frame.size();
  input_frame.msg_seq_num = header.msg_seq_num;
  input_frame.sequence_reset = header.msg_type == "4";
  input_frame.authorised_reset =
      asks_reset || (is_logon && !was_logged_on && config_.reset_on_logon && !config_.initiator);
  input_frame.sending_time_is_bad = !good_time;

  const gateway::SessionNumbers numbers = core_.numbers(config_.id);
  if (is_logon && (asks_reset || !was_logged_on) && !config_.initiator && config_.begin_string >= "FIX.4.4" &&
      !message().find(789).empty()) {
    // Our answer would have a number that the peer has seen: it would be too low there.
    const std::uint64_t next_sender = input_frame.authorised_reset ? 1 : numbers.next_sender;
    gateway::SessionAlert odd;
    const std::string text = what_is_odd({}, expected, next_sender, &odd);
    if (odd.code == order::AlertCode::kHold) return end_with_logout(text, odd.code, odd.severity, now);
    const std::uint64_t base = input_frame.authorised_reset ? 1 : expected;
    input_frame.reply_next_expected = header.msg_seq_num == base ? base + 1 : base;
  }
  const quickfix::Staged staged = control_->next({numbers.next_sender, numbers.next_target}, now.utc.ns(), input_frame);
  if (was_logged_on && !staged.messages.empty()) ++counters_.answered;
  if (staged.unreadable && was_logged_on && !staged.disconnect) {
    return refuse(frame, unreadable_fault(message()), expected, now);
  }
  if (staged.application && !config_.broker) {
    if (const std::uint32_t tag = rules_.broken_group(message()); tag != 0) {
      return refuse(frame, group_fault(tag), expected, now);
    }
  }

  // A type that FIX has and our dictionary has not is no invalid MsgType(35): the core says that it does not take it.
  const bool refused_as_type = staged.messages.size() == 1 && staged.messages.front().msg_type == "3" &&
                               staged.messages.front().bytes.find("\x01" "373=11\x01") != std::string::npos;
  if (refused_as_type && logged_on() && header.msg_seq_num == expected && is_application_type(config_.begin_string, header.msg_type)) {
    gateway::Input unsupported = message_input(frame, now);
    unsupported.deliver = &message();
    unsupported.effects.next_target = expected + 1;
    return commit_own(unsupported, now);
  }

  // A Logon is kept without its secrets: the one exception to exact bytes, and it is never resent.
  const bool masks = may_hold_secrets(header.msg_type);
  if (masks) masked_ = mask_secrets(frame);
  gateway::Input input = message_input(masks ? std::string_view(masked_) : frame, now);
  const bool in_sequence = header.msg_seq_num == expected && staged.numbers.next_target == expected + 1;
  // A broker's Reject(3) of our order is the core's business too.
  if (staged.accepted && in_sequence && (staged.application || header.msg_type == "3")) {
    input.deliver = &message();
  }

  gateway::SessionAlert alert;
  const std::string alert_text = what_is_odd(staged, expected, numbers.next_sender, &alert).substr(0, kMaxText);
  alert.text = alert_text;
  if (!alert_text.empty()) input.effects.alerts = std::span(&alert, 1);

  if (header.msg_type == "0" && in_sequence && staged.accepted) note_drain_answer(input);
  if (input_frame.sequence_reset && staged.numbers.next_target > expected) ask_broker_again(input);
  if (staged.numbers.next_target < header.msg_seq_num && !staged.disconnect &&
      std::ranges::any_of(staged.messages, [](const auto& m) { return m.msg_type == "2"; })) {
    // QuickFIX asked for what its Logon showed to be missing. The gap is ours from here on.
    gap_.too_high(header.msg_seq_num);
    gap_.requested(staged.numbers.next_target, now.steady);
    control_->clear_resend_request();
  }
  if (staged.reset && was_logged_on) {  // what was not written under the old numbers is owed
    note_written();
    say_written(input);
  }
  commit(staged, input, now);
  if (is_logon && !was_logged_on && logged_on() && !staged.reset) resend_what_logon_misses(numbers.next_sender);
}

// A Logon on a live session may begin the numbers anew; what its first one agreed on stands, and was authenticated.
bool Session::resets_live_session() const {
  return phase_ == SessionPhase::kLoggedOn && addressed_to_us(message().header(), peer_identity_) &&
         !message().header().poss_dup && message().find(98) == "0" &&
         fix::parse_number(message().find(108)) == static_cast<std::uint64_t>(control_->heart_bt_int_s());
}

gateway::Input Session::message_input(std::string_view frame, Now now) const {
  gateway::Input input;
  input.kind = gateway::InputKind::kMessage;
  input.session = config_.id;
  input.now = now.utc;
  input.bytes = frame;
  input.inbound_seq = message().header().msg_seq_num;
  return input;
}

gateway::Input Session::own_input(Now now) {
  gateway::Input input;
  input.kind = gateway::InputKind::kSession;
  input.session = config_.id;
  input.now = now.utc;
  note_written();
  say_written(input);
  return input;
}

// Adds to the input what QuickFIX staged, submits it if anything changes, and follows the session's state.
void Session::commit(const quickfix::Staged& staged, gateway::Input& input, Now now) {
  const std::uint64_t target_before = core_.numbers(config_.id).next_target;
  staged_.clear();
  for (const quickfix::OutboundMessage& message : staged.messages) {
    gateway::StagedMessage& out = staged_.emplace_back();
    out.msg_seq_num = message.seq;
    out.bytes = message.bytes;
    if (message.msg_type == "A" && config_.initiator) {
      secret_logon_ = message.bytes;
      secret_logon_seq_ = message.seq;
      masked_ = mask_secrets(message.bytes);
      out.bytes = masked_;
    }
  }
  input.effects.outbound = staged_;
  input.effects.reset = staged.reset;
  if (staged.reset || staged.numbers.next_target != target_before) {
    input.effects.next_target = staged.numbers.next_target;
  }
  SessionPhase next = phase_;
  std::string why;
  if (staged.disconnect) {
    why = staged.fault                          ? "the control plane failed"
          : phase_ == SessionPhase::kLogoutSent ? "logged out"
          : input.kind == gateway::InputKind::kMessage && message().header().msg_type == "5"
              ? "the peer logged out: " + std::string(message().find(58).substr(0, kMaxText))
              : explain(staged.events);
    next = SessionPhase::kClosing;
    note_written();
    say_written(input);
    input.effects.state = order::SessionState::kDisconnected;
    input.effects.reason = why;
  } else if (control_->logout_sent()) {
    next = SessionPhase::kLogoutSent;
    if (phase_ != next) input.effects.state = order::SessionState::kLoggingOut;
  } else if (control_->logged_on()) {
    next = SessionPhase::kLoggedOn;
    if (phase_ != next) input.effects.state = order::SessionState::kLoggedOn;
  }
  const bool changes = input.deliver != nullptr || input.effects.reset || input.effects.next_target ||
                       input.effects.state || !input.effects.outbound.empty() || !input.effects.alerts.empty() ||
                       input.effects.drained || input.effects.reconcile_again;
  if (changes) commit_own(input, now);
  if (staged.reset && next == SessionPhase::kLoggedOn) {
    logged_on_record_ = last_record_;
    owes_ = !config_.broker;
  }
  if (next == phase_) return;
  if (next == SessionPhase::kClosing) {
    return closing(why, staged.messages.empty() ? 0 : staged.messages.back().seq, now);
  }
  phase_ = next;
  phase_since_ = now.steady;
  if (next == SessionPhase::kLoggedOn) {
    why_down_.clear();
    logged_on_record_ = last_record_;
    owes_ = !config_.broker;
    drain_ = config_.broker ? Drain::kNeeded : Drain::kNotNeeded;
  }
}

// Submits, and follows what the record did to the numbers.
void Session::commit_own(const gateway::Input& input, Now now) {
  last_record_ = core_.submit(input);
  const gateway::SessionNumbers numbers = core_.numbers(config_.id);
  if (input.effects.reset) {
    epoch_ = numbers.sequence_epoch;
    last_written_ = 0;
    replay_.cancel();
    begin_written(numbers.next_sender - 1 - input.effects.outbound.size(), numbers.written);
    queue_.clear();
    gap_.close();
    same_request_count_ = 0;
  }
  if (!input.effects.outbound.empty()) last_sent_ = now.steady;
  gap_.advanced(numbers.next_target, now.steady);
}

}  // namespace portcullis::session
