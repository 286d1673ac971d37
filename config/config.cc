#include "config/config.h"

#include <algorithm>

namespace portcullis::config {

namespace {

template <typename Enum, std::size_t N>
std::string_view name_of(Enum value, const std::array<std::string_view, N>& names) {
  return names[static_cast<std::size_t>(value)];
}

std::string two_digits(std::int32_t value) {
  std::string text = std::to_string(value);
  return text.size() < 2 ? "0" + text : text;
}

// RFC 5952 would shorten runs of zeros; these texts are read by people next to the file's own, so the
// plain eight groups are enough.
std::string ipv6_text(const std::array<std::uint8_t, 16>& bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    if (i > 0) text.push_back(':');
    const unsigned group = (static_cast<unsigned>(bytes[i]) << 8) | bytes[i + 1];
    bool started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const unsigned digit = (group >> shift) & 0xf;
      started = started || digit != 0 || shift == 0;
      if (started) text.push_back(kHex[digit]);
    }
  }
  return text;
}

}  // namespace

std::string_view to_text(FixVersion version) {
  static constexpr std::array<std::string_view, 8> kNames = {"FIX.4.0", "FIX.4.1", "FIX.4.2",    "FIX.4.3",
                                                             "FIX.4.4", "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2"};
  return name_of(version, kNames);
}

std::string_view to_text(Durability durability) {
  static constexpr std::array<std::string_view, 3> kNames = {"process", "disk", "replicated"};
  return name_of(durability, kNames);
}

std::string_view to_text(IoMode mode) {
  static constexpr std::array<std::string_view, 2> kNames = {"blocking", "spin"};
  return name_of(mode, kNames);
}

std::string_view to_text(TraderField field) {
  static constexpr std::array<std::string_view, 3> kNames = {"none", "sender_sub_id", "party"};
  return name_of(field, kNames);
}

std::string_view to_text(PositionOffset offset) {
  static constexpr std::array<std::string_view, 2> kNames = {"full", "none"};
  return name_of(offset, kNames);
}

std::string_view to_text(SelfCross action) {
  static constexpr std::array<std::string_view, 3> kNames = {"off", "warn", "reject"};
  return name_of(action, kNames);
}

std::string_view to_text(CollarWithoutData way) {
  static constexpr std::array<std::string_view, 3> kNames = {"reject", "static", "allow"};
  return name_of(way, kNames);
}

std::string_view to_text(SideBasis basis) {
  static constexpr std::array<std::string_view, 2> kNames = {"dealt", "base"};
  return name_of(basis, kNames);
}

std::string_view to_text(SwapSideLeg leg) {
  static constexpr std::array<std::string_view, 2> kNames = {"near", "far"};
  return name_of(leg, kNames);
}

std::string_view to_text(SwapGross gross) {
  static constexpr std::array<std::string_view, 2> kNames = {"far", "both"};
  return name_of(gross, kNames);
}

std::string_view to_text(RollPositions positions) {
  static constexpr std::array<std::string_view, 2> kNames = {"carry", "flat"};
  return name_of(positions, kNames);
}

std::string_view to_text(ThrottleAction action) {
  static constexpr std::array<std::string_view, 3> kNames = {"reject", "delay", "disconnect"};
  return name_of(action, kNames);
}

std::string_view to_text(CancelOnDisconnect cancel) {
  static constexpr std::array<std::string_view, 3> kNames = {"none", "day", "all"};
  return name_of(cancel, kNames);
}

std::string_view to_text(Reconcile reconcile) {
  static constexpr std::array<std::string_view, 3> kNames = {"mass_status", "status", "none"};
  return name_of(reconcile, kNames);
}

std::string_view to_text(InstrumentType type) {
  static constexpr std::array<std::string_view, 6> kNames = {"FXSPOT", "FXFWD", "FXNDF", "FXSWAP", "FUT", "CS"};
  return name_of(type, kNames);
}

std::string_view to_text(Role role) {
  static constexpr std::array<std::string_view, 4> kNames = {"viewer", "operator", "risk", "admin"};
  return name_of(role, kNames);
}

bool is_supported(FixVersion version) {
  return version == FixVersion::kFix42 || version == FixVersion::kFix44;
}

std::string Endpoint::to_string() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string AddressRange::to_string() const {
  std::string text;
  if (ipv6) {
    text = ipv6_text(address);
  } else {
    for (std::size_t i = 0; i < 4; ++i) text.append(i == 0 ? "" : ".").append(std::to_string(address[i]));
  }
  return text + "/" + std::to_string(prefix_bits);
}

std::string ScheduleTime::to_string() const {
  static constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  std::string text(weekday ? kDays[*weekday] : "daily");
  text.append(" ").append(two_digits(second_of_day / 3600)).append(":").append(two_digits(second_of_day / 60 % 60));
  if (second_of_day % 60 != 0) text.append(":").append(two_digits(second_of_day % 60));
  return text;
}

namespace {

template <typename List, typename Id>
auto find_in(const List& list, Id id, std::string_view wanted) -> decltype(list.data()) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.*id == wanted; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

const Client* Config::find_client(std::string_view id) const {
  return find_in(clients, &Client::id, id);
}
const Broker* Config::find_broker(std::string_view id) const {
  return find_in(brokers, &Broker::id, id);
}
const Instrument* Config::find_instrument(std::string_view symbol) const {
  return find_in(instruments, &Instrument::symbol, symbol);
}

const Client* Config::owner_of(std::string_view account) const {
  for (const Client& client : clients) {
    if (std::find(client.accounts.begin(), client.accounts.end(), account) != client.accounts.end()) return &client;
  }
  return nullptr;
}

}  // namespace portcullis::config
