#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// The fence around QuickFIX 1.15.1. This header includes nothing of QuickFIX and compiles as C++14
// and as C++20; everything behind it is C++14, because QuickFIX's headers do not compile past that.
//
// A ControlSession drives one FIX::Session over a message store that only stages: each call gets the
// sequence numbers that hold before it, and returns the numbers that would hold after it, with the
// bytes to be sent. Nothing is written anywhere. The caller commits the result as one record and
// releases the bytes when that record is durable.
//
// What QuickFIX does and this fence corrects:
// - A Logout(5) or Reject(3) with a number too high moves the target number, and so does an unknown
//   BeginString(8): a staged target number moves only by one on the expected MsgSeqNum(34), by
//   SequenceReset(4), or by a reset that the caller authorised. Any other move is undone.
// - Its timers read the clock and know only what went through it: HeartBtInt(108) is set to 0 after
//   each Logon, so they never act. The negotiated value is heart_bt_int_s().
// - Its schedule resets the store at its boundary: it gets a range that never ends and a creation
//   time of now + 1 h, so it never acts.
// - Messages behind a gap are queued without limit: its queue is cleared after each call.
// - Its latency check reads the clock: it is on only for a frame that the caller found stale.
// - SendingTime(52) is the caller's `now`, not the clock's.
// - Sessions live in a global registry and unregister each other: each gets a qualifier of its own,
//   so several engines live in one process. The registry is not used.
// - Exceptions that leave a throw() list end the process: the overrides catch everything, and a
//   fault is reported as a disconnect.
//
// One thread at a time for one ControlSession. Sequence numbers are at most kMaxSeqNum.

namespace portcullis {
namespace session {
namespace quickfix {

// QuickFIX keeps sequence numbers in an int; one is left so that "next" still fits.
constexpr std::uint64_t kMaxSeqNum = 2147483646;

// The next MsgSeqNum(34) that we send, and the next that we expect.
struct Numbers {
  std::uint64_t next_sender = 1;
  std::uint64_t next_target = 1;
};

inline bool operator==(const Numbers& a, const Numbers& b) {
  return a.next_sender == b.next_sender && a.next_target == b.next_target;
}

using Field = std::pair<int, std::string>;  // tag, value

struct SessionSettings {
  std::string begin_string;     // 8, such as FIX.4.4
  std::string sender_comp_id;   // 49 as we send it
  std::string target_comp_id;   // 56 as we send it
  bool initiator = false;       // we send the first Logon
  int heart_bt_int_s = 30;      // an initiator's HeartBtInt(108), at least 1
  bool reset_on_logon = false;  // an acceptor: a Logon resets the numbers even without 141=Y, if authorised
  int timestamp_precision = 3;  // digits after the second: 0, 3, 6 or 9; below FIX.4.2 always 0

