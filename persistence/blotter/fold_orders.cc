#include "gateway/ids.h"
#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/projection.h"

// Orders as they come, are routed and are lost from sight.

namespace portcullis::persistence {

using order::NameKind;

StoreResult<> Projection::on(order::AcceptedView event, RecordContext& record) {
  const order::Terms terms = event.terms();
  auto& entry = orders_.put(static_cast<std::int64_t>(event->order.value()));
  FoldedOrder& row = entry.row;  // a new one
  row.order_number = static_cast<std::int64_t>(event->order.value());
  set_order_id(row, event->order);
  row.client = name(NameKind::kClient, event->client);
  row.known_account = known(NameKind::kAccount, event->account);
  row.account = name(NameKind::kAccount, event->account);
  row.session = name(NameKind::kSession, event->session);
  row.cl_ord_id = texts_.clean(event.cl_ord_id());
  row.known_symbol = known(NameKind::kInstrument, event->instrument);
  row.symbol = name(NameKind::kInstrument, event->instrument);
  row.side = to_string(event->side);
  row.ord_status = to_string(order::OrdStatus::kPendingNew);
  row.is_open = 1;
  set_terms(row, terms);
  row.leaves_qty = row.order_qty;
  row.entered_ns = row.updated_ns = record.time_ns;
  row.journal_index = record.index;

  row.request_number = static_cast<std::int64_t>(event->request.value());
  row.request_status = "pending";
  for (PendingDecision& decision : record.decisions) {
    if (decision.order_number != row.order_number) continue;
    row.decision = decision.decision;
    set_terms(decision, terms);
    set_reserved(decision, event->reserved);
  }
  if (auto noted = note_place(BlockKind::kOrders, row.order_number, row.account, row.known_account, record); !noted)
    return noted;
  change(orders_, entry);
  return kFine;
}

StoreResult<> Projection::on(const order::OrderRejected& event, RecordContext& record) {
  const order::OrderIdentity& identity = event.identity;
  auto& entry = orders_.put(static_cast<std::int64_t>(identity.order.value()));
  FoldedOrder& row = entry.row;
  make_new(row);
  row.order_number = static_cast<std::int64_t>(identity.order.value());
  set_order_id(row, identity.order);
  row.client = name(NameKind::kClient, identity.client);
  OrderRow said;
  said.account = text_of(event.account.view());
  if (said.account.empty()) said.account = name(NameKind::kAccount, identity.account);
  said.symbol = text_of(event.symbol.view());
  row.own = std::make_unique<const OrderRow>(std::move(said));
  row.account = row.own->account;
  row.known_account = find_known(row.account);
  row.session = name(NameKind::kSession, identity.session);
  row.cl_ord_id = text_of(event.cl_ord_id.view());
  row.symbol = row.own->symbol;
  row.known_symbol = find_known(row.symbol);
  row.side = to_string(identity.side);
  row.ord_status = to_string(order::OrdStatus::kRejected);
  set_terms(row, event.terms);
  row.text = text_of(event.reject.text.view());
  row.entered_ns = row.updated_ns = event.time.ns();
  row.journal_index = record.index;

  if (identity.request.has_value()) {
    RequestRow request;
    request.request_number = static_cast<std::int64_t>(identity.request.value());
    request.order_number = row.order_number;
    request.kind = "new";
    request.origin = "client";
    request.cl_ord_id = row.cl_ord_id;
    request.status = "rejected";
    request.order_qty = row.order_qty;
    request.price = row.price;
    request.time_ns = row.entered_ns;
    request.text = row.text;
    put_row(requests_, request.request_number, std::move(request));
  }
  // What the message did not say is not told as a zero.
  for (PendingDecision& decision : record.decisions) {
    if (decision.order_number != row.order_number) continue;
    row.decision = decision.decision;
    if (event.terms.order_qty.is_positive()) set_terms(decision, event.terms);
  }
  if (auto noted = note_place(BlockKind::kOrders, row.order_number, row.account, row.known_account, record); !noted)
    return noted;
  change(orders_, entry);
  return kFine;
}

StoreResult<> Projection::on(const order::OrderRouted& event, RecordContext& record) {
  auto row = order(event.order);
  if (!row) return row.error();
  if (*row == nullptr) return kFine;
  (*row)->broker = name(NameKind::kBroker, event.broker);
  (*row)->broker_cl_ord_id.assign(gateway::IdBuffer::cl_ord_id(gateway_id_, event.epoch, event.request).view());
  (*row)->updated_ns = record.time_ns;
  (*row)->journal_index = record.index;
  return kFine;
}

StoreResult<> Projection::on(const order::OrderUnknown& event, RecordContext& record) {
  auto row = order(event.order);
  if (!row) return row.error();
  if (*row == nullptr) return kFine;
  (*row)->ord_status = "unknown";
  (*row)->text = text_of(event.reason.view());
  (*row)->updated_ns = event.time.ns();
  (*row)->journal_index = record.index;
  return kFine;
}

}  // namespace portcullis::persistence
