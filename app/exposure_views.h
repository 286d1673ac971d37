#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "admin/port.h"
#include "gateway/state.h"

// The core's sums as the API shows them (GET /exposures), by themselves: what a test sees through them is
// what an operator sees. Reads the state, keeps nothing.

namespace portcullis::app {

// The firm, then every client, account, broker and instrument in the order of their indices.
template <typename Visit>
void each_node(const gateway::State& state, Visit&& visit) {
  state.risk.state().each_node(visit);
}

// The configuration's name of a scope's thing; "firm" for the firm.
std::string_view name_of(const gateway::State& state, order::Scope scope, std::uint32_t id);

admin::ExposureView exposure_view(const gateway::State& state, const risk::Node& node);

}  // namespace portcullis::app
