#include "fix/render.h"

#include "fix/pass_through.h"
#include "fix/reject_codes.h"

namespace portcullis::fix {

namespace {

using order::ExecType;
using order::OrdStatus;

// What the functions below write themselves, and so never pass through.
constexpr TagSet kInterpretedInOrder = {1, 11, 15, 37, 38, 40, 41, 44, 54, 55, 59, 60, 99, 126, 152, 432};
constexpr TagSet kInterpretedInCancel = {1, 11, 37, 38, 41, 54, 55, 60, 152};
// Besides, what a broker's report says of its conversation with us: 584, 790, 911, 912.
constexpr TagSet kInterpretedInReport = {1,   6,   11,  14,  15,  17,  19,  20,  31,  32,  37,  38,  39,
                                         40,  41,  44,  54,  55,  58,  59,  60,  99,  103, 126, 150, 151,
                                         152, 198, 354, 355, 378, 432, 527, 584, 790, 911, 912};
constexpr TagSet kInterpretedInCancelReject = {1, 11, 37, 39, 41, 58, 60, 102, 198, 354, 355, 434};

constexpr char code(OrdStatus status) {
  return static_cast<char>(status);
}
constexpr char code(ExecType type) {
  return static_cast<char>(type);
}

void write_terms(Composer& composer, const order::Terms& terms, bool cash_order_qty) {
  composer.decimal(cash_order_qty ? 152 : 38, terms.order_qty);
  composer.character(40, static_cast<char>(terms.ord_type));
  if (terms.has_price) composer.decimal(44, terms.price);
  if (terms.has_stop_px) composer.decimal(99, terms.stop_px);
  composer.character(59, static_cast<char>(terms.time_in_force));
  if (terms.expire_date != 0) composer.date(432, Date::from_days(terms.expire_date));
  if (terms.expire_time != UtcTime()) composer.timestamp(126, terms.expire_time);
}

// D and G: HandlInst(21) as the client gave it, else the dialect's own where the version requires one.
void write_handl_inst(Composer& composer, std::span<const RawField> fields) {
  if (!composer.dialect().facts().handl_inst_required) return;
  for (const RawField& field : fields) {
    if (field.tag == 21) return;  // passed through
  }
  composer.character(21, composer.dialect().handl_inst());
}

template <typename Order>
void write_order(Composer& composer, const Order& order, UtcTime now) {
  const Dialect& dialect = composer.dialect();
  composer.text(1, dialect.their_account(order.account));
  write_handl_inst(composer, order.fields);
  composer.text(55, dialect.their_symbol(order.symbol));
  composer.character(54, static_cast<char>(order.side));
  composer.timestamp(60, order.transact_time == UtcTime() ? now : order.transact_time);
  write_terms(composer, order.terms, order.cash_order_qty);
  composer.text(15, order.currency);
  composer.pass_through(order.fields, kInterpretedInOrder);
  composer.additions();
}

// Up to FIX 4.2 two fields say what a report is (docs/fix.md, "one report, both ways").
struct ReportCodes {
  char exec_trans_type;  // 20, 0: not written
  char exec_type;        // 150
  char ord_status;       // 39
};

ReportCodes report_codes(const order::OutboundExecutionReport& report, const VersionFacts& facts) {
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

}  // namespace

std::size_t render_bound(std::span<const RawField> fields) {
  // Header, ids of at most 63 bytes, names, decimals, texts and a dialect's additions.
  constexpr std::size_t kOwnFields = 8192;
  constexpr std::size_t kPerField = 12;  // tag, '=', SOH
  std::size_t bound = kOwnFields;
  for (const RawField& field : fields) bound += field.value.size() + kPerField;
  return bound;
}

std::optional<Price> average_price(Wide value, Quantity cum_qty, int decimals) {
  if (!cum_qty.is_positive()) return Price();
  // value is at 10^-11 and CumQty at 10^-3, so the quotient stands at 10^-8, Price's own scale.
  const Wide unit = pow10(Price::kScale - decimals);
  const Wide rounded = divide(value, Wide{cum_qty.raw()} * unit, Rounding::kHalfEven) * unit;
  const std::optional<std::int64_t> raw = narrow(rounded);
  if (!raw) return std::nullopt;
  return Price::from_raw(*raw);
}

std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundNewOrder& order, std::span<char> buffer) {
  Composer composer(dialect, "D", msg_seq_num, now, buffer);
  composer.text(11, order.cl_ord_id);
  write_order(composer, order, now);
  return composer.finish();
}

std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundReplace& replace, std::span<char> buffer) {
  Composer composer(dialect, "G", msg_seq_num, now, buffer);
  composer.text(37, replace.order_id);
  composer.text(41, replace.orig_cl_ord_id);
  composer.text(11, replace.cl_ord_id);
  write_order(composer, replace, now);
  return composer.finish();
}

std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundCancel& cancel, std::span<char> buffer) {
  Composer composer(dialect, "F", msg_seq_num, now, buffer);
  composer.text(41, cancel.orig_cl_ord_id);
  composer.text(37, cancel.order_id);
  composer.text(11, cancel.cl_ord_id);
  composer.text(1, dialect.their_account(cancel.account));
  composer.text(55, dialect.their_symbol(cancel.symbol));
  composer.character(54, static_cast<char>(cancel.side));
  composer.timestamp(60, cancel.transact_time == UtcTime() ? now : cancel.transact_time);
  composer.decimal(38, cancel.order_qty);
  composer.pass_through(cancel.fields, kInterpretedInCancel);
  composer.additions();
  return composer.finish();
}

std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundStatusRequest& request, std::span<char> buffer) {
  Composer composer(dialect, "H", msg_seq_num, now, buffer);
  composer.text(37, request.order_id);
  composer.text(11, request.cl_ord_id);
  composer.text(1, dialect.their_account(request.account));
  composer.text(55, dialect.their_symbol(request.symbol));
  composer.character(54, static_cast<char>(request.side));
  return composer.finish();
}

std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundMassStatusRequest& request, std::span<char> buffer) {
  Composer composer(dialect, "AF", msg_seq_num, now, buffer);
  composer.text(584, request.mass_status_req_id);
  composer.number(585, 7);  // MassStatusReqType: all orders
  return composer.finish();
}

std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundExecutionReport& report, std::span<char> buffer) {
  const VersionFacts& facts = dialect.facts();
  const ReportCodes codes = report_codes(report, facts);
  Composer composer(dialect, "8", msg_seq_num, now, buffer);
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
  composer.pass_through(report.fields, kInterpretedInReport);
  return composer.finish();
}

std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundCancelReject& reject, std::span<char> buffer) {
  const VersionFacts& facts = dialect.facts();
  Composer composer(dialect, "9", msg_seq_num, now, buffer);
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
  composer.pass_through(reject.fields, kInterpretedInCancelReject);
  return composer.finish();
}

std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundBusinessReject& reject, std::span<char> buffer) {
  Composer composer(dialect, "j", msg_seq_num, now, buffer);
  if (reject.ref_seq_num != 0) composer.number(45, static_cast<std::int64_t>(reject.ref_seq_num));
  composer.text(372, reject.ref_msg_type);
  composer.text(379, reject.ref_id);
  const bool known = dialect.dictionary().allows(380, reject.reason == 6 ? "6" : reject.reason == 7 ? "7" : "0");
  composer.number(380, known ? reject.reason : 0);
  composer.text(58, reject.text);
  return composer.finish();
}

}  // namespace portcullis::fix
