#include "config/loader/values.h"

#include <arpa/inet.h>
#include <date/tz.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>

namespace portcullis::config {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Digits only, without sign; nothing when there are none or the number is above `max`.
std::optional<std::uint32_t> parse_number(std::string_view text, std::uint32_t max) {
  std::uint32_t value = 0;
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

bool is_ipv4(const std::string& text) {
  in_addr address = {};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& text) {
  in6_addr address = {};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// RFC 1123: labels of letters, digits and hyphens. A name whose last label is a number would be an
// address written wrongly.
bool is_dns_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-'; })) {
      return false;
    }
    if (label.size() == text.size()) return !std::all_of(label.begin(), label.end(), is_digit);
    text.remove_prefix(label.size() + 1);
  }
}

bool is_base64(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/'; });
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text, bool port_zero_allowed) {
  Endpoint endpoint;
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find("]:");
    if (end == std::string_view::npos) return std::nullopt;
    endpoint.host = text.substr(1, end - 1);
    port = text.substr(end + 2);
    if (!is_ipv6(endpoint.host)) return std::nullopt;
  } else {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    endpoint.host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (!is_ipv4(endpoint.host) && !is_dns_name(endpoint.host)) return std::nullopt;
  }
  const auto number = parse_number(port, 65535);
  if (!number || (*number == 0 && !port_zero_allowed)) return std::nullopt;
  endpoint.port = static_cast<std::uint16_t>(*number);
  return endpoint;
}

std::optional<AddressRange> parse_address_range(std::string_view text) {
  AddressRange range;
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  in_addr four = {};
  in6_addr six = {};
  if (::inet_pton(AF_INET, address.c_str(), &four) == 1) {
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&four.s_addr), 4, range.address.begin());
  } else if (::inet_pton(AF_INET6, address.c_str(), &six) == 1) {
    range.ipv6 = true;
    std::copy_n(six.s6_addr, 16, range.address.begin());
  } else {
    return std::nullopt;
  }
  const std::uint32_t width = range.ipv6 ? 128 : 32;
  const auto bits = slash == std::string_view::npos ? width : parse_number(text.substr(slash + 1), width);
  if (!bits) return std::nullopt;
  range.prefix_bits = static_cast<std::uint8_t>(*bits);
  for (std::uint32_t bit = *bits; bit < width; ++bit) {
    if ((range.address[bit / 8] & (0x80U >> (bit % 8))) != 0) return std::nullopt;
  }
  return range;
}

std::optional<std::int32_t> parse_time_of_day(std::string_view text) {
  const bool with_seconds = text.size() == 8;
  if ((text.size() != 5 && !with_seconds) || text[2] != ':' || (with_seconds && text[5] != ':')) return std::nullopt;
  const auto hour = parse_number(text.substr(0, 2), 23);
  const auto minute = parse_number(text.substr(3, 2), 59);
  const auto second = with_seconds ? parse_number(text.substr(6, 2), 59) : std::optional<std::uint32_t>(0);
  if (!hour || !minute || !second) return std::nullopt;
  return static_cast<std::int32_t>(*hour * 3600 + *minute * 60 + *second);
}

std::optional<ScheduleTime> parse_schedule_time(std::string_view text) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view day = text.substr(0, space);
  const auto time = parse_time_of_day(text.substr(space + 1));
  if (!time) return std::nullopt;
  ScheduleTime result;
  result.second_of_day = *time;
  if (day == "daily") return result;
  const auto found = std::find(kDays.begin(), kDays.end(), day);
  if (found == kDays.end()) return std::nullopt;
  result.weekday = static_cast<std::uint8_t>(found - kDays.begin());
  return result;
}

bool is_argon2id_hash(std::string_view text) {
  // libsodium's crypto_pwhash_STRBYTES is 128 with the terminating zero.
  if (text.size() > 127) return false;
  std::vector<std::string_view> parts;
  while (parts.size() < 8) {
    const std::size_t dollar = text.find('$');
    parts.push_back(text.substr(0, dollar));
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar + 1);
  }
  if (parts.size() != 6 || !parts[0].empty() || parts[1] != "argon2id" || parts[2] != "v=19") return false;
  std::string_view costs = parts[3];
  constexpr std::array<std::string_view, 3> kCosts = {"m=", "t=", "p="};
  // What a Logon may cost: 128 MiB, ten passes, one lane; session/password.h has the same bounds.
  constexpr std::array<std::uint32_t, 3> kMaxCosts = {131'072, 10, 1};
  for (std::size_t i = 0; i < kCosts.size(); ++i) {
    const std::string_view cost = costs.substr(0, costs.find(','));
    if (cost.substr(0, 2) != kCosts[i] || !parse_number(cost.substr(2), kMaxCosts[i])) return false;
    const bool last = i + 1 == kCosts.size();
    if (last != (cost.size() == costs.size())) return false;
    if (!last) costs.remove_prefix(cost.size() + 1);
  }
  return is_base64(parts[4]) && is_base64(parts[5]);
}

bool known_time_zone(std::string_view zone) {
  try {
    return date::locate_zone(std::string(zone)) != nullptr;
  } catch (const std::exception&) {
    // The library's way to say that it has no such zone, or no database.
    return false;
  }
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::optional<std::string> nearest_name(std::string_view wanted, const std::vector<std::string>& names) {
  // A text far longer than any name cannot be near one, and comparing it would cost its length.
  if (wanted.size() > 128) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(wanted.size() / 2, 2) + 1;
  for (const std::string& name : names) {
    const std::size_t distance = edit_distance(wanted, name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

std::string shown(std::string_view text) {
  std::string result = "'";
  for (const char c : text.substr(0, 64)) result.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c);
  if (text.size() > 64) result.append("…");
  return result + "'";
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text.append(i + 1 == names.size() ? " or " : ", ");
    text.append(names[i]);
  }
  return text;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || (host.substr(0, 4) == "127." && is_ipv4(std::string(host)));
}

}  // namespace portcullis::config