  std::string dictionary_path;              // QuickFIX's XML format; under FIXT.1.1 the transport's
  std::string application_dictionary_path;  // under FIXT.1.1 only
  std::string default_appl_ver_id;          // 1137, under FIXT.1.1 only, such as 9
  bool check_user_defined_fields = false;   // reject unknown tags from 5000 up
  bool allow_unknown_fields = false;        // pass unknown tags below 5000
  // Tags of data fields whose length field the caller checks in every frame. A dictionary that declares another
  // field as DATA is refused: QuickFIX would read as far as an unchecked length says.
  std::vector<int> checked_data_fields;
  std::vector<Field> header_fields;  // put on everything that QuickFIX sends, such as 50
};

// A whole frame, bounded and checked (length, checksum, number of fields, data lengths) by the caller:
// QuickFIX itself trusts the length fields.
struct Frame {
  const char* data = nullptr;
  std::size_t size = 0;
  std::uint64_t msg_seq_num = 0;     // 34; 0 if it has none
  bool sequence_reset = false;       // MsgType(35) is 4
  bool authorised_reset = false;     // this Logon may reset both numbers with ResetSeqNumFlag(141)
  bool sending_time_is_bad = false;  // SendingTime(52) is too far from `now`: QuickFIX shall reject it
  // A ResendRequest(2) that QuickFIX only judges: where it accepts, what it would answer is thrown away.
  bool judged_only = false;
  // NextExpectedMsgSeqNum(789) of the Logon(A) that answers this one; 0: none.
  std::uint64_t reply_next_expected = 0;
};

struct LogonRequest {
  int heart_bt_int_s = 30;    // 108
  bool reset = false;         // send ResetSeqNumFlag(141)=Y and start both numbers at 1
  std::vector<Field> fields;  // more body fields, such as Username(553) and Password(554)
};

struct OutboundMessage {
  std::uint64_t seq = 0;  // 34
  std::string msg_type;   // 35
  std::string bytes;      // the whole frame
};

// What one call changed. If `messages` is empty and the numbers are those given in, nothing.
struct Staged {
  std::vector<OutboundMessage> messages;  // in the order of sending; each has a number of its own
  Numbers numbers;                        // after the call
  bool reset = false;                     // both numbers began again at 1 before `messages`
  bool accepted = false;                  // QuickFIX found the message good and handed it on
  bool application = false;               // ... and it is an application message
  bool target_undone = false;             // QuickFIX moved the target where it may not; taken back
  bool unreadable = false;                // QuickFIX could not cut the frame into fields, and ignored it
  bool disconnect = false;                // QuickFIX closed the session: close the transport
  bool fault = false;                     // something failed inside the fence; `disconnect` is set
  std::vector<std::string> events;        // QuickFIX's own log lines, at most kMaxEvents
};
constexpr std::size_t kMaxEvents = 32;

class ControlSession {
 public:
  virtual ~ControlSession() = default;
  ControlSession(const ControlSession&) = delete;
  ControlSession& operator=(const ControlSession&) = delete;

  // A new transport is there. The session is enabled and not logged on.
  virtual void connected() = 0;
  // The transport is gone. The session is not logged on; numbers are untouched.
  virtual void disconnected() = 0;

  // An initiator's Logon. Only between connected() and a Logon.
  virtual Staged send_logon(const Numbers& numbers, std::int64_t now_ns, const LogonRequest& request) = 0;
  // One inbound frame.
  virtual Staged next(const Numbers& numbers, std::int64_t now_ns, const Frame& frame) = 0;
  // Our Logout(5), with Text(58) if not empty. Nothing if not logged on or already sent.
  virtual Staged send_logout(const Numbers& numbers, std::int64_t now_ns, const std::string& text) = 0;

  virtual bool logged_on() const = 0;  // Logon sent and received
  virtual bool enabled() const = 0;    // no logout was asked for since connected()
  virtual bool logout_sent() const = 0;
  // Brings near what enabled() and logout_sent() ask for.
  virtual void look_ahead() const = 0;
  // HeartBtInt(108) that the last Logon agreed on, in seconds.
  virtual int heart_bt_int_s() const = 0;

  // QuickFIX's own note that it sent a ResendRequest(2), which keeps it from sending another. Gaps are
  // the caller's business, so the caller clears it after it has taken the range over.
  virtual bool resend_requested() const = 0;
  virtual void clear_resend_request() = 0;

 protected:
  ControlSession() = default;
};

// One engine's sessions. Holds the dictionaries, which are loaded once a path.
class ControlPlane {
 public:
  ControlPlane();
  ~ControlPlane();
  ControlPlane(const ControlPlane&) = delete;
  ControlPlane& operator=(const ControlPlane&) = delete;

  // Null, with the reason in *error, when the settings do not make a session: a dictionary that does
  // not load, CompIDs that another open session of this engine has, an initiator without heartbeat.
  // The session must not outlive the engine.
  std::unique_ptr<ControlSession> open(const SessionSettings& settings, std::string* error);

  struct Shared;  // dictionaries and the sessions that are open; behind the fence

 private:
  std::unique_ptr<Shared> shared_;
};

}  // namespace quickfix
}  // namespace session
}  // namespace portcullis
