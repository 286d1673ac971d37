#include <algorithm>
#include <limits>

#include "risk/checks/registry.h"

// D5: the aggregate net open position over all currencies but the risk currency: the larger of what a scope is long of
// at the worst and what it is short of. The sums stand in the scope, marked at the last known rates; only the order's
// two currencies are worked out anew. An order that makes the larger side no larger passes, even in breach.

namespace portcullis::risk {

namespace {

using order::Control;

std::int64_t narrowed(Wide sum) {
  return static_cast<std::int64_t>(std::min<Wide>(sum, std::numeric_limits<std::int64_t>::max()));
}

[[gnu::cold, gnu::noinline]] bool refuse(const Context& context, Judge& judge, std::size_t place) {
  const Node& node = *context.path()[place];
  judge.refuse(order::RejectCode::kExposure, Control::kD5, 0,
               {"the net open position could exceed ", LimitText(node, Limit::kMaxNetOpenPosition).view()});
  return false;
}

// Sums of more than 2^61, and those that are not marked.
struct Answer {
  bool grows = false;
  Asked asked;
};
[[gnu::noinline]] Answer ask_slowly(const Context& context, std::size_t place) {
  const NetOpen before = context.path()[place]->exposure.net_open(context.state.market);
  const Context::SidesGrown& more = context.sides_grown[place];
  const Wide larger = std::max(before.long_sum, before.short_sum);
  const Wide grown = std::max(before.long_sum + more.longs, before.short_sum + more.shorts);
  if (grown <= larger) return {};
  const std::int64_t usage = narrowed(larger);
  return {true, {usage, narrowed(grown) - usage}};
}

bool is_small(Wide sum) {
  return sum >> 61 == 0;
}
// Of either sign.
bool is_small(std::int64_t change) {
  constexpr std::int64_t kHalf = std::int64_t{1} << 61;
  return static_cast<std::uint64_t>(change) + kHalf < std::uint64_t{2} * kHalf;
}

}  // namespace

bool check_d5_net_open_position(const Context& context, Judge& judge) {
  const Growing& base = context.base_growing;
  const Growing& term = context.term_growing;
  if ((base.counts && !base.has_rate) || (term.counts && !term.has_rate)) {
    judge.record(Control::kD5, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
    judge.refuse(order::RejectCode::kNoPrice, Control::kD5, 0, {"no current rate to value the position by"});
    return false;
  }
  if (!base.counts && !term.counts) return true;
  constexpr Limit kLimit = Limit::kMaxNetOpenPosition;
  const std::uint64_t rates = context.state.market.rates_version();
  const Exposure* const* const sums = context.scopes.sums.data();
  const Context::SidesGrown* const sides = context.sides_grown.data();
  const std::size_t failed =
      ask_each(context, judge, Control::kD5, kLimit, context.netting(kLimit), [&](std::size_t place, Asked& asked) {
        const Exposure& scope = *sums[place];
        const NetOpen& before = scope.marked_net_open();
        const Context::SidesGrown more = sides[place];
        if (!scope.is_marked(rates) || !is_small(before.long_sum | before.short_sum) || !is_small(more.longs) ||
            !is_small(more.shorts)) [[unlikely]] {
          const Answer answer = ask_slowly(context, place);
          asked = answer.asked;
          return answer.grows;
        }
        const auto longs = static_cast<std::int64_t>(before.long_sum);
        const auto shorts = static_cast<std::int64_t>(before.short_sum);
        const std::int64_t larger = std::max(longs, shorts);
        const std::int64_t grown = std::max(longs + more.longs, shorts + more.shorts);
        asked = {larger, grown - larger};
        return grown > larger;
      });
  return failed == kNoPlace || refuse(context, judge, failed);
}

}  // namespace portcullis::risk
