#pragma once

#include "gateway/decide.h"
#include "risk/check_log.h"

// The head of a decision on what a client asks.

namespace portcullis::gateway {

// `instrument`: of the message, none when it names none of ours. `code` and `control`: of what refuses it, if something
// does.
void write_decided(Deciding& d, char msg_type, OrderNumber order, RequestNumber request, order::InstrumentId instrument,
                   order::RejectCode code, order::Control control, const risk::CheckLog& checks);

// Where no control of an engine was asked: a cancel, or what is refused before.
void write_decided(Deciding& d, char msg_type, OrderNumber order, RequestNumber request, const order::Reject& refusal);

}  // namespace portcullis::gateway
