#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/same_text.h"
#include "base/sha256.h"
#include "base/time.h"
#include "config/config.h"
#include "fix/dialect.h"
#include "gateway/entries.h"
#include "gateway/giving_back.h"
#include "gateway/input.h"
#include "gateway/names.h"
#include "gateway/numbered_store.h"
#include "gateway/open_orders.h"
#include "gateway/sampling.h"
#include "gateway/store.h"
#include "gateway/swaps.h"
#include "order/events.h"
#include "order/terms.h"
#include "order/transition.h"
#include "order/types.h"
#include "risk/engine.h"
#include "routing/router.h"

// Everything the gateway knows. Changed by apply (gateway/apply.h) alone, from events; what comes from
// the configuration of this start (Setup) is read by decisions only, never by apply.

namespace portcullis::gateway {

struct Session {
  bool of_broker = false;
  ClientId client;
  BrokerId broker;
  order::SessionState state = order::SessionState::kDisconnected;
  bool enabled = true;
  SessionNumbers numbers;
  UtcTime down_since;
  bool disconnect_done = true;  // nothing is to be cancelled for its being away, or that has begun
  UtcTime numbers_since;  // when both began anew; a schedule's reset is due when it is later
  order::ReasonText reason{"not connected since the start"};
  // A client: messages of ended sequence epochs that no connection has carried, oldest first. The reports among
  // them are issued again once it is logged on.
  std::deque<OwedReports> owed;
};

// What a session may owe, over all ended epochs; beyond it the oldest are given up with an alert.
inline constexpr std::uint64_t kMaxOwedReports = 20'000;

using order::BrokerPhase;

struct Broker {
  SessionId session;
  BrokerPhase phase = BrokerPhase::kDown;
  // The highest number of ours for which there is evidence that the broker processed it (rule R).
  std::uint64_t evidence_seq = 0;
  // Requests in the order they were sent, by MsgSeqNum: answers to RefSeqNum(45), and what waits for
  // its first answer. Holds the newest kSentRing.
  struct Sent {
    std::uint64_t msg_seq_num = 0;
    RequestNumber request;
  };
  static constexpr std::size_t kSentRing = 1 << 14;
  std::vector<Sent> sent = std::vector<Sent>(kSentRing);
  std::deque<RequestNumber> unanswered;  // oldest first; answered ones are dropped when they reach the front
  std::deque<RequestNumber> held;         // cancels that wait for the line, in the order they came
  UtcTime reconciling_since;
  std::deque<OrderNumber> to_ask;         // reconciliation: orders whose state is still to be asked for
  std::set<OrderNumber> asked;            // and those asked for, without an answer yet
  bool mass_status_asked = false;
  // Of mass cancels, oldest first: what is still to be sent, ahead of all other traffic; and what was sent, to
  // be sent once more when there is no answer.
  struct CancelDue {
    OrderNumber order;
    order::RequestOrigin origin = order::RequestOrigin::kScopeState;
    std::uint64_t run = 0;
  };
  struct CancelSent {
    OrderNumber order;
    std::uint64_t run = 0;
    UtcTime time;
    std::uint8_t tries = 1;
  };
  std::deque<CancelDue> cancel_queue;
  std::deque<CancelSent> cancels_sent;
};

// A condition that a person must look at.
struct Alert {
  std::uint64_t alert = 0;
  UtcTime time;
  OrderNumber order;
  std::uint64_t order_epoch = 0;  // of its OrderID(37): the order may be given back before the alert is
  SessionId session;
  order::AlertCode code = order::AlertCode::kSessionProtocol;
  order::Severity severity = order::Severity::kInfo;
  bool acknowledged = false;
  UtcTime acknowledged_at;
  order::UserText acknowledged_by;
  order::ReasonText text;
};

// Every order of a scope is cancelled, or a drill finds out how long that would take (gateway/mass_cancel.h).
struct MassCancel {
  std::uint64_t run = 0;
  order::Scope scope = order::Scope::kFirm;
  std::uint32_t id = 0;
  order::RequestOrigin origin = order::RequestOrigin::kScopeState;
  bool day_only = false;
  bool drill = false;
  bool escalated = false;
  bool finished = false;
  order::UserText user;  // empty: a disconnect
  order::ReasonText reason;
  UtcTime started;
  UtcTime last_sent;
  UtcTime ended;
  std::uint64_t orders_below = 0;  // its orders have numbers below this
  std::uint32_t orders = 0;        // that were open when it began
  std::uint32_t queued = 0;        // their cancels wait for the broker's pace
  std::uint32_t sent = 0;          // orders whose cancel has gone out
  std::uint32_t canceled = 0;
  std::uint32_t too_late = 0;      // filled, or over otherwise
  struct DrillLine {
    std::uint32_t left = 0;
    std::uint32_t sent = 0;
    std::uint32_t at_once = 0;  // what the broker would have taken in the first moment
  };
  std::vector<DrillLine> drill_lines;  // by broker, of a drill

