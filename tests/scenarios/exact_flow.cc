#include "app/exposure_views.h"
#include "tests/scenarios/exact_flow_world.h"

namespace portcullis::scenarios::exact {

std::string Flow::step() {
  ++steps_;
  const std::uint64_t dice = below(1000);
  if (dice < 300)
    new_order();
  else if (dice < 410)
    replace();
  else if (dice < 470)
    cancel();
  else if (dice < 900)
    report();
  else if (dice < 930)
    odd_report();
  else if (dice < 940)
    refuse_message();
  else if (dice < 985)
    operate();
  else if (dice < 998)
    pause();
  else
    restart();
  if (failure_.empty()) failure_ = compare(steps_ % 16 == 0);
  return failure_;
}

std::string Flow::finish() {
  for (int i = 0; i < static_cast<int>(model_.orders.size()) && failure_.empty(); ++i) {
    // A filled order may hold what a pending replace would add: the broker refuses each.
    Deal& deal = deals_[static_cast<std::size_t>(i)];
    for (std::size_t r = 0; r < deal.given.size(); ++r) {
      if (!model_.orders[static_cast<std::size_t>(i)].requests[r].pending) continue;
      std::vector<Sent> sent;
      model_.replace_refused(i, static_cast<int>(r));
      say("35=9|37=N" + std::to_string(i) + "|11=" + deal.given[r] + "|41=" + deal.given[0] + "|39=0|434=2|58=no|",
          true, kBrokers[model_.orders[static_cast<std::size_t>(i)].broker], sent);
      learn(sent);
    }
    if (model_.orders[static_cast<std::size_t>(i)].is_open()) {
      model_.ended(i);
      told(i,
           "150=4|39=4|17=" + exec_id() + "|14=" + decimal(model_.orders[static_cast<std::size_t>(i)].cum(), 3) +
               "|151=0|",
           deal.given[0]);
    }
  }
  if (failure_.empty()) failure_ = compare(true);
  if (!failure_.empty()) return failure_;
  app::each_node(gateway_.state(), [&](const risk::Node& node) {
    const admin::ExposureView view = app::exposure_view(gateway_.state(), node);
    bool clean = view.open_orders == 0 && view.gross_open_notional.is_zero();
    for (const auto& each : view.instruments) clean = clean && each.open_buy.is_zero() && each.open_sell.is_zero();
    for (const auto& each : view.currencies) clean = clean && each.in.is_zero() && each.out.is_zero();
    if (!clean) fail("all orders are over, but " + view.scope + " " + view.id + " still holds something open");
  });
  return failure_;
}

// --- chance -----------------------------------------------------------------------------------------------------

int Flow::some_order(bool open) {
  const int count = static_cast<int>(model_.orders.size());
  if (count == 0) return -1;
  for (int tries = 0; tries < 8; ++tries) {
    const int i = count - 1 - static_cast<int>(below(static_cast<std::uint64_t>(std::min(count, open ? 120 : 300))));
    if (!open || model_.orders[static_cast<std::size_t>(i)].is_open()) return i;
  }
  return -1;
}

Int Flow::some_price(int instrument, bool buy) {
  const auto& quote = model_.quotes[static_cast<std::size_t>(instrument)];
  const Int tick = model_.instruments[static_cast<std::size_t>(instrument)].tick;
  Int price = (quote->bid + quote->ask) / 2;
  price += price * (static_cast<Int>(below(301)) - 150) / 10'000;  // within 1.5 %
  if (one_in(25)) price = price * (buy ? 103 : 97) / 100;
  price -= price % tick;
  if (one_in(60)) price += 1;
  return price;
}

Int Flow::some_fill_price(int instrument) {
  const auto& quote = model_.quotes[static_cast<std::size_t>(instrument)];
  const Int tick = model_.instruments[static_cast<std::size_t>(instrument)].tick;
  const Int price = quote->bid + static_cast<Int>(below(41)) * tick - 20 * tick;
  return price - price % tick;
}

Int Flow::some_quantity(int instrument, Dealt dealt) {
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(instrument)];
  Int units = 1'000 + static_cast<Int>(below(one_in(4) ? 3'000'000 : 400'000));
  if (one_in(40)) units = static_cast<Int>(below(1'200));
  if (one_in(40)) units += 2'000'000;
  if (dealt != Dealt::kBase && pair.term == 3) units *= 150;
  Int qty = units * 1'000;
  if (pair.step < 1'000 && dealt == Dealt::kBase) qty += static_cast<Int>(below(1'000));
  if (one_in(80)) qty += 1;
  return qty;
}

