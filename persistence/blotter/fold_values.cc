#include "persistence/blotter/fold_values.h"

#include <charconv>
#include <cstdio>

#include "order/evidence.h"

namespace portcullis::persistence {
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

void append_json(std::string& json, std::int64_t number) {
  char digits[24];
  json.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void copy_columns(const OrderRow& row, OrderColumns<std::string_view>& to) {
  to.order_number = row.order_number;
  to.order_id = row.order_id;
  to.client = row.client;
  to.account = row.account;
  to.session = row.session;
  to.cl_ord_id = row.cl_ord_id;
  to.symbol = row.symbol;
  to.side = row.side;
  to.ord_type = row.ord_type;
  to.time_in_force = row.time_in_force;
  to.ord_status = row.ord_status;
  to.is_open = row.is_open;
  to.order_qty = row.order_qty;
  to.cum_qty = row.cum_qty;
  to.leaves_qty = row.leaves_qty;
  to.price = row.price;
  to.stop_px = row.stop_px;
  to.avg_px = row.avg_px;
  to.broker = row.broker;
  to.broker_cl_ord_id = row.broker_cl_ord_id;
  to.broker_order_id = row.broker_order_id;
  to.text = row.text;
  to.entered_ns = row.entered_ns;
  to.updated_ns = row.updated_ns;
  to.journal_index = row.journal_index;
  to.decision = row.decision;
  to.last_execution = row.last_execution;
  to.request_number = row.request_number;
  to.request_status = row.request_status;
}

order::OrderNumber subject_of(const order::EventView& event) {
  switch (event.type()) {
    case order::EventType::kDecided:
      return event.as<order::Decided>().order;
    case order::EventType::kOrderAccepted:
      return event.in_place<order::OrderAccepted>().order;
    case order::EventType::kOrderRejected:
      return event.as<order::OrderRejected>().identity.order;
    case order::EventType::kOrderRouted:
      return event.as<order::OrderRouted>().order;
    case order::EventType::kCancelRequested:
      return event.as<order::CancelRequested>().order;
    case order::EventType::kReplaceRequested:
      return event.as<order::ReplaceRequested>().order;
    case order::EventType::kRequestRefused:
      return event.as<order::RequestRefused>().order;
    case order::EventType::kExecutionApplied:
      return event.in_place<order::ExecutionApplied>().order;
    case order::EventType::kRequestRejected:
      return event.as<order::RequestRejected>().order;
    case order::EventType::kOrderUnknown:
      return event.as<order::OrderUnknown>().order;
    case order::EventType::kStatusAnswered:
      return event.as<order::StatusAnswered>().order;
    case order::EventType::kStatusRequested:
      return event.as<order::StatusRequested>().order;
    case order::EventType::kAlertRaised:
      return event.as<order::AlertRaised>().order;
    case order::EventType::kShadowDecided:
      return event.as<order::ShadowDecided>().order;
    default:
      return order::OrderNumber::none();
  }
}

}  // namespace portcullis::persistence
