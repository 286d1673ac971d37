#include "persistence/blotter/projection.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "gateway/ids.h"
#include "order/events.h"
#include "order/transition.h"

namespace portcullis::persistence {
namespace {

using order::EventType;
using order::NameKind;

constexpr std::monostate kFine{};

const std::string kNoName;

OptionalInteger optional_price(Price price, bool present) {
  return present ? OptionalInteger(price.raw()) : std::nullopt;
}

template <typename Id>
OptionalInteger optional_number(Id id) {
  return id.has_value() ? OptionalInteger(static_cast<std::int64_t>(id.value())) : std::nullopt;
}

std::string text_of(std::string_view view) {
  return clean_text(view);
}

const char* text_of(order::SessionState state) {
  switch (state) {
    case order::SessionState::kDisconnected:
      return "disconnected";
    case order::SessionState::kLoggedOn:
      return "logged_on";
    case order::SessionState::kLoggingOut:
      return "logging_out";
  }
  return "unknown";
}

const char* text_of(order::RequestOrigin origin) {
  switch (origin) {
    case order::RequestOrigin::kClient:
      return "client";
    case order::RequestOrigin::kOperator:
      return "operator";
    case order::RequestOrigin::kScopeState:
      return "scope_state";
    case order::RequestOrigin::kDisconnect:
      return "disconnect";
  }
  return "unknown";
}

const char* text_of(order::BrokerPhase phase) {
  switch (phase) {
    case order::BrokerPhase::kDown:
      return "down";
    case order::BrokerPhase::kDraining:
      return "draining";
    case order::BrokerPhase::kReconciling:
      return "reconciling";
    case order::BrokerPhase::kOpen:
      return "open";
  }
  return "unknown";
}

// AvgPx(6) from the sum of quantity times price at 10^-11.
OptionalInteger average(std::int64_t value_high, std::uint64_t value_low, Quantity cum_qty) {
  if (!cum_qty.is_positive()) return std::nullopt;
  const Wide value = (Wide{value_high} << 64) | Wide{value_low};
  return narrow(divide(value, Wide{cum_qty.raw()}, Rounding::kHalfEven));
}

// A JSON string: names come from the configuration and may hold anything.
void append_json(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      json += escape;
    } else {
      json += c;
    }
  }
  json += '"';
}

void set_terms(OrderRow& row, const order::Terms& terms) {
  row.ord_type = to_string(terms.ord_type);
  row.time_in_force = to_string(terms.time_in_force);
  row.order_qty = terms.order_qty.raw();
  row.price = optional_price(terms.price, terms.has_price);
  row.stop_px = optional_price(terms.stop_px, terms.has_stop_px);
}

}  // namespace

StoreResult<Progress> Projection::load() {
  auto progress = read_progress(store_);
  if (!progress) return progress.error();
  progress_ = stored_ = *progress;
  const auto types = column_types(kNamesTable);
  auto rows = store_.query("SELECT " + column_list(kNamesTable) + " FROM names", {}, types);
  if (!rows) return rows.error();
  for (const Row& row : *rows) {
    names_[{std::get<std::int64_t>(row[0]), std::get<std::int64_t>(row[1])}] = std::get<std::string>(row[3]);
  }
  return progress_;
}

StoreResult<> Projection::add(const Position& position, const gateway::RecordView& record) {
  RecordContext context;
  context.index = static_cast<std::int64_t>(position.index);
  context.time_ns = record.header().time_ns;
  if (record.header().kind == gateway::InputKind::kCommand) audit(context, "", "command", "", text_of(record.input()));
  if (record.header().kind == gateway::InputKind::kConfigure) {
    audit(context, "", "configure", "", std::to_string(record.input().size()) + " bytes");
  }
  StoreResult<> result = kFine;
  const bool whole = record.for_each_event([&](const order::EventView& event) {
    if (result) result = apply(event, context);
  });
  if (!result) return result;
  if (!whole) return StoreError{"record " + std::to_string(position.index) + ": its events are malformed"};
  if (auto finished = finish_decisions(context); !finished) return finished;
  progress_.last = position;
  return kFine;
}

