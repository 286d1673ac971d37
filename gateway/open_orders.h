#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "order/types.h"

namespace portcullis::gateway {

// The numbers of the open orders, in ascending order: what a mass cancel, a day roll and a reconciliation look
// at, whatever has been traded before. One bit an order ever taken, and above 64 words of bits one that says
// whether any of them is set, three levels high: adding, removing and the step to the next one cost a few words.
class OpenOrders {
 public:
  void add(order::OrderNumber number) {
    std::uint64_t index = number.value();
    if (!contains(number)) ++size_;
    for (std::vector<std::uint64_t>& level : levels_) {
      const std::uint64_t word = index / 64;
      if (level.size() <= word) level.resize(word + 1);
      level[word] |= std::uint64_t{1} << index % 64;
      index = word;
    }
  }
  void remove(order::OrderNumber number) {
    std::uint64_t index = number.value();
    if (contains(number)) --size_;
    for (std::vector<std::uint64_t>& level : levels_) {
      const std::uint64_t word = index / 64;
      if (level.size() <= word) return;
      level[word] &= ~(std::uint64_t{1} << index % 64);
      if (level[word] != 0) return;
      index = word;
    }
  }
  bool contains(order::OrderNumber number) const {
    const std::uint64_t word = number.value() / 64;
    return word < levels_[0].size() && (levels_[0][word] >> number.value() % 64 & 1) != 0;
  }
  std::uint64_t size() const { return size_; }

  // The first open order whose number is at least `from`; none when there is none. To go on behind one:
  // next(OrderNumber(number.value() + 1)), also when orders have come and gone meanwhile.
  order::OrderNumber next(order::OrderNumber from) const {
    const std::uint64_t found = next_at(0, from.value());
    return found == kNone ? order::OrderNumber::none() : order::OrderNumber(found);
  }
  // Every open order, in ascending order. `visit` opens and closes none.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (order::OrderNumber n = next(order::OrderNumber(0)); n.has_value();
         n = next(order::OrderNumber(n.value() + 1))) {
      visit(n);
    }
  }

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  static constexpr std::size_t kLevels = 3;

  std::uint64_t next_at(std::size_t at, std::uint64_t from) const {
    const std::vector<std::uint64_t>& level = levels_[at];
    const std::uint64_t word = from / 64;
    if (word >= level.size()) return kNone;
    const std::uint64_t rest = level[word] >> from % 64;
    if (rest != 0) return from + static_cast<std::uint64_t>(std::countr_zero(rest));
    std::uint64_t next = kNone;
    if (at + 1 < kLevels) {
      next = next_at(at + 1, word + 1);
    } else {
      for (std::uint64_t w = word + 1; w < level.size() && next == kNone; ++w) {
        if (level[w] != 0) next = w;
      }
    }
    return next == kNone ? kNone : next * 64 + static_cast<std::uint64_t>(std::countr_zero(level[next]));
  }

  std::array<std::vector<std::uint64_t>, kLevels> levels_;
  std::uint64_t size_ = 0;
};

}  // namespace portcullis::gateway
