#include <cstring>

#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/projection.h"

// Decisions, accepts as fully as rejects.

namespace portcullis::persistence {

StoreResult<> Projection::on_decided(const order::EventView& event, RecordContext& record) {
  const auto head = event.as<order::Decided>();
  PendingDecision pending;
  pending.row.decision = static_cast<std::int64_t>(head.decision);
  pending.row.journal_index = record.index;
  pending.row.time_ns = record.time_ns;
  pending.row.order_number = optional_number(head.order);
  pending.row.msg_type = std::string(1, head.msg_type);
  pending.row.outcome = head.code == order::RejectCode::kNone ? "accepted" : "rejected";
  pending.row.code = to_string(head.code);
  pending.row.control = to_string(head.control);
  pending.row.limits_version = static_cast<std::int64_t>(head.limits_version);
  pending.row.market_version = static_cast<std::int64_t>(head.market_version);
  const auto tail = event.tail(sizeof(order::Decided));
  std::string& json = pending.row.checks;
  json = "[";
  for (std::size_t i = 0; i < head.check_count && (i + 1) * sizeof(order::CheckResult) <= tail.size(); ++i) {
    order::CheckResult check;
    std::memcpy(&check, tail.data() + i * sizeof check, sizeof check);
    json += i > 0 ? ",[\"" : "[\"";
    json += to_string(check.control);
    json += "\",\"";
    json += to_string(check.scope);
    json += "\",";
    append_json(json, scope_name(check.scope, check.node));
    for (const std::int64_t figure : {check.usage, check.delta, check.limit}) {
      json += ',';
      append_json(json, figure);
    }
    json += check.passed != 0 ? ",true]" : ",false]";
  }
  json += ']';
  record.decisions.push_back(std::move(pending));
  return kFine;
}

// A decision knows its order's names only when the events that follow it were folded.
StoreResult<> Projection::finish_decisions(RecordContext& record) {
  for (PendingDecision& pending : record.decisions) {
    DecisionRow& row = pending.row;
    if (row.order_number) {
      auto found = order(order::OrderNumber(static_cast<std::uint64_t>(*row.order_number)));
      if (!found) return found.error();
      if (const OrderRow* order = *found) {
        row.order_id = order->order_id;
        row.client = order->client;
        row.account = order->account;
        row.symbol = order->symbol;
        if (row.cl_ord_id.empty()) row.cl_ord_id = order->cl_ord_id;
        if (row.text.empty() && row.outcome == "rejected") row.text = order->text;
      }
    }
    add_row(new_decisions_, to_row(row));
  }
  return kFine;
}

}  // namespace portcullis::persistence