StoreResult<> Projection::apply(const order::EventView& event, RecordContext& record) {
  switch (event.type()) {
    case EventType::kEpochStarted:
      progress_.epoch = event.as<order::EpochStarted>().epoch;
      audit(record, "", "start", "", "epoch " + std::to_string(progress_.epoch));
      return kFine;
    case EventType::kNameAdded:
      return on(event.as<order::NameAdded>());
    case EventType::kSessionChanged:
      return on(event.as<order::SessionChanged>(), record);
    case EventType::kSequenceReset:
      return on(event.as<order::SequenceReset>(), record);
    case EventType::kDecided:
      return on_decided(event, record);
    case EventType::kOrderAccepted:
      return on(event.as<order::OrderAccepted>(), record);
    case EventType::kOrderRejected:
      return on(event.as<order::OrderRejected>(), record);
    case EventType::kOrderRouted:
      return on(event.as<order::OrderRouted>(), record);
    case EventType::kCancelRequested:
      return on(event.as<order::CancelRequested>(), record);
    case EventType::kReplaceRequested:
      return on(event.as<order::ReplaceRequested>(), record);
    case EventType::kRequestRefused:
      return on(event.as<order::RequestRefused>(), record);
    case EventType::kExecutionApplied:
      return on(event.as<order::ExecutionApplied>(), record);
    case EventType::kRequestRejected:
      return on(event.as<order::RequestRejected>(), record);
    case EventType::kOrderUnknown:
      return on(event.as<order::OrderUnknown>(), record);
    case EventType::kReportSuspended:
      return on(event.as<order::ReportSuspended>(), record);
    case EventType::kAlertRaised:
      return on(event.as<order::AlertRaised>(), record);
    case EventType::kAlertAcknowledged:
      return on(event.as<order::AlertAcknowledged>(), record);
    case EventType::kScopeStateSet:
      return on(event.as<order::ScopeStateSet>(), record);
    case EventType::kLimitSet:
      return on(event.as<order::LimitSet>(), record);
    case EventType::kHoldChanged:
      return on(event.as<order::HoldChanged>(), record);
    case EventType::kBrokerPhaseChanged:
      return on(event.as<order::BrokerPhaseChanged>(), record);
    case EventType::kMassCancelStarted:
      return on(event.as<order::MassCancelStarted>(), record);
    case EventType::kSessionEnabled:
      return on(event.as<order::SessionEnabled>(), record);
    // The message store and the market, which have no rows.
    case EventType::kTargetAdvanced:
    case EventType::kStatusAnswered:
    case EventType::kMessageRefused:
    case EventType::kStatusRequested:
    case EventType::kQuoteSet:
    case EventType::kRateSet:
    case EventType::kDayRolled:
      return kFine;
  }
  // Of a later version that added an event: its own rows are missing, and rebuild makes them there.
  return kFine;
}

StoreResult<> Projection::on(const order::NameAdded& event) {
  const auto kind = static_cast<std::int64_t>(event.kind);
  std::string text = text_of(event.name.view());
  names_[{kind, event.index}] = text;
  add_row(new_names_, Row{kind, std::int64_t{event.index}, std::int64_t{event.owner}, std::move(text)});
  return kFine;
}

StoreResult<> Projection::on(const order::SessionChanged& event, RecordContext& record) {
  std::string detail = text_of(event.state);
  if (!event.reason.empty()) detail += ": " + text_of(event.reason.view());
  audit(record, "", "session", name(NameKind::kSession, event.session), detail);
  return kFine;
}

StoreResult<> Projection::on(const order::SequenceReset& event, RecordContext& record) {
  audit(record, "", "sequence_reset", name(NameKind::kSession, event.session),
        "epoch " + std::to_string(event.sequence_epoch) + ", next sender " + std::to_string(event.next_sender) +
            ", next target " + std::to_string(event.next_target));
  return kFine;
}

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
      char digits[24];
      const auto end = std::to_chars(digits, digits + sizeof digits, figure).ptr;
      json += ',';
      json.append(digits, end);
    }
    json += check.passed != 0 ? ",true]" : ",false]";
  }
  json += ']';
  record.decisions.push_back(std::move(pending));
  return kFine;
}

