#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "config/breakers.h"
#include "risk/limits.h"

// Soft levels: how far the usage of a limit has come, in steps of the configuration (50, 75, 90 %), with five points of
// hysteresis, so that a usage that trembles around a level is told once.

namespace portcullis::risk {

inline constexpr int kLevelHysteresisPercent = 5;

// The number of levels reached: climbs as soon as the next one is, falls when usage is five points below. A limit of
// zero has no levels: nothing passes it.
inline std::uint8_t level_after(std::int64_t usage, std::int64_t limit, std::uint8_t before,
                                std::span<const std::uint8_t> percent) {
  std::uint8_t level = std::min<std::uint8_t>(before, static_cast<std::uint8_t>(percent.size()));
  if (limit <= 0) return level;
  const auto reaches = [&](int share) { return Wide{usage} * 100 >= Wide{limit} * share; };
  while (level < percent.size() && reaches(percent[level])) ++level;
  while (level > 0 && !reaches(percent[level - 1] - kLevelHysteresisPercent)) --level;
  return level;
}

// A limit of one scope above its first level, and what was done about it.
struct LevelReached {
  static constexpr std::uint32_t kNoCell = ~std::uint32_t{0};

  Limit limit = Limit::kMaxOrderQuantity;
  std::uint8_t level = 0;
  config::Response response = config::Response::kWarn;
  std::uint8_t pad = 0;
  // The instrument that brought it there, where usage is counted for each: only its fall is a fall.
  std::uint32_t cell = kNoCell;
  UtcTime time;  // of the last change
};

// An order's size, value or distance from the market is told of once in this time for one scope and limit, however many there are.
inline constexpr Duration kOrderLevelPause = Duration::seconds(60);
// Limits of one order, which have no usage that could fall: their level stays until the day ends.
constexpr bool is_of_one_order(Limit limit) {
  return limit == Limit::kMaxOrderQuantity || limit == Limit::kMaxOrderNotional || limit == Limit::kPassiveBandPercent;
}

// Of one scope; those that are at no level have no entry.
class LevelsReached {
 public:
  const LevelReached* find(Limit limit) const {
    for (const LevelReached& reached : reached_) {
      if (reached.limit == limit) return &reached;
    }
    return nullptr;
  }
  std::uint8_t level(Limit limit) const {
    const LevelReached* reached = find(limit);
    return reached != nullptr ? reached->level : 0;
  }
  void set(const LevelReached& to) {
    std::erase_if(reached_, [&to](const LevelReached& reached) { return reached.limit == to.limit; });
    if (to.level > 0) reached_.push_back(to);
  }
  void start_day() {
    std::erase_if(reached_, [](const LevelReached& reached) { return is_of_one_order(reached.limit); });
  }
  bool slows() const {
    for (const LevelReached& reached : reached_) {
      if (reached.response == config::Response::kSlow) return true;
    }
    return false;
  }
  const std::vector<LevelReached>& all() const { return reached_; }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar.list(self.reached_);
  }

 private:
  std::vector<LevelReached> reached_;
};

}  // namespace portcullis::risk
