#include "fix/pass_through.h"

#include <algorithm>
#include <array>

#include "fix/render/groups.h"
#include "fix/tag_set.h"

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

// ExecInst(18), PositionEffect(77), MinQty(110), MaxFloor(111), MaxShow(210), settlement 63, 64, 192, 193,
// EffectiveTime(168), pegs and discretion 211, 388, 389, 835 to 849, target strategy 847, security type and maturity,
// what price and quantity count: PriceType(423), QtyType(854).
constexpr std::uint32_t kMeaningfulTags[] = {18,  63,  64,  77,  110, 111, 167, 168, 192, 193, 200, 201,
                                             202, 205, 210, 211, 388, 389, 423, 541, 640, 835, 836, 837,
                                             838, 840, 841, 842, 843, 844, 846, 847, 848, 854};
constexpr TagSet kMeaningful = [] {
  TagSet set;
  for (const std::uint32_t tag : kMeaningfulTags) set.add(tag);
  return set;
}();
// Most other tags are told apart by their last six bits alone.
constexpr std::uint64_t kMeaningfulEndings = [] {
  std::uint64_t endings = 0;
  for (const std::uint32_t tag : kMeaningfulTags) endings |= std::uint64_t{1} << (tag % 64);
  return endings;
}();

}  // namespace

bool is_whole_group(std::span<const RawField> fields, const Scope::Member& count_field) {
  std::size_t end = 1;
  return is_group_of(fields, *count_field.group, static_cast<std::uint32_t>(parse_number(fields.front().value)), end) &&
         end == fields.size();
}

std::uint32_t broken_group(const ScannedMessage& message, const Dictionary& dictionary) {
  const Scope* const body = dictionary.message(message.header().msg_type);
  if (body == nullptr) return 0;
  const std::span<const RawField> fields = message.fields();
  for (std::size_t i = 0; i < fields.size();) {
    const std::size_t extent = group_extent(fields, i);
    const Scope::Member* const member = extent == 0 ? nullptr : body->find(fields[i].tag);
    const bool counted = member != nullptr && member->group != nullptr && parse_number(fields[i].value) != 0;
    if (counted && !is_whole_group(fields.subspan(i, extent), *member)) return fields[i].tag;
    i += extent == 0 ? 1 : extent;
  }
  return 0;
}

namespace {

// Of messages of one layout all or none have such a field. Each thread remembers some.
struct Answer {
  std::uint64_t layout = 0;
  bool any = false;
};
constexpr std::size_t kAnswers = 16;
constinit thread_local std::array<Answer, kAnswers> g_answers;

bool any_meaningful(const order::MessageFields& source) {
  Answer& known = g_answers[source.layout() % kAnswers];
  if (source.layout() != 0 && known.layout == source.layout()) [[likely]] {
    return known.any;
  }
  const bool any = std::any_of(source.begin(), source.end(), [](const RawField& field) {
    return (kMeaningfulEndings >> (field.tag % 64) & 1) != 0 && kMeaningful.contains(field.tag);
  });
  known = {source.layout(), any};
  return any;
}

}  // namespace

std::uint32_t uncarried_field(const order::MessageFields& source, std::string_view msg_type, const Dialect& broker) {
  // Nearly all orders have no such field, and then no group needs to be told apart.
  if (!any_meaningful(source)) [[likely]] {
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
