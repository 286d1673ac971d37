#include "tests/scenarios/exact_flow_world.h"

namespace portcullis::scenarios::exact {

// What brokers say.

std::string Flow::some_prices(const Order& order, Int price, Int& price2) {
  std::string fields = "|31=" + decimal(price, 8);
  if (order.terms.type != Type::kSwap) return fields;
  price2 = order.terms.price2;
  if (one_in(4)) return fields;  // it says nothing of the far leg, whose own price is taken
  price2 = some_fill_price(order.instrument);
  if (one_in(2)) return fields + "|637=" + decimal(price2, 8);
  return fields + "|194=" + decimal(price, 8) + "|641=" + decimal(price2 - price, 8);
}

void Flow::told(int number, const std::string& fields, const std::string& given, const std::string& orig) {
  const Order& order = model_.orders[static_cast<std::size_t>(number)];
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(order.instrument)];
  std::string body = "35=8|37=N" + std::to_string(number) + "|11=" + given + "|";
  if (!orig.empty()) body += "41=" + orig + "|";
  body += fields + "55=" + pair.symbol + "|54=" + side_of(true, order) + "|";
  if (order.dealt == Dealt::kTerm) body += "15=" + model_.currencies[static_cast<std::size_t>(pair.term)] + "|";
  if (fields.find("|38=") == std::string::npos && fields.find("38=") != 0)
    body += "38=" + decimal(order.terms.qty, 3) + "|";
  body += "6=1|" + std::string(kTime);
  deals_[static_cast<std::size_t>(number)].last_report = body;
  std::vector<Sent> sent;
  say(body, true, kBrokers[order.broker], sent);
  for (const Sent& message : sent) {
    if (message.type() == "8" && message[54] != side_of(false, order)) {
      fail("the client is told another Side(54): " + readable(message.bytes));
    }
  }
  learn(sent);
  if (body.find("|150=I|") != std::string::npos) forget_lost_cancels();
  if (after_report) after_report(gateway_);
}

void Flow::fill(int number, Int qty, Int price, const std::string& id, const std::string& given) {
  Order& order = model_.orders[static_cast<std::size_t>(number)];
  const bool late = order.over;
  Int allowed = order.terms.qty;
  for (const Request& request : order.requests) {
    if (request.pending) allowed = worse(allowed, request.terms.qty);
  }
  Int price2 = 0;
  const std::string prices = some_prices(order, price, price2);
  model_.fill(number, id, qty, price, price2);
  deals_[static_cast<std::size_t>(number)].exec_ids.push_back(id);
  const std::uint64_t alerts_before = gateway_.state().alert_count;
  ++counts_.fills;
  counts_.late += late ? 1 : 0;
  counts_.overfills += !late && order.cum() > allowed ? 1 : 0;
  told(number,
       "17=" + id + "|150=F|39=" + (order.leaves() == 0 ? "2" : "1") + "|32=" + decimal(qty, 3) + prices +
           "|14=" + decimal(order.cum(), 3) + "|151=" + decimal(order.leaves(), 3) + "|",
       given);
  judge(model_.scopes_of(order));
  if (!failure_.empty()) return;
  if (late || order.cum() > allowed) {
    bool raised = false;
    for (const gateway::Alert& alert : gateway_.state().alerts) {
      raised = raised || (alert.alert >= alerts_before &&
                          (alert.code == order::AlertCode::kLateFill || alert.code == order::AlertCode::kOverfill));
    }
    if (!raised) fail("a late fill or an overfill raised no alert");
  }
}

