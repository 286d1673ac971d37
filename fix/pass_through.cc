#include "fix/pass_through.h"

#include <algorithm>

namespace portcullis::fix {

namespace {

// Whether the fields of one group, count field first, are a whole group of `scope`.
bool is_group_of(std::span<const RawField> fields, const Scope& scope, std::uint32_t count, std::size_t& at) {
  if (count < 1 || count > kMaxGroupEntries) return false;
  for (std::uint32_t entry = 0; entry < count; ++entry) {
    if (at == fields.size() || fields[at].tag != scope.delimiter()) return false;
    bool first = true;
    while (at < fields.size() && (first || fields[at].tag != scope.delimiter())) {
      const Scope::Member* const member = scope.find(fields[at].tag);
      if (member == nullptr) break;
      const RawField& field = fields[at++];
      first = false;
      if (member->group == nullptr) continue;
      if (!is_group_of(fields, *member->group, static_cast<std::uint32_t>(parse_number(field.value)), at)) return false;
    }
  }
  return true;
}

// ExecInst(18), MinQty(110), MaxFloor(111), MaxShow(210), settlement 63, 64, 192, 193, EffectiveTime(168),
// pegs and discretion 211, 388, 389, 835 to 849, target strategy 847, security type and maturity.
constexpr TagSet kMeaningful = {18,  63,  64,  110, 111, 167, 168, 192, 193, 200, 201, 202, 210, 211, 388,
                                389, 541, 640, 835, 836, 837, 838, 840, 841, 842, 843, 844, 846, 847, 848};

}  // namespace

Composer::Composer(const Dialect& dialect, std::string_view msg_type, std::uint64_t msg_seq_num, UtcTime now,
                   std::span<char> buffer)
    : dialect_(dialect),
      body_(dialect.dictionary().message(msg_type)),
      is_order_(msg_type == "D" || msg_type == "G" || msg_type == "F"),
      writer_(buffer) {
  writer_.header(dialect.identity(), msg_type, msg_seq_num, now);
}

bool Composer::has(std::uint32_t tag) const {
  return body_ != nullptr && body_->find(tag) != nullptr;
}

bool Composer::adds(std::uint32_t tag) const {
  if (!is_order_) return false;
  for (const auto& [added, value] : dialect_.additions()) {
    if (added == tag) return true;
  }
  return false;
}

bool Composer::carries(const RawField& field) const {
  if (field.value.empty() || dialect_.drops(field.tag) || adds(field.tag)) return false;
  if (const Scope::Member* const member = body_->find(field.tag)) {
    if (member->group != nullptr) return false;
    return accepts(*member, field.value);
  }
  return field.tag >= kFirstUserDefinedTag && dialect_.user_defined_tags();
}

void Composer::pass_through(std::span<const RawField> source, const TagSet& interpreted) {
  if (body_ == nullptr) return;
  for (std::size_t i = 0; i < source.size();) {
    const RawField& field = source[i];
    if (interpreted.contains(field.tag)) {  // never a group's count
      ++i;
      continue;
    }
    if (const std::size_t extent = group_extent(source, i); extent != 0) [[unlikely]] {
      const Scope::Member* const member = body_->find(field.tag);
      std::size_t end = i + 1;
      const bool whole = member != nullptr && member->group != nullptr && !dialect_.drops(field.tag) &&
                         is_group_of(source.first(i + extent), *member->group,
                                     static_cast<std::uint32_t>(parse_number(field.value)), end) &&
                         end == i + extent;
      if (whole) {
        for (std::size_t k = i; k < end; ++k) writer_.raw(source[k].tag, source[k].value);
      }
      i += extent;
      continue;
    }
    if (const std::uint32_t data_tag = data_tag_of_length(field.tag); data_tag != 0) {
      const bool pair = i + 1 < source.size() && source[i + 1].tag == data_tag;
      if (pair && carries(field) && carries(source[i + 1])) writer_.data(field.tag, data_tag, source[i + 1].value);
      i += pair ? 2 : 1;
      continue;
    }
    // A data field without its length would be read wrongly.
    if (length_tag_of_data(field.tag) == 0 && carries(field)) writer_.raw(field.tag, field.value);
    ++i;
  }
}

void Composer::additions() {
  for (const auto& [tag, value] : dialect_.additions()) {
    if (has(tag) || tag >= kFirstUserDefinedTag) writer_.text(tag, value);
  }
}

std::uint32_t uncarried_field(std::span<const RawField> source, std::string_view msg_type, const Dialect& broker) {
  // Nearly all orders have no such field, and then no group needs to be told apart.
  const bool any = std::any_of(source.begin(), source.end(),
                               [](const RawField& field) { return kMeaningful.contains(field.tag); });
  if (!any) [[likely]] {
    return 0;
  }
  const Scope* const body = broker.dictionary().message(msg_type);
  for (std::size_t i = 0; i < source.size();) {
    const RawField& field = source[i];
    if (const std::size_t extent = group_extent(source, i); extent != 0) {
      i += extent;
      continue;
    }
    ++i;
    if (!kMeaningful.contains(field.tag)) continue;
    const Scope::Member* const member = body == nullptr ? nullptr : body->find(field.tag);
    if (member == nullptr || broker.drops(field.tag) || !accepts(*member, field.value)) return field.tag;
  }
  return 0;
}

}  // namespace portcullis::fix
