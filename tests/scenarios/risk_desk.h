#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/gateway/fixture.h"

// The desk of the worked examples: one account, its client and its broker, speaking FIX 4.4 to the core. What is
// said is near the words of the examples, so that a test reads as they do:
//
//   const Ticket order = places("buy 5m @1.1010");
//   fills(order, "2m", "1.1005");
//   shows("pos 2m, ob 3m, WL 5m, USD -2,201,000, USD out 3,303,000, gross 3.3m, traded 2.2m");
//
// An order is "[market] buy|sell AMOUNT [SYMBOL] [@PRICE] [stop PRICE] [TAG=VALUE…]"; EUR/USD at 1.1000 unless
// said otherwise. Amounts may have thousands separators and end in m for millions or bn.

namespace portcullis::scenarios {

// The account of the examples: risk currency USD; EUR 1.10, GBP 1.25, JPY 1/150; EUR/USD 1.0999/1.1001; ALPHA-1 with
// a quantity and a notional of 10m, 20m EUR long and short, 50m gross, 100m volume, 30m net open position, 40m
// settlement, a collar of 2 %. The firm's limits do not bind.
config::Config configuration_of_the_examples();

// An order or a replace at the broker.
struct Ticket {
  std::string cl_ord_id;  // the client's
  std::string given;      // the ClOrdID(11) that the broker sees
  std::string broker;
  std::string symbol;
  std::string side;
  std::string currency;  // Currency(15), empty when not given
  Quantity order_qty;
  std::string price;     // empty: market
  std::string original;  // of a replace: the given ClOrdID of what it replaces
};

class RiskDesk : public testing::Test {
 protected:
  explicit RiskDesk(config::Config configuration = configuration_of_the_examples())
      : gateway(std::move(configuration)) {}

  // --- the client -----------------------------------------------------------------------------------------
  // The order must reach a broker, and nobody else hears anything.
  Ticket places(std::string_view order, std::string_view account = "ALPHA-1");
  // And its broker acknowledges it: 150=0.
  Ticket live(std::string_view order, std::string_view account = "ALPHA-1");
  // It must be refused, with this OrdRejReason(103), by this control, and reach nobody.
  void refused(std::string_view order, std::string_view control, std::string_view ord_rej_reason,
               std::string_view account = "ALPHA-1");
  // What comes of it, whatever it is.
  std::vector<gateway::testing::Sent> says(std::string_view order, std::string_view account = "ALPHA-1");

  // "8m", "8m @1.1200 18=G": OrderCancelReplaceRequest(G), which must reach the broker.
  Ticket replaces(const Ticket& order, std::string_view terms);
  // It must be answered by OrderCancelReject(9) 434=2 with this CxlRejReason(102), and reach nobody.
  void replace_refused(const Ticket& order, std::string_view terms, std::string_view cxl_rej_reason);
  // OrderCancelRequest(F); the ticket of the cancel.
  Ticket cancels(const Ticket& order);

  // --- the broker -----------------------------------------------------------------------------------------
  void acknowledges(const Ticket& order);
  // LastQty and LastPx under the ticket's ClOrdID; the ExecID.
  std::string fills(const Ticket& order, std::string_view quantity, std::string_view price);
  // An ExecutionReport(8) with these fields besides ids, symbol and side: "150=4|39=4|14=0|151=0".
  std::vector<gateway::testing::Sent> reports(const Ticket& order, std::string_view fields);
  // OrderCancelReject(9) of a cancel or a replace.
  std::vector<gateway::testing::Sent> rejects(const Ticket& request, std::string_view ord_status);

  // --- what was before ------------------------------------------------------------------------------------
  // Bought, or sold when it begins with '-', at the price and filled.
  void holds(std::string_view position, std::string_view symbol = "EUR/USD", std::string_view price = "1.1000",
             std::string_view account = "ALPHA-1");

  // --- the operator ---------------------------------------------------------------------------------------
  // A limit by the configuration's name, of "account ALPHA-1", "firm", "instrument EUR/USD"…
  void limit(std::string_view node, std::string_view name, std::string_view value);
  void quote(std::string_view symbol, std::string_view bid, std::string_view ask);
  void rate(std::string_view currency, std::string_view rate);
  std::vector<gateway::testing::Sent> sets_state(std::string_view node, order::ScopeState state);

  // --- what GET /exposures shows ----------------------------------------------------------------------------
  // Figures separated by ", ":
  //   pos X, ob X, os X     position, open_buy and open_sell of EUR/USD, or of "GBP/USD ob X"
  //   WL X, WS X            worst long pos + ob, worst short os - pos
  //   EUR X, EUR in X, EUR out X
  //   gross X, traded X, NOP X, orders N, state S, DSL 2026-11-25 X
  void shows(std::string_view figures, std::string_view node = "account ALPHA-1");

  // An alert of this kind has been raised; its text contains this.
  bool alerted(order::AlertCode code, std::string_view text = {}) const;
  // Index of a scope's thing by its name.
  std::uint32_t index_of(order::Scope scope, std::string_view name) const;

  gateway::testing::Gateway gateway;

 private:
  std::string body_of(std::string_view order, std::string_view account, Ticket& ticket);
  std::string replace_body(const Ticket& order, std::string_view terms, Ticket& ticket);
  std::string next_exec_id() { return "E" + std::to_string(++exec_ids_); }

  int cl_ord_ids_ = 0;
  int exec_ids_ = 0;
};

// "9,090,909", "5m", "-1.5bn", "918,357.14" as a FIX number.
std::string number(std::string_view text);

}  // namespace portcullis::scenarios
