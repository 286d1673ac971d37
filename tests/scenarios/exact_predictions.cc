#include <algorithm>

#include "tests/scenarios/exact_model.h"

namespace portcullis::scenarios::exact {

// What must become of a message.

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

Prediction Model::predict_new(int client, int account, int trader, int instrument, bool buys, Dealt dealt,
                              const Terms& terms, const Dates& dates) const {
  Prediction p;
  if (instrument < 0 || account < 0 || accounts[static_cast<std::size_t>(account)].client != client) {
    p.failures.push_back({"A1", false});
    p.failures.push_back({"A2"});
    return p;
  }
  Asked asked{client, account, trader, instrument, buys, dealt, terms, {}, {}, {}};
  asked.value_date = instruments[static_cast<std::size_t>(instrument)].is_fx() ? spot_date() : 0;
  asked.value_date2 = dates.far;
  asked.fixing_date = dates.fixing;
  const auto valuation = value(instrument, buys, dealt, terms);
  const std::vector<NodeId> nodes = path(asked);
  if (!valuation) {
    // No price or no rate: which of the two rules speaks is open, as is what a state has to say.
    for (const char* control : {"A1", "A2", "C3", "B1", "B2"}) p.failures.push_back({control, false});
    p.failures.push_back({"B3"});
    return p;
  }
  asked.valuation = *valuation;
  asked.after = amounts(buys, dealt, terms.qty, terms, *valuation);
  check_all(asked, nodes, p.failures);
  p.large = large(asked, nodes);
  for (const int broker : instruments[static_cast<std::size_t>(instrument)].brokers) {
    Candidate candidate;
    candidate.broker = broker;
    const std::vector<NodeId> line = {{Scope::kBroker, broker}};
    check_condition(asked, line, candidate.failures);
    check_size(asked, line, candidate.failures);
    check_sums(asked, line, candidate.failures);
    check_credit(asked, line, candidate.failures);
    candidate.large = large(asked, line);
    p.candidates.push_back(std::move(candidate));
  }
  p.order.account = account;
  p.order.client = client;
  p.order.instrument = instrument;
  p.order.buys_base = buys;
  p.order.dealt = dealt;
  p.order.trader = trader;
  p.order.value_date = asked.value_date;
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
                         ((order.dealt == Dealt::kBase || order.dealt == Dealt::kUnits) && terms.qty % pair.step != 0);
  // A reducing replace always passes; whether one below the minimum is still well formed is left open.
  if (!quantity_up && !price_changed) {
    if (malformed) p.failures.push_back({"B1"});
    const bool of_base = order.dealt == Dealt::kBase || order.dealt == Dealt::kUnits;
    if (of_base && terms.qty < pair.minimum) p.failures.push_back({"B1", false});
    // A term amount is money, on a grid of 0.01.
    if (!of_base && terms.qty % 10 != 0) p.failures.push_back({"B1"});
    // A swap whose legs shrink by different shares may hold more on the whole than before.
    if (terms.type == Type::kSwap) {
      for (const char* control : {"A1", "A2", "C3", "B1", "D3", "D4", "D5", "D6", "D7", "D8"})
        p.failures.push_back({control, false});
    }
    return p;
  }
  Asked asked{order.client,
              order.account,
              order.trader,
              order.instrument,
              order.buys_base,
              order.dealt,
              terms,
              need(order),
              {},
              {}};
  asked.is_new = false;
  asked.value_date = order.value_date;
  asked.value_date2 = order.value_date2;
  asked.fixing_date = order.fixing_date;
  // More of what should have settled already may be refused for that alone.
  if ((pair.is_fx() && order.value_date < trade_date) || (order.fixing_date != 0 && order.fixing_date < trade_date)) {
    p.failures.push_back({"D6", false});
  }
  asked.quantity_up = quantity_up;
  asked.price_changed = price_changed;
  const bool rated = (!pair.is_fx() || rate_now(pair.base)) && rate_now(pair.term);
  if (quote_now(order.instrument) == nullptr || (quantity_up && !rated)) {
    for (const char* control : {"A1", "A2", "C3", "B1", "B2"}) p.failures.push_back({control, false});
    p.failures.push_back({"B3"});
    return p;
  }
  // One that raises no quantity keeps the rate of the live order. Without a rate of now its price may change or not.
  if (terms.type != Type::kSwap) {
    asked.valuation.counter_price = counter_price(order.instrument, order.buys_base, order.dealt, terms);
  }
  asked.valuation.rate = live.rate;
  asked.valuation.multiplier = live.multiplier;
  if (quantity_up) asked.valuation.rate = *rate_now(order.dealt == Dealt::kBase ? pair.base : pair.term);
  p.request.valuation = asked.valuation;
  Order with = order;
  with.requests.push_back(p.request);
  asked.after = need(with);
  std::vector<NodeId> nodes = path(asked);
  nodes.push_back({Scope::kBroker, order.broker});
  p.large = large(asked, nodes);
  if (!rated) {
    check_condition(asked, nodes, p.failures);
    check_lists(asked, nodes, p.failures);
    check_repeated(asked, p.failures);
    check_size(asked, nodes, p.failures);
    for (const char* control : {"B2", "B3", "D4", "D5"}) p.failures.push_back({control, false});
    check_sums(asked, nodes, p.failures);
    check_credit(asked, nodes, p.failures);
  } else {
    check_all(asked, nodes, p.failures);
  }
  return p;
}

}  // namespace portcullis::scenarios::exact
