#include <map>

#include "app/exposure_views.h"
#include "tests/scenarios/exact_flow_world.h"

namespace portcullis::scenarios::exact {

// --- the comparison
// ---------------------------------------------------------------------------------------------------

std::string Flow::compare(bool everything) {
  const std::vector<Sums> sums = model_.sums();
  std::string wrong;
  std::size_t compared = 0;
  const std::vector<NodeId> nodes = model_.all_nodes();
  const auto place_of = [&](const std::string& scope, const std::string& id) -> std::size_t {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto index = static_cast<std::size_t>(nodes[i].index);
      switch (nodes[i].scope) {
        case Scope::kFirm:
          if (scope == "firm") return i;
          break;
        case Scope::kClient:
          if (scope == "client" && id == model_.clients[index]) return i;
          break;
        case Scope::kAccount:
          if (scope == "account" && id == model_.accounts[index].name) return i;
          break;
        case Scope::kBroker:
          if (scope == "broker" && id == model_.brokers[index]) return i;
          break;
        case Scope::kInstrument:
          if (scope == "instrument" && id == model_.instruments[index].symbol) return i;
          break;
      }
    }
    return nodes.size();
  };
  const auto differ = [&](const admin::ExposureView& view, const std::string& what, Int core, Int model, int scale) {
    if (wrong.empty() && core != model) {
      wrong = view.scope + " " + view.id + ": " + what + " is " + decimal(core, scale) + ", the model says " +
              decimal(model, scale);
    }
  };
  app::each_node(gateway_.state(), [&](const risk::Node& node) {
    const admin::ExposureView view = app::exposure_view(gateway_.state(), node);
    const std::size_t at = place_of(view.scope, view.id);
    if (at == nodes.size()) return;  // a scope that the flow does not use
    ++compared;
    const Sums& expected = sums[at];
    std::vector<bool> seen_instruments(model_.instruments.size()), seen_currencies(model_.currencies.size());
    for (const auto& each : view.instruments) {
      for (std::size_t i = 0; i < model_.instruments.size(); ++i) {
        if (model_.instruments[i].symbol != each.symbol) continue;
        seen_instruments[i] = true;
        const InstrumentSums& cell = expected.instruments[i];
        differ(view, each.symbol + " position", each.position.raw(), cell.position, 3);
        differ(view, each.symbol + " open_buy", each.open_buy.raw(), cell.open_buy, 3);
        differ(view, each.symbol + " open_sell", each.open_sell.raw(), cell.open_sell, 3);
      }
    }
    for (const auto& each : view.currencies) {
      for (std::size_t c = 0; c < model_.currencies.size(); ++c) {
        if (model_.currencies[c] != each.currency) continue;
        seen_currencies[c] = true;
        const CurrencySums& cell = expected.currencies[c];
        differ(view, each.currency + " position", each.position.raw(), cell.position, 2);
        differ(view, each.currency + " in", each.in.raw(), cell.in, 2);
        differ(view, each.currency + " out", each.out.raw(), cell.out, 2);
      }
    }
    for (std::size_t i = 0; i < seen_instruments.size(); ++i) {
      const InstrumentSums& cell = expected.instruments[i];
      if (!seen_instruments[i])
        differ(view, model_.instruments[i].symbol, 0, cell.position | cell.open_buy | cell.open_sell, 3);
    }
    for (std::size_t c = 0; c < seen_currencies.size(); ++c) {
      const CurrencySums& cell = expected.currencies[c];
      if (!seen_currencies[c]) differ(view, model_.currencies[c], 0, cell.position | cell.in | cell.out, 2);
    }
    differ(view, "gross_open_notional", view.gross_open_notional.raw(), expected.gross, 2);
    differ(view, "traded_notional", view.traded_notional.raw(), expected.traded, 2);
    differ(view, "open_orders", static_cast<Int>(view.open_orders), expected.orders, 0);
    if (everything && model_.enforced[static_cast<std::size_t>(Limit::kSettlement)] &&
        nodes[at].scope != Scope::kInstrument) {
      std::map<int, Int> shown;
      for (const auto& each : view.settlement) shown[each.date.days()] = each.amount.raw();
      for (int date = model_.trade_date; date <= model_.trade_date + 24; ++date) {
        const Int cent = 1'000'000'000'000;
        const Int exact = model_.settlement_exact(nodes[at], date, model_.last_rates());
        const Int core = shown.contains(date) ? shown[date] * cent : 0;
        if (wrong.empty() && (exact > core + 5 * cent || core > exact + 5 * cent)) {
          wrong = view.scope + " " + view.id + ": settlement of day " + std::to_string(date) + " is " +
                  decimal(core, 14) + ", the model says " + decimal(exact, 14);
        }
      }
    }
    if (everything) {
      const Int net = model_.net_exact(expected), shown = Int{view.net_open_position.raw()} * 1'000'000'000'000;
      const Int apart = net > shown ? net - shown : shown - net;
      if (wrong.empty() && apart > Int{5} * 1'000'000'000'000) {
        wrong = view.scope + " " + view.id + ": net_open_position is " + view.net_open_position.to_string() +
                ", the model says " + decimal(net, 14);
      }
    }
  });
  if (wrong.empty() && compared != sums.size()) wrong = "the gateway has another number of scopes than the model";
  return wrong;
}

}  // namespace portcullis::scenarios::exact
