#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fix/encode.h"
#include "fix/scanner.h"
#include "gateway/input.h"
#include "session/lane.h"
#include "session/quickfix/control_plane.h"
#include "session/resend_gap.h"
#include "session/resend_replay.h"
#include "session/session_ports.h"
#include "session/too_high_queue.h"

// One counterparty's FIX session, from an authenticated connection to its end and over again. It takes
// whole frames and time, and decides for each frame: the lane, QuickFIX, or an answer of its own. It has
// no socket, no clock and no numbers of its own: the numbers are a view of the core's state, and each
// frame or timer that changes anything is exactly one Input to the core. It writes nothing before the
// record is durable: outbound messages come back through release().
//
// What is the session's own, and not QuickFIX's:
// - frames over the scanner's bounds, which QuickFIX must never see: Reject(3), the number is consumed;
// - gaps: the queue of raw frames, one ResendRequest(2) at a time, its time-out (docs/decisions);
// - valid ResendRequests of the peer, answered from the journal (session/resend_replay.h);
// - all timers: Heartbeat(0), TestRequest(1), logon and logout time-outs, on the steady clock.
//
// Core thread only. Calls must not be nested: a port must not call back into its Session.

namespace portcullis::session {

struct SessionConfig {
  order::SessionId id;
  std::string begin_string;  // 8
  std::string our_comp_id;   // 49 of what we send
  std::string peer_comp_id;  // 56 of what we send
  bool initiator = false;    // we connect and send the first Logon(A)
  bool broker = false;       // the peer is a broker: it is drained before it opens
  int heart_bt_int_s = 30;   // an initiator's HeartBtInt(108); an acceptor takes the peer's
  TimePrecision time_precision = TimePrecision::kMilliseconds;
  bool reset_on_logon = false;  // both numbers start at 1 at every Logon
  // A client's ResetSeqNumFlag(141)=Y, once authenticated, is obeyed. A broker's is only where we asked for it:
  // orders may be open there.
  bool peer_may_reset = true;
  std::vector<quickfix::Field> logon_fields;  // of our own Logon: Username(553), Password(554) …
  // An initiator's Logon carries NextExpectedMsgSeqNum(789), FIX 4.4 and later. An acceptor's does when the peer's did.
  bool send_next_expected = false;
  Duration max_latency = Duration::seconds(120);  // SendingTime(52) against now; zero: any
  Duration logon_timeout = Duration::seconds(10);
  Duration logout_timeout = Duration::seconds(5);
  Duration resend_patience = Duration::seconds(10);
};

enum class SessionPhase : std::uint8_t {
  kDisconnected,
  kLogonSent,  // an initiator waits for the answer
  kLoggedOn,
  kLogoutSent,  // ours; the peer's answer, or the time-out, ends it
  kClosing,     // the last messages wait for their release; nothing is read any more
};

// Counters for the operator, since the process began.
struct SessionCounters {
  std::uint64_t lane = 0;           // messages that the lane took
  std::uint64_t control_plane = 0;  // frames that QuickFIX saw
  std::uint64_t too_high = 0;       // frames that were held, or dropped, behind a gap
  std::uint64_t over_bounds = 0;    // frames refused by our own Reject(3)
  // Frames of a live session that the session level had to answer: Reject(3), a TestRequest's Heartbeat(0), a resend.
  std::uint64_t answered = 0;
};

class Session {
 public:
  // `control` was opened with the same identity (control_settings). `core` and `rules` outlive this.
  Session(SessionConfig config, std::unique_ptr<quickfix::ControlSession> control, CorePort& core,
          const MessageRules& rules);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // --- life ---
  // A connection that the door has authenticated, with its first frame, a Logon(A). `wire` must live
  // until on_closed(), or until close_when_sent() was called on it. The session must be disconnected.
  void accept(Wire& wire, std::string_view logon, Now now);
  // A connection that we made; sends our Logon. `reset`: with ResetSeqNumFlag(141)=Y.
  void connect(Wire& wire, bool reset, Now now);
  // The transport has ended.
  void on_closed(std::string_view why, Now now);
  // Sends Logout(5) with this Text(58), if logged on; otherwise only closes.
  void logout(std::string_view text, Now now);

