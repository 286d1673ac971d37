#include "risk/engine.h"

#include <algorithm>
#include <array>
#include <limits>

#include "risk/amounts.h"
#include "risk/checks/registry.h"
#include "risk/context.h"
#include "risk/ordinary.h"

namespace portcullis::risk {

namespace {

using order::Control;
using order::RejectCode;

void run_checks(std::span<const RegisteredCheck> controls, const Context& context, Judge& judge) {
  for (const RegisteredCheck& control : controls) {
    if (!control.check(context, judge)) return;
  }
}

// What has a limit may be valued and judged by an old quote, where the instrument's collar_without_data says so; what
// trades at the market never.
void add_last_quote(Context& context) {
  const order::OrdType type = context.terms.ord_type;
  if (context.instrument->collar_without_data == config::CollarWithoutData::kReject) return;
  if (type == order::OrdType::kMarket || type == order::OrdType::kStop) return;
  const Quote* last = context.state.market.quote(context.instrument_id);
  if (last != nullptr && last->bid.is_positive() && last->ask >= last->bid) context.last_quote = last;
}

// A quote that is wider than max_spread_percent is as good as none. What limits a price may then be taken without one
// (collar_without_data: allow), and is valued by it all the same; no reference is to be had from it, nor from an older
// one that it took the place of.
[[gnu::cold, gnu::noinline]] void drop_wide_quote(Context& context, const Node& limit) {
  context.spread_limit = &limit;
  context.spread = context.quote->spread();
  if (context.spread <= limit.limits[Limit::kMaxSpreadPercent]) return;
  context.quote = nullptr;
  if (context.instrument != nullptr && context.instrument->collar_without_data == config::CollarWithoutData::kAllow) {
    add_last_quote(context);
  }
}

// NewOrder and LiveOrder name the same things alike.
template <typename Order>
void describe(Context& context, const Order& order) {
  const State& state = context.state;
  context.now = order.now;
  context.client = order.client;
  context.account = order.account;
  context.session_id = order.session;
  context.instrument_id = order.instrument;
  context.trader = order.trader;
  context.side = order.side;
  context.dealt = order.dealt;
  context.buys_base = order::buys_base(order.side, order.dealt);
  context.base_in = context.buys_base;
  context.term_in = !context.buys_base;
  context.is_swap = context.terms.ord_type == order::OrdType::kForexSwap;
  context.duplicate_cl_ord_id = order.duplicate_cl_ord_id;
  context.session = state.find_session(order.session);
  context.instrument = state.find_instrument(order.instrument);
  context.quote = state.market.fresh_quote(order.instrument, order.now);
  if (context.quote == nullptr && context.instrument != nullptr) [[unlikely]] add_last_quote(context);
  const Node* const spread = context.scopes.least[static_cast<std::size_t>(Limit::kMaxSpreadPercent)];
  if (spread != nullptr && context.quote != nullptr) drop_wide_quote(context, *spread);
}

// Null when it is unknown, or somebody else's, which has no place among the order's scopes.
template <typename Order>
const Node* account_of(const State& state, const Order& order) {
  const Node* account = state.find(order::Scope::kAccount, order.account.value());
  return account != nullptr && account->configured && account->owner == order.client ? account : nullptr;
}

// Of a new order the broker is none: it is not chosen yet.
template <typename Order>
Place place_of(const Order& order, const Node* account, order::BrokerId broker) {
  return Place{.client = order.client,
               .account = account != nullptr ? order.account : order::AccountId::none(),
               .broker = broker,
               .instrument = order.instrument,
               .session = order.session,
               .trader = order.trader};
}

void find_nearest_of(Context& context) {
  const HeadroomsAsked asked{.marked = context.scopes.is_marked(context.state.market),
                             .fresh = context.base_growing.is_fresh && context.term_growing.is_fresh,
                             .offsets = context.state.settings.offset == Offset::kFull};
  find_headrooms(context.scopes, asked, context.nearest);
}

void set_growths(Context& context) {
  const Instrument& instrument = *context.instrument;
  const Market& market = context.state.market;
  const Amount term = instrument.is_fx ? context.delta.term : Amount();
  context.base_growing =
      growing(market, context.now, instrument.base, context.base_in, context.base_amount_delta);
  context.term_growing = growing(market, context.now, instrument.term, context.term_in, term);
  find_nearest_of(context);
}

// Both currencies must have a rate, since the order moves both; the dealt one values it.
std::optional<Rate> dealt_rate(const Context& context) {
  const Market& market = context.state.market;
  if (context.dealt == order::Dealt::kUnits) return market.reserve_rate(context.instrument->term, context.now);
  const auto base = market.reserve_rate(context.instrument->base, context.now);
  const auto term = market.reserve_rate(context.instrument->term, context.now);
  if (!base || !term) return std::nullopt;
  return context.dealt == order::Dealt::kBase ? base : term;
}

std::optional<Price> counter_price(const Context& context) {
  const Quote* const quote = context.quote != nullptr ? context.quote : context.last_quote;
  return conservative_price(context.terms, context.buys_base, context.dealt, quote,
                            context.state.settings.price_buffer);
}

// Fills in the whole amounts from the valuation, or says why there are none.
void price_whole(Context& context, std::optional<Rate> rate, std::optional<Price> price) {
  if (!context.terms.order_qty.is_positive()) {
    context.unpriced = Unpriced::kQuantity;
    return;
  }
  if (!rate || !price) {
    context.unpriced = !rate ? Unpriced::kRate : Unpriced::kQuote;
    return;
  }
  context.valuation.notional_rate = *rate;
  context.valuation.counter_price = *price;
  context.valuation.multiplier = context.instrument->multiplier;
  const auto whole = need_for(context.dealt, context.terms.order_qty, context.valuation);
  if (!whole) {
    context.unpriced = Unpriced::kTooLarge;
    return;
  }
  context.whole = *whole;
}

template <typename T>
T growth(T before, T after) {
  return after > before ? after - before : T();
}

// Base units of some terms with nothing filled; of a swap, of its larger leg.
Quantity base_in_full(const Context& context, const TermsAndValuation& known) {
  if (!context.is_swap) return need_of_terms(context.dealt, known.terms, known.valuation, Quantity()).base;
  return swap_amounts_left(context.dealt, context.buys_base, known.terms, known.valuation.notional_rate, Quantity(),
                           context.state.settings.swap_gross)
      .largest_base;
}

// What a swap's reservation grows by; of one currency it grows one way at most.
void set_swap_growth(Context& context, const order::SwapNeed& before, const order::SwapNeed& after) {
  const Quantity buy = growth(before.buy, after.buy);
  const Quantity sell = growth(before.sell, after.sell);
  context.base_in = !sell.is_positive();
  context.delta.base = context.base_in ? buy : sell;
  context.base_amount_delta = context.base_in ? growth(base_amount(before.buy), base_amount(after.buy))
                                              : growth(base_amount(before.sell), base_amount(after.sell));
  const Amount out = growth(before.term_out, after.term_out);
  context.term_in = !out.is_positive();
  context.delta.term = context.term_in ? growth(before.term_in, after.term_in) : out;
  context.near_receivable = growth(before.near_receivable, after.near_receivable);
  context.far_receivable = growth(before.far_receivable, after.far_receivable);
  context.swap_volume = growth(before.volume, after.volume);
}

// As price_whole(), for a swap, whose prices are its own: the terms in full.
order::SwapNeed price_swap(Context& context, std::optional<Rate> rate) {
  const order::Terms& terms = context.terms;
  if (!terms.order_qty.is_positive() || !terms.order_qty2.is_positive()) {
    context.unpriced = Unpriced::kQuantity;
    return {};
  }
  if (!rate || !terms.price.is_positive() || !terms.price2.is_positive()) {
    context.unpriced = !rate ? Unpriced::kRate : Unpriced::kQuote;
    return {};
  }
  context.valuation.notional_rate = *rate;
  context.valuation.counter_price = terms.price;
  context.valuation.multiplier = 1;
  const auto whole = swap_amounts(context.dealt, context.buys_base, terms.order_qty, terms, *rate,
                                  context.state.settings.swap_gross);
  if (!whole) {
    context.unpriced = Unpriced::kTooLarge;
    return {};
  }
  context.whole.base = whole->largest_base;
  context.whole.notional = whole->notional;
  return whole->need;
}

}  // namespace

Engine::Engine() {
  state_.firm.scope = order::Scope::kFirm;
  sweep_ordinary(true);
}

void Engine::sweep_ordinary(bool sweep) {
  sweeps_ = sweep && all_are_swept();
}

std::int32_t Engine::trade_date(UtcTime now) const {
  return state_.trade_date != 0 ? state_.trade_date : Date::of(now).days();
}

ValueDate Engine::value_date(order::InstrumentId id, const SettlementAsked& asked, UtcTime now) const {
  const Instrument* instrument = state_.find_instrument(id);
  if (instrument == nullptr) return ValueDate();
  if (!instrument->is_fx) return ValueDate{asked.settl_date};  // what is no FX settles by its own market's rules
  const std::int32_t today = trade_date(now);
  const bool is_spot =
      instrument->delivers && asked.settl_date == 0 && (asked.settl_type.empty() || asked.settl_type == "0");
  if (is_spot && instrument->spot_of == today && instrument->spot_date != 0) return ValueDate{instrument->spot_date};
  const Calendars::Pair pair{instrument->base, instrument->term, instrument->spot_days, !instrument->delivers,
                             !instrument->broken_dates};
  return state_.calendars.value_date(pair, today, asked);
}

Verdict Engine::evaluate_new(const NewOrder& order, CheckLog& log, order::BrokerId candidate) const {
  const Node* const node = state_.find(order::Scope::kBroker, candidate.value());
  const bool asks_broker = node != nullptr && node->configured;
  Verdict verdict;
  if (sweeps_ && sweep(order, asks_broker ? candidate : order::BrokerId::none(), log, verdict)) [[likely]]
    return verdict;
  Judge judge(log);
  if (asks_broker) {
    verdict = judge_new(order, candidate, judge);
    if (!judge.refused_at_broker()) return verdict;
    judge.forget();
  }
  verdict = judge_new(order, order::BrokerId::none(), judge);
  return verdict;
}

bool Engine::sweep(const NewOrder& order, order::BrokerId broker, CheckLog& log, Verdict& verdict) const {
  if (!order.is_sought) [[unlikely]] {
    NewOrder sought = order;
    sought.seek_alike(state_.order_memory);
    return sweep(sought, broker, log, verdict);
  }
  state_.order_memory.look_ahead(order.of_account);
  if (order.trader.has_value()) state_.order_memory.look_ahead(order.of_trader);
  const Node* const account = account_of(state_, order);
  Scopes& scopes = scopes_.to_decide(state_, place_of(order, account, broker), false);
  scopes.find_date(order.value.date);
  if (!keeps_marks_ && !scopes.is_marked(state_.market)) return false;
  scopes.keep_marked(state_.market);
  scopes.look_ahead();
  const bool crosses = order.self_cross != config::SelfCross::kOff;
  const bool buys_base = order::buys_base(order.side, order.dealt);
  const OrdinaryAsked asked{order, scopes, account != nullptr, trade_date(order.now),
                            crosses ? &scopes.resting(!buys_base) : nullptr};
  if (!passes_as_ordinary(state_, asked, log, verdict)) return false;
  verdict.broker = broker;
  return true;
}

Verdict Engine::judge_new(const NewOrder& order, order::BrokerId broker, Judge& judge) const {
  const Node* account = account_of(state_, order);
  Scopes& scopes = scopes_.to_decide(state_, place_of(order, account, broker), false);
  scopes.find_date(order.value.date);
  if (keeps_marks_) scopes.keep_marked(state_.market);
  Context context(state_, scopes, order.terms);
  describe(context, order);
  context.broker_apart = state_.find(order::Scope::kBroker, broker.value());
  if (broker.has_value() && context.too_wide() && context.spread_limit->scope == order::Scope::kBroker) [[unlikely]] {
    judge.leave_to_broker();  // the quote is good for everybody else
    return Verdict();
  }
  context.account_node = account;
  context.value = order.value;
  context.value2 = order.value2;
  context.fixing_date = order.fixing_date;
  context.self_cross = order.self_cross;
  context.trade_date = trade_date(order.now);
  order::SwapNeed swap_need;
  if (context.instrument != nullptr && context.is_swap) {
    swap_need = price_swap(context, dealt_rate(context));
    context.delta.notional = context.whole.notional;
    set_swap_growth(context, order::SwapNeed(), swap_need);
    set_growths(context);
  } else if (context.instrument != nullptr) {
    price_whole(context, dealt_rate(context), counter_price(context));
    context.delta = context.whole;
    if (context.instrument->is_fx) context.base_amount_delta = base_amount(context.whole.base);
    set_growths(context);
  }
  run_checks(registry(), context, judge);
  // Of a swap only the notional is reserved as that of an order of one leg.
  if (context.is_swap) context.whole.base = Quantity();
  return Verdict{judge.reject(), context.whole, swap_need, context.valuation,
                 judge.reject() ? order::BrokerId::none() : broker, context.base_growing, context.term_growing};
}

order::Reject Engine::evaluate_broker(order::BrokerId broker, const NewOrder& order, const Verdict& verdict,
                                      CheckLog& log) const {
  const Node* node = state_.find(order::Scope::kBroker, broker.value());
  if (node == nullptr || !node->configured) {
    return make_reject(RejectCode::kNoRoute, Control::kD9, 0, {"the broker is not configured"});
  }
  Scopes& scopes = scopes_.to_decide(state_, Place{.broker = broker, .instrument = order.instrument}, true);
  scopes.find_date(order.value.date);
  if (keeps_marks_) scopes.keep_marked(state_.market);
  Context context(state_, scopes, order.terms);
  describe(context, order);
  context.account_node = account_of(state_, order);
  context.session = nullptr;
  context.value = order.value;
  context.fixing_date = order.fixing_date;
  context.trade_date = trade_date(order.now);
  context.valuation = verdict.valuation;
  context.value2 = order.value2;
  if (context.is_swap) {
    price_swap(context, verdict.valuation.notional_rate);
    context.delta.notional = context.whole.notional;
    set_swap_growth(context, order::SwapNeed(), verdict.swap_need);
  } else {
    context.whole = verdict.need;
    context.delta = verdict.need;
    if (context.instrument->is_fx) context.base_amount_delta = base_amount(context.whole.base);
  }
  context.base_growing = verdict.base_growing;
  context.term_growing = verdict.term_growing;
  find_nearest_of(context);
  Judge judge(log);
  run_checks(broker_registry(), context, judge);
  return judge.reject();
}

Verdict Engine::evaluate_replace(const LiveOrder& order, const order::Terms& new_terms, CheckLog& log) const {
  PORTCULLIS_CHECK(!order.terms.empty(), "a live order without terms");
  const TermsAndValuation& live = order.terms.front();
  const Node* account = account_of(state_, order);
  Scopes& scopes = scopes_.to_decide(state_, place_of(order, account, order.broker), false);
  scopes.find_date(order.settle_date);
  if (keeps_marks_) scopes.keep_marked(state_.market);
  Context context(state_, scopes, new_terms);
  describe(context, order);
  context.account_node = account;
  context.is_replace = true;
  context.value.date = order.settle_date;
  context.value2.date = order.settle_date2;
  context.fixing_date = order.fixing_date;
  context.self_cross = order.self_cross;

  Quantity largest_qty;
  Quantity largest_qty2;
  Quantity largest_base;
  for (const TermsAndValuation& known : order.terms) {
    largest_qty = std::max(largest_qty, known.terms.order_qty);
    largest_qty2 = std::max(largest_qty2, known.terms.order_qty2);
    largest_base = std::max(largest_base, base_in_full(context, known));
  }
  context.quantity_grows = new_terms.order_qty > largest_qty || new_terms.order_qty2 > largest_qty2;
  context.price_is_new = new_terms.price != live.terms.price || new_terms.stop_px != live.terms.stop_px ||
                         new_terms.ord_type != live.terms.ord_type || new_terms.has_price != live.terms.has_price ||
                         new_terms.has_stop_px != live.terms.has_stop_px || new_terms.price2 != live.terms.price2;
  context.type_is_new =
      new_terms.ord_type != live.terms.ord_type || new_terms.time_in_force != live.terms.time_in_force;

  order::Need need = order.reserved;
  order::SwapNeed swap_need = order.swap_reserved;
  if (context.instrument != nullptr && context.is_swap) {
    const std::optional<Rate> rate = context.quantity_grows ? dealt_rate(context) : live.valuation.notional_rate;
    price_swap(context, rate);
    if (context.unpriced == Unpriced::kNo) {
      context.base_grows = context.whole.base > largest_base;
      const SwapAmounts asked =
          swap_amounts_left(order.dealt, context.buys_base, new_terms, context.valuation.notional_rate, order.cum_qty,
                            state_.settings.swap_gross);
      need.notional = std::max(
          need_of(order.instrument, order.side, order.dealt, order.terms, order.cum_qty).notional, asked.notional);
      swap_need = largest(swap_need_of(order.side, order.dealt, order.terms, order.cum_qty), asked.need);
      context.delta.notional = growth(order.reserved.notional, need.notional);
      set_swap_growth(context, order.swap_reserved, swap_need);
      // The two legs are of one proportion or another: only one that takes from both, and changes nothing else, reduces.
      context.only_reduces = !context.quantity_grows && !context.price_is_new && !context.type_is_new &&
                             largest(order.swap_reserved, swap_need) == order.swap_reserved;
    }
    set_growths(context);
  } else if (context.instrument != nullptr) {
    // What does not grow keeps the values it was entered with, so that it can be reduced without a market.
    const std::optional<Rate> rate = context.quantity_grows ? dealt_rate(context) : live.valuation.notional_rate;
    const std::optional<Price> price =
        context.quantity_grows || context.price_is_new ? counter_price(context) : live.valuation.counter_price;
    price_whole(context, rate, price);
    if (context.unpriced == Unpriced::kNo) {
      context.base_grows = context.whole.base > largest_base;
      need = largest(need_of(order.instrument, order.side, order.dealt, order.terms, order.cum_qty),
                     need_of_terms(order.dealt, new_terms, context.valuation, order.cum_qty));
      context.delta.base = growth(order.reserved.base, need.base);
      if (context.instrument->is_fx) {
        context.base_amount_delta = growth(base_amount(order.reserved.base), base_amount(need.base));
      }
      context.delta.term = growth(order.reserved.term, need.term);
      context.delta.notional = growth(order.reserved.notional, need.notional);
      context.only_reduces = !context.quantity_grows && !context.price_is_new && !context.type_is_new;
    }
    set_growths(context);
  }
  Judge judge(log);
  run_checks(registry(), context, judge);
  return Verdict{judge.reject(), need, swap_need, context.valuation, order::BrokerId::none()};
}

order::Reject Engine::check_throttle(order::SessionId session, UtcTime now) const {
  const order::Terms nothing;
  Context context(state_, scopes_.to_decide(state_, Place{}, false), nothing);
  context.now = now;
  context.session_id = session;
  context.session = state_.find_session(session);
  CheckLog log;
  Judge judge(log);
  check_c1_throttle(context, judge);
  return judge.reject();
}

order::Need Engine::need_of(order::InstrumentId /*instrument*/, order::Side side, order::Dealt dealt,
                            std::span<const TermsAndValuation> terms, Quantity cum_qty) const {
  order::Need need;
  for (const TermsAndValuation& known : terms) {
    if (known.terms.ord_type == order::OrdType::kForexSwap) {
      const SwapAmounts left = swap_amounts_left(dealt, order::buys_base(side, dealt), known.terms,
                                                 known.valuation.notional_rate, cum_qty, state_.settings.swap_gross);
      need.notional = std::max(need.notional, left.notional);
      continue;
    }
    need = largest(need, need_of_terms(dealt, known.terms, known.valuation, cum_qty));
  }
  return need;
}

order::Booking Engine::booking_of(order::InstrumentId instrument, order::Side side, order::Dealt dealt,
                                  Quantity last_qty, Price last_px) const {
  // An instrument that left the configuration still has executions to book; its currencies are kept.
  if (instrument.value() >= state_.instruments.size()) return order::Booking();
  const Instrument& known = state_.instruments[instrument.value()];
  const Rate rate = state_.market.last_rate(dealt == order::Dealt::kBase ? known.base : known.term);
  return booking_for(order::buys_base(side, dealt), dealt, last_qty, last_px, rate, known.multiplier);
}

}  // namespace portcullis::risk
