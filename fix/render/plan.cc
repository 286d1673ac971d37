#include "fix/render/plan.h"

#include <algorithm>

#include "fix/dialect.h"
#include "fix/frame.h"

namespace portcullis::fix {

namespace {

struct Kind {
  std::string_view msg_type;
  bool is_order;  // the dialect's additions are for it
  TagSet interpreted;
};

constexpr TagSet kInterpretedInOrder = {1,  11, 15, 37,  38,  40,  41,  44,  54, 55,
                                        59, 60, 99, 126, 152, 192, 193, 432, 640};
constexpr TagSet kInterpretedInCancel = {1, 11, 37, 38, 41, 54, 55, 60, 152};
// Besides, what a broker's report says of its conversation with us: 584, 790, 911, 912.
constexpr TagSet kInterpretedInReport = {1,   6,   11,  14,  15,  17,  19,  20,  31,  32,  37,  38,  39,
                                         40,  41,  44,  54,  55,  58,  59,  60,  99,  103, 126, 150, 151,
                                         152, 192, 193, 198, 354, 355, 378, 432, 527, 584, 790, 911, 912};
constexpr TagSet kInterpretedInCancelReject = {1, 11, 37, 39, 41, 58, 60, 102, 198, 354, 355, 434};

constexpr std::array<Kind, kOutboundKinds> kKinds = {{
    {"D", true, kInterpretedInOrder},
    {"G", true, kInterpretedInOrder},
    {"F", true, kInterpretedInCancel},
    {"H", false, {}},
    {"AF", false, {}},
    {"8", false, kInterpretedInReport},
    {"9", false, kInterpretedInCancelReject},
    {"j", false, {}},
    {"q", false, {}},
}};

const Kind& of(Outbound kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

RenderPlan::Pass pass_of(const Dialect& dialect, const RenderPlan& plan, Outbound kind, std::uint32_t tag) {
  if (plan.body == nullptr || interpreted_in(kind).contains(tag)) return RenderPlan::Pass::kNever;
  if (counts_group(tag) || data_tag_of_length(tag) != 0) return RenderPlan::Pass::kJudged;
  if (length_tag_of_data(tag) != 0 || dialect.drops(tag) || (plan.is_order && adds(dialect, tag))) {
    return RenderPlan::Pass::kNever;
  }
  const Scope::Member* const member = plan.body->find(tag);
  return member == nullptr || member->group != nullptr ? RenderPlan::Pass::kNever : RenderPlan::Pass::kJudged;
}

}  // namespace

std::string_view msg_type_of(Outbound kind) {
  return of(kind).msg_type;
}

const TagSet& interpreted_in(Outbound kind) {
  return of(kind).interpreted;
}

namespace {

std::uint64_t print_of(const RenderPlan& plan) {
  std::uint64_t print = 1;
  for (std::uint32_t tag = 0; tag < TagSet::kTags; ++tag) {
    if (plan.pass[tag] == RenderPlan::Pass::kNever) continue;
    print = (print ^ tag) * 0xff51afd7ed558ccdULL;
    print ^= print >> 32;
  }
  return print;
}

}  // namespace

void append_field(std::string& text, std::uint32_t tag, std::string_view value) {
  text += std::to_string(tag) + '=';
  text += value;
  text += kSoh;
}

bool adds(const Dialect& dialect, std::uint32_t tag) {
  const auto& additions = dialect.additions();
  return std::any_of(additions.begin(), additions.end(), [tag](const auto& added) { return added.first == tag; });
}

const RenderPlans::ByKind& RenderPlans::of(const Dialect& dialect) {
  const auto [at, made] = plans_.try_emplace(Key(&dialect.dictionary(), dialect.additions(), dialect.dropped()));
  ByKind& plans = at->second;
  if (!made) return plans;
  for (std::size_t i = 0; i < kOutboundKinds; ++i) {
    const auto kind = static_cast<Outbound>(i);
    RenderPlan& plan = plans[i];
    append_field(plan.begin, 8, dialect.facts().begin_string);
    append_field(plan.begin, 9, "00000");
    plan.body_at = static_cast<std::uint32_t>(plan.begin.size());
    append_field(plan.begin, 35, msg_type_of(kind));
    plan.body = dialect.dictionary().message(msg_type_of(kind));
    plan.is_order = kKinds[i].is_order;
    for (std::uint32_t tag = 1; tag < TagSet::kTags; ++tag) {
      plan.pass[tag] = pass_of(dialect, plan, kind, tag);
      const bool has = plan.body != nullptr && plan.body->find(tag) != nullptr;
      if (has && !dialect.drops(tag) && !(plan.is_order && adds(dialect, tag))) plan.writes.add(tag);
    }
    plan.pass_print = print_of(plan);
    if (!plan.is_order) continue;
    for (const auto& [tag, value] : dialect.additions()) {
      const bool has = plan.body != nullptr && plan.body->find(tag) != nullptr;
      if (!has && tag < kFirstUserDefinedTag) continue;
      append_field(plan.added, tag, value);
      ++plan.added_fields;
    }
  }
  return plans;
}

}  // namespace portcullis::fix
