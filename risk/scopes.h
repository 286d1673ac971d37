#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "order/order_events.h"
#include "order/types.h"
#include "risk/headroom.h"
#include "risk/path.h"
#include "risk/state.h"

// What one decision asks, and what an amount moves, resolved once for each combination of session, trader, account,
// client, instrument and broker: the scopes as a flat array, where each one's sums stand, each one's limits in columns,
// which are asked for which limit, and for the limits on one order whose word decides. A decision then compares, an
// event then adds, and neither looks anything up.
//
// All of it follows from the state: a cache, kept out of snapshots, made again in its parts when State::shape, cells or
// words have moved on.

namespace portcullis::risk {

// Places in Scopes::nodes as bits.
using Places = std::uint32_t;

// Calls visit(place) for each, in ascending order, until one returns false; returns whether none did.
template <typename Visit>
bool for_places(Places places, Visit&& visit) {
  for (; places != 0; places &= places - 1) {
    if (!visit(static_cast<std::size_t>(std::countr_zero(places)))) return false;
  }
  return true;
}

// Lines of evidence as far as the scopes alone decide them, for an order that passes (risk/ordinary.h): what is asked and
// who asks it. Usage and delta are the order's.
struct EvidenceDrafts {
  // The word of all scopes but the broker, and the broker's.
  struct Words {
    std::array<order::CheckResult, 2> lines;
    std::size_t count = 0;
  };
  struct Alike {
    order::CheckResult line;
    Duration window;
    bool of_trader = false;
  };

  std::array<std::uint64_t, kMaxNodes> heads;  // by place: a line's first eight bytes, but for its control
  order::CheckResult order_types;              // where somebody states them
  order::CheckResult times_in_force;
  Words tenor;
  Words quantity;
  Words notional;
  Words collar;
  order::CheckResult spread;        // while somebody states it
  order::CheckResult of_trader;     // C3: while the trader states it
  order::CheckResult of_session;    // while somebody states it
  std::array<Alike, 4> duplicates;  // C2
  std::size_t duplicate_count = 0;
  std::int64_t passive_band = 0;    // the tightest; kNoLimit: nobody states one
  bool has_spread = false;
  bool has_of_trader = false;
  bool is_plain = false;  // all are active, and none says what it may trade
};

struct Scopes {
 private:
  // What each question asks first.
  std::uint64_t shape_ = 0;
  std::uint64_t cells_ = 0;
  std::uint64_t words_ = 0;
  bool made_ = false;  // each scope has cells of its own
  bool base_settles_made_ = false;  // and each that keeps dates those of this date
  bool term_settles_made_ = false;

 public:
  // By place.
  template <typename T>
  using Column = std::array<T, kMaxNodes>;
  template <typename T>
  using ByLimit = std::array<T, kLimitCount>;

  // --- where they are ---
  Path<const Node> nodes;  // most specific first
  Column<Exposure*> sums;
  Column<Profit*> profits;  // null: none is kept there
  Places profited = 0;      // where it is not
  Places dated = 0;         // keep value dates
  Places moved_base = 0;    // all but the scopes of other currencies than the order's base
  Places moved_term = 0;
  std::size_t client = 0;   // the client's place, if it is among them

  // --- where their sums of the instrument, of its currencies and of one value date are; zeros where there are none ---
  Column<InstrumentExposure*> instrument;
  Column<CurrencyExposure*> base;
  Column<CurrencyExposure*> term;
  Column<SettlementExposure*> base_settles;  // of places that keep dates
  Column<SettlementExposure*> term_settles;
  Column<DateSum*> settling;
  std::int32_t date = 0;  // of those three; zero: not looked up

  // --- what they say ---
  Path<const Node> crossed;  // what some of them state for this instrument alone
  // What each scope holds to. Of those limits that are asked instrument by instrument (by_instrument) the tighter of
  // the scope's own and what it states for the instrument.
  ByLimit<Column<std::int64_t>> limits;
  ByLimit<Places> stated;  // by the scope itself, or for the instrument alone
  ByLimit<Places> netted;  // asked of what nets: asks_netted(), or for the instrument alone
  // Limits on sums: what each scope is held to where it is asked, else kNoLimit.
  static constexpr std::int64_t kNoLimit = std::int64_t{1} << 62;
  Column<HeldRow> held;
  Places holding = 0;  // those that are held to one of them at least
  // Soft levels of the limits on sums that a scope states itself: the most of each that reaches none, and the end of the
  // range where there is no level to reach. Of the places in `levelled`.
  Column<HeldRow> below_levels;
  Places levelled = 0;        // state a limit on what is held, D1 to D8
  Places credit_levelled = 0; // D8 among them
  Places losing = 0;          // E1: state what they may lose
  // Over scopes and what they state for the instrument: the one that states least, most specific first, null when none
  // states the limit; and, of a set, what all allow together, with the last scope that states it.
  ByLimit<const Node*> least;
  ByLimit<const Node*> least_beside;     // likewise, of all but brokers
  ByLimit<const Node*> least_of_broker;  // and of brokers
  std::int64_t order_types = 0;
  std::int64_t times_in_force = 0;
  const Node* last_order_types = nullptr;
  const Node* last_times_in_force = nullptr;
  const Node* repeated = nullptr;        // C3: whose word decides on a session's count; null: nobody's
  const Node* strongest = nullptr;       // A1: the first with the strongest state; null: all are active
  const Node* broker_reduces = nullptr;  // a broker that is reduce-only itself
  const Node* permits = nullptr;         // A2: the last that says what it may trade; null: none does
  const Node* no_buy = nullptr;          // the first that may not buy the base currency; null: all may
  const Node* no_sell = nullptr;
  EvidenceDrafts drafts;