// Mostly that of the near leg, else from half to one and a half of it.
Int Flow::some_far_quantity(int instrument, Dealt dealt, Int qty) {
  if (one_in(2)) return qty;
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(instrument)];
  const Int step = dealt == Dealt::kBase ? pair.step : Int{1'000};
  const Int part = qty * static_cast<Int>(500 + below(1'001)) / 1'000;
  return worse(part - part % step, step);
}

Terms Flow::some_terms(int instrument, bool buys, Dealt dealt, bool may_swap) {
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(instrument)];
  Terms terms;
  terms.qty = some_quantity(instrument, dealt);
  if (may_swap && dealt != Dealt::kCash && !pair.ndf && one_in(5)) {
    terms.type = Type::kSwap;
    terms.price = some_price(instrument, buys);
    terms.price2 = some_price(instrument, !buys);
    terms.qty2 = some_far_quantity(instrument, dealt, terms.qty);
    return terms;
  }
  const std::uint64_t dice = below(10);
  terms.type = dice < 6 ? Type::kLimit : dice < 8 ? Type::kMarket : dice == 8 ? Type::kStop : Type::kStopLimit;
  if (terms.type == Type::kLimit || terms.type == Type::kStopLimit) terms.price = some_price(instrument, buys);
  if (terms.type == Type::kStop || terms.type == Type::kStopLimit) terms.stop = some_price(instrument, buys);
  return terms;
}

// A weekday behind spot.
int Flow::some_far_date() {
  int date = model_.spot_date() + 1 + static_cast<int>(below(12));
  while ((date + 4) % 7 == 0 || (date + 4) % 7 == 6) ++date;
  return date;
}

const char* Flow::side(bool of_broker, int party, bool buys, Dealt dealt, Type type) const {
  const auto at = static_cast<std::size_t>(party);
  const config::SideBasis basis =
      of_broker ? configuration_.brokers[at].dialect.side_basis : configuration_.clients[at].side_basis;
  const config::SwapSideLeg leg =
      of_broker ? configuration_.brokers[at].dialect.swap_side_leg : configuration_.clients[at].swap_side_leg;
  const bool of_term = dealt == Dealt::kTerm && basis == config::SideBasis::kDealt;
  const bool of_far_leg = type == Type::kSwap && leg == config::SwapSideLeg::kFar;
  return buys != (of_term != of_far_leg) ? "1" : "2";
}

// --- what is said ---------------------------------------------------------------------------------------------------

void Flow::say(const std::string& body, bool broker, const std::string& who, std::vector<Sent>& sent) {
  lines_.push_back(who + ": " + body);
  if (lines_.size() > 40) lines_.erase(lines_.begin());
  sent = broker ? gateway_.from_broker(who, body) : gateway_.from_client(who, body);
  for (const Sent& message : sent) lines_.push_back("   -> " + message.session + ": " + readable(message.bytes));
}

// Cancels that the gateway sends of itself.
void Flow::learn(const std::vector<Sent>& sent) {
  for (const Sent& message : sent) {
    if (message.type() != "F") continue;
    for (Deal& deal : deals_) {
      if (std::find(deal.given.begin(), deal.given.end(), message[41]) != deal.given.end())
        deal.cancels.push_back(message[11]);
    }
  }
}

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

void Flow::new_order() {
  const int client = static_cast<int>(below(2));
  int account = client == 1 ? 2 : static_cast<int>(below(2));
  if (one_in(100)) account = static_cast<int>(below(3));
  int instrument = static_cast<int>(below(4));
  const bool buys = one_in(2);
  const std::uint64_t dice = below(10);
  const Dealt dealt = dice < 6 ? Dealt::kBase : dice < 9 ? Dealt::kTerm : Dealt::kCash;
  const Terms terms = some_terms(instrument, buys, dealt, client == 0);
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

  std::string body = "35=D|11=" + id + "|1=" + kAccounts[account] + "|55=" + symbol +
                     "|54=" + side(false, client, buys, dealt, terms.type) + "|";
  if (client == 1) body += "21=1|";
  if (dealt == Dealt::kTerm) body += "15=" + model_.currencies[static_cast<std::size_t>(pair.term)] + "|";
  body += (dealt == Dealt::kCash ? "152=" : "38=") + decimal(terms.qty, 3) + "|";
  terms_fields(body, terms, dates.far);
  if (dates.fixing != 0) body += "541=" + fix_date(dates.fixing) + "|";
  if (good_till) body += "59=1|";
  std::vector<Sent> sent;
  Prediction prediction = model_.predict_new(client, account, instrument, buys, dealt, terms, dates);
  say(body + std::string(kTime), false, kClients[client], sent);
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
  counts_.swaps += terms.type == Type::kSwap ? 1 : 0;
  counts_.forwards += dates.fixing != 0 ? 1 : 0;
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
  order.requests.push_back(prediction.request);
  deal.given.push_back(sent[0][11]);
  deal.client_id.push_back(id);
}

void Flow::cancel() {
  const int number = some_order(true);
  if (number < 0) return new_order();
  const Order& order = model_.orders[static_cast<std::size_t>(number)];
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
