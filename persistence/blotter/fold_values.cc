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