StoreResult<> Projection::on(const order::OrderAccepted& event, RecordContext& record) {
  const order::OrderIdentity& identity = event.identity;
  OrderRow row;
  row.order_number = static_cast<std::int64_t>(identity.order.value());
  row.order_id = order_id(identity.order);
  row.client = name(NameKind::kClient, identity.client);
  row.account = name(NameKind::kAccount, identity.account);
  row.session = name(NameKind::kSession, identity.session);
  row.cl_ord_id = text_of(identity.cl_ord_id.view());
  row.symbol = name(NameKind::kInstrument, identity.instrument);
  row.side = to_string(identity.side);
  row.ord_status = to_string(order::OrdStatus::kPendingNew);
  row.is_open = 1;
  set_terms(row, event.terms);
  row.leaves_qty = row.order_qty;
  row.entered_ns = row.updated_ns = event.time.ns();
  row.journal_index = record.index;

  RequestRow request;
  request.request_number = static_cast<std::int64_t>(identity.request.value());
  request.order_number = row.order_number;
  request.kind = "new";
  request.origin = "client";
  request.cl_ord_id = row.cl_ord_id;
  request.status = "pending";
  request.order_qty = row.order_qty;
  request.price = row.price;
  request.time_ns = row.entered_ns;
  put_row(requests_, request.request_number, std::move(request));
  put_row(orders_, row.order_number, std::move(row));
  return kFine;
}

StoreResult<> Projection::on(const order::OrderRejected& event, RecordContext& record) {
  const order::OrderIdentity& identity = event.identity;
  OrderRow row;
  row.order_number = static_cast<std::int64_t>(identity.order.value());
  row.order_id = order_id(identity.order);
  row.client = name(NameKind::kClient, identity.client);
  row.account = text_of(event.account.view());
  if (row.account.empty()) row.account = name(NameKind::kAccount, identity.account);
  row.session = name(NameKind::kSession, identity.session);
  row.cl_ord_id = text_of(identity.cl_ord_id.view());
  row.symbol = text_of(event.symbol.view());
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
  put_row(orders_, row.order_number, std::move(row));
  return kFine;
}

StoreResult<> Projection::on(const order::OrderRouted& event, RecordContext& record) {
  auto row = order(event.order);
  if (!row) return row.error();
  if (*row == nullptr) return kFine;
  (*row)->broker = name(NameKind::kBroker, event.broker);
  (*row)->broker_cl_ord_id = gateway::IdBuffer::cl_ord_id(gateway_id_, event.epoch, event.request).view();
  (*row)->updated_ns = event.time.ns();
  (*row)->journal_index = record.index;
  return kFine;
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
    request.orig_cl_ord_id = (*row)->cl_ord_id;
    (*row)->updated_ns = event.time.ns();
    (*row)->journal_index = record.index;
  }
  for (PendingDecision& decision : record.decisions) {
    if (decision.row.order_number == request.order_number) decision.row.cl_ord_id = request.cl_ord_id;
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
    request.orig_cl_ord_id = (*row)->cl_ord_id;
    (*row)->updated_ns = event.time.ns();
    (*row)->journal_index = record.index;
  }
  for (PendingDecision& decision : record.decisions) {
    if (decision.row.order_number == request.order_number) decision.row.cl_ord_id = request.cl_ord_id;
  }
  put_row(requests_, request.request_number, std::move(request));
  return kFine;
}

StoreResult<> Projection::on(const order::RequestRefused& event, RecordContext& record) {
  const std::string text = text_of(event.reject.text.view());
  const std::string cl_ord_id = text_of(event.cl_ord_id.view());
  const OptionalInteger number = optional_number(event.order);
  for (PendingDecision& decision : record.decisions) {
    if (decision.row.order_number != number) continue;
    decision.row.cl_ord_id = cl_ord_id;
    decision.row.text = text;
  }
  add_row(new_refusals_, Row{record.index, record.seq++, number ? Value(*number) : Value(),
                             std::string(event.response_to == '2' ? "replace" : "cancel"),
                             name(NameKind::kSession, event.session), cl_ord_id, text_of(event.orig_cl_ord_id.view()),
                             std::string(to_string(event.reject.code)), text, event.time.ns()});
  return kFine;
}

