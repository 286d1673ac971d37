#include "gateway/respond.h"

#include <cstring>

#include "fix/render.h"
#include "gateway/ids.h"
#include "gateway/mass_cancel.h"
#include "gateway/sides.h"
#include "gateway/written_events.h"
#include "order/outbound.h"

namespace portcullis::gateway {
namespace {

constexpr std::int32_t kBrokerOption = 4;  // ExecRestatementReason(378), since FIX.4.2

using order::ExecType;
using order::OrdStatus;
using order::OutboundExecutionReport;

// Largest message that we make: pass-through fields of a whole frame, and our own.
constexpr std::size_t kMaxMessage = 80 << 10;

class Responder {
 public:
  Responder(State& state, const Cause& cause, UtcTime now, RecordWriter& record)
      : state_(state), cause_(cause), now_(now), record_(record) {}

  void on(const order::OrderAccepted& e) {
    if (!state_.setup.clients[e.client.value()].pending_new) [[likely]]
      return;
    const Order& order = state_.orders[e.order];
    report(order, order.original, ExecType::kPendingNew, OrdStatus::kPendingNew);
  }

  [[gnu::noinline]] void on(const order::OrderRejected& e) {
    const Order& order = state_.orders[e.identity.order];
    Texts texts(*this, order, order.original);
    OutboundExecutionReport out = base(order, texts, ExecType::kRejected, OrdStatus::kRejected);
    const IdBuffer exec_id = own_exec_id(order);
    out.exec_id = exec_id.view();
    out.symbol = e.symbol.view();
    out.account = e.account.view();
    out.reject = e.reject.code;
    out.text = e.reject.text.view();
    if (cause_.new_order != nullptr) out.currency = cause_.new_order->currency;
    send(order.session, out);
  }

  void on(const order::OrderRouted& e) {
    const Order& order = state_.orders[e.order];
    const Request& request = state_.requests[e.request];
    const IdBuffer cl_ord_id = given(e.request);
    const SessionId line = state_.broker_states[e.broker.value()].session;
    if (request.kind == RequestKind::kNew) {
      send(line, order::OutboundNewOrder{
                     .cl_ord_id = cl_ord_id.view(),
                     .account = account(order),
                     .symbol = symbol(order),
                     .currency = currency(order),
                     .side = side(order, line),
                     .terms = order.terms(),
                     .cash_order_qty = order.dealt == order::Dealt::kTermCash,
                     .settl_date2 = order.settle_date2(),
                     .transact_time = now_,
                     .fields = cause_.new_order != nullptr ? cause_.new_order->fields : order::MessageFields()});
      return;
    }
    const IdBuffer orig = given(named_original(order, e.request));
    if (request.kind == RequestKind::kCancel) {
      order::OutboundCancel out;
      out.cl_ord_id = cl_ord_id.view();
      out.orig_cl_ord_id = orig.view();
      out.order_id = order.broker_order_id.view();
      out.account = account(order);
      out.symbol = symbol(order);
      out.side = side(order, line);
      out.order_qty = order.order_qty;
      out.transact_time = now_;
      if (cause_.cancel != nullptr) out.fields = cause_.cancel->fields;
      send(line, out);
      return;
    }
    order::OutboundReplace out;
    out.cl_ord_id = cl_ord_id.view();
    out.orig_cl_ord_id = orig.view();
    out.order_id = order.broker_order_id.view();
    out.account = account(order);
    out.symbol = symbol(order);
    out.currency = currency(order);
    out.side = side(order, line);
    out.terms = request.replacement->terms;
    out.cash_order_qty = order.dealt == order::Dealt::kTermCash;
    out.settl_date2 = order.settle_date2();
    out.transact_time = now_;
    if (cause_.replace != nullptr) out.fields = cause_.replace->fields;
    send(line, out);
  }

  [[gnu::noinline]] void on(const order::CancelRequested& e) {
    if (e.queued == 0 || e.origin != order::RequestOrigin::kClient) return;
    const Order& order = state_.orders[e.order];
    Texts texts(*this, order, e.request);
    OutboundExecutionReport out = base(order, texts, ExecType::kPendingCancel, OrdStatus::kPendingCancel);
    const IdBuffer exec_id = own_exec_id(order);
    out.exec_id = exec_id.view();
    out.text = "the broker cannot be reached; the cancel is sent first when it is back";
    send(order.session, out);
  }

