#pragma once

#include <cstddef>
#include <span>

#include "gateway/record.h"
#include "gateway/state.h"
#include "order/events.h"

// respond(state, events) -> outbound messages: the bytes, with their session and MsgSeqNum, straight into
// the record. Reads the state after the events have been applied; takes numbers from the sessions, which
// is part of applying the record (a replay takes them from its outbound headers).

namespace portcullis::gateway {

// What caused the events, for what is passed through unread. Null where there is none.
struct Cause {
  const order::NewOrderSingle* new_order = nullptr;
  const order::OrderCancelRequest* cancel = nullptr;
  const order::OrderCancelReplaceRequest* replace = nullptr;
  const order::OrderStatusRequest* status = nullptr;
  const order::ExecutionReport* report = nullptr;
  const order::OrderCancelReject* cancel_reject = nullptr;
};

void respond(State& state, std::span<const std::byte> events, const Cause& cause, UtcTime now, RecordWriter& record);

}  // namespace portcullis::gateway