void Flow::report() {
  int number = some_order(!one_in(6));
  if (number < 0) return new_order();
  Order& order = model_.orders[static_cast<std::size_t>(number)];
  Deal& deal = deals_[static_cast<std::size_t>(number)];
  const std::string figures = "14=" + decimal(order.cum(), 3) + "|151=" + decimal(order.leaves(), 3) + "|";
  const std::string status = order.cum() > 0 ? "1" : "0";
  const std::string& newest = deal.given[below(deal.given.size())];

  // A replace that waits is answered half of the time.
  std::vector<int> waiting;
  for (std::size_t r = 0; r < order.requests.size(); ++r) {
    if (order.requests[r].pending) waiting.push_back(static_cast<int>(r));
  }
  if (!waiting.empty() && one_in(2)) {
    const int request = waiting[below(waiting.size())];
    const std::string given = deal.given[static_cast<std::size_t>(request)];
    const std::string original = deal.given[static_cast<std::size_t>(order.live)];
    const std::uint64_t dice = below(10);
    if (dice < 2) return told(number, "17=" + exec_id() + "|150=E|39=E|" + figures, given, original);
    if (dice < 5) {
      model_.replace_refused(number, request);
      std::vector<Sent> sent;
      return say("35=9|37=N" + std::to_string(number) + "|11=" + given + "|41=" + original +
                     "|39=" + (order.leaves() == 0 ? "2" : status) + "|434=2|102=0|58=no|",
                 true, kBrokers[order.broker], sent);
    }
    Terms terms = order.requests[static_cast<std::size_t>(request)].terms;
    // New OrderQty at or below what is filled: the balance is cancelled, and the broker says so (D11).
    if (terms.qty < order.cum()) scale(terms, order.cum());
    model_.replaced(number, request, terms);
    const bool limited = terms.type == Type::kLimit || terms.type == Type::kStopLimit;
    deal.done_for_day = deal.suspended = false;
    deal.acknowledged = true;
    return told(number,
                "17=" + exec_id() + "|150=5|39=" + (order.leaves() == 0 ? "2" : status) +
                    "|38=" + decimal(terms.qty, 3) + "|14=" + decimal(order.cum(), 3) +
                    "|151=" + decimal(order.leaves(), 3) + "|" + (limited ? "44=" + decimal(terms.price, 8) + "|" : ""),
                given, original);
  }
  if (!deal.cancels.empty() && one_in(2)) {
    const std::string given = deal.cancels.front();
    const std::string original = deal.given[static_cast<std::size_t>(order.live)];
    const std::uint64_t dice = below(10);
    if (dice < 2) return told(number, "17=" + exec_id() + "|150=6|39=6|" + figures, given, original);
    deal.cancels.erase(deal.cancels.begin());
    if (dice < 5 || !order.is_open()) {
      std::vector<Sent> sent;
      return say("35=9|37=N" + std::to_string(number) + "|11=" + given + "|41=" + original + "|39=" + status +
                     "|434=1|102=0|58=no|",
                 true, kBrokers[order.broker], sent);
    }
    model_.ended(number);
    deal.cancels.clear();
    return told(number, "17=" + exec_id() + "|150=4|39=4|14=" + decimal(order.cum(), 3) + "|151=0|", given, original);
  }

  if (one_in(8)) return unasked(number);

  const std::uint64_t dice = below(100);
  if (order.is_open() && !deal.acknowledged && dice < 40) {
    if (dice < 5) return told(number, "17=" + exec_id() + "|150=A|39=A|" + figures, deal.given[0]);
    if (dice < 9 && order.cum() == 0) {
      model_.ended(number);
      deal.refused_by_broker = true;
      deal.cancels.clear();
      return told(number, "17=" + exec_id() + "|150=8|39=8|103=0|14=0|151=0|", deal.given[0]);
    }
    deal.acknowledged = true;
    return told(number, "17=" + exec_id() + "|150=0|39=0|" + figures, deal.given[0]);
  }
  if (dice < 60) {
    // A fill: a part, the rest, or more than there is; late when the order is over.
    if (deal.refused_by_broker) return new_order();
    Int qty = order.leaves();
    if (qty > 2'000 && !one_in(3)) qty = 1'000 * (1 + static_cast<Int>(below(static_cast<std::uint64_t>(qty / 1'000))));
    if (qty == 0 || one_in(40)) {
      if (!order.over && !one_in(4)) return new_order();
      qty += 1'000 * (1 + static_cast<Int>(below(order.dealt == Dealt::kUnits ? 8 : 200'000)));
    }
    if (one_in(30)) qty += static_cast<Int>(below(999)) + 1;  // crumbs of a unit
    deal.acknowledged = true;
    deal.done_for_day = false;
    return fill(number, qty, some_fill_price(order.instrument), exec_id(), newest);
  }
  if (dice < 75 && !deal.exec_ids.empty()) {
    const std::string ref = deal.exec_ids[below(deal.exec_ids.size())];
    const std::string id = exec_id();
    const bool correct = one_in(2);
    const bool fx = order.dealt != Dealt::kUnits;
    const Int qty = 1'000 * (1 + static_cast<Int>(below(fx ? 500'000 : 20)));
    const Int price = some_fill_price(order.instrument);
    Int price2 = 0;
    const std::string prices = some_prices(order, price, price2);
    const NodeId firm{Scope::kFirm, 0};
    const auto at = static_cast<std::size_t>(order.instrument);
    const InstrumentSums before = model_.sums_of(firm).instruments[at];
    const bool done = correct ? model_.correct(number, ref, id, qty, price, price2) : model_.bust(number, ref);
    if (done) ++(correct ? counts_.corrections : counts_.busts);
    if (done && correct) deal.exec_ids.push_back(id);
    told(number,
         "17=" + id + "|19=" + ref + (correct ? "|150=G" : "|150=H") + "|39=" + status + "|32=" + decimal(qty, 3) +
             prices + "|14=" + decimal(order.cum(), 3) + "|151=" + decimal(order.leaves(), 3) + "|",
         newest);
    // What is said of a day that ended flat, or of what was fixed, moves nothing, and losses are not looked at for it.
    const InstrumentSums& now = model_.sums_of(firm).instruments[at];
    if (now.position != before.position || now.cash != before.cash) judge(model_.scopes_of(order));
    return;
  }
  if (!order.is_open()) return new_order();
  if (dice < 80) {
    model_.ended(number);
    deal.cancels.clear();
    return told(number, "17=" + exec_id() + "|150=4|39=4|14=" + decimal(order.cum(), 3) + "|151=0|", deal.given[0]);
  }
  if (dice < 83) {
    model_.ended(number);
    deal.cancels.clear();
    return told(number, "17=" + exec_id() + "|150=C|39=C|14=" + decimal(order.cum(), 3) + "|151=0|", deal.given[0]);
  }
  if (dice < 86) {
    if (!order.good_till) {
      model_.ended(number);
      deal.cancels.clear();
    }
    deal.done_for_day = true;
    return told(number, "17=" + exec_id() + "|150=3|39=3|" + figures, deal.given[0]);
  }
  if (dice < 90) {
    // Restated; by less mostly, since a gateway cannot refuse it.
    Int qty = order.terms.qty / 2 + (one_in(4) ? order.terms.qty : 0);
    qty = worse(qty - qty % 1'000, order.cum() + 1'000);
    model_.restated(number, qty);
    deal.done_for_day = false;
    return told(number,
                "17=" + exec_id() + "|150=D|39=" + status + "|378=3|38=" + decimal(qty, 3) +
                    "|14=" + decimal(order.cum(), 3) + "|151=" + decimal(order.leaves(), 3) + "|",
                deal.given[static_cast<std::size_t>(order.live)]);
  }
  if (dice < 93) return told(number, "17=" + exec_id() + "|150=9|39=9|" + figures, newest);
  if (dice < 96) return told(number, "17=" + exec_id() + "|150=L|39=" + status + "|" + figures, newest);
  return told(number, "17=0|150=I|39=" + status + "|" + figures, newest);
}

