#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/store.h"
#include "order/events.h"
#include "order/types.h"

namespace portcullis::gateway {

// The configured names of one kind, by index and by text.
class NameTable {
 public:
  struct Entry {
    order::NameText name;
    std::uint32_t owner = 0;
    std::uint8_t detail = 0;
  };

  static constexpr std::uint32_t kUnknown = ~std::uint32_t{0};

  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  const Entry& operator[](std::uint32_t index) const { return entries_[index]; }
  // The newest entry of this text (an account may have moved to another client), or kUnknown. No allocation.
  std::uint32_t find(std::string_view name) const;
  // The entry of this text, owner and detail, or kUnknown.
  std::uint32_t find(std::string_view name, std::uint32_t owner, std::uint8_t detail) const;
  void add(const order::NameAdded& event);

 private:
  std::vector<Entry> entries_;
  HashIndex index_;
};

// An instrument's owner word in NameAdded: its base and term currencies, so that applying events needs
// no configuration.
constexpr std::uint32_t pair_of(order::CurrencyId base, order::CurrencyId term) {
  return std::uint32_t{base.value()} << 16 | term.value();
}
constexpr order::CurrencyId base_of(std::uint32_t owner) { return order::CurrencyId(static_cast<std::uint16_t>(owner >> 16)); }
constexpr order::CurrencyId term_of(std::uint32_t owner) { return order::CurrencyId(static_cast<std::uint16_t>(owner)); }

}  // namespace portcullis::gateway
