#include "risk/headroom.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>

#include "risk/context.h"

namespace portcullis::risk {

static_assert(std::tuple_size_v<HeadroomColumn> == kMaxNodes);

namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// A limit is at most kNoLimit, so the difference wraps only for usages below -kNoLimit, and then to what is negative.
std::int64_t left_of(std::int64_t limit, std::int64_t usage) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(limit) - static_cast<std::uint64_t>(usage));
}

// Two sums whose total may not fit; then nothing is left of any limit.
std::int64_t total(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) [[unlikely]]
    return kMax;
  return sum;
}

std::int64_t at_least_zero(std::int64_t value) {
  return value > 0 ? value : 0;
}

// What is left of each limit, by place: one column for each sum that is worked out.
class Columns {
 public:
  explicit Columns(const Scopes& scopes) : scopes_(scopes), count_(scopes.nodes.size()) {}

  // `usage(place)`
  template <typename Usage>
  [[gnu::always_inline]] void add(HeldSum sum, Usage&& usage) {
    HeadroomColumn& left = add(sum);
    const std::int64_t* const limits = limits_of(sum);
    const std::size_t count = count_;
    for (std::size_t at = 0; at < count; ++at) left.data()[at] = left_of(limits[at], usage(at));
  }
  HeadroomColumn& add(HeldSum sum) {
    HeadroomColumn& left = left_.data()[size_];
    for (std::size_t at = kMaxNodes; at-- > count_;) left.data()[at] = kMax;
    sums_.data()[size_++] = sum;
    return left;
  }
  const std::int64_t* limits_of(HeldSum sum) const {
    return scopes_.held.data()[static_cast<std::size_t>(sum)].data();
  }
  std::size_t count() const { return count_; }
  void find(Headrooms& to) const {
    std::array<Nearest, kHeldSums> nearest;
    find_nearest({left_.data(), size_}, nearest.data());
    for (std::size_t i = 0; i < size_; ++i) to[sums_.data()[i]] = nearest.data()[i];
  }

 private:
  const Scopes& scopes_;
  std::size_t count_;
  std::size_t size_ = 0;
  std::array<HeldSum, kHeldSums> sums_;
  alignas(32) std::array<HeadroomColumn, kHeldSums> left_;
};

// D1, D2, D5 and D7: the scope's own sums. Returns whether all are marked at the rates of now.
bool add_sums(const Scopes& scopes, std::uint64_t rates, Columns& columns, bool& net_open_fits) {
  std::int64_t* const open_orders = columns.add(HeldSum::kOpenOrders).data();
  std::int64_t* const gross_open = columns.add(HeldSum::kGrossOpen).data();
  std::int64_t* const daily_volume = columns.add(HeldSum::kDailyVolume).data();
  std::int64_t* const net_open = columns.add(HeldSum::kNetOpen).data();
  const std::int64_t* const limits = columns.limits_of(HeldSum::kOpenOrders);
  const std::int64_t* const gross_limits = columns.limits_of(HeldSum::kGrossOpen);
  const std::int64_t* const volume_limits = columns.limits_of(HeldSum::kDailyVolume);
  const std::int64_t* const net_limits = columns.limits_of(HeldSum::kNetOpen);
  std::uint64_t unmarked = 0;
  std::int64_t above = 0;  // what does not fit 63 bits
  const std::size_t count = columns.count();
  for (std::size_t at = 0; at < count; ++at) {
    const Exposure& sums = *scopes.sums.data()[at];
    const std::int64_t gross = sums.gross_open_notional().raw();
    open_orders[at] = left_of(limits[at], sums.open_orders());
    gross_open[at] = left_of(gross_limits[at], gross);
    daily_volume[at] = left_of(volume_limits[at], total(at_least_zero(sums.traded_notional().raw()), gross));
    const NetOpen& open = sums.marked_net_open();
    const auto longs = static_cast<std::int64_t>(open.long_sum);
    const auto shorts = static_cast<std::int64_t>(open.short_sum);
    above |= static_cast<std::int64_t>(open.long_sum >> 64) | static_cast<std::int64_t>(open.short_sum >> 64) |
             ((longs | shorts) >> 63);
    net_open[at] = left_of(net_limits[at], longs > shorts ? longs : shorts);
    unmarked |= sums.marked_at() ^ rates;
  }
  net_open_fits = above == 0;
  return unmarked == 0;
}

// Without offsetting, a position of the other sign makes no room.
void add_position(const Context& context, Columns& columns) {
  const std::int64_t least = context.state.settings.offset == Offset::kFull ? -kMax : 0;
  const InstrumentExposure* const* const cells = context.scopes.instrument.data();
  if (context.base_in) {
    columns.add(HeldSum::kLongPosition, [=](std::size_t at) {
      return total(std::max(cells[at]->position.raw(), least), cells[at]->open_buy.raw());
    });
  } else {
    columns.add(HeldSum::kShortPosition, [=](std::size_t at) {
      return total(std::max(-cells[at]->position.raw(), least), cells[at]->open_sell.raw());
    });
  }
}

