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
std::string Projection::order_id(order::OrderNumber number) const {
  return std::string(gateway::IdBuffer::order_id(gateway_id_, progress_.epoch, number).view());
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
    found->row = std::move(**row);
    found->stored = true;
  }
  return found;
}

StoreResult<OrderRow*> Projection::order(order::OrderNumber number) {
  auto found = find_order(number);
  if (!found) return found.error();
  if (*found == nullptr) return static_cast<OrderRow*>(nullptr);
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

// The row of the block that `number` stands in. Numbers count up, so a block that begins here is nowhere yet; any other may
// be of before this start.
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
StoreResult<> Projection::note_place(BlockKind kind, std::int64_t number, std::string_view account,
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
      open.accounts.insert(accounts.substr(at, accounts.find(kBetweenAccounts, at) - at));
    }
    open.last_account = kBetweenAccounts;  // no account's name
  }
  if (open.last_account != account) {
    open.last_account = account;
    if (!open.accounts.contains(account)) {
      open.accounts.insert(open.last_account);
      open.listed->row.accounts += open.last_account;
      open.listed->row.accounts += kBetweenAccounts;
      change(block_accounts_, *open.listed);
    }
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

void Projection::keep_name(NameKind kind, std::uint32_t index, Name name) {
  if (kind == NameKind::kInstrument) currencies_[name.text] = name.owner;
  const auto at = static_cast<std::size_t>(kind);
  if (names_.size() <= at) names_.resize(at + 1);
  while (names_[at].size() <= index) names_[at].emplace_back();
  names_[at][index] = std::move(name);
}

const std::string& Projection::name(NameKind kind, std::uint64_t index) const {
  const auto at = static_cast<std::size_t>(kind);
  return at < names_.size() && index < names_[at].size() ? names_[at][index].text : kNoName;
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
