#pragma once

#include <string>

#include "gateway/decide.h"

// Limits that are set before a session may be enabled (RTS 6 Art. 8; risk.mandatory_limits): each client has them of its
// own, at itself, its group, its session or each of its accounts. What the firm states for all together does not count,
// nor does what is stated for a time, since a session that runs cannot lose it.

namespace portcullis::gateway {

// "max_order_quantity, max_credit" that the session's client has not; empty for a broker's session, and when all are there.
std::string missing_mandatory_limits(const State& state, SessionId session);

// After a configuration: sessions that are enabled without them are not any more, and an alert says so.
void disable_without_limits(Deciding& d);

}  // namespace portcullis::gateway
