// Reports that book nothing on an order of ours: said before, or about an order that is not known, or no longer.

#include "gateway/decide.h"
#include "gateway/sides.h"

namespace portcullis::gateway {

bool is_repeated(Deciding& d, BrokerId broker, OrderNumber order, const order::ExecutionReport& report) {
  if (report.exec_id.empty() || report.exec_id == "0" || report.exec_type == order::ExecType::kOrderStatus)
    return false;
  const ExecutionNumber known = d.state.find_execution(broker, report.exec_id);
  if (!known.has_value()) return false;
  const Execution& first = d.state.executions[known];
  // FIX asks for ids that are unique within a trading day, or the life of an order that is open for more than one: on
  // another day another order may have it anew.
  const bool another_day = first.order.has_value() && first.trade_date != d.state.trade_date;
  if (another_day && order.has_value() && first.order != order) return false;
  // Of an order that was given back some executions may go later than it.
  const bool same_order = first.order == order || (!order.has_value() && !d.state.orders.contains(first.order));
  const bool same = same_order && first.exec_type == report.exec_type && first.last_qty() == report.last_qty &&
                    first.last_px() == report.last_px;
  const SessionId session = d.state.broker_states[broker.value()].session;
  if (same) {
    if (!report.context.poss_dup && !report.context.poss_resend) {
      d.alert(order::AlertCode::kDuplicateExecId, order::Severity::kWarning,
              "the broker repeated an ExecID(17); it is booked once", order, session);
    }
  } else {
    d.alert(order::AlertCode::kExecIdReused, order::Severity::kCritical,
            "the broker used an ExecID(17) again with other content; the second report is not booked", order, session);
  }
  return true;
}

void decide_of_given_back(Deciding& d, BrokerId broker, const order::ExecutionReport& report) {
  // The order was over; that the broker says so once more, asked or not, books nothing.
  if (report.exec_type == order::ExecType::kOrderStatus) return;
  if (is_repeated(d, broker, OrderNumber::none(), report)) return;
  suspend_report(
      d, broker, report,
      "a report on an order that was over and given back: look up the order and this ExecID in the blotter, it may "
      "be booked there");
}

void suspend_report(Deciding& d, BrokerId broker, const order::ExecutionReport& report, std::string_view why) {
  const State& state = d.state;
  order::ReportSuspended event{};
  event.execution = state.executions.next();
  event.time = d.now;
  event.broker = broker;
  event.exec_type = report.exec_type;
  event.side = report.side;
  event.last_qty = report.last_qty;
  event.last_px = report.last_px;
  event.cl_ord_id = order::IdText::truncated(report.cl_ord_id);
  event.exec_id = order::IdText::truncated(report.exec_id);
  event.broker_order_id = order::IdText::truncated(report.order_id);
  event.reason = order::ReasonText::truncated(why);
  const std::uint32_t instrument = state.instruments.find(report.symbol);
  if (instrument != NameTable::kUnknown) {
    event.instrument = order::InstrumentId(instrument);
    // Nobody but the report says which amount was dealt, and Side(54) speaks as it does on the broker's session.
    const order::CurrencyId term = term_of(state.instruments[instrument].owner);
    const bool of_term = !report.currency.empty() && state.currencies.find(report.currency) == term.value();
    const order::Dealt usual = usual_dealt(state, event.instrument);
    const order::Dealt dealt = of_term && usual == order::Dealt::kBase ? order::Dealt::kTerm : usual;
    const SessionSetup& line = state.setup.sessions[state.broker_states[broker.value()].session.value()];
    const order::Side side = side_for(line, report.side, dealt, order::OrdType::kLimit);
    event.side = dealt != order::Dealt::kTerm ? side : order::buys_base(side, dealt) ? order::Side::kBuy : order::Side::kSell;
    if (report.exec_type == order::ExecType::kTrade && report.has_side && report.last_qty.is_positive()) {
      event.booking = state.risk.booking_of(event.instrument, side, dealt, report.last_qty, report.last_px);
    }
  }
  d.events.add(event);
  d.alert(order::AlertCode::kUnknownOrderReport, order::Severity::kCritical, why, OrderNumber::none(),
          state.broker_states[broker.value()].session);
}

// A report under an id of ours that the journal does not know: orders are out there that nobody here counts. New ones
// are refused until every broker has told what it has; this one drains and tells again.
void hold_for_lost_orders(Deciding& d, BrokerId broker, std::string_view cl_ord_id, std::string_view orig_cl_ord_id) {
  const State& state = d.state;
  const bool first = state.given_and_forgotten(cl_ord_id);
  if (!first && !state.given_and_forgotten(orig_cl_ord_id)) return;
  const Broker& line = state.broker_states[broker.value()];
  const order::ReasonText text = order::ReasonText::truncated(
      "the journal does not know ClOrdID " + std::string(first ? cl_ord_id : orig_cl_ord_id) +
      " of a broker's report: it may come from an old backup");
  d.alert(order::AlertCode::kHold, order::Severity::kCritical, text.view(), OrderNumber::none(), line.session);
  // Its answers at reconciliation bring such ids too: they are counted, and do not begin it anew.
  if (state.held && line.phase != BrokerPhase::kOpen) return;
  if (!state.held) {
    order::HoldChanged event{};
    event.held = 1;
    event.reason = text;
    d.events.add(event);
  }
  if (line.phase != BrokerPhase::kDown) {
    order::BrokerPhaseChanged event{};
    event.time = d.now;
    event.broker = broker;
    event.phase = BrokerPhase::kDraining;
    d.events.add(event);
  }
}

}  // namespace portcullis::gateway
