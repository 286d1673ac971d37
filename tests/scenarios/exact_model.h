#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenarios/exact_numbers.h"
#include "tests/scenarios/exact_orders.h"

// A second opinion on pre-trade risk: slow, exact, and written from the rules alone. It shares no code and no
// arithmetic with risk/, and it keeps no sums: what a scope holds is worked out anew from the list of orders, requests
// and executions whenever something has changed. Whoever feeds it tells it what was said; it says what must be so.
//
// exact_numbers: arithmetic. exact_orders: what an order is. exact_amounts: what terms may move. exact_booking: what
// was said, written down. exact_sums: what scopes hold. exact_profit: what the day has brought (E1). exact_limits: what
// holds where, for how long, and under which cap. exact_start: what is asked before a client or a day begins.
// exact_checks: the controls. exact_predictions: what must become of a message.

namespace portcullis::scenarios::exact {

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
  kDayQuantity,
  kLoss,
  kDrawdown,
  kRepeated,
  kCredit,
  kBand,  // how far a price may stay behind the market untold
  kCount
};
inline constexpr std::size_t kLimits = static_cast<std::size_t>(Limit::kCount);
inline constexpr Int kNone = power(30);  // where an optional limit is not stated

enum class Scope : std::uint8_t {
  kFirm,
  kClient,
  kAccount,
  kBroker,
  kInstrument,
  kGroup,
  kSession,
  kTrader,
  kCurrency
};
enum class Condition : std::uint8_t { kActive, kReduceOnly, kBlockNew };

struct NodeId {
  Scope scope = Scope::kFirm;
  int index = 0;
  friend auto operator<=>(const NodeId&, const NodeId&) = default;
};

struct InstrumentSums {
  Int position = 0, open_buy = 0, open_sell = 0;
  Int volume = 0;  // traded today and open, without netting
  Int cash = 0;    // received less paid for it, ever
};
struct CurrencySums {
  Int position = 0, in = 0, out = 0;
};
inline constexpr std::size_t kMaxInstruments = 5, kMaxCurrencies = 4;
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

// What is told of one order when it is taken: it is large beside a limit, or far behind the market. One of `by`, when
// several scopes state the same; not `sure`: the rules leave it open.
struct Large {
  Limit limit = Limit::kOrderQuantity;
  std::vector<NodeId> by;
  bool sure = true;
};

struct Candidate {
  int broker = -1;
  std::vector<Failure> failures;
  std::vector<Large> large;
};

// What must become of an order or a replace.
struct Prediction {
  std::vector<Failure> failures;      // in the order in which they count
  std::vector<Candidate> candidates;  // an order's brokers in turn
  std::vector<Large> large;           // once it is accepted
  Order order;                        // an order that is accepted, without its broker
  Request request;                    // a replace that is accepted

  // Empty, or why the outcome contradicts the rules. `control` of a refusal; `broker` of an accepted order.
  std::string contradiction(bool accepted, std::string_view control, int broker) const;
};

// So many orders alike within a time: C2.
struct Duplicates {
  std::int64_t count = 0, window_ms = 0;
};

class Model {
 public:
  struct Instrument {
    std::string symbol;
    int base = 0, term = 0;  // base -1: no FX
    Int tick = 0, minimum = 0, step = 0;
    std::vector<int> brokers;  // its route
    bool ndf = false;
    bool restricted = false;  // only what brings a position nearer to zero
    Int multiplier = 1;
    bool is_fx() const { return base >= 0; }
  };
  struct Account {
    std::string name;
    int client = 0;
  };
  struct Trader {
    std::string name;  // as CLIENT/TRADER
    int client = 0;
  };
  using LimitSet = std::array<std::optional<Int>, kLimits>;
  struct Node {
    LimitSet limits;
    std::map<int, LimitSet> crossed;  // by instrument: what holds there beside the limits
    std::optional<Duplicates> duplicates;
    std::set<std::pair<int, bool>> forbidden;  // instruments, and whether their base is bought
    Condition condition = Condition::kActive;
    bool lost = false, fallen = false;  // E1 has latched: by the day's loss, by what was lost since its peak
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
  std::vector<std::string> clients, brokers, groups;
  std::vector<int> group_of;  // by client; -1: none
  std::vector<Trader> traders;
  std::vector<std::optional<Value>> rates;   // by currency
  std::vector<std::optional<Quote>> quotes;  // by instrument
  std::int64_t stale_after_ms = 0;           // 0: never
  Int max_spread = kNone;                    // of the middle, at 10^-8: a wider quote is none
  std::int64_t now_ms = 0;
  std::array<bool, kLimits> enforced = {};  // which limits this release tests
  int day = 0;                              // counts the rolls
  int trade_date = 0;                       // days since 1970
  struct AddOn {
    int days = 0;
    Int percent = 0;
  };
  std::vector<AddOn> add_on;  // D8
  Int order_percent = 0;      // B1, B2: an order of so much of its limit is told of; 0: none is
  bool flat_days = false;     // a day begins without positions
  LimitSet caps = {};         // no limit of any scope is looser
  std::vector<Limit> mandatory;  // that a client has of its own before its session is enabled
  std::vector<bool> enabled;     // by client: its session