// What a broker does of its own accord, and what it says of an order that is over.
void Flow::unasked(int number) {
  Order& order = model_.orders[static_cast<std::size_t>(number)];
  Deal& deal = deals_[static_cast<std::size_t>(number)];
  const std::string figures = "14=" + decimal(order.cum(), 3) + "|151=" + decimal(order.leaves(), 3) + "|";
  const std::string given = deal.given[static_cast<std::size_t>(order.live)];
  const bool open = order.is_open();
  const auto ends = [&] {
    if (open) model_.ended(number), ++counts_.unasked;
    if (open) deal.cancels.clear();
  };
  const auto says = [&](const std::string& type, const std::string& status, const std::string& more) {
    told(number, "17=" + exec_id() + "|150=" + type + "|39=" + status + "|" + more, given);
  };
  const std::string over = "14=" + decimal(order.cum(), 3) + "|151=0|";
  switch (below(8)) {
    case 0:  // refused after it was taken, which one that has executed cannot be
      if (order.cum() == 0) {
        ends();
        deal.refused_by_broker = deal.refused_by_broker || open;
      }
      return says("8", "8", "103=0|14=0|151=0|");
    case 1:
      if (order.leaves() > 0 || order.over) ends();
      return says("4", "4", over);
    case 2:
      ends();
      return says("C", "C", over);
    case 3:  // its answer to a question tells what its report has not
      ends();
      return told(number, "17=0|150=I|39=" + std::string(one_in(2) ? "4" : "C") + "|" + over, given);
    case 4:  // at a price that is guaranteed, but nothing is executed yet
      return says("7", "7", figures);
    case 5:  // back on the market, which opens one again that was done for its only day
      if (order.over) return says("4", "4", over);
      if (deal.done_for_day && open) deal.done_for_day = false;
      deal.acknowledged = deal.acknowledged || open;
      return says("0", "0", figures);
    case 6: {  // more of one that is filled opens it again; one that is over stays so
      const Int qty = order.cum() + 1'000 * (1 + static_cast<Int>(below(order.dealt == Dealt::kUnits ? 4 : 100'000)));
      if (!order.over) model_.restated(number, qty);
      deal.done_for_day = false;
      return says("D", order.cum() > 0 ? "1" : "0",
                  "378=3|38=" + decimal(qty, 3) + "|14=" + decimal(order.cum(), 3) + "|151=" +
                      decimal(order.leaves(), 3) + "|");
    }
    default:  // calculated: one that is filled is over then, too
      ends();
      if (!order.over) model_.ended(number);
      return says("B", "B", over);
  }
}

