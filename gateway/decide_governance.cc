// Changes that people ask for: what tightens is done at once, what loosens waits for a second person
// (spec/risk, rule 9). The same checks run when it is proposed and when it is approved.

#include <algorithm>

#include "gateway/sides.h"
#include "gateway/decide.h"
#include "order/latch_events.h"
#include "gateway/ids.h"
#include "gateway/reenable_gate.h"
#include "gateway/scope.h"
#include "order/governance.h"

namespace portcullis::gateway {
namespace {

using order::ProposalKind;
using order::ProposalState;
using order::Proposed;
using order::ReasonText;
using order::Reject;
using order::Role;
using order::ScopeState;

// A proposal that nobody decides is over after this.
constexpr Duration kProposalLife = Duration::seconds(24 * 60 * 60);
constexpr std::uint64_t kMaxSeqNum = 2'000'000'000;

// Who approved a change that is being done; nobody when one person was enough.
struct Approval {
  std::uint64_t proposal = order::kNoProposal;
  order::UserText checker;
};

// What is wrong with a change, and whether it needs a second person.
struct Examined {
  Reject reject;
  bool loosens = false;
};

using Limits = std::vector<order::LimitProposed>;

Examined examine_limits(Deciding& d, const Proposed& change, const Limits& limits) {
  const risk::Node* const node = d.state.risk.state().find(change.scope, change.id);
  if (node == nullptr) return {refuse(d, Refusal::kUnknown, "no limits hang there"), false};
  if (node->limits_version != change.expected_version) {
    return {
        refuse(d, Refusal::kStale, "the limits have changed since: version " + std::to_string(node->limits_version)),
        false};
  }
  if (limits.empty()) return {refuse(d, Refusal::kInvalid, "limits must name at least one limit"), false};
  const bool temporary = change.until.ns() != 0;
  if (temporary && change.until <= d.now) return {refuse(d, Refusal::kInvalid, "expires is past"), false};
  Examined examined;
  for (const order::LimitProposed& limit : limits) {
    if (limit.limit >= config::kLimitCount) return {refuse(d, Refusal::kInvalid, "a limit of no name"), false};
    const auto name = static_cast<config::Limit>(limit.limit);
    if (!may_state(change.scope, name)) {
      return {refuse(d, Refusal::kInvalid,
                     std::string(config::limit_info(name).name) + " is no limit of scope " + std::string(to_string(change.scope))),
              false};
    }
    const risk::AbsoluteCaps& caps = d.state.risk.state().caps;
    if (!caps.allow(name, limit.value)) {
      return {refuse(d, Refusal::kConflict,
                     std::string(config::limit_info(name).name) + " may be at most " +
                         config::to_text(risk::from_raw(name, caps[name])) +
                         ": risk.absolute of the configuration, which no approval lifts"),
              false};
    }
    examined.loosens = examined.loosens || !risk::tightens(name, node->limits[name], limit.value);
  }
  // What tightens for a time loosens when the time is over.
  examined.loosens = examined.loosens || temporary;
  return examined;
}

bool is_there(const risk::Latch& latch, const Proposed& change) {
  return latch.key.scope == change.scope && latch.key.id == change.id;
}

bool has_latch(const State& state, const Proposed& change) {
  const std::vector<risk::Latch>& latches = state.risk.state().latches.all();
  return std::any_of(latches.begin(), latches.end(), [&](const risk::Latch& latch) { return is_there(latch, change); });
}

Examined examine_scope_state(Deciding& d, const Proposed& change) {
  if (!d.state.risk.has_state(change.scope, change.id))
    return {refuse(d, Refusal::kUnknown, "no state hangs there"), false};
  const ScopeState own = d.state.risk.own_state(change.scope, change.id);
  Examined examined;
  // A control that has tripped there is armed again with it, also where it had not changed the state.
  examined.loosens = change.state < own || (change.state < ScopeState::kBlockNew && has_latch(d.state, change));
  if (!examined.loosens || change.state >= ScopeState::kBlockNew) return examined;
  const std::string faults = reenable_faults(d.state, change.scope, change.id, d.now);
  if (!faults.empty()) examined.reject = refuse(d, Refusal::kConflict, "it cannot be enabled again yet: " + faults);
  return examined;
}

Examined examine_resolution(Deciding& d, const Proposed& change) {
  if (!d.state.orders.contains(change.order)) return {refuse(d, Refusal::kUnknown, "no such order"), false};
  if (!d.state.orders[change.order].unknown) {
    return {refuse(d, Refusal::kConflict, "the order's state is known; only an UNKNOWN order can be resolved"), false};
  }
  return {{}, true};
}

Examined examine_sequence(Deciding& d, const Proposed& change) {
  if (change.session.value() >= d.state.sessions.size())
    return {refuse(d, Refusal::kUnknown, "no such session"), false};
  const Session& session = d.state.sessions[change.session.value()];
  if (session.state != order::SessionState::kDisconnected) {
    return {refuse(d, Refusal::kConflict, "the session is connected; disable it first"), false};
  }
  const auto usable = [](std::uint64_t number) { return number >= 1 && number <= kMaxSeqNum; };
  if (!usable(change.next_sender) || !usable(change.next_target)) {
    return {refuse(d, Refusal::kInvalid, "sequence numbers are 1 to " + std::to_string(kMaxSeqNum)), false};
  }
  bool open = false;
  const auto found = [&open](const Order&) { open = true; };
  if (session.of_broker) {
    for_each_open(d.state, order::Scope::kBroker, session.broker.value(), found);
  } else {
    for_each_open(d.state, order::Scope::kSession, change.session.value(), found);
  }
  return {{}, open};
}

Examined examine_adjustment(Deciding& d, const Proposed& change) {
  if (change.id >= d.state.accounts.size()) return {refuse(d, Refusal::kUnknown, "no such account"), false};
  if (d.state.risk.state().find_instrument(change.instrument) == nullptr) {
    return {refuse(d, Refusal::kUnknown, "no such instrument"), false};
  }
  if (change.quantity.is_zero()) return {refuse(d, Refusal::kInvalid, "quantity is zero"), false};
  if (!change.price.is_positive()) return {refuse(d, Refusal::kInvalid, "price must be positive"), false};
  return {{}, true};
}

Examined examine(Deciding& d, const Proposed& change, const Limits& limits) {
  switch (change.kind) {
    case ProposalKind::kLimits:
      return examine_limits(d, change, limits);
    case ProposalKind::kScopeState:
      return examine_scope_state(d, change);
    case ProposalKind::kResolveOrder:
      return examine_resolution(d, change);
    case ProposalKind::kSequence:
      return examine_sequence(d, change);
    case ProposalKind::kAdjustPosition:
      return examine_adjustment(d, change);
  }
  return {refuse(d, Refusal::kInvalid, "a change of no kind"), false};
}

void do_limits(Deciding& d, const Proposed& change, const Limits& limits, const Approval& approval) {
  const risk::Node& node = *d.state.risk.state().find(change.scope, change.id);
  for (const order::LimitProposed& limit : limits) {
    order::LimitSet event{};
    event.time = d.now;
    event.value = limit.value;
    event.before = node.limits[static_cast<config::Limit>(limit.limit)];
    event.id = change.id;
    event.limit = limit.limit;
    event.scope = change.scope;
    event.version = d.state.limits_version + 1;
    event.proposal = approval.proposal;
    event.until = change.until;
    event.user = change.maker;
    event.checker = approval.checker;
    event.ticket = change.ticket;
    event.reason = change.reason;
    d.events.add(event);
  }
  d.answer = "the limits have version " + std::to_string(d.state.limits_version + 1);
}

void rearm(Deciding& d, const Proposed& change, const Approval& approval) {
  for (const risk::Latch& latch : d.state.risk.state().latches.all()) {
    if (!is_there(latch, change)) continue;
    order::ControlRearmed event{};
    event.time = d.now;
    event.id = latch.key.id;
    event.instrument = latch.key.instrument;
    event.scope = latch.key.scope;
    event.control = latch.key.control;
    event.direction = static_cast<std::uint8_t>(latch.key.direction);
    event.detail = latch.key.detail;
    event.user = change.maker;
    event.approver = approval.checker;
    event.reason = change.reason;
    d.events.add(event);
  }
}

void do_scope_state(Deciding& d, const Proposed& change, const Approval& approval) {
  order::ScopeStateSet event{};
  event.id = change.id;
  event.scope = change.scope;
  event.state = change.state;
  // Nothing goes from a stop to full trading in one step.
  const ScopeState own = d.state.risk.own_state(change.scope, change.id);
  if (event.state == ScopeState::kActive && own > ScopeState::kReduceOnly) event.state = ScopeState::kReduceOnly;
  event.proposal = approval.proposal;
  event.user = change.maker;
  event.checker = approval.checker;
  event.ticket = change.ticket;
  event.reason = change.reason;
  if (approval.proposal != order::kNoProposal) rearm(d, change, approval);
  write_scope_state(d, event);
  d.answer = event.state == change.state
                 ? "the state is " + std::string(to_string(event.state))
                 : "the state is reduce_only now; the same step once more, by two persons, makes it active";
}

Reject do_resolution(Deciding& d, const Proposed& change, const Approval& approval) {
  order::ResolveOrder resolution;
  resolution.order = change.order;
  resolution.as = change.as;
  resolution.cum_qty = change.quantity;
  resolution.avg_px = change.price;
  resolution.user = change.maker;
  resolution.approver = approval.checker;
  resolution.reason = change.reason;
  return decide_resolution(d, resolution);
}

void do_sequence(Deciding& d, const Proposed& change) {
  order::SequenceReset reset{};
  reset.session = change.session;
  reset.sequence_epoch = d.state.sessions[change.session.value()].numbers.sequence_epoch + 1;
  reset.next_sender = change.next_sender;
  reset.next_target = change.next_target;
  d.events.add(reset);
  d.answer = "the next numbers are " + std::to_string(change.next_sender) + " of ours and " +
             std::to_string(change.next_target) + " of the counterparty's";
}

void do_adjustment(Deciding& d, const Proposed& change, const Approval& approval) {
  const order::AccountId account(change.id);
  const order::Side side = change.quantity.is_positive() ? order::Side::kBuy : order::Side::kSell;
  const Quantity size = change.quantity.is_positive() ? change.quantity : Quantity() - change.quantity;
  order::PositionAdjusted event{};
  event.time = d.now;
  event.proposal = approval.proposal;
  event.account = account;
  event.instrument = change.instrument;
  event.client = ClientId(static_cast<ClientId::rep>(d.state.accounts[change.id].owner));
  event.buys_base = change.quantity.is_positive() ? 1 : 0;
  event.quantity = change.quantity;
  event.price = change.price;
  event.booking = d.state.risk.booking_of(change.instrument, side, usual_dealt(d.state, change.instrument), size, change.price);
  event.booking.traded = Amount();
  event.booking.volume = Quantity();
  event.maker = change.maker;
  event.checker = approval.checker;
  event.reason = change.reason;
  event.evidence = change.evidence;
  d.events.add(event);
  d.answer = "the position has moved by " + change.quantity.to_string();
}

Reject carry_out(Deciding& d, const Proposed& change, const Limits& limits, const Approval& approval) {
  switch (change.kind) {
    case ProposalKind::kLimits:
      do_limits(d, change, limits, approval);
      break;
    case ProposalKind::kScopeState:
      do_scope_state(d, change, approval);
      break;
    case ProposalKind::kResolveOrder:
      return do_resolution(d, change, approval);
    case ProposalKind::kSequence:
      do_sequence(d, change);
      break;
    case ProposalKind::kAdjustPosition:
      do_adjustment(d, change, approval);
      break;
  }
  return {};
}

std::string_view what_needs_two(ProposalKind kind) {
  switch (kind) {
    case ProposalKind::kLimits:
      return "raising a limit, or changing it for a time,";
    case ProposalKind::kScopeState:
      return "lifting a kill switch";
    case ProposalKind::kResolveOrder:
      return "resolving an order";
    case ProposalKind::kSequence:
      return "setting numbers while orders are open";
    case ProposalKind::kAdjustPosition:
      return "adjusting a position";
  }
  return "this";
}

void propose(Deciding& d, const order::RequestChange& command) {
  const State& state = d.state;
  Proposed event = command.change;
  event.proposal = state.proposal_count;
  event.time = d.now;
  event.lapses = d.now + kProposalLife;
  d.events.add(event);
  if (event.kind == ProposalKind::kLimits) {
    const risk::Node& node = *state.risk.state().find(event.scope, event.id);
    for (order::LimitProposed limit : command.limits) {
      limit.proposal = event.proposal;
      limit.before = node.limits[static_cast<config::Limit>(limit.limit)];
      d.events.add(limit);
    }
  }
  d.proposed = true;
  d.answer = std::string(what_needs_two(event.kind)) + " needs the approval of a second person";
}

void write_decision(Deciding& d, const Proposal& proposal, ProposalState outcome, const order::DecideProposal& by) {
  order::ProposalDecided event{};
  event.proposal = proposal.what.proposal;
  event.time = d.now;
  event.state = outcome;
  event.checker_role = by.role;
  event.checker = by.user;
  event.reason = by.reason;
  d.events.add(event);
}

bool is_risk(Role role) {
  return role >= Role::kRisk;
}

// Who may be the second person: to enable a scope again, one of both has the role risk; numbers are set by
// operators; the rest is risk's own.
bool may_check(const Proposed& change, Role role) {
  switch (change.kind) {
    case ProposalKind::kScopeState:
      return role >= Role::kOperator && (is_risk(role) || is_risk(change.maker_role));
    case ProposalKind::kSequence:
      return role >= Role::kOperator;
    default:
      return is_risk(role);
  }
}

bool decide_lapse(Deciding& d) {
  for (const Proposal& proposal : d.state.proposals) {
    if (proposal.state != ProposalState::kWaiting || d.now < proposal.what.lapses) continue;
    order::DecideProposal nobody;
    nobody.reason = ReasonText("nobody decided it within a day");
    write_decision(d, proposal, ProposalState::kExpired, nobody);
    return true;
  }
  return false;
}

bool decide_reversion(Deciding& d) {
  for (const TemporaryLimit& temporary : d.state.temporary_limits) {
    if (d.now < temporary.until) continue;
    const risk::Node& node = *d.state.risk.state().find(temporary.scope, temporary.id);
    const auto limit = static_cast<config::Limit>(temporary.limit);
    const std::int64_t now = node.limits[limit];
    // Who has made it tighter meanwhile keeps it so; the change itself, also under a cap that has come since, ends.
    const bool is_it = now == d.state.risk.state().caps.within(limit, temporary.meanwhile);
    const bool stays = !is_it && risk::tightens(limit, temporary.before, now);
    order::LimitSet event{};
    event.time = d.now;
    event.value = stays ? now : temporary.before;
    event.before = now;
    event.id = temporary.id;
    event.limit = temporary.limit;
    event.scope = temporary.scope;
    event.unset = !stays && !temporary.was_operators ? 2 : 0;
    event.version = d.state.limits_version + 1;
    event.proposal = order::kNoProposal;
    event.reverted = 1;
    event.user = temporary.user;
    event.checker = temporary.checker;
    event.ticket = temporary.ticket;
    event.reason = ReasonText(stays ? "the time of the change is over; what was set meanwhile is tighter and stays"
                                    : "the time of the change is over; the limit is as it was before");
    d.events.add(event);
    d.alert(order::AlertCode::kLimitReverted, order::Severity::kInfo,
            std::string(config::limit_info(limit).name) + " of " + std::string(to_string(temporary.scope)) + ": " +
                std::string(event.reason.view()));
    return true;
  }
  return false;
}

}  // namespace

Reject refuse(Deciding& d, Refusal refusal, std::string text) {
  d.refusal = refusal;
  Reject reject{order::RejectCode::kOther, order::Control::kCore, 0, ReasonText::truncated(text)};
  d.answer = std::move(text);
  return reject;
}

Reject decide_change(Deciding& d, const order::RequestChange& command) {
  const Examined examined = examine(d, command.change, command.limits);
  if (examined.reject) return examined.reject;
  if (!examined.loosens) return carry_out(d, command.change, command.limits, Approval{});
  const auto waiting = std::count_if(d.state.proposals.begin(), d.state.proposals.end(),
                                     [](const Proposal& p) { return p.state == ProposalState::kWaiting; });
  if (static_cast<std::size_t>(waiting) >= kMaxWaitingProposals) {
    return refuse(d, Refusal::kConflict, "too many proposals wait; approve or reject some first");
  }
  propose(d, command);
  return {};
}

Reject decide_proposal(Deciding& d, const order::DecideProposal& command) {
  const Proposal* const proposal = d.state.find_proposal(command.proposal);
  if (proposal == nullptr) return refuse(d, Refusal::kUnknown, "there is no such proposal");
  if (proposal->state != ProposalState::kWaiting) {
    return refuse(d, Refusal::kConflict,
                  "the proposal is " + std::string(to_string(proposal->state)) + "; it waits no more");
  }
  if (!command.approve) {
    write_decision(d, *proposal, ProposalState::kRejected, command);
    return {};
  }
  const Proposed& change = proposal->what;
  const std::string who(command.user.view());
  if (change.maker == command.user) {
    return refuse(d, Refusal::kForbidden, "'" + who + "' made this proposal; a second person was expected");
  }
  if (!may_check(change, command.role)) {
    return refuse(d, Refusal::kForbidden,
                  "'" + who + "' has the role " + std::string(to_string(command.role)) + "; risk was expected");
  }
  if (d.now >= change.lapses) return refuse(d, Refusal::kConflict, "the proposal has expired");
  const Examined examined = examine(d, change, proposal->limits);
  if (examined.reject) return examined.reject;
  // A resolution may still turn out not to fit; then nothing is written at all.
  if (change.kind == ProposalKind::kResolveOrder) {
    const Reject unfit = do_resolution(d, change, Approval{change.proposal, command.user});
    if (unfit) return unfit;
    write_decision(d, *proposal, ProposalState::kApproved, command);
    return {};
  }
  write_decision(d, *proposal, ProposalState::kApproved, command);
  return carry_out(d, change, proposal->limits, Approval{change.proposal, command.user});
}

bool decide_governance_due(Deciding& d) {
  return decide_lapse(d) || decide_reversion(d);
}

}  // namespace portcullis::gateway
