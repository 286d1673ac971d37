#include "app/start_positions.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace portcullis::app {
namespace {

using Digest = std::array<unsigned char, 32>;

std::string hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) text.append({kDigits[byte >> 4], kDigits[byte & 15]});
  return text;
}

// Nothing when the library fails.
std::optional<Digest> keyed(std::string_view key, std::string_view text) {
  Digest digest{};
  unsigned length = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), digest.data(), &length) ==
          nullptr ||
      length != digest.size()) {
    return std::nullopt;
  }
  return digest;
}
std::optional<Digest> plain(std::string_view text) {
  Digest digest{};
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) return std::nullopt;
  return digest;
}

std::string_view last_word(std::string_view text) {
  constexpr std::string_view kBetween = " \t\r\n=";
  const std::size_t end = text.find_last_not_of(kBetween);
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  return text.substr(text.find_last_of(kBetween) + 1);  // npos + 1: from the beginning
}

std::string signature_fault(std::string_view text, std::string_view signature, const config::Config& configuration) {
  if (!configuration.admin.positions_key) return "no file can be checked without admin.positions_key";
  const std::optional<Digest> expected = keyed(configuration.admin.positions_key->reveal(), text);
  if (!expected) return "its signature cannot be worked out";
  const std::string_view given = last_word(signature);
  const std::string good = hex(*expected);
  const bool same = given.size() == good.size() && CRYPTO_memcmp(given.data(), good.data(), good.size()) == 0;
  return same ? "" : "its signature is not that of this file under admin.positions_key";
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

class Reader {
 public:
  Reader(const config::Config& configuration, const gateway::State& state, order::StartPositions& out)
      : configuration_(configuration), state_(state), out_(out) {}

  // Empty, or what is wrong, where, and what was expected.
  std::string read(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++number_;
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      const std::string fault = number_ == 1 ? first(line) : number_ == 2 ? second(line) : position(line);
      if (!fault.empty()) return "line " + std::to_string(number_) + ": " + fault;
    }
    return number_ < 2 ? "it has no heads, the gateway with its trade date and the names of columns" : "";
  }

 private:
  std::string first(std::string_view line) {
    const std::vector<std::string_view> fields = split(line);
    if (fields.size() != 3 || fields[0] != "start-of-day positions") {
      return "'start-of-day positions,GATEWAY,DATE' was expected";
    }
    if (fields[1] != configuration_.gateway.id) {
      return "it is for another gateway; " + configuration_.gateway.id + " was expected";
    }
    const auto date = Date::parse_iso(fields[2]);
    if (!date) return "its date is none; one such as 2026-11-27 was expected";
    out_.trade_date = date->days();
    return "";
  }
  std::string second(std::string_view line) {
    return line == "account,symbol,quantity,price" ? "" : "'account,symbol,quantity,price' was expected";
  }
  std::string position(std::string_view line) {
    const std::vector<std::string_view> fields = split(line);
    if (fields.size() != 4) return "an account, a symbol, a quantity and a price were expected";
    if (out_.lines.size() == kMaxStartPositions) {
      return "more than " + std::to_string(kMaxStartPositions) + " positions";
    }
    const std::string name = std::string(fields[0].substr(0, 32)) + " in " + std::string(fields[1].substr(0, 32));
    const std::uint32_t account = state_.accounts.find(fields[0]);
    if (account == gateway::NameTable::kUnknown) return "no account is called " + std::string(fields[0].substr(0, 32));
    const std::uint32_t instrument = state_.instruments.find(fields[1]);
    if (instrument == gateway::NameTable::kUnknown)
      return "no instrument is called " + std::string(fields[1].substr(0, 32));
    if (!seen_.emplace(account, instrument).second) return name + " a second time";
    const auto quantity = Quantity::parse(fields[2]);
    if (!quantity) return "the quantity of " + name + " is no number of base units";
    const auto price = fields[3].empty() ? std::optional(Price()) : Price::parse(fields[3]);
    if (!price || price->is_negative()) return "the price of " + name + " is none";
    out_.lines.push_back({order::AccountId(account), order::InstrumentId(instrument), *quantity, *price});
    return "";
  }

  const config::Config& configuration_;
  const gateway::State& state_;
  order::StartPositions& out_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen_;
  std::size_t number_ = 0;
};

}  // namespace

order::StartPositions read_start_positions(std::string_view text, std::string_view signature,
                                           const config::Config& configuration, const gateway::State& state) {
  order::StartPositions file;
  if (const auto digest = plain(text)) file.digest = order::ReasonText::truncated("sha256 " + hex(*digest));
  // What nobody has signed is not even read.
  std::string fault = text.size() > kMaxPositionsText
                          ? "it is longer than " + std::to_string(kMaxPositionsText) + " bytes"
                          : signature_fault(text, signature, configuration);
  if (fault.empty()) fault = Reader(configuration, state, file).read(text);
  file.fault = order::ReasonText::truncated(fault);
  return file;
}

}  // namespace portcullis::app
