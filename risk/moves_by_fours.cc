#include "risk/moves_by_fours.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstddef>

namespace portcullis::risk {

namespace {

// No sum reaches kFar, and no change a quarter of it: so nothing overflows, nor do the up to four sums that a mark is
// made of.
constexpr std::int64_t kFar = std::int64_t{1} << 60;

template <typename... Changes>
[[gnu::always_inline]] inline bool are_small(Changes... changes) {
  constexpr auto kMost = static_cast<std::uint64_t>(kFar / 4);
  return ((... | (static_cast<std::uint64_t>(changes) + kMost)) & ~(2 * kMost - 1)) == 0;
}

// Most changes leave one side as it is.
[[gnu::always_inline]] inline Worth worth_of_change(std::int64_t change, Rate rate) {
  return change != 0 ? worth_of(change, rate) : Worth();
}

}  // namespace

[[gnu::always_inline]] inline void MovesByFours::Currency::set(std::int64_t position, std::int64_t in, std::int64_t out,
                                                               Rate rate, bool is_marked) {
  amounts = {{position, in, out, 0}};
  counts = is_marked;
  if (!counts) return;
  const Worth longs = worth_of_change(position + in, rate);
  const Worth shorts = worth_of_change(out - position, rate);
  worth = {{longs.up, shorts.up, longs.rest, shorts.rest}};
}

MovesByFours::MovesByFours(const Moves& moves, bool buys_base, const PairRates& rates) {
  const auto& [open, executed, opened] = moves;
  is_small_ =
      are_small(open.base.raw(), open.base_amount.raw(), open.term.raw(), open.notional.raw(), executed.base.raw(),
                executed.volume.raw(), executed.traded.raw(), executed.base_amount.raw(), executed.term.raw(), opened);
  if (!is_small_) [[unlikely]]
    return;
  const auto if_buys = [buys_base](auto amount) { return buys_base ? amount.raw() : 0; };
  const auto if_sells = [buys_base](auto amount) { return buys_base ? 0 : amount.raw(); };
  const std::int64_t position = executed.base.raw();
  const std::int64_t buy = if_buys(open.base);
  const std::int64_t sell = if_sells(open.base);
  const std::int64_t volume = executed.volume.raw();
  const std::int64_t traded = executed.traded.raw();
  const std::int64_t gross = open.notional.raw();
  held_ = {{opened, gross, gross + traded, 0}};
  sums_ = {{0, 0, traded, 0}};
  worst_ = {{position + buy, sell - position, volume + buy + sell, position}};
  open_ = {{buy, sell, volume, 0}};
  base_.set(executed.base_amount.raw(), if_buys(open.base_amount), if_sells(open.base_amount), rates.base,
            rates.base_counts);
  term_.set(executed.term.raw(), if_sells(open.term), if_buys(open.term), rates.term, rates.term_counts);
  is_small_ = are_small(base_.worth.of[0], base_.worth.of[1], term_.worth.of[0], term_.worth.of[1]);
}

#if defined(__x86_64__)

namespace {

// Unsigned, since what is far may wrap before that is seen.
using Sums = std::uint64_t __attribute__((vector_size(32), may_alias));
using Signed = std::int64_t __attribute__((vector_size(32), may_alias));

#define PORTCULLIS_BY_FOURS [[gnu::target("avx2"), gnu::always_inline]] inline

// All bits, which is -1, where a is above b; else none.
PORTCULLIS_BY_FOURS Sums where_above(Sums a, Sums b) {
  return reinterpret_cast<Sums>(reinterpret_cast<Signed>(a) > reinterpret_cast<Signed>(b));
}
// By the upper bit of each: b where it is set in `which`, else a.
PORTCULLIS_BY_FOURS Sums select(Sums a, Sums b, Sums which) {
  return reinterpret_cast<Sums>(_mm256_blendv_pd(reinterpret_cast<__m256d>(a), reinterpret_cast<__m256d>(b),
                                                 reinterpret_cast<__m256d>(which)));
}
PORTCULLIS_BY_FOURS Sums at_least_zero(Sums sums) {
  return select(sums, Sums{}, sums);
}

// Worths and their rests after a change, where a whole part is no rest.
PORTCULLIS_BY_FOURS Sums carried(Sums worth) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kParts = Worth::kParts;
  const Sums whole = where_above(worth, Sums{kMost, kMost, kParts - 1, kParts - 1});
  const Sums worth_less = __builtin_shufflevector(whole, whole, 2, 3, 0, 1);
  return worth - (whole & kParts) + worth_less;
}

// What the worths of both sides add to the sums of the scope.
PORTCULLIS_BY_FOURS Sums change_of_marks(Sums before, Sums after) {
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  return (at_least_zero(after) - at_least_zero(before)) & Sums{kAll, kAll, 0, 0};
}

}  // namespace

