#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

// The small texts of the file, read or refused. Pure, but for known_time_zone().

namespace portcullis::config {

// HOST:PORT or [IPV6]:PORT; a host is an address or a DNS name.
std::optional<Endpoint> parse_endpoint(std::string_view text, bool port_zero_allowed);
// ADDRESS or ADDRESS/BITS; bits past the prefix must be zero.
std::optional<AddressRange> parse_address_range(std::string_view text);
// HH:MM or HH:MM:SS.
std::optional<std::int32_t> parse_time_of_day(std::string_view text);
// "Sun 17:05" or "daily 17:00".
std::optional<ScheduleTime> parse_schedule_time(std::string_view text);
// $argon2id$v=19$m=…,t=…,p=…$salt$hash, as libsodium writes and reads it, of a cost that a Logon may have:
// at most 128 MiB, ten passes, one lane.
bool is_argon2id_hash(std::string_view text);
// Whether the machine's time zone database has this IANA name.
bool known_time_zone(std::string_view zone);

// How many letters are added, removed or changed from one text to the other; for texts of a name's length.
std::size_t edit_distance(std::string_view a, std::string_view b);
// The nearest of the names, or nothing when none is near enough to have been meant.
std::optional<std::string> nearest_name(std::string_view wanted, const std::vector<std::string>& names);

// A text of the file as it may stand in a message: cut to 64 bytes, control characters as '?', in quotes.
std::string shown(std::string_view text);
// "a, b or c".
std::string list_of(const std::vector<std::string>& names);

bool is_loopback(std::string_view host);

}  // namespace portcullis::config