  // Brings near what a movement reads here first: what stands before `crossed`.
  void look_at() const {
    constexpr std::size_t kLine = 64;
    const char* const end = reinterpret_cast<const char*>(&crossed);
    for (const char* at = reinterpret_cast<const char*>(this); at < end; at += kLine) __builtin_prefetch(at);
  }
  // And what it moves then, which is near already but for the scopes that few orders are in: the first ones.
  void look_at_sums() const {
    constexpr std::size_t kOfFew = 4;
    for (std::size_t at = 0; at < std::min(nodes.size(), kOfFew); ++at) {
      nodes[at]->limits.look_at();
      __builtin_prefetch(sums.data()[at]);
      __builtin_prefetch(reinterpret_cast<const char*>(sums.data()[at]) + 64);
      __builtin_prefetch(instrument.data()[at]);
      __builtin_prefetch(base.data()[at]);
      __builtin_prefetch(term.data()[at]);
      __builtin_prefetch(base_settles.data()[at]);
      __builtin_prefetch(settling.data()[at]);
      if (profits.data()[at] != nullptr) __builtin_prefetch(profits.data()[at]);
    }
  }

  const std::int64_t* limits_of(Limit limit) const { return limits.data()[static_cast<std::size_t>(limit)].data(); }

  // The value date's columns, if they are another's.
  void find_date(std::int32_t wanted) {
    if (date != wanted) look_up_date(wanted);
  }
  // What each scope's sums are worth at the rates of now: marks follow from the state, so whoever asks may renew them.
  void keep_marked(const Market& market) {
    for (std::size_t at = 0; at < nodes.size(); ++at) sums.data()[at]->keep_marked(market);
  }
  // Brings near what find_nearest() reads, some fifty lines of memory, while the order's own limits are asked.
  void look_ahead() const {
    for_places(holding, [this](std::size_t at) {
      __builtin_prefetch(instrument.data()[at]);
      __builtin_prefetch(&base.data()[at]->long_worth);
      __builtin_prefetch(&term.data()[at]->long_worth);
      __builtin_prefetch(&held.data()[at]);
      __builtin_prefetch(&held.data()[at].of[8]);
      return true;
    });
  }
  bool is_marked(const Market& market) const {
    std::uint64_t others = 0;
    for (std::size_t at = 0; at < nodes.size(); ++at) others |= sums.data()[at]->marked_at() ^ market.rates_version();
    return others == 0;
  }
  // For a movement: each scope gets the cells that it has not, and the state is told.
  void make_cells(State& state) {
    if (!made_) make_all_cells(state);
  }
  SettlementExposure& settlement(State& state, std::size_t place, bool of_base);
  // Likewise what settles on the value date: in both currencies, or in one.
  void make_settlements(State& state, std::int32_t wanted, bool of_base, bool of_term) {
    find_date(wanted);
    if ((of_base && !base_settles_made_) || (of_term && !term_settles_made_)) [[unlikely]]
      make_all_settlements(state, of_base, of_term);
  }
  // D10: what rests of the client's on one side of the instrument, looked up once.
  const OpenPrices::Side& resting(bool buys_base) {
    const OpenPrices::Side*& side = buys_base ? resting_buys_ : resting_sells_;
    if (side == nullptr) [[unlikely]]
      side = &open_prices_->side(client_id_, instrument_id_, buys_base);
    return *side;
  }

 private:
  friend class ScopeCache;

  struct Key {
    std::uint64_t who = 0;
    std::uint64_t what = 0;
    std::uint64_t client = 0;
    friend bool operator==(const Key& a, const Key& b) {
      return ((a.who ^ b.who) | (a.what ^ b.what) | (a.client ^ b.client)) == 0;
    }
  };

