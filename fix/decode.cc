#include "fix/decode.h"

#include <algorithm>
#include <type_traits>

#include "fix/decode/reading.h"

// What clients send, and which decoder reads what.

namespace portcullis::fix {

namespace {

using order::RejectCode;

// What NewOrderSingle and OrderCancelReplaceRequest have in common, and what one of them has.
class OrderReading : public Reading {
 public:
  using Reading::Reading;

  template <typename Order>
  inline __attribute__((always_inline)) void field(const RawField& field, std::uint16_t number, const Dialect& dialect,
                                                   Order& order) {
    constexpr bool kReplaces = std::is_same_v<Order, order::OrderCancelReplaceRequest>;
    switch (number) {
      case of_tag(1):
        name(field, order.account);
        order.account = dialect.our_account(order.account);
        break;
      case of_tag(11):
        id(field, order.cl_ord_id);
        break;
      case of_tag(15):
        name(field, order.currency);
        break;
      case of_tag(37):
        if constexpr (kReplaces) id(field, order.order_id);
        break;
      case of_tag(41):
        if constexpr (kReplaces) id(field, order.orig_cl_ord_id);
        break;
      case of_tag(54):
        has_side = true;
        side(field, order.side);
        break;
      case of_tag(55):
        name(field, order.symbol);
        order.symbol = dialect.our_symbol(order.symbol);
        break;
      case of_tag(60):
        if constexpr (!kReplaces) time(field, order.transact_time);
        break;
      case of_tag(38):
        if (order.has_cash_order_qty) {
          fail(RejectCode::kBadQuantity, 38, "both OrderQty(38) and CashOrderQty(152) are given");
        }
        order.has_order_qty = true;
        quantity(field, order.terms.order_qty);
        break;
      case of_tag(152):
        if (order.has_order_qty) {
          fail(RejectCode::kBadQuantity, 152, "both OrderQty(38) and CashOrderQty(152) are given");
        }
        order.has_cash_order_qty = true;
        quantity(field, order.terms.order_qty);
        break;
      case of_tag(40):
        has_type = true;
        ord_type(field, order.terms.ord_type);
        break;
      case of_tag(44):
        order.terms.has_price = price(field, order.terms.price);
        break;
      case of_tag(99):
        order.terms.has_stop_px = price(field, order.terms.stop_px);
        break;
      case of_tag(59):
        time_in_force(field, order.terms.time_in_force);
        break;
      case of_tag(63):
        name(field, order.settl_type);
        break;
      case of_tag(64):
        date(field, order.settl_date);
        break;
      case of_tag(126):
        time(field, order.terms.expire_time);
        break;
      case of_tag(192):
        quantity(field, order.terms.order_qty2);
        break;
      case of_tag(193):
        date(field, order.settl_date2);
        break;
      case of_tag(541):
        date(field, order.maturity_date);
        break;
      case of_tag(640):
        price(field, order.terms.price2);
        break;
      case of_tag(432):
        date(field, order.terms.expire_date);
        break;
      default:
        break;
    }
  }

