#include "app/admin_commands.h"

#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "app/gateway.h"
#include "app/named_scope.h"
#include "app/published_views.h"
#include "config/limits.h"
#include "session/clock.h"

namespace portcullis::app {
namespace {

using admin::CommandResult;
using Outcome = CommandResult::Outcome;

constexpr const char* kScopesExpected =
    "scope is one of firm, group, client, account, session, trader, broker, instrument, currency";

CommandResult result(Outcome outcome, std::string text) {
  CommandResult r;
  r.outcome = outcome;
  r.text = std::move(text);
  return r;
}

// One command on the core thread.
class Submission {
 public:
  Submission(Gateway& gateway, admin::Authority authority, admin::Commands::Done done)
      : gateway_(gateway), core_(gateway.loop().core()), authority_(std::move(authority)), done_(std::move(done)) {}

  void operator()(const admin::SetKillState& command) {
    const std::optional<order::Scope> kind = parse_scope(command.scope);
    if (!kind) return answer(Outcome::kInvalid, kScopesExpected);
    const std::optional<NamedScope> named = named_scope(gateway_, *kind, command.id);
    if (!named) return answer(Outcome::kUnknown, "no " + command.scope + " named " + command.id);
    const std::optional<order::ScopeState> state = parse_scope_state(command.state);
    if (!state) return answer(Outcome::kInvalid, "state is one of active, reduce_only, block_new, cancel, killed");
    if (command.drill) {
      const order::StartDrill drill{named->scope, named->id, order::UserText::truncated(authority_.user),
                                    order::ReasonText::truncated(command.reason)};
      act(drill, {{"action", "drill"}, {"scope", command.scope}, {"id", command.id}, {"reason", command.reason}});
      return;
    }
    order::RequestChange request = change(order::ProposalKind::kScopeState, command.reason, command.ticket);
    request.change.scope = named->scope;
    request.change.id = named->id;
    request.change.state = *state;
    act(request, {{"action", "kill_switch"}, {"scope", command.scope}, {"id", command.id}, {"state", command.state},
                  {"reason", command.reason}, {"ticket", command.ticket}});
  }

  void operator()(const admin::CancelOrder& command) {
    const std::optional<order::OrderNumber> order = order_of(command.order_id);
    if (!order) return;
    order::OperatorCancel action;
    action.order = *order;
    action.user = order::UserText::truncated(authority_.user);
    act(action, {{"action", "cancel_order"}, {"order_id", command.order_id}});
  }

  void operator()(const admin::ResolveOrder& command) {
    const std::optional<order::OrderNumber> order = order_of(command.order_id);
    if (!order) return;
    order::RequestChange request = change(order::ProposalKind::kResolveOrder, command.reason, "");
    request.change.order = *order;
    if (command.as == "cancelled") {
      request.change.as = order::OrdStatus::kCanceled;
    } else if (command.as == "rejected") {
      request.change.as = order::OrdStatus::kRejected;
    } else if (command.as == "filled") {
      request.change.as = order::OrdStatus::kFilled;
      if (!command.cum_qty || !command.avg_px) return answer(Outcome::kInvalid, "filled needs cum_qty and avg_px");
      request.change.quantity = *command.cum_qty;
      request.change.price = *command.avg_px;
    } else {
      return answer(Outcome::kInvalid, "as is one of cancelled, rejected, filled");
    }
    request.change.evidence = order::ReasonText::truncated(command.evidence);
    act(request, {{"action", "resolve_order"}, {"order_id", command.order_id}, {"as", command.as},
                  {"evidence", command.evidence}, {"reason", command.reason}});
  }

  void operator()(const admin::AdjustPosition& command) {
    const std::uint32_t account = core_.state().accounts.find(command.account);
    if (account == gateway::NameTable::kUnknown) return answer(Outcome::kUnknown, "no account named " + command.account);
    const std::uint32_t instrument = core_.state().instruments.find(command.symbol);
    if (instrument == gateway::NameTable::kUnknown) return answer(Outcome::kUnknown, "no instrument named " + command.symbol);
    order::RequestChange request = change(order::ProposalKind::kAdjustPosition, command.reason, "");
    request.change.scope = order::Scope::kAccount;
    request.change.id = account;
    request.change.instrument = order::InstrumentId(instrument);
    request.change.quantity = command.quantity;
    request.change.price = command.price;
    request.change.evidence = order::ReasonText::truncated(command.evidence);
    act(request, {{"action", "adjust_position"}, {"account", command.account}, {"symbol", command.symbol},
                  {"quantity", command.quantity.to_string()}, {"price", command.price.to_string()},
                  {"evidence", command.evidence}, {"reason", command.reason}});
  }

