#include "tests/scenarios/risk_desk.h"

#include <algorithm>
#include <boost/json.hpp>

#include "admin/json.h"
#include "app/exposure_views.h"
#include "base/check.h"
#include "config/limits.h"
#include "risk/limits.h"

namespace portcullis::scenarios {
namespace {

using gateway::testing::Gateway;
using gateway::testing::Sent;

constexpr std::string_view kTime = "60=20261123-12:00:00|";

std::vector<std::string> words_of(std::string_view text, std::string_view separator = " ") {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end != 0) words.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + separator.size());
  }
  return words;
}

bool begins_as_number(std::string_view text) {
  return !text.empty() && (std::isdigit(static_cast<unsigned char>(text[0])) != 0 || text[0] == '-');
}

std::string readable(const std::vector<Sent>& sent) {
  std::string all;
  for (const Sent& message : sent) {
    std::string bytes = message.bytes;
    std::replace(bytes.begin(), bytes.end(), '\x01', '|');
    all += "\n  to " + message.session + ": " + bytes;
  }
  return all.empty() ? " nothing" : all;
}

config::Instrument pair(std::string base, std::string term, std::string_view tick) {
  config::Instrument i;
  i.symbol = base + "/" + term;
  i.base = std::move(base);
  i.term = std::move(term);
  i.price_tick = *Price::parse(tick);
  i.quantity_min = Quantity::of(1);
  i.quantity_step = Quantity::of(1);
  return i;
}

config::ReferenceQuote quote_of(std::string symbol, std::string_view bid, std::string_view ask) {
  return {std::move(symbol), *Price::parse(bid), *Price::parse(ask)};
}

std::pair<order::Scope, std::string_view> scope_of(std::string_view node) {
  constexpr std::pair<std::string_view, order::Scope> kScopes[] = {{"firm", order::Scope::kFirm},
                                                                   {"client", order::Scope::kClient},
                                                                   {"account", order::Scope::kAccount},
                                                                   {"broker", order::Scope::kBroker},
                                                                   {"instrument", order::Scope::kInstrument},
                                                                   {"session", order::Scope::kSession},
                                                                   {"currency", order::Scope::kCurrency}};
  const std::size_t space = node.find(' ');
  for (const auto& [name, scope] : kScopes) {
    if (name == node.substr(0, space)) {
      return {scope, space == std::string_view::npos ? std::string_view("firm") : node.substr(space + 1)};
    }
  }
  PORTCULLIS_CHECK(false, "a test names a scope that there is not");
}

}  // namespace

std::string number(std::string_view text) {
  std::string digits(text);
  std::erase(digits, ',');
  int zeros = 0;
  if (digits.ends_with("bn")) {
    zeros = 9;
    digits.resize(digits.size() - 2);
  } else if (digits.ends_with("m")) {
    zeros = 6;
    digits.resize(digits.size() - 1);
  }
  if (zeros == 0) return digits;
  std::size_t point = digits.find('.');
  if (point == std::string::npos)
    point = digits.size();
  else
    digits.erase(point, 1);
  while (digits.size() < point + static_cast<std::size_t>(zeros)) digits += '0';
  if (digits.size() > point + static_cast<std::size_t>(zeros))
    digits.insert(point + static_cast<std::size_t>(zeros), ".");
  return digits;
}