  // `broker` alone, without its tree: what D9 asks of a candidate, and where its sums are.
  void find_nodes(State& state, const Place& place, bool broker_alone);
  void find_cells();
  void find_words(const Settings& settings);
  void find_held();
  void find_levels(const config::SoftLevels& levels);
  void draft();
  void hold(HeldSum sum, Limit limit, Places places);
  void look_up_date(std::int32_t wanted);
  void make_all_cells(State& state);
  void make_all_settlements(State& state, bool of_base, bool of_term);

  order::InstrumentId instrument_id_;
  order::CurrencyId base_id_;  // none where no currency moves
  order::CurrencyId term_id_;
  order::ClientId client_id_;
  OpenPrices* open_prices_ = nullptr;
  const OpenPrices::Side* resting_buys_ = nullptr;  // null: not looked up
  const OpenPrices::Side* resting_sells_ = nullptr;
};

// Limits that a check asks in one instrument, with what is stated for that alone.
constexpr bool by_instrument(Limit limit) {
  return limit == Limit::kMaxLongPosition || limit == Limit::kMaxShortPosition || limit == Limit::kMaxDailyQuantity;
}

// A table of the combinations that were asked last. One thread. Copies of an engine begin with an empty one, since
// it points into the state that it was made for.
class ScopeCache {
 public:
  ScopeCache() = default;
  ScopeCache(const ScopeCache&) {}
  ScopeCache(ScopeCache&&) noexcept {}
  ScopeCache& operator=(const ScopeCache&) {
    clear();
    return *this;
  }
  ScopeCache& operator=(ScopeCache&&) noexcept {
    clear();
    return *this;
  }
  ~ScopeCache() = default;

  // With what the scopes say. Decisions only read what is found here. Good until the next question. Allocates when a
  // combination's place in the table is used for the first time.
  Scopes& to_decide(const State& state, const Place& place, bool broker_alone) {
    Scopes& scopes = find(const_cast<State&>(state), place, broker_alone);
    if (scopes.words_ != state.words) [[unlikely]]
      return with_words(scopes, state);
    return scopes;
  }
  // For who brings a combination near: first where it is known, then what is known of it; null: nothing is.
  void look_at(const Place& place) const {
    if (!pairs_.empty()) __builtin_prefetch(&pairs_[place_of(key_of(place, false))]);
  }
  const Scopes* known(const Place& place) const {
    if (pairs_.empty()) return nullptr;
    const Scopes::Key key = key_of(place, false);
    for (const Entry& entry : pairs_[place_of(key)].entries) {
      if (entry.scopes != nullptr && entry.key == key) return entry.scopes.get();
    }
    return nullptr;
  }
  // Where the sums are.
  Scopes& to_apply(State& state, const Place& place, bool broker_alone) { return find(state, place, broker_alone); }

 private:
  // A line of memory says which entry it is.
  struct Entry {
    Scopes::Key key;
    std::unique_ptr<Scopes> scopes;
  };
  struct alignas(64) Pair {
    std::array<Entry, 2> entries;
  };
  static constexpr std::size_t kPairs = 1 << 12;  // two places for each: two that meet may both be asked for

  static std::size_t place_of(const Scopes::Key& key) {
    const std::uint64_t mixed = (key.who ^ (key.what + key.client) * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
    return static_cast<std::size_t>(mixed >> 52);
  }
  static_assert(kPairs == std::size_t{1} << (64 - 52));

  static Scopes::Key key_of(const Place& place, bool broker_alone) {
    return Scopes::Key{
        std::uint64_t{place.account.value()} << 32 | std::uint64_t{place.session.value()} << 16 | place.trader.value(),
        std::uint64_t{place.instrument.value()} << 32 | place.broker.value(),
        std::uint64_t{place.client.value()} << 32 | (broker_alone ? 1 : 0)};
  }

  // What a message asks about is asked more than once: to decide, to move, and for what follows.
  Scopes& find(State& state, const Place& place, bool broker_alone) {
    if (last_key_ != key_of(place, broker_alone) || last_->shape_ != state.shape || last_->cells_ != state.cells)
        [[unlikely]] {
      return find_anew(state, place, broker_alone);
    }
    return *last_;
  }
  // From the table, and resolved where that has not been done since the state has moved on.
  Scopes& find_anew(State& state, const Place& place, bool broker_alone);
  static Scopes& with_words(Scopes& scopes, const State& state);
  static void take_second_or_new(Pair& pair, const Scopes::Key& key);
  void clear() {
    last_key_ = kNoKey;
    pairs_.clear();
  }

  static constexpr Scopes::Key kNoKey = {0, 0, ~std::uint64_t{0}};  // of no combination

  std::vector<Pair> pairs_;  // kPairs, or none before the first question
  // What was found last. Nothing that is found takes its place in the table without being found last itself.
  Scopes* last_ = nullptr;
  Scopes::Key last_key_ = kNoKey;
};

}  // namespace portcullis::risk