  void operator()(const admin::SetQuote& command) {
    const std::uint32_t instrument = core_.state().instruments.find(command.symbol);
    if (instrument == gateway::NameTable::kUnknown) return answer(Outcome::kUnknown, "no instrument named " + command.symbol);
    if (!command.bid.is_positive() || command.bid > command.ask) {
      return answer(Outcome::kInvalid, "bid must be positive and at most ask");
    }
    order::SetQuote action;
    action.instrument = order::InstrumentId(instrument);
    action.bid = command.bid;
    action.ask = command.ask;
    action.user = order::UserText::truncated(authority_.user);
    act(action, {{"action", "set_quote"}, {"symbol", command.symbol}, {"bid", command.bid.to_string()}, {"ask", command.ask.to_string()}});
  }

  void operator()(const admin::SetRate& command) {
    const std::uint32_t currency = core_.state().currencies.find(command.currency);
    if (currency == gateway::NameTable::kUnknown) return answer(Outcome::kUnknown, "no currency named " + command.currency);
    if (!command.rate.is_positive()) return answer(Outcome::kInvalid, "rate must be positive");
    if (command.currency == gateway_.configuration().gateway.currency) {
      return answer(Outcome::kConflict, "the risk currency's own rate is always one");
    }
    order::SetRate action;
    action.currency = order::CurrencyId(static_cast<std::uint16_t>(currency));
    action.rate = command.rate;
    action.user = order::UserText::truncated(authority_.user);
    act(action, {{"action", "set_rate"}, {"currency", command.currency}, {"rate", command.rate.to_string()}});
  }

  void operator()(const admin::ChangeLimits& command) {
    const std::optional<order::Scope> kind = parse_scope(command.scope);
    const std::optional<NamedScope> named = kind ? named_scope(gateway_, *kind, command.id) : std::nullopt;
    if (!named) return answer(Outcome::kUnknown, "no " + command.scope + " named " + command.id);
    order::RequestChange request = change(order::ProposalKind::kLimits, command.reason, command.ticket);
    request.change.scope = named->scope;
    request.change.id = named->id;
    request.change.expected_version = command.expected_version;
    if (command.expires) request.change.until = *command.expires;
    boost::json::object values;
    for (const auto& [name, value] : command.limits) {
      const std::optional<config::Limit> limit = config::find_limit(name);
      if (!limit) return answer(Outcome::kInvalid, "no limit is named " + name);
      const Result<config::LimitValue> parsed = config::parse_limit(*limit, text_of(value));
      if (!parsed) return answer(Outcome::kInvalid, name + ": " + parsed.error().what);
      order::LimitProposed proposed{};
      proposed.limit = static_cast<std::uint16_t>(*limit);
      proposed.value = risk::to_raw(*parsed);
      request.limits.push_back(proposed);
      values[name] = text_of(value);
    }
    act(request, {{"action", "change_limits"}, {"scope", command.scope}, {"id", command.id}, {"limits", std::move(values)},
                  {"reason", command.reason}, {"ticket", command.ticket}});
  }

  void operator()(const admin::DecideProposal& command) {
    const std::optional<std::uint64_t> number = proposal_number(command.id);
    if (!number) return answer(Outcome::kUnknown, "there is no proposal '" + command.id + "'");
    const gateway::Proposal* const proposal = core_.state().find_proposal(*number);
    if (proposal != nullptr && command.approve && proposal->what.kind == order::ProposalKind::kSequence) {
      const Line* const line = line_of(proposal->what.session);
      if (line != nullptr && line->has_connection()) return answer(Outcome::kConflict, "the session is connected; disable it first");
    }
    order::DecideProposal decision;
    decision.proposal = *number;
    decision.approve = command.approve;
    decision.user = order::UserText::truncated(authority_.user);
    decision.role = static_cast<order::Role>(authority_.role);
    decision.reason = order::ReasonText::truncated(command.reason);
    act(decision, {{"action", command.approve ? "approve_proposal" : "reject_proposal"}, {"proposal", command.id},
                   {"reason", command.reason}}, Outcome::kConflict, *number);
  }

