#include "gateway/ids.h"
#include "order/transition.h"
#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/projection.h"

// Reports: executions, the orders that they move, and positions.

namespace portcullis::persistence {

using order::NameKind;

namespace {

// AvgPx(6) from the sum of quantity times price at 10^-11.
OptionalInteger average(Wide value, Quantity cum_qty) {
  if (!cum_qty.is_positive()) return std::nullopt;
  return narrow(divide(value, Wide{cum_qty.raw()}, Rounding::kHalfEven));
}

bool books_nothing(const order::Booking& booking) {
  return booking.base.is_zero() && booking.term.is_zero() && booking.traded.is_zero();
}

}  // namespace

StoreResult<> Projection::on(order::ExecutionView event, RecordContext& record) {
  auto found = order(event->order);
  if (!found) return found.error();
  FoldedOrder* row = *found;
  if (row == nullptr) return kFine;
  const std::string* cl_ord_id = &row->cl_ord_id;
  if (event->applied()) {
    const bool refused = event->exec_type == order::ExecType::kRejected;
    // The order itself is answered by whatever its broker makes of it.
    const bool answers_order = event->closes_request() || event->status_after != order::OrdStatus::kPendingNew;
    if (row->request_number && row->request_number == optional_number(event->request)) {
      if (answers_order && row->request_status == "pending") row->request_status = refused ? "rejected" : "accepted";
    } else {
      auto answered = request(event->order, event->request);
      if (!answered) return answered.error();
      if (*answered != nullptr) {
        RequestRow& request = (*answered)->row;
        const bool answers = event->closes_request() || (request.kind == "new" && answers_order);
        if (answers && request.status == "pending") {
          request.status = refused ? "rejected" : "accepted";
          change(requests_, **answered);
        }
        const bool takes_over =
            event->exec_type == order::ExecType::kReplaced || event->exec_type == order::ExecType::kCanceled;
        if (takes_over && !request.cl_ord_id.empty()) row->cl_ord_id = request.cl_ord_id;
        if (!request.cl_ord_id.empty()) cl_ord_id = &request.cl_ord_id;
      }
    }
    row->ord_status = to_string(event->status_after);
    row->is_open = order::is_over(event->status_after, event->leaves_after) ? 0 : 1;
    row->cum_qty = event->cum_after.raw();
    row->leaves_qty = event->leaves_after.raw();
    if (event.trade() != nullptr) row->avg_px = average(event.trade()->value(), event->cum_after);
    if (event.terms_after() != nullptr) {
      keep_request(*row);
      set_terms(*row, *event.terms_after());
    }
    if (!event.broker_order_id().empty()) row->broker_order_id = texts_.clean(event.broker_order_id());
    if (!event.text().empty()) row->text = texts_.clean(event.text());
    row->updated_ns = record.time_ns;
    row->journal_index = record.index;
    if (auto booked = book(*row, event.booking(), record); !booked) return booked;
  }
  if (!event->execution.has_value()) return kFine;
  const gateway::IdBuffer id = gateway::IdBuffer::exec_id(gateway_id_, progress_.epoch, event->execution);
  PendingExecution execution;
  execution.execution_number = static_cast<std::int64_t>(event->execution.value());
  execution.exec_id = id.view();
  execution.order_number = row->order_number;
  execution.order_id = row->order_id;
  execution.client = row->client;
  execution.account = row->account;
  execution.cl_ord_id = *cl_ord_id;
  execution.symbol = row->symbol;
  execution.side = row->side;
  execution.exec_type = to_string(event->exec_type);
  execution.ord_status = to_string(event->status_after);
  execution.last_qty = event.last_qty().raw();
  execution.last_px = optional_price(event.last_px(), !event.last_qty().is_zero());
  execution.cum_qty = event->cum_after.raw();
  execution.leaves_qty = event->leaves_after.raw();
  execution.refers_to = optional_number(event.refers_to());
  execution.applied = event->applied() ? 1 : 0;
  execution.late = event->late() ? 1 : 0;
  execution.broker = name(NameKind::kBroker, event->broker);
  execution.broker_exec_id = texts_.clean(event.exec_id());
  // A report says it where it is another one than the order has.
  execution.broker_order_id =
      event.broker_order_id().empty() ? std::string_view(row->broker_order_id) : texts_.clean(event.broker_order_id());
  execution.text = texts_.clean(event.text());
  execution.time_ns = record.time_ns;
  execution.previous_execution = row->last_execution;
  row->last_execution = execution.execution_number;
  const bool ordinary = cl_ord_id == &row->cl_ord_id && row->request_number && event->applied() && !event->late() &&
                        !execution.refers_to && !row->broker.empty() && execution.broker == row->broker;
  return add_execution(execution, ordinary, event->order, row->known_account, record);
}

StoreResult<> Projection::on(const order::ReportSuspended& event, RecordContext& record) {
  const std::string& symbol = name(NameKind::kInstrument, event.instrument);
  const gateway::IdBuffer id = gateway::IdBuffer::exec_id(gateway_id_, progress_.epoch, event.execution);
  PendingExecution execution;
  execution.execution_number = static_cast<std::int64_t>(event.execution.value());
  execution.exec_id = id.view();
  execution.cl_ord_id = texts_.clean(event.cl_ord_id.view());
  execution.symbol = symbol;
  execution.side = to_string(event.side);
  execution.exec_type = to_string(event.exec_type);
  execution.ord_status = "suspense";
  execution.last_qty = event.last_qty.raw();
  execution.last_px = optional_price(event.last_px, !event.last_qty.is_zero());
  execution.broker = name(NameKind::kBroker, event.broker);
  execution.broker_exec_id = texts_.clean(event.exec_id.view());
  execution.broker_order_id = texts_.clean(event.broker_order_id.view());
  execution.text = texts_.clean(event.reason.view());
  execution.time_ns = event.time.ns();
  if (auto added = add_execution(execution, false, order::OrderNumber::none(), nullptr, record); !added) return added;
  if (books_nothing(event.booking)) return kFine;
  auto booked = position("", "", symbol);
  if (!booked) return booked.error();
  return move(**booked, event.booking, record);
}

// Of an order, or of none. Its record is then known from the execution. An ordinary one is read with what its order's
// row tells.
StoreResult<> Projection::add_execution(PendingExecution& execution, bool ordinary, order::OrderNumber number,
                                        KnownName* account, RecordContext& record) {
  execution.journal_index = record.index;
  execution.journal_offset = record.offset;
  cover_order(number, record);
  add_row(ordinary ? new_ordinary_executions_ : new_executions_, execution);
  return note_place(BlockKind::kExecutions, execution.execution_number, execution.account, account, record);
}

StoreResult<> Projection::book(const FoldedOrder& order, const order::Booking& booking, const RecordContext& record) {
  if (books_nothing(booking)) return kFine;
  if (order.known_account == nullptr || order.known_symbol == nullptr) {
    auto found = position(order.account, order.client, order.symbol);
    if (!found) return found.error();
    return move(**found, booking, record);
  }
  Positions::Entry*& known =
      known_positions_[std::uint64_t{order.known_account->number} << 32 | order.known_symbol->number];
  if (known == nullptr) {
    auto found = position(order.account, order.client, order.symbol);
    if (!found) return found.error();
    known = *found;
  }
  return move(*known, booking, record);
}

// From the cache or the store, or a new one.
StoreResult<Projection::Positions::Entry*> Projection::position(std::string_view account, std::string_view client,
                                                                std::string_view symbol) {
  const PositionKey key(account, symbol);
  auto* found = positions_.find(key);
  if (found != nullptr) return found;
  const std::string keys[] = {key.first, key.second};
  auto stored = read_row<PositionRow>(std::span<const std::string>(keys));
  if (!stored) return stored.error();
  found = &positions_.put(key);
  if (*stored) {
    found->row = std::move(**stored);
    found->stored = true;
  } else {
    found->row.account = account;
    found->row.symbol = symbol;
    found->row.client = client;
  }
  return found;
}

StoreResult<> Projection::move(Positions::Entry& position, const order::Booking& booking, const RecordContext& record) {
  change(positions_, position);
  PositionRow& row = position.row;
  row.quantity = (Quantity::from_raw(row.quantity) + booking.base).raw();
  row.term_amount = (Amount::from_raw(row.term_amount) + booking.term).raw();
  row.traded = (Amount::from_raw(row.traded) + booking.traded).raw();
  row.journal_index = record.index;
  return kFine;
}

}  // namespace portcullis::persistence
