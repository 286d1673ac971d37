#include "fix/dialect.h"

#include <algorithm>

#include "fix/frame.h"

namespace portcullis::fix {

namespace {

constexpr std::uint32_t codes(int first, int last) {
  std::uint32_t bits = 0;
  for (int code = first; code <= last; ++code) bits |= 1u << code;
  return bits;
}

// The reason codes are those of dictionary/values.tsv; FIX 4.4's OrdRejReason(103) has no 12.
constexpr VersionFacts kVersions[] = {
    {.version = FixVersion::kFix42,
     .begin_string = "FIX.4.2",
     .dictionary_file = "FIX42.xml",
     .exec_trans_type = true,
     .ord_status_replaced = true,
     .handl_inst_required = true,
     .mass_status_request = false,
     .last_qty_always = true,
     .ord_rej_reasons = codes(0, 8),
     .cxl_rej_reasons = codes(0, 3),
     .restatement_reasons = codes(0, 5),
     .reject_reason_other = false},
    {.version = FixVersion::kFix44,
     .begin_string = "FIX.4.4",
     .dictionary_file = "FIX44.xml",
     .exec_trans_type = false,
     .ord_status_replaced = false,
     .handl_inst_required = false,
     .mass_status_request = true,
     .last_qty_always = false,
     .ord_rej_reasons = codes(0, 11) | codes(13, 15),
     .cxl_rej_reasons = codes(0, 6),
     .restatement_reasons = codes(0, 10),
     .reject_reason_other = true},
};

using Names = std::vector<std::pair<std::string, std::string>>;

bool has_soh(std::string_view text) {
  return text.find(kSoh) != std::string_view::npos;
}

// Both directions of a map, sorted; an error when it is not one to one.
Status index_names(const Names& names, const char* what, Names& forward, Names& backward) {
  forward = names;
  backward.clear();
  for (const auto& [ours, theirs] : names) {
    if (ours.empty() || theirs.empty() || has_soh(ours) || has_soh(theirs)) {
      return Error{std::string(what) + " map: a name is empty or holds an SOH"};
    }
    backward.emplace_back(theirs, ours);
  }
  for (Names* side : {&forward, &backward}) {
    std::sort(side->begin(), side->end());
    const auto twice =
        std::adjacent_find(side->begin(), side->end(), [](const auto& a, const auto& b) { return a.first == b.first; });
    if (twice != side->end()) {
      return Error{std::string(what) + " map: '" + twice->first + "' is mapped more than once; it must be one to one"};
    }
  }
  return {};
}

// Tags that a dialect can neither add nor drop: the header's framing, the identity of orders and
// reports. Without them messages could not be told apart.
constexpr std::uint32_t kFixedTags[] = {8, 9, 10, 11, 17, 34, 35, 37, 39, 41, 49, 52, 56, 150};

bool is_fixed(std::uint32_t tag) {
  return std::find(std::begin(kFixedTags), std::end(kFixedTags), tag) != std::end(kFixedTags);
}

}  // namespace

const VersionFacts* version_facts(FixVersion version) {
  for (const VersionFacts& facts : kVersions) {
    if (facts.version == version) return &facts;
  }
  return nullptr;
}

Result<Dialect> Dialect::make(const DialectSettings& settings, const Dictionary& dictionary, RenderPlans& plans) {
  Dialect dialect;
  dialect.settings_ = settings;
  dialect.dictionary_ = &dictionary;
  dialect.facts_ = version_facts(settings.version);
  if (dialect.facts_ == nullptr) {
    return Error{"FIX version " + std::string(config::to_text(settings.version)) +
                 " is not supported; use FIX.4.2 or FIX.4.4"};
  }
  if (dictionary.begin_string() != dialect.facts_->begin_string) {
    return Error{"the data dictionary is of " + std::string(dictionary.begin_string()) + ", the dialect of " +
                 std::string(dialect.facts_->begin_string)};
  }
  for (const std::string* comp_id : {&settings.our_comp_id, &settings.their_comp_id}) {
    if (comp_id->empty() || has_soh(*comp_id)) return Error{"a CompID is empty or holds an SOH"};
  }
  if (settings.avg_px_decimals < 0 || settings.avg_px_decimals > 8) {
    return Error{"avg_px_decimals is " + std::to_string(settings.avg_px_decimals) + "; expected 0 to 8"};
  }
  if (Status status = index_names(settings.symbols, "symbol", dialect.their_symbols_, dialect.our_symbols_); !status) {
    return status.error();
  }
  if (Status status = index_names(settings.accounts, "account", dialect.their_accounts_, dialect.our_accounts_);
      !status) {
    return status.error();
  }
  for (const auto& [tag, value] : settings.add) {
    if (tag == 0 || is_fixed(tag)) return Error{"tag " + std::to_string(tag) + " cannot be added by a dialect"};
    if (value.empty() || has_soh(value)) {
      return Error{"the added tag " + std::to_string(tag) + " has a value that is empty or holds an SOH"};
    }
  }
  for (const std::uint32_t tag : settings.drop) {
    if (tag == 0 || is_fixed(tag)) return Error{"tag " + std::to_string(tag) + " cannot be dropped by a dialect"};
  }
  std::sort(dialect.settings_.drop.begin(), dialect.settings_.drop.end());
  append_field(dialect.addresses_, 49, settings.our_comp_id);
  append_field(dialect.addresses_, 56, settings.their_comp_id);
  dialect.addresses_ += "34=";
  dialect.plans_ = &plans.of(dialect);
  return dialect;
}

HeaderIdentity Dialect::identity() const {
  return {facts_->begin_string, settings_.our_comp_id, settings_.their_comp_id, settings_.time_precision};
}


std::string_view Dialect::look_up_among(const Names& names, std::string_view name) {
  const auto found = std::lower_bound(names.begin(), names.end(), name,
                                      [](const auto& entry, std::string_view key) { return entry.first < key; });
  return found != names.end() && found->first == name ? std::string_view(found->second) : name;
}

bool Dialect::drops(std::uint32_t tag) const {
  return std::binary_search(settings_.drop.begin(), settings_.drop.end(), tag);
}

}  // namespace portcullis::fix
