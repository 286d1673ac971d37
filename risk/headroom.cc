#include "risk/headroom.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstddef>

#include "risk/scopes.h"

namespace portcullis::risk {

namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// A limit is at most kNoLimit, so the difference wraps only for usages below -kNoLimit, and then to what is negative.
std::int64_t left_of(std::int64_t limit, std::int64_t usage) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(limit) - static_cast<std::uint64_t>(usage));
}

// Without offsetting, a position of the other sign makes no room.
std::int64_t worst_unoffset(const InstrumentExposure& cell, HeldSum side) {
  const std::int64_t position = cell.position.raw();
  return side == HeldSum::kLongPosition ? held_sum(at_least_zero(position), cell.open_buy.raw())
                                        : held_sum(at_least_zero(-position), cell.open_sell.raw());
}

[[gnu::cold, gnu::noinline]] void find_unoffset(const Scopes& scopes, Headrooms& found) {
  for (const HeldSum side : {HeldSum::kLongPosition, HeldSum::kShortPosition}) {
    found.least[side] = kMax;
    for (std::size_t at = 0; at < scopes.nodes.size(); ++at) {
      const std::int64_t left = left_of(scopes.held[at][side], worst_unoffset(*scopes.instrument[at], side));
      if (left >= found.least[side]) continue;
      found.least[side] = left;
      found.place[side] = static_cast<std::int64_t>(at);
    }
  }
}

}  // namespace

void find_headrooms(const Scopes& scopes, const HeadroomsAsked& asked, Headrooms& found) {
  if (!asked.marked) [[unlikely]] {
    found.least.of.fill(Nearest().headroom);
    found.place.of.fill(0);
    return;
  }
  find_nearest(scopes, found);
  if (!asked.offsets) [[unlikely]]
    find_unoffset(scopes, found);
  if (asked.fresh) [[likely]]
    return;
  // Marks are of the last rates; what a stale one adds is asked scope by scope.
  for (const HeldSum sum : {HeldSum::kNetOpen, HeldSum::kSettlement, HeldSum::kBaseLong, HeldSum::kBaseShort,
                            HeldSum::kTermLong, HeldSum::kTermShort}) {
    found.least[sum] = Nearest().headroom;
  }
}

namespace {

// As they stand in one place.
HeldRow usages_of(const Scopes& scopes, std::size_t at) {
  const Exposure::Held& sums = scopes.sums[at]->held();
  const InstrumentExposure& cell = *scopes.instrument[at];
  const CurrencyExposure& base = *scopes.base[at];
  const CurrencyExposure& term = *scopes.term[at];
  return HeldRow{sums.open_orders,
                 sums.gross_open.raw(),
                 sums.daily_volume,
                 sums.net_open,
                 cell.worst_long,
                 cell.worst_short,
                 cell.daily,
                 scopes.settling[at]->total.raw(),
                 base.long_mark().raw(),
                 base.short_mark().raw(),
                 term.long_mark().raw(),
                 term.short_mark().raw()};
}

}  // namespace

void find_nearest_portably(const Scopes& scopes, Headrooms& found) {
  found.least.of.fill(kMax);
  found.place.of.fill(0);
  for_places(scopes.holding, [&](std::size_t at) {
    const HeldRow usages = usages_of(scopes, at);
    for (std::size_t sum = 0; sum < HeldRow::kSize; ++sum) {
      const std::int64_t left = left_of(scopes.held[at].of[sum], usages.of[sum]);
      if (left >= found.least.of[sum]) continue;
      found.least.of[sum] = left;
      found.place.of[sum] = static_cast<std::int64_t>(at);
    }
    return true;
  });
}

Places find_levels_reached_portably(const Scopes& scopes) {
  Places reached = 0;
  for_places(scopes.levelled, [&](std::size_t at) {
    const HeldRow usages = usages_of(scopes, at);
    bool is_above = false;
    for (std::size_t sum = 0; sum < HeldRow::kSize; ++sum) {
      is_above = is_above || usages.of[sum] > scopes.below_levels[at].of[sum];
    }
    if (is_above) reached |= Places{1} << at;
    return true;
  });
  return reached;
}

#if defined(__x86_64__)

namespace {

// Four sums, in all places.
struct Fours {
  __m256i least;
  __m256i place;

