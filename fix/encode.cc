#include "fix/encode.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "fix/frame.h"
#include "fix/scanner.h"
#include "fix/tag_text.h"

namespace portcullis::fix {

namespace {

// BodyLength is written with a fixed width of five digits (9=00234): a frame has at most 64 KiB, and
// leading zeros are legal. So the body never moves.
constexpr std::size_t kBodyLengthDigits = 5;

std::size_t digits_of(std::uint64_t value) {
  std::size_t digits = 1;
  while (value >= 10) {
    value /= 10;
    ++digits;
  }
  return digits;
}

void put_digits(char* last, std::uint64_t value) {
  do {
    *last-- = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
}

}  // namespace

char* Writer::begin_field(std::uint32_t tag, std::size_t value_size) {
  constexpr std::size_t kMaxTagText = 11;  // ten digits and '='
  // Room for the longest tag, so that a short one is copied as four bytes.
  if (!ok_ || static_cast<std::size_t>(end_ - at_) < kMaxTagText + value_size + 1) [[unlikely]] {
    ok_ = false;
    return nullptr;
  }
  char* value = nullptr;
  if (tag < kTagTexts) [[likely]] {
    const TagText& entry = kTagText[tag];
    std::memcpy(at_, entry.text.data(), entry.text.size());
    value = at_ + entry.size;
  } else {
    const std::size_t tag_size = digits_of(tag);
    put_digits(at_ + tag_size - 1, tag);
    at_[tag_size] = '=';
    value = at_ + tag_size + 1;
  }
  value[value_size] = kSoh;
  at_ = value + value_size + 1;
  return value;
}

void Writer::header(const HeaderIdentity& identity, std::string_view msg_type, std::uint64_t msg_seq_num,
                    UtcTime sending_time) {
  begin_message(identity.begin_string);
  text(35, msg_type);
  text(49, identity.sender_comp_id);
  text(56, identity.target_comp_id);
  number(34, static_cast<std::int64_t>(msg_seq_num));
  timestamp(52, sending_time, identity.time_precision);
}

void Writer::begin_message(std::string_view begin_string) {
  text(8, begin_string);
  body_length_ = begin_field(9, kBodyLengthDigits);
  body_ = at_;
}

void Writer::bytes(std::string_view whole_fields) {
  if (!ok_ || static_cast<std::size_t>(end_ - at_) < whole_fields.size()) {
    ok_ = false;
    return;
  }
  whole_fields.copy(at_, whole_fields.size());
  at_ += whole_fields.size();
}

void Writer::raw(std::uint32_t tag, std::string_view value) {
  if (char* const out = begin_field(tag, value.size())) value.copy(out, value.size());
}

void Writer::text(std::uint32_t tag, std::string_view value) {
  if (value.empty()) return;
  if (std::memchr(value.data(), kSoh, value.size()) != nullptr) {
    ok_ = false;
    return;
  }
  raw(tag, value);
}

void Writer::character(std::uint32_t tag, char value) {
  if (char* const out = begin_field(tag, 1)) *out = value;
}

void Writer::number(std::uint32_t tag, std::int64_t value) {
  const bool negative = value < 0;
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const std::size_t size = digits_of(magnitude) + (negative ? 1 : 0);
  char* const out = begin_field(tag, size);
  if (out == nullptr) return;
  put_digits(out + size - 1, magnitude);
  if (negative) *out = '-';
}

void Writer::timestamp(std::uint32_t tag, UtcTime value, TimePrecision precision) {
  // SendingTime(52) and TransactTime(60) are mostly one instant.
  if (time_size_ == 0 || value != time_ || precision != time_precision_) {
    time_ = value;
    time_precision_ = precision;
    time_size_ = format_utc_timestamp(value, precision, time_text_.data());
  }
  raw(tag, {time_text_.data(), time_size_});
}

void Writer::date(std::uint32_t tag, Date value) {
  char digits[32];
  format_utc_timestamp(UtcTime::from_ns(std::int64_t{value.days()} * 86'400 * 1'000'000'000), TimePrecision::kSeconds,
                       digits);
  raw(tag, {digits, 8});
}

void Writer::data(std::uint32_t length_tag, std::uint32_t data_tag, std::string_view value) {
  if (value.empty()) return;
  number(length_tag, static_cast<std::int64_t>(value.size()));
  raw(data_tag, value);
}

std::string_view Writer::finish() {
  if (!ok_ || body_length_ == nullptr) return {};
  const auto body_size = static_cast<std::uint64_t>(at_ - body_);
  if (body_size > 99'999) {
    ok_ = false;
    return {};
  }
  std::memset(body_length_, '0', kBodyLengthDigits);
  put_digits(body_length_ + kBodyLengthDigits - 1, body_size);
  const std::uint8_t sum = checksum({begin_, size()});
  char* const out = begin_field(10, 3);
  if (out == nullptr) return {};
  out[0] = static_cast<char>('0' + sum / 100);
  out[1] = static_cast<char>('0' + sum / 10 % 10);
  out[2] = static_cast<char>('0' + sum % 10);
  return {begin_, size()};
}

std::string_view retransmit(std::string_view stored, UtcTime now, std::span<char> buffer) {
  // Only the header is read: our own messages have 8, 9, 35 and SendingTime(52) before any body field.
  Writer writer(buffer);
  std::string_view begin_string;
  std::string_view original_time;
  std::size_t at = 0;
  std::size_t body_at = 0;
  std::size_t time_end = 0;
  char digits[32];
  const auto next_field = [&stored, &at]() -> RawField {
    const std::size_t soh = stored.find(kSoh, at);
    const std::size_t equals = stored.find('=', at);
    if (soh == std::string_view::npos || equals == std::string_view::npos || equals > soh) return {};
    const auto tag = static_cast<std::uint32_t>(parse_number(stored.substr(at, equals - at)));
    const RawField field{tag, 0, stored.substr(equals + 1, soh - equals - 1)};
    at = soh + 1;
    return field;
  };
  const RawField first = next_field();
  if (first.tag != 8) return {};
  begin_string = first.value;
  if (next_field().tag != 9) return {};
  body_at = at;
  while (original_time.empty()) {
    const RawField field = next_field();
    if (field.tag == 0) return {};
    if (field.tag == 52) {
      original_time = field.value;
      time_end = at;
    }
  }
  constexpr std::size_t kTrailerBytes = 7;
  if (stored.size() < time_end + kTrailerBytes) return {};

  const auto precision = original_time.size() <= 17   ? TimePrecision::kSeconds
                         : original_time.size() <= 21 ? TimePrecision::kMilliseconds
                         : original_time.size() <= 24 ? TimePrecision::kMicroseconds
                                                      : TimePrecision::kNanoseconds;
  const std::string_view new_time(digits, format_utc_timestamp(now, precision, digits));

  writer.begin_message(begin_string);
  at = body_at;
  while (at < time_end) {
    const RawField field = next_field();
    if (field.tag == 43 || field.tag == 122) continue;
    if (field.tag == 52) {
      writer.character(43, 'Y');
      writer.raw(52, new_time);
      writer.raw(122, original_time);
    } else {
      writer.raw(field.tag, field.value);
    }
  }
  // A PossDupFlag or OrigSendingTime that stood right behind SendingTime is replaced too.
  for (;;) {
    const std::size_t here = at;
    const RawField field = next_field();
    if (field.tag != 43 && field.tag != 122) {
      at = here;
      break;
    }
  }
  if (stored.size() < at + kTrailerBytes) return {};
  // "10=" must stand where a field begins, or the copied body would not end with one.
  if (stored[stored.size() - kTrailerBytes - 1] != kSoh || stored.substr(stored.size() - kTrailerBytes, 3) != "10=") {
    return {};
  }
  writer.bytes(stored.substr(at, stored.size() - kTrailerBytes - at));
  return writer.finish();
}

std::string_view reissue(std::string_view stored, const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now,
                         std::span<char> buffer) {
  ScannedMessage message;
  if (scan(stored, message) || message.header().begin_string != identity.begin_string) return {};
  const auto of_header = [](std::uint32_t tag) {
    constexpr std::uint32_t kHeader[] = {8, 9, 34, 35, 43, 49, 50, 52, 56, 57, 97, 115, 116, 122, 128, 129, 142, 143, 144, 145};
    return std::find(std::begin(kHeader), std::end(kHeader), tag) != std::end(kHeader);
  };
  std::span<const RawField> fields = message.fields();
  while (!fields.empty() && of_header(fields.front().tag)) fields = fields.subspan(1);
  constexpr std::size_t kTrailerBytes = 7;
  if (fields.empty() || fields.front().tag == 10) return {};
  // The body's bytes as they stand, from its first tag on.
  const auto value_at = static_cast<std::size_t>(fields.front().value.data() - stored.data());
  const std::size_t begin = stored.rfind(kSoh, value_at) + 1;
  Writer writer(buffer);
  writer.header(identity, message.header().msg_type, msg_seq_num, now);
  writer.boolean(97, true);
  writer.bytes(stored.substr(begin, stored.size() - kTrailerBytes - begin));
  return writer.finish();
}

std::string_view gap_fill(const HeaderIdentity& identity, std::uint64_t msg_seq_num, std::uint64_t new_seq_no,
                          UtcTime now, std::span<char> buffer) {
  Writer writer(buffer);
  writer.header(identity, "4", msg_seq_num, now);
  writer.boolean(43, true);
  // Required with PossDupFlag; a gap fill was never sent before, so both times are the same.
  writer.timestamp(122, now, identity.time_precision);
  writer.boolean(123, true);
  writer.number(36, static_cast<std::int64_t>(new_seq_no));
  return writer.finish();
}

std::string_view heartbeat(const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now,
                           std::string_view test_req_id, std::span<char> buffer) {
  Writer writer(buffer);
  writer.header(identity, "0", msg_seq_num, now);
  writer.text(112, test_req_id);
  return writer.finish();
}

std::string_view test_request(const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now,
                              std::string_view test_req_id, std::span<char> buffer) {
  Writer writer(buffer);
  writer.header(identity, "1", msg_seq_num, now);
  writer.text(112, test_req_id);
  return writer.finish();
}

std::string_view resend_request(const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now,
                                std::uint64_t begin_seq_no, std::uint64_t end_seq_no, std::span<char> buffer) {
  Writer writer(buffer);
  writer.header(identity, "2", msg_seq_num, now);
  writer.number(7, static_cast<std::int64_t>(begin_seq_no));
  writer.number(16, static_cast<std::int64_t>(end_seq_no));
  return writer.finish();
}

std::string_view logout(const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now, std::string_view text,
                        std::span<char> buffer) {
  Writer writer(buffer);
  writer.header(identity, "5", msg_seq_num, now);
  writer.text(58, text);
  return writer.finish();
}

std::string_view reject(const HeaderIdentity& identity, std::uint64_t msg_seq_num, UtcTime now,
                        const SessionReject& reject, std::span<char> buffer) {
  Writer writer(buffer);
  writer.header(identity, "3", msg_seq_num, now);
  writer.number(45, static_cast<std::int64_t>(reject.ref_seq_num));
  if (reject.ref_tag) writer.number(371, *reject.ref_tag);
  writer.text(372, reject.ref_msg_type);
  if (reject.session_reject_reason >= 0) writer.number(373, reject.session_reject_reason);
  writer.text(58, reject.text);
  return writer.finish();
}

}  // namespace portcullis::fix