  std::uint32_t outstanding() const { return drill ? orders - sent : orders - canceled - too_late; }
};
inline constexpr std::size_t kMaxMassCancels = 64;
// How often a mass cancel sends an order's cancel in all.
inline constexpr std::uint8_t kMaxCancelTries = 3;

// A change that waits, or waited, for a second person.
struct Proposal {
  order::Proposed what{};
  std::vector<order::LimitProposed> limits;  // of kLimits
  std::uint64_t order_epoch = 0;             // of what.order
  order::ProposalState state = order::ProposalState::kWaiting;
  UtcTime decided;
  order::UserText checker;
  order::Role checker_role = order::Role::kViewer;
  order::ReasonText decision;
};

// A limit that goes back to what it was.
struct TemporaryLimit {
  order::Scope scope = order::Scope::kFirm;
  std::uint32_t id = 0;
  std::uint16_t limit = 0;
  bool was_operators = false;  // an operator had set it to `before`; else it is as configured, or inherited
  std::int64_t before = 0;     // raw
  std::int64_t meanwhile = 0;  // what it was set to until then
  UtcTime until;
  order::UserText user;
  order::UserText checker;
  order::IdText ticket;
};

// What this start was configured with, by index. Decisions read it; applying events does not.
struct ClientSetup {
  SessionId session;
  std::vector<order::AccountId> accounts;  // the first is the default
  std::optional<std::string> exec_inst;    // A3: the values that its orders may state; none: any
  std::optional<std::string> order_capacity;
  bool pending_new = false;
  config::CancelOnDisconnect cancel_on_disconnect = config::CancelOnDisconnect::kNone;
  Duration disconnect_grace;
  Duration max_order_age;
  config::ClientThrottle throttle;
  config::SelfCross self_cross = config::SelfCross::kOff;
  bool configured = false;
};
struct BrokerSetup {
  SessionId session;
  Duration ack_timeout = Duration::seconds(5);
  config::Reconcile reconcile = config::Reconcile::kNone;
  bool status_is_authoritative = false;
  bool mass_cancel = false;
  bool configured = false;
  std::uint32_t messages_per_second = 0;
  bool slow_line = false;  // its oldest unsent byte has waited too long: no new orders
};
struct SessionSetup {
  std::optional<fix::Dialect> dialect;  // none: no longer in the configuration
  config::SideBasis side_basis = config::SideBasis::kDealt;
  config::SwapSideLeg swap_side_leg = config::SwapSideLeg::kNear;
};
struct Setup {
  std::string gateway_id;
  std::map<config::FixVersion, fix::Dictionary> dictionaries;  // of the versions in use; the dialects refer to them
  fix::RenderPlans plans;                                      // and to these
  std::vector<ClientSetup> clients;
  std::vector<BrokerSetup> brokers;
  std::vector<SessionSetup> sessions;
  routing::Router router;
  config::EmergencySection emergency;
  config::RollPositions roll_positions = config::RollPositions::kCarry;
  std::vector<config::Limit> mandatory_limits;
  std::uint16_t keep_orders_days = 5;
  bool low_space = false;        // the journal's disk is nearly full: new orders are refused
};

inline constexpr std::size_t kMaxAlerts = 10'000;  // the newest; all of them are in the blotter

inline constexpr std::size_t kMaxWaitingProposals = 256;
inline constexpr std::size_t kMaxKeptProposals = 1'024;  // the newest; all of them are in the blotter

struct State {
  std::uint64_t epoch = 0;
  std::uint64_t decisions = 0;
  std::uint64_t alert_count = 0;
  std::uint64_t limits_version = 0;
  std::uint64_t market_version = 0;
  std::int32_t trade_date = 0;
  std::int32_t flat_from = 0;  // the last trade date that began without positions; zero: none has
  bool held = false;
  order::ReasonText held_reason;

  NameTable clients;
  NameTable accounts;      // owner: client
  NameTable brokers;
  NameTable session_names; // owner: client or broker, detail: 1 of a broker
  NameTable instruments;   // owner: pair_of(base, term)
  NameTable currencies;
  NameTable groups;
  NameTable traders;       // owner: client; "CLIENT/TRADER"

  std::vector<Session> sessions;
  std::vector<Broker> broker_states;

  NumberedStore<Order, OrderNumber> orders;
  OpenOrders open_orders;  // those of `orders` that are open: a view, no part of a snapshot
  NumberedStore<Request, RequestNumber> requests;
  NumberedStore<Execution, ExecutionNumber> executions;
  Beside beside;            // what few of these three have
  GivingBack giving_back;   // of these three
  std::vector<Swap> swaps;  // what orders that are swaps have beside the others
  HashIndex cl_ord_ids;  // (session, ClOrdID) -> request of this trading day, or of an open order
  std::uint32_t id_day = 1;  // counts how often cl_ord_ids has begun anew; no part of a snapshot
  HashIndex exec_ids;    // (broker, ExecID) -> execution

