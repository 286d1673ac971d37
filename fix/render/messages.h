#pragma once

#include "fix/reject_codes.h"
#include "fix/render.h"
#include "fix/render/plan.h"

// Which fields each message has, in which order, whoever writes them: fix/render/composer.h, or the plain writer that
// the tests hold it against. A composer has text(), character(), number(), decimal(), timestamp(), date(),
// pass_through(), additions() and dialect().

namespace portcullis::fix::messages {

using order::ExecType;
using order::OrdStatus;

constexpr char code(OrdStatus status) {
  return static_cast<char>(status);
}
constexpr char code(ExecType type) {
  return static_cast<char>(type);
}

template <typename Composer>
PORTCULLIS_INLINE void write_terms(Composer& composer, const order::Terms& terms, bool cash_order_qty) {
  composer.decimal(cash_order_qty ? 152 : 38, terms.order_qty);
  composer.character(40, static_cast<char>(terms.ord_type));
  if (terms.has_price) composer.decimal(44, terms.price);
  if (terms.has_stop_px) composer.decimal(99, terms.stop_px);
  if (terms.ord_type == order::OrdType::kForexSwap) {
    composer.decimal(192, terms.order_qty2);
    composer.decimal(640, terms.price2);
  }
  composer.character(59, static_cast<char>(terms.time_in_force));
  if (terms.expire_date != 0) composer.date(432, Date::from_days(terms.expire_date));
  if (terms.expire_time != UtcTime()) composer.timestamp(126, terms.expire_time);
}

// D and G: HandlInst(21) as the client gave it, else the dialect's own where the version requires one.
template <typename Composer>
PORTCULLIS_INLINE void write_handl_inst(Composer& composer, std::span<const RawField> fields) {
  if (!composer.dialect().facts().handl_inst_required) return;
  for (const RawField& field : fields) {
    if (field.tag == 21) return;  // passed through
  }
  composer.character(21, composer.dialect().handl_inst());
}

template <typename Composer, typename Order>
PORTCULLIS_INLINE void write_order(Composer& composer, const Order& order, UtcTime now) {
  const Dialect& dialect = composer.dialect();
  composer.text(1, dialect.their_account(order.account));
  write_handl_inst(composer, order.fields);
  composer.text(55, dialect.their_symbol(order.symbol));
  composer.character(54, static_cast<char>(order.side));
  composer.timestamp(60, order.transact_time == UtcTime() ? now : order.transact_time);
  write_terms(composer, order.terms, order.cash_order_qty);
  if (order.settl_date2 != 0) composer.date(193, Date::from_days(order.settl_date2));
  composer.text(15, order.currency);
  composer.pass_through(order.fields);
  composer.additions();
}

// Up to FIX 4.2 two fields say what a report is (docs/fix.md, "one report, both ways").
struct ReportCodes {
  char exec_trans_type;  // 20, 0: not written
  char exec_type;        // 150
  char ord_status;       // 39
};

inline ReportCodes report_codes(const order::OutboundExecutionReport& report, const VersionFacts& facts) {
  const char status = code(report.ord_status == OrdStatus::kReplaced ? OrdStatus::kNew : report.ord_status);
  if (!facts.exec_trans_type) return {'\0', code(report.exec_type), status};
  const bool complete = report.cum_qty >= report.terms.order_qty && !report.cum_qty.is_zero();
  const char fill = complete ? '2' : '1';
  switch (report.exec_type) {
    case ExecType::kTrade:
      return {'0', fill, status};
    case ExecType::kTradeCancel:
      return {'1', fill, status};
    case ExecType::kTradeCorrect:
      return {'2', fill, status};
    case ExecType::kOrderStatus:
    case ExecType::kTriggered:  // has no code here and changes no figure, so it is told as the order's state
      return {'3', status, status};
    case ExecType::kReplaced:
      // OrdStatus 5 only if nothing has executed and nothing of a higher precedence is pending.
      return {'0', '5', facts.ord_status_replaced && status == '0' ? '5' : status};
    default:
      return {'0', code(report.exec_type), status};
  }
}

constexpr Outbound kind_of(const order::OutboundNewOrder&) {
  return Outbound::kNewOrder;
}
constexpr Outbound kind_of(const order::OutboundReplace&) {
  return Outbound::kReplace;
}
constexpr Outbound kind_of(const order::OutboundCancel&) {
  return Outbound::kCancel;
}
constexpr Outbound kind_of(const order::OutboundStatusRequest&) {
  return Outbound::kStatusRequest;
}
constexpr Outbound kind_of(const order::OutboundMassStatusRequest&) {
  return Outbound::kMassStatusRequest;
}
constexpr Outbound kind_of(const order::OutboundMassCancel&) {
  return Outbound::kMassCancel;
}
constexpr Outbound kind_of(const order::OutboundExecutionReport&) {
  return Outbound::kReport;
}
constexpr Outbound kind_of(const order::OutboundCancelReject&) {
  return Outbound::kCancelReject;
}
constexpr Outbound kind_of(const order::OutboundBusinessReject&) {
  return Outbound::kBusinessReject;
}

template <typename Composer>
PORTCULLIS_INLINE void write(Composer& composer, const order::OutboundNewOrder& order, UtcTime now) {
  composer.text(11, order.cl_ord_id);
  write_order(composer, order, now);
}

template <typename Composer>
PORTCULLIS_INLINE void write(Composer& composer, const order::OutboundReplace& replace, UtcTime now) {
  composer.text(37, replace.order_id);
  composer.text(41, replace.orig_cl_ord_id);
  composer.text(11, replace.cl_ord_id);
  write_order(composer, replace, now);
}

template <typename Composer>
PORTCULLIS_INLINE void write(Composer& composer, const order::OutboundCancel& cancel, UtcTime now) {
  const Dialect& dialect = composer.dialect();
  composer.text(41, cancel.orig_cl_ord_id);
  composer.text(37, cancel.order_id);
  composer.text(11, cancel.cl_ord_id);
  composer.text(1, dialect.their_account(cancel.account));
  composer.text(55, dialect.their_symbol(cancel.symbol));
  composer.character(54, static_cast<char>(cancel.side));
  composer.timestamp(60, cancel.transact_time == UtcTime() ? now : cancel.transact_time);
  composer.decimal(38, cancel.order_qty);
  composer.pass_through(cancel.fields);
  composer.additions();
}

template <typename Composer>
PORTCULLIS_INLINE void write(Composer& composer, const order::OutboundStatusRequest& request, UtcTime) {
  const Dialect& dialect = composer.dialect();
  composer.text(37, request.order_id);
  composer.text(11, request.cl_ord_id);
  composer.text(1, dialect.their_account(request.account));
  composer.text(55, dialect.their_symbol(request.symbol));
  composer.character(54, static_cast<char>(request.side));
}

template <typename Composer>
PORTCULLIS_INLINE void write(Composer& composer, const order::OutboundMassStatusRequest& request, UtcTime) {
  composer.text(584, request.mass_status_req_id);
  composer.number(585, 7);  // MassStatusReqType: all orders
}

template <typename Composer>
PORTCULLIS_INLINE void write(Composer& composer, const order::OutboundMassCancel& request, UtcTime now) {
  composer.text(11, request.cl_ord_id);
  composer.character(530, '7');  // MassCancelRequestType: all orders
  composer.timestamp(60, request.transact_time == UtcTime() ? now : request.transact_time);
}

template <typename Composer>
PORTCULLIS_INLINE void write(Composer& composer, const order::OutboundExecutionReport& report, UtcTime now) {
  const Dialect& dialect = composer.dialect();
  const VersionFacts& facts = dialect.facts();
  const ReportCodes codes = report_codes(report, facts);
  composer.text(37, report.order_id);
  composer.text(198, report.secondary_order_id);
  composer.text(11, report.cl_ord_id);
  composer.text(41, report.orig_cl_ord_id);
  composer.text(17, codes.exec_trans_type == '3' ? "0" : report.exec_id);  // a status report has ExecID 0
  composer.text(527, report.secondary_exec_id);
  composer.text(19, report.exec_ref_id);
  if (codes.exec_trans_type != '\0') composer.character(20, codes.exec_trans_type);
  composer.character(150, codes.exec_type);
  composer.character(39, codes.ord_status);
  if (report.exec_type == ExecType::kRejected || report.ord_rej_reason >= 0 ||
      report.reject != order::RejectCode::kNone) {
    composer.number(103, report.ord_rej_reason >= 0 ? carried_ord_rej_reason(report.ord_rej_reason, facts)
                                                    : ord_rej_reason(report.reject, facts));
  }
  if (report.exec_type == ExecType::kRestated || report.exec_restatement_reason >= 0) {
    composer.number(378, carried_restatement_reason(report.exec_restatement_reason, facts));
  }
  composer.text(1, dialect.their_account(report.account));
  composer.text(55, dialect.their_symbol(report.symbol));
  composer.character(54, static_cast<char>(report.side));
  write_terms(composer, report.terms, report.cash_order_qty);
  if (report.settl_date2 != 0) composer.date(193, Date::from_days(report.settl_date2));
  composer.text(15, report.currency);
  if (report.has_last || (facts.last_qty_always && codes.exec_trans_type != '3')) {
    composer.decimal(32, report.has_last ? report.last_qty : Quantity());
    composer.decimal(31, report.has_last ? report.last_px : Price());
  }
  composer.decimal(151, report.leaves_qty);
  composer.decimal(14, report.cum_qty);
  composer.decimal(6, average_price(report.value, report.cum_qty, dialect.avg_px_decimals()).value_or(Price()));
  composer.timestamp(60, report.transact_time == UtcTime() ? now : report.transact_time);
  composer.text(58, report.text);
  composer.pass_through(report.fields);
}

template <typename Composer>
PORTCULLIS_INLINE void write(Composer& composer, const order::OutboundCancelReject& reject, UtcTime now) {
  const Dialect& dialect = composer.dialect();
  const VersionFacts& facts = dialect.facts();
  composer.text(37, reject.order_id);
  composer.text(198, reject.secondary_order_id);
  composer.text(11, reject.cl_ord_id);
  composer.text(41, reject.orig_cl_ord_id);
  composer.character(39, code(reject.ord_status == OrdStatus::kReplaced ? OrdStatus::kNew : reject.ord_status));
  composer.text(1, dialect.their_account(reject.account));
  composer.timestamp(60, reject.transact_time == UtcTime() ? now : reject.transact_time);
  composer.character(434, reject.response_to);
  if (reject.cxl_rej_reason >= 0) {
    composer.number(102, carried_cxl_rej_reason(reject.cxl_rej_reason, facts));
  } else if (reject.reject != order::RejectCode::kNone) {
    composer.number(102, cxl_rej_reason(reject.reject, facts));
  }
  composer.text(58, reject.text);
  composer.pass_through(reject.fields);
}

template <typename Composer>
PORTCULLIS_INLINE void write(Composer& composer, const order::OutboundBusinessReject& reject, UtcTime) {
  const Dialect& dialect = composer.dialect();
  if (reject.ref_seq_num != 0) composer.number(45, static_cast<std::int64_t>(reject.ref_seq_num));
  composer.text(372, reject.ref_msg_type);
  composer.text(379, reject.ref_id);
  const bool known = dialect.dictionary().allows(380, reject.reason == 6 ? "6" : reject.reason == 7 ? "7" : "0");
  composer.number(380, known ? reject.reason : 0);
  composer.text(58, reject.text);
}

}  // namespace portcullis::fix::messages