  void operator()(const admin::SessionAction& command) {
    Line* line = gateway_.loop().client_line(command.session);
    if (line == nullptr) line = gateway_.loop().broker_line(command.session);
    if (line == nullptr) return answer(Outcome::kUnknown, "no session named " + command.session);
    const order::SessionId id = line->fix().id();
    const bool broker = line->fix().config().broker;
    const session::Now now{session::utc_now(), session::steady_now()};
    boost::json::object record = {{"action", "session"}, {"session", command.session}, {"reason", command.reason}};
    order::EnableSession action;
    action.session = id;
    action.user = order::UserText::truncated(authority_.user);
    switch (command.kind) {
      case admin::SessionAction::Kind::kEnable:
      case admin::SessionAction::Kind::kDisable: {
        action.enabled = command.kind == admin::SessionAction::Kind::kEnable;
        record["enabled"] = action.enabled;
        // The core may refuse to enable; what is disabled is shut before it is told.
        if (action.enabled && !act(action, record)) return;
        // Its schedule or a kill switch may still keep it out.
        if (action.enabled) return gateway_.open_session(command.session);
        if (broker) {
          gateway_.broker_link(command.session)->stop("disabled by an operator");
        } else {
          gateway_.acceptor().set_enabled(command.session, false);
        }
        line->fix().logout("disabled by an operator", now);
        act(action, record);
        return;
      }
      case admin::SessionAction::Kind::kLogout:
        if (line->fix().phase() != session::SessionPhase::kLoggedOn) return answer(Outcome::kConflict, "the session is not logged on");
        line->fix().logout(command.reason.empty() ? "logged out by an operator" : command.reason, now);
        // The session's own record tells why, but not who.
        return log_out(command, record);
      case admin::SessionAction::Kind::kSequence:
        return set_sequence(*line, command);
    }
  }

  void operator()(const admin::AcknowledgeAlert& command) {
    order::AcknowledgeAlert action;
    const auto [end, error] = std::from_chars(command.id.data(), command.id.data() + command.id.size(), action.alert);
    if (error != std::errc() || end != command.id.data() + command.id.size()) {
      return answer(Outcome::kUnknown, "no alert with the id " + command.id);
    }
    action.user = order::UserText::truncated(authority_.user);
    act(action, {{"action", "acknowledge_alert"}, {"alert", command.id}}, Outcome::kUnknown);
  }

 private:
  void answer(Outcome outcome, std::string text) { done_(result(outcome, std::move(text))); }

  void answer_when_durable(CommandResult outcome = {}) {
    const std::uint64_t index = gateway_.journal().last_index();
    gateway_.loop().when_durable(index, [done = done_, outcome = std::move(outcome)](std::uint64_t record) mutable {
      outcome.journal_index = record;
      done(std::move(outcome));
    });
  }

  // Who asks for a change, and why; the caller fills in the rest.
  order::RequestChange change(order::ProposalKind kind, const std::string& reason, const std::string& ticket) const {
    order::RequestChange request;
    request.change.kind = kind;
    request.change.maker = order::UserText::truncated(authority_.user);
    request.change.maker_role = static_cast<order::Role>(authority_.role);
    request.change.ticket = order::IdText::truncated(ticket);
    request.change.reason = order::ReasonText::truncated(reason);
    return request;
  }

  std::string text(const boost::json::object& record) const {
    boost::json::object whole = record;
    whole["user"] = authority_.user;
    whole["role"] = admin::to_text(authority_.role);
    return boost::json::serialize(whole);
  }

  static Outcome outcome_of(gateway::Refusal refusal, Outcome conflict) {
    switch (refusal) {
      case gateway::Refusal::kConflict: return conflict;
      case gateway::Refusal::kUnknown: return Outcome::kUnknown;
      case gateway::Refusal::kInvalid: return Outcome::kInvalid;
      case gateway::Refusal::kForbidden: return Outcome::kForbidden;
      case gateway::Refusal::kStale: return Outcome::kStale;
    }
    return conflict;
  }