  [[gnu::noinline]] void on(const order::RequestRefused& e) {
    order::OutboundCancelReject out;
    IdBuffer order_id;
    out.order_id = "NONE";
    out.ord_status = OrdStatus::kRejected;
    out.orig_cl_ord_id = e.orig_cl_ord_id.view();
    if (e.order.has_value()) {
      const Order& order = state_.orders[e.order];
      order_id = IdBuffer::order_id(state_.setup.gateway_id, order.epoch, order.number);
      out.order_id = order_id.view();
      out.secondary_order_id = order.broker_order_id.view();
      out.ord_status = order.shown_status();
      out.orig_cl_ord_id = state_.requests[order.live].cl_ord_id.view();
      out.account = account(order);
    }
    out.cl_ord_id = e.cl_ord_id.view();
    out.response_to = e.response_to;
    out.reject = e.reject.code;
    out.text = e.reject.text.view();
    out.transact_time = now_;
    send(e.session, out);
  }

  void on(const order::ExecutionView& e) {
    if (!e->applied() || e->exec_type == ExecType::kOrderStatus) return;
    const Order& order = state_.orders[e->order];
    // A client that was told "pending new" by us is not told so again by the broker.
    if (e->exec_type == ExecType::kPendingNew && state_.setup.clients[order.client.value()].pending_new) return;
    // A fill answers no request: it carries the id that was valid when it happened (B.1.b, C.1.b).
    const bool executes = e->exec_type == ExecType::kTrade || e->exec_type == ExecType::kTradeCorrect ||
                          e->exec_type == ExecType::kTradeCancel;
    const Request& named = state_.requests[e->request];
    const bool by_live = executes && e->request != order.live && waits(named);
    Texts texts = by_live ? Texts(*this, order, order.live) : Texts(*this, order, e->request, named);
    if (executes) texts.orig_cl_ord_id = {};
    OutboundExecutionReport out = base(order, texts, e->exec_type, order.shown_status());
    const IdBuffer exec_id = IdBuffer::exec_id(state_.setup.gateway_id, state_.epoch, e->execution);
    out.exec_id = exec_id.view();
    out.secondary_exec_id = e.exec_id();
    IdBuffer exec_ref_id;
    if (e.refers_to().has_value()) {
      exec_ref_id = IdBuffer::exec_id(state_.setup.gateway_id, state_.executions[e.refers_to()].epoch, e.refers_to());
      out.exec_ref_id = exec_ref_id.view();
    }
    out.text = e.text();
    out.last_qty = e.last_qty();
    out.last_px = e.last_px();
    // A bust has no LastQty of its own: ExecRefID says what is gone (J.1.a).
    out.has_last = e->exec_type == ExecType::kTrade || e->exec_type == ExecType::kTradeCorrect ||
                   (e->exec_type == ExecType::kStopped && e.last_qty().is_positive());
    if (cause_.report != nullptr) {
      const order::ExecutionReport& report = *cause_.report;
      out.fields = report.fields;
      out.ord_rej_reason = report.ord_rej_reason;
      out.exec_restatement_reason = report.exec_restatement_reason;
      // The broker's whole text goes on, not the prefix that the journal's event keeps.
      if (!report.text.empty()) out.text = report.text;
    }
    char why[kMaxCancelText];
    if (e->exec_type == ExecType::kCanceled) {
      const std::string_view text = why_cancelled(state_, order, state_.requests[e->request], why);
      if (!text.empty()) {
        out.exec_restatement_reason = kBrokerOption;
        out.text = text;
      }
    }
    if (e->exec_type == ExecType::kRejected && out.ord_rej_reason < 0) out.reject = order::RejectCode::kBrokerRejected;
    send(order.session, out);
  }

