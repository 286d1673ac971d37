#include "tests/scenarios/exact_flow.h"

#include <algorithm>
#include <map>

#include "app/exposure_views.h"
#include "base/check.h"
#include "gateway/record.h"
#include "risk/limits.h"

namespace portcullis::scenarios::exact {
namespace {

using gateway::testing::Gateway;
using gateway::testing::Sent;

constexpr const char* kClients[] = {"alpha", "beta"};
constexpr const char* kBrokers[] = {"northbank", "southbank"};
constexpr const char* kAccounts[] = {"ALPHA-1", "ALPHA-2", "BETA-1"};
constexpr std::string_view kTime = "60=20261123-12:00:00|";

constexpr std::pair<config::Limit, Limit> kSame[] = {{config::Limit::kMaxOrderQuantity, Limit::kOrderQuantity},
                                                     {config::Limit::kMaxOrderNotional, Limit::kOrderNotional},
                                                     {config::Limit::kPriceCollarPercent, Limit::kCollar},
                                                     {config::Limit::kMaxOpenOrders, Limit::kOpenOrders},
                                                     {config::Limit::kMaxGrossOpenNotional, Limit::kGross},
                                                     {config::Limit::kMaxLongPosition, Limit::kLong},
                                                     {config::Limit::kMaxShortPosition, Limit::kShort},
                                                     {config::Limit::kMaxCurrencyPosition, Limit::kCurrency},
                                                     {config::Limit::kMaxNetOpenPosition, Limit::kNet},
                                                     {config::Limit::kMaxDailyVolume, Limit::kVolume},
                                                     {config::Limit::kMaxDailySettlement, Limit::kSettlement}};

config::Instrument pair(std::string base, std::string term, std::string_view tick) {
  config::Instrument i;
  i.symbol = base + "/" + term;
  i.base = std::move(base);
  i.term = std::move(term);
  i.price_tick = *Price::parse(tick);
  i.quantity_min = Quantity::of(1'000);
  return i;
}

// Limits that bind now and then.
config::Config some_configuration(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t count) { return static_cast<std::int64_t>(random() % count); };
  config::Config c = gateway::testing::small_configuration();
  c.instruments = {pair("EUR", "USD", "0.00001"), pair("GBP", "USD", "0.00001"), pair("USD", "JPY", "0.001"),
                   pair("EUR", "JPY", "0.001")};
  c.instruments[1].quantity_step = *Quantity::parse("0.001");
  c.reference.quotes.push_back({"EUR/JPY", *Price::parse("164.99"), *Price::parse("165.01")});
  c.reference.stale_after = Duration::seconds(below(3) == 0 ? 60 : 0);
  for (config::Client& client : c.clients) {
    client.throttle.burst = client.throttle.messages_per_second = 1'000'000;
  }
  for (config::Broker& broker : c.brokers) {
    broker.throttle.burst = broker.throttle.messages_per_second = 1'000'000;
    broker.version = config::FixVersion::kFix44;
    broker.reconcile = config::Reconcile::kNone;
  }
  for (const char* currency : {"USD", "EUR", "GBP", "JPY"}) c.risk.calendars.push_back(config::Calendar{currency, {}});
  config::LimitSet& firm = c.risk.firm;
  firm.price_collar_percent = config::Percent::of(2);
  firm.max_open_orders = 100;
  firm.max_order_notional = Amount::of(3'000'000);
  firm.max_order_quantity = Quantity::of(2'800'000);
  firm.max_gross_open_notional = Amount::of(30'000'000 + below(60'000'000));
  firm.max_long_position = firm.max_short_position = Quantity::of(10'000'000 + below(20'000'000));
  firm.max_currency_position = firm.max_net_open_position = Amount::of(10'000'000 + below(60'000'000));
  firm.max_daily_settlement = Amount::of(20'000'000 + below(60'000'000));
  firm.max_daily_volume = Amount::of(100'000'000 + below(900'000'000));
  firm.max_daily_loss = Amount::of(1'000'000'000'000);
  firm.duplicate_orders = config::DuplicateOrders{1'000'000, Duration::seconds(1)};
  firm.repeated_executions = 1'000'000'000;
  config::LimitSet account;
  account.max_open_orders = 20 + below(30);
  account.max_long_position = Quantity::of(3'000'000 + below(10'000'000));
  account.max_short_position = Quantity::of(3'000'000 + below(10'000'000));
  account.max_net_open_position = Amount::of(5'000'000 + below(20'000'000));
  c.risk.accounts = {config::ScopeLimits{"ALPHA-1", account}};
  config::LimitSet client;
  client.max_gross_open_notional = Amount::of(10'000'000 + below(20'000'000));
  client.price_collar_percent = config::Percent::of(1);
  c.risk.clients = {config::ScopeLimits{"beta", client}};
  config::LimitSet broker;
  broker.max_gross_open_notional = Amount::of(8'000'000 + below(10'000'000));
  broker.max_order_quantity = Quantity::of(2'500'000);
  c.risk.brokers = {config::ScopeLimits{"northbank", broker}};
  config::LimitSet instrument;
  instrument.max_short_position = Quantity::of(8'000'000 + below(20'000'000));
  c.risk.instruments = {config::ScopeLimits{"EUR/USD", instrument}};
  return c;
}

void copy_limits(Model::Node& node, const config::LimitSet& set) {
  for (const auto& [theirs, ours] : kSame) {
    if (const auto value = config::get_limit(set, theirs)) {
      node.limits[static_cast<std::size_t>(ours)] = risk::to_raw(*value);
    }
  }
}

int index_in(const std::vector<std::string>& names, std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<int>(i);
  }
  return -1;
}

// "RISK-7 D3: …" gives D3; what is no control of risk gives nothing.
std::string control_of(const std::string& text) {
  if (!text.starts_with("RISK-")) return {};
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) return {};
  return text.substr(space + 1, text.find_first_of(": ", space + 1) - space - 1);
}

