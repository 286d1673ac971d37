#include "app/admin_commands.h"

#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "app/gateway.h"
#include "config/limits.h"
#include "session/clock.h"

namespace portcullis::app {
namespace {

using admin::CommandResult;
using Outcome = CommandResult::Outcome;

CommandResult result(Outcome outcome, std::string text) {
  CommandResult r;
  r.outcome = outcome;
  r.text = std::move(text);
  return r;
}

CommandResult second_person(std::string what) {
  return result(Outcome::kNeedsSecondPerson, std::move(what) + " needs the approval of a second person");
}

// One command on the core thread.
class Submission {
 public:
  Submission(Gateway& gateway, admin::Authority authority, admin::Commands::Done done)
      : gateway_(gateway), core_(gateway.loop().core()), authority_(std::move(authority)), done_(std::move(done)) {}

  void operator()(const admin::SetKillState& command) {
    order::SetScopeState action;
    const std::optional<order::Scope> scope = scope_of(command.scope);
    if (!scope) return answer(Outcome::kInvalid, "scope is one of firm, client, account, session, broker, instrument");
    const std::optional<std::uint32_t> id = id_of(*scope, command.id);
    if (!id) return answer(Outcome::kUnknown, "no " + command.scope + " named " + command.id);
    const std::optional<order::ScopeState> state = state_of(command.state);
    if (!state) return answer(Outcome::kInvalid, "state is one of active, reduce_only, block_new, cancel, killed");
    // One person may always tighten or stop; nobody lifts alone.
    if (*state < own_state(*scope, *id) && authority_.second_user.empty()) return done_(second_person("lifting a kill switch"));
    action.scope = *scope;
    action.id = *id;
    action.state = *state;
    action.user = order::UserText::truncated(authority_.user);
    action.reason = order::ReasonText::truncated(command.reason);
    act(action, {{"action", "kill_switch"}, {"scope", command.scope}, {"id", command.id}, {"state", command.state},
                 {"reason", command.reason}});
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
    order::ResolveOrder action;
    action.order = *order;
    if (command.as == "cancelled") {
      action.as = order::OrdStatus::kCanceled;
    } else if (command.as == "rejected") {
      action.as = order::OrdStatus::kRejected;
    } else if (command.as == "filled") {
      action.as = order::OrdStatus::kFilled;
      if (!command.cum_qty || !command.avg_px) return answer(Outcome::kInvalid, "filled needs cum_qty and avg_px");
      action.cum_qty = *command.cum_qty;
      action.avg_px = *command.avg_px;
    } else {
      return answer(Outcome::kInvalid, "as is one of cancelled, rejected, filled");
    }
    if (!core_.state().orders[*order].unknown) {
      return answer(Outcome::kConflict, "the order's state is known; only an UNKNOWN order can be resolved");
    }
    if (authority_.second_user.empty()) return done_(second_person("resolving an order"));
    action.user = order::UserText::truncated(authority_.user);
    action.approver = order::UserText::truncated(authority_.second_user);
    action.reason = order::ReasonText::truncated(command.reason);
    act(action, {{"action", "resolve_order"}, {"order_id", command.order_id}, {"as", command.as},
                 {"evidence", command.evidence}, {"reason", command.reason}});
  }

