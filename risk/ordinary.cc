#include "risk/ordinary.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "risk/amounts.h"
#include "risk/collar.h"
#include "risk/engine.h"
#include "risk/headroom.h"
#include "risk/listed.h"

namespace portcullis::risk {

namespace {

using order::CheckResult;
using order::Control;
using order::Scope;

bool is_ordinary(const State& state, const OrdinaryAsked& asked, const Instrument& instrument) {
  const NewOrder& order = asked.order;
  const order::Terms& terms = order.terms;
  const bool plain_terms = terms.ord_type == order::OrdType::kLimit && terms.has_price && terms.price.is_positive() &&
                           !terms.has_stop_px && terms.order_qty.is_positive();
  const bool plain_instrument =
      instrument.is_fx && instrument.delivers && !instrument.only_swaps && !instrument.restricted;
  const bool good_date = order.value.fault == DateFault::kNone && order.value.date != 0 &&
                         order.value.date >= state.trade_date && (!order.value.broken || instrument.broken_dates);
  return plain_terms && plain_instrument && good_date && asked.account_known && asked.scopes.drafts.is_plain &&
         order.dealt == order::Dealt::kBase && !order.duplicate_cl_ord_id && state.latches.empty();
}

// The sweep over one order, control by control in the order of the registry. Each returns false where the order does not
// pass, or where that takes more than a comparison to see.
class Sweep {
 public:
  Sweep(const State& state, const OrdinaryAsked& asked, const Instrument& instrument, const Session& session,
        const Quote& quote, CheckResult* lines, Verdict& verdict, Headrooms& headrooms)
      : state_(state),
        order_(asked.order),
        terms_(asked.order.terms),
        scopes_(asked.scopes),
        drafts_(asked.scopes.drafts),
        instrument_(instrument),
        session_(session),
        quote_(quote),
        buys_(order::buys_base(asked.order.side, asked.order.dealt)),
        days_(std::int64_t{std::max(asked.order.value.date, asked.order.value2.date)} - asked.trade_date),
        resting_(asked.resting),
        at_(lines),
        verdict_(verdict),
        headrooms_(headrooms) {}

  bool passes() {
    return types() && tenor() && repeated() && throttle() && priced() && quantity() && notional() && collar() &&
           duplicates() && sums() && credit() && self_cross();
  }
  const CheckResult* end() const { return at_; }

 private:
  void add(Control control, Scope scope, std::uint32_t node, std::int64_t usage, std::int64_t delta,
           std::int64_t limit) {
    *at_++ = CheckResult{control, scope, 1, 0, node, usage, delta, limit};
  }
  void add(const CheckResult& draft, std::int64_t usage, std::int64_t delta) {
    *at_ = draft;
    at_->usage = usage;
    at_->delta = delta;
    ++at_;
  }
  // Nothing is used, and the order adds `delta`.
  bool within(const EvidenceDrafts::Words& words, std::int64_t delta) {
    for (std::size_t i = 0; i < words.count; ++i) {
      if (delta > words.lines.data()[i].limit) [[unlikely]]
        return false;
      add(words.lines.data()[i], 0, delta);
    }
    return true;
  }

  // A1 to A3.
  bool types() {
    add(Control::kA1, Scope::kFirm, 0, 0, 0, 0);
    add(Control::kA2, Scope::kInstrument, order_.instrument.value(), 1, 0, 1);
    add(Control::kA2, Scope::kAccount, order_.account.value(), 1, 0, 1);
    const auto time_in_force = listed(terms_.time_in_force);
    if (!time_in_force) return false;
    return is_listed(scopes_.last_order_types, drafts_.order_types, bit_of(config::OrderType::kLimit)) &&
           is_listed(scopes_.last_times_in_force, drafts_.times_in_force, bit_of(*time_in_force));
  }
  bool is_listed(const Node* stated, const CheckResult& draft, std::int64_t bit) {
    if (stated == nullptr) return true;
    if ((draft.limit & bit) == 0) return false;
    add(draft, bit, 0);
    return true;
  }

