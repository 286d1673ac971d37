#include <functional>
#include <utility>

#include "risk/limits.h"
#include "tests/scenarios/exact_flow_world.h"

namespace portcullis::scenarios::exact {

// The risk desk: limits, what they are proposed and approved to be, states, and controls that are armed again.

std::int64_t some_value(Limit which, const std::function<std::uint64_t(std::uint64_t)>& below) {
  const auto between = [&](std::uint64_t least, std::uint64_t span, std::int64_t unit) {
    return static_cast<std::int64_t>(least + below(span)) * unit;
  };
  switch (which) {
    case Limit::kOrderQuantity:
      return between(1'000'000, 3'000'000, 1'000);
    case Limit::kOrderNotional:
      return between(1'000'000, 3'000'000, 100);
    case Limit::kCollar:
      return between(500'000, 2'000'000, 1);
    case Limit::kOpenOrders:
      return between(20, 80, 1);
    case Limit::kGross:
      return between(5'000'000, 60'000'000, 100);
    case Limit::kLong:
    case Limit::kShort:
      return between(2'000'000, 20'000'000, 1'000);
    case Limit::kDayQuantity:
      return between(10'000'000, 150'000'000, 1'000);
    case Limit::kLoss:
    case Limit::kDrawdown:
      return between(300, 40'000, 100);
    case Limit::kRepeated:
      return between(3, 12, 1);
    case Limit::kBand:
      return between(300'000, 1'500'000, 1);
    default:
      return between(10'000'000, 200'000'000, 100);
  }
}

void Flow::change_limit() {
  const std::vector<NodeId> nodes = all();
  const NodeId node = nodes[below(nodes.size())];
  const auto& [theirs, ours] = kSame[below(std::size(kSame))];
  const order::Scope scope = core_scope(node);
  const auto& allowed = config::limit_info(theirs).scopes;
  bool may = false;
  for (int i = 0; i <= static_cast<int>(config::LimitScope::kCurrency); ++i) {
    const auto each = static_cast<config::LimitScope>(i);
    may = may || (allowed.contains(each) && config::to_text(each) == order::to_string(scope));
  }
  // A firm that is held to credit is a configuration's choice.
  if (!may || (ours == Limit::kCredit && model_.add_on.empty())) return pause();
  const std::int64_t value = some_value(ours, [this](std::uint64_t count) { return below(count); });
  if (!one_in(3)) return ask_for_limit(scope, node, ours, static_cast<std::uint16_t>(theirs), value);
  // Who sets limits without a proposal is not held to caps; what holds is (exact_limits).
  order::SetLimit limit;
  limit.scope = scope;
  limit.id = core_id(node);
  limit.limit = static_cast<std::uint16_t>(theirs);
  limit.value = value;
  limit.user = order::UserText("risk1");
  gateway_.command(limit);
  if (gateway_.last_outcome().reject)
    return fail("a limit is refused: " + std::string(gateway_.last_outcome().reject.text.view()));
  model_.set_limit(node, ours, value, 0, false);
  lines_.push_back("limit " + std::string(config::limit_info(theirs).name) + " of scope " +
                   std::string(order::to_string(scope)) + " " + std::to_string(node.index) + " " +
                   std::to_string(value));
  judge(all());
}

// One person may tighten for good; all else waits for a second one, who may be another person only.
void Flow::ask_for_limit(order::Scope scope, NodeId node, Limit which, std::uint16_t limit, std::int64_t value) {
  const bool temporary = one_in(3);
  order::RequestChange change;
  change.change.kind = order::ProposalKind::kLimits;
  change.change.scope = scope;
  change.change.id = core_id(node);
  change.change.maker = order::UserText("risk1");
  change.change.maker_role = order::Role::kRisk;
  change.change.reason = order::ReasonText("by chance");
  change.change.expected_version = gateway_.state().risk.state().find(scope, change.change.id)->limits_version;
  const std::int64_t until_ms = model_.now_ms + 1'000 + static_cast<std::int64_t>(below(60'000));
  if (temporary) change.change.until = gateway_.now() + Duration::milliseconds(until_ms - model_.now_ms);
  order::LimitProposed proposed{};
  proposed.limit = limit;
  proposed.value = value;
  change.limits.push_back(proposed);
  const bool loosens = temporary || value > model_.limit(node, which);
  gateway_.command(change);
  lines_.push_back("risk1 asks for " + std::string(config::limit_info(static_cast<config::Limit>(limit)).name) +
                   " of " + std::string(order::to_string(scope)) + " " + std::to_string(node.index) + " " +
                   std::to_string(value) + (temporary ? " until " + std::to_string(until_ms) : ""));
  const gateway::CommandOutcome outcome = gateway_.last_outcome();
  if (value > model_.caps[static_cast<std::size_t>(which)].value_or(kNone)) {
    ++counts_.capped;
    return outcome.reject ? void() : fail("a limit beyond its cap was taken, or waits for a second person");
  }
  if (outcome.reject) return fail("a change is refused: " + std::string(outcome.reject.text.view()));
  if (outcome.proposal.has_value() != loosens) {
    return fail(loosens ? "one person loosened a limit" : "a limit that is tightened waits for a second person");
  }
  if (!loosens) {
    ++counts_.lowered;
    model_.set_limit(node, which, value, 0, false);
    return judge(all());
  }
  const auto decide = [&](bool approve, std::string_view user) {
    gateway_.command(order::DecideProposal{*outcome.proposal, approve, order::UserText(user), order::Role::kRisk,
                                           order::ReasonText("seen")});
    return !gateway_.last_outcome().reject;
  };
  if (one_in(4) && decide(true, "risk1")) return fail("who asks for a change has approved it");
  if (one_in(4)) {
    if (!decide(false, "risk2")) fail("a proposal could not be rejected");
    return;
  }
  if (!decide(true, "risk2")) {
    return fail("an approval is refused: " + std::string(gateway_.last_outcome().reject.text.view()));
  }
  ++counts_.raised;
  lines_.push_back("risk2 approves it");
  model_.set_limit(node, which, value, temporary ? until_ms : 0, true);
  judge(all());
}

void Flow::change_state() {
  for (auto& [what, latched] : model_.repeated) {
    if (!latched || !one_in(3)) continue;
    order::RearmControl rearm;
    rearm.control = order::Control::kC3;
    rearm.scope = core_scope(what.who);
    rearm.id = core_id(what.who);
    rearm.instrument = order::InstrumentId(core_id({Scope::kInstrument, what.instrument}));
    rearm.direction = what.buys ? 1 : 2;
    rearm.user = order::UserText("risk1");
    rearm.approver = order::UserText("risk2");
    gateway_.command(rearm);
    if (gateway_.last_outcome().reject) return fail("a control that has tripped cannot be armed again");
    lines_.push_back("C3 of " + std::string(order::to_string(rearm.scope)) + " is armed again");
    ++counts_.rearmed;
    return model_.rearm(what);
  }
  const std::vector<NodeId> nodes = all();
  NodeId node = nodes[below(nodes.size())];
  // What is not active is set back, mostly.
  for (const NodeId each : nodes) {
    if (model_.node(each).condition != Condition::kActive && !one_in(4)) node = each;
  }
  const Condition before = model_.node(node).condition;
  const Condition next = before != Condition::kActive ? Condition::kActive
                         : one_in(2)                  ? Condition::kReduceOnly
                                                      : Condition::kBlockNew;
  model_.set_condition(node, next);
  constexpr order::ScopeState kStates[] = {order::ScopeState::kActive, order::ScopeState::kReduceOnly,
                                           order::ScopeState::kBlockNew};
  gateway_.command(order::SetScopeState{core_scope(node), core_id(node), kStates[static_cast<int>(next)],
                                        order::UserText("risk1"), order::ReasonText("by chance")});
  if (gateway_.last_outcome().reject)
    return fail("a state is refused: " + std::string(gateway_.last_outcome().reject.text.view()));
  lines_.push_back("state of scope " + std::string(order::to_string(core_scope(node))) + " " +
                   std::to_string(node.index) + " " + std::to_string(static_cast<int>(next)));
}

// An order or a replace was taken: what is told of it, at every scope.
void Flow::tell(const std::vector<Large>& large) {
  constexpr std::pair<Limit, config::Limit> kOfOrders[] = {{Limit::kOrderQuantity, config::Limit::kMaxOrderQuantity},
                                                           {Limit::kOrderNotional, config::Limit::kMaxOrderNotional},
                                                           {Limit::kBand, config::Limit::kPassiveBandPercent}};
  const auto told_by_core = [&](NodeId id, Limit which) -> std::int64_t {
    const risk::Node* const node = gateway_.state().risk.state().find(core_scope(id), core_id(id));
    for (const auto& [ours, theirs] : kOfOrders) {
      if (ours != which || node == nullptr) continue;
      const risk::LevelReached* const told = node->levels.find(theirs);
      if (told != nullptr) return told->time.ns() / 1'000'000;
    }
    return 0;
  };
  counts_.told += static_cast<std::uint64_t>(
      model_.tell(large, [&](NodeId id, Limit which) { return told_by_core(id, which) == model_.now_ms; }));
  for (const NodeId id : all()) {
    for (const auto& [ours, theirs] : kOfOrders) {
      const auto found = model_.told_at.find({id, ours});
      const std::int64_t expected = found == model_.told_at.end() ? 0 : found->second;
      const std::int64_t core = told_by_core(id, ours);
      if (core == expected) continue;
      fail(std::string(order::to_string(core_scope(id))) + " " + std::to_string(id.index) +
           ": an order was told of beside " + std::string(config::limit_info(theirs).name) + " at " +
           std::to_string(core) + " ms, the model says " + std::to_string(expected));
    }
  }
}

// What hangs on a rounding is as the gateway has it.
void Flow::judge(const std::vector<NodeId>& scopes) {
  model_.judge_losses(scopes, [&](NodeId id) {
    Model::Told told;
    for (const risk::Latch& latch : gateway_.state().risk.state().latches.all()) {
      if (latch.key.control != order::Control::kE1 || latch.key.scope != core_scope(id) || latch.key.id != core_id(id))
        continue;
      (latch.key.detail == 0 ? told.lost : told.fallen) = true;
    }
    const Model::Node& node = std::as_const(model_).node(id);
    counts_.losses += (told.lost && !node.lost) || (told.fallen && !node.fallen) ? 1 : 0;
    return told;
  });
}

}  // namespace portcullis::scenarios::exact