  [[gnu::noinline]] void on(const order::RequestRejected& e) {
    const Order& order = state_.orders[e.order];
    const Request& request = state_.requests[e.request];
    if (request.origin != order::RequestOrigin::kClient) return;
    order::OutboundCancelReject out;
    const IdBuffer order_id = IdBuffer::order_id(state_.setup.gateway_id, order.epoch, order.number);
    out.order_id = order_id.view();
    out.secondary_order_id = order.broker_order_id.view();
    out.cl_ord_id = request.cl_ord_id.view();
    out.orig_cl_ord_id = state_.requests[order.live].cl_ord_id.view();
    out.account = account(order);
    out.text = e.text.view();
    out.ord_status = order.shown_status();
    out.response_to = e.response_to;
    out.cxl_rej_reason = e.cxl_rej_reason;
    if (e.cxl_rej_reason < 0) out.reject = order::RejectCode::kBrokerRejected;
    out.transact_time = now_;
    if (cause_.cancel_reject != nullptr) {
      out.fields = cause_.cancel_reject->fields;
      if (!cause_.cancel_reject->text.empty()) out.text = cause_.cancel_reject->text;
    }
    send(order.session, out);
  }

  [[gnu::noinline]] void on(const order::StatusAnswered& e) {
    if (!e.order.has_value()) {
      OutboundExecutionReport out;
      out.order_id = "NONE";
      out.exec_id = "0";
      out.cl_ord_id = e.cl_ord_id.view();
      out.exec_type = ExecType::kOrderStatus;
      out.ord_status = OrdStatus::kRejected;
      out.reject = order::RejectCode::kUnknownOrder;
      out.text = "no order of this session has this ClOrdID(11)";
      if (cause_.status != nullptr) {
        out.symbol = cause_.status->symbol;
        out.account = cause_.status->account;
        out.side = cause_.status->side;
      }
      out.transact_time = now_;
      send(e.session, out);
      return;
    }
    const Order& order = state_.orders[e.order];
    const bool duplicate = e.refused != order::RejectCode::kNone;
    Texts texts(*this, order, order.live);
    OutboundExecutionReport out =
        base(order, texts, duplicate ? ExecType::kRejected : ExecType::kOrderStatus, order.shown_status());
    const IdBuffer exec_id = own_exec_id(order);
    if (duplicate) {
      // One message about two orders: the second is refused, the figures are the first one's (F.1.a).
      out.exec_id = exec_id.view();
      out.reject = e.refused;
      out.text = "RISK-12 A4: ClOrdID(11) is in use already; the first order under it is unharmed";
    } else {
      out.exec_id = "0";
    }
    out.cl_ord_id = e.cl_ord_id.view();
    // Asked under an id that a replace has taken the place of: the valid id, and what was asked (G.1.c).
    const RequestNumber asked = duplicate ? RequestNumber::none() : state_.find_request(e.session, e.cl_ord_id.view());
    if (asked.has_value() && asked != order.live && state_.requests[asked].kind != RequestKind::kCancel &&
        state_.requests[asked].state == RequestState::kAccepted) {
      out.cl_ord_id = texts.cl_ord_id;
      out.orig_cl_ord_id = e.cl_ord_id.view();
    }
    send(e.session, out);
  }

  [[gnu::noinline]] void on(const order::MessageRefused& e) {
    order::OutboundBusinessReject out;
    out.ref_seq_num = e.ref_seq_num;
    out.ref_msg_type = e.ref_msg_type.view();
    out.ref_id = e.ref_id.view();
    out.reason = e.business_reject_reason;
    out.text = e.text.view();
    send(e.session, out);
  }

  [[gnu::noinline]] void on(const order::BrokerMassCancelRequested& e) {
    const SessionId line = state_.broker_states[e.broker.value()].session;
    // An id that no request has: by the number that the message takes.
    const IdBuffer id = IdBuffer::exec_id(state_.setup.gateway_id, state_.epoch,
                                          order::ExecutionNumber(state_.sessions[line.value()].numbers.next_sender));
    send(line, order::OutboundMassCancel{id.view(), now_});
  }