  void operator()(const admin::AdjustPosition&) { answer(Outcome::kNotBuilt, "positions cannot be adjusted by this version"); }

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
    const std::optional<order::Scope> scope = scope_of(command.scope);
    const std::optional<std::uint32_t> id = scope ? id_of(*scope, command.id) : std::nullopt;
    if (!id) return answer(Outcome::kUnknown, "no " + command.scope + " named " + command.id);
    const risk::Node* const node = std::as_const(core_).state().risk.state().find(*scope, *id);
    if (node == nullptr) return answer(Outcome::kUnknown, "limits hang at firm, client, account, broker and instrument");
    if (node->limits_version != command.expected_version) {
      return answer(Outcome::kStale, "the limits have changed since: version " + std::to_string(node->limits_version));
    }
    if (command.expires) return answer(Outcome::kNotBuilt, "limits that expire are not built yet; leave expires out");
    std::vector<order::SetLimit> actions;
    bool loosens = false;
    for (const auto& [name, value] : command.limits) {
      const std::optional<config::Limit> limit = config::find_limit(name);
      if (!limit) return answer(Outcome::kInvalid, "no limit is named " + name);
      const Result<config::LimitValue> parsed = config::parse_limit(*limit, text_of(value));
      if (!parsed) return answer(Outcome::kInvalid, name + ": " + parsed.error().what);
      order::SetLimit action;
      action.scope = *scope;
      action.id = *id;
      action.limit = static_cast<std::uint16_t>(*limit);
      action.value = risk::to_raw(*parsed);
      action.user = order::UserText::truncated(authority_.user);
      action.reason = order::ReasonText::truncated(command.reason);
      loosens = loosens || !tightens(*limit, node->limits[*limit], action.value);
      actions.push_back(action);
    }
    if (actions.empty()) return answer(Outcome::kInvalid, "limits must name at least one limit");
    if (loosens && authority_.second_user.empty()) return done_(second_person("raising a limit"));
    boost::json::object record = {{"action", "change_limits"}, {"scope", command.scope}, {"id", command.id}, {"reason", command.reason}};
    boost::json::object values;
    for (const auto& [name, value] : command.limits) values[name] = text_of(value);
    record["limits"] = std::move(values);
    for (std::size_t i = 0; i + 1 < actions.size(); ++i) gateway_.loop().submit_command(actions[i], text(record), nullptr);
    act(actions.back(), std::move(record));
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
        if (broker) {
          BrokerLink& link = *gateway_.broker_link(command.session);
          if (action.enabled) {
            link.start();
          } else {
            link.stop("disabled by an operator");
          }
        } else {
          gateway_.acceptor().set_enabled(command.session, action.enabled);
        }
        if (!action.enabled) line->fix().logout("disabled by an operator", now);
        return act(action, std::move(record));
      }
      case admin::SessionAction::Kind::kLogout:
        if (line->fix().phase() != session::SessionPhase::kLoggedOn) return answer(Outcome::kConflict, "the session is not logged on");
        line->fix().logout(command.reason.empty() ? "logged out by an operator" : command.reason, now);
        return answer_when_durable();
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

  void answer_when_durable() {
    const std::uint64_t index = gateway_.journal().last_index();
    gateway_.loop().when_durable(index, [done = done_](std::uint64_t record) {
      CommandResult done_result;
      done_result.journal_index = record;
      done(std::move(done_result));
    });
  }

  std::string text(const boost::json::object& record) const {
    boost::json::object whole = record;
    whole["user"] = authority_.user;
    if (!authority_.second_user.empty()) whole["second_user"] = authority_.second_user;
    return boost::json::serialize(whole);
  }

  void act(const gateway::OperatorCommand& command, const boost::json::object& record, Outcome refused = Outcome::kConflict) {
    const gateway::CommandOutcome outcome = gateway_.loop().submit_command(command, text(record), nullptr);
    if (outcome.reject) {
      const Outcome kind = outcome.reject.code == order::RejectCode::kUnknownOrder ? Outcome::kUnknown : refused;
      return answer(kind, std::string(outcome.reject.text.view()));
    }
    answer_when_durable();
  }

  // Answers by itself when there is none.
  std::optional<order::OrderNumber> order_of(const std::string& order_id) {
    const order::OrderNumber order = core_.state().find_order(order_id);
    if (order.has_value()) return order;
    answer(Outcome::kUnknown, "no order with the id " + order_id);
    return std::nullopt;
  }

  static std::optional<order::Scope> scope_of(const std::string& text) {
    for (const order::Scope scope : {order::Scope::kFirm, order::Scope::kGroup, order::Scope::kClient, order::Scope::kAccount,
                                     order::Scope::kSession, order::Scope::kTrader, order::Scope::kBroker,
                                     order::Scope::kInstrument, order::Scope::kCurrency}) {
      if (order::to_string(scope) == text) return scope;
    }
    return std::nullopt;
  }

