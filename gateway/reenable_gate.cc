#include "gateway/reenable_gate.h"

#include <algorithm>

#include "gateway/scope.h"

namespace portcullis::gateway {
namespace {

class Faults {
 public:
  void add(const std::string& fault) { text_ += (text_.empty() ? "" : "; ") + fault; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + (count == 1 ? one : many);
}

void check_orders(const State& state, order::Scope scope, std::uint32_t id, Faults& faults) {
  std::uint64_t unknown = 0;
  std::uint64_t cancelling = 0;
  std::vector<std::uint64_t> at_broker(state.broker_states.size());
  for_each_open(state, scope, id, [&](const Order& order) {
    unknown += order.unknown ? 1 : 0;
    cancelling += !order.unknown && state.cancel_waits(order) ? 1 : 0;
    ++at_broker[order.broker.value()];
  });
  if (unknown > 0)
    faults.add(counted(unknown, " order is of unknown fate: resolve it", " orders are of unknown fate: resolve them"));
  if (cancelling > 0)
    faults.add(counted(cancelling, " order still waits for its cancel", " orders still wait for their cancels"));
  std::uint64_t queued = 0;
  for (const Broker& line : state.broker_states) {
    for (const Broker::CancelDue& due : line.cancel_queue) {
      const Order& order = state.orders[due.order];
      queued += order.is_open() && in_scope(state, order, scope, id) ? 1 : 0;
    }
  }
  if (queued > 0) faults.add(counted(queued, " cancel is still to be sent", " cancels are still to be sent"));

  bool any_open = false;
  for (std::uint16_t i = 0; i < state.broker_states.size(); ++i) {
    const bool open = state.broker_states[i].phase == BrokerPhase::kOpen;
    any_open = any_open || open;
    if (!open && at_broker[i] > 0) {
      faults.add("broker " + std::string(state.brokers[i].name.view()) + " holds orders of it and is not reconciled");
    }
  }
  // A broker that was killed comes back only afterwards: its own line is reconciled before it takes an order.
  if (!any_open && scope != order::Scope::kBroker) faults.add("no broker is logged on and reconciled");
}

void check_market(const State& state, order::Scope scope, std::uint32_t id, UtcTime now, Faults& faults) {
  const risk::State& risk = state.risk.state();
  std::vector<order::CurrencyId> stale;
  const auto need = [&](order::CurrencyId currency) {
    if (!currency.has_value() || risk.market.is_rate_fresh(currency, now)) return;
    if (std::find(stale.begin(), stale.end(), currency) == stale.end()) stale.push_back(currency);
  };
  for (std::uint32_t i = 0; i < risk.instruments.size(); ++i) {
    if (!risk.instruments[i].defined || (scope == order::Scope::kInstrument && i != id)) continue;
    need(risk.instruments[i].base);
    need(risk.instruments[i].term);
  }
  for (const order::CurrencyId currency : stale) {
    faults.add("the rate of " + std::string(state.currencies[currency.value()].name.view()) + " is missing or stale");
  }
}

}  // namespace

std::string reenable_faults(const State& state, order::Scope scope, std::uint32_t id, UtcTime now) {
  Faults faults;
  if (state.held) faults.add("orders are held: " + std::string(state.held_reason.view()));
  check_orders(state, scope, id, faults);
  check_market(state, scope, id, now, faults);
  if (state.setup.low_space) faults.add("the journal's disk is nearly full");
  return faults.take();
}

}  // namespace portcullis::gateway
