#include "gateway/scope.h"

namespace portcullis::gateway {

bool in_scope(const State& state, const Order& order, order::Scope scope, std::uint32_t id) {
  switch (scope) {
    case order::Scope::kFirm: return true;
    case order::Scope::kClient: return order.client.value() == id;
    case order::Scope::kAccount: return order.account.value() == id;
    case order::Scope::kSession: return order.session.value() == id;
    case order::Scope::kBroker: return order.broker.value() == id;
    case order::Scope::kInstrument: return order.instrument.value() == id;
    case order::Scope::kGroup: return state.risk.state().clients[order.client.value()].group.value() == id;
    case order::Scope::kTrader: return order.trader.value() == id;
    case order::Scope::kCurrency: {
      const std::uint32_t pair = state.instruments[order.instrument.value()].owner;
      return base_of(pair).value() == id || term_of(pair).value() == id;
    }
  }
  return false;
}

bool may_state(order::Scope scope, config::Limit limit) {
  const config::EnumSet<config::LimitScope>& scopes = config::limit_info(limit).scopes;
  for (int i = 0; i <= static_cast<int>(config::LimitScope::kCurrency); ++i) {
    const auto each = static_cast<config::LimitScope>(i);
    if (config::to_text(each) == order::to_string(scope)) return scopes.contains(each);
  }
  return false;
}

bool outlives_day(const Order& order) {
  return order.time_in_force == order::TimeInForce::kGoodTillCancel ||
         order.time_in_force == order::TimeInForce::kGoodTillDate;
}

}  // namespace portcullis::gateway