// What a broker should not say: an ExecID again, with the same or other content; an execution of no order of ours.
void Flow::odd_report() {
  const int number = some_order(false);
  if (number < 0 || one_in(4)) {
    const int broker = static_cast<int>(below(2)), instrument = static_cast<int>(below(5));
    const bool buy = one_in(2);
    const bool fx = model_.instruments[static_cast<std::size_t>(instrument)].is_fx();
    const Int qty = 1'000 * (1 + static_cast<Int>(below(fx ? 100'000 : 5)));
    const Int price = some_fill_price(instrument);
    model_.suspense_fill(broker, instrument, buy, qty, price);
    ++counts_.suspense;
    std::vector<Sent> sent;
    say("35=8|37=X|11=NOT-OURS-" + std::to_string(steps_) + "|17=" + exec_id() +
            "|150=F|39=1|55=" + model_.instruments[static_cast<std::size_t>(instrument)].symbol +
            "|54=" + side(true, broker, buy, Dealt::kBase, Type::kLimit) + "|38=" + decimal(qty, 3) +
            "|32=" + decimal(qty, 3) + "|31=" + decimal(price, 8) + "|14=" + decimal(qty, 3) + "|151=0|6=1|",
        true, kBrokers[broker], sent);
    return judge({{Scope::kFirm, 0}, {Scope::kBroker, broker}});
  }
  Deal& deal = deals_[static_cast<std::size_t>(number)];
  if (deal.last_report.empty() || deal.last_report.find("|17=0|") != std::string::npos) return new_order();
  std::string body = deal.last_report;
  if (one_in(3)) {
    const std::size_t at = body.find("|32=");
    if (at != std::string::npos) body.insert(at + 4, "1");  // the same ExecID(17), another LastQty(32)
  }
  ++counts_.duplicates;
  std::vector<Sent> sent;
  say(body, true, kBrokers[model_.orders[static_cast<std::size_t>(number)].broker], sent);
}

// The broker's Reject(3) or BusinessMessageReject(j) of an order or a replace of ours.
void Flow::refuse_message() {
  const int number = some_order(true);
  if (number < 0) return new_order();
  Order& order = model_.orders[static_cast<std::size_t>(number)];
  Deal& deal = deals_[static_cast<std::size_t>(number)];
  std::vector<Sent> sent;
  if (!deal.acknowledged && order.requests.size() == 1 && deal.cancels.empty() && order.cum() == 0 &&
      deal.last_report.empty()) {
    model_.ended(number);
    deal.refused_by_broker = true;
    return say("35=j|45=0|379=" + deal.given[0] + "|372=D|380=0|58=not today|", true, kBrokers[order.broker], sent);
  }
  for (std::size_t r = 0; r < order.requests.size(); ++r) {
    if (!order.requests[r].pending) continue;
    model_.replace_refused(number, static_cast<int>(r));
    return say("35=j|45=0|379=" + deal.given[r] + "|372=G|380=0|58=not today|", true, kBrokers[order.broker], sent);
  }
}

}  // namespace portcullis::scenarios::exact