void add_quantity(const Context& context, Columns& columns) {
  const InstrumentExposure* const* const cells = context.scopes.instrument.data();
  columns.add(HeldSum::kDailyQuantity, [=](std::size_t at) {
    const InstrumentExposure& cell = *cells[at];
    const std::int64_t open = total(cell.open_buy.raw(), cell.open_sell.raw());
    return total(total(at_least_zero(cell.traded.raw()), open), cell.swapped.raw());
  });
}

void add_currency(HeldSum sum, CurrencyExposure* const* cells, Columns& columns) {
  columns.add(sum, [=](std::size_t at) { return std::max(cells[at]->long_mark.raw(), cells[at]->short_mark.raw()); });
}

// Returns whether all fit 63 bits.
bool add_settlement(const Scopes& scopes, Columns& columns) {
  const DateSum* const* const settling = scopes.settling.data();
  std::int64_t above = 0;
  columns.add(HeldSum::kSettlement, [&](std::size_t at) {
    const Wide marks = settling[at]->marks;
    const auto low = static_cast<std::int64_t>(marks);
    above |= static_cast<std::int64_t>(marks >> 64) | low >> 63;
    return low;
  });
  return above == 0;
}

}  // namespace

void find_headrooms(Context& context) {
  const Scopes& scopes = context.scopes;
  const Growing& base = context.base_growing;
  const Growing& term = context.term_growing;
  Columns columns(scopes);
  bool net_open_fits = true;
  bool settlement_fits = true;
  // Marks are of the last rates; what a stale one adds is asked scope by scope.
  const bool marked = add_sums(scopes, context.state.market.rates_version(), columns, net_open_fits) &&
                      base.is_fresh && term.is_fresh;
  add_position(context, columns);
  if (context.stating(Limit::kMaxDailyQuantity) != 0) add_quantity(context, columns);
  if (marked) {
    if (base.counts) add_currency(HeldSum::kBasePosition, scopes.base.data(), columns);
    if (term.counts) add_currency(HeldSum::kTermPosition, scopes.term.data(), columns);
    if (scopes.date != 0) settlement_fits = add_settlement(scopes, columns);
  }
  columns.find(context.nearest);
  if (!marked || !net_open_fits) context.nearest[HeldSum::kNetOpen] = Nearest();
  if (!settlement_fits) context.nearest[HeldSum::kSettlement] = Nearest();
}

void find_nearest_portably(std::span<const HeadroomColumn> columns, Nearest* nearest) {
  for (const HeadroomColumn& column : columns) {
    const auto least = std::min_element(column.begin(), column.end());
    *nearest++ = {*least, static_cast<std::size_t>(least - column.begin())};
  }
}

#if defined(__x86_64__)

namespace {

[[gnu::target("avx2"), gnu::always_inline]] inline __m256i smaller(__m256i a, __m256i b) {
  return _mm256_blendv_epi8(a, b, _mm256_cmpgt_epi64(a, b));
}
[[gnu::target("avx2"), gnu::always_inline]] inline unsigned places_of(__m256i values, __m256i value) {
  return static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(values, value))));
}

[[gnu::target("avx2")]] void find_nearest_by_fours(std::span<const HeadroomColumn> columns, Nearest* nearest) {
  for (const HeadroomColumn& column : columns) {
    const auto* const at = reinterpret_cast<const __m256i*>(column.data());
    const __m256i a = _mm256_loadu_si256(at);
    const __m256i b = _mm256_loadu_si256(at + 1);
    const __m256i c = _mm256_loadu_si256(at + 2);
    __m256i least = smaller(smaller(a, b), c);
    least = smaller(least, _mm256_permute4x64_epi64(least, 0b01001110));
    least = smaller(least, _mm256_permute4x64_epi64(least, 0b10110001));  // in all four
    const unsigned places = places_of(a, least) | places_of(b, least) << 4 | places_of(c, least) << 8;
    *nearest++ = {_mm_cvtsi128_si64(_mm256_castsi256_si128(least)), static_cast<std::size_t>(__builtin_ctz(places))};
  }
}

}  // namespace

void find_nearest(std::span<const HeadroomColumn> columns, Nearest* nearest) {
  static const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;
  kHasAvx2 ? find_nearest_by_fours(columns, nearest) : find_nearest_portably(columns, nearest);
}

#else

void find_nearest(std::span<const HeadroomColumn> columns, Nearest* nearest) {
  find_nearest_portably(columns, nearest);
}

#endif

}  // namespace portcullis::risk
