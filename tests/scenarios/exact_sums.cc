#include "tests/scenarios/exact_model.h"

namespace portcullis::scenarios::exact {

// What every scope holds, worked out anew from the lists.

Int aggregate(const CurrencyTable& currencies, const std::vector<Int>& rates) {
  Int longs = 0, shorts = 0;
  for (std::size_t c = 1; c < currencies.size(); ++c) {
    longs += worse(0, currencies[c].position + currencies[c].in) * rates[c];
    shorts += worse(0, -(currencies[c].position - currencies[c].out)) * rates[c];
  }
  return worse(longs, shorts);
}

Int largest_side(const CurrencySums& sums) {
  const Int in = sums.position + sums.in, out = sums.position - sums.out;
  return worse(in < 0 ? -in : in, out < 0 ? -out : out);
}

std::vector<NodeId> Model::all_nodes() const {
  std::vector<NodeId> all = {{Scope::kFirm, 0}};
  const auto add = [&](Scope scope, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) all.push_back({scope, static_cast<int>(i)});
  };
  add(Scope::kClient, clients.size());
  add(Scope::kAccount, accounts.size());
  add(Scope::kBroker, brokers.size());
  add(Scope::kInstrument, instruments.size());
  return all;
}

std::size_t Model::place(NodeId id) const {
  std::size_t at = static_cast<std::size_t>(id.index);
  switch (id.scope) {
    case Scope::kInstrument:
      at += brokers.size();
      [[fallthrough]];
    case Scope::kBroker:
      at += accounts.size();
      [[fallthrough]];
    case Scope::kAccount:
      at += clients.size();
      [[fallthrough]];
    case Scope::kClient:
      at += 1;
      [[fallthrough]];
    case Scope::kFirm:
      break;
  }
  return at;
}

std::vector<Sums> Model::sums() const {
  std::vector<Sums> all(1 + clients.size() + accounts.size() + brokers.size() + instruments.size());
  const auto book = [&](Sums& sums, int instrument, const Execution& e) {
    if (e.undone) return;
    const Instrument& pair = instruments[static_cast<std::size_t>(instrument)];
    sums.instruments[static_cast<std::size_t>(instrument)].position += e.base;
    sums.currencies[static_cast<std::size_t>(pair.base)].position += e.base_money;
    sums.currencies[static_cast<std::size_t>(pair.term)].position += e.term_money;
    if (e.day == day) sums.traded += e.traded;
  };
  for (const Order& order : orders) {
    const Amounts held = need(order);
    const Instrument& pair = instruments[static_cast<std::size_t>(order.instrument)];
    const NodeId nodes[] = {{Scope::kFirm, 0},
                            {Scope::kClient, order.client},
                            {Scope::kAccount, order.account},
                            {Scope::kBroker, order.broker},
                            {Scope::kInstrument, order.instrument}};
    // A filled order whose replace has no answer may come back: it is open as long.
    const bool open = order.is_open() || held.notional > 0;
    Execution whole;  // of all its executions
    for (const Execution& e : order.executions) {
      if (e.undone) continue;
      if (e.day == day) whole.traded += e.traded;
      if (is_fixed(order, e)) continue;
      whole.base += e.base;
      whole.base_money += e.base_money;
      whole.term_money += e.term_money;
    }
    whole.day = day;
    for (const NodeId id : nodes) {
      Sums& sums = all[place(id)];
      InstrumentSums& cell = sums.instruments[static_cast<std::size_t>(order.instrument)];
      CurrencySums& base = sums.currencies[static_cast<std::size_t>(pair.base)];
      CurrencySums& term = sums.currencies[static_cast<std::size_t>(pair.term)];
      cell.open_buy += held.buy;
      cell.open_sell += held.sell;
      base.in += divide_up(held.buy, 10);
      base.out += divide_up(held.sell, 10);
      term.in += held.term_in;
      term.out += held.term_out;
      sums.gross += held.notional;
      sums.orders += open ? 1 : 0;
      book(sums, order.instrument, whole);
    }
  }
  for (const Suspense& each : suspense) {
    book(all[place({Scope::kFirm, 0})], each.instrument, each.execution);
    book(all[place({Scope::kBroker, each.broker})], each.instrument, each.execution);
    book(all[place({Scope::kInstrument, each.instrument})], each.instrument, each.execution);
  }
  return all;
}

std::vector<Int> Model::last_rates() const {
  std::vector<Int> known;
  for (const auto& rate : rates) known.push_back(rate ? rate->value : 0);
  known[0] = power(12);
  return known;
}

Int Model::net_exact(const Sums& sums) const {
  return aggregate(sums.currencies, last_rates());
}

int Model::spot_date() const {
  int date = trade_date;
  for (int days = 0; days < 2;) {
    ++date;
    const int weekday = (date + 4) % 7;  // 0: Sunday
    days += weekday != 0 && weekday != 6 ? 1 : 0;
  }
  return date;
}

Int Model::settlement_exact(NodeId id, int date, const std::vector<Int>& by, const CurrencyTable& more) const {
  if (date < trade_date) return 0;
  CurrencyTable table = more;  // position: net received, in: open receivables
  for (const Order& order : orders) {
    const bool near = order.value_date == date, far = order.value_date2 == date;
    if ((!near && !far) || order.fixing_date != 0) continue;  // an NDF settles no principal
    const bool here = id.scope == Scope::kFirm || (id.scope == Scope::kClient && id.index == order.client) ||
                      (id.scope == Scope::kAccount && id.index == order.account) ||
                      (id.scope == Scope::kBroker && id.index == order.broker);
    if (!here) continue;
    const Instrument& pair = instruments[static_cast<std::size_t>(order.instrument)];
    CurrencySums& base = table[static_cast<std::size_t>(pair.base)];
    CurrencySums& term = table[static_cast<std::size_t>(pair.term)];
    const Amounts held = need(order);
    if (near) (order.buys_base ? base : term).in += held.near;
    if (far) (order.buys_base ? term : base).in += held.far;
    for (const Execution& e : order.executions) {
      if (e.undone) continue;
      if (near) base.position += e.base_money - e.far_base_money, term.position += e.term_money - e.far_term_money;
      if (far) base.position += e.far_base_money, term.position += e.far_term_money;
    }
  }
  Int all = 0;
  for (std::size_t i = 0; i < currencies.size(); ++i) all += (worse(0, table[i].position) + table[i].in) * by[i];
  return all;
}

}  // namespace portcullis::scenarios::exact
