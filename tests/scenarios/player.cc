#include "tests/scenarios/player.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "risk/engine.h"

namespace portcullis::scenarios {
namespace {

constexpr std::string_view kTime = "|60=20261123-12:00:00|";

std::string_view session_of_client(Version version) {
  return version == Version::kFix44 ? "alpha" : "beta";
}
std::string_view session_of_broker(Version version) {
  return version == Version::kFix44 ? "northbank" : "southbank";
}

// The matrices trade 10,000 at prices of 50 to 120: one broker, a market of 100, a collar that does not bind.
config::Config configuration(Version broker) {
  config::Config c = gateway::testing::small_configuration();
  std::erase_if(c.brokers, [&](const config::Broker& b) { return b.id != session_of_broker(broker); });
  c.routes = {config::Route{{}, {}, {}, {std::string(session_of_broker(broker))}}};
  for (config::ReferenceQuote& quote : c.reference.quotes) {
    if (quote.symbol == "EUR/USD") quote = {"EUR/USD", *Price::parse("99.99"), *Price::parse("100.01")};
  }
  for (config::ReferenceRate& rate : c.reference.rates) {
    if (rate.currency == "EUR") rate.rate = *Rate::parse("100");
  }
  c.risk.firm.price_collar_percent = config::Percent::of(90);
  return c;
}

const std::map<std::string, int, std::less<>>& tags() {
  static const std::map<std::string, int, std::less<>> kTags = {{"CxlRejReason", 102},
                                                                {"CxlRejResponseTo", 434},
                                                                {"DayAvgPx", 426},
                                                                {"DayCumQty", 425},
                                                                {"DayOrderQty", 424},
                                                                {"ExecInst", 18},
                                                                {"ExecRestatementReason", 378},
                                                                {"LastPx", 31},
                                                                {"OrdRejReason", 103},
                                                                {"OrdType", 40},
                                                                {"OrderID", 37},
                                                                {"PossResend", 97},
                                                                {"Price", 44},
                                                                {"Side", 54},
                                                                {"Text", 58},
                                                                {"TimeInForce", 59},
                                                                {"WorkingIndicator", 636},
                                                                {"AvgPx", 6}};
  return kTags;
}

std::string field(int tag, std::string_view value) {
  return value.empty() ? std::string() : "|" + std::to_string(tag) + "=" + std::string(value);
}

// Figures are compared as numbers: 10000 is 10000.0, and an absent LastQty is 0.
std::string as_number(const std::string& text) {
  const auto value = Price::parse(text);
  return value ? value->to_string() : text;
}

std::string readable(std::string text) {
  std::replace(text.begin(), text.end(), '\x01', '|');
  return text;
}

}  // namespace

Wide Player::Order::value() const {
  Wide sum = 0;
  for (const auto& [label, execution] : executions)
    sum += static_cast<Wide>(execution.first.raw()) * execution.second.raw();
  return sum;
}

Player::Player(Version table, Version client, Version broker)
    : table_(table), client_(client), broker_(broker), gateway_(configuration(broker)) {}

void Player::play(const Play& play) {
  client_line_ = play.client_line;
  if (play.gateway_refuses) {
    order::SetScopeState block;
    block.scope = order::Scope::kFirm;
    block.state = order::ScopeState::kBlockNew;
    block.reason = order::ReasonText("the scenario's refusal by the gateway itself");
    gateway_.command(block);
  }
  int day = play.rows.front().time().first;
  for (const Row& row : play.rows) {
    SCOPED_TRACE(row["scenario"] + " time " + row["time"] + " " + row["path"] + " " + row["message"]);
    if (row.time().first != day) {
      // The night: nothing is sent, and orders that outlive the day keep their ids.
      day = row.time().first;
      EXPECT_TRUE(gateway_.pass(Duration::seconds(86'400)).empty());
      EXPECT_TRUE(gateway_.command(order::RollDay{gateway_.state().trade_date + 1}).empty());
      EXPECT_FALSE(gateway_.last_outcome().reject) << "the trading day has not ended";
    }
    if (row.is_client()) {
      client_says(row, play.gateway_refuses);
    } else if (row.is_sell() && row["id"].empty()) {
      broker_says(row, true);
    } else if (row.is_sell() && !waiting_.empty()) {
      // On the client's line the gateway may know already what the broker would have said (C.2.a).
      EXPECT_TRUE(row["gateway"] != "relay" || client_line_)
          << "the gateway said by itself what only the broker can say";
      check(row, waiting_.front());
      waiting_.erase(waiting_.begin());
    } else if (row.is_sell()) {
      EXPECT_NE(row["gateway"], "answer") << "the gateway has not answered by itself";
      broker_says(row, false);
    }
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_TRUE(waiting_.empty()) << "more than the scenario has: " << readable(waiting_.front().bytes);
}

Player::Order& Player::order_of(const Row& row) {
  return orders_.at(orders_by_id_.at(row["id"]));
}

void Player::client_says(const Row& row, bool refused_here) {
  const std::string& type = row["message"];
  const std::string& id = row["id"];
  std::string body = "35=" + type;
  if (row.fields.contains("PossResend")) body += field(97, row.fields.at("PossResend"));
  body += field(11, id) + field(41, row["original"]) + "|55=EUR/USD|54=1" + field(38, row["order_qty"]);
  if (type == "D" || type == "G") {
    const auto given = [&](std::string_view name, std::string_view otherwise) {
      const auto found = row.fields.find(name);
      return found == row.fields.end() ? std::string(otherwise) : found->second;
    };
    const std::string ord_type = given("OrdType", "2");
    body += field(40, ord_type) + field(59, given("TimeInForce", "")) + field(18, given("ExecInst", ""));
    body += ord_type == "3" ? field(99, "100") : field(44, given("Price", "100"));
    if (client_ == Version::kFix42) body += "|21=1";
  }
  body += kTime;

  const std::size_t orders_before = gateway_.state().orders.size();
  const std::vector<Sent> sent = gateway_.from_client(session_of_client(client_), body);
  if (gateway_.state().orders.size() > orders_before) {
    orders_by_id_[id] = orders_.size();
    orders_.push_back(Order{order::OrderNumber(orders_before), {}, {}});
  } else if (const auto original = orders_by_id_.find(row["original"]); original != orders_by_id_.end()) {
    orders_by_id_.emplace(id, original->second);
  }
  int forwarded = 0;
  for (const Sent& message : sent) {
    if (message.session == session_of_client(client_)) {
      waiting_.push_back(message);
      continue;
    }
    ++forwarded;
    EXPECT_EQ(message.type(), type);
    EXPECT_EQ(as_number(message[38]), as_number(row["order_qty"])) << "OrderQty(38) to the broker";
    EXPECT_EQ(message[97], "") << "PossResend was said to the gateway, not to the broker";
    if (!row["original"].empty()) {
      EXPECT_EQ(message[41], given_[row["original"]]);
    }
    for (const auto& [label, theirs] : given_) EXPECT_NE(message[11], theirs) << "the id of " << label << " again";
    given_[id] = message[11];
  }
  if (row["gateway"] == "forward" && waiting_.empty() && !refused_here) {
    EXPECT_EQ(forwarded, 1) << "the broker got nothing";
  }
  if (row["gateway"] == "stop" || refused_here) {
    EXPECT_EQ(forwarded, 0) << "this must not reach the broker";
  }
  EXPECT_LE(forwarded, 1);
  EXPECT_TRUE(forwarded == 0 || waiting_.empty()) << "forwarded and answered: " << readable(waiting_.front().bytes);
}

// A FIX message of the broker's own version, under the gateway's ids.
std::string Player::report_body(const Row& row, const Order& order) {
  const std::string& type = row["message"];
  std::string body = "35=" + type + "|37=N" + std::to_string(order.number.has_value() ? order.number.value() : 99);
  if (!row["id"].empty()) body += field(11, given_[row["id"]]);
  if (!row["original"].empty()) body += field(41, given_[row["original"]]);
  body += field(39, row["ord_status"]);
  if (type == "8") {
    const std::string label = row["exec_id"].empty() ? "R" + std::to_string(++reports_) : row["exec_id"];
    const Quantity cum = *Quantity::parse(row["cum_qty"]);
    body += field(17, "EX-" + label);
    if (!row["exec_ref_id"].empty()) body += field(19, "EX-" + row["exec_ref_id"]);
    if (broker_ == Version::kFix42) body += field(20, row["exec_trans_type"]);
    body += field(150, row["exec_type"]) + "|55=EUR/USD|54=1" + field(38, row["order_qty"]) +
            field(14, row["cum_qty"]) + field(151, row["leaves_qty"]);
    const bool priced = row["last_qty"] != "0" && !row["last_qty"].empty();
    if (priced || broker_ == Version::kFix42) {
      const auto price = row.fields.find("LastPx");
      body += field(32, priced ? row["last_qty"] : "0");
      body += field(31, !priced ? "0" : price == row.fields.end() ? "100" : price->second);
    }
    const Wide average = cum.is_positive() ? order.value() / cum.raw() : 0;
    body += field(6, Price::from_raw(static_cast<std::int64_t>(average)).to_string());
  }
  for (const auto& [name, value] : row.fields) {
    if (name != "AvgPx" && name != "LastPx" && name != "OrderID" && name != "Price")
      body += field(tags().at(name), value);
  }
  return body + std::string(kTime);
}

void Player::broker_says(const Row& row, bool for_no_order) {
  const Row own = translated(row, table_, broker_);
  if (for_no_order) {
    // E.1.a: in suspense, alarmed, and told to nobody.
    const std::size_t executions = gateway_.state().executions.size();
    EXPECT_TRUE(gateway_.from_broker(session_of_broker(broker_), report_body(own, Order{})).empty());
    EXPECT_EQ(gateway_.state().executions.size(), executions + 1);
    EXPECT_EQ(gateway_.state().alerts.back().code, order::AlertCode::kUnknownOrderReport);
    return;
  }
  Order& order = order_of(row);
  book(row, order);
  const std::vector<Sent> sent = gateway_.from_broker(session_of_broker(broker_), report_body(own, order));
  EXPECT_EQ(sent.size(), 1u) << "the client must receive this row and nothing else";
  for (const Sent& extra : sent) {
    if (&extra != &sent.front()) ADD_FAILURE() << readable(extra.bytes);
  }
  if (sent.empty()) {
    const auto& alerts = gateway_.state().alerts;
    ADD_FAILURE() << (alerts.empty() ? std::string("no alert") : std::string(alerts.back().text.view()));
    return;
  }
  EXPECT_EQ(sent.front().session, session_of_client(client_));
  check(row, sent.front());
}

// Only ExecType F books LastQty; H and G undo what they refer to.
void Player::book(const Row& row, Order& order) {
  const Row row44 = translated(row, table_, Version::kFix44);
  const std::string& type = row44["exec_type"];
  if (type == "G" || type == "H") {
    std::erase_if(order.executions, [&](const auto& e) { return e.first == row["exec_ref_id"]; });
  }
  if (type == "F" || type == "G") {
    const auto price = row.fields.find("LastPx");
    order.executions.push_back(
        {row["exec_id"],
         {*Quantity::parse(row["last_qty"]), *Price::parse(price == row.fields.end() ? "100" : price->second)}});
  }
}

void Player::expect(const Row& row, const std::string& column, const std::string& actual) const {
  const auto second = row.also.find(column);
  if (second != row.also.end() && as_number(second->second) == as_number(actual)) return;
  EXPECT_EQ(as_number(actual), as_number(row[column])) << column;
}

void Player::check(const Row& original, const Sent& sent) {
  const Row row = translated(original, table_, client_);
  SCOPED_TRACE(readable(sent.bytes));
  EXPECT_EQ(sent.type(), row["message"]);
  expect(row, "id", sent[11]);
  expect(row, "original", sent[41]);
  expect(row, "ord_status", sent[39]);
  expect_fields(row, sent);
  const auto place = orders_by_id_.find(row["id"]);
  if (place == orders_by_id_.end()) return;
  Order& order = orders_.at(place->second);
  if (order.order_id.empty()) order.order_id = sent[37];
  EXPECT_EQ(sent[37], order.order_id) << "OrderID(37) is one for the order's life";
  if (row["message"] == "8") check_report(row, sent, order);
  check_state(row, order);
}

void Player::check_report(const Row& row, const Sent& sent, Order& order) {
  if (client_ == Version::kFix42) expect(row, "exec_trans_type", sent[20]);
  if (client_ == Version::kFix44) {
    EXPECT_EQ(sent[20], "");
  }
  expect(row, "exec_type", sent[150]);
  expect(row, "order_qty", sent[38]);
  expect(row, "cum_qty", sent[14]);
  expect(row, "leaves_qty", sent[151]);
  EXPECT_EQ(as_number(sent[32].empty() ? "0" : sent[32]), as_number(row["last_qty"].empty() ? "0" : row["last_qty"]));
  const bool status = sent[150] == "I" || sent[20] == "3";
  if (status) {
    EXPECT_EQ(sent[17], "0");
  } else {
    EXPECT_EQ(std::count(seen_exec_ids_.begin(), seen_exec_ids_.end(), sent[17]), 0) << "ExecID(17) used twice";
    seen_exec_ids_.push_back(sent[17]);
  }
  if (!row["exec_id"].empty()) client_exec_ids_[row["exec_id"]] = sent[17];
  EXPECT_EQ(sent[19], row["exec_ref_id"].empty() ? "" : client_exec_ids_[row["exec_ref_id"]]);
  // AvgPx(6), within half a unit of its last decimal.
  const auto average = Price::parse(sent[6]);
  const auto cum = Quantity::parse(sent[14]);
  ASSERT_TRUE(average && cum);
  if (cum->is_zero()) {
    EXPECT_TRUE(average->is_zero());
    return;
  }
  const Wide off = static_cast<Wide>(average->raw()) * cum->raw() - order.value();
  EXPECT_LE((off < 0 ? -off : off) * 2, static_cast<Wide>(cum->raw())) << "AvgPx(6) " << sent[6];
}

void Player::expect_fields(const Row& row, const Sent& sent) const {
  for (const auto& [name, value] : row.fields) {
    const bool own_text =
        name == "Text" && row["gateway"] == "either";  // an answer of the gateway's own has its own words
    if (own_text) continue;
    std::string actual = sent[tags().at(name)];
    if (name == "LastPx" && actual.empty()) actual = "0";
    EXPECT_EQ(as_number(actual), as_number(value)) << name;
  }
}

void Player::check_state(const Row& row, const Order& order) {
  const gateway::Order& own = gateway_.state().orders[order.number];
  const risk::Node& account = gateway_.state().risk.state().accounts[own.account.value()];
  Quantity executed;
  for (const Order& other : orders_) {
    for (const auto& [label, execution] : other.executions) executed += execution.first;
  }
  EXPECT_EQ(account.exposure.of(own.instrument).position, executed) << "the account's position";
  if (row["message"] != "8") return;
  expect(row, "cum_qty", own.cum_qty.to_string());
  expect(row, "leaves_qty", own.leaves_qty.to_string());
  if (!own.is_open()) {
    EXPECT_TRUE(own.reserved == order::Need{}) << "an order that is over reserves something";
  }
  if (own.is_open()) {
    EXPECT_GE(own.reserved.base, own.leaves_qty) << "less is reserved than is open";
  }
}

}  // namespace portcullis::scenarios
