#include "routing/router.h"

#include <bit>

namespace portcullis::routing {

namespace {

order::Reject refusal(std::string_view text) {
  order::Reject reject;
  reject.code = order::RejectCode::kNoRoute;
  reject.text = order::ReasonText(text);
  return reject;
}

}  // namespace

order::Reject Router::no_rule() {
  return refusal("no route: no rule matches this order");
}

order::Reject Router::no_broker() {
  return refusal("no route: no broker for this order is available");
}

std::span<const order::BrokerId> Router::candidates(const RouteKey& key) const {
  const std::size_t by_client = clients_.row(key.client.value(), words_per_row_);
  const std::size_t by_account = accounts_.row(key.account.value(), words_per_row_);
  const std::size_t by_instrument = instruments_.row(key.instrument.value(), words_per_row_);
  for (std::size_t word = 0; word < words_per_row_; ++word) {
    const std::uint64_t matching =
        clients_.words[by_client + word] & accounts_.words[by_account + word] & instruments_.words[by_instrument + word];
    if (matching == 0) continue;
    const Rule& rule = rules_[word * 64 + static_cast<std::size_t>(std::countr_zero(matching))];
    return {brokers_.data() + rule.first, rule.count};
  }
  return {};
}

void Router::add_rule(Dimension& dimension, std::size_t rule, const std::vector<std::string>& names,
                      order::NameKind kind, const NameLookup& index_of) {
  const std::size_t word = rule / 64;
  const std::uint64_t bit = std::uint64_t{1} << (rule % 64);
  if (names.empty()) {
    for (std::size_t at = word; at < dimension.words.size(); at += words_per_row_) dimension.words[at] |= bit;
    return;
  }
  for (const std::string& name : names) {
    const std::optional<std::uint32_t> index = index_of(kind, name);
    if (!index) continue;
    if (dimension.row_of.size() <= *index) dimension.row_of.resize(*index + std::size_t{1}, 0);
    std::uint32_t& row = dimension.row_of[*index];
    if (row == 0) {
      // A row of its own starts with the earlier rules that match every name.
      row = static_cast<std::uint32_t>(dimension.words.size() / words_per_row_);
      const std::vector<std::uint64_t> unlisted(dimension.words.begin(),
                                                dimension.words.begin() + static_cast<std::ptrdiff_t>(words_per_row_));
      dimension.words.insert(dimension.words.end(), unlisted.begin(), unlisted.end());
    }
    dimension.words[row * words_per_row_ + word] |= bit;
  }
}

void Router::configure(const config::Config& config, const NameLookup& index_of) {
  words_per_row_ = (config.routes.size() + 63) / 64;
  rules_.clear();
  brokers_.clear();
  for (Dimension* dimension : {&clients_, &accounts_, &instruments_}) {
    dimension->row_of.clear();
    dimension->words.assign(words_per_row_, 0);
  }
  for (std::size_t i = 0; i < config.routes.size(); ++i) {
    const config::Route& route = config.routes[i];
    add_rule(clients_, i, route.clients, order::NameKind::kClient, index_of);
    add_rule(accounts_, i, route.accounts, order::NameKind::kAccount, index_of);
    add_rule(instruments_, i, route.symbols, order::NameKind::kInstrument, index_of);
    Rule rule;
    rule.first = static_cast<std::uint32_t>(brokers_.size());
    for (const std::string& name : route.to) {
      if (const auto index = index_of(order::NameKind::kBroker, name)) {
        brokers_.push_back(order::BrokerId(static_cast<order::BrokerId::rep>(*index)));
        ++rule.count;
      }
    }
    rules_.push_back(rule);
  }
}

}  // namespace portcullis::routing