  std::deque<Alert> alerts;
  std::deque<Proposal> proposals;  // oldest first
  std::uint64_t proposal_count = 0;
  std::vector<TemporaryLimit> temporary_limits;
  std::uint64_t audit_count = 0;
  Sha256 audit_digest{};  // of the newest line; zero before the first
  std::vector<MassCancel> mass_cancels;  // oldest first: those under way, and the newest that are over
  std::uint64_t mass_cancel_count = 0;   // the newest one's number; they count from 1

  Sampling sampling;
  // How often the shadow limits would have decided otherwise (risk.shadow).
  std::uint64_t shadow_would_refuse = 0;
  std::uint64_t shadow_would_accept = 0;

  // The last change of each scope's state, for the people who ask why.
  struct ScopeChange {
    order::Scope scope = order::Scope::kFirm;
    std::uint32_t id = 0;
    UtcTime time;
    order::UserText user;
    order::ReasonText reason;
  };
  std::vector<ScopeChange> scope_changes;

  // What an operator has set; the configuration's values no longer replace it at a start.
  std::vector<bool> operator_quotes;  // by instrument
  std::vector<bool> operator_rates;   // by currency

  risk::Engine risk;
  Setup setup;

  // The request of this session under this ClOrdID, or none.
  RequestNumber find_request(SessionId session, std::string_view cl_ord_id) const;
  // The report of this broker under this ExecID, or none.
  ExecutionNumber find_execution(BrokerId broker, std::string_view exec_id) const;
  // Whether an entry stands under this text.
  bool is_of(RequestNumber number, SessionId session, std::string_view cl_ord_id) const {
    const Request& request = requests[number];
    return request.session == session && same_text(request.cl_ord_id.view(), cl_ord_id);
  }
  bool is_of(ExecutionNumber number, BrokerId broker, std::string_view exec_id) const {
    const Execution& execution = executions[number];
    return execution.broker == broker && same_text(execution.exec_id.view(), exec_id);
  }
  // cl_ord_ids leads to it, not to an earlier one of the same ClOrdID.
  bool is_indexed(const Request& request) const { return request.indexed_in == id_day; }
  // The order of our OrderID(37), or none.
  OrderNumber find_order(std::string_view order_id) const;
  // The request behind a ClOrdID that we gave to a broker, or none; with its entry and its order's.
  struct Given {
    RequestNumber number;
    const Request* request = nullptr;
    const Order* order = nullptr;
  };
  Given given(std::string_view cl_ord_id) const;
  RequestNumber find_given(std::string_view cl_ord_id) const { return given(cl_ord_id).number; }
  // We gave this ClOrdID to a broker, for a request of an order that has been given back since.
  bool is_of_given_back(std::string_view cl_ord_id) const;
  // It has the form of an id that this gateway gives, of this or another epoch, and yet no request was sent under it:
  // the journal knows less than what was sent (a backup was restored, records were lost).
  bool given_and_forgotten(std::string_view cl_ord_id) const;

  // Null when there is none, or it is no longer kept.
  const Proposal* find_proposal(std::uint64_t number) const;
  const Request& live_request(const Order& order) const { return requests[order.live]; }
  // What the terms of the order's request were reserved with: of the live one, or of a replace.
  order::Valuation valuation_of(const Order& order, RequestNumber request) const;
  // A cancel of the order is on its way, or waits for the broker.
  bool cancel_waits(const Order& order) const;
};

// Live terms and pending replaces of one order; one more replace is refused.
inline constexpr std::size_t kMaxProposals = 16;

// A request that is at the broker, or held for it, without a final answer.
bool waits(const Request& request);

// The live terms of an order, then those of its replaces that have no answer yet, oldest first. With
// `accepted`, as if that replace had just been accepted with `terms`: it becomes the first, and older
// ones are gone; `without` leaves one replace out. Fills `memory`; the result is a part of it.
struct ProposalChange {
  RequestNumber accepted;
  order::Terms terms;
  RequestNumber without;
};
std::span<const risk::TermsAndValuation> order_proposals(const State& state, const Order& order,
                                                         std::span<risk::TermsAndValuation> memory,
                                                         const ProposalChange& change);
// As they are. Of an order without an open request that is its live terms.
inline std::span<const risk::TermsAndValuation> order_proposals(const State& state, const Order& order,
                                                                std::span<risk::TermsAndValuation> memory) {
  if (order.open_requests > 0) [[unlikely]]
    return order_proposals(state, order, memory, ProposalChange());
  memory.front() = risk::TermsAndValuation{order.terms(), order.valuation};
  return memory.first(1);
}

}  // namespace portcullis::gateway
