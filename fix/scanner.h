#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "order/commands.h"

// Cuts one frame (fix/frame.h) into its fields, without copying or allocating: at its SOHs, which are marked 32 bytes
// at a time (fix/byte_scan.h), and byte by byte from the first field on that is not ordinary. The bounds
// stand here, before anything else of the program reads a field: 512 fields, tags of one to nine
// digits without leading zeros, and data fields (RawData(96), EncodedText(355) …) exactly as long as
// their length field says and inside the frame.
//
// What the scanner does not judge: whether a tag is known, has a value of its type, or stands in the
// right place; that is fix/dictionary.h. Any bytes may be given; nothing outside them is read.

namespace portcullis::fix {

using order::RawField;

inline constexpr std::size_t kMaxFields = 512;
inline constexpr std::size_t kMaxTagDigits = 9;

// Why a frame is refused: a session-level Reject(3) with this SessionRejectReason(373).
struct ScanFault {
  enum class Kind : std::uint8_t { kNone, kNotAField, kTag, kTooManyFields, kDataLength, kHeader };
  Kind kind = Kind::kNone;
  std::uint32_t ref_tag = 0;  // RefTagID(371), 0 when there is none
  int session_reject_reason = 0;
  const char* text = "";  // what was wrong and what was expected, for Text(58)

  explicit operator bool() const { return kind != Kind::kNone; }
};

// The header fields that the session layer asks for. Views into the frame, empty when absent.
struct HeaderFields {
  std::string_view begin_string;       // 8
  std::string_view msg_type;           // 35
  std::string_view sender_comp_id;     // 49
  std::string_view target_comp_id;     // 56
  std::string_view sending_time;       // 52
  std::string_view orig_sending_time;  // 122
  std::uint64_t msg_seq_num = 0;       // 34; 0 when absent or not a number of 1 to 18 digits
  bool poss_dup = false;               // 43=Y
  bool poss_resend = false;            // 97=Y
};

enum class FieldRole : std::uint8_t;  // of the scanner's own

// A scanned frame: an array of fields that is used again for the next one. Views point into the frame.
class ScannedMessage {
 public:
  // In the order of the message, from BeginString(8) to CheckSum(10).
  order::MessageFields fields() const { return order::MessageFields({fields_.data(), count_}, layout_); }
  const HeaderFields& header() const { return header_; }
  std::string_view bytes() const { return bytes_; }
  // False when a data field does not follow its length field at once: legal nowhere, and left to the
  // control plane.
  bool regular() const { return regular_; }

  // The first field with this tag; empty when absent (or when its value is).
  std::string_view find(std::uint32_t tag) const;

  struct Expected;  // of the scanner's own

 private:
  friend ScanFault scan(std::string_view frame, ScannedMessage& message);
  friend ScanFault scan_by_bytes(std::string_view frame, ScannedMessage& message);
  const char* by_marks();
  const char* by_unexpected_marks(const std::uint64_t* words, Expected& known);
  ScanFault by_bytes(const char* at);
  template <typename ValueOf>
  void keep_header(ValueOf&& value_of, std::uint64_t msg_seq_num, bool flags);
  const char* keep_header_field(FieldRole role, std::string_view value);

  std::array<RawField, kMaxFields + 1> fields_;  // the last is never written: who looks for what is absent finds nothing there
  std::size_t count_ = 0;
  std::uint64_t layout_ = 0;
  HeaderFields header_;
  std::string_view bytes_;
  bool regular_ = true;
};

// On a fault the fields and the header up to the fault stand in `message`. MsgSeqNum(34) repeated with
// another value, or MsgType(35) repeated, is a fault, since two readers could see two messages.
ScanFault scan(std::string_view frame, ScannedMessage& message);
// The same answer, without marks: for the test that holds the two together.
ScanFault scan_by_bytes(std::string_view frame, ScannedMessage& message);

// The data field whose length this tag gives, or 0.
std::uint32_t data_tag_of_length(std::uint32_t tag);
// The length field of a data field, or 0.
std::uint32_t length_tag_of_data(std::uint32_t tag);

// Digits only, at most 18 of them; nothing (0) for other text. Leading zeros are allowed (34=00000007).
std::uint64_t parse_number(std::string_view text);

}  // namespace portcullis::fix
