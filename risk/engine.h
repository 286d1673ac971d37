#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_sink.h"
#include "base/result.h"
#include "config/config.h"
#include "order/events.h"
#include "order/reject.h"
#include "order/terms.h"
#include "order/types.h"
#include "risk/check_log.h"
#include "risk/growth.h"
#include "risk/path.h"
#include "risk/scopes.h"
#include "risk/state.h"
#include "risk/swap_amounts.h"

// Pre-trade risk: one object with all of its state. The const functions decide, with all checks before
// any reservation; the others apply what was decided and take stored amounts only, so that a replay
// repeats history and never decides again. One thread; no allocation in the const functions, and in the
// others only when a scope meets an instrument or a currency for the first time.

namespace portcullis::risk {

// The index that a configured name was given, or nothing.
using NameLookup = std::function<std::optional<std::uint32_t>(order::NameKind, std::string_view name)>;

struct TermsAndValuation {
  order::Terms terms;
  order::Valuation valuation;
};

// A NewOrderSingle as risk sees it. An unknown account or instrument is none.
struct NewOrder {
  order::ClientId client;
  order::AccountId account;
  order::SessionId session;
  order::InstrumentId instrument;
  order::TraderId trader;
  ValueDate value;   // as value_date() answered
  ValueDate value2;  // of a swap's far leg, as far_value_date() answered
  std::int32_t fixing_date = 0;  // of an NDF
  config::SelfCross self_cross = config::SelfCross::kOff;
  order::Side side = order::Side::kBuy;
  order::Dealt dealt = order::Dealt::kBase;  // kTermCash: CashOrderQty(152)
  order::Terms terms;
  UtcTime now;
  bool duplicate_cl_ord_id = false;  // the caller's answer to control A4

  // C2 is asked of a large table. Who knows the order's terms early brings near what it will look at; else it is
  // sought when it is asked.
  void seek_alike(const OrderMemory& memory) {
    of_account = memory.seek(Likeness::of(account, instrument, side, dealt, terms));
    if (trader.has_value()) of_trader = memory.seek(Likeness::of(trader, instrument, side, dealt, terms));
    is_sought = true;
  }
  bool is_sought = false;  // by the terms as they are
  OrderMemory::Sought of_account;
  OrderMemory::Sought of_trader;
};

// An open order that its client asks to replace.
struct LiveOrder {
  order::ClientId client;
  order::AccountId account;
  order::SessionId session;
  order::BrokerId broker;
  order::InstrumentId instrument;
  order::TraderId trader;
  std::int32_t settle_date = 0;
  std::int32_t settle_date2 = 0;  // of a swap's far leg
  std::int32_t fixing_date = 0;   // of an NDF
  config::SelfCross self_cross = config::SelfCross::kOff;
  order::Side side = order::Side::kBuy;
  order::Dealt dealt = order::Dealt::kBase;
  Quantity cum_qty;
  order::Need reserved;                      // what it holds now
  order::SwapNeed swap_reserved;             // and, of a swap, by leg and direction
  std::span<const TermsAndValuation> terms;  // live first, then the pending replaces; never empty
  UtcTime now;
  bool duplicate_cl_ord_id = false;
};

// need and valuation count when `reject` is none.
struct Verdict {
  order::Reject reject;
  order::Need need;            // of a new order: its own; of a replace: the order's whole need from now on
  order::SwapNeed swap_need;   // likewise, of a swap
  order::Valuation valuation;  // of the (new) terms
  order::BrokerId broker;      // of a new order: the candidate, when it lets it pass, too
  Growing base_growing = {};   // of a new order, for its broker
  Growing term_growing = {};

  bool accepted() const { return !reject; }
};

class Judge;

class Engine {
 public:
  Engine();

  // --- what there is: events and the configuration -----------------------------------------------------
  // A name got its index. An instrument's owner word is its base currency's index in the upper 16 bits and
  // its term currency's in the lower, so that what happened to it can be applied without a configuration;
  // zero: they come from the configuration.
  void add_name(const order::NameAdded& name);
  // Definitions, limits, throttles and market ages as configured; called again for a new configuration.
  // What is no longer in it is refused from now on, its sums stay. Names without an index are skipped.
  // Quotes and rates of the file are not read here: they come as events.
  void configure(const config::Config& config, const NameLookup& index_of);
  // An option of control D3, `risk.offset`.
  void set_offset(Offset offset) { state_.settings.offset = offset; }