Int worse_of(Int a, Int b) {
  return a > b ? a : b;
}

std::string readable(std::string bytes) {
  std::replace(bytes.begin(), bytes.end(), '\x01', '|');
  return bytes;
}

}  // namespace

Flow::Flow(std::uint64_t seed) : random_(seed), configuration_(some_configuration(random_)), gateway_(configuration_) {
  model_.currencies = {"USD", "EUR", "GBP", "JPY"};
  model_.clients = {"alpha", "beta"};
  model_.brokers = {"northbank", "southbank"};
  model_.accounts = {{"ALPHA-1", 0}, {"ALPHA-2", 0}, {"BETA-1", 1}};
  model_.stale_after_ms = configuration_.reference.stale_after.ms();
  model_.rates.resize(4);
  const auto now = gateway_.now().ns() / 1'000'000;
  model_.now_ms = now;
  model_.trade_date = 20'780;  // 2026-11-23, a Monday
  gateway_.command(order::RollDay{model_.trade_date});
  for (const auto& rate : configuration_.reference.rates) {
    model_.rates[static_cast<std::size_t>(index_in(model_.currencies, rate.currency))] =
        Model::Value{rate.rate.raw(), now};
  }
  for (const config::Instrument& each : configuration_.instruments) {
    Model::Instrument instrument;
    instrument.symbol = each.symbol;
    instrument.base = index_in(model_.currencies, each.base);
    instrument.term = index_in(model_.currencies, each.term);
    instrument.tick = each.price_tick.raw();
    instrument.minimum = each.quantity_min.raw();
    instrument.step = each.quantity_step.raw();
    instrument.brokers =
        each.symbol == "EUR/USD" || each.symbol == "GBP/USD" ? std::vector<int>{0, 1} : std::vector<int>{1};
    model_.instruments.push_back(instrument);
    model_.quotes.emplace_back();
    for (const auto& quote : configuration_.reference.quotes) {
      if (quote.symbol == each.symbol) model_.quotes.back() = Model::Quote{quote.bid.raw(), quote.ask.raw(), now};
    }
  }
  for (const auto& [theirs, ours] : kSame) {
    model_.enforced[static_cast<std::size_t>(ours)] = config::limit_info(theirs).enforced;
  }
  copy_limits(model_.node({Scope::kFirm, 0}), configuration_.risk.firm);
  copy_limits(model_.node({Scope::kAccount, 0}), configuration_.risk.accounts[0].limits);
  copy_limits(model_.node({Scope::kClient, 1}), configuration_.risk.clients[0].limits);
  copy_limits(model_.node({Scope::kBroker, 0}), configuration_.risk.brokers[0].limits);
  copy_limits(model_.node({Scope::kInstrument, 0}), configuration_.risk.instruments[0].limits);
}

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