  // A6.
  bool tenor() { return within(drafts_.tenor, days_); }

  // C3, of the trader and of the session.
  bool repeated() {
    const Direction direction = direction_of(buys_);
    if (drafts_.has_of_trader) {
      const std::int64_t count = state_.trader_orders[order_.trader.value()].count(order_.instrument, direction);
      if (count >= drafts_.of_trader.limit) return false;
      add(drafts_.of_trader, count, 1);
    }
    if (scopes_.repeated == nullptr) return true;
    const std::int64_t count = session_.filled_orders.count(order_.instrument, direction);
    if (count >= drafts_.of_session.limit) return false;
    add(Control::kC3, Scope::kSession, order_.session.value(), count, 1, drafts_.of_session.limit);
    return true;
  }

  // C1.
  bool throttle() {
    const std::int64_t burst = session_.throttle.burst();
    const std::int64_t used = burst - session_.throttle.tokens(order_.now);
    const std::int64_t cost = session_.delays ? 0 : session_.message_cost();
    if (used + cost > burst && !session_.delays) return false;
    add(Control::kC1, Scope::kSession, order_.session.value(), used, cost, burst);
    return true;
  }

  // What the order reserves, and what its currencies grow by.
  bool priced() {
    const Rate base_rate = state_.market.fresh_rate(instrument_.base, order_.now);
    const Rate term_rate = state_.market.fresh_rate(instrument_.term, order_.now);
    if (!base_rate.is_positive() || !term_rate.is_positive()) return false;
    verdict_.valuation = {Price(), base_rate, instrument_.multiplier};
    const config::Percent buffer = state_.settings.price_buffer;
    if (!price_limit_order(terms_, buys_, quote_, buffer, verdict_.valuation, verdict_.need)) return false;
    set_growing(verdict_.base_growing, instrument_.base, buys_, base_amount(verdict_.need.base), base_rate);
    set_growing(verdict_.term_growing, instrument_.term, !buys_, verdict_.need.term, term_rate);
    return true;
  }
  void set_growing(Growing& growing, order::CurrencyId currency, bool receives, Amount amount, Rate rate) {
    growing.currency = currency;
    growing.receives = receives;
    growing.amount = amount;
    growing.counts = amount.is_positive() && currency != state_.market.risk_currency();
    growing.has_rate = growing.is_fresh = true;
    growing.now = growing.marked = rate;
    const Worth worth = worth_of(at_least_zero(amount.raw()), rate);
    growing.worth = worth.up;
    growing.rest = worth.rest;
  }

  // B1.
  bool quantity() {
    const std::int64_t quantity = terms_.order_qty.raw();
    return terms_.price.raw() % instrument_.price_tick.raw() == 0 && quantity % instrument_.quantity_step.raw() == 0 &&
           quantity >= instrument_.quantity_min.raw() && within(drafts_.quantity, quantity);
  }

  // B2.
  bool notional() { return within(drafts_.notional, verdict_.need.notional.raw()); }

  // B3.
  bool collar() {
    if (drafts_.has_spread) {
      if (quote_.spread() > drafts_.spread.limit) return false;
      add(drafts_.spread, quote_.spread(), 0);
    }
    const std::int64_t price = buys_ ? terms_.price.raw() : -terms_.price.raw();
    std::int64_t limit = 0;
    for (std::size_t i = 0; i < drafts_.collar.count; ++i) {
      const CheckResult& draft = drafts_.collar.lines.data()[i];
      // Most brokers' collar is the firm's.
      if (i == 0 || draft.limit != drafts_.collar.lines.data()[i - 1].limit) {
        const std::int64_t edge = collar_edge(quote_, draft.limit, buys_);
        limit = buys_ ? edge : -edge;
      }
      if (price > limit) return false;
      add(Control::kB3, draft.scope, draft.node, price, 0, limit);
    }
    return drafts_.passive_band == Scopes::kNoLimit ||
           !is_behind(quote_, terms_.price, buys_, drafts_.passive_band);
  }

