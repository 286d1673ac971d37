#include "risk/exposure.h"

#include <algorithm>
#include <limits>

#include "risk/amounts.h"

namespace portcullis::risk {

namespace {

template <typename T>
T times(int sign, T value) {
  return sign < 0 ? -value : value;
}

// Nothing of the risk currency is marked.
Rate rate_of(const Market& market, order::CurrencyId currency) {
  return currency == market.risk_currency() ? Rate() : market.last_rate(currency);
}
bool is_worth(const CurrencyExposure& cell, Rate rate) {
  const Worth longs = worth_of(cell.worst_long(), rate);
  const Worth shorts = worth_of(cell.worst_short(), rate);
  return cell.long_worth == longs.up && cell.long_rest == longs.rest && cell.short_worth == shorts.up &&
         cell.short_rest == shorts.rest;
}

bool before(const SettlementExposure& cell, std::uint64_t key) {
  return cell.key() < key;
}

}  // namespace

// Both sides are at least 0, so the differences fit.
ReservedChange::ReservedChange(const order::Need& before, const order::Need& after)
    : base(after.base - before.base),
      base_amount(risk::base_amount(after.base) - risk::base_amount(before.base)),
      term(after.term - before.term),
      notional(after.notional - before.notional) {}

SwapChange::SwapChange(const order::SwapNeed& before, const order::SwapNeed& after)
    : buy(after.buy - before.buy),
      sell(after.sell - before.sell),
      base_in(base_amount(after.buy) - base_amount(before.buy)),
      base_out(base_amount(after.sell) - base_amount(before.sell)),
      term_in(after.term_in - before.term_in),
      term_out(after.term_out - before.term_out),
      near_receivable(after.near_receivable - before.near_receivable),
      far_receivable(after.far_receivable - before.far_receivable),
      swapped(after.volume - before.volume - buy - sell) {}

InstrumentExposure& Exposure::make_cell(order::InstrumentId instrument) {
  if (instrument.value() >= instrument_cells_.size()) instrument_cells_.resize(instrument.value() + std::size_t{1}, 0);
  std::uint32_t& place = instrument_cells_[instrument.value()];
  instruments_.emplace_back();
  place = static_cast<std::uint32_t>(instruments_.size());
  return instruments_.back();
}

CurrencyExposure& Exposure::make_cell(order::CurrencyId currency) {
  currencies_.resize(currency.value() + std::size_t{1});
  return currencies_.back();
}

SettlementExposure& Exposure::cell(std::int32_t date, order::CurrencyId currency) {
  const auto place =
      std::lower_bound(settlements_.begin(), settlements_.end(), SettlementExposure::key_of(date, currency), before);
  if (place != settlements_.end() && place->date == date && place->currency == currency) return *place;
  SettlementExposure made;
  made.date = date;
  made.currency = currency;
  sum_for(date);
  return *settlements_.insert(place, made);
}

DateSum& Exposure::sum_for(std::int32_t date) {
  const auto known = std::find_if(dates_.begin(), dates_.end(), [date](const DateSum& sum) { return sum.date == date; });
  return known != dates_.end() ? *known : dates_.emplace_back(DateSum{date, Amount(), 0});
}

void Exposure::sum_dates() {
  dates_.clear();
  for (const SettlementExposure& cell : settlements_) sum_for(cell.date);
}

void Exposure::start_day(std::int32_t trade_date) {
  sums_.traded_notional = Amount();
  for (InstrumentExposure& cell : instruments_) {
    cell.traded = Quantity();
    cell.mark();
  }
  mark_held();
  std::erase_if(settlements_, [trade_date](const SettlementExposure& cell) { return cell.date < trade_date; });
  std::erase_if(dates_, [trade_date](const DateSum& sum) { return sum.date < trade_date; });
  const auto still = std::find_if(fixings_.begin(), fixings_.end(),
                                  [trade_date](const FixingExposure& cell) { return cell.date >= trade_date; });
  for (auto fixed = fixings_.begin(); fixed != still; ++fixed) {
    add_amount(cell(fixed->instrument).position, -fixed->position);
    add_amount(cell(fixed->base).position, -fixed->base_amount);
    add_amount(cell(fixed->term).position, -fixed->term_amount);
    sums_.marked = 0;
  }
  fixings_.erase(fixings_.begin(), still);
}

void Exposure::flatten() {
  for (InstrumentExposure& cell : instruments_) cell.position = Quantity();
  for (CurrencyExposure& cell : currencies_) cell.position = Amount();
  // What is open of a forward is fixed all the same; what was executed of it has left already.
  for (FixingExposure& cell : fixings_) {
    cell.position = Quantity();
    cell.base_amount = cell.term_amount = Amount();
  }
  sums_.marked = 0;
}

FixingExposure& Exposure::fixing(std::int32_t date, order::InstrumentId instrument) {
  const auto place = std::lower_bound(fixings_.begin(), fixings_.end(), std::pair(date, instrument),
                                      [](const FixingExposure& cell, const auto& key) {
                                        return std::tie(cell.date, cell.instrument) < std::tie(key.first, key.second);
                                      });
  if (place != fixings_.end() && place->date == date && place->instrument == instrument) return *place;
  FixingExposure made;
  made.date = date;
  made.instrument = instrument;
  return *fixings_.insert(place, made);
}

void Exposure::absorb(const Exposure& child, int sign) {
  held_.open_orders += sign * child.held_.open_orders;
  add_amount(held_.gross_open, times(sign, child.held_.gross_open));
  add_amount(sums_.traded_notional, times(sign, child.sums_.traded_notional));
  child.each_instrument([&](order::InstrumentId id, const InstrumentExposure& from) {
    InstrumentExposure& to = cell(id);
    add_amount(to.position, times(sign, from.position));
    add_amount(to.open_buy, times(sign, from.open_buy));
    add_amount(to.open_sell, times(sign, from.open_sell));
    add_amount(to.traded, times(sign, from.traded));
    add_amount(to.swapped, times(sign, from.swapped));
  });
  child.each_currency([&](order::CurrencyId id, const CurrencyExposure& from) {
    CurrencyExposure& to = cell(id);
    add_amount(to.position, times(sign, from.position));
    add_amount(to.in, times(sign, from.in));
    add_amount(to.out, times(sign, from.out));
  });
  for (const SettlementExposure& from : child.settlements_) {
    SettlementExposure& to = cell(from.date, from.currency);
    add_amount(to.net, times(sign, from.net));
    add_amount(to.receivable, times(sign, from.receivable));
  }
  for (const FixingExposure& from : child.fixings_) {
    FixingExposure& to = fixing(from.date, from.instrument);
    to.base = from.base;
    to.term = from.term;
    add_amount(to.position, times(sign, from.position));
    add_amount(to.base_amount, times(sign, from.base_amount));
    add_amount(to.term_amount, times(sign, from.term_amount));
    add_amount(to.open, times(sign, from.open));
  }
  sums_.marked = 0;
}

Amount Exposure::fresh_settlement(std::int32_t date, const Market& market) const {
  DateSum sum;
  for (const SettlementExposure& cell : settlements_) {
    if (cell.date == date) sum.add(mark_of(cell.worth(), market.last_rate(cell.currency)).raw());
  }
  return sum.total;
}

void Exposure::mark(order::CurrencyId currency, const Market& market) {
  if (currency != market.risk_currency()) mark(currencies_[currency.value()], market.last_rate(currency));
}

void Exposure::renew_marks(const Market& market) {
  if (sums_.marked == 0 || market.have_all_moved_since(sums_.marked)) return mark_all(market);
  for (std::uint16_t i = 0; i < currencies_.size(); ++i) {
    const order::CurrencyId currency(i);
    if (market.has_moved_since(sums_.marked, currency)) mark(currency, market);
  }
  for (SettlementExposure& cell : settlements_) {
    if (!market.has_moved_since(sums_.marked, cell.currency)) continue;
    risk::mark(cell, sum_for(cell.date), market.last_rate(cell.currency));
  }
  mark_held();
  sums_.marked = market.rates_version();
}

void Exposure::mark_all(const Market& market) {
  for (InstrumentExposure& cell : instruments_) cell.mark();
  sums_.longs = sums_.shorts = 0;
  for (std::uint16_t i = 0; i < currencies_.size(); ++i) {
    CurrencyExposure& cell = currencies_[i];
    cell.long_worth = cell.short_worth = cell.long_rest = cell.short_rest = 0;
    mark(order::CurrencyId(i), market);
  }
  for (DateSum& sum : dates_) sum = DateSum{sum.date, Amount(), 0};
  for (SettlementExposure& cell : settlements_) {
    cell.mark = Amount();
    risk::mark(cell, sum_for(cell.date), market.last_rate(cell.currency));
  }
  mark_held();
  sums_.marked = market.rates_version();
}

void Exposure::sum_marks() {
  Wide longs = 0;
  Wide shorts = 0;
  for (const CurrencyExposure& cell : currencies_) {
    longs += cell.long_mark().raw();
    shorts += cell.short_mark().raw();
  }
  sums_.longs = static_cast<std::int64_t>(std::min<Wide>(longs, kMost));
  sums_.shorts = static_cast<std::int64_t>(std::min<Wide>(shorts, kMost));
}

NetOpen Exposure::fresh_net_open(const Market& market) const {
  NetOpen sums;
  for (std::uint16_t i = 0; i < currencies_.size(); ++i) {
    const order::CurrencyId currency(i);
    if (currency == market.risk_currency()) continue;
    const Rate rate = market.last_rate(currency);
    sums.long_sum += mark_of(currencies_[i].worst_long(), rate).raw();
    sums.short_sum += mark_of(currencies_[i].worst_short(), rate).raw();
  }
  return sums;
}

bool Exposure::is_sound() const {
  const auto has_cell = [this](std::uint32_t place) { return place <= instruments_.size(); };
  const auto in_order = [](const SettlementExposure& a, const SettlementExposure& b) { return a.key() < b.key(); };
  const auto fixed_in_order = [](const FixingExposure& a, const FixingExposure& b) {
    return std::tie(a.date, a.instrument) < std::tie(b.date, b.instrument);
  };
  return std::all_of(instrument_cells_.begin(), instrument_cells_.end(), has_cell) &&
         std::is_sorted(settlements_.begin(), settlements_.end(), in_order) &&
         std::is_sorted(fixings_.begin(), fixings_.end(), fixed_in_order);
}

bool Exposure::open_is_not_negative() const {
  if (held_.open_orders < 0 || held_.gross_open.is_negative()) return false;
  const auto instrument_ok = [](const InstrumentExposure& cell) {
    return !cell.open_buy.is_negative() && !cell.open_sell.is_negative();
  };
  const auto currency_ok = [](const CurrencyExposure& cell) {
    return !cell.in.is_negative() && !cell.out.is_negative();
  };
  const auto settlement_ok = [](const SettlementExposure& cell) { return !cell.receivable.is_negative(); };
  return std::all_of(instruments_.begin(), instruments_.end(), instrument_ok) &&
         std::all_of(currencies_.begin(), currencies_.end(), currency_ok) &&
         std::all_of(settlements_.begin(), settlements_.end(), settlement_ok);
}

bool Exposure::marks_are_true(const Market& market) const {
  if (!is_marked(market)) return true;
  for (const DateSum& sum : dates_) {
    if (sum.total != fresh_settlement(sum.date, market)) return false;
  }
  const NetOpen fresh = fresh_net_open(market);
  const NetOpen kept = net_open(market);
  if (fresh.long_sum != kept.long_sum || fresh.short_sum != kept.short_sum) return false;
  for (std::uint16_t i = 0; i < currencies_.size(); ++i) {
    if (!is_worth(currencies_[i], rate_of(market, order::CurrencyId(i)))) return false;
  }
  Exposure anew(*this);
  anew.mark_held();
  if (anew.held_.daily_volume != held_.daily_volume || anew.held_.net_open != held_.net_open) return false;
  return std::all_of(instruments_.begin(), instruments_.end(), [](const InstrumentExposure& cell) {
    InstrumentExposure marked(cell);
    marked.mark();
    return marked.worst_long == cell.worst_long && marked.worst_short == cell.worst_short &&
           marked.daily == cell.daily;
  });
}

}  // namespace portcullis::risk
