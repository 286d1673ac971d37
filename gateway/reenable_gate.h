#pragma once

#include <string>

#include "gateway/state.h"

// What must hold before a scope may trade again (spec/risk: re-enable): no order of it of unknown fate or with a
// cancel under way, its brokers reconciled, rates fresh, the journal healthy.

namespace portcullis::gateway {

// Empty when it may; else every reason against it, separated by "; ".
std::string reenable_faults(const State& state, order::Scope scope, std::uint32_t id, UtcTime now);

}  // namespace portcullis::gateway
