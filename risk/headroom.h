#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace portcullis::risk {

struct Scopes;

// Of one limit on sums: the scope that has the least left, limit less usage, the most specific of several.
struct Nearest {
  std::int64_t headroom = std::numeric_limits<std::int64_t>::min();  // nothing is known
  std::size_t place = 0;
};

// The sums that are held to a limit in every scope, as they stand side by side there: four of the scope
// (Exposure::Held), four of its instrument and value date, both sides of its two currencies.
enum class HeldSum : std::uint8_t {
  kOpenOrders,     // D1
  kGrossOpen,      // D2
  kDailyVolume,    // D7
  kNetOpen,        // D5
  kLongPosition,   // D3
  kShortPosition,
  kDailyQuantity,  // D7
  kSettlement,     // D6, on Scopes::date
  kBaseLong,       // D4
  kBaseShort,
  kTermLong,
  kTermShort,
};

// One number for each of them, four to a comparison.
struct alignas(32) HeldRow {
  static constexpr std::size_t kSize = 12;

  std::int64_t operator[](HeldSum sum) const { return of.data()[static_cast<std::size_t>(sum)]; }
  std::int64_t& operator[](HeldSum sum) { return of.data()[static_cast<std::size_t>(sum)]; }

  std::array<std::int64_t, kSize> of;
};

// Where an order stands nearest to each of their limits. One that adds no more than what is left there passes
// everywhere, so one comparison answers for all scopes (risk/hold.h).
struct Headrooms {
  HeldRow least;  // what is left there
  HeldRow place;

  Nearest operator[](HeldSum sum) const { return {least[sum], static_cast<std::size_t>(place[sum])}; }
  // The worse of two sides.
  HeldSum either(HeldSum a, HeldSum b) const {
    if (least[a] != least[b]) return least[a] < least[b] ? a : b;
    return place[a] < place[b] ? a : b;
  }
  HeldSum base() const { return either(HeldSum::kBaseLong, HeldSum::kBaseShort); }
  HeldSum term() const { return either(HeldSum::kTermLong, HeldSum::kTermShort); }
};

// What find_headrooms() must know of an order beside its scopes.
struct HeadroomsAsked {
  bool marked = false;   // all sums are marked at the rates of now
  bool fresh = false;    // no rate of the order's currencies has a haircut
  bool offsets = false;  // a position of the other sign makes room
};

// Of every held sum. Where marks say nothing, nothing is known: then the scopes are asked one by one.
void find_headrooms(const Scopes& scopes, const HeadroomsAsked& asked, Headrooms& found);

// The least of limit less usage of each sum, and the first of the places in Scopes::holding where it stands; what
// find_headrooms() begins with.
// With AVX2 where the processor has it.
void find_nearest(const Scopes& scopes, Headrooms& found);
void find_nearest_portably(const Scopes& scopes, Headrooms& found);

// Of the places in Scopes::levelled those where a sum is above Scopes::below_levels, as the sums and marks stand.
std::uint32_t find_levels_reached(const Scopes& scopes);
std::uint32_t find_levels_reached_portably(const Scopes& scopes);

}  // namespace portcullis::risk
