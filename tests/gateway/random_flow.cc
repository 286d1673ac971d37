#include "tests/gateway/random_flow.h"

#include <algorithm>

#include "gateway/ids.h"

namespace portcullis::gateway::testing {
namespace {

constexpr const char* kClients[] = {"alpha", "beta"};
constexpr const char* kBrokers[] = {"northbank", "southbank"};
constexpr const char* kSymbols[] = {"EUR/USD", "GBP/USD", "USD/JPY", "NONE"};
constexpr const char* kPrices[] = {"1.1", "1.25", "150", "1"};
constexpr const char* kTime = "60=20261123-12:00:00|";

bool is_up(const Gateway& gateway, SessionId session) {
  return gateway.state().sessions[session.value()].state == order::SessionState::kLoggedOn;
}

std::string amount(std::uint64_t thousands) {
  return std::to_string(thousands) + "000";
}

}  // namespace

RandomFlow::Step RandomFlow::next(const Gateway& gateway) {
  for (const Broker& line : gateway.state().broker_states) {
    if (line.phase < BrokerPhase::kReconciling && one_in(4)) return line_step(gateway);
  }
  const std::uint64_t dice = below(100);
  if (dice < 40) return client_step(gateway);
  if (dice < 84) return broker_step(gateway);
  if (dice < 89) return line_step(gateway);
  if (dice < 94) return operator_step(gateway);
  const Duration time = Duration::milliseconds(static_cast<std::int64_t>(below(3'000)));
  return [time](Gateway& g) { return g.pass(time); };
}

RandomFlow::Step RandomFlow::client_step(const Gateway& gateway) {
  const std::uint64_t who = below(2);
  const std::string client = kClients[who];
  if (!is_up(gateway, gateway.state().setup.clients[who].session)) {
    return [client](Gateway& g) { return g.log_on(client, false); };
  }
  const std::string handling = who == 1 ? "21=1|" : "";
  const std::uint64_t symbol = one_in(30) ? 3 : below(3);
  std::string body;
  const std::uint64_t dice = below(10);
  if (dice < 5) {
    const bool market = one_in(6);
    body = "35=D|11=" + cl_ord_id() + "|" + handling + "55=" + kSymbols[symbol] + "|54=" + (one_in(2) ? "1" : "2") +
           "|38=" + amount(1 + below(one_in(20) ? 20'000 : 500)) +
           "|40=" + (market ? "1|" : "2|44=" + std::string(kPrices[symbol]) + "|") + (one_in(4) ? "59=1|" : "") + kTime;
  } else {
    // Of an order that there is, mostly, and under an id that may be taken.
    std::string original = cl_ord_id();
    std::string_view of = kSymbols[symbol];
    char side = '1';
    if (const State& state = gateway.state(); state.orders.size() > 0 && !one_in(8)) {
      const OrderNumber number(state.orders.size() - 1 - below(std::min<std::uint64_t>(state.orders.size(), 30)));
      if (!state.orders.contains(number)) return operator_step(gateway);
      const Order& order = state.orders[number];
      original = state.requests[order.original].cl_ord_id.view();
      if (order.instrument.has_value()) of = state.instruments[order.instrument.value()].name.view();
      side = static_cast<char>(order.side);
    }
    const std::string rest = "|55=" + std::string(of) + "|54=" + side + "|";
    if (dice < 7) {
      body = "35=F|11=" + cl_ord_id() + "|41=" + original + rest + "38=1000|" + kTime;
    } else if (dice < 9) {
      body = "35=G|11=" + cl_ord_id() + "|41=" + original + "|" + handling + rest.substr(1) +
             "38=" + amount(1 + below(3'000)) + "|40=2|44=" + kPrices[symbol] + "|" + kTime;
    } else {
      body = "35=H|11=" + original + rest;
    }
  }
  return [client, body](Gateway& g) { return g.from_client(client, body); };
}

RandomFlow::Step RandomFlow::broker_step(const Gateway& gateway) {
  const State& state = gateway.state();
  if (state.requests.size() == 0) return client_step(gateway);
  RequestNumber number(state.requests.size() - 1 - below(std::min<std::uint64_t>(state.requests.size(), 40)));
  if (!state.requests.contains(number) || !state.orders.contains(state.requests[number].order))
    return client_step(gateway);
  const Request& request = state.requests[number];
  const Order& order = state.orders[request.order];
  if (!request.routed || !order.broker.has_value()) return client_step(gateway);
  // Of an order that was over before the day before, which may have been given back, no broker says anything.
  if (!order.is_open() && order.last_day + 1 < state.giving_back.today) return client_step(gateway);
  const std::uint64_t who = order.broker.value();
  const std::string broker = kBrokers[who];
  if (!is_up(gateway, state.broker_states[who].session)) return line_step(gateway);
  const bool old = who == 1;  // FIX.4.2
  const std::string id(IdBuffer::cl_ord_id("LDN1", request.epoch, number).view());
  const std::string exec = exec_ids_ + std::to_string(one_in(15) ? below(50) : below(1'000'000));
  const std::string original(IdBuffer::cl_ord_id("LDN1", request.epoch, order.original).view());
  std::string body;
  if (one_in(12)) {
    body = "35=9|37=N|11=" + id + "|41=" + original +
           "|39=0|434=" + (request.kind == RequestKind::kReplace ? "2" : "1") + "|58=no|";
  } else if (one_in(25)) {
    body = "35=j|45=" + std::to_string(request.msg_seq_num) + "|372=D|380=0|58=not today|";
  } else {
    std::uint64_t cum = static_cast<std::uint64_t>(order.cum_qty.raw()) / 1'000'000;
    std::uint64_t leaves = static_cast<std::uint64_t>(order.leaves_qty.raw()) / 1'000'000;
    std::string kind, status, last;
    const std::uint64_t dice = below(20);
    if (request.kind == RequestKind::kCancel && dice < 12) {
      kind = dice < 4 ? "6" : "4", status = kind;
      if (kind == "4") leaves = 0;
    } else if (request.kind == RequestKind::kReplace && dice < 12) {
      kind = dice < 4 ? "E" : "5", status = dice < 4 ? "E" : (old ? "5" : "0");
    } else if (dice < 5) {
      kind = "0", status = "0";
    } else if (dice < 15 && leaves > 0) {
      const std::uint64_t traded = one_in(3) ? leaves : 1 + below(leaves);
      cum += traded, leaves -= traded;
      status = leaves == 0 ? "2" : "1";
      kind = old ? status : "F";
      last = "32=" + amount(traded) + "|31=" + kPrices[order.instrument.value() % 3] + "|";
    } else if (dice < 16) {
      kind = "8", status = "8", leaves = 0;
    } else if (dice < 18) {
      kind = old ? "0" : "I", status = "0";
    } else {
      kind = "C", status = "C", leaves = 0;
    }
    body = "35=8|37=N" + std::to_string(order.number.value()) + "|11=" + id + "|17=" + exec + "|" +
           (old ? "20=0|" : "") + "150=" + kind + "|39=" + status +
           "|55=" + std::string(state.instruments[order.instrument.value()].name.view()) +
           "|54=" + static_cast<char>(order.side) + "|38=" + amount(cum + leaves) +
           "|44=" + kPrices[order.instrument.value() % 3] + "|" + last + "14=" + amount(cum) +
           "|151=" + amount(leaves) + "|6=1|";
  }
  return [broker, body](Gateway& g) { return g.from_broker(broker, body); };
}

RandomFlow::Step RandomFlow::line_step(const Gateway& gateway) {
  const std::uint64_t who = below(2);
  const std::string broker = kBrokers[who];
  const Broker& line = gateway.state().broker_states[who];
  if (!is_up(gateway, line.session)) return [broker](Gateway& g) { return g.log_on(broker, true); };
  if (line.phase == BrokerPhase::kDraining) return [broker](Gateway& g) { return g.drained(broker); };
  if (one_in(4)) return [broker](Gateway& g) { return g.disconnect(broker, true); };
  const std::string client = kClients[who];
  if (one_in(4)) return [client](Gateway& g) { return g.disconnect(client, false); };
  return client_step(gateway);
}

RandomFlow::Step RandomFlow::operator_step(const Gateway& gateway) {
  const State& state = gateway.state();
  const order::UserText user("risk.desk");
  OperatorCommand command;
  switch (below(10)) {
    case 0:
      command = order::SetScopeState{order::Scope::kClient, static_cast<std::uint32_t>(below(2)),
                                     one_in(3) ? order::ScopeState::kCancel : order::ScopeState::kActive, user,
                                     order::ReasonText("by chance")};
      break;
    case 1:
      if (state.orders.size() == 0) return client_step(gateway);
      command = order::OperatorCancel{OrderNumber(below(state.orders.size())), user, order::ReasonText("by chance")};
      break;
    case 2:
      command = order::SetQuote{order::InstrumentId(0), *Price::parse("1.0998"), *Price::parse("1.1002"), user};
      break;
    case 3:
      command = order::SetRate{state.risk.state().instruments[1].base, *Rate::parse("1.26"), user};
      break;
    case 4: {
      order::SetLimit limit;
      limit.scope = order::Scope::kAccount;
      limit.id = static_cast<std::uint32_t>(below(state.accounts.size()));
      limit.value = static_cast<std::int64_t>(1'000 + below(2'000)) * 1'000'000;
      limit.user = user;
      command = limit;
      break;
    }
    case 5:
      command = order::AcknowledgeAlert{below(state.alert_count + 1), user};
      break;
    case 8: {
      order::RequestChange change;
      change.change.kind = one_in(2) ? order::ProposalKind::kLimits : order::ProposalKind::kScopeState;
      change.change.scope = order::Scope::kClient;
      change.change.id = static_cast<std::uint32_t>(below(2));
      change.change.state = one_in(3) ? order::ScopeState::kBlockNew : order::ScopeState::kActive;
      change.change.maker = user;
      change.change.maker_role = order::Role::kRisk;
      change.change.expected_version = state.risk.state().clients[change.change.id].limits_version;
      if (one_in(2)) change.change.until = gateway.now() + Duration::seconds(static_cast<std::int64_t>(1 + below(60)));
      order::LimitProposed limit{};
      limit.limit = static_cast<std::uint16_t>(config::Limit::kMaxOrderQuantity);
      limit.value = static_cast<std::int64_t>(1'000'000 + below(20'000'000)) * 1'000'000;
      change.limits.push_back(limit);
      command = change;
      break;
    }
    case 9:
      command = order::DecideProposal{state.proposal_count - 1 - below(3), !one_in(5), order::UserText("risk.other"),
                                      order::Role::kRisk, order::ReasonText("by chance")};
      break;
    case 6:
      command = order::EnableSession{state.setup.clients[below(2)].session, !one_in(3), user};
      break;
    default:
      if (!one_in(4)) return client_step(gateway);
      command = order::RollDay{state.trade_date + 1};
      break;
  }
  return [command](Gateway& g) { return g.command(command); };
}

}  // namespace portcullis::gateway::testing
