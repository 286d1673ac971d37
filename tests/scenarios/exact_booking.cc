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
  if (dealt == Dealt::kBase) {
    e.base = qty;
    e.base_money = divide_half_even(qty, 10);
    e.term_money = divide_half_even(qty * price, power(9));
  } else {
    e.base_money = divide_half_even(qty * power(7), price);
    e.base = e.base_money * 10;
    e.term_money = divide_half_even(qty, 10);
  }
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
  Order& order = orders[static_cast<std::size_t>(number)];
  order.executions.push_back(execution_of(order, std::move(id), qty, price, price2));
}

bool Model::bust(int number, std::string_view id) {
  Order& order = orders[static_cast<std::size_t>(number)];
  const int at = latest(order, id);
  if (at < 0) return false;
  order.executions[static_cast<std::size_t>(at)].undone = true;
  return true;
}

bool Model::correct(int number, std::string_view ref, std::string id, Int qty, Int price, Int price2) {
  Order& order = orders[static_cast<std::size_t>(number)];
  const int at = latest(order, ref);
  if (at < 0) return false;
  Execution corrected = execution_of(order, std::move(id), qty, price, price2);
  corrected.made = order.executions[static_cast<std::size_t>(at)].made;
  corrected.day = order.executions[static_cast<std::size_t>(at)].day;
  order.executions[static_cast<std::size_t>(at)].undone = true;
  order.executions[static_cast<std::size_t>(at)].corrected_by = static_cast<int>(order.executions.size());
  order.executions.push_back(std::move(corrected));
  return true;
}

void Model::replaced(int number, int request, const Terms& terms) {
  Order& order = orders[static_cast<std::size_t>(number)];
  for (int r = 0; r <= request; ++r) order.requests[static_cast<std::size_t>(r)].pending = false;
  order.live = request;
  order.terms = terms;
}

void Model::replace_refused(int number, int request) {
  orders[static_cast<std::size_t>(number)].requests[static_cast<std::size_t>(request)].pending = false;
}

void Model::restated(int number, Int qty) {
  scale(orders[static_cast<std::size_t>(number)].terms, qty);
}

void Model::ended(int number) {
  Order& order = orders[static_cast<std::size_t>(number)];
  order.over = true;
  for (Request& request : order.requests) request.pending = false;
}

void Model::suspense_fill(int broker, int instrument, bool buy, Int qty, Int price) {
  suspense.push_back({broker, instrument, execution(instrument, buy, Dealt::kBase, "", qty, price)});
}

}  // namespace portcullis::scenarios::exact
