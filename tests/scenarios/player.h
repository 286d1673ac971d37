#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/gateway/fixture.h"
#include "tests/scenarios/table.h"

// Plays one conversation of the order state matrices through the core: the client of one FIX version, the
// broker of another. The table is the client's side; the broker says its own version of each row under the
// ids that the gateway gave it. After each row the client has received that row and nothing else, and the
// gateway's own figures agree with it.

namespace portcullis::scenarios {

class Player {
 public:
  // `table`: the version whose codes the rows carry.
  Player(Version table, Version client, Version broker);

  // Reports what differs as test failures.
  void play(const Play& play);

 private:
  using Sent = gateway::testing::Sent;

  // What the client knows of one order, and what the broker has told of its executions.
  struct Order {
    order::OrderNumber number;
    std::string order_id;  // OrderID(37), one for the order's life
    std::vector<std::pair<std::string, std::pair<Quantity, Price>>> executions;  // by the label of the ExecID
    Wide value() const;
  };

  void client_says(const Row& row, bool refused_here);
  void broker_says(const Row& row, bool for_no_order);
  void check(const Row& row, const Sent& sent);
  void check_report(const Row& row, const Sent& sent, Order& order);
  void check_state(const Row& row, const Order& order);
  void book(const Row& row, Order& order);
  // The cell, or the other figure that the table allows.
  void expect(const Row& row, const std::string& column, const std::string& actual) const;
  void expect_fields(const Row& row, const Sent& sent) const;
  std::string report_body(const Row& row, const Order& order);
  Order& order_of(const Row& row);

  Version table_;
  Version client_;
  Version broker_;
  gateway::testing::Gateway gateway_;
  std::map<std::string, std::string> given_;         // the client's id -> the gateway's, as the broker knows it
  std::map<std::string, std::size_t> orders_by_id_;  // the client's id -> place in orders_
  std::vector<Order> orders_;
  std::map<std::string, std::string> client_exec_ids_;  // label -> ExecID(17) that the client got
  std::vector<std::string> seen_exec_ids_;
  std::vector<Sent> waiting_;  // sent to the client by the gateway itself
  bool client_line_ = false;
  int reports_ = 0;
};

}  // namespace portcullis::scenarios
