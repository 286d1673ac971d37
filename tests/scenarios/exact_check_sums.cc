#include <algorithm>

#include "tests/scenarios/exact_model.h"

namespace portcullis::scenarios::exact {

// The controls that add up what is there and what would come.

namespace {

// What an order would add.
Amounts growth(const Amounts& before, const Amounts& after) {
  Amounts more;
  for (Int Amounts::*each : {&Amounts::buy, &Amounts::sell, &Amounts::term_in, &Amounts::term_out, &Amounts::notional,
                             &Amounts::near, &Amounts::far, &Amounts::volume}) {
    more.*each = after.*each - before.*each;
  }
  return more;
}

// A scope's answer: it is breached, or whether it is hangs on a rounding.
enum class Answer : std::uint8_t { kPasses, kPerhaps, kBreached };

struct Verdict {
  bool sure = false, perhaps = false;
  void take(Answer answer) {
    sure = sure || answer == Answer::kBreached;
    perhaps = perhaps || answer == Answer::kPerhaps;
  }
  void write(const char* control, std::vector<Failure>& failures) const {
    if (sure || perhaps) failures.push_back({control, sure});
  }
};

}  // namespace

void Model::check_sums(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const {
  const Amounts more = growth(asked.before, asked.after);
  const auto at = static_cast<std::size_t>(asked.instrument);
  const auto test = [&](const char* control, Limit which, Int grown, auto&& used) {
    if (!enforced[static_cast<std::size_t>(which)] || grown <= 0) return;
    Verdict verdict;
    for (const NodeId id : nodes) {
      const bool nets = which == Limit::kLong || which == Limit::kShort;
      if (nets && !asks_netted(id, which, asked.instrument)) continue;
      if (used(sums_of(id)) + grown > limit_for(id, which, asked.instrument)) verdict.take(Answer::kBreached);
    }
    verdict.write(control, failures);
  };
  if (asked.is_new) test("D1", Limit::kOpenOrders, 1, [](const Sums& s) { return Int{s.orders}; });
  test("D3", Limit::kLong, more.buy,
       [at](const Sums& s) { return s.instruments[at].position + s.instruments[at].open_buy; });
  test("D3", Limit::kShort, more.sell,
       [at](const Sums& s) { return s.instruments[at].open_sell - s.instruments[at].position; });
  check_currencies(asked, nodes, failures);
  check_settlement(asked, nodes, failures);
  test("D2", Limit::kGross, more.notional, [](const Sums& s) { return s.gross; });
  test("D7", Limit::kVolume, more.notional, [](const Sums& s) { return s.traded + s.gross; });
  test("D7", Limit::kDayQuantity, more.volume, [at](const Sums& s) { return s.instruments[at].volume; });
}

// D4 and D5, at the rates of now. Each currency's value may be rounded by itself, and the rate of a stale one may have
// its haircut or not: within that it is open.
void Model::check_currencies(const Asked& asked, const std::vector<NodeId>& nodes,
                             std::vector<Failure>& failures) const {
  const Instrument& pair = instruments[static_cast<std::size_t>(asked.instrument)];
  if (!pair.is_fx()) return;
  std::vector<Int> low(currencies.size()), high(currencies.size());
  for (std::size_t c = 1; c < currencies.size(); ++c) {
    low[c] = rates[c] ? rates[c]->value : 0;
    high[c] = worse(low[c], rate_now(static_cast<int>(c)).value_or(low[c]));
  }
  const Int cent = power(12);
  const Amounts more = growth(asked.before, asked.after);
  const auto with_order = [&](CurrencyTable all) {
    CurrencySums& base = all[static_cast<std::size_t>(pair.base)];
    CurrencySums& term = all[static_cast<std::size_t>(pair.term)];
    base.in += divide_up(asked.after.buy, 10) - divide_up(asked.before.buy, 10);
    base.out += divide_up(asked.after.sell, 10) - divide_up(asked.before.sell, 10);
    term.in += more.term_in;
    term.out += more.term_out;
    return all;
  };
  Verdict of_one, of_all;
  for (const NodeId id : nodes) {
    const CurrencyTable& before = sums_of(id).currencies;
    const CurrencyTable after = with_order(before);
    // A sum over currencies has no meaning within one instrument; a currency's scope is of that one alone.
    if (id.scope != Scope::kInstrument && asks_netted(id, Limit::kCurrency, asked.instrument)) {
      const Int most = limit(id, Limit::kCurrency);
      for (const int c : {pair.base, pair.term}) {
        if (c == 0 || (id.scope == Scope::kCurrency && id.index != c)) continue;
        const auto at = static_cast<std::size_t>(c);
        const Int used = largest_side(after[at]);
        if (used <= largest_side(before[at])) continue;
        of_one.take(used * low[at] > (most + 1) * cent    ? Answer::kBreached
                    : used * high[at] > (most - 1) * cent ? Answer::kPerhaps
                                                          : Answer::kPasses);
      }
    }
    if (id.scope == Scope::kInstrument || id.scope == Scope::kCurrency ||
        !asks_netted(id, Limit::kNet, asked.instrument))
      continue;
    const Int most = limit(id, Limit::kNet), slack = static_cast<Int>(currencies.size()) + 1;
    const Int used_low = aggregate(after, low), used_high = aggregate(after, high);
    const Int before_low = aggregate(before, low), before_high = aggregate(before, high);
    if (used_low > (most + slack) * cent && used_low > before_low + cent && used_high > before_high + cent)
      of_all.take(Answer::kBreached);
    else if (used_high > (most - slack) * cent && (used_low > before_low || used_high > before_high))
      of_all.take(Answer::kPerhaps);
  }
  of_one.write("D4", failures);
  of_all.write("D5", failures);
}

// D6 along the tree and at brokers. What is in suspense has no date of its own.
void Model::check_settlement(const Asked& asked, const std::vector<NodeId>& nodes,
                             std::vector<Failure>& failures) const {
  const Instrument& pair = instruments[static_cast<std::size_t>(asked.instrument)];
  if (!pair.is_fx() || asked.fixing_date != 0) return;
  std::vector<Int> low(currencies.size(), power(12)), high(currencies.size(), power(12));
  for (std::size_t c = 1; c < currencies.size(); ++c) {
    low[c] = rates[c] ? rates[c]->value : 0;
    high[c] = worse(low[c], rate_now(static_cast<int>(c)).value_or(low[c]));
  }
  const Int cent = power(12), slack = static_cast<Int>(currencies.size()) + 1;
  const Amounts more = growth(asked.before, asked.after);
  Verdict verdict;
  for (const bool far : {false, true}) {
    const int date = far ? asked.value_date2 : asked.value_date;
    const Int received = far ? more.far : more.near;
    if (received <= 0 || date < trade_date) continue;
    CurrencyTable added = {};
    added[static_cast<std::size_t>(asked.buys_base != far ? pair.base : pair.term)].in = received;
    for (const NodeId id : nodes) {
      const bool keeps = id.scope == Scope::kFirm || id.scope == Scope::kGroup || id.scope == Scope::kClient ||
                         id.scope == Scope::kAccount || id.scope == Scope::kBroker;
      if (!keeps) continue;
      const Int most = limit(id, Limit::kSettlement);
      verdict.take(settlement_exact(id, date, low, added) > (most + slack) * cent    ? Answer::kBreached
                   : settlement_exact(id, date, high, added) > (most - slack) * cent ? Answer::kPerhaps
                                                                                     : Answer::kPasses);
    }
  }
  verdict.write("D6", failures);
}

// D8: what is open and executed, each instrument as if every open order of its worse side were filled, and a part of
// what settles late. Clients do not net with each other; at a broker, who lends to the firm, all that is there nets.
Int Model::credit_exact(NodeId who, const Growth& more) const {
  const std::vector<Int> known = last_rates();
  const Sums& s = sums_of(who);
  Int all = 0;
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    const InstrumentSums& cell = s.instruments[i];
    const bool grows = static_cast<int>(i) == more.instrument;
    const Int longs = cell.position + cell.open_buy + (grows ? more.buy : 0);
    const Int shorts = cell.open_sell - cell.position + (grows ? more.sell : 0);
    const Int units = worse(0, worse(longs, shorts));
    if (instruments[i].is_fx()) {
      all += divide_up(units * known[static_cast<std::size_t>(instruments[i].base)], 10);
    } else if (quotes[i]) {
      const Int worth = divide_up(units * quotes[i]->ask * instruments[i].multiplier, power(9));
      all += worth * known[static_cast<std::size_t>(instruments[i].term)];
    }
  }
  if (add_on.empty()) return all;
  const auto part = [&](int date, Int worth) {
    Int percent = 0;
    for (const AddOn& step : add_on) {
      if (date - trade_date > step.days) percent = step.percent;
    }
    return worth * percent / power(8);
  };
  // A forward that is fixed later counts by its base amount, netted once it is done.
  struct Fixing {
    Int done = 0, open = 0;
  };
  std::map<std::pair<int, int>, Fixing> fixings;  // date, instrument
  int last = trade_date;
  for (const Order& order : orders) {
    if ((who.scope == Scope::kClient ? order.client : order.broker) != who.index) continue;
    if (order.fixing_date == 0) {
      last = static_cast<int>(worse(last, worse(order.value_date, order.value_date2)));
    } else if (order.fixing_date >= trade_date) {
      const Holding& h = holding(order);
      Fixing& fixing = fixings[{order.fixing_date, order.instrument}];
      fixing.done += h.base_money;
      fixing.open += divide_up(h.held.buy, 10) + divide_up(h.held.sell, 10);
    }
  }
  for (const auto& [key, fixing] : fixings) {
    const auto base = static_cast<std::size_t>(instruments[static_cast<std::size_t>(key.second)].base);
    all += part(key.first, (worse(fixing.done, -fixing.done) + fixing.open) * known[base]);
  }
  for (int date = trade_date; date <= last; ++date) {
    if (part(date, power(8)) > 0) all += part(date, settlement_exact(who, date, known));
  }
  for (const auto& [date, worth] : more.settles) all += part(date, worth);
  return all;
}

Int Model::credit_in_use(NodeId who) const {
  if (who.scope != Scope::kFirm) return credit_exact(who, {});
  Int all = 0;
  for (std::size_t c = 0; c < clients.size(); ++c) all += credit_exact({Scope::kClient, static_cast<int>(c)}, {});
  return all;
}

}  // namespace portcullis::scenarios::exact
