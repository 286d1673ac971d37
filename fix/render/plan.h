#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "fix/tag_set.h"

// Of what is part of each function that writes a message, so that its tags are constants there.
#define PORTCULLIS_INLINE inline __attribute__((always_inline))

// What is the same in each message of one type to all counterparties of one dictionary that are given and denied the
// same tags, worked out with the first of their dialects: the bytes that it begins with, which fields of ours it has,
// and what becomes of each field that is passed on. The plans of many sessions are few, and stay in the caches.

namespace portcullis::fix {

class Dialect;
class Dictionary;
class Scope;

// What fix/render.h writes.
enum class Outbound : std::uint8_t {
  kNewOrder,
  kReplace,
  kCancel,
  kStatusRequest,
  kMassStatusRequest,
  kReport,
  kCancelReject,
  kBusinessReject,
  kMassCancel,
};
inline constexpr std::size_t kOutboundKinds = 9;

std::string_view msg_type_of(Outbound kind);
// The fields that the gateway writes itself in such a message, and so never passes on.
const TagSet& interpreted_in(Outbound kind);

struct RenderPlan {
  // Of a field of another message. Tags that are not in the table are judged as they come.
  enum class Pass : std::uint8_t { kNever, kJudged };

  std::string begin;            // 8, 9 with zeros for digits, and 35; the dialect's addresses() come behind
  std::uint32_t body_at = 0;    // in `begin`: where the body begins, behind the SOH of BodyLength(9)
  const Scope* body = nullptr;  // null: the version has no such message, and nothing but the header is written
  TagSet writes;                // fields of ours: the message has them, and the dialect neither drops nor replaces them
  std::array<Pass, TagSet::kTags> pass = {};
  std::uint64_t pass_print = 0;  // of `pass`: plans of one print pass on the same
  std::string added;  // whole fields that the dialect adds
  std::uint32_t added_fields = 0;
  bool is_order = false;
};

// All plans, for dialects that it outlives, and that their dictionaries outlive. They stay where they are.
class RenderPlans {
 public:
  using ByKind = std::array<RenderPlan, kOutboundKinds>;

  // For a dialect that has all of its settings.
  const ByKind& of(const Dialect& dialect);

 private:
  // All that a plan depends on: what is added and dropped, by version.
  using Additions = std::vector<std::pair<std::uint32_t, std::string>>;
  using Key = std::tuple<const Dictionary*, Additions, std::vector<std::uint32_t>>;

  std::map<Key, ByKind> plans_;
};

void append_field(std::string& text, std::uint32_t tag, std::string_view value);
// Whether the dialect puts a value of its own into this field of D, G and F.
bool adds(const Dialect& dialect, std::uint32_t tag);

}  // namespace portcullis::fix
