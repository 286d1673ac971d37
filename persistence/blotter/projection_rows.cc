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

std::string Projection::exec_id(order::ExecutionNumber number) const {
  return std::string(gateway::IdBuffer::exec_id(gateway_id_, progress_.epoch, number).view());
}

StoreResult<OrderRow*> Projection::order(order::OrderNumber number) {
  if (!number.has_value()) return static_cast<OrderRow*>(nullptr);
  const auto key = static_cast<std::int64_t>(number.value());
  auto* found = orders_.find(key);
  if (found == nullptr) {
    auto row = read_row<OrderRow>(std::span<const std::int64_t>(&key, 1));
    if (!row) return row.error();
    if (!*row) return static_cast<OrderRow*>(nullptr);
    found = &orders_.put(key);
    found->row = std::move(**row);
  }
  if (orders_.change(*found)) ++pending_;
  return &found->row;
}

StoreResult<RequestRow*> Projection::request(order::RequestNumber number) {
  if (!number.has_value()) return static_cast<RequestRow*>(nullptr);
  const auto key = static_cast<std::int64_t>(number.value());
  auto* found = requests_.find(key);
  if (found == nullptr) {
    auto row = read_row<RequestRow>(std::span<const std::int64_t>(&key, 1));
    if (!row) return row.error();
    if (!*row) return static_cast<RequestRow*>(nullptr);
    found = &requests_.put(key);
    found->row = std::move(**row);
  }
  if (requests_.change(*found)) ++pending_;
  return &found->row;
}

void Projection::audit(RecordContext& record, std::string actor, std::string action, std::string subject,
                       std::string detail) {
  add_row(new_audit_, AuditRow{record.index, record.seq++, record.time_ns, std::move(actor), std::move(action),
                               std::move(subject), std::move(detail)});
}

void Projection::keep_name(NameKind kind, std::uint32_t index, Name name) {
  if (kind == NameKind::kInstrument) currencies_[name.text] = name.owner;
  check_places_.clear();  // They show names.
  last_places_.clear();
  const auto at = static_cast<std::size_t>(kind);
  if (names_.size() <= at) names_.resize(at + 1);
  if (names_[at].size() <= index) names_[at].resize(index + std::size_t{1});
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
