#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "order/types.h"

namespace portcullis::gateway {

// The numbers of the open orders, in ascending order: what a mass cancel, a day roll and a reconciliation look
// at, whatever has been traded before. One bit an order, and above 64 words of bits one that says whether any of them
// is set, three levels high: adding, removing and the step to the next one cost a few words. Bits of which none is set
// take no memory: what is left of an order that is over is a bit of 4,096 and a pointer of 4,096.
class OpenOrders {
 public:
  void add(order::OrderNumber number) {
    const std::uint64_t word = number.value() / 64;
    if (blocks_.size() <= word / 64) blocks_.resize(word / 64 + 1);
    std::unique_ptr<Block>& block = blocks_[word / 64];
    if (block == nullptr) block = take();
    std::uint64_t& bits = (*block)[word % 64];
    const std::uint64_t bit = std::uint64_t{1} << number.value() % 64;
    if ((bits & bit) != 0) return;
    ++size_;
    const bool is_first = bits == 0;
    bits |= bit;
    if (!is_first) return;  // the levels above know of the word
    std::uint64_t index = word;
    for (std::vector<std::uint64_t>& level : levels_) {
      const std::uint64_t above = index / 64;
      if (level.size() <= above) level.resize(above + 1);
      level[above] |= std::uint64_t{1} << index % 64;
      index = above;
    }
  }
  void remove(order::OrderNumber number) {
    std::uint64_t index = number.value() / 64;
    if (index / 64 >= blocks_.size() || blocks_[index / 64] == nullptr) return;
    std::unique_ptr<Block>& block = blocks_[index / 64];
    std::uint64_t& bits = (*block)[index % 64];
    const std::uint64_t bit = std::uint64_t{1} << number.value() % 64;
    if ((bits & bit) == 0) return;
    --size_;
    bits &= ~bit;
    if (bits != 0) return;
    for (std::vector<std::uint64_t>& level : levels_) {
      std::uint64_t& above = level[index / 64];
      above &= ~(std::uint64_t{1} << index % 64);
      if (&level == &levels_.front() && above == 0) put_away(std::move(block));
      if (above != 0) return;
      index /= 64;
    }
  }
  bool contains(order::OrderNumber number) const {
    return (word(0, number.value() / 64) >> number.value() % 64 & 1) != 0;
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
  // Blocks without a bit that wait to be used again.
  static constexpr std::size_t kSpares = 64;
  using Block = std::array<std::uint64_t, 64>;

  // Of a level, the lowest being that of the orders' own bits; zero past its end.
  std::uint64_t word(std::size_t at, std::uint64_t index) const {
    if (at != 0) return index < levels_[at - 1].size() ? levels_[at - 1][index] : 0;
    const Block* const block = index / 64 < blocks_.size() ? blocks_[index / 64].get() : nullptr;
    return block == nullptr ? 0 : (*block)[index % 64];
  }
  std::uint64_t next_at(std::size_t at, std::uint64_t from) const {
    const std::uint64_t index = from / 64;
    const std::uint64_t rest = word(at, index) >> from % 64;
    if (rest != 0) return from + static_cast<std::uint64_t>(std::countr_zero(rest));
    std::uint64_t next = kNone;
    if (at + 1 < kLevels) {
      next = next_at(at + 1, index + 1);
    } else {
      for (std::uint64_t w = index + 1; w < levels_.back().size() && next == kNone; ++w) {
        if (levels_.back()[w] != 0) next = w;
      }
    }
    return next == kNone ? kNone : next * 64 + static_cast<std::uint64_t>(std::countr_zero(word(at, next)));
  }
  std::unique_ptr<Block> take() {
    if (spares_.empty()) return std::make_unique<Block>();
    std::unique_ptr<Block> block = std::move(spares_.back());
    spares_.pop_back();
    return block;
  }
  void put_away(std::unique_ptr<Block> block) {
    if (spares_.size() < kSpares) spares_.push_back(std::move(block));
  }

  std::vector<std::unique_ptr<Block>> blocks_;
  std::array<std::vector<std::uint64_t>, kLevels - 1> levels_;
  std::vector<std::unique_ptr<Block>> spares_;
  std::uint64_t size_ = 0;
};

}  // namespace portcullis::gateway