  // A4 and C2.
  bool duplicates() {
    add(Control::kA4, Scope::kSession, order_.session.value(), 0, 0, 0);
    const OrderMemory& memory = state_.order_memory;
    // Most windows are the firm's, so that one count answers for all who ask.
    struct Counted {
      std::int64_t count = 0;
      Duration window = Duration::nanoseconds(-1);
    };
    Counted of_account;
    Counted of_trader;
    for (std::size_t i = 0; i < drafts_.duplicate_count; ++i) {
      const EvidenceDrafts::Alike& alike = drafts_.duplicates.data()[i];
      Counted& counted = alike.of_trader ? of_trader : of_account;
      if (counted.window != alike.window) {
        const OrderMemory::Sought& sought = alike.of_trader ? order_.of_trader : order_.of_account;
        counted = {memory.count(memory.newest(sought), order_.now, alike.window), alike.window};
      }
      if (counted.count >= alike.line.limit) return false;
      add(alike.line, counted.count, 1);
    }
    return true;
  }

  // D1 to D7, but for D8.
  bool sums() {
    const bool offsets = state_.settings.offset == Offset::kFull;
    find_headrooms(scopes_, {.marked = true, .fresh = true, .offsets = offsets}, headrooms_);
    const std::int64_t base = verdict_.need.base.raw();
    const std::int64_t value = verdict_.need.notional.raw();
    const HeldSum position = buys_ ? HeldSum::kLongPosition : HeldSum::kShortPosition;
    const Limit position_limit = buys_ ? Limit::kMaxLongPosition : Limit::kMaxShortPosition;
    return hold(Control::kD1, Limit::kMaxOpenOrders, HeldSum::kOpenOrders, stating(Limit::kMaxOpenOrders), 1) &&
           hold(Control::kD3, position_limit, position, netting(position_limit), base) &&
           currency(verdict_.base_growing, scopes_.base.data(), headrooms_.base(), scopes_.moved_base) &&
           currency(verdict_.term_growing, scopes_.term.data(), headrooms_.term(), scopes_.moved_term) &&
           net_open() && settlement() &&
           hold(Control::kD2, Limit::kMaxGrossOpenNotional, HeldSum::kGrossOpen, stating(Limit::kMaxGrossOpenNotional),
                value) &&
           hold(Control::kD7, Limit::kMaxDailyVolume, HeldSum::kDailyVolume, stating(Limit::kMaxDailyVolume), value) &&
           hold(Control::kD7, Limit::kMaxDailyQuantity, HeldSum::kDailyQuantity, stating(Limit::kMaxDailyQuantity),
                base);
  }
  Places stating(Limit limit) const { return scopes_.stated.data()[static_cast<std::size_t>(limit)]; }
  Places netting(Limit limit) const { return scopes_.netted.data()[static_cast<std::size_t>(limit)]; }

  // Every scope has at least `most` left of that sum; the nearest grows by delta(place).
  template <typename Delta>
  bool hold(Control control, Limit limit, HeldSum sum, Places places, std::int64_t most, Delta&& delta) {
    const Nearest nearest = headrooms_[sum];
    if (places == 0) return true;
    if (nearest.headroom < most || (places >> nearest.place & 1) == 0) [[unlikely]]
      return false;
    std::int64_t more = 0;
    if (!delta(nearest.place, more)) return false;
    std::memcpy(static_cast<void*>(at_), drafts_.heads.data() + nearest.place, sizeof drafts_.heads[0]);
    // What it is held to is at hand, unless it is nothing.
    const std::int64_t held = scopes_.held.data()[nearest.place][sum];
    at_->control = control;
    at_->limit = held != Scopes::kNoLimit ? held : scopes_.limits_of(limit)[nearest.place];
    at_->usage = held - nearest.headroom;
    at_->delta = more;
    ++at_;
    return true;
  }
  bool hold(Control control, Limit limit, HeldSum sum, Places places, std::int64_t delta) {
    return hold(control, limit, sum, places, delta, [delta](std::size_t, std::int64_t& more) {
      more = delta;
      return true;
    });
  }

