#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <vector>

#include "order/types.h"
#include "risk/profit.h"

// Whose profit a quote or a rate moves, by instrument, and whose has moved since all losses were last looked at (E1),
// so that a tick costs as much as there are scopes that hold something in its instrument and not as there are scopes.
//
// All of it follows from the profits that the scopes keep: a view, part of no snapshot, made again after one is loaded.
// Lists may hold scopes that need not be there any more, and their order is that in which scopes came to hold
// something; nothing hangs on either. What is decided is decided in the order of ProfitScope.

namespace portcullis::risk {

// A scope that keeps its profit; ascending is the order of State::each_node.
class ProfitScope {
 public:
  ProfitScope() = default;
  ProfitScope(order::Scope scope, std::uint32_t id) : raw_(rank_of(scope) << kIdBits | id) {}

  order::Scope scope() const {
    constexpr order::Scope kByRank[] = {order::Scope::kFirm, order::Scope::kClient, order::Scope::kAccount,
                                        order::Scope::kTrader, order::Scope::kBroker};
    return kByRank[raw_ >> kIdBits];
  }
  std::uint32_t id() const { return raw_ & ((std::uint32_t{1} << kIdBits) - 1); }

  friend auto operator<=>(ProfitScope, ProfitScope) = default;

 private:
  static constexpr unsigned kIdBits = 24;

  static std::uint32_t rank_of(order::Scope scope) {
    switch (scope) {
      case order::Scope::kClient:
        return 1;
      case order::Scope::kAccount:
        return 2;
      case order::Scope::kTrader:
        return 3;
      case order::Scope::kBroker:
        return 4;
      default:
        return 0;
    }
  }

  std::uint32_t raw_ = 0;
};

struct ProfitIndex {
  // Scopes of one instrument, each once; a cell knows in which of the two it stands (Profit::Listed).
  struct OfInstrument {
    std::vector<ProfitScope> held;     // what a quote moves
    std::vector<ProfitScope> counted;  // what a rate of the term currency moves
  };
  std::vector<OfInstrument> instruments;                  // by InstrumentId
  std::vector<std::vector<order::InstrumentId>> by_term;  // by CurrencyId: whose `counted` was ever filled
  // Since all losses were last looked at, each scope once: Profit::looked_at() is `look` of those that are here.
  // Looking forgets them, and changes nothing else: with more scopes here than have moved it decides the same.
  mutable std::vector<ProfitScope> moved;
  mutable std::uint64_t look = 1;
  mutable bool all_moved = true;  // as good as all of them

  // What an execution has brought, as Profit tells it.
  void list(ProfitScope scope, order::InstrumentId instrument, order::CurrencyId term, Profit::Listed lists) {
    if (instruments.size() <= instrument.value()) instruments.resize(instrument.value() + std::size_t{1});
    OfInstrument& of = instruments[instrument.value()];
    if ((lists & Profit::kHeld) != 0) of.held.push_back(scope);
    if ((lists & Profit::kCounted) == 0) return;
    if (of.counted.empty() && term.has_value()) {
      if (by_term.size() <= term.value()) by_term.resize(term.value() + std::size_t{1});
      std::vector<order::InstrumentId>& settled = by_term[term.value()];
      if (std::find(settled.begin(), settled.end(), instrument) == settled.end()) settled.push_back(instrument);
    }
    of.counted.push_back(scope);
  }
  // Null: nobody has ever executed in it.
  const std::vector<ProfitScope>* find(order::InstrumentId instrument, Profit::Listed of) const {
    if (instrument.value() >= instruments.size()) return nullptr;
    const OfInstrument& lists = instruments[instrument.value()];
    return of == Profit::kHeld ? &lists.held : &lists.counted;
  }
  void clear_lists() {
    instruments.clear();
    by_term.clear();
  }
};

}  // namespace portcullis::risk
