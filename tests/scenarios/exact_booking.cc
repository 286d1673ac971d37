#include "tests/scenarios/exact_model.h"

namespace portcullis::scenarios::exact {

// What is said of an order, written down.

Int Order::cum() const {
  Int sum = 0;
  for (const Execution& execution : executions) {
    if (!execution.undone) sum += execution.qty;
  }
  return sum;
}

Int Order::leaves() const {
  return over ? 0 : worse(0, terms.qty - cum());
}

Order& Model::changed(int number) {
  Order& order = orders[static_cast<std::size_t>(number)];
  order.counted = summed_ = false;
  return order;
}

Execution Model::execution(int instrument, bool buys, Dealt dealt, std::string id, Int qty, Int price) const {
  const Instrument& pair = instruments[static_cast<std::size_t>(instrument)];
  const int dealt_currency = dealt == Dealt::kBase ? pair.base : pair.term;
  const Int rate = dealt_currency == 0 ? power(12)
                   : rates[static_cast<std::size_t>(dealt_currency)]
                       ? rates[static_cast<std::size_t>(dealt_currency)]->value
                       : 0;
  Execution e;
  e.id = std::move(id);
  e.qty = qty;
  e.price = price;
  e.day = day;
  e.made = trade_date;
  e.traded = divide_half_even(qty * rate, power(13));
  if (dealt == Dealt::kUnits) {
    e.base = qty;
    e.term_money = divide_half_even(qty * price * pair.multiplier, power(9));
    e.traded = divide_half_even(e.term_money * rate, power(12));
  } else if (dealt == Dealt::kBase) {
    e.base = qty;
    e.base_money = divide_half_even(qty, 10);
    e.term_money = divide_half_even(qty * price, power(9));
  } else {
    e.base_money = divide_half_even(qty * power(7), price);
    e.base = e.base_money * 10;
    e.term_money = divide_half_even(qty, 10);
  }
  e.volume = e.base;
  if (buys)
    e.term_money = -e.term_money;
  else
    e.base = -e.base, e.base_money = -e.base_money;
  return e;
}

Execution Model::execution_of(const Order& order, std::string id, Int qty, Int price, Int price2) const {
  Execution e = execution(order.instrument, order.buys_base, order.dealt, std::move(id), qty, price);
  if (order.terms.type != Type::kSwap) return e;
  const Int far_qty = far_part(order.terms, qty, divide_half_even);
  const Execution far = execution(order.instrument, !order.buys_base, order.dealt, "", far_qty, price2);
  e.base += far.base;
  e.base_money += far.base_money;
  e.term_money += far.term_money;
  e.far_base_money = far.base_money;
  e.far_term_money = far.term_money;
  e.traded = far.traded;
  e.volume = far.volume;
  return e;
}

// A correction of a correction may name the first execution: the latest stands for it.
int Model::latest(const Order& order, std::string_view id) const {
  for (std::size_t i = 0; i < order.executions.size(); ++i) {
    if (order.executions[i].id != id) continue;
    int at = static_cast<int>(i);
    while (order.executions[static_cast<std::size_t>(at)].corrected_by >= 0) {
      at = order.executions[static_cast<std::size_t>(at)].corrected_by;
    }
    return order.executions[static_cast<std::size_t>(at)].undone ? -1 : at;
  }
  return -1;
}

void Model::fill(int number, std::string id, Int qty, Int price, Int price2) {
  Order& order = changed(number);
  // C3: an order counts once, with its first execution.
  if (order.executions.empty()) {
    ++filled[{{Scope::kSession, order.client}, order.instrument, order.buys_base}];
    if (order.trader >= 0) ++filled[{{Scope::kTrader, order.trader}, order.instrument, order.buys_base}];
  }
  order.executions.push_back(execution_of(order, std::move(id), qty, price, price2));
  const auto latch = [&](NodeId who, Int limit) {
    const Counted what{who, order.instrument, order.buys_base};
    if (filled[what] >= limit) repeated[what] = true;
  };
  Int tightest = kNone;
  for (const NodeId id_of :
       {NodeId{Scope::kAccount, order.account}, NodeId{Scope::kClient, order.client}, NodeId{Scope::kFirm, 0}}) {
    tightest = -worse(-tightest, -own(id_of, Limit::kRepeated).value_or(kNone));
  }
  latch({Scope::kSession, order.client}, tightest);
  if (order.trader >= 0) {
    const NodeId trader{Scope::kTrader, order.trader};
    latch(trader, own(trader, Limit::kRepeated).value_or(kNone));
  }
}

bool Model::bust(int number, std::string_view id) {
  Order& order = changed(number);
  const int at = latest(order, id);
  if (at < 0) return false;
  order.executions[static_cast<std::size_t>(at)].undone = true;
  return true;
}

bool Model::correct(int number, std::string_view ref, std::string id, Int qty, Int price, Int price2) {
  Order& order = changed(number);
  const int at = latest(order, ref);
  if (at < 0) return false;
  Execution corrected = execution_of(order, std::move(id), qty, price, price2);
  corrected.made = order.executions[static_cast<std::size_t>(at)].made;
  corrected.day = order.executions[static_cast<std::size_t>(at)].day;
  if (order.executions[static_cast<std::size_t>(at)].left) {
    corrected = Execution{corrected.id, qty, price};
    corrected.left = true;
  }
  order.executions[static_cast<std::size_t>(at)].undone = true;
  order.executions[static_cast<std::size_t>(at)].corrected_by = static_cast<int>(order.executions.size());
  order.executions.push_back(std::move(corrected));
  return true;
}

void Model::replaced(int number, int request, const Terms& terms) {
  Order& order = changed(number);
  for (int r = 0; r <= request; ++r) order.requests[static_cast<std::size_t>(r)].pending = false;
  order.live = request;
  order.terms = terms;
}

void Model::replace_refused(int number, int request) {
  changed(number).requests[static_cast<std::size_t>(request)].pending = false;
}

void Model::restated(int number, Int qty) {
  scale(changed(number).terms, qty);
}

void Model::ended(int number) {
  Order& order = changed(number);
  order.over = true;
  for (Request& request : order.requests) request.pending = false;
}

int Model::add(const Order& order) {
  orders.push_back(order);
  const Terms& terms = order.terms;
  seen_.push_back({now_ms, order.account, order.trader, order.instrument, order.buys_base, order.dealt, terms.type,
                   terms.qty, terms.price != 0 ? terms.price : terms.stop});
  changed(static_cast<int>(orders.size()) - 1);
  return static_cast<int>(orders.size()) - 1;
}

void Model::ask_replace(int number, const Request& request) {
  changed(number).requests.push_back(request);
}

void Model::suspense_fill(int broker, int instrument, bool buy, Int qty, Int price) {
  const Dealt dealt = instruments[static_cast<std::size_t>(instrument)].is_fx() ? Dealt::kBase : Dealt::kUnits;
  suspense.push_back({broker, instrument, execution(instrument, buy, dealt, "", qty, price)});
  summed_ = false;
}

void Model::regroup(int client, int group) {
  group_of[static_cast<std::size_t>(client)] = group;
  summed_ = false;
}

int Model::trader(const std::string& name, int client) {
  for (std::size_t i = 0; i < traders.size(); ++i) {
    if (traders[i].name == name) return static_cast<int>(i);
  }
  traders.push_back({name, client});
  summed_ = false;
  return static_cast<int>(traders.size()) - 1;
}

// Volumes and the day's profit begin anew; positions are carried at what they are worth, but those that were fixed,
// or all leave where days begin flat.
void Model::roll(int to) {
  ++day;
  trade_date = to;
  for (Order& order : orders) {
    order.counted = false;
    if (!flat_days) continue;
    for (Execution& e : order.executions) e.left = e.left || !e.undone;
  }
  for (Suspense& each : suspense) each.execution.left = each.execution.left || flat_days;
  for (Adjustment& each : adjustments) each.execution.left = each.execution.left || flat_days;
  summed_ = false;
  told_at.clear();
  carried_.clear();
  peaks_.clear();
  for (const NodeId id : all_nodes()) {
    if (!keeps_profit(id)) continue;
    for (std::size_t i = 0; i < instruments.size(); ++i) {
      carried_[{id, static_cast<int>(i)}] = {worth_at_close(id, static_cast<int>(i)), sums_of(id).instruments[i].cash};
    }
  }
}

}  // namespace portcullis::scenarios::exact
