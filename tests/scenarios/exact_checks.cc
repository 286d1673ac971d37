#include <algorithm>

#include "tests/scenarios/exact_model.h"

namespace portcullis::scenarios::exact {

// The controls.

const Model::Node* Model::find(NodeId id) const {
  const auto found = nodes_.find({id.scope, id.index});
  return found == nodes_.end() ? nullptr : &found->second;
}

// Missing: inherited from above; missing at the root: nothing passes.
std::optional<Int> Model::limit(NodeId id, Limit which) const {
  const Node* here = find(id);
  if (here != nullptr && here->limits[static_cast<std::size_t>(which)])
    return here->limits[static_cast<std::size_t>(which)];
  if (id.scope == Scope::kFirm) return 0;
  if (id.scope == Scope::kAccount)
    return limit({Scope::kClient, accounts[static_cast<std::size_t>(id.index)].client}, which);
  return limit({Scope::kFirm, 0}, which);
}

std::vector<NodeId> Model::path(const Asked& asked) const {
  return {{Scope::kAccount, asked.account},
          {Scope::kClient, asked.client},
          {Scope::kInstrument, asked.instrument},
          {Scope::kFirm, 0}};
}

void Model::check_condition(const Asked& asked, const std::vector<NodeId>& nodes, const std::vector<Sums>& sums,
                            std::vector<Failure>& failures) const {
  Condition strongest = Condition::kActive;
  for (const NodeId id : nodes) {
    if (const Node* here = find(id)) strongest = std::max(strongest, here->condition);
  }
  if (strongest == Condition::kBlockNew) failures.push_back({"A1"});
  if (strongest != Condition::kReduceOnly) return;
  if (asked.is_swap()) return failures.push_back({"A1"});  // it brings no position nearer to zero
  // Only what brings the account's position nearer to zero, with all that is open.
  const InstrumentSums& cell =
      sums[place({Scope::kAccount, asked.account})].instruments[static_cast<std::size_t>(asked.instrument)];
  const Int more = asked.buys_base ? asked.after.buy - asked.before.buy : asked.after.sell - asked.before.sell;
  const Int room = asked.buys_base ? -cell.position - cell.open_buy : cell.position - cell.open_sell;
  if (more > room) failures.push_back({"A1"});
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
  } else if (asked.dealt == Dealt::kBase) {
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
    too_many = too_many || whole.largest_base > *limit(id, Limit::kOrderQuantity);
    too_dear = too_dear || whole.notional > *limit(id, Limit::kOrderNotional);
    const Int collar = *limit(id, Limit::kCollar);
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

void Model::check_sums(const Asked& asked, const std::vector<NodeId>& nodes, const std::vector<Sums>& sums,
                       std::vector<Failure>& failures) const {
  const Instrument& pair = instruments[static_cast<std::size_t>(asked.instrument)];
  Amounts more;
  for (Int Amounts::*each : {&Amounts::buy, &Amounts::sell, &Amounts::term_in, &Amounts::term_out, &Amounts::notional,
                             &Amounts::near, &Amounts::far}) {
    more.*each = asked.after.*each - asked.before.*each;
  }
  const auto test = [&](const char* control, Limit which, auto&& breached) {
    if (!enforced[static_cast<std::size_t>(which)]) return;
    bool sure = false, perhaps = false;
    // A sum over currencies has no meaning within one instrument.
    const bool over_currencies = which == Limit::kCurrency || which == Limit::kNet;
    for (const NodeId id : nodes) {
      if (over_currencies && id.scope == Scope::kInstrument) continue;
      const Int by =
          breached(id, sums[place(id)], *limit(id, which));  // > 0: breached by so much; the doubt is in `doubt`
      sure = sure || by > 1;
      perhaps = perhaps || by == 1;
    }
    if (sure || perhaps) failures.push_back({control, sure});
  };
  const auto exactly = [](Int used, Int most) { return used > most ? Int{2} : Int{0}; };

  if (asked.is_new) {
    test("D1", Limit::kOpenOrders, [&](NodeId, const Sums& s, Int most) { return exactly(s.orders + 1, most); });
  }
  for (const bool buys : {true, false}) {
    const Int grown = buys ? more.buy : more.sell;
    if (grown <= 0) continue;
    test("D3", buys ? Limit::kLong : Limit::kShort, [&](NodeId, const Sums& s, Int most) {
      const InstrumentSums& cell = s.instruments[static_cast<std::size_t>(asked.instrument)];
      return exactly((buys ? cell.position + cell.open_buy : cell.open_sell - cell.position) + grown, most);
    });
  }
  // Net positions at the rates of now. Each currency's value may be rounded by itself, and the rate of a stale one may
  // have its haircut or not: within that it is open.
  std::vector<Int> low(currencies.size()), high(currencies.size());
  for (std::size_t c = 1; c < currencies.size(); ++c) {
    low[c] = rates[c] ? rates[c]->value : 0;
    high[c] = worse(low[c], rate_now(static_cast<int>(c)).value_or(low[c]));
  }
  const Int cent = power(12);
  const auto with_order = [&](CurrencyTable all) {
    CurrencySums& base = all[static_cast<std::size_t>(pair.base)];
    CurrencySums& term = all[static_cast<std::size_t>(pair.term)];
    base.in += divide_up(asked.after.buy, 10) - divide_up(asked.before.buy, 10);
    base.out += divide_up(asked.after.sell, 10) - divide_up(asked.before.sell, 10);
    term.in += more.term_in;
    term.out += more.term_out;
    return all;
  };
  test("D4", Limit::kCurrency, [&](NodeId, const Sums& s, Int most) {
    const CurrencyTable after = with_order(s.currencies);
    Int worst = 0;
    for (const int c : {pair.base, pair.term}) {
      if (c == 0) continue;
      const auto at = static_cast<std::size_t>(c);
      const Int used = largest_side(after[at]), before = largest_side(s.currencies[at]);
      if (used <= before) continue;
      if (used * low[at] > (most + 1) * cent)
        worst = 2;
      else if (used * high[at] > (most - 1) * cent)
        worst = worse(worst, 1);
    }
    return worst;
  });
  test("D5", Limit::kNet, [&](NodeId, const Sums& s, Int most) {
    const CurrencyTable after = with_order(s.currencies);
    const Int slack = static_cast<Int>(currencies.size()) + 1;
    const Int used_low = aggregate(after, low), used_high = aggregate(after, high);
    const Int before_low = aggregate(s.currencies, low), before_high = aggregate(s.currencies, high);
    if (used_low > (most + slack) * cent && used_low > before_low + cent && used_high > before_high + cent)
      return Int{2};
    return used_high > (most - slack) * cent && (used_low > before_low || used_high > before_high) ? Int{1} : Int{0};
  });
  // D6 along the tree and at brokers. What is in suspense has no date of its own.
  low[0] = high[0] = power(12);
  for (const bool far : {false, true}) {
    const int date = far ? asked.value_date2 : asked.value_date;
    const Int received = far ? more.far : more.near;
    if (received <= 0 || asked.fixing_date != 0) continue;
    test("D6", Limit::kSettlement, [&](NodeId id, const Sums&, Int most) {
      if (id.scope == Scope::kInstrument || date < trade_date) return Int{0};
      CurrencyTable added = {};
      added[static_cast<std::size_t>(asked.buys_base != far ? pair.base : pair.term)].in = received;
      const Int slack = static_cast<Int>(currencies.size()) + 1;
      if (settlement_exact(id, date, low, added) > (most + slack) * cent) return Int{2};
      return settlement_exact(id, date, high, added) > (most - slack) * cent ? Int{1} : Int{0};
    });
  }
  if (more.notional > 0) {
    test("D2", Limit::kGross, [&](NodeId, const Sums& s, Int most) { return exactly(s.gross + more.notional, most); });
    test("D7", Limit::kVolume,
         [&](NodeId, const Sums& s, Int most) { return exactly(s.traded + s.gross + more.notional, most); });
  }
}

}  // namespace portcullis::scenarios::exact