  void set_quote(order::InstrumentId instrument, Price bid, Price ask, UtcTime time, bool from_configuration);
  void set_rate(order::CurrencyId currency, Rate rate, UtcTime time, bool from_configuration);
  // `limit` is an index into config's table of limits; unset: inherited again (at the firm: zero).
  void set_limit(order::Scope scope, std::uint32_t id, std::uint16_t limit, std::int64_t raw, bool unset,
                 std::uint64_t version);
  // As configured again, or inherited: the operator says nothing of it any more.
  void forget_limit(order::Scope scope, std::uint32_t id, std::uint16_t limit, std::uint64_t version);
  void set_scope_state(order::Scope scope, std::uint32_t id, order::ScopeState state);
  // The trading day ends: volumes start at zero, and what settles before the new trade date is settled; what is
  // open stays, and positions do, unless the new day is to begin without any.
  void start_day(std::int32_t trade_date, config::RollPositions positions = config::RollPositions::kCarry);
  // A client joins a group, or leaves it (none): its sums go with it.
  void set_group(order::ClientId client, order::GroupId group);

  // Whether a limit or a state can hang there: whether there is such a scope.
  bool has_limits(order::Scope scope, std::uint32_t id) const { return state_.find(scope, id) != nullptr; }
  bool has_state(order::Scope scope, std::uint32_t id) const;
  // What was set there itself, whatever holds above it.
  order::ScopeState own_state(order::Scope scope, std::uint32_t id) const;

  // --- deciding ------------------------------------------------------------------------------------------
  // Every control; see docs/risk.md for the order. The checks made are added to `log`. With a `candidate` its own state
  // and limits are asked with all others, in one pass; what only they refuse is accepted without a broker, and as if
  // there were none.
  Verdict evaluate_new(const NewOrder& order, CheckLog& log,
                       order::BrokerId candidate = order::BrokerId::none()) const;
  // Whether an order that most are like, and that passes, is taken in one sweep (at first it is): what is decided, and its
  // evidence, are the same (risk/ordinary.h).
  void sweep_ordinary(bool sweep);
  // Control D9: the broker's own state and limits for an order that evaluate_new accepted without a broker. Asked for
  // each candidate, so that a full line is passed over.
  order::Reject evaluate_broker(order::BrokerId broker, const NewOrder& order, const Verdict& verdict,
                                CheckLog& log) const;
  // Only what the replace increases is tested, at its broker too. One that only takes quantity away passes
  // always, but for malformed terms.
  Verdict evaluate_replace(const LiveOrder& order, const order::Terms& new_terms, CheckLog& log) const;

  // The trade date of `now`: the day's own, or before the first day has begun the UTC date.
  std::int32_t trade_date(UtcTime now) const;
  // When an order of this instrument settles.
  ValueDate value_date(order::InstrumentId instrument, const SettlementAsked& asked, UtcTime now) const;

  // And when the far leg of a swap does, which says so itself: SettlDate2(193).
  ValueDate far_value_date(order::InstrumentId instrument, std::int32_t settl_date2, UtcTime now) const;

  // C1 for a client's D or G; evaluate_new asks it itself, evaluate_replace too.
  order::Reject check_throttle(order::SessionId session, UtcTime now) const;
  // False: out of tokens. New orders leave the share that is kept for cancels.
  bool broker_has_token(order::BrokerId broker, UtcTime now, bool is_cancel) const;

  // The instrument has a quote that a price can be judged by: fresh, and no wider than max_spread_percent.
  bool has_reference(order::InstrumentId instrument, UtcTime now) const;

  // The strongest state of all scopes of `place`.
  order::ScopeState effective_state(const Place& place) const;
  order::ScopeState broker_state(order::BrokerId broker) const;  // and the firm's

  // The largest of the needs of live and pending terms after `cum_qty`, component by component.
  order::Need need_of(order::InstrumentId instrument, order::Side side, order::Dealt dealt,
                      std::span<const TermsAndValuation> terms, Quantity cum_qty) const;
  // What a swap has beside that.
  order::SwapNeed swap_need_of(order::Side side, order::Dealt dealt, std::span<const TermsAndValuation> terms,
                               Quantity cum_qty) const;
  // An execution of a swap, at the rates of now: last_qty and last_px of the near leg, last_px2 of the far one.
  SwapFill swap_fill_of(order::InstrumentId instrument, order::Side side, order::Dealt dealt, const order::Terms& terms,
                        Quantity last_qty, Price last_px, Price last_px2) const;
  // What an execution moves, at the rates of now; last_qty is of the dealt currency, as OrderQty is.
  // A bust or a correction books reversed(booking of the old), see risk/amounts.h.
  order::Booking booking_of(order::InstrumentId instrument, order::Side side, order::Dealt dealt, Quantity last_qty,
                            Price last_px) const;

