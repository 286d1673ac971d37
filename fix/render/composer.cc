#include "fix/render/composer.h"

#include <algorithm>
#include <array>

#include "fix/byte_scan.h"
#include "fix/render/groups.h"

namespace portcullis::fix {

namespace {

// A body of at most five digits, and "10=", three digits and an SOH.
constexpr std::size_t kMaxBody = 99'999;
constexpr std::size_t kTrailerBytes = 7;

// The numbers below 1,000 with three digits.
constexpr auto kThreeDigits = [] {
  std::array<std::array<char, 4>, 1000> table = {};
  for (unsigned value = 0; value < table.size(); ++value) {
    table[value] = {static_cast<char>('0' + value / 100), static_cast<char>('0' + value / 10 % 10),
                    static_cast<char>('0' + value % 10), '\0'};
  }
  return table;
}();
const char* three_digits(std::size_t value) {
  return kThreeDigits.data()[value].data();
}

// Of most messages no field is passed on, and that is so of all with the same tags. Each thread remembers some.
struct PassesNone {
  std::uint64_t layout = 0;  // zero: nothing is remembered here
  std::uint64_t print = 0;   // of the plan
};
constexpr std::size_t kRemembered = 32;
constinit thread_local std::array<PassesNone, kRemembered> g_passes_none;

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
  const std::string_view addresses = dialect.addresses();
  if (buffer.size() < plan_.begin.size() + addresses.size() + 2 * kNumberRoom + sizeof time_) {
    ok_ = false;
    return;
  }
  at_ = copy_text(copy_text(at_, plan_.begin), addresses);
  constexpr std::size_t kBeginFields = 3;
  fields_ = kBeginFields + Dialect::kAddressFields;
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

void Composer::pass_through(const order::MessageFields& source) {
  PassesNone& none = g_passes_none[(source.layout() + plan_.pass_print) % kRemembered];
  if (source.layout() != 0 && none.layout == source.layout() && none.print == plan_.pass_print) [[likely]] {
    return;
  }
  bool any = false;
  for (std::size_t i = 0; i < source.size();) {
    const std::uint32_t tag = source[i].tag;
    if (tag < TagSet::kTags && plan_.pass[tag] == RenderPlan::Pass::kNever) {
      ++i;
    } else {
      any = true;
      i = pass_one(source, i);
    }
  }
  if (!any && source.layout() != 0) none = {source.layout(), plan_.pass_print};
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
  std::memcpy(length, three_digits(body / 1'000) + 1, 2);
  std::memcpy(length + 2, three_digits(body % 1'000), 3);
  const byte_scan::Tally tally = byte_scan::tally({begin_, size});
  // One more than the fields that were written: a text of ours holds one.
  if (tally.sohs != fields_) return {};
  std::memcpy(at_, "10=", 3);
  std::memcpy(at_ + 3, three_digits(tally.sum), 3);
  at_[6] = kSoh;
  at_ += kTrailerBytes;
  return {begin_, static_cast<std::size_t>(at_ - begin_)};
}

}  // namespace portcullis::fix
