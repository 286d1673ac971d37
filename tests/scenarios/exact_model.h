#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenarios/exact_numbers.h"

// A second opinion on pre-trade risk: slow, exact, and written from the rules alone. It shares no code and no
// arithmetic with risk/, and it keeps no sums: what a scope holds is worked out anew from the list of orders, requests
// and executions whenever it is asked. Whoever feeds it tells it what was said; it says what must be so.
//
// exact_numbers: arithmetic. exact_amounts: what terms may move. exact_booking: what was said, written down.
// exact_sums: what scopes hold. exact_checks: the controls. exact_predictions: what must become of a message.

namespace portcullis::scenarios::exact {

enum class Dealt : std::uint8_t { kBase, kTerm, kCash };
enum class Type : std::uint8_t { kMarket, kLimit, kStop, kStopLimit, kSwap };

struct Terms {
  Int qty = 0;  // of the dealt currency
  Int price = 0;
  Int stop = 0;
  Type type = Type::kLimit;
  Int qty2 = 0, price2 = 0;  // of a swap's far leg
};

// What some terms were valued with when they came.
struct Valuation {
  Int counter_price = 0;
  Int rate = 0;
};

// What some terms may still move; a swap's legs are netted in all but what they receive.
struct Amounts {
  Int buy = 0, sell = 0;  // base, 10^-3
  Int term_in = 0, term_out = 0;
  Int notional = 0;
  Int near = 0, far = 0;  // received on the value date, and on that of the far leg
  Int largest_base = 0;   // of the larger leg
};

struct Request {
  Terms terms;
  Valuation valuation;
  bool replace = false;
  bool pending = false;  // a replace without an answer
};

struct Execution {
  std::string id;  // the broker's
  Int qty = 0, price = 0;
  // What it moves; signed, of the order's own direction.
  Int base = 0, base_money = 0, term_money = 0, traded = 0;
  Int far_base_money = 0, far_term_money = 0;  // a swap's far leg's part of them
  int day = 0;
  int made = 0;  // on which trade date
  bool undone = false;
  int corrected_by = -1;
};

struct Order {
  int account = 0, client = 0, instrument = 0, broker = -1;
  bool buys_base = true;
  Dealt dealt = Dealt::kBase;
  bool good_till = false;
  int value_date = 0;             // days since 1970
  int value_date2 = 0;            // of a swap's far leg
  int fixing_date = 0;            // of an NDF
  std::vector<Request> requests;  // the order's own first
  int live = 0;                   // whose terms hold
  Terms terms;                    // and what they are, as confirmed or restated
  std::vector<Execution> executions;
  bool over = false;  // cancelled, rejected, expired, done for its only day

  Int cum() const;
  Int leaves() const;
  bool is_open() const { return !over && leaves() > 0; }
};

// A broker gives an order another quantity: a swap keeps its proportion.
void scale(Terms& terms, Int qty);
// The part of the far leg that goes with so much of the near one.
Int far_part(const Terms& terms, Int qty, Int (*rounded)(Int, Int));

enum class Limit : std::uint8_t {
  kOrderQuantity,
  kOrderNotional,
  kCollar,
  kOpenOrders,
  kGross,
  kLong,
  kShort,
  kCurrency,
  kNet,
  kVolume,
  kSettlement,
  kCount
};
inline constexpr std::size_t kLimits = static_cast<std::size_t>(Limit::kCount);

enum class Scope : std::uint8_t { kFirm, kClient, kAccount, kBroker, kInstrument };
enum class Condition : std::uint8_t { kActive, kReduceOnly, kBlockNew };

struct NodeId {
  Scope scope = Scope::kFirm;
  int index = 0;
};

struct InstrumentSums {
  Int position = 0, open_buy = 0, open_sell = 0;
};
struct CurrencySums {
  Int position = 0, in = 0, out = 0;
};
inline constexpr std::size_t kMaxInstruments = 4, kMaxCurrencies = 4;
using CurrencyTable = std::array<CurrencySums, kMaxCurrencies>;
struct Sums {
  std::array<InstrumentSums, kMaxInstruments> instruments;
  CurrencyTable currencies;
  Int gross = 0, traded = 0;
  std::int64_t orders = 0;
};

// The sum of what would be long, and of what would be short, of all currencies but the risk currency; the larger.
Int aggregate(const CurrencyTable& currencies, const std::vector<Int>& rates);
// The larger of what may be long and what may be short.
Int largest_side(const CurrencySums& sums);

// One reason to refuse. Not `sure`: the rules leave it open, or it hangs on a rounding.
struct Failure {
  std::string control;
  bool sure = true;
};

struct Candidate {
  int broker = -1;
  std::vector<Failure> failures;
};

// What must become of an order or a replace.
struct Prediction {
  std::vector<Failure> failures;      // in the order in which they count
  std::vector<Candidate> candidates;  // an order's brokers in turn
  Order order;                        // an order that is accepted, without its broker
  Request request;                    // a replace that is accepted

  // Empty, or why the outcome contradicts the rules. `control` of a refusal; `broker` of an accepted order.
  std::string contradiction(bool accepted, std::string_view control, int broker) const;
};

class Model {
 public:
  struct Instrument {
    std::string symbol;
    int base = 0, term = 0;
    Int tick = 0, minimum = 0, step = 0;
    std::vector<int> brokers;  // its route
    bool ndf = false;
  };
  struct Account {
    std::string name;
    int client = 0;
  };
  struct Node {
    std::array<std::optional<Int>, kLimits> limits;
    Condition condition = Condition::kActive;
  };
  struct Value {
    Int value = 0;
    std::int64_t time_ms = 0;
  };
  struct Quote {
    Int bid = 0, ask = 0;
    std::int64_t time_ms = 0;
  };

