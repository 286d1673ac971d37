#include "fix/decode.h"

#include "fix/decode/reading.h"

// What clients send, and which decoder reads what.

namespace portcullis::fix {

namespace {

using order::RejectCode;

// NewOrderSingle and OrderCancelReplaceRequest share their terms. True when the field was one of them.
template <typename Order>
inline __attribute__((always_inline)) bool read_terms(Reading& reading, const RawField& field, Order& order) {
  switch (field.tag) {
    case 38:
      if (order.has_cash_order_qty) {
        reading.fail(RejectCode::kBadQuantity, 38, "both OrderQty(38) and CashOrderQty(152) are given");
      }
      order.has_order_qty = true;
      reading.quantity(field, order.terms.order_qty);
      return true;
    case 152:
      if (order.has_order_qty) {
        reading.fail(RejectCode::kBadQuantity, 152, "both OrderQty(38) and CashOrderQty(152) are given");
      }
      order.has_cash_order_qty = true;
      reading.quantity(field, order.terms.order_qty);
      return true;
    case 40:
      reading.ord_type(field, order.terms.ord_type);
      return true;
    case 44:
      order.terms.has_price = reading.price(field, order.terms.price);
      return true;
    case 99:
      order.terms.has_stop_px = reading.price(field, order.terms.stop_px);
      return true;
    case 59:
      reading.time_in_force(field, order.terms.time_in_force);
      return true;
    case 63:
      reading.name(field, order.settl_type);
      return true;
    case 64:
      reading.date(field, order.settl_date);
      return true;
    case 126:
      reading.time(field, order.terms.expire_time);
      return true;
    case 192:
      reading.quantity(field, order.terms.order_qty2);
      return true;
    case 193:
      reading.date(field, order.settl_date2);
      return true;
    case 541:
      reading.date(field, order.maturity_date);
      return true;
    case 640:
      reading.price(field, order.terms.price2);
      return true;
    case 432:
      reading.date(field, order.terms.expire_date);
      return true;
    default:
      return false;
  }
}

template <typename Order>
void check_terms(Reading& reading, Order& order) {
  order::Terms& terms = order.terms;
  const bool swap = terms.ord_type == order::OrdType::kForexSwap;
  const bool far_leg = !terms.order_qty2.is_zero() || !terms.price2.is_zero() || order.settl_date2 != 0;
  if (far_leg && !swap) {
    reading.fail(RejectCode::kUnsupported, 40, "OrderQty2(192), SettlDate2(193) and Price2(640) are a swap's, OrdType(40)=G");
  }
  if (swap && terms.order_qty2.is_zero()) terms.order_qty2 = terms.order_qty;
  if (!order.has_order_qty && !order.has_cash_order_qty) {
    reading.fail(RejectCode::kBadQuantity, 38, "neither OrderQty(38) nor CashOrderQty(152) is given");
  }
  const bool limit = terms.ord_type == order::OrdType::kLimit || terms.ord_type == order::OrdType::kStopLimit ||
                     terms.ord_type == order::OrdType::kPreviouslyQuoted || swap;
  const bool stop = terms.ord_type == order::OrdType::kStop || terms.ord_type == order::OrdType::kStopLimit;
  if (limit && !terms.has_price) reading.fail(RejectCode::kNoPrice, 44, "Price(44) is missing for this OrdType(40)");
  if (swap && terms.price2.is_zero()) reading.fail(RejectCode::kNoPrice, 640, "Price2(640), of a swap's far leg, is missing");
  if (stop && !terms.has_stop_px) reading.fail(RejectCode::kNoPrice, 99, "StopPx(99) is missing for this OrdType(40)");
  if (terms.time_in_force == order::TimeInForce::kGoodTillDate && terms.expire_date == 0 &&
      terms.expire_time == UtcTime()) {
    reading.fail(RejectCode::kBadField, 432, "TimeInForce(59)=6 needs ExpireDate(432) or ExpireTime(126)");
  }
}

// The trader or the strategy, where the dialect says that it stands; empty when it does not stand there.
std::string_view trader_of(const ScannedMessage& message, const Dialect& dialect) {
  switch (dialect.trader_field()) {
    case config::TraderField::kNone:
      return {};
    case config::TraderField::kSenderSubId:
      return message.find(50);
    case config::TraderField::kParty:
      break;
  }
  std::string_view party;
  for (const RawField& field : message.fields()) {
    if (field.tag == 448) party = field.value;
    if (field.tag == 452 && (field.value == "11" || field.value == "12")) return party;
  }
  return {};
}

void read(const ScannedMessage& message, const Dialect& dialect, order::SessionId session,
          order::NewOrderSingle& order) {
  read_context(message, session, order.context);
  order.fields = message.fields();
  Reading reading(order.fault);
  bool has_side = false;
  bool has_type = false;
  for_each_own_field(message, dialect, PORTCULLIS_EACH_FIELD {
    switch (field.tag) {
      case 1:
        reading.name(field, order.account);
        order.account = dialect.our_account(order.account);
        break;
      case 11:
        reading.id(field, order.cl_ord_id);
        break;
      case 15:
        reading.name(field, order.currency);
        break;
      case 54:
        has_side = true;
        reading.side(field, order.side);
        break;
      case 55:
        reading.name(field, order.symbol);
        order.symbol = dialect.our_symbol(order.symbol);
        break;
      case 60:
        reading.time(field, order.transact_time);
        break;
      case 40:
        has_type = true;
        [[fallthrough]];
      default:
        return read_terms(reading, field, order);
    }
    return true;
  });
  if (order.cl_ord_id.empty()) reading.fail(RejectCode::kBadField, 11, "ClOrdID(11) is missing");
  if (order.symbol.empty()) reading.fail(RejectCode::kUnknownSymbol, 55, "Symbol(55) is missing");
  if (!has_side) reading.fail(RejectCode::kBadField, 54, "Side(54) is missing");
  if (!has_type) reading.fail(RejectCode::kBadField, 40, "OrdType(40) is missing");
  check_terms(reading, order);
  order.trader = trader_of(message, dialect);
}

void read(const ScannedMessage& message, const Dialect& dialect, order::SessionId session,
          order::OrderCancelReplaceRequest& order) {
  read_context(message, session, order.context);
  order.fields = message.fields();
  Reading reading(order.fault);
  bool has_side = false;
  bool has_type = false;
  for_each_own_field(message, dialect, PORTCULLIS_EACH_FIELD {
    switch (field.tag) {
      case 1:
        reading.name(field, order.account);
        order.account = dialect.our_account(order.account);
        break;
      case 11:
        reading.id(field, order.cl_ord_id);
        break;
      case 15:
        reading.name(field, order.currency);
        break;
      case 37:
        reading.id(field, order.order_id);
        break;
      case 41:
        reading.id(field, order.orig_cl_ord_id);
        break;
      case 54:
        has_side = true;
        reading.side(field, order.side);
        break;
      case 55:
        reading.name(field, order.symbol);
        order.symbol = dialect.our_symbol(order.symbol);
        break;
      case 40:
        has_type = true;
        [[fallthrough]];
      default:
        return read_terms(reading, field, order);
    }
    return true;
  });
  if (order.cl_ord_id.empty()) reading.fail(RejectCode::kBadField, 11, "ClOrdID(11) is missing");
  if (order.orig_cl_ord_id.empty()) reading.fail(RejectCode::kBadField, 41, "OrigClOrdID(41) is missing");
  if (!has_side) reading.fail(RejectCode::kBadField, 54, "Side(54) is missing");
  if (!has_type) reading.fail(RejectCode::kBadField, 40, "OrdType(40) is missing");
  check_terms(reading, order);
}

void read(const ScannedMessage& message, const Dialect& dialect, order::SessionId session,
          order::OrderCancelRequest& request) {
  read_context(message, session, request.context);
  request.fields = message.fields();
  Reading reading(request.fault);
  for_each_own_field(message, dialect, PORTCULLIS_EACH_FIELD {
    switch (field.tag) {
      case 1:
        reading.name(field, request.account);
        request.account = dialect.our_account(request.account);
        break;
      case 11:
        reading.id(field, request.cl_ord_id);
        break;
      case 37:
        reading.id(field, request.order_id);
        break;
      case 41:
        reading.id(field, request.orig_cl_ord_id);
        break;
      case 54:
        request.has_side = true;
        reading.side(field, request.side);
        break;
      case 55:
        reading.name(field, request.symbol);
        request.symbol = dialect.our_symbol(request.symbol);
        break;
      default:
        return false;
    }
    return true;
  });
  if (request.cl_ord_id.empty()) reading.fail(RejectCode::kBadField, 11, "ClOrdID(11) is missing");
  if (request.orig_cl_ord_id.empty()) reading.fail(RejectCode::kBadField, 41, "OrigClOrdID(41) is missing");
}

void read(const ScannedMessage& message, const Dialect& dialect, order::SessionId session,
          order::OrderStatusRequest& request) {
  read_context(message, session, request.context);
  Reading reading(request.fault);
  for_each_own_field(message, dialect, PORTCULLIS_EACH_FIELD {
    switch (field.tag) {
      case 1:
        reading.name(field, request.account);
        request.account = dialect.our_account(request.account);
        break;
      case 11:
        reading.id(field, request.cl_ord_id);
        break;
      case 37:
        reading.id(field, request.order_id);
        break;
      case 54:
        reading.side(field, request.side);
        break;
      case 55:
        reading.name(field, request.symbol);
        request.symbol = dialect.our_symbol(request.symbol);
        break;
      case 790:
        reading.id(field, request.ord_status_req_id);
        break;
      default:
        return false;
    }
    return true;
  });
  if (request.cl_ord_id.empty() && request.order_id.empty()) {
    reading.fail(RejectCode::kBadField, 11, "neither ClOrdID(11) nor OrderID(37) is given");
  }
}

constexpr std::size_t kOwnFields = 32;
constinit thread_local std::array<OwnFields, kOwnFields> g_own_fields;

}  // namespace

OwnFields& own_fields_of(std::uint64_t layout, std::uint64_t type) {
  return g_own_fields[(layout + type) % kOwnFields];
}

std::span<const std::uint16_t> outside_groups(std::span<const RawField> fields, const Scope& body,
                                              std::array<std::uint16_t, kMaxFields>& memory) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < fields.size();) {
    if (body.counts_group(fields[at].tag)) [[unlikely]] {
      const std::size_t extent = group_extent(fields, at);
      at += extent == 0 ? 1 : extent;
      continue;
    }
    memory[count++] = static_cast<std::uint16_t>(at++);
  }
  return {memory.data(), count};
}

void decode(const ScannedMessage& message, const Dialect& dialect, order::SessionId session, Command& command) {
  const std::string_view msg_type = message.header().msg_type;
  switch (msg_type.size() == 1 ? msg_type[0] : '\0') {
    case 'D':
      return read(message, dialect, session, command.emplace<order::NewOrderSingle>());
    case 'F':
      return read(message, dialect, session, command.emplace<order::OrderCancelRequest>());
    case 'G':
      return read(message, dialect, session, command.emplace<order::OrderCancelReplaceRequest>());
    case 'H':
      return read(message, dialect, session, command.emplace<order::OrderStatusRequest>());
    case '8':
      return decode(message, dialect, session, command.emplace<order::ExecutionReport>());
    case '9':
      return decode(message, dialect, session, command.emplace<order::OrderCancelReject>());
    case '3':
    case 'j':
      return decode(message, session, command.emplace<order::MessageReject>());
    default:
      command.emplace<std::monostate>();
  }
}

Command decode(const ScannedMessage& message, const Dialect& dialect, order::SessionId session) {
  Command command;
  decode(message, dialect, session, command);
  return command;
}

}  // namespace portcullis::fix
