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
  add(Scope::kGroup, groups.size());
  add(Scope::kSession, clients.size());
  add(Scope::kCurrency, currencies.size());
  add(Scope::kTrader, traders.size());  // the last, since more may come
  return all;
}

std::size_t Model::place(NodeId id) const {
  std::size_t before = 1;
  const auto index = static_cast<std::size_t>(id.index);
  if (id.scope == Scope::kFirm) return 0;
  for (const auto& [scope, count] :
       {std::pair(Scope::kClient, clients.size()), std::pair(Scope::kAccount, accounts.size()),
        std::pair(Scope::kBroker, brokers.size()), std::pair(Scope::kInstrument, instruments.size()),
        std::pair(Scope::kGroup, groups.size()), std::pair(Scope::kSession, clients.size()),
        std::pair(Scope::kCurrency, currencies.size())}) {
    if (id.scope == scope) return before + index;
    before += count;
  }
  return before + index;
}

namespace {

// What orders of one account, trader, broker and instrument come to.
struct Part {
  InstrumentSums cell;
  CurrencySums base, term;
  Int gross = 0, traded = 0;
  std::int64_t orders = 0;
};

void add(InstrumentSums& to, const InstrumentSums& more) {
  to.position += more.position;
  to.open_buy += more.open_buy;
  to.open_sell += more.open_sell;
  to.volume += more.volume;
  to.cash += more.cash;
}

void add(CurrencySums& to, const CurrencySums& more) {
  to.position += more.position;
  to.in += more.in;
  to.out += more.out;
}

void join(Sums& to, const Part& part, int instrument, int base, int term) {
  add(to.instruments[static_cast<std::size_t>(instrument)], part.cell);
  if (base >= 0) {
    add(to.currencies[static_cast<std::size_t>(base)], part.base);
    add(to.currencies[static_cast<std::size_t>(term)], part.term);
  }
  to.gross += part.gross;
  to.traded += part.traded;
  to.orders += part.orders;
}

}  // namespace

// Orders alike in all that has a scope are counted together first: there are far fewer of those than of orders.
const std::vector<Sums>& Model::sums() const {
  if (summed_) return sums_;
  std::map<std::array<int, 4>, Part> parts;  // account, trader, broker, instrument
  for (const Order& order : orders) {
    const Holding& h = holding(order);
    Part& part = parts[{order.account, order.trader, order.broker, order.instrument}];
    part.cell.position += h.base;
    part.cell.open_buy += h.held.buy;
    part.cell.open_sell += h.held.sell;
    part.cell.volume += h.volume + h.held.volume;
    part.cell.cash += h.term_money;
    part.base.position += h.base_money;
    part.base.in += divide_up(h.held.buy, 10);
    part.base.out += divide_up(h.held.sell, 10);
    part.term.position += h.term_money;
    part.term.in += h.held.term_in;
    part.term.out += h.held.term_out;
    part.gross += h.held.notional;
    part.traded += h.traded;
    part.orders += h.open ? 1 : 0;
  }
  for (const Suspense& each : suspense) {
    const Execution& e = each.execution;
    Part& part = parts[{-1, -1, each.broker, each.instrument}];
    if (!e.left) {
      part.cell.position += e.base;
      part.cell.cash += e.term_money;
      part.base.position += e.base_money;
      part.term.position += e.term_money;
    }
    if (e.day == day) part.cell.volume += e.volume, part.traded += e.traded;
  }
  for (const Adjustment& each : adjustments) {
    const Execution& e = each.execution;
    if (e.left) continue;
    Part& part = parts[{each.account, -1, -1, each.instrument}];
    part.cell.position += e.base;
    part.cell.cash += e.term_money;
    part.base.position += e.base_money;
    part.term.position += e.term_money;
  }
  sums_.assign(all_nodes().size(), Sums());
  for (const auto& [key, part] : parts) {
    const auto& [account, trader, broker, instrument] = key;
    const Instrument& pair = instruments[static_cast<std::size_t>(instrument)];
    const auto to = [&](NodeId id) { join(sums_[place(id)], part, instrument, pair.base, pair.term); };
    to({Scope::kFirm, 0});
    if (broker >= 0) to({Scope::kBroker, broker});
    to({Scope::kInstrument, instrument});
    if (pair.is_fx()) to({Scope::kCurrency, pair.base});
    to({Scope::kCurrency, pair.term});
    if (account < 0) continue;
    const int client = accounts[static_cast<std::size_t>(account)].client;
    to({Scope::kAccount, account});
    to({Scope::kClient, client});
    to({Scope::kSession, client});
    if (trader >= 0) to({Scope::kTrader, trader});
    if (const int group = group_of[static_cast<std::size_t>(client)]; group >= 0) to({Scope::kGroup, group});
  }
  summed_ = true;
  return sums_;
}

std::vector<NodeId> Model::scopes_of(const Order& order) const {
  std::vector<NodeId> all = {{Scope::kFirm, 0},
                             {Scope::kClient, order.client},
                             {Scope::kAccount, order.account},
                             {Scope::kBroker, order.broker}};
  if (order.trader >= 0) all.push_back({Scope::kTrader, order.trader});
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
    if ((!near && !far) || order.fixing_date != 0 || order.dealt == Dealt::kUnits)
      continue;  // an NDF settles no principal
    const bool here = id.scope == Scope::kFirm || (id.scope == Scope::kClient && id.index == order.client) ||
                      (id.scope == Scope::kAccount && id.index == order.account) ||
                      (id.scope == Scope::kGroup && id.index == group_of[static_cast<std::size_t>(order.client)]) ||
                      (id.scope == Scope::kBroker && id.index == order.broker);
    if (!here) continue;
    const Instrument& pair = instruments[static_cast<std::size_t>(order.instrument)];
    CurrencySums& base = table[static_cast<std::size_t>(pair.base)];
    CurrencySums& term = table[static_cast<std::size_t>(pair.term)];
    const Holding& h = holding(order);
    if (near) {
      (order.buys_base ? base : term).in += h.held.near;
      base.position += h.near_base;
      term.position += h.near_term;
    }
    if (far) {
      (order.buys_base ? term : base).in += h.held.far;
      base.position += h.far_base;
      term.position += h.far_term;
    }
  }
  Int all = 0;
  for (std::size_t i = 0; i < currencies.size(); ++i) all += (worse(0, table[i].position) + table[i].in) * by[i];
  return all;
}

}  // namespace portcullis::scenarios::exact