template <bool kBaseCounts, bool kTermCounts>
[[gnu::target("avx2")]] Places MovesByFours::move_by_avx2(const Scopes& scopes, std::uint64_t rates_version) const {
  // They stand side by side.
  static_assert(offsetof(InstrumentExposure, position) == 24 && offsetof(InstrumentExposure, open_buy) == 32 &&
                offsetof(InstrumentExposure, traded) == 48);
  static_assert(offsetof(CurrencyExposure, in) == 8 && offsetof(CurrencyExposure, out) == 16 &&
                offsetof(CurrencyExposure, long_worth) == 32 && offsetof(CurrencyExposure, short_rest) == 56);
  static_assert(offsetof(Exposure, held_) == 0 && offsetof(Exposure, sums_) == 32 &&
                offsetof(Exposure::Sums, traded_notional) == 16);
  const auto row = [](const Four& four) { return reinterpret_cast<const Sums*>(four.of.data()); };
  // Added to a sum that is not far, it leaves none of the upper three bits: of what is never below zero the change is
  // taken away instead where it adds, so that what was is not below zero, nor is what will be.
  const auto from_zero = [](std::int64_t change) {
    return static_cast<std::uint64_t>(-std::max<std::int64_t>(change, 0));
  };
  const Sums near = {kFar, kFar, kFar, kFar};
  const Sums near_of_sums = {kFar, kFar, from_zero(sums_.of[2]), kFar};
  const Sums near_of_open = {kFar, kFar, from_zero(open_.of[2]), kFar};
  constexpr auto kUpperBits = static_cast<std::uint64_t>(-2 * kFar);
  const Sums upper_bits = {kUpperBits, kUpperBits, kUpperBits, kUpperBits};
  Places left = 0;
  const std::size_t count = scopes.nodes.size();
  for (std::size_t at = 0; at < count; ++at) {
    Exposure& exposure = *scopes.sums.data()[at];
    if (exposure.sums_.marked != rates_version) [[unlikely]] {
      left |= Places{1} << at;
      continue;
    }
    auto* const scope = reinterpret_cast<Sums*>(&exposure.held_);
    auto* const instrument = reinterpret_cast<Sums*>(scopes.instrument.data()[at]);
    auto* const base = reinterpret_cast<Sums*>(scopes.base.data()[at]);
    auto* const term = reinterpret_cast<Sums*>(scopes.term.data()[at]);
    Sums held = scope[0] + *row(held_);
    Sums sums = scope[1] + *row(sums_);
    const Sums worst = instrument[0] + *row(worst_);
    const Sums open = instrument[1] + *row(open_);
    const Sums of_base = base[0] + *row(base_.amounts);
    const Sums of_term = term[0] + *row(term_.amounts);
    Sums far = (held + near) | (worst + near) | (open + near_of_open) | (of_base + near) | (of_term + near);
    Sums base_worth = {};
    Sums term_worth = {};
    if constexpr (kBaseCounts) {
      base_worth = carried(base[1] + *row(base_.worth));
      sums += change_of_marks(base[1], base_worth);
      far |= base_worth + near;
    }
    if constexpr (kTermCounts) {
      term_worth = carried(term[1] + *row(term_.worth));
      sums += change_of_marks(term[1], term_worth);
      far |= term_worth + near;
    }
    far |= sums + near_of_sums;
    const bool is_near = _mm256_testz_si256(reinterpret_cast<__m256i>(far), reinterpret_cast<__m256i>(upper_bits)) != 0;
    if (!is_near) [[unlikely]] {
      left |= Places{1} << at;
      continue;
    }
    // The worse side is the net open position.
    const Sums longs = __builtin_shufflevector(sums, sums, 0, 0, 0, 0);
    const Sums shorts = __builtin_shufflevector(sums, sums, 1, 1, 1, 1);
    const Sums worse = select(shorts, longs, where_above(longs, shorts));
    held = __builtin_shufflevector(held, worse, 0, 1, 2, 7);
    scope[0] = held;
    scope[1] = sums;
    instrument[0] = worst;
    instrument[1] = open;
    base[0] = of_base;
    term[0] = of_term;
    if constexpr (kBaseCounts) base[1] = base_worth;
    if constexpr (kTermCounts) term[1] = term_worth;
  }
  return left;
}

#undef PORTCULLIS_BY_FOURS

bool MovesByFours::are_possible() {
  static const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;
  return kHasAvx2;
}

#else

template <bool, bool>
Places MovesByFours::move_by_avx2(const Scopes& scopes, std::uint64_t) const {
  return (Places{1} << scopes.nodes.size()) - 1;
}

bool MovesByFours::are_possible() {
  return false;
}

#endif

Places MovesByFours::move(const Scopes& scopes, std::uint64_t rates_version) const {
  if (!is_small_ || !are_possible()) return (Places{1} << scopes.nodes.size()) - 1;
  if (base_.counts) {
    return term_.counts ? move_by_avx2<true, true>(scopes, rates_version)
                        : move_by_avx2<true, false>(scopes, rates_version);
  }
  return term_.counts ? move_by_avx2<false, true>(scopes, rates_version)
                      : move_by_avx2<false, false>(scopes, rates_version);
}

}  // namespace portcullis::risk
