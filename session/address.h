#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace portcullis::session {

// An IPv4 or IPv6 address. An IPv4 address that came over an IPv6 socket (::ffff:10.0.0.1) is IPv4 here,
// so that one allow-list serves both.
class IpAddress {
 public:
  IpAddress() = default;
  static IpAddress v4(const std::array<std::uint8_t, 4>& bytes);
  static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_ipv6() const { return ipv6_; }
  std::string to_string() const;
  bool is_in(const config::AddressRange& range) const;
  // An empty list allows every address.
  bool is_allowed(const std::vector<config::AddressRange>& ranges) const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  bool ipv6_ = false;
  std::array<std::uint8_t, 16> bytes_ = {};  // IPv4: 0 to 3
};

}  // namespace portcullis::session
