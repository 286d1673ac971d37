#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "order/types.h"
#include "risk/path.h"
#include "risk/state.h"

// What one decision asks, resolved once for each combination of session, trader, account, client, instrument and
// broker: the scopes as a flat array, each scope's limits in columns, which scopes are asked for which limit, and for
// the limits on one order whose word decides. A decision then compares and looks nothing up.
//
// All of it follows from the state: a cache, kept out of snapshots, made again when State::shape has moved on.

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

struct Scopes {
  template <typename T>
  using ByLimit = std::array<T, kLimitCount>;

  Path<const Node> nodes;    // most specific first
  Path<const Node> crossed;  // what some of them state for this instrument alone
  // The head of each scope's lines in the evidence, but for the control and the outcome (Row in risk/context.h).
  std::array<std::uint64_t, kMaxNodes> heads;

  // What each scope holds to. Of those limits that are asked instrument by instrument (kByInstrument) the tighter of
  // the scope's own and what it states for the instrument.
  ByLimit<std::array<std::int64_t, kMaxNodes>> limits;
  ByLimit<Places> stated;  // by the scope itself, or for the instrument alone
  ByLimit<Places> netted;  // asked of what nets: asks_netted(), or for the instrument alone

  // Over scopes and what they state for the instrument: the one that states least, most specific first, null when none
  // states the limit; and, of a set, what all allow together, with the last scope that states it.
  ByLimit<const Node*> least;
  std::int64_t order_types = 0;
  std::int64_t times_in_force = 0;
  const Node* last_order_types = nullptr;
  const Node* last_times_in_force = nullptr;

  // `broker` alone, without its tree: what D9 asks of a candidate.
  static void resolve(const State& state, const Place& place, bool broker_alone, Scopes& out);
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

  // Good until the state's shape changes. Allocates when a combination's place in the table is used for the first time.
  const Scopes& of(const State& state, const Place& place, bool broker_alone) {
    if (entries_.empty()) [[unlikely]]
      entries_.resize(2 * kPairs);
    const Key key = key_of(place, broker_alone);
    std::unique_ptr<Entry>* pair = entries_.data() + key.place() * 2;
    for (std::size_t i = 0; i < 2; ++i) {
      if (pair[i] != nullptr && pair[i]->shape == state.shape && pair[i]->key == key) [[likely]]
        return pair[i]->scopes;
    }
    // The one that was made first of the two gives way.
    std::swap(pair[0], pair[1]);
    fill(pair[0], key, state, place, broker_alone);
    return pair[0]->scopes;
  }

 private:
  static constexpr std::size_t kPairs = 1 << 11;  // two places for each: two that meet may both be asked for

  struct Key {
    std::uint64_t who = 0;
    std::uint64_t what = 0;
    std::uint64_t client = 0;

    std::size_t place() const {
      const std::uint64_t mixed = (who ^ (what + client) * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
      return static_cast<std::size_t>(mixed >> 53);
    }
    friend bool operator==(const Key&, const Key&) = default;
  };
  static_assert(kPairs == std::size_t{1} << (64 - 53));
  struct Entry {
    Key key;
    std::uint64_t shape = 0;
    Scopes scopes;
  };

  static Key key_of(const Place& place, bool broker_alone) {
    return Key{
        std::uint64_t{place.account.value()} << 32 | std::uint64_t{place.session.value()} << 16 | place.trader.value(),
        std::uint64_t{place.instrument.value()} << 32 | place.broker.value(),
        std::uint64_t{place.client.value()} << 32 | (broker_alone ? 1 : 0)};
  }
  static void fill(std::unique_ptr<Entry>& entry, const Key& key, const State& state, const Place& place,
                   bool broker_alone);
  void clear() { entries_.clear(); }

  std::vector<std::unique_ptr<Entry>> entries_;  // 2 * kPairs, or none before the first question
};

}  // namespace portcullis::risk
