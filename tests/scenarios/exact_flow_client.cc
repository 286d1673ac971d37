#include "tests/scenarios/exact_flow_world.h"

namespace portcullis::scenarios::exact {

// What clients say.

void Flow::terms_fields(std::string& body, const Terms& terms, int far_date) {
  constexpr const char* kTypes[] = {"1", "2", "3", "4", "G"};
  body += std::string("40=") + kTypes[static_cast<int>(terms.type)] + "|";
  if (terms.price != 0) body += "44=" + decimal(terms.price, 8) + "|";
  if (terms.stop != 0) body += "99=" + decimal(terms.stop, 8) + "|";
  if (terms.type != Type::kSwap) return;
  // OrderQty2(192) is that of the near leg where it is not said.
  if (terms.qty2 != terms.qty || one_in(2)) body += "192=" + decimal(terms.qty2, 3) + "|";
  body += "640=" + decimal(terms.price2, 8) + "|193=" + fix_date(far_date) + "|";
}

std::string Flow::some_trader(int client) {
  const std::uint64_t dice = below(8);
  if (client == 0) return dice < 4 ? "ann" : dice < 6 ? "bob" : "";
  return dice < 3 ? "cid" : "";
}

void Flow::new_order() {
  Economics what;
  what.client = static_cast<int>(below(2));
  what.account = what.client == 1 ? 2 : static_cast<int>(below(2));
  if (one_in(100)) what.account = static_cast<int>(below(3));
  what.instrument = static_cast<int>(below(5));
  what.trader = some_trader(what.client);
  what.buys = one_in(2);
  const std::uint64_t dice = below(10);
  what.dealt = dice < 6 ? Dealt::kBase : dice < 9 ? Dealt::kTerm : Dealt::kCash;
  if (!model_.instruments[static_cast<std::size_t>(what.instrument)].is_fx()) what.dealt = Dealt::kUnits;
  what.terms = some_terms(what.instrument, what.buys, what.dealt, what.client == 0);
  if (one_in(12) && last_.instrument >= 0) what = last_;
  if (!model_.enabled[static_cast<std::size_t>(what.client)]) return ask_to_enable(what.client);
  last_ = what;
  const auto& [client, account, wanted, buys, dealt, terms, trader] = what;
  int instrument = wanted;
  std::string id = "C" + std::to_string(++ids_);
  const bool repeated = one_in(60) && !client_ids_[client].empty();
  if (repeated) id = client_ids_[client][below(client_ids_[client].size())];
  client_ids_[client].push_back(id);
  const bool good_till = one_in(4);
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(instrument)];
  Model::Dates dates;
  if (terms.type == Type::kSwap) dates.far = some_far_date();
  if (pair.ndf) {
    const int days = model_.spot_date() - model_.trade_date;
    dates.fixing = model_.trade_date + static_cast<int>(below(static_cast<std::uint64_t>(days) + 1));
  }
  std::string symbol = pair.symbol;
  if (one_in(150)) symbol = "EUR/CHF", instrument = -1;

  std::string body = "35=D|";
  if (!trader.empty()) body += "50=" + trader + "|";
  body += "11=" + id + "|1=" + kAccounts[account] + "|55=" + symbol +
          "|54=" + side(false, client, buys, dealt, terms.type) + "|";
  if (client == 1) body += "21=1|";
  if (dealt == Dealt::kTerm) body += "15=" + model_.currencies[static_cast<std::size_t>(pair.term)] + "|";
  body += (dealt == Dealt::kCash ? "152=" : "38=") + decimal(terms.qty, 3) + "|";
  terms_fields(body, terms, dates.far);
  if (dates.fixing != 0) body += "541=" + fix_date(dates.fixing) + "|";
  if (good_till) body += "59=1|";
  std::vector<Sent> sent;
  const std::string name = std::string(kClients[client]) + "/" + trader;
  int known = -1;
  for (std::size_t i = 0; i < model_.traders.size() && !trader.empty(); ++i) {
    if (model_.traders[i].name == name) known = static_cast<int>(i);
  }
  Prediction prediction = model_.predict_new(client, account, known, instrument, buys, dealt, terms, dates);
  say(body + std::string(kTime), false, kClients[client], sent);
  learn_traders();
  if (sent.size() != 1) return fail("an order has one answer, not " + std::to_string(sent.size()));
  const bool accepted = sent[0].type() == "D";
  if (repeated) {
    ++counts_.duplicates;
    if (accepted) fail("a ClOrdID(11) of this trading day was taken again");
    return;
  }
  const int broker = accepted ? index_in(model_.brokers, sent[0].session) : -1;
  const std::string control = accepted ? std::string() : control_of(sent[0][58]);
  const std::string wrong = prediction.contradiction(accepted, control, broker);
  if (!wrong.empty()) return fail("order " + id + " is " + wrong + "; the client was told: " + sent[0][58]);
  if (!accepted) {
    if (sent[0][150] != "8") fail("a refusal is ExecType(150) 8");
    ++counts_.refused;
    return;
  }
  ++counts_.accepted;
  for (const Candidate& candidate : prediction.candidates) {
    if (candidate.broker != broker) continue;
    prediction.large.insert(prediction.large.end(), candidate.large.begin(), candidate.large.end());
  }
  tell(prediction.large);
  counts_.swaps += terms.type == Type::kSwap ? 1 : 0;
  counts_.forwards += dates.fixing != 0 ? 1 : 0;
  counts_.futures += dealt == Dealt::kUnits ? 1 : 0;
  counts_.by_traders += trader.empty() ? 0 : 1;
  if (!trader.empty()) prediction.order.trader = model_.trader(name, client);
  prediction.order.broker = broker;
  prediction.order.good_till = good_till;
  model_.add(prediction.order);
  if (sent[0][54] != side_of(true, prediction.order))
    fail("the broker is told another Side(54): " + readable(sent[0].bytes));
  deals_.emplace_back();
  deals_.back().given = {sent[0][11]};
  deals_.back().client_id = {id};
}

