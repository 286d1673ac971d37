#include "gateway/ids.h"

#include <array>
#include <cstring>

#include "base/check.h"
#include "base/copy_text.h"
#include "base/same_text.h"

namespace portcullis::gateway {
namespace {

constexpr char kBase36[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// Two digits at a time.
constexpr std::size_t kPairs = 36 * 36;
constexpr std::array<char, 2 * kPairs> kBase36Pairs = [] {
  std::array<char, 2 * kPairs> pairs{};
  for (std::size_t i = 0; i < kPairs; ++i) {
    pairs[2 * i] = kBase36[i / 36];
    pairs[2 * i + 1] = kBase36[i % 36];
  }
  return pairs;
}();

// Writes the value without leading zeros so that it ends at `end`; returns where it begins.
char* write_base36(std::uint64_t value, char* end) {
  while (value >= kPairs) {
    end -= 2;
    std::memcpy(end, kBase36Pairs.data() + value % kPairs * 2, 2);
    value /= kPairs;
  }
  if (value >= 36) {
    end -= 2;
    std::memcpy(end, kBase36Pairs.data() + value * 2, 2);
  } else {
    *--end = kBase36[value];
  }
  return end;
}

// The epoch of a start is in each id that it gives and in most that come back, so the digits of the last one are kept on
// each thread. It changes what an id costs and never what it says.
struct LastEpoch {
  std::uint64_t epoch = 0;
  std::uint32_t zeros = 0;  // that the fixed width has in front
  std::uint32_t size = 0;   // without them; zero: there was none yet
  char digits[32] = {};     // with them
};
constinit thread_local LastEpoch g_last_epoch;

// A digit string of base 36 may contain the letters that separate it, so in a ClOrdID the epoch has a fixed width.
constexpr std::size_t kEpochDigits = 7;  // 36^7 seconds: past the year 4400

const LastEpoch& digits_of_epoch(std::uint64_t epoch) {
  LastEpoch& last = g_last_epoch;
  if (last.epoch == epoch && last.size != 0) [[likely]] {
    return last;
  }
  char digits[16];
  char* const end = digits + sizeof digits;
  const char* const at = write_base36(epoch, end);
  last.epoch = epoch;
  last.size = static_cast<std::uint32_t>(end - at);
  last.zeros = last.size < kEpochDigits ? static_cast<std::uint32_t>(kEpochDigits) - last.size : 0;
  std::memset(last.digits, '0', last.zeros);
  std::memcpy(last.digits + last.zeros, at, last.size);
  return last;
}

// An upper-case base-36 number without leading zeros, at most 12 digits.
std::optional<std::uint64_t> read_base36(std::string_view text) {
  if (text.empty() || text.size() > 12 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      value = value * 36 + static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'A' && c <= 'Z') {
      value = value * 36 + static_cast<std::uint64_t>(c - 'A') + 10;
    } else {
      return std::nullopt;
    }
  }
  return value;
}

}  // namespace

inline void IdBuffer::put(std::string_view text) {
  PORTCULLIS_CHECK(size_ + text.size() <= kMaxGivenId, "an id outgrows its buffer");
  copy_text(bytes_ + size_, text);
  size_ += text.size();
}

inline void IdBuffer::put_piece(const char* from, std::size_t size) {
  PORTCULLIS_CHECK(size_ + size <= kMaxGivenId, "an id outgrows its buffer");
  std::memcpy(bytes_ + size_, from, kPiece);
  size_ += size;
}

inline void IdBuffer::put_base36(std::uint64_t value) {
  char digits[2 * kPiece] = {};
  char* const end = digits + kPiece;
  const char* const at = write_base36(value, end);
  put_piece(at, static_cast<std::size_t>(end - at));
}

inline void IdBuffer::put_epoch(std::uint64_t epoch) {
  const LastEpoch& last = digits_of_epoch(epoch);
  put_piece(last.digits + last.zeros, last.size);
}

IdBuffer IdBuffer::order_id(std::string_view gateway, std::uint64_t epoch, order::OrderNumber number) {
  IdBuffer id;
  id.put(gateway);
  id.put('-');
  id.put('O');
  id.put_epoch(epoch);
  id.put('-');
  id.put_base36(number.value());
  return id;
}

IdBuffer IdBuffer::exec_id(std::string_view gateway, std::uint64_t epoch, order::ExecutionNumber number) {
  IdBuffer id;
  id.put(gateway);
  id.put('-');
  id.put('E');
  id.put_epoch(epoch);
  id.put('-');
  id.put_base36(number.value());
  return id;
}

IdBuffer IdBuffer::own_exec_id(std::string_view gateway, std::uint64_t epoch, order::SessionId session,
                               std::uint32_t sequence_epoch, std::uint64_t msg_seq_num) {
  IdBuffer id;
  id.put(gateway);
  id.put('-');
  id.put('S');
  id.put_epoch(epoch);
  id.put('-');
  id.put_base36(session.value());
  id.put('-');
  id.put_base36(sequence_epoch);
  id.put('-');
  id.put_base36(msg_seq_num);
  return id;
}

IdBuffer IdBuffer::cl_ord_id(std::string_view gateway, std::uint64_t epoch, order::RequestNumber number) {
  const LastEpoch& last = digits_of_epoch(epoch);
  PORTCULLIS_CHECK(last.size <= kEpochDigits, "an epoch of more digits than an id has room for");
  IdBuffer id;
  id.put(gateway);
  id.put('R');
  id.put_piece(last.digits, kEpochDigits);
  id.put_base36(number.value());
  return id;
}

std::optional<GivenId> parse_order_id(std::string_view gateway, std::string_view text) {
  if (text.size() < gateway.size() + 5 || text.substr(0, gateway.size()) != gateway) return std::nullopt;
  text.remove_prefix(gateway.size());
  if (text.substr(0, 2) != "-O") return std::nullopt;
  text.remove_prefix(2);
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto epoch = read_base36(text.substr(0, dash));
  const auto number = read_base36(text.substr(dash + 1));
  if (!epoch || !number) return std::nullopt;
  return GivenId{*epoch, *number};
}

std::optional<GivenId> parse_cl_ord_id(std::string_view gateway, std::string_view text) {
  const std::size_t prefix = gateway.size() + 1 + kEpochDigits;
  if (text.size() <= prefix || !same_text(text.substr(0, gateway.size()), gateway) || text[gateway.size()] != 'R') {
    return std::nullopt;
  }
  std::string_view digits = text.substr(gateway.size() + 1, kEpochDigits);
  const LastEpoch& last = g_last_epoch;
  if (last.size != 0 && last.size <= kEpochDigits && digits == std::string_view(last.digits, kEpochDigits)) [[likely]] {
    const auto number = read_base36(text.substr(prefix));
    if (!number) return std::nullopt;
    return GivenId{last.epoch, *number};
  }
  while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
  const auto epoch = read_base36(digits);
  const auto number = read_base36(text.substr(prefix));
  if (!epoch || !number) return std::nullopt;
  return GivenId{*epoch, *number};
}

}  // namespace portcullis::gateway
