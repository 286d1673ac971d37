// What an accepted order tells of the market and of its client's other orders: decisions that were made without fresh
// data, and orders that may trade with each other.

#include <string>

#include "gateway/decide_consequences.h"
#include "order/latch_events.h"

namespace portcullis::gateway {
namespace {

using order::AlertCode;
using order::Control;
using order::Severity;

// Says so once, until an order finds the condition over.
void tell_once(Deciding& d, Control control, order::InstrumentId instrument, bool holds, std::string_view what) {
  const risk::LatchKey key{control, order::Scope::kInstrument, instrument.value(), order::InstrumentId::none(),
                           risk::Direction::kBoth};
  const bool told = d.state.risk.state().told.find(key) != nullptr;
  if (told == holds) return;
  order::BreakerTold event{};
  event.time = d.now;
  event.id = key.id;
  event.scope = key.scope;
  event.control = control;
  event.on = holds ? 1 : 0;
  d.events.add(event);
  if (!holds) return;
  const std::string text = std::string(d.state.instruments[instrument.value()].name.view()) + ": " + std::string(what);
  d.alert(AlertCode::kMarketData, Severity::kWarning, text);
}

}  // namespace

void decide_market_data(Deciding& d, order::InstrumentId id) {
  const risk::State& risk = d.state.risk.state();
  const risk::Instrument* const instrument = risk.find_instrument(id);
  if (instrument == nullptr) return;
  const risk::Market& market = risk.market;
  const bool quoted = d.state.risk.has_reference(id, d.now);
  const bool fresh = (!instrument->base.has_value() || market.is_rate_fresh(instrument->base, d.now)) &&
                     market.is_rate_fresh(instrument->term, d.now);
  if (quoted && fresh && risk.told.empty()) [[likely]] {
    return;
  }
  tell_once(d, Control::kB3, id, !quoted,
            "orders are taken without a fresh quote to judge them by, as collar_without_data says");
  tell_once(d, Control::kB2, id, !fresh, "orders are valued at a stale rate, with the haircut");
}

void decide_self_cross_alert(Deciding& d, OrderNumber order, const risk::CheckLog& checks) {
  for (const order::CheckResult& check : checks.results()) {
    if (check.control != Control::kD10 || check.passed == 0) continue;
    d.alert(AlertCode::kSelfCross, Severity::kWarning, "D10: the order could trade with an open order of its own client",
            order);
    return;
  }
}

}  // namespace portcullis::gateway
