#include <algorithm>

#include "tests/scenarios/exact_model.h"

namespace portcullis::scenarios::exact {

// The controls that look at one order, and at what came before it; those that add up are in exact_check_sums.cc.

std::vector<NodeId> Model::path(const Asked& asked) const {
  const Instrument& pair = instruments[static_cast<std::size_t>(asked.instrument)];
  std::vector<NodeId> all = {{Scope::kAccount, asked.account}, {Scope::kSession, asked.client},
                             {Scope::kClient, asked.client},   {Scope::kInstrument, asked.instrument},
                             {Scope::kCurrency, pair.term},    {Scope::kFirm, 0}};
  if (asked.trader >= 0) all.push_back({Scope::kTrader, asked.trader});
  if (pair.is_fx()) all.push_back({Scope::kCurrency, pair.base});
  if (const int group = group_of[static_cast<std::size_t>(asked.client)]; group >= 0)
    all.push_back({Scope::kGroup, group});
  return all;
}

// Only what brings the scope's position nearer to zero, with all that is open.
bool Model::brings_nearer(const Asked& asked, NodeId id) const {
  const InstrumentSums& cell = sums_of(id).instruments[static_cast<std::size_t>(asked.instrument)];
  const Int more = asked.buys_base ? asked.after.buy - asked.before.buy : asked.after.sell - asked.before.sell;
  const Int room = asked.buys_base ? -cell.position - cell.open_buy : cell.position - cell.open_sell;
  return more <= room;
}

void Model::check_condition(const Asked& asked, const std::vector<NodeId>& nodes,
                            std::vector<Failure>& failures) const {
  Condition strongest = Condition::kActive;
  std::vector<NodeId> positions = {{Scope::kAccount, asked.account}};
  for (const NodeId id : nodes) {
    const Condition here = node(id).condition;
    strongest = std::max(strongest, here);
    // A broker that reduces looks at what is held through it.
    if (id.scope == Scope::kBroker && here == Condition::kReduceOnly) positions.push_back(id);
  }
  if (strongest == Condition::kBlockNew) failures.push_back({"A1"});
  if (strongest != Condition::kReduceOnly) return;
  // A swap brings no position nearer to zero.
  const bool reduces = !asked.is_swap() && std::all_of(positions.begin(), positions.end(),
                                                       [&](NodeId id) { return brings_nearer(asked, id); });
  // Whether nothing at all reduces is left open; it is malformed anyway.
  if (!reduces || asked.terms.qty == 0) failures.push_back({"A1", !reduces});
}

// A2: what a scope may trade, of a swap both ways; and what is restricted for everybody.
void Model::check_lists(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const {
  for (const NodeId id : nodes) {
    const auto& forbidden = node(id).forbidden;
    const bool refused = forbidden.contains({asked.instrument, asked.buys_base}) ||
                         (asked.is_swap() && forbidden.contains({asked.instrument, !asked.buys_base}));
    if (refused) return failures.push_back({"A2"});
  }
  if (!instruments[static_cast<std::size_t>(asked.instrument)].restricted) return;
  const bool reduces = !asked.is_swap() && brings_nearer(asked, {Scope::kAccount, asked.account});
  if (!reduces || asked.terms.qty == 0) failures.push_back({"A2", !reduces});
}

// C3: so many orders with an execution that nothing more is taken until it is armed again.
void Model::check_repeated(const Asked& asked, std::vector<Failure>& failures) const {
  const auto stops = [&](NodeId who, Int limit) {
    const Counted what{who, asked.instrument, asked.buys_base};
    const auto latched = repeated.find(what);
    const auto count = filled.find(what);
    return (latched != repeated.end() && latched->second) || (count == filled.end() ? 0 : count->second) + 1 > limit;
  };
  Int tightest = kNone;
  for (const NodeId id :
       {NodeId{Scope::kAccount, asked.account}, NodeId{Scope::kClient, asked.client}, NodeId{Scope::kFirm, 0}}) {
    tightest = std::min(tightest, own(id, Limit::kRepeated).value_or(kNone));
  }
  bool stopped = stops({Scope::kSession, asked.client}, tightest);
  if (asked.trader >= 0) {
    const NodeId trader{Scope::kTrader, asked.trader};
    if (const auto limit = own(trader, Limit::kRepeated)) stopped = stopped || stops(trader, *limit);
  }
  if (stopped) failures.push_back({"C3"});
}

void Model::check_size(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const {
  const Instrument& pair = instruments[static_cast<std::size_t>(asked.instrument)];
  const bool limited = asked.terms.type == Type::kLimit || asked.terms.type == Type::kStopLimit || asked.is_swap();
  const bool stopped = asked.terms.type == Type::kStop || asked.terms.type == Type::kStopLimit;
  bool malformed = (limited && asked.terms.price % pair.tick != 0) || (stopped && asked.terms.stop % pair.tick != 0) ||
                   asked.terms.price2 % pair.tick != 0;
  if (asked.is_swap()) {
    const Int step = asked.dealt == Dealt::kBase ? pair.step : Int{10};
    malformed = malformed || asked.terms.qty % step != 0 || asked.terms.qty2 % step != 0;
    const Int base = amounts(asked.buys_base, asked.dealt, asked.terms.qty, asked.terms, asked.valuation).largest_base;
    if (base < pair.minimum) failures.push_back({"B1", asked.is_new && asked.dealt == Dealt::kBase});
  } else if (asked.dealt == Dealt::kBase || asked.dealt == Dealt::kUnits) {
    malformed = malformed || asked.terms.qty % pair.step != 0;
    // Whether a replace that takes quantity away may go below the minimum is left open.
    if (asked.terms.qty < pair.minimum) failures.push_back({"B1", asked.is_new || asked.quantity_up});
  } else {
    // A dealt term amount is tested on its conservative base amount, which has no step.
    if (amounts(asked.buys_base, asked.dealt, asked.terms.qty, asked.terms, asked.valuation).largest_base <
        pair.minimum)
      failures.push_back({"B1", false});
    if (asked.terms.qty % 1000 != 0) failures.push_back({"B1", false});
  }
  if (malformed) failures.push_back({"B1"});
  const Amounts whole = amounts(asked.buys_base, asked.dealt, asked.terms.qty, asked.terms, asked.valuation);
  const Quote* quote = quote_now(asked.instrument);
  bool too_many = false, too_dear = false, far = false;
  for (const NodeId id : nodes) {
    too_many = too_many || whole.largest_base > limit_for(id, Limit::kOrderQuantity, asked.instrument);
    too_dear = too_dear || whole.notional > limit_for(id, Limit::kOrderNotional, asked.instrument);
    const Int collar = limit_for(id, Limit::kCollar, asked.instrument);
    const auto outside = [&](Int price, bool buys) {
      // price against mid * (1 +- collar), with mid = (bid + ask) / 2
      const Int middle = quote->bid + quote->ask, full = power(8);
      return buys ? price * 2 * full > middle * (full + collar) : price * 2 * full < middle * (full - collar);
    };
    if (quote != nullptr)
      far = far || (limited && outside(asked.terms.price, asked.buys_base)) ||
            (stopped && outside(asked.terms.stop, asked.buys_base)) ||
            (asked.is_swap() && outside(asked.terms.price2, !asked.buys_base));
  }
  const bool sure = asked.is_new || asked.quantity_up;
  if (too_many) failures.push_back({"B1", sure});
  if (too_dear) failures.push_back({"B2", sure});
  if (far) failures.push_back({"B3"});
}

Model::Seen Model::seen(const Asked& asked) const {
  return {now_ms,           asked.account,   asked.trader,
          asked.instrument, asked.buys_base, asked.dealt,
          asked.terms.type, asked.terms.qty, asked.terms.price != 0 ? asked.terms.price : asked.terms.stop};
}

// C2: orders alike of the account, or of the trader where it has a word of its own.
void Model::check_alike(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const {
  const Seen now = seen(asked);
  for (const NodeId id : nodes) {
    const auto& limit = node(id).duplicates;
    if (!limit) continue;
    const auto alike = std::count_if(seen_.begin(), seen_.end(), [&](const Seen& each) {
      const bool same_owner = id.scope == Scope::kTrader ? each.trader == now.trader : each.account == now.account;
      return same_owner && now.time_ms - each.time_ms < limit->window_ms && each.instrument == now.instrument &&
             each.buys_base == now.buys_base && each.dealt == now.dealt && each.type == now.type &&
             each.qty == now.qty && each.price == now.price;
    });
    if (alike + 1 > limit->count) return failures.push_back({"C2"});
  }
}

void Model::check_credit(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const {
  const bool stated = std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) { return own(id, Limit::kCredit); });
  if (!stated) return;
  const Instrument& pair = instruments[static_cast<std::size_t>(asked.instrument)];
  const std::vector<Int> known = last_rates();
  const auto worth = [&](int currency, Int amount) { return amount * known[static_cast<std::size_t>(currency)]; };
  Growth growth{asked.instrument, asked.after.buy - asked.before.buy, asked.after.sell - asked.before.sell, {}};
  if (pair.is_fx()) {
    const Int near = asked.after.near - asked.before.near, far = asked.after.far - asked.before.far;
    if (asked.fixing_date != 0) {
      const Int base =
          divide_up(asked.after.buy + asked.after.sell, 10) - divide_up(asked.before.buy + asked.before.sell, 10);
      growth.settles.push_back({asked.fixing_date, worth(pair.base, worse(0, base))});
    } else {
      growth.settles.push_back({asked.value_date, worth(asked.buys_base ? pair.base : pair.term, worse(0, near))});
      if (asked.is_swap())
        growth.settles.push_back({asked.value_date2, worth(asked.buys_base ? pair.term : pair.base, worse(0, far))});
    }
  }
  const Int cent = power(12), slack = 40 * cent;
  bool sure = false, perhaps = false;
  for (const NodeId id : nodes) {
    const auto most = own(id, Limit::kCredit);
    if (!most || (id.scope != Scope::kClient && id.scope != Scope::kFirm && id.scope != Scope::kBroker)) continue;
    const NodeId lent = id.scope == Scope::kBroker ? id : NodeId{Scope::kClient, asked.client};
    const Int before = credit_exact(lent, {}), after = credit_exact(lent, growth);
    if (after <= before) continue;
    const Int used = credit_in_use(id) + after - before;
    sure = sure || (used > *most * cent + slack && after > before + slack);
    perhaps = perhaps || used > *most * cent - slack;
  }
  if (sure || perhaps) failures.push_back({"D8", sure});
}

// The scope that states least decides, and so is the one that is spoken of.
std::vector<Large> Model::large(const Asked& asked, const std::vector<NodeId>& nodes) const {
  std::vector<Large> all;
  const auto ask = [&](Limit which, bool sure, auto&& reached) {
    std::optional<Int> least;
    std::vector<NodeId> by;
    for (const NodeId id : nodes) {
      std::optional<Int> stated = own(id, which);
      const auto crossed = node(id).crossed.find(asked.instrument);
      if (crossed != node(id).crossed.end()) {
        const auto& there = crossed->second[static_cast<std::size_t>(which)];
        if (there && (!stated || *there < *stated)) stated = there;
      }
      if (!stated || (least && *stated > *least)) continue;
      if (!least || *stated < *least) by.clear();
      least = stated;
      by.push_back(id);
    }
    if (least && reached(*least)) all.push_back({which, by, sure});
  };
  const Amounts whole = amounts(asked.buys_base, asked.dealt, asked.terms.qty, asked.terms, asked.valuation);
  const auto takes = [&](Int used) {
    return [used, this](Int limit) { return limit > 0 && used * 100 >= limit * order_percent; };
  };
  const bool plain = (asked.dealt == Dealt::kBase || asked.dealt == Dealt::kUnits) && !asked.is_swap();
  if (order_percent > 0) {
    // Of a replace only what grows is asked. An amount of the other currency, or the larger leg of a swap, may grow or
    // not.
    if (asked.is_new || asked.quantity_up || !plain) {
      ask(Limit::kOrderQuantity, asked.is_new || plain, takes(whole.largest_base));
    }
    if (asked.is_new || asked.quantity_up) ask(Limit::kOrderNotional, true, takes(whole.notional));
  }
  const Quote* quote = quote_now(asked.instrument);
  if (quote == nullptr || (asked.terms.type != Type::kLimit && !asked.is_swap())) return all;
  const Int middle = quote->bid + quote->ask, full = power(8);
  ask(Limit::kBand, true, [&](Int band) {
    const auto behind = [&](Int price, bool buys) {
      return buys ? price * 2 * full < middle * (full - band) : price * 2 * full > middle * (full + band);
    };
    return behind(asked.terms.price, asked.buys_base) ||
           (asked.is_swap() && behind(asked.terms.price2, !asked.buys_base));
  });
  return all;
}

void Model::check_all(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const {
  check_condition(asked, nodes, failures);
  check_lists(asked, nodes, failures);
  check_repeated(asked, failures);
  check_size(asked, nodes, failures);
  if (asked.is_new) check_alike(asked, nodes, failures);
  check_sums(asked, nodes, failures);
  check_credit(asked, nodes, failures);
}

}  // namespace portcullis::scenarios::exact