config::Config configuration_of_the_examples() {
  config::Config c = gateway::testing::small_configuration();
  c.instruments = {pair("EUR", "USD", "0.00001"), pair("GBP", "USD", "0.00001"), pair("USD", "JPY", "0.001"),
                   pair("GBP", "JPY", "0.001"), pair("EUR", "JPY", "0.001")};
  c.routes = {config::Route{{}, {}, {}, {"northbank"}}};
  c.reference.quotes = {quote_of("EUR/USD", "1.0999", "1.1001"), quote_of("GBP/USD", "1.2499", "1.2501"),
                        quote_of("USD/JPY", "149.99", "150.01"), quote_of("GBP/JPY", "187.49", "187.51"),
                        quote_of("EUR/JPY", "164.99", "165.01")};
  for (config::Client& client : c.clients) client.throttle.burst = client.throttle.messages_per_second = 1'000'000;
  for (config::Broker& broker : c.brokers) broker.throttle.burst = broker.throttle.messages_per_second = 1'000'000;

  config::LimitSet& firm = c.risk.firm;
  const Amount plenty = Amount::of(10'000'000'000);
  firm.max_order_quantity = Quantity::of(1'000'000'000);
  firm.max_order_notional = plenty;
  firm.max_gross_open_notional = plenty;
  firm.max_long_position = firm.max_short_position = Quantity::of(1'000'000'000);
  firm.max_currency_position = firm.max_net_open_position = firm.max_daily_settlement = plenty;
  firm.max_daily_volume = firm.max_daily_loss = plenty;
  firm.duplicate_orders = config::DuplicateOrders{1'000'000, Duration::seconds(1)};
  firm.repeated_executions = 1'000'000;

  config::LimitSet account;
  account.max_order_quantity = Quantity::of(10'000'000);
  account.max_order_notional = Amount::of(10'000'000);
  account.max_long_position = account.max_short_position = Quantity::of(20'000'000);
  account.max_gross_open_notional = Amount::of(50'000'000);
  account.max_daily_volume = Amount::of(100'000'000);
  account.max_net_open_position = Amount::of(30'000'000);
  account.max_daily_settlement = Amount::of(40'000'000);
  account.price_collar_percent = config::Percent::of(2);
  c.risk.accounts = {config::ScopeLimits{"ALPHA-1", account}};
  return c;
}

// --- the client -------------------------------------------------------------------------------------------------

std::string RiskDesk::body_of(std::string_view order, std::string_view account, Ticket& ticket) {
  ticket = Ticket();
  ticket.cl_ord_id = "C" + std::to_string(++cl_ord_ids_);
  ticket.symbol = "EUR/USD";
  ticket.price = "1.1000";
  std::string stop, rest, quantity;
  bool market = false, priced = false;
  const std::vector<std::string> words = words_of(order);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "market") {
      market = true;
    } else if (word == "buy" || word == "sell") {
      ticket.side = word == "buy" ? "1" : "2";
    } else if (word == "stop") {
      stop = words.at(++i);
    } else if (word[0] == '@') {
      ticket.price = word.substr(1);
      priced = true;
    } else if (word.find('=') != std::string::npos) {
      rest += word + "|";
      if (word.starts_with("15=")) ticket.currency = word.substr(3);
      if (word.starts_with("54=")) ticket.side = word.substr(3);
      if (word.starts_with("152=")) ticket.order_qty = *Quantity::parse(word.substr(4));
    } else if (begins_as_number(word)) {
      quantity = number(word);
      ticket.order_qty = *Quantity::parse(quantity);
    } else {
      ticket.symbol = word;
    }
  }
  std::string body = "35=D|11=" + ticket.cl_ord_id + "|1=" + std::string(account) + "|55=" + ticket.symbol + "|";
  if (rest.find("54=") == std::string::npos) body += "54=" + ticket.side + "|";
  if (!quantity.empty()) body += "38=" + quantity + "|";
  if (market) {
    ticket.price.clear();
    body += "40=1|";
  } else if (stop.empty()) {
    body += "40=2|44=" + ticket.price + "|";
  } else if (priced) {
    body += "40=4|44=" + ticket.price + "|99=" + stop + "|";
  } else {
    ticket.price.clear();
    body += "40=3|99=" + stop + "|";
  }
  return body + rest + std::string(kTime);
}

std::vector<Sent> RiskDesk::says(std::string_view order, std::string_view account) {
  Ticket ticket;
  return gateway.from_client("alpha", body_of(order, account, ticket));
}

Ticket RiskDesk::places(std::string_view order, std::string_view account) {
  Ticket ticket;
  const std::vector<Sent> sent = gateway.from_client("alpha", body_of(order, account, ticket));
  if (sent.size() != 1 || sent[0].type() != "D") {
    ADD_FAILURE() << "'" << order << "' should go to a broker, but what came was" << readable(sent);
    return ticket;
  }
  ticket.given = sent[0][11];
  ticket.broker = sent[0].session;
  return ticket;
}

Ticket RiskDesk::live(std::string_view order, std::string_view account) {
  const Ticket ticket = places(order, account);
  if (!testing::Test::HasFailure()) acknowledges(ticket);
  return ticket;
}

void RiskDesk::refused(std::string_view order, std::string_view control, std::string_view ord_rej_reason,
                       std::string_view account) {
  const std::vector<Sent> sent = says(order, account);
  if (sent.size() != 1 || sent[0].session != "alpha" || sent[0].type() != "8") {
    ADD_FAILURE() << "'" << order << "' should be refused by " << control << ", but what came was" << readable(sent);
    return;
  }
  EXPECT_EQ(sent[0][150], "8") << order;
  EXPECT_EQ(sent[0][39], "8") << order;
  EXPECT_EQ(sent[0][103], ord_rej_reason) << order << readable(sent);
  const std::string text = sent[0][58];
  EXPECT_TRUE(text.starts_with("RISK-") && text.find(" " + std::string(control)) != std::string::npos)
      << order << ": " << text << ", expected RISK-<code> " << control;
}

std::string RiskDesk::replace_body(const Ticket& order, std::string_view terms, Ticket& ticket) {
  ticket = order;
  ticket.cl_ord_id = "C" + std::to_string(++cl_ord_ids_);
  ticket.original = order.given;
  std::string more;
  for (const std::string& word : words_of(terms)) {
    if (word[0] == '@')
      ticket.price = word.substr(1);
    else if (word.find('=') != std::string::npos)
      more += word + "|";
    else
      ticket.order_qty = *Quantity::parse(number(word));
  }
  std::string body = "35=G|11=" + ticket.cl_ord_id + "|41=" + order.cl_ord_id + "|1=ALPHA-1|55=" + ticket.symbol +
                     "|54=" + ticket.side + "|38=" + ticket.order_qty.to_string() + "|" + more;
  if (!ticket.currency.empty()) body += "15=" + ticket.currency + "|";
  body += ticket.price.empty() ? "40=1|" : "40=2|44=" + ticket.price + "|";
  return body + std::string(kTime);
}

Ticket RiskDesk::replaces(const Ticket& order, std::string_view terms) {
  Ticket ticket;
  const std::vector<Sent> sent = gateway.from_client("alpha", replace_body(order, terms, ticket));
  if (sent.size() != 1 || sent[0].type() != "G") {
    ADD_FAILURE() << "replace to '" << terms << "' should go to the broker, but what came was" << readable(sent);
    return ticket;
  }
  ticket.given = sent[0][11];
  return ticket;
}

void RiskDesk::replace_refused(const Ticket& order, std::string_view terms, std::string_view cxl_rej_reason) {
  Ticket ticket;
  const std::vector<Sent> sent = gateway.from_client("alpha", replace_body(order, terms, ticket));
  ASSERT_EQ(sent.size(), 1u) << readable(sent);
  EXPECT_EQ(sent[0].session, "alpha");
  EXPECT_EQ(sent[0].type(), "9") << readable(sent);
  EXPECT_EQ(sent[0][434], "2");
  EXPECT_EQ(sent[0][102], cxl_rej_reason) << readable(sent);
}

Ticket RiskDesk::cancels(const Ticket& order) {
  Ticket ticket = order;
  ticket.cl_ord_id = "C" + std::to_string(++cl_ord_ids_);
  ticket.original = order.given;
  const std::vector<Sent> sent = gateway.from_client(
      "alpha", "35=F|11=" + ticket.cl_ord_id + "|41=" + order.cl_ord_id + "|55=" + order.symbol + "|54=" + order.side +
                   "|38=" + order.order_qty.to_string() + "|" + std::string(kTime));
  if (sent.size() != 1 || sent[0].type() != "F") {
    ADD_FAILURE() << "the cancel should go to the broker, but what came was" << readable(sent);
    return ticket;
  }
  ticket.given = sent[0][11];
  return ticket;
}

// --- the broker -------------------------------------------------------------------------------------------------

std::vector<Sent> RiskDesk::reports(const Ticket& order, std::string_view fields) {
  std::string body =
      "35=8|37=N-" + (order.original.empty() ? order.given : order.original) + "|11=" + order.given + "|";
  if (!order.original.empty()) body += "41=" + order.original + "|";
  const std::string all(fields);
  if (!all.starts_with("17=") && all.find("|17=") == std::string::npos) body += "17=" + next_exec_id() + "|";
  body += "55=" + order.symbol + "|54=" + order.side + "|";
  if (!order.currency.empty()) body += "15=" + order.currency + "|";
  if (!all.starts_with("38=") && all.find("|38=") == std::string::npos)
    body += "38=" + order.order_qty.to_string() + "|";
  return gateway.from_broker(order.broker, body + all + "|6=1|" + std::string(kTime));
}

void RiskDesk::acknowledges(const Ticket& order) {
  reports(order, "150=0|39=0|14=0|151=" + order.order_qty.to_string());
}

std::string RiskDesk::fills(const Ticket& order, std::string_view quantity, std::string_view price) {
  const Quantity last = *Quantity::parse(number(quantity));
  const gateway::RequestNumber request = gateway.state().find_given(order.given);
  const Quantity before = gateway.order(gateway.state().requests[request].order.value()).cum_qty;
  const Quantity cum = before + last;
  const Quantity leaves = std::max(Quantity(), order.order_qty - cum);
  const std::string exec_id = next_exec_id();
  reports(order, "17=" + exec_id + "|150=F|39=" + (leaves.is_zero() ? "2" : "1") + "|32=" + last.to_string() +
                     "|31=" + std::string(price) + "|14=" + cum.to_string() + "|151=" + leaves.to_string());
  return exec_id;
}

std::vector<Sent> RiskDesk::rejects(const Ticket& request, std::string_view ord_status) {
  return gateway.from_broker(request.broker, "35=9|37=N-" + request.original + "|11=" + request.given +
                                                 "|41=" + request.original + "|39=" + std::string(ord_status) +
                                                 "|434=2|102=0|58=too late|");
}

void RiskDesk::holds(std::string_view position, std::string_view symbol, std::string_view price,
                     std::string_view account) {
  Quantity rest = *Quantity::parse(number(position));
  const std::string verb = rest.is_negative() ? "sell " : "buy ";
  if (rest.is_negative()) rest = -rest;
  while (rest.is_positive()) {
    const Quantity now = std::min(rest, Quantity::of(8'000'000));
    const Ticket order =
        places(verb + now.to_string() + " " + std::string(symbol) + " @" + std::string(price), account);
    fills(order, now.to_string(), price);
    if (testing::Test::HasFailure()) return;
    rest -= now;
  }
}

// --- the operator -----------------------------------------------------------------------------------------------

std::uint32_t RiskDesk::index_of(order::Scope scope, std::string_view name) const {
  const gateway::State& state = gateway.state();
  switch (scope) {
    case order::Scope::kFirm:
      return 0;
    case order::Scope::kClient:
      return state.clients.find(name);
    case order::Scope::kAccount:
      return state.accounts.find(name);
    case order::Scope::kBroker:
      return state.brokers.find(name);
    case order::Scope::kInstrument:
      return state.instruments.find(name);
    case order::Scope::kSession:
      return state.session_names.find(name);
    case order::Scope::kCurrency:
      return state.currencies.find(name);
    default:
      PORTCULLIS_CHECK(false, "this scope has no names yet");
  }
}

void RiskDesk::limit(std::string_view node, std::string_view name, std::string_view value) {
  const auto [scope, id] = scope_of(node);
  const auto limit = config::find_limit(name);
  ASSERT_TRUE(limit) << "no limit is called " << name;
  const auto parsed = config::parse_limit(*limit, number(value));
  ASSERT_TRUE(parsed.ok()) << parsed.error().what;
  order::SetLimit command;
  command.scope = scope;
  command.id = index_of(scope, id);
  command.limit = static_cast<std::uint16_t>(*limit);
  command.value = risk::to_raw(*parsed);
  command.user = order::UserText("risk1");
  command.reason = order::ReasonText("a worked example");
  gateway.command(command);
  ASSERT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().reject.text.view();
}

void RiskDesk::quote(std::string_view symbol, std::string_view bid, std::string_view ask) {
  gateway.command(order::SetQuote{order::InstrumentId(index_of(order::Scope::kInstrument, symbol)), *Price::parse(bid),
                                  *Price::parse(ask), order::UserText("ops")});
  ASSERT_FALSE(gateway.last_outcome().reject);
}

void RiskDesk::rate(std::string_view currency, std::string_view rate) {
  gateway.command(
      order::SetRate{order::CurrencyId(static_cast<std::uint16_t>(index_of(order::Scope::kCurrency, currency))),
                     *Rate::parse(rate), order::UserText("ops")});
  ASSERT_FALSE(gateway.last_outcome().reject);
}

std::vector<Sent> RiskDesk::sets_state(std::string_view node, order::ScopeState state) {
  const auto [scope, id] = scope_of(node);
  order::SetScopeState command;
  command.scope = scope;
  command.id = index_of(scope, id);
  command.state = state;
  command.user = order::UserText("risk1");
  command.reason = order::ReasonText("a worked example");
  std::vector<Sent> sent = gateway.command(command);
  EXPECT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().reject.text.view();
  const std::vector<Sent> paced = gateway.pass(Duration());
  sent.insert(sent.end(), paced.begin(), paced.end());
  return sent;
}

// --- what is shown ----------------------------------------------------------------------------------------------

void RiskDesk::shows(std::string_view figures, std::string_view node) {
  const auto [scope, id] = scope_of(node);
  boost::json::object exposure;
  app::each_node(gateway.state(), [&, scope = scope, id = id](const risk::Node& each) {
    if (each.scope == scope && app::name_of(gateway.state(), each.scope, each.id) == id) {
      exposure = admin::to_json(app::exposure_view(gateway.state(), each));
    }
  });
  ASSERT_FALSE(exposure.empty()) << "GET /exposures has no " << node;
  const std::string whole = boost::json::serialize(exposure);
  const auto text = [](const boost::json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
  };
  const auto within = [&](const char* table, std::string_view key, const char* field) {
    const boost::json::object& all = exposure.at(table).as_object();
    return all.contains(key) ? text(all.at(key).as_object().at(field)) : std::string("0");
  };
  const auto quantity = [](const std::string& decimal) { return Quantity::parse(decimal).value_or(Quantity::of(-1)); };

  for (const std::string& figure : words_of(figures, ", ")) {
    std::vector<std::string> words = words_of(figure);
    std::string symbol = "EUR/USD";
    if (words.front().find('/') != std::string::npos) {
      symbol = words.front();
      words.erase(words.begin());
    }
    const std::string& what = words.front();
    const std::string& expected = words.back();
    std::string seen;
    if (what == "pos")
      seen = within("instruments", symbol, "position");
    else if (what == "ob")
      seen = within("instruments", symbol, "open_buy");
    else if (what == "os")
      seen = within("instruments", symbol, "open_sell");
    else if (what == "WL" || what == "WS") {
      const Quantity position = quantity(within("instruments", symbol, "position"));
      seen = (what == "WL" ? position + quantity(within("instruments", symbol, "open_buy"))
                           : quantity(within("instruments", symbol, "open_sell")) - position)
                 .to_string();
    } else if (what == "gross")
      seen = text(exposure.at("gross_open_notional"));
    else if (what == "traded")
      seen = text(exposure.at("traded_notional"));
    else if (what == "NOP")
      seen = text(exposure.at("net_open_position"));
    else if (what == "orders")
      seen = text(exposure.at("open_orders"));
    else if (what == "state")
      seen = text(exposure.at("state"));
    else if (what == "DSL") {
      const boost::json::object& dates = exposure.at("settlement").as_object();
      seen = dates.contains(words.at(1)) ? text(dates.at(words.at(1))) : "0";
    } else
      seen = within("currencies", what, words.size() == 2 ? "position" : words[1] == "in" ? "in" : "out");
    if (what == "state") {
      EXPECT_EQ(seen, expected) << whole;
    } else {
      EXPECT_EQ(quantity(seen), quantity(number(expected))) << figure << ", but shown is " << seen << "\n" << whole;
    }
  }
}

bool RiskDesk::alerted(order::AlertCode code, std::string_view text) const {
  for (const gateway::Alert& alert : gateway.state().alerts) {
    if (alert.code == code && alert.text.view().find(text) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace portcullis::scenarios