  // `conflict`: what a plain no means here. `decides`: the proposal that the answer tells of. False: it was refused.
  bool act(const gateway::OperatorCommand& command, const boost::json::object& record, Outcome conflict = Outcome::kConflict,
           std::optional<std::uint64_t> decides = std::nullopt) {
    const gateway::CommandOutcome outcome = gateway_.loop().submit_command(command, text(record), nullptr);
    const std::string said = outcome.text.empty() ? std::string(outcome.reject.text.view()) : outcome.text;
    if (outcome.reject) {
      const bool unknown = outcome.reject.code == order::RejectCode::kUnknownOrder;
      answer(unknown ? Outcome::kUnknown : outcome_of(outcome.refusal, conflict), said);
      return false;
    }
    CommandResult done = result(outcome.proposal ? Outcome::kNeedsSecondPerson : Outcome::kDone, said);
    if (outcome.proposal) decides = outcome.proposal;
    const gateway::Proposal* const proposal = decides ? core_.state().find_proposal(*decides) : nullptr;
    if (proposal != nullptr) done.proposal = proposal_view(core_.state(), *proposal);
    answer_when_durable(std::move(done));
    return true;
  }

  const Line* line_of(order::SessionId session) const {
    for (const auto& line : gateway_.loop().lines()) {
      if (line->fix().id() == session) return line.get();
    }
    return nullptr;
  }

  // Answers by itself when there is none.
  std::optional<order::OrderNumber> order_of(const std::string& order_id) {
    const order::OrderNumber order = core_.state().find_order(order_id);
    if (order.has_value()) return order;
    answer(Outcome::kUnknown, "no order with the id " + order_id +
                                  " is in memory; one that is over leaves it after gateway.keep_orders_days");
    return std::nullopt;
  }

  static std::string text_of(const admin::LimitValue& value) {
    if (const auto* single = std::get_if<std::string>(&value)) return *single;
    if (const auto* rate = std::get_if<admin::CountPerSeconds>(&value)) {
      return std::to_string(rate->count) + "/" + std::to_string(rate->seconds) + "s";
    }
    std::string joined;
    for (const std::string& name : std::get<std::vector<std::string>>(value)) joined += (joined.empty() ? "" : ",") + name;
    return joined;
  }

  void log_out(const admin::SessionAction& command, boost::json::object record) {
    record["logout"] = true;
    order::NoteAudit note;
    note.user = order::UserText::truncated(authority_.user);
    note.role = static_cast<order::Role>(authority_.role);
    note.outcome = order::AuditOutcome::kDone;
    note.action = order::IdText::truncated("logout session " + command.session);
    note.detail = order::ReasonText::truncated(command.reason);
    act(note, record);
  }

  void set_sequence(Line& line, const admin::SessionAction& command) {
    if (line.fix().phase() != session::SessionPhase::kDisconnected || line.has_connection()) {
      return answer(Outcome::kConflict, "the session is connected; disable it first");
    }
    const gateway::SessionNumbers numbers = core_.numbers(line.fix().id());
    order::RequestChange request = change(order::ProposalKind::kSequence, command.reason, "");
    request.change.session = line.fix().id();
    request.change.next_sender = command.next_sender_seq.value_or(numbers.next_sender);
    request.change.next_target = command.next_target_seq.value_or(numbers.next_target);
    act(request, {{"action", "sequence"}, {"session", command.session}, {"next_sender_seq", request.change.next_sender},
                  {"next_target_seq", request.change.next_target}, {"reason", command.reason}});
  }

  Gateway& gateway_;
  gateway::Core& core_;
  admin::Authority authority_;
  admin::Commands::Done done_;
};

}  // namespace

void AdminCommands::submit(admin::Command command, admin::Authority authority, Done done) {
  auto shared = std::make_shared<Done>([&views = views_, done = std::move(done)](CommandResult answer) {
    views.outdate();
    done(std::move(answer));
  });
  const bool posted = gateway_.loop().post([this, command = std::move(command), authority = std::move(authority), shared] {
    Submission submission(gateway_, authority, *shared);
    std::visit(submission, command);
  });
  if (!posted) (*shared)(result(Outcome::kOverloaded, "too many actions wait for the core; try again"));
}

}  // namespace portcullis::app
