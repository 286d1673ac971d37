#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace portcullis {

// An index that cannot be mistaken for another kind of index. Tag names the kind.
// The largest value of Rep means "none".
template <typename Tag, typename Rep>
class StrongId {
 public:
  using rep = Rep;
  static constexpr Rep kNoneValue = static_cast<Rep>(-1);

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}

  static constexpr StrongId none() { return StrongId(); }
  constexpr Rep value() const { return value_; }
  constexpr bool has_value() const { return value_ != kNoneValue; }

  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Rep value_ = kNoneValue;
};

}  // namespace portcullis

template <typename Tag, typename Rep>
struct std::hash<portcullis::StrongId<Tag, Rep>> {
  std::size_t operator()(portcullis::StrongId<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value()); }
};