  // D4.
  bool currency(const Growing& growing, CurrencyExposure* const* cells, HeldSum sum, Places moved) {
    if (!growing.counts) return true;
    const auto delta = [&](std::size_t place, std::int64_t& more) {
      const CurrencyExposure& cell = *cells[place];
      more = grown(growing, cell) + (growing.receives ? cell.long_mark() : cell.short_mark()).raw();
      more -= std::max(cell.long_mark(), cell.short_mark()).raw();
      return true;
    };
    return hold(Control::kD4, Limit::kMaxCurrencyPosition, sum, netting(Limit::kMaxCurrencyPosition) & moved,
                growing.worth, delta);
  }
  // By how much the growing side's mark grows: as a change does (risk/moves_by_fours.h). It is held to a limit that leaves
  // room for all of it, so nothing is near the end of the range.
  static std::int64_t grown(const Growing& growing, const CurrencyExposure& cell) {
    const std::int64_t worth = growing.receives ? cell.long_worth : cell.short_worth;
    const std::int64_t rest = growing.receives ? cell.long_rest : cell.short_rest;
    const std::int64_t after = worth + growing.worth - (rest + growing.rest >= Worth::kParts ? 1 : 0);
    return at_least_zero(after) - at_least_zero(worth);
  }

  // D5.
  bool net_open() {
    const Growing& base = verdict_.base_growing;
    const Growing& term = verdict_.term_growing;
    if (!base.counts && !term.counts) return true;
    // One currency is received and the other paid.
    const std::int64_t most = std::max(base.counts ? base.worth : 0, term.counts ? term.worth : 0);
    const auto delta = [&](std::size_t place, std::int64_t& more) {
      const Exposure& sums = *scopes_.sums.data()[place];
      std::int64_t longs = sums.longs();
      std::int64_t shorts = sums.shorts();
      const std::int64_t before = std::max(longs, shorts);
      if (base.counts) (base.receives ? longs : shorts) += grown(base, *scopes_.base.data()[place]);
      if (term.counts) (term.receives ? longs : shorts) += grown(term, *scopes_.term.data()[place]);
      more = std::max(longs, shorts) - before;
      return true;
    };
    return hold(Control::kD5, Limit::kMaxNetOpenPosition, HeldSum::kNetOpen,
                netting(Limit::kMaxNetOpenPosition), most, delta);
  }

  // D6.
  bool settlement() {
    const Growing& received = buys_ ? verdict_.base_growing : verdict_.term_growing;
    if (!received.amount.is_positive()) return true;
    const auto& cells = buys_ ? scopes_.base_settles : scopes_.term_settles;
    const auto delta = [&](std::size_t place, std::int64_t& more) {
      const SettlementExposure& cell = *cells.data()[place];
      const std::uint64_t rest = rest_of(cell.mark.raw(), cell.wrapped_worth(), received.now);
      more = received.worth - (rest + static_cast<std::uint64_t>(received.rest) >= Worth::kParts ? 1 : 0);
      return static_cast<std::int64_t>(cell.wrapped_worth()) >= 0 && rest < Worth::kParts;
    };
    return hold(Control::kD6, Limit::kMaxDailySettlement, HeldSum::kSettlement, scopes_.dated,
                received.worth, delta);
  }