StoreResult<> Projection::on(const order::ExecutionApplied& event, RecordContext& record) {
  auto found = order(event.order);
  if (!found) return found.error();
  OrderRow* row = *found;
  if (row == nullptr) return kFine;
  std::string cl_ord_id = row->cl_ord_id;
  if (event.applied != 0) {
    auto request = this->request(event.request);
    if (!request) return request.error();
    if (*request != nullptr) {
      const bool refused = event.exec_type == order::ExecType::kRejected;
      // The order itself is answered by whatever its broker makes of it.
      const bool answers_order = (*request)->kind == "new" && event.status_after != order::OrdStatus::kPendingNew;
      if ((event.closes_request != 0 || answers_order) && (*request)->status == "pending") {
        (*request)->status = refused ? "rejected" : "accepted";
      }
      const bool takes_over =
          event.exec_type == order::ExecType::kReplaced || event.exec_type == order::ExecType::kCanceled;
      if (takes_over && !(*request)->cl_ord_id.empty()) row->cl_ord_id = (*request)->cl_ord_id;
      cl_ord_id = (*request)->cl_ord_id.empty() ? row->cl_ord_id : (*request)->cl_ord_id;
    }
    row->ord_status = to_string(event.status_after);
    row->is_open = order::is_over(event.status_after, event.leaves_after) ? 0 : 1;
    row->cum_qty = event.cum_after.raw();
    row->leaves_qty = event.leaves_after.raw();
    row->avg_px = average(event.value_high, event.value_low, event.cum_after);
    if (event.terms_changed != 0) set_terms(*row, event.terms_after);
    if (!event.broker_order_id.empty()) row->broker_order_id = text_of(event.broker_order_id.view());
    if (!event.text.empty()) row->text = text_of(event.text.view());
    row->updated_ns = event.time.ns();
    row->journal_index = record.index;
    if (auto booked = book(row->account, row->client, row->symbol, event.booking, record); !booked) return booked;
  }
  if (!event.execution.has_value()) return kFine;
  ExecutionRow execution;
  execution.execution_number = static_cast<std::int64_t>(event.execution.value());
  execution.exec_id = exec_id(event.execution);
  execution.order_number = row->order_number;
  execution.order_id = row->order_id;
  execution.client = row->client;
  execution.account = row->account;
  execution.cl_ord_id = cl_ord_id;
  execution.symbol = row->symbol;
  execution.side = row->side;
  execution.exec_type = to_string(event.exec_type);
  execution.ord_status = to_string(event.status_after);
  execution.last_qty = event.last_qty.raw();
  execution.last_px = optional_price(event.last_px, !event.last_qty.is_zero());
  execution.cum_qty = event.cum_after.raw();
  execution.leaves_qty = event.leaves_after.raw();
  execution.refers_to = optional_number(event.refers_to);
  execution.applied = event.applied;
  execution.late = event.late;
  execution.broker = name(NameKind::kBroker, event.broker);
  execution.broker_exec_id = text_of(event.exec_id.view());
  execution.broker_order_id = text_of(event.broker_order_id.view());
  execution.text = text_of(event.text.view());
  execution.time_ns = event.time.ns();
  execution.journal_index = record.index;
  add_row(new_executions_, to_row(execution));
  return kFine;
}

StoreResult<> Projection::on(const order::RequestRejected& event, RecordContext& record) {
  auto row = order(event.order);
  if (!row) return row.error();
  auto request = this->request(event.request);
  if (!request) return request.error();
  const std::string text = text_of(event.text.view());
  if (*request != nullptr) {
    (*request)->status = "rejected";
    (*request)->text = text;
  }
  if (*row != nullptr) {
    (*row)->text = text;
    (*row)->updated_ns = event.time.ns();
    (*row)->journal_index = record.index;
  }
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

StoreResult<> Projection::on(const order::ReportSuspended& event, RecordContext& record) {
  const std::string& symbol = name(NameKind::kInstrument, event.instrument);
  ExecutionRow execution;
  execution.execution_number = static_cast<std::int64_t>(event.execution.value());
  execution.exec_id = exec_id(event.execution);
  execution.cl_ord_id = text_of(event.cl_ord_id.view());
  execution.symbol = symbol;
  execution.side = to_string(event.side);
  execution.exec_type = to_string(event.exec_type);
  execution.ord_status = "suspense";
  execution.last_qty = event.last_qty.raw();
  execution.last_px = optional_price(event.last_px, !event.last_qty.is_zero());
  execution.broker = name(NameKind::kBroker, event.broker);
  execution.broker_exec_id = text_of(event.exec_id.view());
  execution.broker_order_id = text_of(event.broker_order_id.view());
  execution.text = text_of(event.reason.view());
  execution.time_ns = event.time.ns();
  execution.journal_index = record.index;
  add_row(new_executions_, to_row(execution));
  return book("", "", symbol, event.booking, record);
}

StoreResult<> Projection::on(const order::AlertRaised& event, RecordContext& record) {
  AlertRow row;
  row.alert = static_cast<std::int64_t>(event.alert);
  row.severity = to_string(event.severity);
  row.kind = to_string(event.code);
  row.order_number = optional_number(event.order);
  auto about = order(event.order);
  if (!about) return about.error();
  if (*about != nullptr) row.order_id = (*about)->order_id;
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
    auto row = read_row<AlertRow>(kAlertsTable, std::span<const std::int64_t>(&number, 1));
    if (!row) return row.error();
    if (!*row) return kFine;
    found = &alerts_.put(number);
    found->row = std::move(**row);
  }
  if (alerts_.change(*found)) ++pending_;
  found->row.acknowledged_by = text_of(event.user.view());
  found->row.acknowledged_ns = event.time.ns();
  found->row.journal_index = record.index;
  audit(record, text_of(event.user.view()), "acknowledge_alert", std::to_string(event.alert), "");
  return kFine;
}

