// What a broker says: execution reports and refused messages; refused cancels and replaces are in
// decide_cancel_reject.cc, answers to status requests in decide_status.cc.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/decide_swaps.h"
#include "gateway/report_draft.h"
#include "order/transition.h"

namespace portcullis::gateway {
namespace {

using order::AlertCode;
using order::Booking;
using order::ExecType;
using order::ExecutionApplied;
using order::ExecutionDraft;
using order::ExecutionReport;
using order::Need;
using order::OrdStatus;
using order::ReasonText;
using order::Severity;
using order::Terms;
using order::Trade;

// Room for an order's proposals that is not cleared first: as a rule an order has one.
union Proposals {
  Proposals() {}
  std::array<risk::TermsAndValuation, kMaxProposals> all;
};

// LastQty * LastPx at 10^-11, the grid of Order::value.
Wide value_of(Quantity quantity, Price price) { return static_cast<Wide>(quantity.raw()) * price.raw(); }

Booking negated(const Booking& b) { return Booking{-b.base, -b.base_amount, -b.term, -b.traded, -b.volume}; }

Booking sum(const Booking& a, const Booking& b) {
  return Booking{a.base + b.base, a.base_amount + b.base_amount, a.term + b.term, a.traded + b.traded,
                 a.volume + b.volume};
}

// The largest OrderQty that live and pending terms allow.
Quantity allowed_quantity(std::span<const risk::TermsAndValuation> proposals) {
  Quantity largest;
  for (const risk::TermsAndValuation& proposal : proposals) largest = std::max(largest, proposal.terms.order_qty);
  return largest;
}

Quantity leaves(Quantity order_qty, Quantity cum) { return std::max(Quantity(), order_qty - cum); }

void alert_overfill(Deciding& d, OrderNumber order, Quantity excess) {
  char text[96] = "the broker has filled ";
  std::size_t size = std::char_traits<char>::length(text);
  size += excess.format(text + size);
  constexpr std::string_view kRest = " more than was ordered; all of it is booked";
  kRest.copy(text + size, kRest.size());
  d.alert(AlertCode::kOverfill, Severity::kCritical, std::string_view(text, size + kRest.size()), order);
}

// The OrderQty(38) that a broker states, in what the order is dealt in: an order by CashOrderQty(152) has it there. A
// report needs neither in FIX 4.4; what has executed and LeavesQty(151), where `by_leaves` asks for it, say as much.
std::optional<Quantity> stated_quantity(const Order& order, const ExecutionReport& report, bool by_leaves) {
  if (order.dealt == order::Dealt::kTermCash) {
    for (const order::RawField& field : report.fields) {
      if (field.tag == 152) return Quantity::parse(field.value);
    }
  }
  if (report.has_order_qty) return report.order_qty;
  if (!by_leaves || !report.leaves_qty.is_positive()) return std::nullopt;  // zero beside open terms is a slip (E.1.c)
  return Quantity::add(report.has_cum_qty ? report.cum_qty : order.cum_qty, report.leaves_qty);
}

// What a broker changes of an order's terms of its own accord, or otherwise than it was asked.
void take_terms(Terms& terms, const ExecutionReport& report, std::optional<Quantity> quantity) {
  if (quantity && quantity->is_positive()) change_quantity(terms, *quantity, report.order_qty2);
  if (report.has_price && terms.has_price && report.price.is_positive()) terms.price = report.price;
}

// A pair is not dealt at zero or below: such a price would book one currency without the other. Units may be.
bool has_dealt_price(const Order& order, const ExecutionReport& report) {
  return report.has_last_px && (order.dealt == order::Dealt::kUnits || report.last_px.is_positive());
}

// A bust (H) or a correction (G) of an execution that is booked; false when there is none to undo.
bool undo(Deciding& d, BrokerId broker, const Order& order, const ExecutionReport& report, ExecutionDraft& event,
          Wide& value, SwapBookings& swap) {
  ExecutionNumber number = d.state.find_execution(broker, report.exec_ref_id);
  // A correction of a correction may name the first execution: the latest stands for it.
  while (number.has_value() && d.state.executions[number].corrected_by.has_value()) {
    number = d.state.executions[number].corrected_by;
  }
  if (!number.has_value()) return false;
  const Execution& old = d.state.executions[number];
  if (old.order != order.number || !old.booked || old.undone) return false;
  if (report.exec_type == ExecType::kTradeCorrect &&
      (!report.last_qty.is_positive() || !has_dealt_price(order, report) ||
       !Quantity::add(order.cum_qty, report.last_qty))) {
    return false;
  }
  event.refers_to = number;
  swap.undo(d, order, number);
  event.head.cum_after = order.cum_qty - old.traded->last_qty;
  Trade& trade = event.trade.emplace();
  trade.booking = negated(old.traded->booking);
  value -= value_of(old.traded->last_qty, old.traded->last_px);
  if (report.exec_type == ExecType::kTradeCorrect) {
    trade.last_qty = report.last_qty;
    trade.last_px = report.last_px;
    event.head.cum_after += report.last_qty;
    trade.booking = sum(trade.booking, book_execution(d, order, report, event.head.execution, swap));
    value += value_of(report.last_qty, report.last_px);
  } else {
    trade.last_qty = old.traded->last_qty;
    trade.last_px = old.traded->last_px;
  }
  // What was fixed has left the positions: another word on it changes the difference that settles, and no position.
  const bool fixed = order.fixing_date() != 0 && order.fixing_date() < d.state.trade_date &&
                     old.trade_date <= order.fixing_date();
  if (fixed) {
    trade.booking = Booking();
    d.alert(AlertCode::kLateFill, Severity::kCritical,
            "a bust or correction of a forward that is fixed: what it settles is to be looked at", order.number);
    return true;
  }
  // Positions of a day that ended flat have left, too; what settles of them is between the desk and its broker.
  if (old.trade_date < d.state.flat_from) {
    trade.booking = Booking();
    swap.clear();
    d.alert(AlertCode::kLateFill, Severity::kCritical,
            "a bust or correction of a day that ended without positions: it moves none, and is to be looked at",
            order.number);
    return true;
  }
  // What was traded on another day is not in today's volume, so nothing is taken from it.
  if (old.trade_date != d.state.trade_date) {
    trade.booking.traded = Amount();
    trade.booking.volume = Quantity();
  }
  return true;
}

void decide_refused_request(Deciding& d, BrokerId broker, RequestNumber number, const ExecutionReport& report) {
  const Request& request = d.state.requests[number];
  if (!waits(request)) {
    d.alert(AlertCode::kImpossibleReport, Severity::kWarning,
            "the broker refuses a cancel or replace that it has answered already", request.order);
    return;
  }
  reject_request(d, broker, number, -1, report.text);
}

// A report under no ClOrdID of ours whose order is there.
[[gnu::noinline, gnu::cold]] void decide_unknown(Deciding& d, BrokerId broker, const ExecutionReport& report) {
  const State& state = d.state;
  if (state.is_of_given_back(report.cl_ord_id) || state.is_of_given_back(report.orig_cl_ord_id)) {
    decide_of_given_back(d, broker, report);
    return;
  }
  hold_for_lost_orders(d, broker, report.cl_ord_id, report.orig_cl_ord_id);
  if (report.exec_type == ExecType::kOrderStatus) return;  // an answer about something that is not ours
  suspend_report(d, broker, report, "the broker reports on an order that this gateway has not sent");
}

}  // namespace

void decide(Deciding& d, const ExecutionReport& report) {
  const State& state = d.state;
  const BrokerId broker = state.sessions[report.context.session.value()].broker;
  if (report.fault) {
    suspend_report(d, broker, report, report.fault.text.view());
    return;
  }
  State::Given given = state.given(report.cl_ord_id);
  if (given.order == nullptr) given = state.given(report.orig_cl_ord_id);
  if (given.order == nullptr) return decide_unknown(d, broker, report);
  const RequestNumber number = given.number;
  const Request& request = *given.request;
  const Order& order = *given.order;
  if (order.broker != broker) {
    suspend_report(d, broker, report, "the broker reports on an order that was sent to another broker");
    return;
  }
  // FIX 4.2 has one code for a price that is guaranteed and for the fill at it (D37): the fill moves CumQty.
  if (report.exec_type == ExecType::kStopped && report.has_cum_qty && report.last_qty.is_positive() &&
      report.cum_qty == order.cum_qty + report.last_qty) {
    ExecutionReport fill = report;
    fill.exec_type = ExecType::kTrade;
    decide(d, fill);
    return;
  }
  if (is_repeated(d, broker, order.number, report)) return;
  // Two persons have told the order filled while nobody knew: what the broker says of it now takes that one's place.
  if (report.exec_type == ExecType::kTrade && order.status == OrdStatus::kFilled) [[unlikely]] {
    const std::string resolution = id_of_resolution(state, order);
    const ExecutionNumber told = state.find_execution(broker, resolution);
    if (told.has_value() && !state.executions[told].undone) {
      d.alert(
          AlertCode::kLateFill, Severity::kCritical,
          "the broker reports an execution of an order that two persons have resolved: it takes the place of theirs",
          order.number);
      ExecutionReport correction = report;
      correction.exec_type = ExecType::kTradeCorrect;
      correction.exec_ref_id = resolution;
      decide(d, correction);
      return;
    }
  }
  if (!state.setup.sessions[order.session.value()].dialect) {
    d.alert(AlertCode::kUnknownOrderReport, Severity::kCritical,
            "a report on an order whose client is no longer configured; it is booked, the client is not told", order.number);
  }
  if (report.exec_type == ExecType::kOrderStatus) {
    decide_status(d, broker, order, number, report);
    return;
  }

  // Under the id of a cancel or a replace, beside the OrdStatus(39) of an order that lives, it is that request which is
  // refused: an OrderCancelReject by another name.
  if (report.exec_type == ExecType::kRejected && request.kind != RequestKind::kNew &&
      !order::is_terminal(report.ord_status)) {
    decide_refused_request(d, broker, number, report);
    return;
  }

  ExecutionDraft event = blank(d, order, number, broker, report.exec_type);
  ExecutionApplied& head = event.head;
  event.exec_id = report.exec_id;
  if (report.order_id != order.broker_order_id.view()) event.broker_order_id = report.order_id;
  event.text = report.text;
  Wide value = order.value;
  SwapBookings swap;
  Proposals memory;
  std::span<const risk::TermsAndValuation> proposals = order_proposals(state, order, memory.all);
  const bool closed = !order.is_open() && order.status != OrdStatus::kFilled;
  const auto need = [&](std::span<const risk::TermsAndValuation> held, Quantity cum) {
    return state.risk.need_of(order.instrument, order.side, order.dealt, held, cum);
  };
  const auto refuse = [&](std::string_view why) {
    d.alert(AlertCode::kImpossibleReport, Severity::kCritical, why, order.number);
    head.flags &= ~ExecutionApplied::kApplied;
    if (event.trade) event.trade->set_value(value);
    write(d, order, event);
  };

  switch (report.exec_type) {
    case ExecType::kTrade: {
      if (!report.last_qty.is_positive() || !has_dealt_price(order, report)) {
        refuse("a fill without a positive LastQty(32) and a LastPx(31) that can be dealt at");
        return;
      }
      if (!Quantity::add(order.cum_qty, report.last_qty)) {
        refuse("a fill whose CumQty(14) no quantity of this gateway can hold");
        return;
      }
      Trade& trade = event.trade.emplace();
      trade.last_qty = report.last_qty;
      trade.last_px = report.last_px;
      if (order.fixing_date() != 0 && order.fixing_date() < state.trade_date) {
        d.alert(AlertCode::kLateFill, Severity::kCritical,
                "an execution of a forward whose fixing has passed: its position stays until two persons adjust it",
                order.number);
      }
      head.cum_after = order.cum_qty + report.last_qty;
      trade.booking = book_execution(d, order, report, head.execution, swap);
      value += value_of(report.last_qty, report.last_px);
      head.leaves_after = closed ? Quantity() : leaves(order.order_qty, head.cum_after);
      event.reserved_after = closed ? Need{} : need(proposals, head.cum_after);
      if (closed) head.flags |= ExecutionApplied::kLate;
      if (closed) {
        d.alert(AlertCode::kLateFill, Severity::kCritical, "a fill of an order that is over; it is booked", order.number);
      } else if (const Quantity allowed = allowed_quantity(proposals); head.cum_after > allowed) {
        alert_overfill(d, order.number, head.cum_after - allowed);
      }
      break;
    }

    case ExecType::kTradeCancel:
    case ExecType::kTradeCorrect:
      if (!undo(d, broker, order, report, event, value, swap)) {
        refuse("a bust or correction of an execution that is not booked (ExecRefID(19)), or to one that cannot be");
        return;
      }
      head.leaves_after = closed ? Quantity() : leaves(order.order_qty, head.cum_after);
      event.reserved_after = closed ? Need{} : need(proposals, head.cum_after);
      if (closed) head.flags |= ExecutionApplied::kLate;
      break;

    case ExecType::kReplaced: {
      const bool asked = request.replacement != nullptr;
      if (request.state == RequestState::kAccepted && request.kind == RequestKind::kReplace && number != order.live) {
        refuse("the broker accepts a replace again that another one has taken the place of");
        return;
      }
      Terms& terms = event.terms_after.emplace(asked ? request.replacement->terms : order.terms());
      take_terms(terms, report, stated_quantity(order, report, !asked));
      if (asked && terms.order_qty != request.replacement->terms.order_qty && !report.cum_qty.is_positive()) {
        d.alert(AlertCode::kQuantityMismatch, Severity::kWarning, "the broker replaced with another OrderQty(38) than asked", order.number);
      }
      if (asked) head.flags |= ExecutionApplied::kClosesRequest;
      ProposalChange change;
      change.terms = terms;
      change.accepted = asked ? number : order.live;
      proposals = order_proposals(state, order, memory.all, change);
      head.leaves_after = leaves(terms.order_qty, order.cum_qty);
      event.reserved_after = need(proposals, order.cum_qty);
      break;
    }

    case ExecType::kRestated: {
      Terms& terms = event.terms_after.emplace(order.terms());
      take_terms(terms, report, stated_quantity(order, report, true));
      if (!closed) {
        head.leaves_after = leaves(terms.order_qty, order.cum_qty);
        memory.all[0].terms = terms;
        event.reserved_after = need(proposals, order.cum_qty);
        if (terms.order_qty > order.order_qty) {
          d.alert(AlertCode::kQuantityMismatch, Severity::kWarning, "the broker restated the order to a larger OrderQty(38)", order.number);
        } else if (event.reserved_after.term > order.reserved.term || event.reserved_after.base > order.reserved.base ||
                   event.reserved_after.notional > order.reserved.notional) {
          d.alert(AlertCode::kQuantityMismatch, Severity::kWarning,
                  "the broker restated the order to a worse Price(44)", order.number);
        }
      }
      break;
    }

    case ExecType::kCanceled:
      if (request.kind == RequestKind::kCancel) head.flags |= ExecutionApplied::kClosesRequest;
      close(event);
      break;
    case ExecType::kExpired:
    case ExecType::kRejected:
    case ExecType::kCalculated:
      close(event);
      break;
    case ExecType::kDoneForDay:
      if (!outlives_day(order)) close(event);
      break;

    case ExecType::kNew:
      // Nothing is open of a day order that was done for the day (A.1.b); what is late, or out of order, opens nothing.
      if (order.status == OrdStatus::kDoneForDay && !order.is_open()) {
        refuse("the broker acknowledges a day order that was done for the day");
        return;
      }
      // Live again after a halt or on the next day: what it can still do is reserved again.
      head.leaves_after = leaves(order.order_qty, order.cum_qty);
      event.reserved_after = order.is_open() ? need(proposals, order.cum_qty) : order.reserved;
      break;

    case ExecType::kStopped:
      if (!report.last_qty.is_zero() || !report.last_px.is_zero()) {
        Trade& guaranteed = event.trade.emplace();  // and not executed
        guaranteed.last_qty = report.last_qty;
        guaranteed.last_px = report.last_px;
      }
      break;

    case ExecType::kPendingNew:
    case ExecType::kPendingCancel:
    case ExecType::kPendingReplace:
    case ExecType::kSuspended:
    case ExecType::kTriggered:
    case ExecType::kOrderStatus:
      break;
  }

  const order::Move move = order::transition(met_by(order, report.exec_type), report.exec_type, head.cum_after, head.leaves_after);
  if (move.transition == order::Transition::kImpossible) {
    refuse("the broker's report does not fit the order's state");
    return;
  }
  head.status_after = move.after;
  // A correction can fill an order that was done for one day only: then it is filled, and a bust opens it again.
  if (report.exec_type == ExecType::kTradeCorrect && move.after == OrdStatus::kDoneForDay && order.is_open() &&
      head.leaves_after.is_zero()) {
    head.status_after = OrdStatus::kFilled;
  }
  if (move.transition == order::Transition::kKeep && report.exec_type == ExecType::kNew) {
    head.leaves_after = order.leaves_qty;
    event.reserved_after = order.reserved;
  }
  if (event.trade) event.trade->set_value(value);
  write(d, order, event);
  if (order.is_swap()) {
    swap.write(d);
    write_swap_reserved_after(d, order, event.reserved_after, proposals, head.cum_after);
  }
  // Our sum is of the executions that we have booked; a broker that counts otherwise is looked at by a person.
  const bool quantities_told = report.has_cum_qty && report.exec_type != ExecType::kRejected;
  if (quantities_told && report.cum_qty != head.cum_after) {
    d.alert(AlertCode::kQuantityMismatch, Severity::kCritical,
            "the broker's CumQty(14) differs from the sum of the executions that it has reported", order.number);
  } else if (is_over_there(report) && !order::is_over(head.status_after, head.leaves_after)) {
    d.alert(AlertCode::kQuantityMismatch, Severity::kCritical,
            "by its OrdStatus(39) the order is over at the broker, by what it has reported some of it is open",
            order.number);
  } else {
    return;
  }
  // Only a word on executions: an answer to the question must not ask it anew.
  if (event.trade && report.exec_type != ExecType::kStopped) ask_again(d, broker, order.number);
}

void decide(Deciding& d, const order::MessageReject& reject) {
  const State& state = d.state;
  const SessionId session = reject.context.session;
  const BrokerId broker = state.sessions[session.value()].broker;
  // By the number that it refers to; by the ClOrdID where a j names that only.
  RequestNumber number;
  if (reject.ref_seq_num != 0) {
    const Broker::Sent& sent = state.broker_states[broker.value()].sent[reject.ref_seq_num % Broker::kSentRing];
    if (sent.msg_seq_num == reject.ref_seq_num) number = sent.request;
  }
  if (!number.has_value()) number = state.find_given(reject.ref_id);
  // What is in the ring of messages sent may be of an order that was given back.
  if (!number.has_value() || !state.requests.contains(number) || !waits(state.requests[number]) ||
      state.orders[state.requests[number].order].broker != broker) {
    d.alert(AlertCode::kUnmatchedReject, Severity::kWarning,
            reject.text.empty() ? std::string_view("the broker rejects a message of ours that asks for nothing") : reject.text,
            OrderNumber::none(), session);
    return;
  }
  const Request& request = state.requests[number];
  const Order& order = state.orders[request.order];
  if (request.kind == RequestKind::kNew) {
    ExecutionDraft event = blank(d, order, number, broker, ExecType::kRejected);
    event.text = reject.text;
    event.head.status_after = OrdStatus::kRejected;
    close(event);
    write(d, order, event);
    return;
  }
  reject_request(d, broker, number, -1, reject.text);
}

}  // namespace portcullis::gateway
