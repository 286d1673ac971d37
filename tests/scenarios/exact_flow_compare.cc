#include <limits>
#include <map>
#include <utility>

#include "app/exposure_views.h"
#include "tests/scenarios/exact_flow_world.h"

namespace portcullis::scenarios::exact {

// --- the comparison
// ---------------------------------------------------------------------------------------------------

std::string Flow::compare(bool everything) {
  const std::vector<Sums>& sums = model_.sums();
  std::string wrong;
  std::size_t compared = 0;
  const std::vector<NodeId> nodes = model_.all_nodes();
  std::map<std::pair<order::Scope, std::uint32_t>, std::size_t> places;
  for (std::size_t i = 0; i < nodes.size(); ++i) places[{core_scope(nodes[i]), core_id(nodes[i])}] = i;
  const auto differ = [&](const admin::ExposureView& view, const std::string& what, Int core, Int model, int scale) {
    if (wrong.empty() && core != model) {
      wrong = view.scope + " " + view.id + ": " + what + " is " + decimal(core, scale) + ", the model says " +
              decimal(model, scale);
    }
  };
  app::each_node(gateway_.state(), [&](const risk::Node& node) {
    const admin::ExposureView view = app::exposure_view(gateway_.state(), node);
    const auto found = places.find({node.scope, node.id});
    if (found == places.end()) return;  // a scope that the flow does not use
    const std::size_t at = found->second;
    if (wrong.empty()) wrong = compare_risk(node, nodes[at], everything);
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
        (nodes[at].scope == Scope::kFirm || nodes[at].scope == Scope::kGroup || nodes[at].scope == Scope::kClient ||
         nodes[at].scope == Scope::kAccount || nodes[at].scope == Scope::kBroker)) {
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
  for (std::size_t c = 0; c < model_.clients.size(); ++c) {
    const bool enabled = gateway_.state().sessions[core_id({Scope::kSession, static_cast<int>(c)})].enabled;
    if (wrong.empty() && enabled != model_.enabled[c]) {
      wrong = "session " + model_.clients[c] + (enabled ? " is" : " is not") + " enabled, the model says otherwise";
    }
  }
  if (wrong.empty() && compared != sums.size()) wrong = "the gateway has another number of scopes than the model";
  return wrong;
}

// What GET /exposures does not show: the scope's own state, the day's profit and volume, and what limits hold.
std::string Flow::compare_risk(const risk::Node& node, NodeId id, bool everything) {
  const auto name = [&] { return std::string(order::to_string(node.scope)) + " " + std::to_string(id.index) + ": "; };
  const Model::Node& expected = std::as_const(model_).node(id);
  constexpr order::ScopeState kStates[] = {order::ScopeState::kActive, order::ScopeState::kReduceOnly,
                                           order::ScopeState::kBlockNew};
  if (node.own_state != kStates[static_cast<int>(expected.condition)]) {
    return name() + "its state is " + std::string(order::to_string(node.own_state)) + ", the model says " +
           std::string(order::to_string(kStates[static_cast<int>(expected.condition)]));
  }
  if (!everything) return {};
  if (model_.keeps_profit(id)) {
    const Int profit = model_.profit(id), core = node.profit.total().raw();
    if (profit > core + Model::kProfitDoubt || core > profit + Model::kProfitDoubt) {
      return name() + "the day's profit is " + decimal(core, 2) + ", the model says " + decimal(profit, 2);
    }
  }
  for (const auto& [theirs, ours] : kSame) {
    const Int limit = model_.limit(id, ours);
    const std::int64_t core = node.limits[theirs];
    if (limit == kNone ? core != std::numeric_limits<std::int64_t>::max() : limit != core) {
      return name() + std::string(config::limit_info(theirs).name) + " is " + std::to_string(core) +
             ", the model says " + decimal(limit, 0);
    }
  }
  if (model_.own(id, Limit::kCredit)) {
    ++counts_.lent;
    const Int cent = 1'000'000'000'000, lent = model_.credit_in_use(id);
    const auto core = gateway_.state().risk.used(node, config::Limit::kMaxCredit);
    if (!core || lent > (*core + 40) * cent || lent < (*core - 40) * cent) {
      return name() + "its credit in use is " + (core ? std::to_string(*core) : std::string("not known")) +
             ", the model says " + decimal(lent, 14);
    }
  }
  Int volume = 0;
  for (const InstrumentSums& cell : model_.sums_of(id).instruments) volume = worse(volume, cell.volume);
  const auto used = gateway_.state().risk.used(node, config::Limit::kMaxDailyQuantity);
  if (used && volume != *used) {
    return name() + "the day's quantity is " + std::to_string(*used) + ", the model says " + decimal(volume, 0);
  }
  return {};
}

}  // namespace portcullis::scenarios::exact