  // --- applying ------------------------------------------------------------------------------------------
  // All that one event moves, in one pass over the scopes of `place`: what the order reserves, from `before` to `after`;
  // what it has executed; and whether it has opened (+1) or is over (-1). The three below are parts of it.
  void move(const Place& place, const order::Need& before, const order::Need& after, const order::Booking& booking,
            int opened);
  // Moves every scope of `place` from `before` to `after`.
  void reserve(const Place& place, const order::Need& before, const order::Need& after);
  // D1: +1 when an order opens, -1 when it is over.
  void count_open(const Place& place, int delta);
  void book(const Place& place, const order::Booking& booking);
  // Whether the sums' worth in the risk currency is kept up with each event (at first it is). Who only folds events has
  // no use for it: it follows from the sums, and is worked out anew with the first event after it is kept again.
  void keep_marks(bool keep) { keeps_marks_ = keep; }
  // What a swap reserves and settles beside that; `place` has no value date of its own then.
  void reserve_swap(const Place& place, const SwapDates& dates, const order::SwapNeed& before,
                    const order::SwapNeed& after);
  void settle_swap(const Place& place, const SwapDates& dates, const order::SwapBooking& booking);
  // An execution of no order of ours: the firm, the suspense account, its broker and instrument. Nothing
  // moves when the instrument is none.
  void suspend(order::InstrumentId instrument, order::BrokerId broker, bool buys_base, const order::Booking& booking);
  // C2: a NewOrderSingle was accepted. Broker, and whether base is bought, do not matter here.
  void remember_order(order::AccountId account, order::TraderId trader, order::InstrumentId instrument,
                      order::Side side, order::Dealt dealt, const order::Terms& terms, UtcTime now);
  // C3: an order of the session, and of its trader, has its first execution.
  void count_filled_order(order::SessionId session, order::TraderId trader, order::InstrumentId instrument,
                          bool buys_base);
  // What its positions are worth hangs on it; an event says it, so that no configuration is needed.
  void know_multiplier(order::InstrumentId instrument, std::int64_t multiplier);
  // A control has tripped, and stays so until it is re-armed; C3 begins to count anew then.
  void set_latch(const Latch& latch) { state_.latches.set(latch); }
  void rearm(const LatchKey& key);
  // A breaker that only warns has done so, or its condition is over.
  void set_told(const Latch& latch, bool on) { on ? state_.told.set(latch) : state_.told.clear(latch.key); }
  // B4: the first order of a window.
  void open_drift_window(order::InstrumentId instrument, Price reference, UtcTime now);
  // F1 and C4: what a session asked for and what became of it; what a broker answered.
  void count_decision(order::SessionId session, bool refused, UtcTime now);
  void count_messages(order::SessionId session, const DayCounts& more);
  void count_answer(order::BrokerId broker, bool rejected, UtcTime now);
  // F1: a D, F or G of the session, whatever becomes of it; an execution of one of its orders.
  void count_message(order::SessionId session, UtcTime now);
  void count_execution(order::SessionId session, UtcTime now);
  // D10: an order of a client that asks for it rests at this price, or rests there no more.
  void rest(order::ClientId client, order::InstrumentId instrument, bool buys_base, Price price) {
    state_.open_prices.add(client, instrument, buys_base, price);
  }
  void unrest(order::ClientId client, order::InstrumentId instrument, bool buys_base, Price price) {
    state_.open_prices.remove(client, instrument, buys_base, price);
  }
  void forget_resting() { state_.open_prices.clear(); }
  // A soft level of a limit was crossed; `to.level` zero: it is below all again.
  void set_level(order::Scope scope, std::uint32_t id, const LevelReached& to);
  // A message of the client, D, F or G, has come.
  void take_token(order::SessionId session, UtcTime now);
  void take_broker_token(order::BrokerId broker, UtcTime now);

  // --- snapshots -----------------------------------------------------------------------------------------
  // The state's own encoding; a changed one is a new kSnapshotVersion, never an edit.
  static constexpr std::uint32_t kSnapshotVersion = 10;
  // Appends everything but what configure() puts back. Equal states give equal bytes.
  void save(ByteSink& out) const;
  void save(std::vector<std::byte>& out) const;
  // Into a new engine, before configure(); takes its bytes off the front of `in`. The fault says what is wrong
  // with them; the engine is of no use then.
  Status load(std::span<const std::byte>& in);