StoreResult<> Projection::on(const order::ScopeStateSet& event, RecordContext& record) {
  audit(record, text_of(event.user.view()), "scope_state",
        std::string(to_string(event.scope)) + " " + scope_name(event.scope, event.id),
        std::string(to_string(event.state)) + ": " + text_of(event.reason.view()));
  return kFine;
}

StoreResult<> Projection::on(const order::LimitSet& event, RecordContext& record) {
  audit(record, text_of(event.user.view()), "limit",
        std::string(to_string(event.scope)) + " " + scope_name(event.scope, event.id),
        "limit " + std::to_string(event.limit) + " " +
            (event.unset != 0 ? std::string("inherited") : "raw " + std::to_string(event.value)) + ", version " +
            std::to_string(event.version) + ": " + text_of(event.reason.view()));
  return kFine;
}

StoreResult<> Projection::on(const order::SessionEnabled& event, RecordContext& record) {
  audit(record, text_of(event.user.view()), event.enabled != 0 ? "enable_session" : "disable_session",
        name(NameKind::kSession, event.session), "");
  return kFine;
}

StoreResult<> Projection::on(const order::HoldChanged& event, RecordContext& record) {
  audit(record, "", event.held != 0 ? "hold" : "release_hold", "", text_of(event.reason.view()));
  return kFine;
}

StoreResult<> Projection::on(const order::BrokerPhaseChanged& event, RecordContext& record) {
  audit(record, "", "broker", name(NameKind::kBroker, event.broker), text_of(event.phase));
  return kFine;
}

StoreResult<> Projection::on(const order::MassCancelStarted& event, RecordContext& record) {
  audit(record, "", "mass_cancel", std::string(to_string(event.scope)) + " " + scope_name(event.scope, event.id),
        std::string(text_of(event.origin)) + (event.day_only != 0 ? ", day orders only" : ""));
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
    auto row = read_row<OrderRow>(kOrdersTable, std::span<const std::int64_t>(&key, 1));
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
    auto row = read_row<RequestRow>(kRequestsTable, std::span<const std::int64_t>(&key, 1));
    if (!row) return row.error();
    if (!*row) return static_cast<RequestRow*>(nullptr);
    found = &requests_.put(key);
    found->row = std::move(**row);
  }
  if (requests_.change(*found)) ++pending_;
  return &found->row;
}

StoreResult<> Projection::book(const std::string& account, const std::string& client, const std::string& symbol,
                               const order::Booking& booking, const RecordContext& record) {
  if (booking.base.is_zero() && booking.term.is_zero() && booking.traded.is_zero()) return kFine;
  const std::pair key(account, symbol);
  auto* found = positions_.find(key);
  if (found == nullptr) {
    const std::string keys[] = {account, symbol};
    auto stored = read_row<PositionRow>(kPositionsTable, std::span<const std::string>(keys));
    if (!stored) return stored.error();
    found = &positions_.put(key);
    if (*stored) {
      found->row = std::move(**stored);
    } else {
      found->row.account = account;
      found->row.symbol = symbol;
      found->row.client = client;
    }
  }
  if (positions_.change(*found)) ++pending_;
  PositionRow& row = found->row;
  row.quantity = (Quantity::from_raw(row.quantity) + booking.base).raw();
  row.term_amount = (Amount::from_raw(row.term_amount) + booking.term).raw();
  row.traded = (Amount::from_raw(row.traded) + booking.traded).raw();
  row.journal_index = record.index;
  return kFine;
}

template <typename R, typename Key>
StoreResult<std::optional<R>> Projection::read_row(const Table& table, std::span<const Key> keys) {
  std::string where;
  std::vector<Value> parameters;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    where += (i > 0 ? " AND " : "") + std::string(table.columns[i].name) + " = $" + std::to_string(i + 1);
    parameters.emplace_back(keys[i]);
  }
  const auto types = column_types(table);
  auto rows = store_.query("SELECT " + column_list(table) + " FROM " + std::string(table.name) + " WHERE " + where,
                           parameters, types);
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<R>();
  R row;
  from_row(rows->front(), row);
  return std::optional<R>(std::move(row));
}