  Node& node(NodeId id) { return nodes_[id]; }
  const Node& node(NodeId id) const;
  std::vector<NodeId> all_nodes() const;

  // --- what would become of a message ------------------------------------------------------------------------
  // account, instrument, trader -1: unknown, or none.
  // `buys`: base, and of a swap its near leg. Dates as in Order.
  struct Dates {
    int far = 0, fixing = 0;
  };
  Prediction predict_new(int client, int account, int trader, int instrument, bool buys, Dealt dealt,
                         const Terms& terms, const Dates& dates) const;
  Prediction predict_replace(int order, const Terms& terms) const;

  // --- what was said ------------------------------------------------------------------------------------------
  int add(const Order& order);
  void fill(int order, std::string id, Int qty, Int price, Int price2 = 0);
  // False: there is nothing to undo.
  bool bust(int order, std::string_view id);
  bool correct(int order, std::string_view ref, std::string id, Int qty, Int price, Int price2 = 0);
  void ask_replace(int order, const Request& request);
  void replaced(int order, int request, const Terms& terms);
  void replace_refused(int order, int request);
  void restated(int order, Int qty);
  void ended(int order);
  void suspense_fill(int broker, int instrument, bool buy, Int qty, Int price);
  void roll(int to);
  // A client joins another group (-1: none).
  void regroup(int client, int group);
  // Scopes that have come to be.
  int trader(const std::string& name, int client);
  // A file of start-of-day positions. It is taken whole, or not at all; what of it is taken replaces what is held.
  struct PositionLine {
    int account = 0, instrument = 0;
    Int qty = 0, price = 0;
  };
  enum class FileAnswer : std::uint8_t { kTaken, kRefused, kEither };
  FileAnswer predict_positions(int of_day, const std::vector<PositionLine>& lines) const;
  void start_positions(const std::vector<PositionLine>& lines);

  // --- limits over time ---------------------------------------------------------------------------------------
  std::optional<Int> own(NodeId id, Limit which) const;
  Int limit(NodeId id, Limit which) const;
  // `until_ms` 0: for good. `by_two`: two persons' word, which ends a change that was for a time.
  void set_limit(NodeId id, Limit which, Int value, std::int64_t until_ms, bool by_two);
  // What was changed until now or earlier goes back; how many.
  int revert();
  // What the client has not of its own, for good, of what is mandatory.
  std::vector<Limit> missing(int client) const;
  // A configuration is read: who lacks something is not enabled any more.
  void disable_who_lacks();
  void set_condition(NodeId id, Condition condition);

  // --- what is so ---------------------------------------------------------------------------------------------
  Amounts need(const Order& order) const;
  const Holding& holding(const Order& order) const;
  // Of every node in all_nodes(), from the lists.
  const std::vector<Sums>& sums() const;
  const Sums& sums_of(NodeId id) const { return sums()[place(id)]; }
  // The aggregate net position at the last known rates, exact in 10^-14 of the risk currency.
  Int net_exact(const Sums& sums) const;

  // What would settle on this date, exact in 10^-14 of the risk currency, by the given rates. `more`: what an order
  // would add to the open receivables of each currency.
  Int settlement_exact(NodeId id, int date, const std::vector<Int>& by, const CurrencyTable& more = {}) const;
  std::vector<Int> last_rates() const;
  // Two business days after the trade date; there are no holidays here.
  int spot_date() const;

  // The day's profit of a scope that keeps it, in the risk currency at 10^-2; a few cents of it are rounding.
  Int profit(NodeId id) const;
  static constexpr Int kProfitDoubt = 12;
  bool keeps_profit(NodeId id) const;
  // Executions, quotes, rates or limits have changed: E1 of these scopes. What hangs on a rounding is decided
  // as `told` says: whether the gateway has latched.
  struct Told {
    bool lost = false, fallen = false;
  };
  template <typename Ask>
  void judge_losses(const std::vector<NodeId>& ids, Ask&& told) {
    for (const NodeId id : ids) {
      if (keeps_profit(id)) judge_loss(id, told(id));
    }
  }
  // The scopes of an order that is there.
  std::vector<NodeId> scopes_of(const Order& order) const;

