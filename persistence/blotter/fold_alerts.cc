#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/projection.h"

// Alerts and who acknowledged them.

namespace portcullis::persistence {

using order::NameKind;

StoreResult<> Projection::on(const order::AlertRaised& event, RecordContext& record) {
  AlertRow row;
  row.alert = static_cast<std::int64_t>(event.alert);
  row.severity = to_string(event.severity);
  row.kind = to_string(event.code);
  row.order_number = optional_number(event.order);
  auto about = find_order(event.order);
  if (!about) return about.error();
  if (*about != nullptr) row.order_id = (*about)->row.order_id;
  row.session = name(NameKind::kSession, event.session);
  row.text = text_of(event.text.view());
  row.raised_ns = event.time.ns();
  row.journal_index = record.index;
  put_row(alerts_, row.alert, std::move(row));
  return kFine;
}

StoreResult<> Projection::on(const order::AlertAcknowledged& event, RecordContext& record) {
  const auto number = static_cast<std::int64_t>(event.alert);
  auto* found = alerts_.find(number);
  if (found == nullptr) {
    auto row = read_row<AlertRow>(std::span<const std::int64_t>(&number, 1));
    if (!row) return row.error();
    if (!*row) return kFine;
    found = &alerts_.put(number);
    found->row = std::move(**row);
    found->stored = true;
  }
  change(alerts_, *found);
  found->row.acknowledged_by = text_of(event.user.view());
  found->row.acknowledged_ns = event.time.ns();
  found->row.journal_index = record.index;
  audit(record, text_of(event.user.view()), "acknowledge_alert", std::to_string(event.alert), "");
  return kFine;
}

}  // namespace portcullis::persistence