Terms Flow::some_terms(int instrument, bool buy, Dealt dealt) {
  const bool buys = dealt == Dealt::kTerm ? !buy : buy;
  Terms terms;
  terms.qty = some_quantity(instrument, dealt);
  const std::uint64_t dice = below(10);
  terms.type = dice < 6 ? Type::kLimit : dice < 8 ? Type::kMarket : dice == 8 ? Type::kStop : Type::kStopLimit;
  if (terms.type == Type::kLimit || terms.type == Type::kStopLimit) terms.price = some_price(instrument, buys);
  if (terms.type == Type::kStop || terms.type == Type::kStopLimit) terms.stop = some_price(instrument, buys);
  return terms;
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

namespace {
void terms_fields(std::string& body, const Terms& terms) {
  constexpr const char* kTypes[] = {"1", "2", "3", "4"};
  body += std::string("40=") + kTypes[static_cast<int>(terms.type)] + "|";
  if (terms.type == Type::kLimit || terms.type == Type::kStopLimit) body += "44=" + decimal(terms.price, 8) + "|";
  if (terms.type == Type::kStop || terms.type == Type::kStopLimit) body += "99=" + decimal(terms.stop, 8) + "|";
}

}  // namespace

void Flow::new_order() {
  const int client = static_cast<int>(below(2));
  int account = client == 1 ? 2 : static_cast<int>(below(2));
  if (one_in(100)) account = static_cast<int>(below(3));
  int instrument = static_cast<int>(below(4));
  const bool buy = one_in(2);
  const std::uint64_t dice = below(10);
  const Dealt dealt = dice < 6 ? Dealt::kBase : dice < 9 ? Dealt::kTerm : Dealt::kCash;
  const Terms terms = some_terms(instrument, buy, dealt);
  std::string id = "C" + std::to_string(++ids_);
  const bool repeated = one_in(60) && !client_ids_[client].empty();
  if (repeated) id = client_ids_[client][below(client_ids_[client].size())];
  client_ids_[client].push_back(id);
  const bool good_till = one_in(4);
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(instrument)];
  std::string symbol = pair.symbol;
  if (one_in(150)) symbol = "EUR/CHF", instrument = -1;

  std::string body = "35=D|11=" + id + "|1=" + kAccounts[account] + "|55=" + symbol + "|54=" + (buy ? "1|" : "2|");
  if (client == 1) body += "21=1|";
  if (dealt == Dealt::kTerm) body += "15=" + model_.currencies[static_cast<std::size_t>(pair.term)] + "|";
  body += (dealt == Dealt::kCash ? "152=" : "38=") + decimal(terms.qty, 3) + "|";
  terms_fields(body, terms);
  if (good_till) body += "59=1|";
  std::vector<Sent> sent;
  Prediction prediction = model_.predict_new(client, account, instrument, buy, dealt, terms);
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
  prediction.order.broker = broker;
  prediction.order.good_till = good_till;
  model_.add(prediction.order);
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
  const bool limited = order.terms.type == Type::kLimit || order.terms.type == Type::kStopLimit;
  Terms terms = order.terms;
  if (!one_in(3)) {
    terms.qty = one_in(2) ? order.cum() + some_quantity(order.instrument, order.dealt)
                          : worse_of(order.terms.qty / 2, pair.minimum);
    terms.qty -= terms.qty % worse_of(pair.step, order.dealt == Dealt::kBase ? pair.step : Int{1'000});
    if (terms.qty == 0) terms.qty = 1'000;
  }
  if (one_in(2) && limited) terms.price = some_price(order.instrument, order.buys_base);
  const bool buy = order.dealt == Dealt::kTerm ? !order.buys_base : order.buys_base;
  const bool other_side = one_in(60);
  const std::string id = "C" + std::to_string(++ids_);
  const std::size_t of = below(deal.client_id.size());
  std::string body = "35=G|11=" + id + "|41=" + deal.client_id[of] + "|1=" + kAccounts[order.account] +
                     "|55=" + pair.symbol + "|54=" + (buy != other_side ? "1|" : "2|");
  if (order.client == 1) body += "21=1|";
  if (order.dealt == Dealt::kTerm) body += "15=" + model_.currencies[static_cast<std::size_t>(pair.term)] + "|";
  body += (order.dealt == Dealt::kCash ? "152=" : "38=") + decimal(terms.qty, 3) + "|";
  terms_fields(body, terms);
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
  const bool buy = order.dealt == Dealt::kTerm ? !order.buys_base : order.buys_base;
  say("35=F|11=C" + std::to_string(++ids_) + "|41=" + deal.client_id[0] + "|55=" + pair.symbol +
          "|54=" + (buy ? "1" : "2") + "|38=" + decimal(order.terms.qty, 3) + "|" + std::string(kTime),
      false, kClients[order.client], sent);
  if (sent.size() != 1) return fail("a cancel has one answer");
  if (sent[0].type() == "F")
    deal.cancels.push_back(sent[0][11]);
  else if (deal.cancels.empty())
    fail("a cancel of an open order is never refused: " + sent[0][58]);
}

void Flow::told(int number, const std::string& fields, const std::string& given, const std::string& orig) {
  const Order& order = model_.orders[static_cast<std::size_t>(number)];
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(order.instrument)];
  const bool buy = order.dealt == Dealt::kTerm ? !order.buys_base : order.buys_base;
  std::string body = "35=8|37=N" + std::to_string(number) + "|11=" + given + "|";
  if (!orig.empty()) body += "41=" + orig + "|";
  body += fields + "55=" + pair.symbol + "|54=" + (buy ? "1|" : "2|");
  if (order.dealt == Dealt::kTerm) body += "15=" + model_.currencies[static_cast<std::size_t>(pair.term)] + "|";
  if (fields.find("|38=") == std::string::npos && fields.find("38=") != 0)
    body += "38=" + decimal(order.terms.qty, 3) + "|";
  body += "6=1|" + std::string(kTime);
  deals_[static_cast<std::size_t>(number)].last_report = body;
  std::vector<Sent> sent;
  say(body, true, kBrokers[order.broker], sent);
  learn(sent);
  if (after_report) after_report(gateway_);
}

void Flow::fill(int number, Int qty, Int price, const std::string& id, const std::string& given) {
  Order& order = model_.orders[static_cast<std::size_t>(number)];
  const bool late = order.over;
  Int allowed = order.terms.qty;
  for (const Request& request : order.requests) {
    if (request.pending) allowed = worse_of(allowed, request.terms.qty);
  }
  model_.fill(number, id, qty, price);
  deals_[static_cast<std::size_t>(number)].exec_ids.push_back(id);
  const std::uint64_t alerts_before = gateway_.state().alert_count;
  ++counts_.fills;
  counts_.late += late ? 1 : 0;
  counts_.overfills += !late && order.cum() > allowed ? 1 : 0;
  told(number,
       "17=" + id + "|150=F|39=" + (order.leaves() == 0 ? "2" : "1") + "|32=" + decimal(qty, 3) +
           "|31=" + decimal(price, 8) + "|14=" + decimal(order.cum(), 3) + "|151=" + decimal(order.leaves(), 3) + "|",
       given);
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
    if (terms.qty < order.cum()) terms.qty = order.cum();
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
      qty += 1'000 * (1 + static_cast<Int>(below(200'000)));
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
    const Int qty = 1'000 * (1 + static_cast<Int>(below(500'000)));
    const Int price = some_fill_price(order.instrument);
    const bool done = correct ? model_.correct(number, ref, id, qty, price) : model_.bust(number, ref);
    if (done) ++(correct ? counts_.corrections : counts_.busts);
    if (done && correct) deal.exec_ids.push_back(id);
    return told(number,
                "17=" + id + "|19=" + ref + (correct ? "|150=G" : "|150=H") + "|39=" + status +
                    "|32=" + decimal(qty, 3) + "|31=" + decimal(price, 8) + "|14=" + decimal(order.cum(), 3) +
                    "|151=" + decimal(order.leaves(), 3) + "|",
                newest);
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
    qty = worse_of(qty - qty % 1'000, order.cum() + 1'000);
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

