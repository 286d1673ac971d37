#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/port.h"
#include "gateway/state.h"

// Proposals as the API shows them. On the core thread.

namespace portcullis::app {

admin::ProposalView proposal_view(const gateway::State& state, const gateway::Proposal& proposal);
std::vector<admin::ProposalView> proposal_views(const gateway::State& state);

std::vector<admin::MassCancelView> mass_cancel_views(const gateway::State& state);

// "P12", and back.
std::string proposal_id(std::uint64_t number);
std::optional<std::uint64_t> proposal_number(const std::string& id);

// The configuration's id of what a scope names; "firm" for the firm.
std::string scope_name(const gateway::State& state, order::Scope scope, std::uint32_t id);

}  // namespace portcullis::app