  // --- the world ------------------------------------------------------------------------------------------
  std::vector<std::string> currencies;  // the first is the risk currency
  std::vector<Instrument> instruments;
  std::vector<Account> accounts;
  std::vector<std::string> clients, brokers;
  std::vector<std::optional<Value>> rates;   // by currency
  std::vector<std::optional<Quote>> quotes;  // by instrument
  std::int64_t stale_after_ms = 0;           // 0: never
  std::int64_t now_ms = 0;
  std::array<bool, kLimits> enforced = {};  // which limits this release tests
  int day = 0;                              // counts the rolls
  int trade_date = 0;                       // days since 1970

  Node& node(NodeId id) { return nodes_[{id.scope, id.index}]; }
  std::vector<NodeId> all_nodes() const;

  // --- what would become of a message ------------------------------------------------------------------------
  // account, instrument -1: unknown.
  // `buys`: base, and of a swap its near leg. Dates as in Order.
  struct Dates {
    int far = 0, fixing = 0;
  };
  Prediction predict_new(int client, int account, int instrument, bool buys, Dealt dealt, const Terms& terms,
                         const Dates& dates) const;
  Prediction predict_replace(int order, const Terms& terms) const;

  // --- what was said ------------------------------------------------------------------------------------------
  int add(const Order& order) {
    orders.push_back(order);
    return static_cast<int>(orders.size()) - 1;
  }
  void fill(int order, std::string id, Int qty, Int price, Int price2 = 0);
  // False: there is nothing to undo.
  bool bust(int order, std::string_view id);
  bool correct(int order, std::string_view ref, std::string id, Int qty, Int price, Int price2 = 0);
  void replaced(int order, int request, const Terms& terms);
  void replace_refused(int order, int request);
  void restated(int order, Int qty);
  void ended(int order);
  void suspense_fill(int broker, int instrument, bool buy, Int qty, Int price);

  // --- what is so ---------------------------------------------------------------------------------------------
  Amounts need(const Order& order) const;
  // Of every node in all_nodes(), from the lists.
  std::vector<Sums> sums() const;
  // The aggregate net position at the last known rates, exact in 10^-14 of the risk currency.
  Int net_exact(const Sums& sums) const;

  // What would settle on this date, exact in 10^-14 of the risk currency, by the given rates. `more`: what an order
  // would add to the open receivables of each currency.
  Int settlement_exact(NodeId id, int date, const std::vector<Int>& by, const CurrencyTable& more = {}) const;
  std::vector<Int> last_rates() const;
  // Two business days after the trade date; there are no holidays here.
  int spot_date() const;

  std::vector<Order> orders;
  struct Suspense {
    int broker = 0, instrument = 0;
    Execution execution;
  };
  std::vector<Suspense> suspense;

 private:
  struct Key {
    Scope scope;
    int index;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  enum class Age : std::uint8_t { kFresh, kStale, kDead };

  const Node* find(NodeId id) const;
  std::optional<Int> limit(NodeId id, Limit which) const;
  Age age(std::int64_t since) const;
  std::optional<Int> rate_now(int currency) const;  // with the haircut of a stale one
  const Quote* quote_now(int instrument) const;     // fresh only
  Int counter_price(int instrument, bool buys_base, Dealt dealt, const Terms& terms) const;
  std::optional<Valuation> value(int instrument, bool buys_base, Dealt dealt, const Terms& terms) const;
  Amounts amounts(bool buys_base, Dealt dealt, Int qty, const Terms& terms, const Valuation& valuation) const;
  Amounts swap_amounts(bool buys_base, Dealt dealt, Int qty, const Terms& terms, const Valuation& valuation) const;
  Execution execution(int instrument, bool buys_base, Dealt dealt, std::string id, Int qty, Int price) const;
  Execution execution_of(const Order& order, std::string id, Int qty, Int price, Int price2) const;
  // It has left the positions: it was made before its fixing, and that has passed.
  bool is_fixed(const Order& order, const Execution& execution) const {
    return order.fixing_date != 0 && order.fixing_date < trade_date && execution.made <= order.fixing_date;
  }
  int latest(const Order& order, std::string_view id) const;

  struct Asked {
    int client, account, instrument;
    bool buys_base;
    Dealt dealt;
    Terms terms;
    Amounts before, after;  // what the order holds and would hold
    Valuation valuation;
    int value_date = 0, value_date2 = 0, fixing_date = 0;
    bool is_new = true, quantity_up = true, price_changed = true;
    bool is_swap() const { return terms.type == Type::kSwap; }
  };
  std::vector<NodeId> path(const Asked& asked) const;
  void check_size(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const;
  void check_sums(const Asked& asked, const std::vector<NodeId>& nodes, const std::vector<Sums>& sums,
                  std::vector<Failure>& failures) const;
  void check_condition(const Asked& asked, const std::vector<NodeId>& nodes, const std::vector<Sums>& sums,
                       std::vector<Failure>& failures) const;
  std::size_t place(NodeId id) const;

  std::map<Key, Node> nodes_;
};

}  // namespace portcullis::scenarios::exact
