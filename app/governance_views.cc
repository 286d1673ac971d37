#include "app/governance_views.h"

#include <boost/json.hpp>
#include <charconv>

#include "config/limits.h"
#include "gateway/ids.h"
#include "risk/limits.h"

namespace portcullis::app {
namespace {

namespace json = boost::json;
using order::ProposalKind;

// The newest; the blotter has all.
constexpr std::size_t kShown = 500;

std::string limit_text(std::uint16_t limit, std::int64_t raw) {
  return config::to_text(risk::from_raw(static_cast<config::Limit>(limit), raw));
}

std::string order_id(const gateway::State& state, const gateway::Proposal& proposal) {
  const order::OrderNumber number = proposal.what.order;
  if (!number.has_value()) return "";
  return std::string(gateway::IdBuffer::order_id(state.setup.gateway_id, proposal.order_epoch, number).view());
}

std::string name_at(const gateway::NameTable& table, std::uint32_t index) {
  return index < table.size() ? std::string(table[index].name.view()) : std::string();
}

std::string as_text(order::OrdStatus status) {
  switch (status) {
    case order::OrdStatus::kFilled:
      return "filled";
    case order::OrdStatus::kRejected:
      return "rejected";
    default:
      return "cancelled";
  }
}

// What it would change, and the values, for the person who has to decide.
std::string describe(const gateway::State& state, const gateway::Proposal& proposal, json::object& body) {
  const order::Proposed& change = proposal.what;
  const std::string scope = std::string(to_string(change.scope)) + " " + scope_name(state, change.scope, change.id);
  switch (change.kind) {
    case ProposalKind::kLimits: {
      json::object limits;
      for (const order::LimitProposed& limit : proposal.limits) {
        const config::LimitInfo& info = config::limit_info(static_cast<config::Limit>(limit.limit));
        limits[info.name] =
            json::object{{"from", limit_text(limit.limit, limit.before)}, {"to", limit_text(limit.limit, limit.value)}};
      }
      body = {{"scope", to_string(change.scope)},
              {"id", scope_name(state, change.scope, change.id)},
              {"limits", std::move(limits)},
              {"version", change.expected_version}};
      if (change.until.ns() != 0) body["expires"] = to_iso(change.until);
      return "limits of " + scope;
    }
    case ProposalKind::kScopeState:
      body = {{"scope", to_string(change.scope)},
              {"id", scope_name(state, change.scope, change.id)},
              {"state", to_string(change.state)}};
      return "state of " + scope;
    case ProposalKind::kResolveOrder:
      body = {
          {"order_id", order_id(state, proposal)}, {"as", as_text(change.as)}, {"evidence", change.evidence.view()}};
      if (change.as == order::OrdStatus::kFilled) {
        body["cum_qty"] = change.quantity.to_string();
        body["avg_px"] = change.price.to_string();
      }
      return "resolution of order " + order_id(state, proposal);
    case ProposalKind::kSequence:
      body = {{"session", name_at(state.session_names, change.session.value())},
              {"next_sender_seq", change.next_sender},
              {"next_target_seq", change.next_target}};
      return "numbers of session " + name_at(state.session_names, change.session.value());
    case ProposalKind::kAdjustPosition:
      body = {{"account", name_at(state.accounts, change.id)},
              {"symbol", name_at(state.instruments, change.instrument.value())},
              {"quantity", change.quantity.to_string()},
              {"price", change.price.to_string()},
              {"evidence", change.evidence.view()}};
      return "position of account " + name_at(state.accounts, change.id);
  }
  return "";
}

std::string explanation_of(ProposalKind kind) {
  switch (kind) {
    case ProposalKind::kLimits:
      return "raising a limit, or changing it for a time, needs the approval of a second person";
    case ProposalKind::kScopeState:
      return "lifting a kill switch needs the approval of a second person";
    case ProposalKind::kResolveOrder:
      return "resolving an order needs the approval of a second person";
    case ProposalKind::kSequence:
      return "setting numbers while orders are open needs the approval of a second person";
    case ProposalKind::kAdjustPosition:
      return "adjusting a position needs the approval of a second person";
  }
  return "";
}

std::string approver_role(const order::Proposed& change) {
  const bool of_risk = change.maker_role >= order::Role::kRisk;
  const bool operator_may =
      change.kind == ProposalKind::kSequence || (change.kind == ProposalKind::kScopeState && of_risk);
  return operator_may ? "operator" : "risk";
}

}  // namespace

std::string scope_name(const gateway::State& state, order::Scope scope, std::uint32_t id) {
  switch (scope) {
    case order::Scope::kClient:
      return name_at(state.clients, id);
    case order::Scope::kAccount:
      return name_at(state.accounts, id);
    case order::Scope::kSession:
      return name_at(state.session_names, id);
    case order::Scope::kBroker:
      return name_at(state.brokers, id);
    case order::Scope::kInstrument:
      return name_at(state.instruments, id);
    case order::Scope::kCurrency:
      return name_at(state.currencies, id);
    case order::Scope::kGroup:
      return name_at(state.groups, id);
    case order::Scope::kTrader:
      return name_at(state.traders, id);
    case order::Scope::kFirm:
      return "firm";
  }
  return "";
}

std::optional<order::Scope> parse_scope(std::string_view text) {
  for (const order::Scope scope :
       {order::Scope::kFirm, order::Scope::kGroup, order::Scope::kClient, order::Scope::kAccount, order::Scope::kSession,
        order::Scope::kTrader, order::Scope::kBroker, order::Scope::kInstrument, order::Scope::kCurrency}) {
    if (to_string(scope) == text) return scope;
  }
  return std::nullopt;
}

std::optional<order::ScopeState> parse_scope_state(std::string_view text) {
  for (const order::ScopeState state : {order::ScopeState::kActive, order::ScopeState::kReduceOnly, order::ScopeState::kBlockNew,
                                        order::ScopeState::kCancel, order::ScopeState::kKilled}) {
    if (to_string(state) == text) return state;
  }
  return std::nullopt;
}

std::optional<NamedScope> find_scope(const gateway::State& state, order::Scope scope, std::string_view name) {
  const gateway::NameTable* table = nullptr;
  switch (scope) {
    case order::Scope::kFirm: return name == "firm" ? std::optional(NamedScope{}) : std::nullopt;
    case order::Scope::kClient: table = &state.clients; break;
    case order::Scope::kAccount: table = &state.accounts; break;
    case order::Scope::kSession: table = &state.session_names; break;
    case order::Scope::kBroker: table = &state.brokers; break;
    case order::Scope::kInstrument: table = &state.instruments; break;
    case order::Scope::kGroup: table = &state.groups; break;
    case order::Scope::kTrader: table = &state.traders; break;
    case order::Scope::kCurrency: table = &state.currencies; break;
  }
  const std::uint32_t index = table->find(name);
  if (index == gateway::NameTable::kUnknown) return std::nullopt;
  if (scope == order::Scope::kSession && state.sessions[index].of_broker)
    return NamedScope{order::Scope::kBroker, state.sessions[index].broker.value()};
  return NamedScope{scope, index};
}

std::string proposal_id(std::uint64_t number) {
  return "P" + std::to_string(number);
}

std::optional<std::uint64_t> proposal_number(const std::string& id) {
  std::uint64_t number = 0;
  const char* const end = id.data() + id.size();
  if (id.size() < 2 || id.front() != 'P') return std::nullopt;
  const auto parsed = std::from_chars(id.data() + 1, end, number);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(number) : std::nullopt;
}

admin::ProposalView proposal_view(const gateway::State& state, const gateway::Proposal& proposal) {
  const order::Proposed& change = proposal.what;
  admin::ProposalView view;
  json::object body;
  view.id = proposal_id(change.proposal);
  view.state = to_string(proposal.state);
  view.action = describe(state, proposal, body);
  view.body = json::serialize(body);
  view.explanation = explanation_of(change.kind);
  view.reason = change.reason.view();
  view.ticket = change.ticket.view();
  view.user = change.maker.view();
  view.approver_role = approver_role(change);
  view.created = change.time;
  view.lapses = change.lapses;
  if (proposal.state != order::ProposalState::kWaiting) {
    view.decided_by = proposal.checker.view();
    view.decision = proposal.decision.view();
    view.decided = proposal.decided;
  }
  return view;
}

std::vector<admin::MassCancelView> mass_cancel_views(const gateway::State& state) {
  std::vector<admin::MassCancelView> views;
  for (const gateway::MassCancel& run : state.mass_cancels) {
    admin::MassCancelView view;
    view.run = run.run;
    view.scope = to_string(run.scope);
    view.id = scope_name(state, run.scope, run.id);
    view.origin = run.drill ? "drill" : run.origin == order::RequestOrigin::kDisconnect ? "disconnect" : "scope_state";
    view.user = run.user.view();
    view.reason = run.reason.view();
    view.started = run.started;
    view.orders = run.orders;
    view.queued = run.drill ? run.outstanding() : run.queued;
    view.sent = run.sent;
    view.acked = run.canceled;
    view.too_late = run.too_late;
    view.outstanding = run.outstanding();
    view.escalated = run.escalated;
    view.finished = run.finished;
    if (run.last_sent.ns() != 0) view.last_sent = run.last_sent;
    if (run.finished) view.ended = run.ended;
    views.push_back(std::move(view));
  }
  return views;
}

std::vector<admin::ProposalView> proposal_views(const gateway::State& state) {
  std::vector<admin::ProposalView> views;
  const std::size_t begin = state.proposals.size() > kShown ? state.proposals.size() - kShown : 0;
  for (std::size_t i = begin; i < state.proposals.size(); ++i)
    views.push_back(proposal_view(state, state.proposals[i]));
  return views;
}

}  // namespace portcullis::app
