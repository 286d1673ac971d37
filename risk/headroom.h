#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace portcullis::risk {

struct Context;

// Of one limit on sums: the scope that has the least left, limit less usage, the most specific of several.
struct Nearest {
  std::int64_t headroom = std::numeric_limits<std::int64_t>::min();  // nothing is known
  std::size_t place = 0;
};

// The sums that are held to a limit in every scope.
enum class HeldSum : std::uint8_t {
  kOpenOrders,     // D1
  kGrossOpen,      // D2
  kLongPosition,   // D3
  kShortPosition,
  kBasePosition,   // D4
  kTermPosition,
  kNetOpen,        // D5
  kSettlement,     // D6, on Scopes::date
  kDailyVolume,    // D7
  kDailyQuantity,
};
inline constexpr std::size_t kHeldSums = 10;

// Where an order stands nearest to each of their limits. One that adds no more than what is left there passes
// everywhere, so one comparison answers for all scopes (risk/hold.h).
class Headrooms {
 public:
  const Nearest& operator[](HeldSum sum) const { return nearest_.data()[static_cast<std::size_t>(sum)]; }
  Nearest& operator[](HeldSum sum) { return nearest_.data()[static_cast<std::size_t>(sum)]; }

 private:
  std::array<Nearest, kHeldSums> nearest_;
};

// What is not found here, because sums do not fit 63 bits or are not marked at the rates of now, is asked scope by scope.
void find_headrooms(Context& context);

// The least of each column and the first place where it stands; kMaxNodes values each. With AVX2 where the processor
// has it.
using HeadroomColumn = std::array<std::int64_t, 12>;
void find_nearest(std::span<const HeadroomColumn> columns, Nearest* nearest);
void find_nearest_portably(std::span<const HeadroomColumn> columns, Nearest* nearest);

}  // namespace portcullis::risk
