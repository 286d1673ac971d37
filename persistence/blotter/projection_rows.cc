#include <algorithm>

#include "gateway/ids.h"
#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/projection.h"

// The rows that folds change, from the cache or the store, and the names behind indices.

namespace portcullis::persistence {

using order::NameKind;

namespace {

const std::string kNoName;
const std::string kFirm = "firm";

}  // namespace

// Ids of this gateway's own carry the epoch of the start that gave them: the one whose records are being folded.
void Projection::set_order_id(FoldedOrder& row, order::OrderNumber number) const {
  row.order_id.assign(gateway::IdBuffer::order_id(gateway_id_, progress_.epoch, number).view());
}

// With the memory of its ids' texts.
void Projection::make_new(FoldedOrder& row) {
  std::string* const texts[] = {&row.order_id, &row.cl_ord_id, &row.broker_cl_ord_id, &row.broker_order_id, &row.text};
  FoldedOrder made;
  std::string* const made_texts[] = {&made.order_id, &made.cl_ord_id, &made.broker_cl_ord_id, &made.broker_order_id,
                                     &made.text};
  for (std::size_t i = 0; i < std::size(texts); ++i) made_texts[i]->swap(*texts[i]);
  row = std::move(made);
  for (std::string* text : texts) text->clear();
}

StoreResult<Projection::Orders::Entry*> Projection::find_order(order::OrderNumber number) {
  if (!number.has_value()) return static_cast<Orders::Entry*>(nullptr);
  const auto key = static_cast<std::int64_t>(number.value());
  auto* found = orders_.find(key);
  if (found == nullptr) {
    auto row = read_row<OrderRow>(std::span<const std::int64_t>(&key, 1));
    if (!row) return row.error();
    if (!*row) return static_cast<Orders::Entry*>(nullptr);
    found = &orders_.put(key);
    FoldedOrder& folded = found->row;
    folded.own = std::make_unique<const OrderRow>(std::move(**row));
    copy_columns(*folded.own, folded);
    folded.known_account = find_known(folded.account);
    folded.known_symbol = find_known(folded.symbol);
    found->stored = true;
  }
  return found;
}

StoreResult<Projection::FoldedOrder*> Projection::order(order::OrderNumber number) {
  auto found = find_order(number);
  if (!found) return found.error();
  if (*found == nullptr) return static_cast<FoldedOrder*>(nullptr);
  change(orders_, **found);
  return &(*found)->row;
}

StoreResult<Projection::Requests::Entry*> Projection::request(order::OrderNumber order, order::RequestNumber number) {
  if (!order.has_value() || !number.has_value()) return static_cast<Requests::Entry*>(nullptr);
  const auto key = static_cast<std::int64_t>(number.value());
  auto* found = requests_.find(key);
  if (found == nullptr) {
    const std::int64_t keys[] = {static_cast<std::int64_t>(order.value()), key};
    auto row = read_row<RequestRow>(std::span<const std::int64_t>(keys));
    if (!row) return row.error();
    if (!*row) return static_cast<Requests::Entry*>(nullptr);
    found = &requests_.put(key);
    found->row = std::move(**row);
    found->stored = true;
  }
  return found;
}

// The row of the block that `number` stands in. Numbers count up, so a block that begins here is nowhere yet; any other
// may be of before this start.
template <typename Cache>
StoreResult<typename Cache::Entry*> Projection::open_block_row(Cache& cache, std::int64_t kind, std::int64_t number) {
  using R = decltype(Cache::Entry::row);
  const std::int64_t keys[] = {kind, number / kBlockRows};
  std::optional<R> row;
  if (number % kBlockRows != 0) {
    auto stored = read_row<R>(std::span<const std::int64_t>(keys));
    if (!stored) return stored.error();
    row = std::move(*stored);
  }
  auto& entry = cache.put({keys[0], keys[1]});
  entry.stored = row.has_value();
  if (row) entry.row = std::move(*row);
  entry.row.kind = keys[0];
  entry.row.block = keys[1];
  return &entry;
}

// That this order, execution or decision stands in its block.
StoreResult<> Projection::note_place(BlockKind kind, std::int64_t number, std::string_view account, KnownName* known,
                                     const RecordContext& record) {
  OpenBlock& open = open_blocks_[static_cast<std::size_t>(kind)];
  const auto of_kind = static_cast<std::int64_t>(kind);
  if (const std::int64_t block = number / kBlockRows; open.block != block) {
    open.block = block;
    open.accounts.clear();
    open.listed = nullptr;
    open.entry = nullptr;
  }
  if (open.listed == nullptr) {
    auto listed = open_block_row(block_accounts_, of_kind, number);
    if (!listed) return listed.error();
    open.listed = *listed;
    std::string& accounts = open.listed->row.accounts;
    if (accounts.empty()) accounts = kBetweenAccounts;
    for (std::size_t at = 1; at < accounts.size(); at = accounts.find(kBetweenAccounts, at) + 1) {
      const std::string_view text = std::string_view(accounts).substr(at, accounts.find(kBetweenAccounts, at) - at);
      if (KnownName* name = find_known(text); name != nullptr) {
        name->listed_in[static_cast<std::size_t>(kind)] = open.block;
      } else {
        open.accounts.emplace(text);
      }
    }
  }
  if (known == nullptr) known = find_known(account);
  const bool is_listed = known != nullptr ? known->listed_in[static_cast<std::size_t>(kind)] == open.block
                                          : open.accounts.contains(account);
  if (!is_listed) {
    if (known != nullptr) {
      known->listed_in[static_cast<std::size_t>(kind)] = open.block;
    } else {
      open.accounts.emplace(account);
    }
    open.listed->row.accounts += account;
    open.listed->row.accounts += kBetweenAccounts;
    change(block_accounts_, *open.listed);
  }
  if (kind == BlockKind::kOrders) return kFine;
  if (open.entry == nullptr) {
    auto entry = open_block_row(blocks_, of_kind, number);
    if (!entry) return entry.error();
    open.entry = *entry;
    if (!open.entry->stored) open.entry->row.first_ns = open.entry->row.last_ns = record.time_ns;
  }
  BlockRow& row = open.entry->row;
  change(blocks_, *open.entry);
  row.last_index = record.index;
  row.first_ns = std::min(row.first_ns, record.time_ns);
  row.last_ns = std::max(row.last_ns, record.time_ns);
  return kFine;
}

void Projection::audit(RecordContext& record, std::string actor, std::string action, std::string subject,
                       std::string detail) {
  add_row(new_audit_, AuditRow{record.index, record.seq++, record.time_ns, std::move(actor), std::move(action),
                               std::move(subject), std::move(detail)});
}

void Projection::keep_name(NameKind kind, std::uint32_t index, std::string_view text, std::uint32_t owner) {
  if (kind == NameKind::kInstrument) currencies_[std::string(text)] = owner;
  KnownName* known = find_known(text);
  if (known == nullptr) {
    known = &known_names_.emplace_back(KnownName{std::string(text), static_cast<std::uint32_t>(known_names_.size())});
    known_by_text_.emplace(known->text, known);
    // Blocks that have it had it as no name.
    for (std::size_t i = 0; i < open_blocks_.size(); ++i) {
      if (open_blocks_[i].accounts.contains(text)) known->listed_in[i] = open_blocks_[i].block;
    }
  }
  const auto at = static_cast<std::size_t>(kind);
  if (names_.size() <= at) names_.resize(at + 1);
  if (names_[at].size() <= index) names_[at].resize(std::size_t{index} + 1);
  names_[at][index] = Name{known, owner};
}

Projection::KnownName* Projection::known(NameKind kind, std::uint64_t index) const {
  const auto at = static_cast<std::size_t>(kind);
  return at < names_.size() && index < names_[at].size() ? names_[at][index].known : nullptr;
}

Projection::KnownName* Projection::find_known(std::string_view text) const {
  const auto found = known_by_text_.find(text);
  return found == known_by_text_.end() ? nullptr : found->second;
}

const std::string& Projection::name(NameKind kind, std::uint64_t index) const {
  const KnownName* const found = known(kind, index);
  return found == nullptr ? kNoName : found->text;
}

std::uint32_t Projection::owner_of(NameKind kind, std::uint64_t index) const {
  const auto at = static_cast<std::size_t>(kind);
  return at < names_.size() && index < names_[at].size() ? names_[at][index].owner : UINT32_MAX;
}

const std::string& Projection::scope_name(order::Scope scope, std::uint32_t id) const {
  switch (scope) {
    case order::Scope::kFirm:
      return kFirm;
    case order::Scope::kClient:
      return name(NameKind::kClient, std::uint64_t{id});
    case order::Scope::kAccount:
      return name(NameKind::kAccount, std::uint64_t{id});
    case order::Scope::kSession:
      return name(NameKind::kSession, std::uint64_t{id});
    case order::Scope::kBroker:
      return name(NameKind::kBroker, std::uint64_t{id});
    case order::Scope::kInstrument:
      return name(NameKind::kInstrument, std::uint64_t{id});
    case order::Scope::kCurrency:
      return name(NameKind::kCurrency, std::uint64_t{id});
    case order::Scope::kGroup:
      return name(NameKind::kGroup, std::uint64_t{id});
    case order::Scope::kTrader:
      return name(NameKind::kTrader, std::uint64_t{id});
  }
  return kNoName;
}

}  // namespace portcullis::persistence