  static std::optional<order::ScopeState> state_of(const std::string& text) {
    for (const order::ScopeState state : {order::ScopeState::kActive, order::ScopeState::kReduceOnly, order::ScopeState::kBlockNew,
                                          order::ScopeState::kCancel, order::ScopeState::kKilled}) {
      if (order::to_string(state) == text) return state;
    }
    return std::nullopt;
  }

  std::optional<std::uint32_t> id_of(order::Scope scope, const std::string& name) const {
    const gateway::State& state = core_.state();
    const gateway::NameTable* table = nullptr;
    switch (scope) {
      case order::Scope::kFirm: return 0;
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
    return index == gateway::NameTable::kUnknown ? std::nullopt : std::optional<std::uint32_t>(index);
  }

  order::ScopeState own_state(order::Scope scope, std::uint32_t id) const {
    const risk::Node* node = core_.state().risk.state().find(scope, id);
    return node != nullptr ? node->own_state : order::ScopeState::kActive;
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

  // A new value that lets nothing pass that the old one refused.
  static bool tightens(config::Limit limit, std::int64_t before, std::int64_t after) {
    switch (config::limit_info(limit).kind) {
      case config::LimitKind::kOrderTypes:
      case config::LimitKind::kTimesInForce: return (after & ~before) == 0;
      case config::LimitKind::kDuplicateOrders: {
        constexpr std::int64_t kWindow = 0xffffffff;
        return after >> 32 <= before >> 32 && (after & kWindow) >= (before & kWindow);
      }
      default: return after <= before;
    }
  }

  void set_sequence(Line& line, const admin::SessionAction& command) {
    if (line.fix().phase() != session::SessionPhase::kDisconnected || line.has_connection()) {
      return answer(Outcome::kConflict, "the session is connected; disable it first");
    }
    const gateway::State& state = core_.state();
    const gateway::Session& session = state.sessions[line.fix().id().value()];
    bool open_orders = false;
    state.open_orders.for_each([&](order::OrderNumber number) {
      const gateway::Order& order = state.orders[number];
      open_orders |= session.of_broker ? order.broker == session.broker : order.session == line.fix().id();
    });
    if (open_orders && authority_.second_user.empty()) return done_(second_person("setting numbers while orders are open"));
    const std::uint64_t sender = command.next_sender_seq.value_or(session.numbers.next_sender);
    const std::uint64_t target = command.next_target_seq.value_or(session.numbers.next_target);
    if (sender == 0 || target == 0 || sender > session::quickfix::kMaxSeqNum || target > session::quickfix::kMaxSeqNum) {
      return answer(Outcome::kInvalid, "sequence numbers are 1 to " + std::to_string(session::quickfix::kMaxSeqNum));
    }
    const boost::json::object record = {{"action", "sequence"}, {"session", command.session}, {"next_sender_seq", sender},
                                        {"next_target_seq", target}, {"reason", command.reason}};
    const std::string recorded = text(record);
    gateway::Input input;
    input.kind = gateway::InputKind::kSession;
    input.session = line.fix().id();
    input.now = session::utc_now();
    input.bytes = recorded;
    input.effects.reset = true;
    input.effects.set_next_sender = sender;
    input.effects.next_target = target;
    gateway_.loop().submit(input);
    answer_when_durable();
  }

  Gateway& gateway_;
  gateway::Core& core_;
  admin::Authority authority_;
  admin::Commands::Done done_;
};

}  // namespace

void AdminCommands::submit(admin::Command command, admin::Authority authority, Done done) {
  auto shared = std::make_shared<Done>(std::move(done));
  const bool posted = gateway_.loop().post([this, command = std::move(command), authority = std::move(authority), shared] {
    Submission submission(gateway_, authority, *shared);
    std::visit(submission, command);
  });
  if (!posted) (*shared)(result(Outcome::kOverloaded, "too many actions wait for the core; try again"));
}

}  // namespace portcullis::app