  // When an order was told of at a scope, by the limit; once in a minute.
  std::map<std::pair<NodeId, Limit>, std::int64_t> told_at;
  // The order is taken. `asked` decides what the rules leave open: whether the gateway has told of it now.
  template <typename Ask>
  int tell(const std::vector<Large>& all, Ask&& asked) {
    int told = 0;
    for (const Large& large : all) {
      for (const NodeId id : large.by) {
        const auto last = told_at.find({id, large.limit});
        if (last != told_at.end() && now_ms - last->second < 60'000) continue;
        const bool open = !large.sure || large.by.size() > 1;
        if (open && !asked(id, large.limit)) continue;
        told_at[{id, large.limit}] = now_ms;
        ++told;
      }
    }
    return told;
  }

  // D8: what is lent to a client, or by a broker, exact in 10^-14; `more` may come.
  struct Growth {
    int instrument = -1;
    Int buy = 0, sell = 0;
    std::vector<std::pair<int, Int>> settles;  // date, worth at 10^-14
  };
  Int credit_exact(NodeId who, const Growth& more) const;
  // Of the firm: the sum of its clients.
  Int credit_in_use(NodeId who) const;

  // C3: orders with an execution since it was armed.
  struct Counted {
    NodeId who;  // a session or a trader
    int instrument = 0;
    bool buys = false;
    friend auto operator<=>(const Counted&, const Counted&) = default;
  };
  std::map<Counted, std::int64_t> filled;
  std::map<Counted, bool> repeated;  // latched
  void rearm(const Counted& what) {
    filled[what] = 0;
    repeated[what] = false;
  }

  std::vector<Order> orders;
  struct Suspense {
    int broker = 0, instrument = 0;
    Execution execution;
  };
  std::vector<Suspense> suspense;
  // What files of positions have moved: of an account and its client, of no broker and no trader.
  struct Adjustment {
    int account = 0, instrument = 0;
    Execution execution;
  };
  std::vector<Adjustment> adjustments;

 private:
  enum class Age : std::uint8_t { kFresh, kStale, kDead };
  struct Temporary {
    NodeId id;
    Limit which;
    std::optional<Int> before;  // what the scope itself had stated
    Int held = 0;               // and what held there
    Int meanwhile = 0;
    std::int64_t until_ms = 0;
  };
  struct Seen {
    std::int64_t time_ms = 0;
    int account = 0, trader = -1, instrument = 0;
    bool buys_base = false;
    Dealt dealt = Dealt::kBase;
    Type type = Type::kLimit;
    Int qty = 0, price = 0;
  };
  struct Carried {
    Int value = 0, cash = 0;  // of an instrument, when the day began
  };

  NodeId above(NodeId id) const;
  bool has_for_good(NodeId id, Limit which) const;
  Int capped(Limit which, Int value) const {
    return -worse(-value, -caps[static_cast<std::size_t>(which)].value_or(kNone));
  }
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
  Order& changed(int number);
  void roll_up(std::vector<Sums>& all, int account, int trader, int broker, int instrument, const Sums& part) const;
  Int worth_at_close(NodeId id, int instrument) const;
  void judge_loss(NodeId id, const Told& told);
  void trip(Node& here, Int by, Int limit, bool& latched, bool told);

  struct Asked {
    int client, account, trader, instrument;
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
  // What holds at the scope for an order in this instrument.
  Int limit_for(NodeId id, Limit which, int instrument) const;
  bool asks_netted(NodeId id, Limit which, int instrument) const;
  bool brings_nearer(const Asked& asked, NodeId id) const;
  void check_condition(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const;
  void check_lists(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const;
  void check_repeated(const Asked& asked, std::vector<Failure>& failures) const;
  void check_size(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const;
  void check_alike(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const;
  void check_sums(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const;
  void check_currencies(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const;
  void check_settlement(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const;
  void check_credit(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const;
  void check_all(const Asked& asked, const std::vector<NodeId>& nodes, std::vector<Failure>& failures) const;
  std::vector<Large> large(const Asked& asked, const std::vector<NodeId>& nodes) const;
  Seen seen(const Asked& asked) const;
  std::size_t place(NodeId id) const;

  std::map<NodeId, Node> nodes_;
  std::vector<Temporary> temporary_;
  std::vector<Seen> seen_;                             // accepted orders
  std::map<std::pair<NodeId, int>, Carried> carried_;  // by scope and instrument
  std::map<NodeId, Int> peaks_;
  mutable std::vector<Sums> sums_;
  mutable bool summed_ = false;
};

}  // namespace portcullis::scenarios::exact
