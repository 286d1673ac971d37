#pragma once

#include <cstdint>
#include <map>
#include <tuple>

#include "base/decimal.h"
#include "order/types.h"

// At which prices one client's orders rest, for control D10: the best of each side of an instrument in O(log n). Kept of
// clients that ask for it. A view of the open orders: no snapshot holds it.

namespace portcullis::risk {

class OpenPrices {
 public:
  void add(order::ClientId client, order::InstrumentId instrument, bool buys_base, Price price) {
    ++sides_[Key{client.value(), instrument.value(), buys_base}][price];
  }
  void remove(order::ClientId client, order::InstrumentId instrument, bool buys_base, Price price) {
    const auto side = sides_.find(Key{client.value(), instrument.value(), buys_base});
    if (side == sides_.end()) return;
    const auto level = side->second.find(price);
    if (level == side->second.end()) return;
    if (--level->second == 0) side->second.erase(level);
  }
  void clear() { sides_.clear(); }

  // The highest price that somebody buys at, or the lowest that somebody sells at; null when nothing rests there.
  const Price* best(order::ClientId client, order::InstrumentId instrument, bool buys_base) const {
    const auto side = sides_.find(Key{client.value(), instrument.value(), buys_base});
    if (side == sides_.end() || side->second.empty()) return nullptr;
    return buys_base ? &side->second.rbegin()->first : &side->second.begin()->first;
  }

 private:
  using Key = std::tuple<std::uint16_t, std::uint32_t, bool>;
  std::map<Key, std::map<Price, std::uint32_t>> sides_;
};

}  // namespace portcullis::risk
