#include "tests/scenarios/exact_model.h"

#include <algorithm>

namespace portcullis::scenarios::exact {
namespace {

constexpr Int kHundred = 100;

Int power(int exponent) {
  Int value = 1;
  while (exponent-- > 0) value *= 10;
  return value;
}

Int worse(Int a, Int b) {
  return a > b ? a : b;
}

// The sum of what would be long, and of what would be short, of all currencies but the risk currency; the larger.
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

}  // namespace

Int divide_up(Int numerator, Int denominator) {
  const Int quotient = numerator / denominator;
  return numerator % denominator > 0 ? quotient + 1 : quotient;
}

Int divide_half_even(Int numerator, Int denominator) {
  if (numerator < 0) return -divide_half_even(-numerator, denominator);
  const Int quotient = numerator / denominator, twice = numerator % denominator * 2;
  if (twice > denominator || (twice == denominator && quotient % 2 != 0)) return quotient + 1;
  return quotient;
}

std::string decimal(Int raw, int scale) {
  if (raw < 0) return "-" + decimal(-raw, scale);
  std::string digits;
  for (int i = 0; raw != 0 || i <= scale; ++i) {
    if (i == scale && scale != 0) digits += '.';
    digits += static_cast<char>('0' + static_cast<int>(raw % 10));
    raw /= 10;
  }
  std::reverse(digits.begin(), digits.end());
  if (scale != 0) {
    while (digits.back() == '0') digits.pop_back();
    if (digits.back() == '.') digits.pop_back();
  }
  return digits;
}

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

std::string Prediction::contradiction(bool accepted, std::string_view control, int broker) const {
  const auto text = [](const std::vector<Failure>& all) {
    std::string list;
    for (const Failure& each : all) list += (list.empty() ? "" : " ") + each.control + (each.sure ? "" : "?");
    return list.empty() ? std::string("nothing") : list;
  };
  const auto sure = [](const Failure& each) { return each.sure; };
  if (accepted) {
    if (std::any_of(failures.begin(), failures.end(), sure))
      return "accepted, but must be refused by " + text(failures);
    for (const Candidate& candidate : candidates) {
      if (candidate.broker == broker) {
        if (!std::any_of(candidate.failures.begin(), candidate.failures.end(), sure)) return {};
        return "given to a broker whose line refuses it by " + text(candidate.failures);
      }
      if (candidate.failures.empty()) return "a broker that could take it was passed over";
    }
    return candidates.empty() ? std::string() : "given to a broker that is not on its route";
  }
  for (const Failure& each : failures) {
    if (each.control == control) return {};
    if (each.sure) return "refused by " + std::string(control) + ", but first comes " + text(failures);
  }
  // Only when no broker can take it does a broker's own refusal count.
  bool named = false;
  for (const Candidate& candidate : candidates) {
    if (candidate.failures.empty()) return "refused by " + std::string(control) + ", but nothing stands against it";
    for (const Failure& each : candidate.failures) named = named || each.control == control;
  }
  if (named) return {};
  return "refused by " + std::string(control) + ", but what stands against it is " + text(failures);
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

Model::Age Model::age(std::int64_t since) const {
  if (stale_after_ms == 0 || now_ms - since <= stale_after_ms) return Age::kFresh;
  return now_ms - since <= 5 * stale_after_ms ? Age::kStale : Age::kDead;
}

std::optional<Int> Model::rate_now(int currency) const {
  if (currency == 0) return power(12);
  const auto& known = rates[static_cast<std::size_t>(currency)];
  if (!known) return std::nullopt;
  switch (age(known->time_ms)) {
    case Age::kFresh:
      return known->value;
    case Age::kStale:
      return divide_up(known->value * 102, kHundred);
    case Age::kDead:
      break;
  }
  return std::nullopt;
}

const Model::Quote* Model::quote_now(int instrument) const {
  const auto& known = quotes[static_cast<std::size_t>(instrument)];
  return known && age(known->time_ms) == Age::kFresh ? &*known : nullptr;
}

std::optional<Valuation> Model::value(int instrument, bool buys, Dealt dealt, const Terms& terms) const {
  const Instrument& pair = instruments[static_cast<std::size_t>(instrument)];
  const auto base_rate = rate_now(pair.base), term_rate = rate_now(pair.term);
  if (!base_rate || !term_rate || quote_now(instrument) == nullptr) return std::nullopt;
  const Int price = terms.type == Type::kSwap ? terms.price : counter_price(instrument, buys, dealt, terms);
  return Valuation{price, dealt == Dealt::kBase ? *base_rate : *term_rate};
}

// The dealt amount is exact; the counter amount uses an upper bound, with a buffer of 1 %.
Int Model::counter_price(int instrument, bool buys, Dealt dealt, const Terms& terms) const {
  const Quote& quote = *quotes[static_cast<std::size_t>(instrument)];
  const auto above = [&](Int price) { return divide_up(price * 101, kHundred); };
  const auto below = [&](Int price) { return price * 99 / kHundred; };
  const bool limited = terms.type == Type::kLimit || terms.type == Type::kStopLimit;
  if (dealt == Dealt::kBase) {
    if (limited) return buys ? terms.price : worse(terms.price, above(quote.ask));
    return above(terms.type == Type::kStop ? worse(terms.stop, quote.ask) : quote.ask);
  }
  if (limited) return buys ? -worse(-terms.price, -below(quote.bid)) : terms.price;
  return below(terms.type == Type::kStop ? -worse(-terms.stop, -quote.bid) : quote.bid);
}

Amounts Model::amounts(bool buys, Dealt dealt, Int qty, const Terms& terms, const Valuation& valuation) const {
  Amounts all;
  if (qty <= 0) return all;
  if (terms.type == Type::kSwap) return swap_amounts(buys, dealt, qty, terms, valuation);
  Int base = 0, term = 0;
  all.notional = divide_up(qty * valuation.rate, power(13));
  if (dealt == Dealt::kBase) {
    base = qty;
    term = divide_up(qty * valuation.counter_price, power(9));
  } else {
    base = divide_up(qty * power(7), valuation.counter_price) * 10;
    term = divide_up(qty, 10);
  }
  (buys ? all.buy : all.sell) = base;
  (buys ? all.term_out : all.term_in) = term;
  all.near = buys ? divide_up(base, 10) : term;
  all.largest_base = base;
  return all;
}

// The part of the far leg that goes with so much of the near one.
Int far_part(const Terms& terms, Int qty, Int (*rounded)(Int, Int)) {
  return qty == terms.qty ? terms.qty2 : rounded(terms.qty2 * qty, terms.qty);
}

// Both legs at their own prices, the far one the other way round.
Amounts Model::swap_amounts(bool buys, Dealt dealt, Int qty, const Terms& terms, const Valuation& valuation) const {
  Amounts all;
  const Int far = far_part(terms, qty, divide_up);
  all.notional = divide_up(far * valuation.rate, power(13));
  // Positive: the swap receives it, when its near leg buys.
  const auto put = [&](Int net, Int& in, Int& out) {
    const Int size = net < 0 ? -net : net;
    (buys == (net > 0) ? in : out) = size;
  };
  const auto rounded = [](Int numerator, Int denominator) {
    return numerator < 0 ? -divide_up(-numerator, denominator) : divide_up(numerator, denominator);
  };
  if (dealt == Dealt::kBase) {
    put(qty - far, all.buy, all.sell);
    put(rounded(far * terms.price2 - qty * terms.price, power(9)), all.term_in, all.term_out);
    all.near = buys ? divide_up(qty, 10) : divide_up(qty * terms.price, power(9));
    all.far = buys ? divide_up(far * terms.price2, power(9)) : divide_up(far, 10);
    all.largest_base = worse(qty, far);
    return all;
  }
  const Int near_base = divide_up(qty * power(7), terms.price), far_base = divide_up(far * power(7), terms.price2);
  // qty / price - far / price2, brought to one denominator.
  const Int numerator = qty * terms.price2 - far * terms.price, denominator = terms.price * terms.price2;
  const Int whole = numerator / denominator, rest = numerator % denominator;
  put((whole * power(7) + rounded(rest * power(7), denominator)) * 10, all.buy, all.sell);
  put(rounded(far - qty, 10), all.term_in, all.term_out);
  all.near = buys ? near_base : divide_up(qty, 10);
  all.far = buys ? divide_up(far, 10) : far_base;
  all.largest_base = worse(near_base, far_base) * 10;
  return all;
}

Amounts Model::need(const Order& order) const {
  Amounts all;
  if (order.over) return all;
  const Int cum = order.cum();
  const auto take = [&](const Terms& terms, const Valuation& valuation) {
    const Amounts one = amounts(order.buys_base, order.dealt, worse(0, terms.qty - cum), terms, valuation);
    for (Int Amounts::*each : {&Amounts::buy, &Amounts::sell, &Amounts::term_in, &Amounts::term_out, &Amounts::notional,
                               &Amounts::near, &Amounts::far, &Amounts::largest_base}) {
      all.*each = worse(all.*each, one.*each);
    }
  };
  take(order.terms, order.requests[static_cast<std::size_t>(order.live)].valuation);
  for (const Request& request : order.requests) {
    if (request.pending) take(request.terms, request.valuation);
  }
  return all;
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

void scale(Terms& terms, Int qty) {
  if (terms.type == Type::kSwap) terms.qty2 = far_part(terms, qty, divide_half_even);
  terms.qty = qty;
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

// --- decisions --------------------------------------------------------------------------------------------------

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
    const Int base =
        amounts(asked.buys_base, asked.dealt, asked.terms.qty, asked.terms, asked.valuation).largest_base;
    if (base < pair.minimum) failures.push_back({"B1", asked.is_new && asked.dealt == Dealt::kBase});
  } else if (asked.dealt == Dealt::kBase) {
    malformed = malformed || asked.terms.qty % pair.step != 0;
    // Whether a replace that takes quantity away may go below the minimum is left open.
    if (asked.terms.qty < pair.minimum) failures.push_back({"B1", asked.is_new || asked.quantity_up});
  } else {
    // A dealt term amount is tested on its conservative base amount, which has no step.
    if (amounts(asked.buys_base, asked.dealt, asked.terms.qty, asked.terms, asked.valuation).largest_base < pair.minimum)
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
      return buys ? price * 2 * full > middle * (full + collar)
                             : price * 2 * full < middle * (full - collar);
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

Prediction Model::predict_new(int client, int account, int instrument, bool buys, Dealt dealt, const Terms& terms,
                              const Dates& dates) const {
  Prediction p;
  if (instrument < 0 || account < 0 || accounts[static_cast<std::size_t>(account)].client != client) {
    p.failures.push_back({"A1", false});
    p.failures.push_back({"A2"});
    return p;
  }
  const std::vector<Sums> now = sums();
  Asked asked{client, account, instrument, buys, dealt, terms, {}, {}, {}};
  asked.value_date = spot_date();
  asked.value_date2 = dates.far;
  asked.fixing_date = dates.fixing;
  const auto valuation = value(instrument, buys, dealt, terms);
  const std::vector<NodeId> nodes = path(asked);
  if (!valuation) {
    // No price or no rate: which of the two rules speaks is open, as is what a state has to say.
    for (const char* control : {"A1", "B1", "B2"}) p.failures.push_back({control, false});
    p.failures.push_back({"B3"});
    return p;
  }
  asked.valuation = *valuation;
  asked.after = amounts(buys, dealt, terms.qty, terms, *valuation);
  check_condition(asked, nodes, now, p.failures);
  check_size(asked, nodes, p.failures);
  check_sums(asked, nodes, now, p.failures);
  for (const int broker : instruments[static_cast<std::size_t>(instrument)].brokers) {
    Candidate candidate{broker, {}};
    const std::vector<NodeId> line = {{Scope::kBroker, broker}};
    Condition condition = Condition::kActive;
    if (const Node* here = find(line.front())) condition = here->condition;
    if (condition == Condition::kBlockNew) candidate.failures.push_back({"A1"});
    check_size(asked, line, candidate.failures);
    check_sums(asked, line, now, candidate.failures);
    p.candidates.push_back(std::move(candidate));
  }
  p.order.account = account;
  p.order.client = client;
  p.order.instrument = instrument;
  p.order.buys_base = buys;
  p.order.dealt = dealt;
  p.order.value_date = spot_date();
  p.order.value_date2 = dates.far;
  p.order.fixing_date = dates.fixing;
  p.order.terms = terms;
  p.order.requests = {Request{terms, *valuation, false, false}};
  return p;
}

Prediction Model::predict_replace(int number, const Terms& terms) const {
  Prediction p;
  const Order& order = orders[static_cast<std::size_t>(number)];
  const Valuation& live = order.requests[static_cast<std::size_t>(order.live)].valuation;
  // The order may come to any of its terms without being asked again: an increase is one above all of them.
  Int largest = order.terms.qty, largest2 = order.terms.qty2;
  for (const Request& request : order.requests) {
    if (!request.pending) continue;
    largest = worse(largest, request.terms.qty);
    largest2 = worse(largest2, request.terms.qty2);
  }
  const bool quantity_up = terms.qty > largest || terms.qty2 > largest2;
  const bool price_changed =
      terms.price != order.terms.price || terms.stop != order.terms.stop || terms.price2 != order.terms.price2;
  p.request = Request{terms, live, true, true};
  const Instrument& pair = instruments[static_cast<std::size_t>(order.instrument)];
  const bool malformed = terms.price % pair.tick != 0 || terms.stop % pair.tick != 0 || terms.price2 % pair.tick != 0 ||
                         (order.dealt == Dealt::kBase && terms.qty % pair.step != 0);
  // A reducing replace always passes; whether one below the minimum is still well formed is left open.
  if (!quantity_up && !price_changed) {
    if (malformed) p.failures.push_back({"B1"});
    if (order.dealt == Dealt::kBase && terms.qty < pair.minimum) p.failures.push_back({"B1", false});
    // A term amount is money, on a grid of 0.01.
    if (order.dealt != Dealt::kBase && terms.qty % 10 != 0) p.failures.push_back({"B1"});
    // A swap whose legs shrink by different shares may hold more on the whole than before.
    if (terms.type == Type::kSwap) {
      for (const char* control : {"A1", "B1", "D3", "D4", "D5", "D6"}) p.failures.push_back({control, false});
    }
    return p;
  }
  Asked asked{order.client, order.account, order.instrument, order.buys_base, order.dealt, terms, need(order), {}, {}};
  asked.is_new = false;
  asked.value_date = order.value_date;
  asked.value_date2 = order.value_date2;
  asked.fixing_date = order.fixing_date;
  // More of what should have settled already may be refused for that alone.
  if (order.value_date < trade_date || (order.fixing_date != 0 && order.fixing_date < trade_date)) {
    p.failures.push_back({"D6", false});
  }
  asked.quantity_up = quantity_up;
  asked.price_changed = price_changed;
  const bool rated = rate_now(pair.base) && rate_now(pair.term);
  if (quote_now(order.instrument) == nullptr || (quantity_up && !rated)) {
    for (const char* control : {"A1", "B1", "B2"}) p.failures.push_back({control, false});
    p.failures.push_back({"B3"});
    return p;
  }
  // One that raises no quantity keeps the rate of the live order. Without a rate of now its price may change or not.
  if (terms.type != Type::kSwap) {
    asked.valuation.counter_price = counter_price(order.instrument, order.buys_base, order.dealt, terms);
  }
  asked.valuation.rate = live.rate;
  if (quantity_up) asked.valuation.rate = *rate_now(order.dealt == Dealt::kBase ? pair.base : pair.term);
  p.request.valuation = asked.valuation;
  Order with = order;
  with.requests.push_back(p.request);
  asked.after = need(with);
  const std::vector<Sums> now = sums();
  std::vector<NodeId> nodes = path(asked);
  nodes.push_back({Scope::kBroker, order.broker});
  check_condition(asked, nodes, now, p.failures);
  check_size(asked, nodes, p.failures);
  if (!rated) {
    for (const char* control : {"B2", "B3", "D4", "D5"}) p.failures.push_back({control, false});
  }
  check_sums(asked, nodes, now, p.failures);
  return p;
}

}  // namespace portcullis::scenarios::exact