  [[gnu::noinline]] void on(const order::StatusRequested& e) {
    const SessionId line = state_.broker_states[e.broker.value()].session;
    if (!e.order.has_value()) {
      const IdBuffer id = IdBuffer::exec_id(state_.setup.gateway_id, state_.epoch,
                                            order::ExecutionNumber(state_.sessions[line.value()].numbers.next_sender));
      send(line, order::OutboundMassStatusRequest{id.view()});
      return;
    }
    const Order& order = state_.orders[e.order];
    order::OutboundStatusRequest out;
    const IdBuffer cl_ord_id = given(order.live);
    out.cl_ord_id = cl_ord_id.view();
    out.order_id = order.broker_order_id.view();
    out.account = account(order);
    out.symbol = symbol(order);
    out.side = side(order, line);
    send(line, out);
  }

 private:
  // Ids of ours that a report shows, with the memory that holds them.
  struct Texts {
    Texts(const Responder& responder, const Order& order, RequestNumber number)
        : Texts(responder, order, number, responder.state_.requests[number]) {}
    // `request`: that of this number.
    Texts(const Responder& responder, const Order& order, RequestNumber number, const Request& request)
        : order_id(IdBuffer::order_id(responder.state_.setup.gateway_id, order.epoch, order.number)) {
      const bool is_live = number == order.live;
      const Request& live = is_live ? request : responder.state_.requests[order.live];
      if (request.cl_ord_id.empty()) {  // an operator's cancel: the client knows its own order only
        cl_ord_id = live.cl_ord_id.view();
        return;
      }
      cl_ord_id = request.cl_ord_id.view();
      if (request.kind == RequestKind::kNew) return;
      // The last accepted id of the client, whatever the broker echoes (order states D.2.b to D.2.d).
      const bool accepted_replace = request.kind == RequestKind::kReplace && request.state == RequestState::kAccepted;
      if (accepted_replace) replaced = request.replaced;
      if (!is_live) orig_cl_ord_id = live.cl_ord_id.view();
    }
    IdBuffer order_id;
    std::string_view cl_ord_id;
    std::string_view orig_cl_ord_id;
    RequestNumber replaced;
  };

  OutboundExecutionReport base(const Order& order, const Texts& texts, ExecType exec_type, OrdStatus status) const {
    // Only the report of the replace itself names what it replaced; later reports stand on their own.
    const bool names_replaced = exec_type == ExecType::kReplaced && texts.replaced.has_value();
    // Written once, each field in its place: this is done for every report.
    return OutboundExecutionReport{
        .order_id = texts.order_id.view(),
        .secondary_order_id = order.broker_order_id.view(),
        .exec_id = {}, .secondary_exec_id = {}, .exec_ref_id = {},
        .cl_ord_id = texts.cl_ord_id,
        .orig_cl_ord_id = names_replaced ? state_.requests[texts.replaced].cl_ord_id.view() : texts.orig_cl_ord_id,
        .account = account(order),
        .symbol = symbol(order),
        .currency = currency(order),
        .text = {},
        .side = side(order, order.session),
        .exec_type = exec_type,
        .ord_status = status,
        .terms = order.terms(),
        .cash_order_qty = order.dealt == order::Dealt::kTermCash,
        .settl_date2 = order.settle_date2(),
        .last_qty = {}, .last_px = {}, .has_last = false,
        .cum_qty = order.cum_qty,
        .leaves_qty = order.leaves_qty,
        .value = order.value,
        .reject = order::RejectCode::kNone,
        .ord_rej_reason = -1,
        .exec_restatement_reason = -1,
        .transact_time = now_,
        .fields = {}};
  }

  void report(const Order& order, RequestNumber request, ExecType exec_type, OrdStatus status) {
    Texts texts(*this, order, request);
    OutboundExecutionReport out = base(order, texts, exec_type, status);
    const IdBuffer exec_id = own_exec_id(order);
    out.exec_id = exec_id.view();
    send(order.session, out);
  }

  // A report of our own has an ExecID of its own, by the number that it takes on the session.
  IdBuffer own_exec_id(const Order& order) const {
    const SessionNumbers& numbers = state_.sessions[order.session.value()].numbers;
    return IdBuffer::own_exec_id(state_.setup.gateway_id, state_.epoch, order.session, numbers.sequence_epoch,
                                 numbers.next_sender);
  }