void Flow::replace() {
  const int number = some_order(!one_in(15));
  if (number < 0) return new_order();
  Order& order = model_.orders[static_cast<std::size_t>(number)];
  if (!model_.enabled[static_cast<std::size_t>(order.client)]) return ask_to_enable(order.client);
  Deal& deal = deals_[static_cast<std::size_t>(number)];
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(order.instrument)];
  const bool swap = order.terms.type == Type::kSwap;
  const bool limited = order.terms.type == Type::kLimit || order.terms.type == Type::kStopLimit || swap;
  Terms terms = order.terms;
  if (!one_in(3)) {
    terms.qty = one_in(2) ? order.cum() + some_quantity(order.instrument, order.dealt)
                          : worse(order.terms.qty / 2, pair.minimum);
    terms.qty -= terms.qty % worse(pair.step, order.dealt == Dealt::kBase ? pair.step : Int{1'000});
    if (terms.qty == 0) terms.qty = 1'000;
    if (swap) {
      terms.qty2 = some_far_quantity(order.instrument, order.dealt, terms.qty);
    }
  }
  if (one_in(2) && limited) terms.price = some_price(order.instrument, order.buys_base);
  if (one_in(2) && swap) terms.price2 = some_price(order.instrument, !order.buys_base);
  const bool other_side = one_in(60);
  const std::string id = "C" + std::to_string(++ids_);
  const std::size_t of = below(deal.client_id.size());
  std::string body =
      "35=G|11=" + id + "|41=" + deal.client_id[of] + "|1=" + kAccounts[order.account] + "|55=" + pair.symbol +
      "|54=" + side(false, order.client, order.buys_base != other_side, order.dealt, order.terms.type) + "|";
  if (order.client == 1) body += "21=1|";
  if (order.dealt == Dealt::kTerm) body += "15=" + model_.currencies[static_cast<std::size_t>(pair.term)] + "|";
  body += (order.dealt == Dealt::kCash ? "152=" : "38=") + decimal(terms.qty, 3) + "|";
  terms_fields(body, terms, order.value_date2);
  if (order.good_till) body += "59=1|";
  int pending = 0;
  for (const Request& request : order.requests) pending += request.pending ? 1 : 0;
  const bool takes = order.is_open() && deal.cancels.empty() && pending < 15 && !other_side;
  Prediction prediction = model_.predict_replace(number, terms);
  std::vector<Sent> sent;
  say(body + std::string(kTime), false, kClients[order.client], sent);
  if (sent.size() != 1) return fail("a replace has one answer, not " + std::to_string(sent.size()));
  const bool accepted = sent[0].type() == "G";
  if (!takes) {
    if (accepted)
      fail("a replace went out that cannot be: the order is over, being cancelled, or its side would change");
    return;
  }
  const std::string wrong = prediction.contradiction(accepted, accepted ? std::string() : control_of(sent[0][58]), -1);
  if (!wrong.empty())
    return fail("replace " + id + " of order " + std::to_string(number) + " is " + wrong +
                "; the client was told: " + sent[0][58]);
  if (!accepted) {
    if (sent[0].type() != "9" || sent[0][434] != "2") fail("a refused replace is OrderCancelReject(9) with 434=2");
    ++counts_.replace_refused;
    return;
  }
  ++counts_.replaced;
  tell(prediction.large);
  model_.ask_replace(number, prediction.request);
  deal.given.push_back(sent[0][11]);
  deal.client_id.push_back(id);
}

void Flow::cancel() {
  const int number = some_order(true);
  if (number < 0) return new_order();
  const Order& order = model_.orders[static_cast<std::size_t>(number)];
  if (!model_.enabled[static_cast<std::size_t>(order.client)]) return ask_to_enable(order.client);
  Deal& deal = deals_[static_cast<std::size_t>(number)];
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(order.instrument)];
  std::vector<Sent> sent;
  say("35=F|11=C" + std::to_string(++ids_) + "|41=" + deal.client_id[0] + "|55=" + pair.symbol +
          "|54=" + side_of(false, order) + "|38=" + decimal(order.terms.qty, 3) + "|" + std::string(kTime),
      false, kClients[order.client], sent);
  if (sent.size() != 1) return fail("a cancel has one answer");
  if (sent[0].type() == "F")
    deal.cancels.push_back(sent[0][11]);
  else if (deal.cancels.empty())
    fail("a cancel of an open order is never refused: " + sent[0][58]);
}

}  // namespace portcullis::scenarios::exact
