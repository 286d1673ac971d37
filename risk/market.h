#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "config/limits.h"
#include "order/types.h"

// What risk knows of the market: quotes of instruments and rates of currencies, each with its time.
// Only ever changed by events, so that a replay sees the same market.

namespace portcullis::risk {

// How old a value may be. soft zero: nothing grows stale.
struct MarketAges {
  Duration soft;  // at most this old: fresh
  Duration hard;  // at most this old: stale, usable with the haircut; older: dead, as if missing
  config::Percent haircut = config::Percent::of(2);
};

enum class Freshness : std::uint8_t { kFresh, kStale, kDead };

struct Quote {
  Quote() = default;
  Quote(Price bid_price, Price ask_price, UtcTime when) : bid(bid_price), ask(ask_price), time(when), known(true) {
    find_spread();
  }

  Price bid;
  Price ask;
  UtcTime time;
  bool known = false;

  // A price can be judged by it.
  bool is_sound() const { return bid.is_positive() && ask >= bid; }
  // Ask less bid, of their middle, in units of Percent, rounded up: at most 200 %. Of a sound quote.
  std::int64_t spread() const { return spread_; }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.bid);
    ar(self.ask);
    ar(self.time);
    ar(self.known);
    if constexpr (Archive::kLoads) self.find_spread();
  }

 private:
  void find_spread() {
    if (!is_sound()) return;
    // bid + ask is twice the middle.
    spread_ = static_cast<std::uint32_t>(divide((Wide{ask.raw()} - bid.raw()) * 200 * config::Percent::kOne,
                                                Wide{bid.raw()} + ask.raw(), Rounding::kAwayFromZero));
  }

  std::uint32_t spread_ = 0;
};
static_assert(sizeof(Quote) == 32, "a place in a table of them is a shift");

struct CurrencyRate {
  Rate rate;  // risk currency for one unit
  UtcTime time;
  bool known = false;
  bool derived = false;  // from quotes against USD: nobody has told it
  std::uint64_t moved_at = 0;  // Market::rates_version() when its worth last moved; no part of a snapshot

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.rate);
    ar(self.time);
    ar(self.known);
    ar(self.derived);
  }
};

class Market {
 public:
  void set_ages(const MarketAges& ages) { ages_ = ages; }
  void set_risk_currency(order::CurrencyId currency) {
    risk_currency_ = currency;
    all_moved_at_ = ++rates_version_;
  }
  order::CurrencyId risk_currency() const { return risk_currency_; }

  // None: no triangulation.
  void set_usd(order::CurrencyId usd) { usd_ = usd; }
  order::CurrencyId usd() const { return usd_; }

  void set_quote(order::InstrumentId instrument, Price bid, Price ask, UtcTime time);
  // Whether that moves what its amounts are worth; else only the time has changed.
  bool set_rate(order::CurrencyId currency, Rate rate, UtcTime time);
  // Of a currency whose rate nobody has told, from its quote against USD.
  bool set_derived_rate(order::CurrencyId currency, Rate rate, UtcTime time);
  // Somebody has told its rate: it is not derived. The risk currency's own is always told.
  bool is_told(order::CurrencyId currency) const {
    const CurrencyRate* known = rate(currency);
    return currency == risk_currency_ || (known != nullptr && !known->derived);
  }

  // Null when there is none, it is older than fresh, not positive or crossed: a price check needs the market
  // of now.
  const Quote* fresh_quote(order::InstrumentId instrument, UtcTime now) const {
    const Quote* known = quote(instrument);
    if (known == nullptr || !known->is_sound()) return nullptr;
    return freshness(known->time, now) == Freshness::kFresh ? known : nullptr;
  }
  // For what an order may not exceed: a stale rate is raised by the haircut, rounded up. Nothing when it
  // is missing, dead or not positive. The risk currency's own rate is always one.
  std::optional<Rate> reserve_rate(order::CurrencyId currency, UtcTime now) const;
  // The same where it is the last one as it stands; else zero.
  Rate fresh_rate(order::CurrencyId currency, UtcTime now) const {
    if (currency == risk_currency_ && currency.has_value()) return Rate::of(1);
    const CurrencyRate* known = rate(currency);
    const bool fresh = known != nullptr && known->rate.is_positive() && freshness(known->time, now) == Freshness::kFresh;
    return fresh ? known->rate : Rate();
  }
  // For what has happened and must be booked: the last known rate, however old; zero when there never was one.
  Rate last_rate(order::CurrencyId currency) const {
    if (currency == risk_currency_ && currency.has_value()) return Rate::of(1);
    const CurrencyRate* known = rate(currency);
    return known != nullptr ? known->rate : Rate();
  }

  // Null when never set.
  const Quote* quote(order::InstrumentId instrument) const {
    if (instrument.value() >= quotes_.size() || !quotes_[instrument.value()].known) return nullptr;
    return &quotes_[instrument.value()];
  }
  const CurrencyRate* rate(order::CurrencyId currency) const {
    if (currency.value() >= rates_.size() || !rates_[currency.value()].known) return nullptr;
    return &rates_[currency.value()];
  }
  // Known and not older than fresh; the risk currency's own always is.
  bool is_rate_fresh(order::CurrencyId currency, UtcTime now) const;
  // Counts the changes.
  std::uint64_t version() const { return version_; }
  // Counts those that move what native amounts are worth, since the start; never zero.
  std::uint64_t rates_version() const { return rates_version_; }
  // Whether amounts of the currency are worth something else than at that version.
  bool has_moved_since(std::uint64_t rates_version, order::CurrencyId currency) const {
    return currency.value() < rates_.size() && rates_[currency.value()].moved_at > rates_version;
  }
  // Whether all may be, since the risk currency was named anew.
  bool have_all_moved_since(std::uint64_t rates_version) const { return all_moved_at_ > rates_version; }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    // Both are configuration, too; but what is folded before that is applied asks for them.
    ar(self.risk_currency_);
    ar(self.usd_);
    ar(self.version_);
    ar.each(self.quotes_);
    ar.each(self.rates_);
  }

 private:
  bool set_rate(order::CurrencyId currency, const CurrencyRate& to);
  Freshness freshness(UtcTime time, UtcTime now) const {
    const Duration age = now - time;
    if (ages_.soft.ns() == 0 || age <= ages_.soft) return Freshness::kFresh;
    return age <= ages_.hard ? Freshness::kStale : Freshness::kDead;
  }

  MarketAges ages_;
  order::CurrencyId risk_currency_;
  order::CurrencyId usd_;
  std::uint64_t version_ = 0;
  std::uint64_t rates_version_ = 1;
  std::uint64_t all_moved_at_ = 1;
  std::vector<Quote> quotes_;        // by InstrumentId
  std::vector<CurrencyRate> rates_;  // by CurrencyId
};

}  // namespace portcullis::risk