  // What OrigClOrdID(41) to the broker names: what the client named if that is at the broker, else the
  // order's live request.
  RequestNumber named_original(const Order& order, RequestNumber number) const {
    std::string_view named;
    if (cause_.cancel != nullptr) named = cause_.cancel->orig_cl_ord_id;
    if (cause_.replace != nullptr) named = cause_.replace->orig_cl_ord_id;
    if (!named.empty()) {
      const RequestNumber original = state_.find_request(order.session, named);
      if (original.has_value() && original != number) {
        const Request& request = state_.requests[original];
        if (request.order == order.number && request.routed && request.kind != RequestKind::kCancel &&
            request.state != RequestState::kRejected) {
          return original;
        }
      }
    }
    return order.live;
  }

  IdBuffer given(RequestNumber number) const {
    return IdBuffer::cl_ord_id(state_.setup.gateway_id, state_.requests[number].epoch, number);
  }
  std::string_view account(const Order& order) const {
    return order.account.has_value() ? state_.accounts[order.account.value()].name.view() : std::string_view();
  }
  std::string_view symbol(const Order& order) const {
    return order.instrument.has_value() ? state_.instruments[order.instrument.value()].name.view() : std::string_view();
  }
  order::Side side(const Order& order, SessionId session) const {
    return side_for(state_.setup.sessions[session.value()], order.side, order.dealt, order.ord_type);
  }
  // Currency(15) is said where the dealt currency is not the base; nothing is assumed about the reader.
  std::string_view currency(const Order& order) const {
    if (!order.instrument.has_value()) return {};
    const std::uint32_t pair = state_.instruments[order.instrument.value()].owner;
    // What is no FX has no base; an order that was refused before its dealt currency was known says it is dealt in one.
    const bool in_base = order.dealt == order::Dealt::kBase && base_of(pair).has_value();
    const order::CurrencyId dealt = in_base ? base_of(pair) : term_of(pair);
    return state_.currencies[dealt.value()].name.view();
  }

  template <typename Message>
  void send(SessionId id, const Message& message) {
    Session& session = state_.sessions[id.value()];
    const SessionSetup& setup = state_.setup.sessions[id.value()];
    if (!setup.dialect) return;  // no longer configured: the decision has raised an alert
    char* const buffer = record_.begin_outbound(kMaxMessage);
    const std::string_view bytes =
        fix::render(*setup.dialect, session.numbers.next_sender, now_, message, std::span<char>(buffer, kMaxMessage));
    PORTCULLIS_CHECK(!bytes.empty(), "a message that cannot be rendered");
    // The length's width is known last, so the message may begin behind the buffer's start.
    if (bytes.data() != buffer) std::memmove(buffer, bytes.data(), bytes.size());
    record_.end_outbound(id, false, session.numbers.sequence_epoch, session.numbers.next_sender, bytes.size());
    ++session.numbers.next_sender;
  }

  State& state_;
  const Cause& cause_;
  const UtcTime now_;
  RecordWriter& record_;
};

template <typename E>
void say(Responder& responder, const order::EventView& event) {
  responder.on(event.in_place<E>());
}

}  // namespace

void respond(State& state, std::span<const std::byte> events, const Cause& cause, UtcTime now, RecordWriter& record) {
  using order::EventType;
  Responder responder(state, cause, now, record);
  for_each_written(events, [&](const order::EventView& event) {
    switch (event.type()) {
      case EventType::kOrderAccepted: return say<order::OrderAccepted>(responder, event);
      case EventType::kOrderRejected: return say<order::OrderRejected>(responder, event);
      case EventType::kOrderRouted: return say<order::OrderRouted>(responder, event);
      case EventType::kCancelRequested: return say<order::CancelRequested>(responder, event);
      case EventType::kRequestRefused: return say<order::RequestRefused>(responder, event);
      case EventType::kExecutionApplied: return responder.on(order::ExecutionView(event));
      case EventType::kRequestRejected: return say<order::RequestRejected>(responder, event);
      case EventType::kStatusAnswered: return say<order::StatusAnswered>(responder, event);
      case EventType::kMessageRefused: return say<order::MessageRefused>(responder, event);
      case EventType::kBrokerMassCancelRequested: return say<order::BrokerMassCancelRequested>(responder, event);
      case EventType::kStatusRequested: return say<order::StatusRequested>(responder, event);
      default: return;  // told to nobody, as most
    }
  });
}

}  // namespace portcullis::gateway
