// What two persons decide, applied: proposals, limits and their versions, corrected positions.

#include <algorithm>

#include "gateway/apply.h"
#include "order/governance.h"

namespace portcullis::gateway {
namespace {

Proposal& proposal_of(State& state, std::uint64_t number) {
  const auto found = std::find_if(state.proposals.begin(), state.proposals.end(),
                                  [number](const Proposal& proposal) { return proposal.what.proposal == number; });
  PORTCULLIS_CHECK(found != state.proposals.end(), "a decision of a proposal that is not kept");
  return *found;
}

void on(State& state, const order::Proposed& e) {
  state.proposal_count = e.proposal + 1;
  Proposal& proposal = state.proposals.emplace_back();
  proposal.what = e;
  if (state.orders.contains(e.order)) proposal.order_epoch = state.orders[e.order].epoch;
  if (state.proposals.size() <= kMaxKeptProposals) return;
  // Those that wait are kept; there are fewer of them than are kept.
  const auto oldest = std::find_if(state.proposals.begin(), state.proposals.end(),
                                   [](const Proposal& p) { return p.state != order::ProposalState::kWaiting; });
  if (oldest != state.proposals.end()) state.proposals.erase(oldest);
}

void on(State& state, const order::LimitProposed& e) {
  proposal_of(state, e.proposal).limits.push_back(e);
}

void on(State& state, const order::ProposalDecided& e) {
  Proposal& proposal = proposal_of(state, e.proposal);
  proposal.state = e.state;
  proposal.decided = e.time;
  proposal.checker = e.checker;
  proposal.checker_role = e.checker_role;
  proposal.decision = e.reason;
}

// A temporary change remembers what it goes back to, however often it is changed until then. Two persons'
// change that stays ends it; a tightening by one person does not, or it would make the rest of a raise permanent.
void remember(State& state, const order::LimitSet& e) {
  const auto found =
      std::find_if(state.temporary_limits.begin(), state.temporary_limits.end(),
                   [&e](const TemporaryLimit& t) { return t.scope == e.scope && t.id == e.id && t.limit == e.limit; });
  const bool has = found != state.temporary_limits.end();
  if (e.until.ns() != 0) {
    TemporaryLimit& temporary = has ? *found : state.temporary_limits.emplace_back();
    if (!has) {
      temporary.scope = e.scope;
      temporary.id = e.id;
      temporary.limit = e.limit;
      temporary.before = e.before;
      const risk::Node* const node = std::as_const(state.risk).state().find(e.scope, e.id);
      temporary.was_operators = node != nullptr && node->limits.operator_states(static_cast<config::Limit>(e.limit));
    }
    temporary.meanwhile = e.value;
    temporary.until = e.until;
    temporary.user = e.user;
    temporary.checker = e.checker;
    temporary.ticket = e.ticket;
  } else if (has && (e.reverted != 0 || e.proposal != order::kNoProposal)) {
    state.temporary_limits.erase(found);
  }
}

void on(State& state, const order::LimitSet& e) {
  remember(state, e);
  state.limits_version = e.version;
  if (e.unset == 2) {
    state.risk.forget_limit(e.scope, e.id, e.limit, e.version);
  } else {
    state.risk.set_limit(e.scope, e.id, e.limit, e.value, e.unset != 0, e.version);
  }
}

// The client's own session, so that the sums of sessions stay those of their client.
SessionId session_of(const State& state, ClientId client) {
  for (std::uint16_t i = 0; i < state.sessions.size(); ++i) {
    if (!state.sessions[i].of_broker && state.sessions[i].client == client) return SessionId(i);
  }
  return SessionId::none();
}

void on(State& state, const order::PositionAdjusted& e) {
  risk::Place place{e.client, e.account, BrokerId::none(), e.instrument, e.buys_base != 0};
  place.session = session_of(state, e.client);
  state.risk.book(place, e.booking);
}

}  // namespace

void apply_governance(State& state, const order::EventView& event) {
  switch (event.type()) {
    case order::EventType::kLimitSet:
      return on(state, event.in_place<order::LimitSet>());
    case order::EventType::kProposed:
      return on(state, event.in_place<order::Proposed>());
    case order::EventType::kLimitProposed:
      return on(state, event.in_place<order::LimitProposed>());
    case order::EventType::kProposalDecided:
      return on(state, event.in_place<order::ProposalDecided>());
    case order::EventType::kPositionAdjusted:
      return on(state, event.in_place<order::PositionAdjusted>());
    default:
      break;
  }
  PORTCULLIS_CHECK(false, "an event that is no governance");
}

}  // namespace portcullis::gateway
