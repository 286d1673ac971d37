#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "order/types.h"
#include "risk/instrument.h"

// The instruments of two currencies, whichever is the base, so that a rate that follows from a quote is found without a
// walk over all instruments. Follows from them: a view.

namespace portcullis::risk {

class CurrencyPairs {
 public:
  // Some instrument has got its currencies: all is found anew with the next question.
  void forget() { known_ = false; }

  // Calls visit(InstrumentId) in index order until it returns true; whether one did.
  template <typename Visit>
  bool any_of(const std::vector<Instrument>& instruments, order::CurrencyId a, order::CurrencyId b, Visit&& visit) {
    if (!known_) find(instruments);
    const std::uint64_t first = key(a, b, 0);
    for (auto at = std::lower_bound(keys_.begin(), keys_.end(), first); at != keys_.end(); ++at) {
      if (*at >> 32 != first >> 32) return false;
      if (visit(order::InstrumentId(static_cast<std::uint32_t>(*at)))) return true;
    }
    return false;
  }

 private:
  static std::uint64_t key(order::CurrencyId a, order::CurrencyId b, std::uint32_t instrument) {
    const std::uint64_t low = std::min(a.value(), b.value());
    const std::uint64_t high = std::max(a.value(), b.value());
    return low << 48 | high << 32 | instrument;
  }
  void find(const std::vector<Instrument>& instruments) {
    keys_.clear();
    for (std::uint32_t i = 0; i < instruments.size(); ++i) {
      const Instrument& pair = instruments[i];
      if (pair.base.has_value() && pair.term.has_value()) keys_.push_back(key(pair.base, pair.term, i));
    }
    std::sort(keys_.begin(), keys_.end());
    known_ = true;
  }

  std::vector<std::uint64_t> keys_;  // ascending: the two currencies, then the instrument
  bool known_ = false;
};

}  // namespace portcullis::risk