void Projection::audit(RecordContext& record, std::string actor, std::string action, std::string subject,
                       std::string detail) {
  add_row(new_audit_, Row{record.index, record.seq++, record.time_ns, std::move(actor), std::move(action),
                          std::move(subject), std::move(detail)});
}

template <typename Cache, typename R>
void Projection::put_row(Cache& cache, const typename Cache::Key& key, R row) {
  auto& entry = cache.put(key);
  entry.row = std::move(row);
  if (cache.change(entry)) ++pending_;
}

void Projection::add_row(std::vector<Row>& rows, Row row) {
  rows.push_back(std::move(row));
  ++pending_;
}

const std::string& Projection::name(NameKind kind, std::uint64_t index) const {
  const auto found = names_.find({static_cast<std::int64_t>(kind), static_cast<std::int64_t>(index)});
  return found == names_.end() ? kNoName : found->second;
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
    case order::Scope::kTrader:
      return std::to_string(id);
  }
  return std::to_string(id);
}

// The first statement of the transaction: it locks the row, and finds out whether another writer moved it.
StoreResult<> Projection::move_progress() {
  constexpr ColumnType kTypes[] = {ColumnType::kInteger};
  const Position& to = progress_.last;
  const bool first = stored_.journal_id.empty();
  std::vector<Value> parameters{static_cast<std::int64_t>(to.index), static_cast<std::int64_t>(to.offset),
                                hexadecimal(to.checksum), static_cast<std::int64_t>(progress_.epoch),
                                progress_.journal_id};
  if (!first) parameters.emplace_back(static_cast<std::int64_t>(stored_.last.index));
  auto moved =
      store_.query(first ? "INSERT INTO progress (id, last_index, last_offset, last_checksum, epoch, journal_id) "
                           "VALUES (1, $1, $2, $3, $4, $5) RETURNING id"
                         : "UPDATE progress SET last_index = $1, last_offset = $2, last_checksum = $3, epoch = $4 "
                           "WHERE id = 1 AND journal_id = $5 AND last_index = $6 RETURNING id",
                   parameters, kTypes);
  if (!moved) return moved.error();
  if (moved->size() != 1) {
    return StoreError{"another process writes this blotter: it is no longer at record " +
                      std::to_string(stored_.last.index)};
  }
  return kFine;
}

StoreResult<> Projection::write(std::uint64_t journal_id) {
  progress_.journal_id = hexadecimal(journal_id);
  const auto content = [&]() -> StoreResult<> {
    const std::pair<const Table*, std::vector<Row>*> added[] = {{&kNamesTable, &new_names_},
                                                                {&kRefusalsTable, &new_refusals_},
                                                                {&kExecutionsTable, &new_executions_},
                                                                {&kDecisionsTable, &new_decisions_},
                                                                {&kAuditTable, &new_audit_}};
    for (const auto& [table, rows] : added) {
      if (auto written = store_.upsert(*table, *rows); !written) return written;
    }
    if (auto written = store_.upsert(kOrdersTable, orders_.take_changed()); !written) return written;
    if (auto written = store_.upsert(kRequestsTable, requests_.take_changed()); !written) return written;
    if (auto written = store_.upsert(kPositionsTable, positions_.take_changed()); !written) return written;
    if (auto written = store_.upsert(kAlertsTable, alerts_.take_changed()); !written) return written;
    return kFine;
  };
  if (auto begun = store_.begin(); !begun) return begun;
  auto written = move_progress();
  if (written) written = content();
  if (written) written = store_.commit();
  if (!written) {
    store_.rollback();
    return written;
  }
  stored_ = progress_;
  for (auto* rows : {&new_names_, &new_refusals_, &new_executions_, &new_decisions_, &new_audit_}) rows->clear();
  pending_ = 0;
  drop_closed();
  return kFine;
}

// Keeps memory bounded: all rows here are written, so any of them may be forgotten.
void Projection::drop_closed() {
  orders_.shrink([](const OrderRow& row) { return row.is_open == 0; });
  requests_.shrink([](const RequestRow& row) { return row.status != "pending"; });
  alerts_.shrink([](const AlertRow&) { return true; });
  positions_.shrink([](const PositionRow&) { return true; });
}

}  // namespace portcullis::persistence