  [[gnu::target("avx2"), gnu::always_inline]] void begin() {
    least = _mm256_set1_epi64x(kMax);
    place = _mm256_setzero_si256();
  }
  [[gnu::target("avx2"), gnu::always_inline]] void take(const std::int64_t* limits, __m256i usages, __m256i at) {
    const __m256i left = _mm256_sub_epi64(_mm256_load_si256(reinterpret_cast<const __m256i*>(limits)), usages);
    // By the sign of each eight bytes, which takes no comparison byte by byte.
    const __m256d nearer = _mm256_castsi256_pd(_mm256_cmpgt_epi64(least, left));
    least = select(least, left, nearer);
    place = select(place, at, nearer);
  }
  [[gnu::target("avx2"), gnu::always_inline]] static __m256i select(__m256i a, __m256i b, __m256d which) {
    return _mm256_castpd_si256(_mm256_blendv_pd(_mm256_castsi256_pd(a), _mm256_castsi256_pd(b), which));
  }
  [[gnu::target("avx2"), gnu::always_inline]] void tell(std::int64_t* to_least, std::int64_t* to_place) const {
    _mm256_store_si256(reinterpret_cast<__m256i*>(to_least), least);
    _mm256_store_si256(reinterpret_cast<__m256i*>(to_place), place);
  }
};

// Where the sums stand side by side.
static_assert(sizeof(Exposure::Held) == 32);
static_assert(offsetof(InstrumentExposure, worst_long) == 0 && offsetof(InstrumentExposure, daily) == 16);
static_assert(offsetof(CurrencyExposure, short_worth) == offsetof(CurrencyExposure, long_worth) + 8);

// All twelve of one place.
struct Usages {
  __m256i sums;
  __m256i dealt;
  __m256i currencies;
};

[[gnu::target("avx2"), gnu::always_inline]] inline Usages usages_by_fours(const Scopes& scopes, std::size_t at) {
  const auto* const held = reinterpret_cast<const __m256i*>(&scopes.sums.data()[at]->held());
  const auto* const cell = reinterpret_cast<const __m256i*>(scopes.instrument.data()[at]);
  const auto* const settling = reinterpret_cast<const long long*>(&scopes.settling.data()[at]->total);
  const auto* const base = reinterpret_cast<const __m128i*>(&scopes.base.data()[at]->long_worth);
  const auto* const term = reinterpret_cast<const __m128i*>(&scopes.term.data()[at]->long_worth);
  const __m256i worth = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_load_si128(base)), _mm_load_si128(term), 1);
  // Below zero is zero, by the sign of each.
  return {_mm256_load_si256(held),
          _mm256_blend_epi32(_mm256_load_si256(cell), _mm256_set1_epi64x(*settling), 0b1100'0000),
          Fours::select(worth, _mm256_setzero_si256(), _mm256_castsi256_pd(worth))};
}

[[gnu::target("avx2")]] void find_nearest_by_fours(const Scopes& scopes, Headrooms& found) {
  Fours sums;
  Fours dealt;
  Fours currencies;
  sums.begin();
  dealt.begin();
  currencies.begin();
  __m256i here = _mm256_setzero_si256();
  const __m256i one = _mm256_set1_epi64x(1);
  const std::size_t count = scopes.nodes.size();
  for (std::size_t at = 0; at < count; ++at, here = _mm256_add_epi64(here, one)) {
    if ((scopes.holding >> at & 1) == 0) continue;
    const std::int64_t* const limits = scopes.held.data()[at].of.data();
    const Usages usages = usages_by_fours(scopes, at);
    sums.take(limits, usages.sums, here);
    dealt.take(limits + 4, usages.dealt, here);
    currencies.take(limits + 8, usages.currencies, here);
  }
  sums.tell(found.least.of.data(), found.place.of.data());
  dealt.tell(found.least.of.data() + 4, found.place.of.data() + 4);
  currencies.tell(found.least.of.data() + 8, found.place.of.data() + 8);
}

[[gnu::target("avx2")]] Places find_levels_reached_by_fours(const Scopes& scopes) {
  Places reached = 0;
  for (Places left = scopes.levelled; left != 0; left &= left - 1) {
    const auto at = static_cast<std::size_t>(std::countr_zero(left));
    const auto* const below = reinterpret_cast<const __m256i*>(scopes.below_levels.data()[at].of.data());
    const Usages usages = usages_by_fours(scopes, at);
    const __m256i above = _mm256_or_si256(_mm256_or_si256(_mm256_cmpgt_epi64(usages.sums, _mm256_load_si256(below)),
                                                          _mm256_cmpgt_epi64(usages.dealt, _mm256_load_si256(below + 1))),
                                          _mm256_cmpgt_epi64(usages.currencies, _mm256_load_si256(below + 2)));
    if (_mm256_testz_si256(above, above) == 0) reached |= left & -left;
  }
  return reached;
}

bool has_avx2() {
  static const bool kHas = __builtin_cpu_supports("avx2") != 0;
  return kHas;
}

}  // namespace

void find_nearest(const Scopes& scopes, Headrooms& found) {
  has_avx2() ? find_nearest_by_fours(scopes, found) : find_nearest_portably(scopes, found);
}

Places find_levels_reached(const Scopes& scopes) {
  return has_avx2() ? find_levels_reached_by_fours(scopes) : find_levels_reached_portably(scopes);
}

#else

void find_nearest(const Scopes& scopes, Headrooms& found) {
  find_nearest_portably(scopes, found);
}

Places find_levels_reached(const Scopes& scopes) {
  return find_levels_reached_portably(scopes);
}

#endif

}  // namespace portcullis::risk
