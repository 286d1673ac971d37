#include "gateway/snapshot.h"

#include <algorithm>
#include <array>

#include "gateway/archive.h"
#include "gateway/snapshot_entries.h"

namespace portcullis::gateway {
namespace {

// Each broker ever configured takes memory for its ring; bytes that claim more than this are not believed.
constexpr std::uint64_t kMaxBrokersEver = 4096;
// What was given back takes a few bytes in a table of chunks, so that numbers are not believed either: the indexes hold
// none from here on.
constexpr std::uint64_t kMaxNumber = ~std::uint32_t{0};

template <typename Archive, typename S>
void plain_fields(Archive& ar, S& state) {
  ar(state.epoch);
  ar(state.decisions);
  ar(state.alert_count);
  ar(state.audit_count);
  ar(state.audit_digest);
  ar(state.limits_version);
  ar(state.market_version);
  ar(state.trade_date);
  ar(state.flat_from);
  ar(state.held);
  ar(state.held_reason);
  ar(state.shadow_would_refuse);
  ar(state.shadow_would_accept);
}

template <typename Archive, typename S>
void sums_fields(Archive& ar, S& sums) {
  ar(sums.gross_open);
  ar(sums.net_open_position);
  ar(sums.settlement);
  ar(sums.traded);
  ar(sums.open_orders);
}

template <typename Archive, typename S>
void sampling_fields(Archive& ar, S& sampling) {
  sums_fields(ar, sampling.firm);
  ar(sampling.next);
  ar(sampling.round_over);
  ar(sampling.decisions);
  ar(sampling.executions);
  ar(sampling.market_version);
}

void save_sampling(Saving& ar, const Sampling& sampling) {
  sampling_fields(ar, sampling);
  for (const auto* sums : {&sampling.clients, &sampling.brokers}) {
    ar(std::uint64_t{sums->size()});
    for (const Sampling::Sums& each : *sums) sums_fields(ar, each);
  }
}

void load_sampling(Loading& ar, Sampling& sampling, const Counts& counts) {
  sampling_fields(ar, sampling);
  for (const auto& [sums, most] : {std::pair{&sampling.clients, counts.clients}, {&sampling.brokers, counts.brokers}}) {
    std::uint64_t size = 0;
    ar(size);
    if (size > most) ar.fail("has told the exposures of more scopes than there are");
    for (std::uint64_t i = 0; i < size && ar.ok(); ++i) sums_fields(ar, sums->emplace_back());
  }
}

template <typename Archive, typename S>
void fields(Archive& ar, S& session, const Counts& counts) {
  ar(session.of_broker);
  if (session.of_broker) {
    ar.some(session.broker, counts.brokers);
  } else {
    ar.some(session.client, counts.clients);
  }
  ar.kind(session.state, order::SessionState::kLoggingOut);
  ar(session.enabled);
  ar(session.numbers.sequence_epoch);
  ar(session.numbers.next_sender);
  ar(session.numbers.next_target);
  ar(session.numbers.written);
  ar(session.numbers_since);
  ar(session.down_since);
  ar(session.disconnect_done);
  ar(session.reason);
}

void save_owed(Saving& ar, const Session& session) {
  ar(std::uint64_t{session.owed.size()});
  for (const OwedReports& range : session.owed) {
    ar(range.sequence_epoch);
    ar(range.first);
    ar(range.last);
  }
}

void load_owed(Loading& ar, Session& session) {
  std::uint64_t size = 0;
  ar(size);
  for (std::uint64_t i = 0; i < size && ar.ok(); ++i) {
    OwedReports& range = session.owed.emplace_back();
    ar(range.sequence_epoch);
    ar(range.first);
    ar(range.last);
    if (range.first == 0 || range.last < range.first) ar.fail("owes reports from a number to a lower one");
  }
}

template <typename Archive, typename B>
void broker_fields(Archive& ar, B& line, const Counts& counts) {
  ar.some(line.session, counts.sessions);
  ar.kind(line.phase, BrokerPhase::kOpen);
  ar(line.evidence_seq);
  ar.list_of(line.unanswered, counts.requests);
  ar.list_of(line.held, counts.requests);
  ar(line.reconciling_since);
  ar.list_of(line.to_ask, counts.orders);
  ar.list_of(line.asked, counts.orders);
  ar(line.mass_status_asked);
  std::uint64_t due = line.cancel_queue.size();
  std::uint64_t sent = line.cancels_sent.size();
  ar.length(due, sizeof(OrderNumber) + sizeof(std::uint64_t));
  ar.length(sent, sizeof(OrderNumber) + sizeof(std::uint64_t) + sizeof(UtcTime));
  if constexpr (Archive::kLoads) {
    // No order stands in them more often than a few times; bytes that claim more are not believed.
    if (due > 64 * counts.orders || sent > 64 * counts.orders) ar.fail("holds more cancels than orders");
    if (ar.ok()) line.cancel_queue.resize(due);
    if (ar.ok()) line.cancels_sent.resize(sent);
  }
  for (auto& each : line.cancel_queue) {
    ar.some(each.order, counts.orders);
    ar.kind(each.origin, order::RequestOrigin::kDisconnect);
    ar(each.run);
  }
  for (auto& each : line.cancels_sent) {
    ar.some(each.order, counts.orders);
    ar(each.run);
    ar(each.time);
    ar(each.tries);
  }
}

template <typename Archive, typename A>
void alert_fields(Archive& ar, A& alert, const Counts& counts) {
  ar(alert.alert);
  ar(alert.time);
  ar.maybe(alert.order, counts.orders);
  ar(alert.order_epoch);
  ar.maybe(alert.session, counts.sessions);
  ar(alert.code);
  ar.kind(alert.severity, order::Severity::kCritical);
  ar(alert.acknowledged);
  ar(alert.acknowledged_at);
  ar(alert.acknowledged_by);
  ar(alert.text);
}

// A proposal is its events' own bytes, which hold nothing that leads outside of a table by itself but what is
// looked up again when it is approved.
template <typename Archive, typename P>
void proposal_fields(Archive& ar, P& proposal, const Counts& counts) {
  ar.plain(proposal.what);
  std::uint64_t limits = proposal.limits.size();
  ar(limits);
  if constexpr (Archive::kLoads) {
    if (limits > config::kLimitCount) ar.fail("holds a proposal of more limits than there are");
    if (ar.ok()) proposal.limits.resize(limits);
    if (proposal.what.kind > order::ProposalKind::kAdjustPosition) ar.fail("holds a proposal of an unknown kind");
    if (proposal.what.maker_role > order::Role::kAdmin) ar.fail("holds a proposal of an unknown role");
    if (proposal.what.scope > order::Scope::kCurrency || proposal.what.state > order::ScopeState::kKilled) {
      ar.fail("holds a proposal of an unknown scope or state");
    }
    if (proposal.what.order.has_value() && proposal.what.order.value() >= counts.orders) {
      ar.fail("refers to an entry that it does not have");
    }
  }
  for (auto& limit : proposal.limits) ar.plain(limit);
  ar(proposal.order_epoch);
  ar.kind(proposal.state, order::ProposalState::kExpired);
  ar(proposal.decided);
  ar(proposal.checker);
  ar.kind(proposal.checker_role, order::Role::kAdmin);
  ar(proposal.decision);
}

template <typename Archive, typename R>
void mass_cancel_fields(Archive& ar, R& run, const Counts& counts) {
  ar(run.run);
  ar.kind(run.scope, order::Scope::kCurrency);
  ar(run.id);
  ar.kind(run.origin, order::RequestOrigin::kDisconnect);
  ar(run.day_only);
  ar(run.drill);
  ar(run.escalated);
  ar(run.finished);
  ar(run.user);
  ar(run.reason);
  ar(run.started);
  ar(run.last_sent);
  ar(run.ended);
  ar(run.orders_below);
  ar(run.orders);
  ar(run.queued);
  ar(run.sent);
  ar(run.canceled);
  ar(run.too_late);
  std::uint64_t lines = run.drill_lines.size();
  ar(lines);
  if constexpr (Archive::kLoads) {
    if (lines > counts.brokers) ar.fail("holds a drill of more brokers than there are");
    if (ar.ok()) run.drill_lines.resize(lines);
  }
  for (auto& line : run.drill_lines) {
    ar(line.left);
    ar(line.sent);
    ar(line.at_once);
  }
}

template <typename Archive, typename T>
void temporary_limit_fields(Archive& ar, T& temporary) {
  ar.kind(temporary.scope, order::Scope::kCurrency);
  ar(temporary.id);
  ar(temporary.limit);
  ar(temporary.was_operators);
  ar(temporary.before);
  ar(temporary.meanwhile);
  ar(temporary.until);
  ar(temporary.user);
  ar(temporary.checker);
  ar(temporary.ticket);
}

template <typename Archive, typename C>
void scope_change_fields(Archive& ar, C& change) {
  ar.kind(change.scope, order::Scope::kCurrency);
  ar(change.id);
  ar(change.time);
  ar(change.user);
  ar(change.reason);
}

struct TableOfNames {
  NameTable State::*table;
  order::NameKind kind;
  std::uint64_t Counts::*count;
};
constexpr std::array<TableOfNames, 8> kNameTables = {{
    {&State::clients, order::NameKind::kClient, &Counts::clients},
    {&State::accounts, order::NameKind::kAccount, &Counts::accounts},
    {&State::brokers, order::NameKind::kBroker, &Counts::brokers},
    {&State::session_names, order::NameKind::kSession, &Counts::sessions},
    {&State::instruments, order::NameKind::kInstrument, &Counts::instruments},
    {&State::currencies, order::NameKind::kCurrency, &Counts::currencies},
    {&State::groups, order::NameKind::kGroup, &Counts::groups},
    {&State::traders, order::NameKind::kTrader, &Counts::traders},
}};

template <typename Archive, typename E>
void name_fields(Archive& ar, E& entry) {
  ar(entry.name);
  ar(entry.owner);
  ar(entry.detail);
}

void save_marks(Saving& ar, const std::vector<bool>& marks) {
  ar(std::uint64_t{marks.size()});
  for (const bool mark : marks) ar(mark);
}

void load_marks(Loading& ar, std::vector<bool>& marks) {
  std::uint64_t size = 0;
  ar(size);
  for (std::uint64_t i = 0; i < size && ar.ok(); ++i) {
    bool mark = false;
    ar(mark);
    marks.push_back(mark);
  }
}

// Few places of the ring are in use at a broker that sends little.
void save_sent(Saving& ar, const Broker& line) {
  std::uint64_t used = 0;
  for (const Broker::Sent& sent : line.sent) used += sent.request.has_value() ? 1 : 0;
  ar(used);
  for (const Broker::Sent& sent : line.sent) {
    if (!sent.request.has_value()) continue;
    ar(sent.msg_seq_num);
    ar(sent.request);
  }
}

void load_sent(Loading& ar, Broker& line, const Counts& counts) {
  std::uint64_t used = 0;
  ar(used);
  for (std::uint64_t i = 0; i < used && ar.ok(); ++i) {
    Broker::Sent sent;
    ar(sent.msg_seq_num);
    ar.some(sent.request, counts.requests);
    if (ar.ok()) line.sent[sent.msg_seq_num % Broker::kSentRing] = sent;
  }
}

void load_names(Loading& ar, State& state, const Counts& counts) {
  for (const TableOfNames& names : kNameTables) {
    NameTable& table = state.*names.table;
    for (std::uint64_t i = 0; i < counts.*names.count && ar.ok(); ++i) {
      NameTable::Entry entry;
      name_fields(ar, entry);
      order::NameAdded added{};
      added.name = entry.name;
      added.index = table.size();
      added.owner = entry.owner;
      added.kind = names.kind;
      added.detail = entry.detail;
      table.add(added);
    }
  }
}

// Risk has its own tables of the same things.
bool risk_fits(const risk::State& risk, const Counts& counts) {
  return risk.clients.size() == counts.clients && risk.accounts.size() == counts.accounts &&
         risk.brokers.size() == counts.brokers && risk.sessions.size() == counts.sessions &&
         risk.instruments.size() == counts.instruments && risk.groups.size() == counts.groups &&
         risk.traders.size() == counts.traders && risk.currency_nodes.size() == counts.currencies;
}

}  // namespace

void save(const State& state, ByteSink& out) {
  const Counts counts = Counts::of(state);
  Saving ar(out);
  ar(kStateVersion);
  ar(counts);
  plain_fields(ar, state);
  for (const TableOfNames& names : kNameTables) {
    const NameTable& table = state.*names.table;
    for (std::uint32_t i = 0; i < table.size(); ++i) name_fields(ar, table[i]);
  }
  for (const Session& session : state.sessions) {
    fields(ar, session, counts);
    save_owed(ar, session);
  }
  for (const Broker& line : state.broker_states) {
    broker_fields(ar, line, counts);
    save_sent(ar, line);
  }
  save_entries(ar, state, counts);
  ar(std::uint64_t{state.alerts.size()});
  for (const Alert& alert : state.alerts) alert_fields(ar, alert, counts);
  ar(state.proposal_count);
  ar(std::uint64_t{state.proposals.size()});
  for (const Proposal& proposal : state.proposals) proposal_fields(ar, proposal, counts);
  ar(std::uint64_t{state.temporary_limits.size()});
  for (const TemporaryLimit& temporary : state.temporary_limits) temporary_limit_fields(ar, temporary);
  ar(state.mass_cancel_count);
  ar(std::uint64_t{state.mass_cancels.size()});
  for (const MassCancel& run : state.mass_cancels) mass_cancel_fields(ar, run, counts);
  ar(std::uint64_t{state.scope_changes.size()});
  for (const State::ScopeChange& change : state.scope_changes) scope_change_fields(ar, change);
  save_marks(ar, state.operator_quotes);
  save_marks(ar, state.operator_rates);
  save_sampling(ar, state.sampling);
  state.risk.save(out);
}

Status load(ByteSource& in, State& state) {
  Loading ar(in);
  std::uint32_t version = 0;
  ar(version);
  if (!ar.ok() || version != kStateVersion) {
    return Error{"the gateway's state in the snapshot has version " + std::to_string(version) + ", expected " +
                 std::to_string(kStateVersion)};
  }
  Counts counts;
  ar(counts);
  if (std::max({counts.orders, counts.requests, counts.executions}) >= kMaxNumber) {
    ar.fail("counts more orders than there can be");
  }
  if (counts.brokers > kMaxBrokersEver) ar.fail("names more brokers than there can be");
  plain_fields(ar, state);
  load_names(ar, state, counts);
  for (std::uint64_t i = 0; i < counts.sessions && ar.ok(); ++i) {
    Session& session = state.sessions.emplace_back();
    fields(ar, session, counts);
    load_owed(ar, session);
  }
  for (std::uint64_t i = 0; i < counts.brokers && ar.ok(); ++i) {
    Broker& line = state.broker_states.emplace_back();
    broker_fields(ar, line, counts);
    load_sent(ar, line, counts);
  }
  load_entries(ar, state, counts);
  std::uint64_t size = 0;
  ar(size);
  for (std::uint64_t i = 0; i < size && ar.ok(); ++i) alert_fields(ar, state.alerts.emplace_back(), counts);
  ar(state.proposal_count);
  size = 0;
  ar(size);
  for (std::uint64_t i = 0; i < size && ar.ok(); ++i) proposal_fields(ar, state.proposals.emplace_back(), counts);
  size = 0;
  ar(size);
  for (std::uint64_t i = 0; i < size && ar.ok(); ++i) temporary_limit_fields(ar, state.temporary_limits.emplace_back());
  ar(state.mass_cancel_count);
  size = 0;
  ar(size);
  for (std::uint64_t i = 0; i < size && ar.ok(); ++i) mass_cancel_fields(ar, state.mass_cancels.emplace_back(), counts);
  size = 0;
  ar(size);
  for (std::uint64_t i = 0; i < size && ar.ok(); ++i) scope_change_fields(ar, state.scope_changes.emplace_back());
  load_marks(ar, state.operator_quotes);
  load_marks(ar, state.operator_rates);
  load_sampling(ar, state.sampling, counts);
  if (ar.ok() && state.alerts.size() > kMaxAlerts) ar.fail("holds more alerts than are kept");
  if (!ar.ok()) return Error{"the gateway's state in the snapshot " + ar.why()};
  ar.finish();
  const std::span<const std::byte> rest = in.ready(in.left());
  std::span<const std::byte> left = rest;
  if (const Status risk = state.risk.load(left); !risk) return risk;
  in.take(rest.size() - left.size());
  if (!risk_fits(state.risk.state(), counts)) {
    return Error{"the risk state in the snapshot is of other clients, accounts, brokers, sessions or instruments"};
  }
  return {};
}

}  // namespace portcullis::gateway
