#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/decimal.h"
#include "base/time.h"

// Writes FIX messages into a caller's buffer, without allocating. BodyLength(9) is patched in and
// CheckSum(10) added when the message is finished.

namespace portcullis::fix {

// How one session's messages begin; fixed for the session's life.
struct HeaderIdentity {
  std::string_view begin_string;                                // 8
  std::string_view sender_comp_id;                              // 49
  std::string_view target_comp_id;                              // 56
  TimePrecision time_precision = TimePrecision::kMilliseconds;  // of SendingTime(52)
};

// One message. A buffer that is too small is no undefined behaviour: writing stops, finish() gives an
// empty view. Text that holds an SOH is a programmer's mistake in tags that we write and is refused the
// same way (`ok()` turns false): pass-through values come from the scanner and hold none, but for data
// fields, which go through data().
class Writer {
 public:
  // `buffer` outlives the writer and the view that finish() returns.
  explicit Writer(std::span<char> buffer) : begin_(buffer.data()), end_(buffer.data() + buffer.size()) {}

  // 8, 9, 35, 49, 56, 34, 52.
  void header(const HeaderIdentity& identity, std::string_view msg_type, std::uint64_t msg_seq_num,
              UtcTime sending_time);

  void text(std::uint32_t tag, std::string_view value);  // nothing is written for an empty value
  void character(std::uint32_t tag, char value);
  void boolean(std::uint32_t tag, bool value) { character(tag, value ? 'Y' : 'N'); }
  void number(std::uint32_t tag, std::int64_t value);
  template <int Scale, typename Tag>
  void decimal(std::uint32_t tag, Decimal<Scale, Tag> value, int min_decimals = 0) {
    char digits[32];
    text(tag, {digits, value.format(digits, min_decimals)});
  }
  void timestamp(std::uint32_t tag, UtcTime value, TimePrecision precision);  // UTCTimestamp
  void date(std::uint32_t tag, Date value);                                   // LocalMktDate
  void data(std::uint32_t length_tag, std::uint32_t data_tag, std::string_view value);
  // Bytes as they stood in another message; may hold SOH only where the caller knows that it is data.
  void raw(std::uint32_t tag, std::string_view value);

  // 8 and 9 alone, and bytes of whole fields: for a message that is copied from another.
  void begin_message(std::string_view begin_string);
  void bytes(std::string_view whole_fields);

  // Patches BodyLength and appends CheckSum. The whole message, or empty when something did not fit.
  std::string_view finish();

  bool ok() const { return ok_; }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char* begin_field(std::uint32_t tag, std::size_t value_size);

  char* begin_ = nullptr;
  char* end_ = nullptr;
  char* at_ = begin_;
  char* body_length_ = nullptr;
  char* body_ = nullptr;
  bool ok_ = true;
  // The last timestamp written, to be written again without being computed.
  UtcTime time_;
  TimePrecision time_precision_ = TimePrecision::kMilliseconds;
  std::size_t time_size_ = 0;
  std::array<char, 32> time_text_;
};

// A retransmission of a stored message: the same bytes with PossDupFlag(43)=Y, SendingTime(52) = `now`,
// OrigSendingTime(122) = the stored SendingTime, and BodyLength and CheckSum anew; nothing else changes.
// A stored message has no 43 and no 122 of its own unless it was one of ours sent with PossResend; a 43
// or 122 that is there is replaced. The time precision is the stored SendingTime's.
// Empty when `stored` is no message of ours or `buffer` is too small (stored.size() + 128 is enough).
std::string_view retransmit(std::string_view stored, UtcTime now, std::span<char> buffer);

// A report that no connection has carried before its numbers were reset, as a new message: the stored body under a
// header of its own with PossResend(97)=Y. Empty when `stored` is no message of ours, was written in another version
// of FIX than the identity's, or `buffer` is too small (stored.size() + 512 is enough).
std::string_view reissue(std::string_view stored, const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now,
                         std::span<char> buffer);

// SequenceReset(4) with GapFillFlag(123)=Y and PossDupFlag(43)=Y: stands for the numbers from
// `msg_seq_num` to `new_seq_no` - 1.
std::string_view gap_fill(const HeaderIdentity& identity, std::uint64_t msg_seq_num, std::uint64_t new_seq_no,
                          UtcTime now, std::span<char> buffer);

std::string_view heartbeat(const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now,
                           std::string_view test_req_id, std::span<char> buffer);
std::string_view test_request(const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now,
                              std::string_view test_req_id, std::span<char> buffer);
std::string_view resend_request(const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now,
                                std::uint64_t begin_seq_no, std::uint64_t end_seq_no, std::span<char> buffer);
std::string_view logout(const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now, std::string_view text,
                        std::span<char> buffer);

// Session-level Reject(3).
struct SessionReject {
  std::uint64_t ref_seq_num = 0;        // 45
  std::optional<std::int64_t> ref_tag;  // 371
  std::string_view ref_msg_type;        // 372, empty: not written
  int session_reject_reason = -1;       // 373, -1: not written
  std::string_view text;                // 58
};
std::string_view reject(const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now,
                        const SessionReject& reject, std::span<char> buffer);

}  // namespace portcullis::fix
