#include "risk/worth.h"

namespace portcullis::risk {

Amount mark_of_large(Wide native, Rate rate) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::uint64_t kFive12 = 244'140'625;  // of 28 bits
  constexpr Wide kUp = pow10(Rate::kScale) - 1;
  if (native <= 0 || !rate.is_positive()) return Amount();
  if (native > kMax) return Amount::from_raw(kMax);
  const Wide shifted = (Wide{static_cast<std::int64_t>(native)} * rate.raw() + kUp) >> 12;
  const auto upper = static_cast<std::uint64_t>(shifted >> 32);
  const auto lower = static_cast<std::uint32_t>(shifted);
  if (shifted >> 32 > Wide{kMax}) return Amount::from_raw(kMax);  // past 63 bits whatever follows
  // Long division in two steps: what the first leaves is below 2^28, so both fit 64 bits.
  const std::uint64_t high = upper / kFive12;
  const std::uint64_t low = ((upper % kFive12) << 32 | lower) / kFive12;
  if (high >> 31 != 0) return Amount::from_raw(kMax);
  return Amount::from_raw(static_cast<std::int64_t>(high << 32 | low));
}

}  // namespace portcullis::risk
