#include "gateway/record.h"
#include "risk/limits.h"
#include "tests/scenarios/exact_flow_world.h"

namespace portcullis::scenarios::exact {

// --- operators, time, restarts --------------------------------------------------------------------------------------

void Flow::operate() {
  const order::UserText user("risk1");
  const std::int64_t now = gateway_.now().ns() / 1'000'000;
  const std::uint64_t dice = below(20);
  if (dice < 5) {
    const int currency = 1 + static_cast<int>(below(3));
    Int rate = model_.rates[static_cast<std::size_t>(currency)]->value;
    rate += rate * (static_cast<Int>(below(201)) - 100) / 10'000;
    model_.rates[static_cast<std::size_t>(currency)] = Model::Value{rate, now};
    told_rates_[static_cast<std::size_t>(currency)] = true;
    const auto index = gateway_.state().currencies.find(model_.currencies[static_cast<std::size_t>(currency)]);
    gateway_.command(order::SetRate{order::CurrencyId(static_cast<std::uint16_t>(index)),
                                    Rate::from_raw(static_cast<std::int64_t>(rate)), user});
    lines_.push_back("rate of " + model_.currencies[static_cast<std::size_t>(currency)] + " " + decimal(rate, 12));
  } else if (dice < 11) {
    const int instrument = static_cast<int>(below(4));
    const Int tick = model_.instruments[static_cast<std::size_t>(instrument)].tick;
    Model::Quote& quote = *model_.quotes[static_cast<std::size_t>(instrument)];
    Int bid = quote.bid + quote.bid * (static_cast<Int>(below(201)) - 100) / 20'000;
    bid -= bid % tick;
    told_quotes_[static_cast<std::size_t>(instrument)] = true;
    quote = Model::Quote{bid, bid + tick * static_cast<Int>(1 + below(40)), now};
    const auto index =
        gateway_.state().instruments.find(model_.instruments[static_cast<std::size_t>(instrument)].symbol);
    gateway_.command(order::SetQuote{order::InstrumentId(index), Price::from_raw(static_cast<std::int64_t>(quote.bid)),
                                     Price::from_raw(static_cast<std::int64_t>(quote.ask)), user});
    lines_.push_back("quote of " + model_.instruments[static_cast<std::size_t>(instrument)].symbol + " " +
                     decimal(quote.bid, 8) + "/" + decimal(quote.ask, 8));
  } else if (dice < 17) {
    const std::vector<NodeId> nodes = model_.all_nodes();
    const NodeId node = nodes[below(nodes.size())];
    const auto& [theirs, ours] = kSame[below(std::size(kSame))];
    order::SetLimit limit;
    constexpr order::Scope kScopes[] = {order::Scope::kFirm, order::Scope::kClient, order::Scope::kAccount,
                                        order::Scope::kBroker, order::Scope::kInstrument};
    if (!config::limit_info(theirs).scopes.contains(node.scope == Scope::kFirm      ? config::LimitScope::kFirm
                                                    : node.scope == Scope::kClient  ? config::LimitScope::kClient
                                                    : node.scope == Scope::kAccount ? config::LimitScope::kAccount
                                                    : node.scope == Scope::kBroker  ? config::LimitScope::kBroker
                                                                                   : config::LimitScope::kInstrument)) {
      return pause();
    }
    std::int64_t value = 0;
    switch (ours) {
      case Limit::kOrderQuantity:
        value = static_cast<std::int64_t>(1'000'000 + below(3'000'000)) * 1'000;
        break;
      case Limit::kOrderNotional:
        value = static_cast<std::int64_t>(1'000'000 + below(3'000'000)) * 100;
        break;
      case Limit::kCollar:
        value = static_cast<std::int64_t>(500'000 + below(2'000'000));
        break;
      case Limit::kOpenOrders:
        value = static_cast<std::int64_t>(20 + below(80));
        break;
      case Limit::kGross:
        value = static_cast<std::int64_t>(5'000'000 + below(60'000'000)) * 100;
        break;
      case Limit::kLong:
      case Limit::kShort:
        value = static_cast<std::int64_t>(2'000'000 + below(20'000'000)) * 1'000;
        break;
      default:
        value = static_cast<std::int64_t>(10'000'000 + below(200'000'000)) * 100;
        break;
    }
    limit.scope = kScopes[static_cast<int>(node.scope)];
    limit.id = static_cast<std::uint32_t>(node.index);
    limit.limit = static_cast<std::uint16_t>(theirs);
    limit.value = value;
    limit.user = user;
    gateway_.command(limit);
    if (gateway_.last_outcome().reject)
      return fail("a limit is refused: " + std::string(gateway_.last_outcome().reject.text.view()));
    model_.node(node).limits[static_cast<std::size_t>(ours)] = value;
    lines_.push_back("limit " + std::string(config::limit_info(theirs).name) + " of scope " +
                     std::to_string(static_cast<int>(node.scope)) + " " + std::to_string(node.index) + " " +
                     std::to_string(value));
  } else {
    const std::vector<NodeId> nodes = model_.all_nodes();
    NodeId node = nodes[below(nodes.size())];
    // What is not active is set back, mostly.
    for (const NodeId each : nodes) {
      if (model_.node(each).condition != Condition::kActive && !one_in(4)) node = each;
    }
    Model::Node& here = model_.node(node);
    here.condition = here.condition != Condition::kActive        ? Condition::kActive
                     : one_in(2) && node.scope != Scope::kBroker ? Condition::kReduceOnly
                                                                 : Condition::kBlockNew;
    constexpr order::Scope kScopes[] = {order::Scope::kFirm, order::Scope::kClient, order::Scope::kAccount,
                                        order::Scope::kBroker, order::Scope::kInstrument};
    constexpr order::ScopeState kStates[] = {order::ScopeState::kActive, order::ScopeState::kReduceOnly,
                                             order::ScopeState::kBlockNew};
    gateway_.command(order::SetScopeState{kScopes[static_cast<int>(node.scope)], static_cast<std::uint32_t>(node.index),
                                          kStates[static_cast<int>(here.condition)], user,
                                          order::ReasonText("by chance")});
    if (gateway_.last_outcome().reject)
      return fail("a state is refused: " + std::string(gateway_.last_outcome().reject.text.view()));
    lines_.push_back("state of scope " + std::to_string(static_cast<int>(node.scope)) + " " +
                     std::to_string(node.index) + " " + std::to_string(static_cast<int>(here.condition)));
  }
}

void Flow::pause() {
  if (one_in(12)) {
    ++counts_.rolls;
    ++model_.day;
    model_.trade_date += (model_.trade_date + 4) % 7 == 5 ? 3 : 1;  // no weekends
    gateway_.command(order::RollDay{model_.trade_date});
    if (gateway_.last_outcome().reject) return fail("the day does not roll");
    lines_.push_back("the day rolls");
    // ClOrdIDs of orders that are over may come again; the flow does not try which.
    client_ids_[0].clear();
    client_ids_[1].clear();
    return;
  }
  const Duration time = Duration::milliseconds(static_cast<std::int64_t>(below(one_in(8) ? 90'000 : 3'000)));
  learn(gateway_.pass(time));
  model_.now_ms = gateway_.now().ns() / 1'000'000;
  lines_.push_back("time passes: " + std::to_string(time.ms()) + " ms");
}

// A start from a snapshot, or from the journal alone.
void Flow::restart() {
  ++counts_.restarts;
  journal_.insert(journal_.end(), gateway_.records().begin(), gateway_.records().end());
  const bool snapshot = one_in(2);
  gateway_ = snapshot ? Gateway::recovered_from(gateway_) : Gateway::folded_from(gateway_, journal_);
  lines_.push_back(snapshot ? "restart from a snapshot" : "restart from the journal");
  // What things are worth in the risk currency is known again with the configuration.
  failure_ = compare(false);
  gateway_.restart();
  // The file is read again: what nobody has told better is as of now.
  for (std::size_t c = 0; c < model_.rates.size(); ++c) {
    if (model_.rates[c] && !told_rates_[c]) model_.rates[c]->time_ms = model_.now_ms;
  }
  for (std::size_t i = 0; i < model_.quotes.size(); ++i) {
    if (!told_quotes_[i]) model_.quotes[i]->time_ms = model_.now_ms;
  }
  for (const char* client : kClients) gateway_.log_on(client, false);
  for (const char* broker : kBrokers) {
    learn(gateway_.log_on(broker, true));
    learn(gateway_.drained(broker));
  }
  learn(gateway_.pass(Duration()));
}

}  // namespace portcullis::scenarios::exact
