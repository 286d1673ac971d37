#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/gateway/fixture.h"
#include "tests/scenarios/exact_model.h"

// A trading day by chance, told to the core as FIX messages and to the exact model as what they mean; after every
// step both must say the same: the decision, and everything that GET /exposures shows of every scope.

namespace portcullis::scenarios::exact {

class Flow {
 public:
  explicit Flow(std::uint64_t seed);

  // One message, command, pause or restart. Empty, or how core and model differ.
  std::string step();
  // Every order comes to its end: nothing may be left reserved.
  std::string finish();

  // Called after the core has handled a report, before the comparison: where a test plants a fault.
  std::function<void(gateway::testing::Gateway&)> after_report;

  gateway::testing::Gateway& gateway() { return gateway_; }
  const Model& model() const { return model_; }
  const std::vector<std::string>& last_lines() const { return lines_; }
  struct Counts {
    std::uint64_t accepted = 0, refused = 0, replaced = 0, replace_refused = 0, fills = 0, busts = 0, corrections = 0,
                  late = 0, overfills = 0, restarts = 0, rolls = 0, suspense = 0, duplicates = 0, swaps = 0,
                  forwards = 0, futures = 0, by_traders = 0, losses = 0, rearmed = 0, raised = 0, lowered = 0,
                  reverted = 0, regrouped = 0, told = 0, flat = 0, lent = 0, files = 0, files_refused = 0, enabled = 0,
                  not_enabled = 0, disabled = 0, capped = 0, unasked = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  // The broker's side of one order of the model.
  struct Deal {
    std::vector<std::string> given;      // by request: the ClOrdID that the broker sees
    std::vector<std::string> client_id;  // and the client's
    std::vector<std::string> cancels;    // given ids of cancels without an answer
    std::vector<std::string> exec_ids;
    std::string last_report;  // to be repeated
    bool acknowledged = false, done_for_day = false, suspended = false, refused_by_broker = false;
  };

  std::uint64_t below(std::uint64_t count) { return random_() % count; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }
  int some_order(bool open);
  Terms some_terms(int instrument, bool buys, Dealt dealt, bool may_swap);
  int some_far_date();
  Int some_far_quantity(int instrument, Dealt dealt, Int qty);
  // Side(54) as this client or broker says it.
  const char* side(bool of_broker, int party, bool buys_base, Dealt dealt, Type type) const;
  const char* side_of(bool of_broker, const Order& order) const {
    return side(of_broker, of_broker ? order.broker : order.client, order.buys_base, order.dealt, order.terms.type);
  }
  // What a report of an execution says of prices: LastPx(31), and of a swap what its far leg was done at.
  std::string some_prices(const Order& order, Int price, Int& price2);
  Int some_price(int instrument, bool buy);
  Int some_fill_price(int instrument);
  Int some_quantity(int instrument, Dealt dealt);

  std::string some_trader(int client);
  void learn_traders();

  void new_order();
  void replace();
  void cancel();
  void report();
  void unasked(int order);
  void odd_report();
  void operate();
  void change_limit();
  void ask_for_limit(order::Scope scope, NodeId node, Limit which, std::uint16_t limit, std::int64_t value);
  void change_state();
  void ask_to_enable(int client);
  void change_file();
  void tell_positions();
  void tell_rate();
  void tell_quote();
  void pause();
  void restart();
  void refuse_message();

  void say(const std::string& body, bool broker, const std::string& who, std::vector<gateway::testing::Sent>& sent);
  void told(int order, const std::string& fields, const std::string& given, const std::string& orig = "");
  void fill(int order, Int qty, Int price, const std::string& exec_id, const std::string& given);
  void terms_fields(std::string& body, const Terms& terms, int far_date);
  void learn(const std::vector<gateway::testing::Sent>& sent);
  void forget_lost_cancels();
  std::string compare(bool everything);
  std::string compare_risk(const risk::Node& node, NodeId id, bool everything);
  // The core's index of a scope.
  std::uint32_t core_id(NodeId id) const;
  std::vector<NodeId> all() const { return model_.all_nodes(); }
  // E1 of these scopes.
  void judge(const std::vector<NodeId>& scopes);
  void tell(const std::vector<Large>& large);
  std::string exec_id() { return "E" + std::to_string(++exec_ids_); }
  void fail(const std::string& what) {
    if (failure_.empty()) failure_ = what;
  }

  std::mt19937_64 random_;
  config::Config configuration_;
  gateway::testing::Gateway gateway_;
  std::vector<std::vector<std::byte>> journal_;  // of the gateways before the last restart
  Model model_;
  std::vector<Deal> deals_;
  std::vector<std::string> lines_;  // the last things said
  std::string failure_;
  Counts counts_;
  std::int64_t ids_ = 0, exec_ids_ = 0, steps_ = 0;
  std::vector<std::string> client_ids_[2];
  // The last order's economics, to be sent again as another.
  struct Economics {
    int client = 0, account = 0, instrument = -1;
    bool buys = false;
    Dealt dealt = Dealt::kBase;
    Terms terms;
    std::string trader;
  };
  Economics last_;
  bool told_rates_[4] = {}, told_quotes_[5] = {};  // by an operator
};

}  // namespace portcullis::scenarios::exact