  // The same where the peer is at fault, with an alert.
  void expel(const std::string& text, Now now) {
    end_with_logout(text, order::AlertCode::kTooFast, order::Severity::kWarning, now);
  }

  // Brings near what release() and on_durable() ask for; and what on_frame() does, in two steps.
  void look_ahead() const;
  void look_ahead_at_frame() const;
  void look_ahead_at_control() const { control_->look_ahead(); }

  // --- what happens ---
  // One whole frame: framing and checksum are right, at most 64 KiB. The view is not kept.
  void on_frame(std::string_view frame, Now now);
  // A message of this session that the core numbered is durable. In the order of the numbers.
  void release(std::uint32_t sequence_epoch, std::uint64_t msg_seq_num, std::string_view bytes, Now now);
  // Every record up to this index is durable, and what they hold for this session has been released.
  void on_durable(std::uint64_t record_index, Now now);
  // Timers. To be called at least every 100 ms, but for a session at rest (next_timer()).
  void poll(Now now);

  // --- what it is ---
  order::SessionId id() const { return config_.id; }
  const SessionConfig& config() const { return config_; }
  SessionPhase phase() const { return phase_; }
  // The connection it holds; null when disconnected. on_closed() of any other is to be ignored.
  const Wire* wire() const { return wire_; }
  const std::string& why_down() const { return why_down_; }  // empty while logged on
  const SessionCounters& counters() const { return counters_; }
  bool gap_open() const { return gap_.open(); }
  bool replaying() const { return replay_.active(); }
  const TooHighQueue& too_high_queue() const { return queue_; }
  // It waits for records to become durable: on_durable() is to be called for each new one. Otherwise it is enough after
  // what happens to this session.
  bool awaits_durable() const { return replay_.active() || owes_; }
  // Logged on, and nothing is under way that poll() is to see to soon.
  bool at_rest() const {
    return phase_ == SessionPhase::kLoggedOn && !awaits_durable() && test_requests_out_ == 0 && !gap_.open();
  }
  // Until then, at most, poll() does nothing for a session that stays at rest, but say how far was written. Messages
  // only put it off.
  SteadyTime next_timer(SteadyTime at_most) const;

  // The settings of the ControlSession that this configuration needs.
  static quickfix::SessionSettings control_settings(const SessionConfig& config, std::string dictionary_path);

 private:
  // Of the frame in hand: one for all sessions of a thread, so that it stays in the processor's caches among many.
  static fix::ScannedMessage& message();

  // A frame's way (session.cc, and session_answers.cc for what needs no QuickFIX).
  void take(std::string_view frame, UtcTime arrived, Now now);
  void drain_queue(Now now);
  bool take_by_lane(std::uint64_t expected, UtcTime arrived, Now now);
  void take_by_control(std::string_view frame, std::uint64_t expected, UtcTime arrived, Now now);
  bool waits_behind_gap() const;
  bool resets_live_session() const;
  void hold_too_high(std::string_view frame, bool answered, std::uint64_t expected, UtcTime arrived, Now now);
  bool answer_resend_request(std::string_view frame, std::uint64_t expected, UtcTime arrived, Now now);
  bool control_accepts(std::string_view frame, Now now);
  void refuse_resend_request(std::string_view frame, std::uint64_t first, std::uint64_t newest, std::uint64_t expected,
                             Now now);
  bool refuse_poss_dup(std::string_view frame, std::uint64_t expected, Now now);
  bool refuse_new_seq_no(std::string_view frame, std::uint64_t expected, Now now);
  void refuse(std::string_view frame, const fix::ScanFault& fault, std::uint64_t expected, Now now,
              const gateway::SessionAlert* alert = nullptr);
  std::string refused_of_broker(std::string_view why, std::string_view ref_tag, gateway::SessionAlert* alert) const;
  std::string what_is_odd(const quickfix::Staged& staged, std::uint64_t expected, std::uint64_t next_sender,
                          gateway::SessionAlert* alert) const;
  gateway::Input message_input(std::string_view frame, Now now) const;
  gateway::Input own_input(Now now);
  void commit(const quickfix::Staged& staged, gateway::Input& input, Now now);
  void commit_own(const gateway::Input& input, Now now);
  LaneState lane_state(std::uint64_t expected) const;
  bool logged_on() const { return phase_ == SessionPhase::kLoggedOn || phase_ == SessionPhase::kLogoutSent; }

