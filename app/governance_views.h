#pragma once

#include <optional>
#include <string>
#include <string_view>
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

// As REST and the command line name them; nothing for any other text.
std::optional<order::Scope> parse_scope(std::string_view text);
std::optional<order::ScopeState> parse_scope_state(std::string_view text);
// The scope of this name, and the index of its thing; 0 for the firm. A broker's session is its broker: it is the same
// line, and orders, limits and states hang at the broker.
struct NamedScope {
  order::Scope scope = order::Scope::kFirm;
  std::uint32_t id = 0;
};
std::optional<NamedScope> find_scope(const gateway::State& state, order::Scope scope, std::string_view name);

// The configuration's id of what a scope names; "firm" for the firm.
std::string scope_name(const gateway::State& state, order::Scope scope, std::uint32_t id);

}  // namespace portcullis::app
