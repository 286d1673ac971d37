#include <limits>

#include "base/decimal.h"
#include "risk/checks/registry.h"
#include "risk/hold.h"

// D3: the worst position that open orders can lead to: long as if every open buy and no open sell were
// filled, short the other way round. Only the side that the order increases is tested. With Offset::kNone
// a position of the other sign does not make room.

namespace portcullis::risk {

namespace {

using order::Control;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

[[gnu::cold, gnu::noinline]] bool refuse(const Context& context, Judge& judge, std::size_t place, Limit limit) {
  const Node& node = *context.path()[place];
  judge.refuse(order::RejectCode::kExposure, Control::kD3, 0,
               {context.base_in ? "the long position could exceed " : "the short position could exceed ",
                LimitText(node, limit).view()});
  return false;
}

}  // namespace

bool check_d3_position(const Context& context, Judge& judge) {
  const std::int64_t delta = context.delta.base.raw();
  if (delta <= 0) return true;
  const bool buys = context.base_in;
  const Limit limit = buys ? Limit::kMaxLongPosition : Limit::kMaxShortPosition;
  const bool offsets = context.state.settings.offset == Offset::kFull;
  const InstrumentExposure* const* const cells = context.scopes.instrument.data();
  const HeldTo held{Control::kD3, limit, context.netting(limit), context.nearest[buys ? HeldSum::kLongPosition : HeldSum::kShortPosition], delta};
  const std::size_t failed = hold(context, judge, held, [&](std::size_t place, Asked& asked) {
    const InstrumentExposure& cell = *cells[place];
    // Sums are held within +-kMax, so the sign can be turned.
    std::int64_t position = buys ? cell.position.raw() : -cell.position.raw();
    if (!offsets && position < 0) position = 0;
    // What does not fit cannot be judged, and so does not pass.
    std::int64_t usage = 0;
    if (__builtin_add_overflow(position, (buys ? cell.open_buy : cell.open_sell).raw(), &usage)) usage = kMax;
    asked = {usage, delta};
  });
  return failed == kNoPlace || refuse(context, judge, failed, limit);
}

}  // namespace portcullis::risk