  // Life, timers, writing (session_life.cc).
  void attach(Wire& wire, Now now);
  void end_with_logout(const std::string& text, order::AlertCode code, order::Severity severity, Now now);
  void end_unreadable(const std::string& what, Now now);
  void drop(std::string_view why, Now now);
  void closing(std::string_view why, std::uint64_t after, Now now);
  void close_wire();
  void write(std::uint64_t msg_seq_num, std::string_view bytes, Now now);
  void continue_replay(Now now);
  void check_timers(Now now);
  void resend_what_logon_misses(std::uint64_t next_sender_before);
  void note_drain_answer(gateway::Input& input);
  void ask_broker_again(gateway::Input& input);
  void send_resend_request(std::uint64_t expected, Now now);
  void send_test_request(std::string_view test_req_id, Now now);
  void send_own(std::string_view message, Now now);

  // What has been written, and what a reset left unwritten (session_written.cc).
  void begin_written(std::uint64_t newest, std::uint64_t written);
  void note_written();
  void say_written(gateway::Input& input) const;
  void say_written_in_time(Now now);
  void reissue_owed(Now now);

  SessionConfig config_;
  std::unique_ptr<quickfix::ControlSession> control_;
  CorePort& core_;
  const MessageRules& rules_;
  fix::HeaderIdentity identity_;  // of what we send
  LaneIdentity peer_identity_;    // of what the peer sends

  Wire* wire_ = nullptr;
  SessionPhase phase_ = SessionPhase::kDisconnected;
  std::string why_down_ = "not connected yet";
  std::uint32_t epoch_ = 0;         // sequence epoch of this connection
  std::uint64_t last_written_ = 0;  // highest number that may have been written to the peer
  std::uint64_t close_after_ = 0;   // in kClosing: the last number to be written first
  std::uint64_t last_record_ = 0;   // index of the last record submitted here
  std::uint64_t durable_record_ = 0;
  std::uint64_t newest_at_start_ = 0;  // the newest message when the connection, or its sequence epoch, began
  std::uint64_t handed_ = 0;           // all messages up to this number were given to a wire at least once
  std::uint64_t written_ = 0;          // and have left it
  std::uint64_t logged_on_record_ = 0;
  bool owes_ = false;
  SteadyTime written_said_;
  std::uint64_t resend_from_ = 0;  // the peer's NextExpectedMsgSeqNum(789), until our Logon is written; 0: none
  bool reset_asked_ = false;       // our Logon of this connection carries ResetSeqNumFlag(141)=Y
  std::string secret_logon_;       // our Logon with its secrets, until it is written
  std::uint64_t secret_logon_seq_ = 0;

  SteadyTime phase_since_;
  SteadyTime last_received_;
  SteadyTime last_sent_;
  int test_requests_out_ = 0;  // since something was received
  std::uint64_t test_request_count_ = 0;

  enum class Drain : std::uint8_t { kNotNeeded, kNeeded, kAsked, kDone };
  Drain drain_ = Drain::kNotNeeded;
  std::string drain_id_;    // TestReqID(112) that must come back
  SteadyTime drain_asked_;  // when it was sent

  TooHighQueue queue_;
  ResendGap gap_;
  ResendReplay replay_;
  std::uint64_t same_request_first_ = 0;  // the peer's last ResendRequest(2), and how often in a row
  std::uint64_t same_request_last_ = 0;
  int same_request_count_ = 0;

  std::vector<gateway::StagedMessage> staged_;
  std::vector<gateway::SessionAlert> alerts_;
  std::string masked_;
  SessionCounters counters_;
};

}  // namespace portcullis::session
