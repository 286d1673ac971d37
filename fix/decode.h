#pragma once

#include <variant>

#include "fix/dialect.h"
#include "fix/scanner.h"
#include "order/commands.h"

// A scanned message and its sender's dialect become a command of the core. Reads only; does not
// allocate. Views point into the message, or into the dialect where it has mapped a name.
//
// A business field that cannot be read is a `fault` in the command, with its tag in ref_tag: the rest is
// filled in as far as it can be. ClOrdID(11), OrigClOrdID(41) and other ids are given as they stand: where
// one is longer than order::IdText holds, the fault's ref_tag names it, so ask IdText::fits before storing.

namespace portcullis::fix {

// monostate: an application message that the gateway does not process; it is answered with
// BusinessMessageReject(j), BusinessRejectReason(380)=3.
using Command =
    std::variant<std::monostate, order::NewOrderSingle, order::OrderCancelRequest, order::OrderCancelReplaceRequest,
                 order::OrderStatusRequest, order::ExecutionReport, order::OrderCancelReject, order::MessageReject>;

Command decode(const ScannedMessage& message, const Dialect& dialect, order::SessionId session);
// The same, in the memory of another command.
void decode(const ScannedMessage& message, const Dialect& dialect, order::SessionId session, Command& command);

}  // namespace portcullis::fix
