#include <algorithm>
#include <limits>

#include "risk/checks/registry.h"
#include "risk/hold.h"

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

// What both currencies add to the two sides of the scope at `place`, at the marks of its sums.
struct Sides {
  Wide longs = 0;
  Wide shorts = 0;

  void add(const Context& context, const Growing& growing, const CurrencyExposure& held, std::size_t place) {
    if (growing.counts) (growing.receives ? longs : shorts) += grown_at(context, growing, held, place).growth;
  }
};

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
  const Scopes& scopes = context.scopes;
  std::int64_t most_long = 0;
  std::int64_t most_short = 0;
  if (base.counts) (base.receives ? most_long : most_short) = base.worth;
  if (term.counts) {
    std::int64_t& most = term.receives ? most_long : most_short;
    if (__builtin_add_overflow(most, term.worth, &most)) most = std::numeric_limits<std::int64_t>::max();
  }
  const HeldTo held{Control::kD5, kLimit, context.netting(kLimit), context.nearest[HeldSum::kNetOpen],
                    std::max(most_long, most_short)};
  const std::size_t failed = hold(context, judge, held, [&](std::size_t place, Asked& asked) {
    const NetOpen before = scopes.sums[place]->net_open(context.state.market);
    Sides more;
    more.add(context, base, *scopes.base[place], place);
    more.add(context, term, *scopes.term[place], place);
    const Wide larger = std::max(before.long_sum, before.short_sum);
    const Wide grown = std::max(before.long_sum + more.longs, before.short_sum + more.shorts);
    const std::int64_t usage = narrowed(larger);
    asked = {usage, narrowed(grown) - usage, grown > larger};
  });
  return failed == kNoPlace || refuse(context, judge, failed);
}

}  // namespace portcullis::risk
