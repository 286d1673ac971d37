#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "order/reject.h"
#include "order/types.h"

// Controls that have tripped and stay so until two persons re-arm them, and what control C3 counts.

namespace portcullis::risk {

// Which way an instrument's base currency goes.
enum class Direction : std::uint8_t { kBoth, kBuysBase, kSellsBase };

constexpr Direction direction_of(bool buys_base) {
  return buys_base ? Direction::kBuysBase : Direction::kSellsBase;
}

// What a latch is told apart by.
struct LatchKey {
  order::Control control = order::Control::kCore;
  order::Scope scope = order::Scope::kFirm;
  std::uint32_t id = 0;            // of the scope's thing; 0 for the firm
  order::InstrumentId instrument;  // none: all of them
  Direction direction = Direction::kBoth;
  std::uint8_t detail = 0;  // which of a control's conditions: F1, F2, C4

  friend bool operator==(const LatchKey&, const LatchKey&) = default;
};

struct Latch {
  LatchKey key;
  order::ScopeState response = order::ScopeState::kActive;  // the state that the scope was given; active: none
  UtcTime time;
  std::int64_t usage = 0;  // what tripped it, and over which limit, in the limit's own scale
  std::int64_t limit = 0;

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.key.control);
    ar(self.key.scope);
    ar(self.key.id);
    ar(self.key.instrument);
    ar(self.key.direction);
    ar(self.key.detail);
    ar(self.response);
    ar(self.time);
    ar(self.usage);
    ar(self.limit);
  }
};

// Few at any time, in the order in which they tripped.
class Latches {
 public:
  bool empty() const { return latches_.empty(); }
  const std::vector<Latch>& all() const { return latches_; }
  // Null when it is armed.
  const Latch* find(const LatchKey& key) const {
    for (const Latch& latch : latches_) {
      if (latch.key == key) return &latch;
    }
    return nullptr;
  }
  void set(const Latch& latch) {
    if (find(latch.key) == nullptr) latches_.push_back(latch);
  }
  // The scope was given a milder state: what had given it a stronger one is armed again.
  void clear_above(order::Scope scope, std::uint32_t id, order::ScopeState state) {
    std::erase_if(latches_, [&](const Latch& latch) {
      return latch.key.scope == scope && latch.key.id == id && latch.response > state;
    });
  }
  void clear(const LatchKey& key) {
    std::erase_if(latches_, [&key](const Latch& latch) { return latch.key == key; });
  }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar.each(self.latches_);
  }

 private:
  std::vector<Latch> latches_;
};

// Orders with an execution since the control was last re-armed, by instrument and direction.
class FilledOrders {
 public:
  std::int64_t count(order::InstrumentId instrument, Direction direction) const {
    return instrument.value() < counts_.size() ? counts_[instrument.value()][place_of(direction)] : 0;
  }
  void add(order::InstrumentId instrument, Direction direction) {
    if (counts_.size() <= instrument.value()) counts_.resize(instrument.value() + std::size_t{1});
    ++counts_[instrument.value()][place_of(direction)];
  }
  void reset(order::InstrumentId instrument, Direction direction) {
    if (instrument.value() < counts_.size()) counts_[instrument.value()][place_of(direction)] = 0;
  }
  // The largest of all counts.
  std::int64_t most() const {
    std::uint32_t largest = 0;
    for (const auto& of_instrument : counts_) largest = std::max({largest, of_instrument[0], of_instrument[1]});
    return largest;
  }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar.list(self.counts_);
  }

 private:
  static std::size_t place_of(Direction direction) { return direction == Direction::kSellsBase ? 1 : 0; }

  std::vector<std::array<std::uint32_t, 2>> counts_;  // by InstrumentId
};

}  // namespace portcullis::risk
