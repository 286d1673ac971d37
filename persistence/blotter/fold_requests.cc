#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/projection.h"

// Cancels and replaces, and what became of them.

namespace portcullis::persistence {

using order::NameKind;

// The order's own row is about to tell something else than what its NewOrderSingle asked for, so that gets a row.
void Projection::keep_request(FoldedOrder& order) {
  if (!order.request_number) return;
  RequestRow request;
  request.order_number = order.order_number;
  request.request_number = *order.request_number;
  request.kind = "new";
  request.origin = "client";
  request.cl_ord_id = order.cl_ord_id;
  request.status = order.request_status;
  request.order_qty = order.order_qty;
  request.price = order.price;
  request.time_ns = order.entered_ns;
  put_row(requests_, request.request_number, std::move(request));
  order.request_number.reset();
  order.request_status = {};
}

StoreResult<> Projection::on(const order::CancelRequested& event, RecordContext& record) {
  auto row = order(event.order);
  if (!row) return row.error();
  RequestRow request;
  request.request_number = static_cast<std::int64_t>(event.request.value());
  request.order_number = static_cast<std::int64_t>(event.order.value());
  request.kind = "cancel";
  request.origin = text_of(event.origin);
  request.cl_ord_id = text_of(event.cl_ord_id.view());
  request.status = "pending";
  request.time_ns = event.time.ns();
  if (*row != nullptr) {
    keep_request(**row);
    request.orig_cl_ord_id = (*row)->cl_ord_id;
    (*row)->updated_ns = event.time.ns();
    (*row)->journal_index = record.index;
  }
  for (PendingDecision& decision : record.decisions) {
    if (decision.order_number != request.order_number) continue;
    decision.cl_ord_id = texts_.keep(request.cl_ord_id);
    decision.orig_cl_ord_id = texts_.keep(request.orig_cl_ord_id);
  }
  put_row(requests_, request.request_number, std::move(request));
  return kFine;
}

StoreResult<> Projection::on(const order::ReplaceRequested& event, RecordContext& record) {
  auto row = order(event.order);
  if (!row) return row.error();
  RequestRow request;
  request.request_number = static_cast<std::int64_t>(event.request.value());
  request.order_number = static_cast<std::int64_t>(event.order.value());
  request.kind = "replace";
  request.origin = "client";
  request.cl_ord_id = text_of(event.cl_ord_id.view());
  request.status = "pending";
  request.order_qty = event.terms.order_qty.raw();
  request.price = optional_price(event.terms.price, event.terms.has_price);
  request.time_ns = event.time.ns();
  if (*row != nullptr) {
    keep_request(**row);
    request.orig_cl_ord_id = (*row)->cl_ord_id;
    (*row)->updated_ns = event.time.ns();
    (*row)->journal_index = record.index;
  }
  for (PendingDecision& decision : record.decisions) {
    if (decision.order_number != request.order_number) continue;
    decision.cl_ord_id = texts_.keep(request.cl_ord_id);
    decision.orig_cl_ord_id = texts_.keep(request.orig_cl_ord_id);
    set_terms(decision, event.terms);
    set_reserved(decision, event.reserved_after);
  }
  put_row(requests_, request.request_number, std::move(request));
  return kFine;
}

StoreResult<> Projection::on(const order::RequestRefused& event, RecordContext& record) {
  const std::string text = text_of(event.reject.text.view());
  const std::string cl_ord_id = text_of(event.cl_ord_id.view());
  const OptionalInteger number = optional_number(event.order);
  for (PendingDecision& decision : record.decisions) {
    if (decision.order_number != number) continue;
    decision.cl_ord_id = texts_.keep(cl_ord_id);
    decision.text = texts_.keep(text);
  }
  RefusalRow refusal;
  refusal.journal_index = record.index;
  refusal.seq = record.seq++;
  refusal.order_number = number;
  refusal.kind = event.response_to == '2' ? "replace" : "cancel";
  refusal.session = name(NameKind::kSession, event.session);
  refusal.cl_ord_id = cl_ord_id;
  refusal.orig_cl_ord_id = text_of(event.orig_cl_ord_id.view());
  refusal.code = to_string(event.reject.code);
  refusal.text = text;
  refusal.time_ns = event.time.ns();
  add_row(new_refusals_, refusal);
  return kFine;
}

StoreResult<> Projection::on(const order::RequestRejected& event, RecordContext& record) {
  auto row = order(event.order);
  if (!row) return row.error();
  if (*row != nullptr && (*row)->request_number == optional_number(event.request)) keep_request(**row);
  auto answered = request(event.order, event.request);
  if (!answered) return answered.error();
  const std::string text = text_of(event.text.view());
  if (*answered != nullptr) {
    (*answered)->row.status = "rejected";
    (*answered)->row.text = text;
    change(requests_, **answered);
  }
  if (*row != nullptr) {
    (*row)->text = text;
    (*row)->updated_ns = event.time.ns();
    (*row)->journal_index = record.index;
  }
  return kFine;
}

}  // namespace portcullis::persistence
