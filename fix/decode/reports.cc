#include <optional>

#include "fix/decode/reading.h"

// What brokers send: ExecutionReport(8), OrderCancelReject(9), and the rejects 3 and j.

namespace portcullis::fix {

namespace {

using order::ExecType;
using order::OrdStatus;
using order::RejectCode;

std::optional<OrdStatus> ord_status_of(std::string_view value) {
  const char code = value.size() == 1 ? value[0] : '\0';
  if ((code >= '0' && code <= '9') || (code >= 'A' && code <= 'E')) return static_cast<OrdStatus>(code);
  return std::nullopt;
}

// FIX 4.2 says in two fields what 4.3 and later say in one (docs/fix.md, "one report, both ways").
// `trans`: ExecTransType(20), '0' when absent.
std::optional<ExecType> exec_type_of(std::string_view value, char trans, OrdStatus status) {
  const char code = value.size() == 1 ? value[0] : '\0';
  switch (trans) {
    case '1':
      return ExecType::kTradeCancel;
    case '2':
      return ExecType::kTradeCorrect;
    case '3':
      return ExecType::kOrderStatus;
    case '0':
      break;
    default:
      return std::nullopt;
  }
  // A guaranteed price comes as a partial fill of a stopped order (appendix D of 4.2, D37).
  if (code == '1' && status == OrdStatus::kStopped) return ExecType::kStopped;
  if (code == '1' || code == '2') return ExecType::kTrade;
  // Of FIX 5.0, and of 4.4 by an extension pack: a stop order has reached the book (E.1.f).
  if (code == 'L') return ExecType::kTriggered;
  if (code == '0' || (code >= '3' && code <= '9') || (code >= 'A' && code <= 'I')) return static_cast<ExecType>(code);
  return std::nullopt;
}

}  // namespace

void decode(const ScannedMessage& message, const Dialect& dialect, order::SessionId session,
            order::ExecutionReport& report) {
  read_context(message, session, report.context);
  report.fields = message.fields();
  Reading reading(report.fault);
  std::string_view exec_type;
  std::string_view ord_status;
  char trans = '0';
  std::optional<Price> spot;        // LastSpotRate(194)
  std::optional<Price> far_points;  // LastForwardPoints2(641), which may be negative
  for_each_own_field(message, dialect, PORTCULLIS_EACH_FIELD {
    switch (number) {
      case of_tag(1):
        reading.name(field, report.account);
        report.account = dialect.our_account(report.account);
        break;
      case of_tag(6):
        // Informative: our own AvgPx is computed from the executions. A broker may send more decimals.
        report.avg_px = decimal<Price>(field).value_or(Price());
        break;
      case of_tag(11):
        reading.id(field, report.cl_ord_id);
        break;
      case of_tag(14):
        report.has_cum_qty = reading.quantity(field, report.cum_qty);
        break;
      case of_tag(15):
        reading.name(field, report.currency);
        break;
      case of_tag(17):
        reading.id(field, report.exec_id);
        break;
      case of_tag(19):
        reading.id(field, report.exec_ref_id);
        break;
      case of_tag(20):
        trans = field.value.size() == 1 ? field.value[0] : '\0';
        break;
      case of_tag(31):
        report.has_last_px = reading.price(field, report.last_px);
        break;
      case of_tag(32):
        report.has_last_qty = reading.quantity(field, report.last_qty);
        break;
      case of_tag(37):
        reading.id(field, report.order_id);
        break;
      case of_tag(38):
        report.has_order_qty = reading.quantity(field, report.order_qty);
        break;
      case of_tag(39):
        ord_status = field.value;
        break;
      case of_tag(41):
        reading.id(field, report.orig_cl_ord_id);
        break;
      case of_tag(44):
        report.has_price = reading.price(field, report.price);
        break;
      case of_tag(54):
        report.has_side = true;
        reading.side(field, report.side);
        break;
      case of_tag(55):
        reading.name(field, report.symbol);
        report.symbol = dialect.our_symbol(report.symbol);
        break;
      case of_tag(58):
        report.text = field.value;
        break;
      case of_tag(60):
        reading.time(field, report.transact_time);
        break;
      case of_tag(103):
        reading.reason(field, report.ord_rej_reason);
        break;
      case of_tag(150):
        exec_type = field.value;
        break;
      case of_tag(151):
        report.has_leaves_qty = reading.quantity(field, report.leaves_qty);
        break;
      case of_tag(192):
        report.order_qty2 = Quantity::parse(field.value).value_or(Quantity());
        break;
      case of_tag(194):
        spot = Price::parse(field.value);
        break;
      case of_tag(378):
        reading.reason(field, report.exec_restatement_reason);
        break;
      case of_tag(641):
        far_points = Price::parse(field.value);
        break;
      default:
        break;
    }
  });
  if (spot && far_points) [[unlikely]] {
    if (const auto price = Price::add(*spot, *far_points); price && price->is_positive()) {
      report.last_px2 = *price;
      report.has_last_px2 = true;
    }
  }
  if (const auto status = ord_status_of(ord_status)) {
    report.ord_status = *status;
  } else {
    reading.fail(RejectCode::kUnsupported, 39, "OrdStatus(39) is missing or none of the version's codes");
  }
  if (const auto type = exec_type_of(exec_type, trans, report.ord_status)) {
    report.exec_type = *type;
  } else {
    reading.fail(RejectCode::kUnsupported, 150, "ExecType(150) is missing or none of the version's codes");
  }
  if (report.exec_id.empty()) reading.fail(RejectCode::kBadField, 17, "ExecID(17) is missing");
}

void decode(const ScannedMessage& message, const Dialect& dialect, order::SessionId session,
            order::OrderCancelReject& reject) {
  read_context(message, session, reject.context);
  reject.fields = message.fields();
  Reading reading(reject.fault);
  std::string_view ord_status;
  for_each_own_field(message, dialect, PORTCULLIS_EACH_FIELD {
    switch (number) {
      case of_tag(11):
        reading.id(field, reject.cl_ord_id);
        break;
      case of_tag(37):
        reading.id(field, reject.order_id);
        break;
      case of_tag(39):
        ord_status = field.value;
        break;
      case of_tag(41):
        reading.id(field, reject.orig_cl_ord_id);
        break;
      case of_tag(58):
        reject.text = field.value;
        break;
      case of_tag(102):
        reading.reason(field, reject.cxl_rej_reason);
        break;
      case of_tag(434):
        if (field.value.size() == 1) reject.cxl_rej_response_to = field.value[0];
        break;
      default:
        break;
    }
  });
  if (const auto status = ord_status_of(ord_status)) {
    reject.ord_status = *status;
  } else {
    reading.fail(RejectCode::kUnsupported, 39, "OrdStatus(39) is missing or none of the version's codes");
  }
  if (reject.cl_ord_id.empty()) reading.fail(RejectCode::kBadField, 11, "ClOrdID(11) is missing");
}

void decode(const ScannedMessage& message, order::SessionId session, order::MessageReject& reject) {
  read_context(message, session, reject.context);
  reject.business = message.header().msg_type == "j";
  order::Reject ignored;  // a reject has no field whose absence could be answered
  Reading reading(ignored);
  for (const RawField& field : message.fields()) {
    switch (field.tag) {
      case 45:
        reject.ref_seq_num = parse_number(field.value);
        break;
      case 58:
        reject.text = field.value;
        break;
      case 372:
        reject.ref_msg_type = field.value;
        break;
      case 373:
      case 380:
        reading.reason(field, reject.reason);
        break;
      case 379:
        reject.ref_id = field.value;
        break;
      default:
        break;
    }
  }
}

}  // namespace portcullis::fix