  bool has_side = false;
  bool has_type = false;
};

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
  OrderReading reading(order.fault);
  for_each_own_field(message, dialect, PORTCULLIS_EACH_FIELD { reading.field(field, number, dialect, order); });
  if (order.cl_ord_id.empty()) reading.fail(RejectCode::kBadField, 11, "ClOrdID(11) is missing");
  if (order.symbol.empty()) reading.fail(RejectCode::kUnknownSymbol, 55, "Symbol(55) is missing");
  if (!reading.has_side) reading.fail(RejectCode::kBadField, 54, "Side(54) is missing");
  if (!reading.has_type) reading.fail(RejectCode::kBadField, 40, "OrdType(40) is missing");
  check_terms(reading, order);
  order.trader = trader_of(message, dialect);
}

void read(const ScannedMessage& message, const Dialect& dialect, order::SessionId session,
          order::OrderCancelReplaceRequest& order) {
  read_context(message, session, order.context);
  order.fields = message.fields();
  OrderReading reading(order.fault);
  for_each_own_field(message, dialect, PORTCULLIS_EACH_FIELD { reading.field(field, number, dialect, order); });
  if (order.cl_ord_id.empty()) reading.fail(RejectCode::kBadField, 11, "ClOrdID(11) is missing");
  if (order.orig_cl_ord_id.empty()) reading.fail(RejectCode::kBadField, 41, "OrigClOrdID(41) is missing");
  if (!reading.has_side) reading.fail(RejectCode::kBadField, 54, "Side(54) is missing");
  if (!reading.has_type) reading.fail(RejectCode::kBadField, 40, "OrdType(40) is missing");
  check_terms(reading, order);
}

void read(const ScannedMessage& message, const Dialect& dialect, order::SessionId session,
          order::OrderCancelRequest& request) {
  read_context(message, session, request.context);
  request.fields = message.fields();
  Reading reading(request.fault);
  for_each_own_field(message, dialect, PORTCULLIS_EACH_FIELD {
    switch (number) {
      case of_tag(1):
        reading.name(field, request.account);
        request.account = dialect.our_account(request.account);
        break;
      case of_tag(11):
        reading.id(field, request.cl_ord_id);
        break;
      case of_tag(37):
        reading.id(field, request.order_id);
        break;
      case of_tag(41):
        reading.id(field, request.orig_cl_ord_id);
        break;
      case of_tag(54):
        request.has_side = true;
        reading.side(field, request.side);
        break;
      case of_tag(55):
        reading.name(field, request.symbol);
        request.symbol = dialect.our_symbol(request.symbol);
        break;
      default:
        break;
    }
  });
  if (request.cl_ord_id.empty()) reading.fail(RejectCode::kBadField, 11, "ClOrdID(11) is missing");
  if (request.orig_cl_ord_id.empty()) reading.fail(RejectCode::kBadField, 41, "OrigClOrdID(41) is missing");
}

void read(const ScannedMessage& message, const Dialect& dialect, order::SessionId session,
          order::OrderStatusRequest& request) {
  read_context(message, session, request.context);
  Reading reading(request.fault);
  for_each_own_field(message, dialect, PORTCULLIS_EACH_FIELD {
    switch (number) {
      case of_tag(1):
        reading.name(field, request.account);
        request.account = dialect.our_account(request.account);
        break;
      case of_tag(11):
        reading.id(field, request.cl_ord_id);
        break;
      case of_tag(37):
        reading.id(field, request.order_id);
        break;
      case of_tag(54):
        reading.side(field, request.side);
        break;
      case of_tag(55):
        reading.name(field, request.symbol);
        request.symbol = dialect.our_symbol(request.symbol);
        break;
      case of_tag(790):
        reading.id(field, request.ord_status_req_id);
        break;
      default:
        break;
    }
  });
  if (request.cl_ord_id.empty() && request.order_id.empty()) {
    reading.fail(RejectCode::kBadField, 11, "neither ClOrdID(11) nor OrderID(37) is given");
  }
}

struct Kept {
  static constexpr std::size_t kMost = 40;
  std::uint64_t layout = 0;  // zero: nothing is kept here
  std::uint64_t type = 0;    // which message it is, and which of its fields count groups
  std::size_t count = 0;
  std::array<OwnField, kMost> fields = {};
};
constexpr std::size_t kKept = 32;
constinit thread_local std::array<Kept, kKept> g_kept;

std::span<const OwnField> find_own_fields(std::span<const RawField> fields, const Scope& body, OwnFieldsMemory& memory) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < fields.size();) {
    if (body.counts_group(fields[at].tag)) [[unlikely]] {
      const std::size_t extent = group_extent(fields, at);
      at += extent == 0 ? 1 : extent;
      continue;
    }
    const std::uint16_t number = read_number(fields[at].tag);
    if (number != 0) memory[count++] = {static_cast<std::uint16_t>(at), number};
    ++at;
  }
  return {memory.data(), count};
}

}  // namespace

std::span<const OwnField> own_fields(const ScannedMessage& message, const Dialect& dialect, OwnFieldsMemory& memory) {
  static const Scope kNoBody;
  const std::string_view msg_type = message.header().msg_type;
  const Scope* const known = dialect.dictionary().message(msg_type);
  const Scope& body = known == nullptr ? kNoBody : *known;
  const order::MessageFields fields = message.fields();
  // Decoders are told apart by one letter.
  const std::uint64_t type = body.groups_print() + (msg_type.empty() ? 0 : static_cast<unsigned char>(msg_type[0]));
  Kept& kept = g_kept[(fields.layout() + type) % kKept];
  if (fields.layout() != 0 && kept.layout == fields.layout() && kept.type == type) [[likely]] {
    return {kept.fields.data(), kept.count};
  }
  const std::span<const OwnField> own = find_own_fields(fields, body, memory);
  if (fields.layout() != 0 && own.size() <= Kept::kMost) {
    kept.layout = fields.layout();
    kept.type = type;
    kept.count = own.size();
    std::copy(own.begin(), own.end(), kept.fields.begin());
  }
  return own;
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
