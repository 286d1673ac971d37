#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "session/session.h"

// A session's beginning and end, its timers, and what it writes.

namespace portcullis::session {

namespace {

// How long a broker may take to answer the TestRequest that ends its drain.
constexpr Duration kDrainRepeat = Duration::seconds(3);

constexpr std::size_t kOwnMessageBytes = 1024;
// What a peer wrote can be part of a reason or an alert, and be as long as a frame.
constexpr std::size_t kMaxText = 256;

Duration tenths_of(int heart_bt_int_s, int tenths) {
  return Duration::milliseconds(static_cast<std::int64_t>(heart_bt_int_s) * 100 * tenths);
}

std::string seconds_text(Duration duration) {
  return std::to_string(duration.ms() / 1000) + " s";
}

// Where QuickFIX looks for the length: one tag below the data, but for Signature(89).
std::vector<int> checked_data_fields() {
  std::vector<int> fields;
  for (std::uint32_t tag = 2; tag <= fix::kMaxDictionaryTag; ++tag) {
    const std::uint32_t length = fix::length_tag_of_data(tag);
    if (length != 0 && length == (tag == 89 ? 93 : tag - 1)) fields.push_back(static_cast<int>(tag));
  }
  return fields;
}

}  // namespace

Session::Session(SessionConfig config, std::unique_ptr<quickfix::ControlSession> control, CorePort& core,
                 const MessageRules& rules)
    : config_(std::move(config)),
      control_(std::move(control)),
      core_(core),
      rules_(rules),
      identity_{config_.begin_string, config_.our_comp_id, config_.peer_comp_id, config_.time_precision},
      peer_identity_{config_.begin_string, config_.peer_comp_id, config_.our_comp_id},
      gap_(config_.resend_patience),
      replay_(core_, config_.id, identity_) {
  PORTCULLIS_CHECK(control_ != nullptr, "a session without a control plane");
}

quickfix::SessionSettings Session::control_settings(const SessionConfig& config, std::string dictionary_path) {
  quickfix::SessionSettings settings;
  settings.begin_string = config.begin_string;
  settings.sender_comp_id = config.our_comp_id;
  settings.target_comp_id = config.peer_comp_id;
  settings.initiator = config.initiator;
  settings.heart_bt_int_s = config.heart_bt_int_s;
  settings.timestamp_precision = static_cast<int>(config.time_precision);
  settings.reset_on_logon = config.reset_on_logon && !config.initiator;
  settings.dictionary_path = std::move(dictionary_path);
  static const std::vector<int> kCheckedDataFields = checked_data_fields();  // the same for all of a thousand sessions
  settings.checked_data_fields = kCheckedDataFields;
  return settings;
}

void Session::attach(Wire& wire, Now now) {
  wire_ = &wire;
  const gateway::SessionNumbers numbers = core_.numbers(config_.id);
  epoch_ = numbers.sequence_epoch;
  // Earlier messages may have been written to an earlier connection: the peer asks for what it misses.
  last_written_ = numbers.next_sender - 1;
  begin_written(last_written_, numbers.written);
  written_said_ = now.steady;
  owes_ = false;
  close_after_ = 0;
  phase_ = SessionPhase::kDisconnected;
  phase_since_ = last_received_ = last_sent_ = now.steady;
  test_requests_out_ = 0;
  drain_ = Drain::kNotNeeded;
  reset_asked_ = false;
  resend_from_ = 0;
  same_request_count_ = 0;
  queue_.clear();
  gap_.close();
  replay_.cancel();
  control_->connected();
}

void Session::accept(Wire& wire, std::string_view logon, Now now) {
  if (wire_ != nullptr) return wire.close_when_sent("the session has a connection already");
  attach(wire, now);
  why_down_ = "logging on";
  take(logon, now.utc, now);
}

void Session::connect(Wire& wire, bool reset, Now now) {
  if (wire_ != nullptr) return wire.close_when_sent("the session has a connection already");
  attach(wire, now);
  reset_asked_ = reset || config_.reset_on_logon;
  quickfix::LogonRequest request;
  request.heart_bt_int_s = config_.heart_bt_int_s;
  request.reset = reset_asked_;
  request.fields = config_.logon_fields;
  const gateway::SessionNumbers numbers = core_.numbers(config_.id);
  if (config_.send_next_expected && config_.begin_string >= "FIX.4.4") {
    request.fields.emplace_back(789, std::to_string(request.reset ? 1 : numbers.next_target));
  }
  const quickfix::Staged staged =
      control_->send_logon({numbers.next_sender, numbers.next_target}, now.utc.ns(), request);
  gateway::Input input = own_input(now);
  commit(staged, input, now);
  if (wire_ == nullptr || phase_ == SessionPhase::kClosing) return;
  phase_ = SessionPhase::kLogonSent;
  why_down_ = "waiting for the answer to our Logon";
}

void Session::logout(std::string_view text, Now now) {
  if (wire_ == nullptr || phase_ == SessionPhase::kClosing || phase_ == SessionPhase::kLogoutSent) return;
  if (phase_ != SessionPhase::kLoggedOn) return drop(text, now);
  const gateway::SessionNumbers numbers = core_.numbers(config_.id);
  const quickfix::Staged staged = control_->send_logout({numbers.next_sender, numbers.next_target}, now.utc.ns(),
                                                        std::string(text.substr(0, kMaxText)));
  gateway::Input input = own_input(now);
  input.effects.reason = text.substr(0, kMaxText);
  why_down_ = text.substr(0, kMaxText);
  commit(staged, input, now);
}

void Session::on_closed(std::string_view why, Now now) {
  if (wire_ == nullptr) return;
  note_written();
  wire_ = nullptr;
  control_->disconnected();
  replay_.cancel();
  queue_.clear();
  gap_.close();
  if (phase_ != SessionPhase::kClosing) {
    why_down_ = why.substr(0, kMaxText);
    gateway::Input input = own_input(now);
    input.effects.state = order::SessionState::kDisconnected;
    input.effects.reason = why_down_;
    last_record_ = core_.submit(input);
  }
  phase_ = SessionPhase::kDisconnected;
}

// Ends the connection without a Logout(5).
void Session::drop(std::string_view why, Now now) {
  if (wire_ == nullptr || phase_ == SessionPhase::kClosing) return;
  const std::string reason(why.substr(0, kMaxText));
  control_->disconnected();
  gateway::Input input = own_input(now);
  input.effects.state = order::SessionState::kDisconnected;
  input.effects.reason = reason;
  last_record_ = core_.submit(input);
  closing(reason, 0, now);
}

void Session::end_with_logout(const std::string& whole_text, order::AlertCode code, order::Severity severity, Now now) {
  const gateway::SessionNumbers numbers = core_.numbers(config_.id);
  const std::string text = whole_text.substr(0, kMaxText);
  const quickfix::Staged staged = control_->send_logout({numbers.next_sender, numbers.next_target}, now.utc.ns(), text);
  staged_.clear();
  for (const quickfix::OutboundMessage& message : staged.messages) {
    staged_.push_back(gateway::StagedMessage{message.seq, message.bytes});
  }
  std::array<char, kOwnMessageBytes> buffer;
  if (!logged_on()) {  // QuickFIX says nothing then
    const std::uint64_t number = numbers.next_sender;
    staged_.assign(1, gateway::StagedMessage{number, fix::logout(identity_, number, now.utc, text, buffer)});
  }
  const gateway::SessionAlert alert{code, severity, text};
  gateway::Input input = own_input(now);
  input.effects.outbound = staged_;
  input.effects.alerts = std::span(&alert, 1);
  input.effects.state = order::SessionState::kDisconnected;
  input.effects.reason = text;
  last_record_ = core_.submit(input);
  control_->disconnected();
  closing(text, staged_.empty() ? 0 : staged_.back().msg_seq_num, now);
}

// What was sent may not be left out, and nothing else may be sent in its place: this session ends, the others go on.
void Session::end_unreadable(const std::string& what, Now now) {
  end_with_logout(what + "; it is sent again once the journal has been mended", order::AlertCode::kSequence,
                  order::Severity::kCritical, now);
}

// The core has been told. The connection closes when number `after` has been written; 0: at once.
void Session::closing(std::string_view why, std::uint64_t after, Now now) {
  phase_ = SessionPhase::kClosing;
  phase_since_ = now.steady;
  why_down_ = why;
  replay_.cancel();
  queue_.clear();
  gap_.close();
  close_after_ = after;
  if (after <= last_written_) close_wire();
}

void Session::close_wire() {
  Wire* wire = std::exchange(wire_, nullptr);
  phase_ = SessionPhase::kDisconnected;
  wire->close_when_sent(why_down_);
}

void Session::look_ahead() const {
  // Those members that both ask for stand between these two.
  const auto* const begin = reinterpret_cast<const char*>(&wire_);
  const auto* const end = reinterpret_cast<const char*>(&test_requests_out_);
  for (const char* at = begin; at < end; at += 64) __builtin_prefetch(at);
  __builtin_prefetch(&replay_);
}

void Session::look_ahead_at_frame() const {
  __builtin_prefetch(control_.get());
  __builtin_prefetch(&rules_);
  __builtin_prefetch(&queue_);
  __builtin_prefetch(&gap_);
  __builtin_prefetch(&counters_);
  const auto* const identity = reinterpret_cast<const char*>(&peer_identity_);
  __builtin_prefetch(identity);
  __builtin_prefetch(identity + sizeof peer_identity_ - 1);
}

void Session::release(std::uint32_t sequence_epoch, std::uint64_t msg_seq_num, std::string_view bytes, Now now) {
  if (wire_ == nullptr || sequence_epoch != epoch_ || msg_seq_num <= last_written_) return;
  if (replay_.active()) return replay_.hold(msg_seq_num);
  write(msg_seq_num, bytes, now);
}

void Session::write(std::uint64_t msg_seq_num, std::string_view bytes, Now now) {
  last_written_ = msg_seq_num;
  last_sent_ = now.steady;
  if (msg_seq_num == secret_logon_seq_ && !secret_logon_.empty()) {
    wire_->send(secret_logon_, now.steady);
    secret_logon_.clear();
  } else {
    wire_->send(bytes, now.steady);
  }
  if (phase_ == SessionPhase::kClosing && msg_seq_num >= close_after_) return close_wire();
  if (resend_from_ != 0) {  // the first message of a connection is our Logon
    replay_.open(epoch_, std::exchange(resend_from_, 0), msg_seq_num - 1, msg_seq_num, last_record_);
  }
}

// The peer's Logon says in NextExpectedMsgSeqNum(789) what it misses: it is sent without being asked for, after
// the Logon that answers, if we answer.
void Session::resend_what_logon_misses(std::uint64_t next_sender_before) {
  const std::uint64_t next_expected = fix::parse_number(message().find(789));
  if (next_expected == 0 || next_expected >= next_sender_before) return;
  if (config_.initiator) {
    replay_.open(epoch_, next_expected, next_sender_before - 1, last_written_, last_record_);
  } else {
    resend_from_ = next_expected;
  }
}

void Session::on_durable(std::uint64_t record_index, Now now) {
  durable_record_ = record_index;
  if (!config_.broker) note_written();
  if (replay_.active()) continue_replay(now);
  if (owes_) reissue_owed(now);
}

void Session::continue_replay(Now now) {
  if (wire_ == nullptr) return;
  last_sent_ = now.steady;
  if (!replay_.step(now, durable_record_, *wire_)) {
    if (!replay_.unreadable().empty()) return end_unreadable(replay_.unreadable(), now);
    replay_.cancel();  // on_closed() follows
  }
  if (!replay_.active()) last_written_ = std::max(last_written_, replay_.last_written());
}

void Session::poll(Now now) {
  if (wire_ == nullptr || phase_ == SessionPhase::kClosing) return;
  if (replay_.active()) continue_replay(now);
  if (owes_) reissue_owed(now);
  check_timers(now);
}

SteadyTime Session::next_timer(SteadyTime at_most) const {
  const int heart_bt_int_s = control_->heart_bt_int_s();
  if (heart_bt_int_s <= 0) return at_most;
  return std::min(
      {at_most, last_received_ + tenths_of(heart_bt_int_s, 12), last_sent_ + tenths_of(heart_bt_int_s, 10)});
}

void Session::check_timers(Now now) {
  const Duration in_phase = now.steady - phase_since_;
  if (phase_ == SessionPhase::kLogonSent && in_phase >= config_.logon_timeout) {
    return drop("no answer to our Logon within " + seconds_text(config_.logon_timeout), now);
  }
  if (phase_ == SessionPhase::kLogoutSent && in_phase >= config_.logout_timeout) {
    return drop("no answer to our Logout within " + seconds_text(config_.logout_timeout), now);
  }
  if (!logged_on()) return;

  const int heart_bt_int_s = control_->heart_bt_int_s();
  if (heart_bt_int_s > 0) {
    const Duration silence = now.steady - last_received_;
    // A little before 2.4 intervals, so that the coarseness of poll() does not carry it past them.
    if (silence >= tenths_of(heart_bt_int_s, 23)) {
      return drop("nothing was received for " + seconds_text(silence) + ", HeartBtInt is " +
                      std::to_string(heart_bt_int_s) + " s",
                  now);
    }
    if (test_requests_out_ == 0 && silence >= tenths_of(heart_bt_int_s, 12)) {
      ++test_requests_out_;
      send_test_request("TEST-" + std::to_string(++test_request_count_), now);
    } else if (now.steady - last_sent_ >= tenths_of(heart_bt_int_s, 10)) {
      std::array<char, kOwnMessageBytes> buffer;
      send_own(fix::heartbeat(identity_, core_.numbers(config_.id).next_sender, now.utc, {}, buffer), now);
    }
  }
  if (!config_.broker) say_written_in_time(now);
  switch (gap_.due(now.steady)) {
    case ResendGap::Due::kNothing:
      break;
    case ResendGap::Due::kRepeat:
      send_resend_request(core_.numbers(config_.id).next_target, now);
      break;
    case ResendGap::Due::kGiveUp:
      return end_with_logout(
          "three ResendRequests from " + std::to_string(core_.numbers(config_.id).next_target) + " brought nothing",
          order::AlertCode::kResendStorm, order::Severity::kCritical, now);
  }
  // A peer that had a gap open may have thrown our TestRequest away with what was gap-filled: asked again.
  if (drain_ == Drain::kDone && core_.must_drain(config_.id)) drain_ = Drain::kNeeded;
  if (drain_ == Drain::kAsked && now.steady - drain_asked_ >= kDrainRepeat) drain_ = Drain::kNeeded;
  if (drain_ == Drain::kNeeded && phase_ == SessionPhase::kLoggedOn && !gap_.open() && !replay_.active()) {
    drain_ = Drain::kAsked;
    drain_asked_ = now.steady;
    drain_id_ = "DRAIN-" + std::to_string(++test_request_count_);
    send_test_request(drain_id_, now);
  }
}

// A broker is drained when it answers our TestRequest in sequence while no gap is open, both ways.
void Session::note_drain_answer(gateway::Input& input) {
  if (drain_ != Drain::kAsked || message().find(112) != drain_id_) return;
  if (!gap_.closed_at(message().header().msg_seq_num + 1) || !queue_.empty() || replay_.active()) {
    drain_ = Drain::kNeeded;  // asked again when they have closed
    return;
  }
  drain_ = Drain::kDone;
  input.effects.drained = true;
}

// A broker's numbers do not stand for messages that we have. While it drains, that is what the drain is for.
void Session::ask_broker_again(gateway::Input& input) {
  if (drain_ != Drain::kDone) return;
  drain_ = Drain::kNeeded;
  input.effects.reconcile_again = true;
}

void Session::send_resend_request(std::uint64_t expected, Now now) {
  std::array<char, kOwnMessageBytes> buffer;
  // "To the end" is 0 since FIX 4.2, 999999 before.
  const std::uint64_t to_the_end = config_.begin_string >= "FIX.4.2" ? 0 : 999999;
  gap_.requested(expected, now.steady);
  send_own(fix::resend_request(identity_, core_.numbers(config_.id).next_sender, now.utc, expected, to_the_end, buffer),
           now);
}

void Session::send_test_request(std::string_view test_req_id, Now now) {
  std::array<char, kOwnMessageBytes> buffer;
  send_own(fix::test_request(identity_, core_.numbers(config_.id).next_sender, now.utc, test_req_id, buffer), now);
}

// One session-level message with the next number, as a record of its own.
void Session::send_own(std::string_view message, Now now) {
  PORTCULLIS_CHECK(!message.empty(), "a session-level message outgrows its buffer");
  const gateway::StagedMessage staged{core_.numbers(config_.id).next_sender, message};
  gateway::Input input = own_input(now);
  input.effects.outbound = std::span(&staged, 1);
  commit_own(input, now);
}

}  // namespace portcullis::session
