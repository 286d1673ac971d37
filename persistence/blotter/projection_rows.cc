#include "gateway/ids.h"
#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/projection.h"

// The rows that folds change, from the cache or the store, and the names behind indices.

namespace portcullis::persistence {

using order::NameKind;

namespace {

const std::string kNoName;

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
  add_row(new_audit_, to_row(AuditRow{record.index, record.seq++, record.time_ns, std::move(actor), std::move(action),
                                      std::move(subject), std::move(detail)}));
}

void Projection::add_row(std::vector<Row>& rows, Row row) {
  rows.push_back(std::move(row));
  ++pending_;
}

void Projection::keep_name(NameKind kind, std::uint32_t index, Name name) {
  if (kind == NameKind::kInstrument) currencies_[name.text] = name.owner;
  names_[{static_cast<std::int64_t>(kind), std::int64_t{index}}] = std::move(name);
}

const std::string& Projection::name(NameKind kind, std::uint64_t index) const {
  const auto found = names_.find({static_cast<std::int64_t>(kind), static_cast<std::int64_t>(index)});
  return found == names_.end() ? kNoName : found->second.text;
}

std::uint32_t Projection::owner_of(NameKind kind, std::uint64_t index) const {
  const auto found = names_.find({static_cast<std::int64_t>(kind), static_cast<std::int64_t>(index)});
  return found == names_.end() ? UINT32_MAX : found->second.owner;
}

std::string Projection::scope_name(order::Scope scope, std::uint32_t id) const {
  switch (scope) {
    case order::Scope::kFirm:
      return "firm";
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
  return std::to_string(id);
}

}  // namespace portcullis::persistence
