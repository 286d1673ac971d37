#include "fix/render/composer.h"

#include <algorithm>

#include "fix/byte_scan.h"
#include "fix/render/groups.h"

namespace portcullis::fix {

namespace {

// A body of at most five digits, and "10=", three digits and an SOH.
constexpr std::size_t kMaxBody = 99'999;
constexpr std::size_t kTrailerBytes = 7;

void put_three(char* out, unsigned value) {
  out[0] = static_cast<char>('0' + value / 100);
  out[1] = static_cast<char>('0' + value / 10 % 10);
  out[2] = static_cast<char>('0' + value % 10);
}

}  // namespace

Composer::Composer(const Dialect& dialect, Outbound kind, std::uint64_t msg_seq_num, UtcTime now,
                   std::span<char> buffer)
    : dialect_(dialect),
      plan_(dialect.plan(kind)),
      now_(now),
      begin_(buffer.data()),
      end_(buffer.data() + buffer.size()),
      at_(begin_) {
  time_size_ = format_utc_timestamp(now, dialect.time_precision(), time_);
  const std::string& constant = plan_.begin;
  if (buffer.size() < constant.size() + 2 * kNumberRoom + sizeof time_) {
    ok_ = false;
    return;
  }
  at_ = copy_text(at_, constant);
  fields_ = plan_.begin_fields;
  end(put_number(at_, static_cast<std::int64_t>(msg_seq_num)));
  end(put_time(begin(52, sizeof time_), now));
}

char* Composer::put_number(char* out, std::int64_t value) {
  return out + decimal_detail::format(value, 0, 0, out);
}

void Composer::put_date(std::uint32_t tag, Date value) {
  char digits[32];
  format_utc_timestamp(UtcTime::from_ns(std::int64_t{value.days()} * 86'400 * 1'000'000'000), TimePrecision::kSeconds,
                       digits);
  raw(tag, {digits, 8});
}

void Composer::raw(std::uint32_t tag, std::string_view value) {
  if (static_cast<std::size_t>(end_ - at_) < kMaxTagText + value.size() + 1) {
    ok_ = false;
    return;
  }
  char* out = put_number(at_, tag);
  *out++ = '=';
  end(copy_text(out, value));
}

void Composer::whole_fields(std::string_view bytes, std::size_t count) {
  if (static_cast<std::size_t>(end_ - at_) < bytes.size()) {
    ok_ = false;
    return;
  }
  at_ = copy_text(at_, bytes);
  fields_ += count;
}

void Composer::additions() {
  whole_fields(plan_.added, plan_.added_fields);
}

bool Composer::carries(const order::RawField& field) const {
  if (field.value.empty() || dialect_.drops(field.tag) || (plan_.is_order && adds(dialect_, field.tag))) return false;
  if (const Scope::Member* const member = plan_.body->find(field.tag)) {
    if (member->group != nullptr) return false;
    return accepts(*member, field.value);
  }
  return field.tag >= kFirstUserDefinedTag && dialect_.user_defined_tags();
}

// The field there, or what hangs together with it: a group, a length with its data. Returns what comes behind.
std::size_t Composer::pass_one(std::span<const order::RawField> source, std::size_t at) {
  const order::RawField& field = source[at];
  if (plan_.body == nullptr) return at + 1;
  if (const std::size_t extent = group_extent(source, at); extent != 0) [[unlikely]] {
    const Scope::Member* const member = plan_.body->find(field.tag);
    const std::span<const order::RawField> group = source.subspan(at, extent);
    if (member != nullptr && member->group != nullptr && !dialect_.drops(field.tag) && is_whole_group(group, *member)) {
      for (const order::RawField& part : group) {
        // Data may hold SOHs of its own.
        fields_ += static_cast<std::size_t>(std::count(part.value.begin(), part.value.end(), kSoh));
        raw(part.tag, part.value);
      }
    }
    return at + extent;
  }
  if (const std::uint32_t data_tag = data_tag_of_length(field.tag); data_tag != 0) {
    if (at + 1 == source.size() || source[at + 1].tag != data_tag) return at + 1;
    const order::RawField& data = source[at + 1];
    if (carries(field) && carries(data)) {
      char digits[kNumberRoom];
      raw(field.tag, {digits, put_number(digits, static_cast<std::int64_t>(data.value.size()))});
      fields_ += static_cast<std::size_t>(std::count(data.value.begin(), data.value.end(), kSoh));
      raw(data_tag, data.value);
    }
    return at + 2;
  }
  // A data field without its length would be read wrongly.
  if (length_tag_of_data(field.tag) == 0 && carries(field)) raw(field.tag, field.value);
  return at + 1;
}

std::string_view Composer::finish() {
  const auto size = static_cast<std::size_t>(at_ - begin_);
  if (!ok_ || static_cast<std::size_t>(end_ - at_) < kTrailerBytes) return {};
  const std::size_t body = size - plan_.body_at;
  if (body > kMaxBody) return {};
  char* const length = begin_ + plan_.body_at - 6;
  length[0] = static_cast<char>('0' + body / 10'000);
  length[1] = static_cast<char>('0' + body / 1'000 % 10);
  put_three(length + 2, static_cast<unsigned>(body % 1'000));
  const byte_scan::Tally tally = byte_scan::tally({begin_, size});
  // One more than the fields that were written: a text of ours holds one.
  if (tally.sohs != fields_) return {};
  std::memcpy(at_, "10=", 3);
  put_three(at_ + 3, tally.sum);
  at_[6] = kSoh;
  at_ += kTrailerBytes;
  return {begin_, static_cast<std::size_t>(at_ - begin_)};
}

}  // namespace portcullis::fix
