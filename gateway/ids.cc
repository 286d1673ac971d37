#include "gateway/ids.h"

#include <array>
#include <cstring>

#include "base/check.h"
#include "base/copy_text.h"
#include "base/same_text.h"
#include "config/config.h"

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

// A digit string of base 36 may contain the letters that separate it, so in a ClOrdID the epoch has a fixed width.
constexpr std::size_t kEpochDigits = 7;  // 36^7 seconds: past the year 4400
constexpr std::size_t kLongestGateway = 16;
static_assert(config::kMaxGatewayIdLength <= kLongestGateway);

// What ids begin with is the same for all of a gateway's start, so it is put together once, and kept on each thread for
// the last gateway and epoch that it was asked for. It changes what an id costs and never what it says.
struct Beginning {
  std::uint64_t epoch = 0;
  std::uint32_t gateway_size = ~std::uint32_t{0};  // as it is: there was none yet
  std::uint32_t dashed_size = 0;
  std::uint32_t joined_size = 0;  // zero: a ClOrdID has no room for the epoch
  char dashed[kLongestGateway + 16] = {};  // LDN1-O<epoch>-, whose letter differs
  char joined[kLongestGateway + 8] = {};   // LDN1R<epoch, 7 digits>

  bool is_of(std::string_view gateway) const {
    return gateway_size == gateway.size() && same_text(gateway, {joined, gateway_size});
  }
};
constinit thread_local Beginning g_beginning;

[[gnu::noinline, gnu::cold]] void begin_anew(Beginning& beginning, std::string_view gateway, std::uint64_t epoch) {
  PORTCULLIS_CHECK(gateway.size() <= kLongestGateway, "a gateway's id outgrows the ids that it gives");
  char memory[16];
  char* const end = memory + sizeof memory;
  const char* const at = write_base36(epoch, end);
  const std::string_view digits(at, static_cast<std::size_t>(end - at));
  beginning = Beginning();
  beginning.epoch = epoch;
  beginning.gateway_size = static_cast<std::uint32_t>(gateway.size());
  char* out = copy_text(beginning.dashed, gateway);
  *out++ = '-';
  *out++ = 'O';
  out = copy_text(out, digits);
  *out++ = '-';
  beginning.dashed_size = static_cast<std::uint32_t>(out - beginning.dashed);
  out = copy_text(beginning.joined, gateway);
  if (digits.size() > kEpochDigits) return;
  *out++ = 'R';
  for (std::size_t zeros = kEpochDigits - digits.size(); zeros > 0; --zeros) *out++ = '0';
  out = copy_text(out, digits);
  beginning.joined_size = static_cast<std::uint32_t>(out - beginning.joined);
}

const Beginning& beginning_of(std::string_view gateway, std::uint64_t epoch) {
  Beginning& beginning = g_beginning;
  if (beginning.epoch != epoch || !beginning.is_of(gateway)) [[unlikely]]
    begin_anew(beginning, gateway, epoch);
  return beginning;
}

constexpr std::uint8_t kNoDigit = 0xFF;
constexpr std::array<std::uint8_t, 256> kDigitOf = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::uint8_t i = 0; i < 36; ++i) digits[static_cast<unsigned char>(kBase36[i])] = i;
  return digits;
}();

// An upper-case base-36 number without leading zeros, at most 12 digits.
std::optional<std::uint64_t> read_base36(std::string_view text) {
  if (text.empty() || text.size() > 12 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const std::uint8_t digit = kDigitOf[static_cast<unsigned char>(c)];
    if (digit == kNoDigit) return std::nullopt;
    value = value * 36 + digit;
  }
  return value;
}

}  // namespace

inline void IdBuffer::begin(std::string_view gateway, std::uint64_t epoch, char letter) {
  const Beginning& beginning = beginning_of(gateway, epoch);
  static_assert(sizeof beginning.dashed <= sizeof bytes_);
  std::memcpy(bytes_, beginning.dashed, sizeof beginning.dashed);
  bytes_[beginning.gateway_size + 1] = letter;
  size_ = beginning.dashed_size;
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

IdBuffer IdBuffer::order_id(std::string_view gateway, std::uint64_t epoch, order::OrderNumber number) {
  IdBuffer id;
  id.begin(gateway, epoch, 'O');
  id.put_base36(number.value());
  return id;
}

IdBuffer IdBuffer::exec_id(std::string_view gateway, std::uint64_t epoch, order::ExecutionNumber number) {
  IdBuffer id;
  id.begin(gateway, epoch, 'E');
  id.put_base36(number.value());
  return id;
}

IdBuffer IdBuffer::own_exec_id(std::string_view gateway, std::uint64_t epoch, order::SessionId session,
                               std::uint32_t sequence_epoch, std::uint64_t msg_seq_num) {
  IdBuffer id;
  id.begin(gateway, epoch, 'S');
  id.put_base36(session.value());
  id.put('-');
  id.put_base36(sequence_epoch);
  id.put('-');
  id.put_base36(msg_seq_num);
  return id;
}

IdBuffer IdBuffer::cl_ord_id(std::string_view gateway, std::uint64_t epoch, order::RequestNumber number) {
  const Beginning& beginning = beginning_of(gateway, epoch);
  PORTCULLIS_CHECK(beginning.joined_size != 0, "an epoch of more digits than an id has room for");
  IdBuffer id;
  std::memcpy(id.bytes_, beginning.joined, sizeof beginning.joined);
  id.size_ = beginning.joined_size;
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
  if (text.size() <= prefix) return std::nullopt;
  const Beginning& last = g_beginning;
  if (last.joined_size == prefix && last.is_of(gateway) && same_text(text.substr(0, prefix), {last.joined, prefix})) [[likely]] {
    const auto number = read_base36(text.substr(prefix));
    if (!number) return std::nullopt;
    return GivenId{last.epoch, *number};
  }
  if (!same_text(text.substr(0, gateway.size()), gateway) || text[gateway.size()] != 'R') return std::nullopt;
  std::string_view digits = text.substr(gateway.size() + 1, kEpochDigits);
  while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
  const auto epoch = read_base36(digits);
  const auto number = read_base36(text.substr(prefix));
  if (!epoch || !number) return std::nullopt;
  return GivenId{*epoch, *number};
}

}  // namespace portcullis::gateway
