#include "app/exposure_views.h"

#include <algorithm>

namespace portcullis::app {
namespace {

using order::Scope;

order::ScopeState effective(const gateway::State& state, const risk::Node& node) {
  const risk::State& risk = state.risk.state();
  order::ScopeState strongest = std::max(node.own_state, risk.firm.own_state);
  const risk::Node* client = node.scope == Scope::kClient ? &node : risk.find(Scope::kClient, node.owner.value());
  if (client == nullptr) return strongest;
  strongest = std::max(strongest, client->own_state);
  if (const risk::Node* group = risk.find(Scope::kGroup, client->group.value())) strongest = std::max(strongest, group->own_state);
  return strongest;
}

}  // namespace

std::string_view name_of(const gateway::State& state, Scope scope, std::uint32_t id) {
  switch (scope) {
    case Scope::kFirm:
      return "firm";
    case Scope::kClient:
      return state.clients[id].name.view();
    case Scope::kAccount:
      return state.accounts[id].name.view();
    case Scope::kBroker:
      return state.brokers[id].name.view();
    case Scope::kInstrument:
      return state.instruments[id].name.view();
    case Scope::kSession:
      return state.session_names[id].name.view();
    case Scope::kCurrency:
      return state.currencies[id].name.view();
    case Scope::kGroup:
      return state.groups[id].name.view();
    case Scope::kTrader:
      return state.traders[id].name.view();
  }
  return {};
}

admin::ExposureView exposure_view(const gateway::State& state, const risk::Node& node) {
  admin::ExposureView view;
  view.scope = order::to_string(node.scope);
  view.id = name_of(state, node.scope, node.id);
  view.state = order::to_string(effective(state, node));
  view.open_orders = static_cast<std::uint64_t>(std::max<std::int64_t>(0, node.exposure.open_orders()));
  view.gross_open_notional = node.exposure.gross_open_notional();
  view.traded_notional = node.exposure.traded_notional();
  view.net_open_position = state.risk.net_open_position(node.exposure);
  node.exposure.each_instrument([&](order::InstrumentId id, const risk::InstrumentExposure& cell) {
    view.instruments.push_back(
        {std::string(state.instruments[id.value()].name.view()), cell.position, cell.open_buy, cell.open_sell});
  });
  node.exposure.each_currency([&](order::CurrencyId id, const risk::CurrencyExposure& cell) {
    view.currencies.push_back(
        {std::string(state.currencies[id.value()].name.view()), cell.position, cell.in, cell.out});
  });
  for (const risk::SettlementExposure& cell : node.exposure.settlements()) {
    const Date date = Date::from_days(cell.date);
    if (!view.settlement.empty() && view.settlement.back().date == date) continue;
    view.settlement.push_back({date, node.exposure.settlement(cell.date, state.risk.state().market)});
  }
  return view;
}

}  // namespace portcullis::app