// What a broker should not say: an ExecID again, with the same or other content; an execution of no order of ours.
void Flow::odd_report() {
  const int number = some_order(false);
  if (number < 0 || one_in(4)) {
    const int broker = static_cast<int>(below(2)), instrument = static_cast<int>(below(4));
    const bool buy = one_in(2);
    const Int qty = 1'000 * (1 + static_cast<Int>(below(100'000)));
    const Int price = some_fill_price(instrument);
    model_.suspense_fill(broker, instrument, buy, qty, price);
    ++counts_.suspense;
    std::vector<Sent> sent;
    return say("35=8|37=X|11=NOT-OURS-" + std::to_string(steps_) + "|17=" + exec_id() +
                   "|150=F|39=1|55=" + model_.instruments[static_cast<std::size_t>(instrument)].symbol +
                   "|54=" + (buy ? "1" : "2") + "|38=" + decimal(qty, 3) + "|32=" + decimal(qty, 3) +
                   "|31=" + decimal(price, 8) + "|14=" + decimal(qty, 3) + "|151=0|6=1|",
               true, kBrokers[broker], sent);
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

// --- operators, time, restarts --------------------------------------------------------------------------------------

void Flow::operate() {
  const order::UserText user("risk1");
  const std::int64_t now = gateway_.now().ns() / 1'000'000;
  const std::uint64_t dice = below(20);
  if (dice < 5) {
    const int currency = 1 + static_cast<int>(below(3));
    Int rate = model_.rates[static_cast<std::size_t>(currency)]->value;
    rate += rate * (static_cast<Int>(below(201)) - 100) / 10'000;
    model_.rates[static_cast<std::size_t>(currency)] = Model::Value{rate, now};
    told_rates_[static_cast<std::size_t>(currency)] = true;
    const auto index = gateway_.state().currencies.find(model_.currencies[static_cast<std::size_t>(currency)]);
    gateway_.command(order::SetRate{order::CurrencyId(static_cast<std::uint16_t>(index)),
                                    Rate::from_raw(static_cast<std::int64_t>(rate)), user});
    lines_.push_back("rate of " + model_.currencies[static_cast<std::size_t>(currency)] + " " + decimal(rate, 12));
  } else if (dice < 11) {
    const int instrument = static_cast<int>(below(4));
    const Int tick = model_.instruments[static_cast<std::size_t>(instrument)].tick;
    Model::Quote& quote = *model_.quotes[static_cast<std::size_t>(instrument)];
    Int bid = quote.bid + quote.bid * (static_cast<Int>(below(201)) - 100) / 20'000;
    bid -= bid % tick;
    told_quotes_[static_cast<std::size_t>(instrument)] = true;
    quote = Model::Quote{bid, bid + tick * static_cast<Int>(1 + below(40)), now};
    const auto index =
        gateway_.state().instruments.find(model_.instruments[static_cast<std::size_t>(instrument)].symbol);
    gateway_.command(order::SetQuote{order::InstrumentId(index), Price::from_raw(static_cast<std::int64_t>(quote.bid)),
                                     Price::from_raw(static_cast<std::int64_t>(quote.ask)), user});
    lines_.push_back("quote of " + model_.instruments[static_cast<std::size_t>(instrument)].symbol + " " +
                     decimal(quote.bid, 8) + "/" + decimal(quote.ask, 8));
  } else if (dice < 17) {
    const std::vector<NodeId> nodes = model_.all_nodes();
    const NodeId node = nodes[below(nodes.size())];
    const auto& [theirs, ours] = kSame[below(std::size(kSame))];
    order::SetLimit limit;
    constexpr order::Scope kScopes[] = {order::Scope::kFirm, order::Scope::kClient, order::Scope::kAccount,
                                        order::Scope::kBroker, order::Scope::kInstrument};
    if (!config::limit_info(theirs).scopes.contains(node.scope == Scope::kFirm      ? config::LimitScope::kFirm
                                                    : node.scope == Scope::kClient  ? config::LimitScope::kClient
                                                    : node.scope == Scope::kAccount ? config::LimitScope::kAccount
                                                    : node.scope == Scope::kBroker  ? config::LimitScope::kBroker
                                                                                   : config::LimitScope::kInstrument)) {
      return pause();
    }
    std::int64_t value = 0;
    switch (ours) {
      case Limit::kOrderQuantity:
        value = static_cast<std::int64_t>(1'000'000 + below(3'000'000)) * 1'000;
        break;
      case Limit::kOrderNotional:
        value = static_cast<std::int64_t>(1'000'000 + below(3'000'000)) * 100;
        break;
      case Limit::kCollar:
        value = static_cast<std::int64_t>(500'000 + below(2'000'000));
        break;
      case Limit::kOpenOrders:
        value = static_cast<std::int64_t>(20 + below(80));
        break;
      case Limit::kGross:
        value = static_cast<std::int64_t>(5'000'000 + below(60'000'000)) * 100;
        break;
      case Limit::kLong:
      case Limit::kShort:
        value = static_cast<std::int64_t>(2'000'000 + below(20'000'000)) * 1'000;
        break;
      default:
        value = static_cast<std::int64_t>(10'000'000 + below(200'000'000)) * 100;
        break;
    }
    limit.scope = kScopes[static_cast<int>(node.scope)];
    limit.id = static_cast<std::uint32_t>(node.index);
    limit.limit = static_cast<std::uint16_t>(theirs);
    limit.value = value;
    limit.user = user;
    gateway_.command(limit);
    if (gateway_.last_outcome().reject)
      return fail("a limit is refused: " + std::string(gateway_.last_outcome().reject.text.view()));
    model_.node(node).limits[static_cast<std::size_t>(ours)] = value;
    lines_.push_back("limit " + std::string(config::limit_info(theirs).name) + " of scope " +
                     std::to_string(static_cast<int>(node.scope)) + " " + std::to_string(node.index) + " " +
                     std::to_string(value));
  } else {
    const std::vector<NodeId> nodes = model_.all_nodes();
    NodeId node = nodes[below(nodes.size())];
    // What is not active is set back, mostly.
    for (const NodeId each : nodes) {
      if (model_.node(each).condition != Condition::kActive && !one_in(4)) node = each;
    }
    Model::Node& here = model_.node(node);
    here.condition = here.condition != Condition::kActive        ? Condition::kActive
                     : one_in(2) && node.scope != Scope::kBroker ? Condition::kReduceOnly
                                                                 : Condition::kBlockNew;
    constexpr order::Scope kScopes[] = {order::Scope::kFirm, order::Scope::kClient, order::Scope::kAccount,
                                        order::Scope::kBroker, order::Scope::kInstrument};
    constexpr order::ScopeState kStates[] = {order::ScopeState::kActive, order::ScopeState::kReduceOnly,
                                             order::ScopeState::kBlockNew};
    gateway_.command(order::SetScopeState{kScopes[static_cast<int>(node.scope)], static_cast<std::uint32_t>(node.index),
                                          kStates[static_cast<int>(here.condition)], user,
                                          order::ReasonText("by chance")});
    if (gateway_.last_outcome().reject)
      return fail("a state is refused: " + std::string(gateway_.last_outcome().reject.text.view()));
    lines_.push_back("state of scope " + std::to_string(static_cast<int>(node.scope)) + " " +
                     std::to_string(node.index) + " " + std::to_string(static_cast<int>(here.condition)));
  }
}

void Flow::pause() {
  if (one_in(12)) {
    ++counts_.rolls;
    ++model_.day;
    model_.trade_date += (model_.trade_date + 4) % 7 == 5 ? 3 : 1;  // no weekends
    gateway_.command(order::RollDay{model_.trade_date});
    if (gateway_.last_outcome().reject) return fail("the day does not roll");
    lines_.push_back("the day rolls");
    // ClOrdIDs of orders that are over may come again; the flow does not try which.
    client_ids_[0].clear();
    client_ids_[1].clear();
    return;
  }
  const Duration time = Duration::milliseconds(static_cast<std::int64_t>(below(one_in(8) ? 90'000 : 3'000)));
  learn(gateway_.pass(time));
  model_.now_ms = gateway_.now().ns() / 1'000'000;
  lines_.push_back("time passes: " + std::to_string(time.ms()) + " ms");
}

// A start from a snapshot, or from the journal alone.
void Flow::restart() {
  ++counts_.restarts;
  journal_.insert(journal_.end(), gateway_.records().begin(), gateway_.records().end());
  const bool snapshot = one_in(2);
  gateway_ = snapshot ? Gateway::recovered_from(gateway_) : Gateway::folded_from(gateway_, journal_);
  lines_.push_back(snapshot ? "restart from a snapshot" : "restart from the journal");
  // What things are worth in the risk currency is known again with the configuration.
  failure_ = compare(false);
  gateway_.restart();
  // The file is read again: what nobody has told better is as of now.
  for (std::size_t c = 0; c < model_.rates.size(); ++c) {
    if (model_.rates[c] && !told_rates_[c]) model_.rates[c]->time_ms = model_.now_ms;
  }
  for (std::size_t i = 0; i < model_.quotes.size(); ++i) {
    if (!told_quotes_[i]) model_.quotes[i]->time_ms = model_.now_ms;
  }
  for (const char* client : kClients) gateway_.log_on(client, false);
  for (const char* broker : kBrokers) {
    learn(gateway_.log_on(broker, true));
    learn(gateway_.drained(broker));
  }
  learn(gateway_.pass(Duration()));
}

// --- the comparison
// ---------------------------------------------------------------------------------------------------

std::string Flow::compare(bool everything) {
  const std::vector<Sums> sums = model_.sums();
  std::string wrong;
  std::size_t compared = 0;
  const std::vector<NodeId> nodes = model_.all_nodes();
  const auto place_of = [&](const std::string& scope, const std::string& id) -> std::size_t {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto index = static_cast<std::size_t>(nodes[i].index);
      switch (nodes[i].scope) {
        case Scope::kFirm:
          if (scope == "firm") return i;
          break;
        case Scope::kClient:
          if (scope == "client" && id == model_.clients[index]) return i;
          break;
        case Scope::kAccount:
          if (scope == "account" && id == model_.accounts[index].name) return i;
          break;
        case Scope::kBroker:
          if (scope == "broker" && id == model_.brokers[index]) return i;
          break;
        case Scope::kInstrument:
          if (scope == "instrument" && id == model_.instruments[index].symbol) return i;
          break;
      }
    }
    return nodes.size();
  };
  const auto differ = [&](const admin::ExposureView& view, const std::string& what, Int core, Int model, int scale) {
    if (wrong.empty() && core != model) {
      wrong = view.scope + " " + view.id + ": " + what + " is " + decimal(core, scale) + ", the model says " +
              decimal(model, scale);
    }
  };
  app::each_node(gateway_.state(), [&](const risk::Node& node) {
    const admin::ExposureView view = app::exposure_view(gateway_.state(), node);
    const std::size_t at = place_of(view.scope, view.id);
    if (at == nodes.size()) return;  // a scope that the flow does not use
    ++compared;
    const Sums& expected = sums[at];
    std::vector<bool> seen_instruments(model_.instruments.size()), seen_currencies(model_.currencies.size());
    for (const auto& each : view.instruments) {
      for (std::size_t i = 0; i < model_.instruments.size(); ++i) {
        if (model_.instruments[i].symbol != each.symbol) continue;
        seen_instruments[i] = true;
        const InstrumentSums& cell = expected.instruments[i];
        differ(view, each.symbol + " position", each.position.raw(), cell.position, 3);
        differ(view, each.symbol + " open_buy", each.open_buy.raw(), cell.open_buy, 3);
        differ(view, each.symbol + " open_sell", each.open_sell.raw(), cell.open_sell, 3);
      }
    }
    for (const auto& each : view.currencies) {
      for (std::size_t c = 0; c < model_.currencies.size(); ++c) {
        if (model_.currencies[c] != each.currency) continue;
        seen_currencies[c] = true;
        const CurrencySums& cell = expected.currencies[c];
        differ(view, each.currency + " position", each.position.raw(), cell.position, 2);
        differ(view, each.currency + " in", each.in.raw(), cell.in, 2);
        differ(view, each.currency + " out", each.out.raw(), cell.out, 2);
      }
    }
    for (std::size_t i = 0; i < seen_instruments.size(); ++i) {
      const InstrumentSums& cell = expected.instruments[i];
      if (!seen_instruments[i])
        differ(view, model_.instruments[i].symbol, 0, cell.position | cell.open_buy | cell.open_sell, 3);
    }
    for (std::size_t c = 0; c < seen_currencies.size(); ++c) {
      const CurrencySums& cell = expected.currencies[c];
      if (!seen_currencies[c]) differ(view, model_.currencies[c], 0, cell.position | cell.in | cell.out, 2);
    }
    differ(view, "gross_open_notional", view.gross_open_notional.raw(), expected.gross, 2);
    differ(view, "traded_notional", view.traded_notional.raw(), expected.traded, 2);
    differ(view, "open_orders", static_cast<Int>(view.open_orders), expected.orders, 0);
    if (everything && model_.enforced[static_cast<std::size_t>(Limit::kSettlement)] &&
        nodes[at].scope != Scope::kInstrument) {
      std::map<int, Int> shown;
      for (const auto& each : view.settlement) shown[each.date.days()] = each.amount.raw();
      for (int date = model_.trade_date; date <= model_.trade_date + 8; ++date) {
        const Int cent = 1'000'000'000'000;
        const Int exact = model_.settlement_exact(nodes[at], date, model_.last_rates());
        const Int core = shown.contains(date) ? shown[date] * cent : 0;
        if (wrong.empty() && (exact > core + 5 * cent || core > exact + 5 * cent)) {
          wrong = view.scope + " " + view.id + ": settlement of day " + std::to_string(date) + " is " +
                  decimal(core, 14) + ", the model says " + decimal(exact, 14);
        }
      }
    }
    if (everything) {
      const Int net = model_.net_exact(expected), shown = Int{view.net_open_position.raw()} * 1'000'000'000'000;
      const Int apart = net > shown ? net - shown : shown - net;
      if (wrong.empty() && apart > Int{5} * 1'000'000'000'000) {
        wrong = view.scope + " " + view.id + ": net_open_position is " + view.net_open_position.to_string() +
                ", the model says " + decimal(net, 14);
      }
    }
  });
  if (wrong.empty() && compared != sums.size()) wrong = "the gateway has another number of scopes than the model";
  return wrong;
}

}  // namespace portcullis::scenarios::exact
