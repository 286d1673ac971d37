#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "fix/dictionary.h"
#include "fix/encode.h"
#include "fix/render/plan.h"
#include "fix/version.h"

// One counterparty's rules, as data: how its messages are read (fix/decode.h) and how ours to it are
// written (fix/render.h). Built once from plain settings; immutable after that; look-ups do not
// allocate.

namespace portcullis::fix {

struct DialectSettings {
  FixVersion version = FixVersion::kFix44;
  std::string our_comp_id;                                    // SenderCompID(49) of what we send
  std::string their_comp_id;                                  // TargetCompID(56) of what we send
  std::vector<std::pair<std::string, std::string>> symbols;   // ours -> Symbol(55) at the counterparty
  std::vector<std::pair<std::string, std::string>> accounts;  // ours -> Account(1) at the counterparty
  std::vector<std::pair<std::uint32_t, std::string>> add;     // on each D, G and F we send, where the version has them
  std::vector<std::uint32_t> drop;                            // tags never sent to the counterparty
  TimePrecision time_precision = TimePrecision::kMilliseconds;
  bool user_defined_tags = true;  // tags from 5000 up pass in both directions
  config::TraderField trader = config::TraderField::kNone;  // where a client's orders name the trader
  char handl_inst = '1';          // HandlInst(21) where it is required and the order has none
  int avg_px_decimals = 8;        // AvgPx(6), rounded half to even; 0 to 8
};

class Dialect {
 public:
  // `dictionary` and `plans` outlive the dialect; the dictionary is of the same version. The error says what is wrong
  // in the settings: two names mapped to one, a value that holds SOH, an unsupported version.
  static Result<Dialect> make(const DialectSettings& settings, const Dictionary& dictionary, RenderPlans& plans);

  const VersionFacts& facts() const { return *facts_; }
  const Dictionary& dictionary() const { return *dictionary_; }
  // 8, 49 and 56 of what we send. Views into the dialect.
  HeaderIdentity identity() const;
  // 49 and 56 as they stand in each message that we send, and "34=": kAddressFields whole fields.
  std::string_view addresses() const { return addresses_; }
  static constexpr std::size_t kAddressFields = 2;

  // Names that have no entry are the same on both sides.
  std::string_view their_symbol(std::string_view ours) const { return look_up(their_symbols_, ours); }
  std::string_view our_symbol(std::string_view theirs) const { return look_up(our_symbols_, theirs); }
  std::string_view their_account(std::string_view ours) const { return look_up(their_accounts_, ours); }
  std::string_view our_account(std::string_view theirs) const { return look_up(our_accounts_, theirs); }

  bool drops(std::uint32_t tag) const;
  const std::vector<std::uint32_t>& dropped() const { return settings_.drop; }
  const std::vector<std::pair<std::uint32_t, std::string>>& additions() const { return settings_.add; }
  bool user_defined_tags() const { return settings_.user_defined_tags; }
  config::TraderField trader_field() const { return settings_.trader; }
  char handl_inst() const { return settings_.handl_inst; }
  int avg_px_decimals() const { return settings_.avg_px_decimals; }
  TimePrecision time_precision() const { return settings_.time_precision; }
  const RenderPlan& plan(Outbound kind) const { return (*plans_)[static_cast<std::size_t>(kind)]; }

 private:
  // Sorted by what is looked up.
  using Names = std::vector<std::pair<std::string, std::string>>;
  static std::string_view look_up(const Names& names, std::string_view name) {
    return names.empty() ? name : look_up_among(names, name);
  }
  static std::string_view look_up_among(const Names& names, std::string_view name);

  // What each message asks for stands first.
  const RenderPlans::ByKind* plans_ = nullptr;
  std::string addresses_;
  const VersionFacts* facts_ = nullptr;
  const Dictionary* dictionary_ = nullptr;
  Names their_symbols_;
  Names our_symbols_;
  Names their_accounts_;
  Names our_accounts_;
  DialectSettings settings_;
};

}  // namespace portcullis::fix