  // --- views ---------------------------------------------------------------------------------------------
  const State& state() const { return state_; }
  std::uint64_t limits_version() const { return state_.limits_version; }
  std::uint64_t market_version() const { return state_.market.version(); }
  // D5 over what is open and executed, in the risk currency, at the last known rates.
  Amount net_open_position(const Exposure& exposure) const;
  // How much of a limit is used at `now`: what GET /limits shows. Nothing for limits that have no usage of their own.
  // Without `now` nothing has grown too old for its window.
  std::optional<std::int64_t> used(const Node& node, Limit limit, UtcTime now = UtcTime()) const;
  // C3: how many orders of one session, instrument and direction may have an execution before it latches, for an
  // order of this account; the tightest of the account's, its client's and the firm's word.
  std::int64_t repeated_executions_limit(order::AccountId account) const;
  // The same of a trader, of all its sessions; nothing when it states none itself.
  std::optional<std::int64_t> repeated_executions_limit_of(order::TraderId trader) const;

  // The scopes of `place`, where their sums are and what they say. Good until the next question or event.
  const Scopes& scopes_of(const Place& place) const { return scopes_.to_decide(state_, place, false); }
  // For who brings near, step by step, what an event of the place will move: where its scopes are known; the scopes, null
  // where nothing is known of them yet.
  void look_at(const Place& place) const { scopes_.look_at(place); }
  const Scopes* known_scopes_of(const Place& place) const { return scopes_.known(place); }
  // Calls visit(const Node&) for every scope whose loss may be judged otherwise than when all were last looked at: its
  // profit, its limits or what they have led to are others. In the order of State::each_node.
  template <typename Visit>
  void each_moved_profit(Visit&& visit) const {
    const ProfitIndex& index = state_.profits;
    if (!index.all_moved && index.moved.size() < state_.accounts.size() / kFewMoved) {
      std::sort(index.moved.begin(), index.moved.end());
      for (const ProfitScope moved : index.moved) visit(*state_.find(moved.scope(), moved.id()));
      return;
    }
    state_.each_node([&](const Node& node) {
      if (!keeps_profit(node.scope)) return;
      if (index.all_moved || node.profit.looked_at() == index.look) visit(node);
    });
  }
  // All have been looked at.
  void forget_moved_profits() const {
    state_.profits.moved.clear();
    state_.profits.all_moved = false;
    ++state_.profits.look;
  }

  // Nothing, or the first sum that does not fit: the sum of children differs from their parent, or
  // something open is negative. For recovery and tests; walks everything.
  std::optional<Error> verify() const;

 private:
  // `broker`: none, or one whose state and limits are asked, too. Of sweep() false: it does not say.
  bool sweep(const NewOrder& order, order::BrokerId broker, CheckLog& log, Verdict& verdict) const;
  Verdict judge_new(const NewOrder& order, order::BrokerId broker, Judge& judge) const;
  Movement movement_of(const Place& place) const;
  // `change(NodeLimits&, Limit)`: what the operator says of it now.
  template <typename Change>
  void change_limit(order::Scope scope, std::uint32_t id, std::uint16_t limit, std::uint64_t version, Change&& change);
  // Whether a soft level slows the client's sessions.
  void slow_sessions(const Node& client);
  // E1: what the scope's executions are worth at the market of now.
  bool mark_profit(Node& node, order::InstrumentId instrument);
  void mark_all_profit();
  // Of D8, what the rates in moved_rates_ have moved.
  void renew_moved_credit();
  // What a quote of the instrument (none: no quote) and the rates in moved_rates_ have moved; forgets these.
  void mark_moved_profits(order::InstrumentId quoted);
  template <typename Mark>
  void each_in(std::vector<ProfitScope>& list, Profit::Listed of, order::InstrumentId instrument, Mark&& mark);
  // For the index: that it stands in these lists from now on; that what its loss is judged by is another.
  void list_profit(const Node& node, order::InstrumentId instrument, Profit::Listed lists);
  void list_all_profit();
  void note_moved(Node& node);
  void note_executed(const Node& scope, order::InstrumentId instrument, Profit::Listed lists);
  // Rates that nobody has told, from quotes against USD (risk/triangulate.cc); adds to moved_rates_.
  void derive_rates(order::InstrumentId quoted);
  void derive_all_rates();
  void derive_rate(order::CurrencyId currency);

  void move_scopes(const Place& place, const Moves& moves, bool books);
  void execute(const Scopes& scopes, const Movement& what, const order::Booking& booked, Rate term_rate);

  // Above one in so many of the accounts a walk over all is cheaper than an order of those that have moved.
  static constexpr std::size_t kFewMoved = 16;

  State state_;
  bool keeps_marks_ = true;
  bool sweeps_ = false;
  std::vector<order::CurrencyId> moved_rates_;  // by the event at hand
  std::vector<ProfitScope> moved_now_;          // likewise, more than once as it may be
  mutable ScopeCache scopes_;  // what follows from the state, kept for the next decision or event alike
};

}  // namespace portcullis::risk
