#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "risk/context.h"

// How a control holds an order to a limit on sums in many scopes at once.

namespace portcullis::risk {

// What a control asks of one scope: usage + delta <= limit. What grows by nothing passes, even in breach.
struct Asked {
  std::int64_t usage = 0;
  std::int64_t delta = 0;
  bool grows = true;
};

inline constexpr std::size_t kNoPlace = ~std::size_t{0};

// What a control holds to `limit`, in the scopes at `places`. `nearest`: where the order stands nearest to it, as found
// beforehand. `most`: no scope's delta is larger.
struct HeldTo {
  order::Control control;
  Limit limit;
  Places places;
  Nearest nearest;
  std::int64_t most;
};

// One line of evidence; the check has passed, or is the one that refuses.
inline void add_line(const Context& context, Judge& judge, const HeldTo& held, std::size_t place, const Asked& asked,
                     bool passed) {
  const Node& node = *context.path()[place];
  judge.log().add(order::CheckResult{held.control, node.scope, static_cast<std::uint8_t>(passed), 0, node.id,
                                     asked.usage, asked.delta, context.scopes.limits_of(held.limit)[place]});
}

// Scope by scope, up to the first that fails; a sum that does not fit does.
template <typename Question>
[[gnu::noinline]] std::size_t hold_each(const Context& context, Judge& judge, const HeldTo& held,
                                        const Question& question) {
  Nearest nearest{std::numeric_limits<std::int64_t>::max(), kNoPlace};
  Asked at_nearest;
  for (Places left = held.places; left != 0; left &= left - 1) {
    const auto place = static_cast<std::size_t>(std::countr_zero(left));
    Asked asked;
    question(place, asked);
    const std::int64_t limit = context.scopes.limits_of(held.limit)[place];
    std::int64_t would_be = 0;
    if (asked.grows && (__builtin_add_overflow(asked.usage, asked.delta, &would_be) || would_be > limit)) {
      add_line(context, judge, held, place, asked, false);
      return place;
    }
    std::int64_t headroom = 0;
    if (__builtin_sub_overflow(std::min(limit, Scopes::kNoLimit), asked.usage, &headroom)) {
      headroom = std::numeric_limits<std::int64_t>::max() - 1;  // far below zero
    }
    if (headroom < nearest.headroom) {
      nearest = {headroom, place};
      at_nearest = asked;
    }
  }
  if (nearest.place != kNoPlace) add_line(context, judge, held, nearest.place, at_nearest, true);
  return kNoPlace;
}

// The evidence is one line: the scope that refuses, or else the one that is nearest to its limit. Returns the place of
// the one that refuses, or kNoPlace. `question(place, Asked&)` is asked of the nearest alone where that answers for all.
template <typename Question>
[[gnu::always_inline]] inline std::size_t hold(const Context& context, Judge& judge, const HeldTo& held,
                                               const Question& question) {
  const std::size_t place = held.nearest.place;
  if (held.nearest.headroom < held.most || (held.places >> place & 1) == 0) [[unlikely]] {
    return hold_each(context, judge, held, question);
  }
  Asked asked;
  question(place, asked);
  add_line(context, judge, held, place, asked, true);
  return kNoPlace;
}

}  // namespace portcullis::risk