  // D8. What a scope has is that of its client, or of its broker: the worth of the worse side.
  bool credit() {
    const Places places = stating(Limit::kMaxCredit);
    if (places == 0 || !state_.credit.is_kept()) return true;
    if (scopes_.nodes[scopes_.client]->scope != Scope::kClient) return false;
    const Growing& received = buys_ ? verdict_.base_growing : verdict_.term_growing;
    const std::int32_t days = order_.value.date - state_.trade_date;
    const Wide later = credit_add_on(state_.settings.tenor_add_on, days, received.worth);
    std::int64_t of_client = 0;
    if (!credit_growth(*scopes_.instrument.data()[scopes_.client], later, of_client)) return false;
    return for_places(places, [&](std::size_t place) {
      std::memcpy(static_cast<void*>(at_), drafts_.heads.data() + place, sizeof drafts_.heads[0]);
      const bool broker = at_->scope == Scope::kBroker;
      std::int64_t delta = of_client;
      if (broker && !credit_growth(*scopes_.instrument.data()[place], later, delta)) return false;
      if (delta <= 0) return true;
      at_->control = Control::kD8;
      at_->limit = scopes_.limits_of(Limit::kMaxCredit)[place];
      at_->delta = delta;
      at_->usage = (at_->scope == Scope::kFirm ? state_.credit.of_all()
                    : broker ? state_.credit.of(order::BrokerId(static_cast<order::BrokerId::rep>(at_->node)))
                             : state_.credit.of(order_.client))
                       .raw();
      std::int64_t would_be = 0;
      if (__builtin_add_overflow(at_->usage, delta, &would_be) || would_be > at_->limit) return false;
      ++at_;
      return true;
    });
  }
  // False where it does not fit.
  bool credit_growth(const InstrumentExposure& cell, Wide later, std::int64_t& growth) const {
    std::int64_t side = 0;
    if (__builtin_add_overflow(buys_ ? cell.worst_long : cell.worst_short, verdict_.need.base.raw(), &side)) return false;
    std::int64_t before = 0;
    std::int64_t after = 0;
    if (!credit_worth(std::max(cell.worst_long, cell.worst_short), before) ||
        !credit_worth(std::max(side, buys_ ? cell.worst_short : cell.worst_long), after)) {
      return false;
    }
    const Wide all = later + after - before;
    growth = static_cast<std::int64_t>(all);
    return growth == all;
  }
  bool credit_worth(std::int64_t quantity, std::int64_t& worth) const {
    constexpr int kDigits = Quantity::kScale + Rate::kScale - Amount::kScale;
    return up_by_power<kDigits>(Wide{std::max<std::int64_t>(quantity, 0)} * verdict_.base_growing.now.raw(), worth);
  }

  // D10.
  bool self_cross() {
    const Price* const resting = resting_ != nullptr ? resting_->best() : nullptr;
    return resting == nullptr || (buys_ ? terms_.price < *resting : terms_.price > *resting);
  }

  const State& state_;
  const NewOrder& order_;
  const order::Terms& terms_;
  const Scopes& scopes_;
  const EvidenceDrafts& drafts_;
  const Instrument& instrument_;
  const Session& session_;
  const Quote& quote_;
  const bool buys_;
  const std::int64_t days_;
  const OpenPrices::Side* const resting_;
  CheckResult* at_;
  Verdict& verdict_;
  Headrooms& headrooms_;  // apart from the sweep, which then stays in registers
};

}  // namespace

// All of it in one function: a line is a handful of instructions, and where the next one goes is in a register. It is
// `hot`, since behind so many ways out the compiler takes the last of it for cold, and divides there to save bytes.
[[gnu::flatten, gnu::hot]] bool passes_as_ordinary(const State& state, const OrdinaryAsked& asked, CheckLog& log, Verdict& verdict) {
  const NewOrder& order = asked.order;
  PORTCULLIS_CHECK(order.is_sought, "nobody has sought what is alike");
  const Instrument* const instrument = state.find_instrument(order.instrument);
  const Session* const session = state.find_session(order.session);
  const Quote* const quote = state.market.fresh_quote(order.instrument, order.now);
  CheckResult* const lines = log.room();
  if (instrument == nullptr || session == nullptr || quote == nullptr || lines == nullptr) return false;
  if (!is_ordinary(state, asked, *instrument)) return false;
  Headrooms headrooms;
  Sweep sweep(state, asked, *instrument, *session, *quote, lines, verdict, headrooms);
  if (!sweep.passes()) return false;
  log.take(sweep.end());
  return true;
}

}  // namespace portcullis::risk
