#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "order/types.h"

// At which prices one client's orders rest, for control D10: the best of each side of an instrument at once, a change of
// it in O(log n). Kept of clients that ask for it. A view of the open orders: no snapshot holds it.

namespace portcullis::risk {

class OpenPrices {
  using Levels = std::map<Price, std::uint32_t>;  // how many orders rest at each

 public:
  // One side of an instrument.
  class Side {
   public:
    // The highest price that somebody buys at, or the lowest that somebody sells at; null when nothing rests there.
    const Price* best() const { return levels_.empty() ? nullptr : &best_; }

   private:
    friend class OpenPrices;

    void find_best(bool buys_base) {
      if (!levels_.empty()) best_ = buys_base ? levels_.rbegin()->first : levels_.begin()->first;
    }

    Levels levels_;
    Price best_;
  };

  OpenPrices() = default;
  OpenPrices(const OpenPrices& other) : sides_(other.sides_) {}
  OpenPrices(OpenPrices&&) noexcept = default;
  OpenPrices& operator=(const OpenPrices& other) {
    sides_ = other.sides_;
    return *this;
  }
  OpenPrices& operator=(OpenPrices&&) noexcept = default;
  ~OpenPrices() = default;

  void add(order::ClientId client, order::InstrumentId instrument, bool buys_base, Price price) {
    Side& side = sides_[key_of(client, instrument, buys_base)];
    const auto level = side.levels_.lower_bound(price);
    if (level != side.levels_.end() && level->first == price) {
      ++level->second;
    } else if (spare_.empty()) {
      side.levels_.emplace_hint(level, price, 1);
    } else {
      Levels::node_type node = std::move(spare_.back());
      spare_.pop_back();
      node.key() = price;
      node.mapped() = 1;
      side.levels_.insert(level, std::move(node));
    }
    side.find_best(buys_base);
  }
  void remove(order::ClientId client, order::InstrumentId instrument, bool buys_base, Price price) {
    const auto found = sides_.find(key_of(client, instrument, buys_base));
    if (found == sides_.end()) return;
    Side& side = found->second;
    const auto level = side.levels_.find(price);
    if (level == side.levels_.end() || --level->second != 0) return;
    spare_.push_back(side.levels_.extract(level));
    side.find_best(buys_base);
  }
  // Nothing rests anywhere; the sides stay where they are.
  void clear() {
    for (auto& [key, side] : sides_) side.levels_.clear();
  }

  // It stays where it is, whatever comes and goes.
  const Side& side(order::ClientId client, order::InstrumentId instrument, bool buys_base) {
    return sides_[key_of(client, instrument, buys_base)];
  }
  const Price* best(order::ClientId client, order::InstrumentId instrument, bool buys_base) const {
    const auto found = sides_.find(key_of(client, instrument, buys_base));
    return found == sides_.end() ? nullptr : found->second.best();
  }

 private:
  static std::uint64_t key_of(order::ClientId client, order::InstrumentId instrument, bool buys_base) {
    return std::uint64_t{client.value()} << 33 | std::uint64_t{instrument.value()} << 1 | (buys_base ? 1 : 0);
  }

  std::map<std::uint64_t, Side> sides_;
  std::vector<Levels::node_type> spare_;  // of levels that are gone: an order that comes takes no memory
};

}  // namespace portcullis::risk
