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

bool passes_none(std::uint64_t layout, std::uint64_t pass_print) {
  const PassesNone& none = g_passes_none[(layout + pass_print) % kRemembered];
  return layout != 0 && none.layout == layout && none.print == pass_print;
}

void Draft::date(std::uint32_t tag, Date value) {
  char digits[32];
  format_utc_timestamp(UtcTime::from_ns(std::int64_t{value.days()} * 86'400 * 1'000'000'000), TimePrecision::kSeconds,
                       digits);
  raw(tag, {digits, 8});
}

void Draft::raw(std::uint32_t tag, std::string_view value) {
  if (static_cast<std::size_t>(end - at) < kMaxTagText + value.size() + 1) {
    ok = false;
    return;
  }
  char* out = decimal_detail::put_number(at, tag);
  *out++ = '=';
  out = copy_text(out, value);
  *out = kSoh;
  at = out + 1;
  ++fields;
}

void Draft::whole_fields(std::string_view bytes, std::size_t count) {
  if (static_cast<std::size_t>(end - at) < bytes.size()) {
    ok = false;
    return;
  }
  at = copy_text(at, bytes);
  fields += count;
}

void Draft::pass_through(const order::MessageFields& source) {
  bool any = false;
  for (std::size_t i = 0; i < source.size();) {
    const std::uint32_t tag = source[i].tag;
    if (tag < TagSet::kTags && plan->pass[tag] == RenderPlan::Pass::kNever) {
      ++i;
    } else {
      any = true;
      i = pass_one(source, i);
    }
  }
  if (any || source.layout() == 0) return;
  g_passes_none[(source.layout() + plan->pass_print) % kRemembered] = {source.layout(), plan->pass_print};
}

bool Draft::carries(const order::RawField& field) const {
  if (field.value.empty() || dialect->drops(field.tag) || (plan->is_order && adds(*dialect, field.tag))) return false;
  if (const Scope::Member* const member = plan->body->find(field.tag)) {
    if (member->group != nullptr) return false;
    return accepts(*member, field.value);
  }
  return field.tag >= kFirstUserDefinedTag && dialect->user_defined_tags();
}

// The field there, or what hangs together with it: a group, a length with its data. Returns what comes behind.
std::size_t Draft::pass_one(std::span<const order::RawField> source, std::size_t place) {
  const order::RawField& field = source[place];
  if (plan->body == nullptr) return place + 1;
  if (const std::size_t extent = group_extent(source, place); extent != 0) [[unlikely]] {
    const Scope::Member* const member = plan->body->find(field.tag);
    const std::span<const order::RawField> group = source.subspan(place, extent);
    if (member != nullptr && member->group != nullptr && !dialect->drops(field.tag) && is_whole_group(group, *member)) {
      for (const order::RawField& part : group) {
        // Data may hold SOHs of its own.
        fields += static_cast<std::size_t>(std::count(part.value.begin(), part.value.end(), kSoh));
        raw(part.tag, part.value);
      }
    }
    return place + extent;
  }
  if (const std::uint32_t data_tag = data_tag_of_length(field.tag); data_tag != 0) {
    if (place + 1 == source.size() || source[place + 1].tag != data_tag) return place + 1;
    const order::RawField& data = source[place + 1];
    if (carries(field) && carries(data)) {
      char digits[kNumberRoom];
      const char* const end_of_digits = decimal_detail::put_number(digits, static_cast<std::int64_t>(data.value.size()));
      raw(field.tag, {digits, static_cast<std::size_t>(end_of_digits - digits)});
      fields += static_cast<std::size_t>(std::count(data.value.begin(), data.value.end(), kSoh));
      raw(data_tag, data.value);
    }
    return place + 2;
  }
  // A data field without its length would be read wrongly.
  if (length_tag_of_data(field.tag) == 0 && carries(field)) raw(field.tag, field.value);
  return place + 1;
}

std::string_view Draft::finish() {
  const auto size = static_cast<std::size_t>(at - begin);
  if (!ok || static_cast<std::size_t>(end - at) < kTrailerBytes) return {};
  const std::size_t body = size - plan->body_at;
  if (body > kMaxBody) return {};
  char* const length = begin + plan->body_at - 6;
  std::memcpy(length, three_digits(body / 1'000) + 1, 2);
  std::memcpy(length + 2, three_digits(body % 1'000), 3);
  const byte_scan::Tally tally = byte_scan::tally({begin, size});
  // One more than the fields that were written: a text of ours holds one.
  if (tally.sohs != fields) return {};
  std::memcpy(at, "10=", 3);
  std::memcpy(at + 3, three_digits(tally.sum), 3);
  at[6] = kSoh;
  at += kTrailerBytes;
  return {begin, static_cast<std::size_t>(at - begin)};
}

}  // namespace portcullis::fix
