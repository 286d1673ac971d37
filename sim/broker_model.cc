#include "sim/broker_model.h"

#include <algorithm>
#include <array>

namespace portcullis::sim {
namespace {

constexpr std::array<std::pair<std::string_view, Behaviour>, 10> kScripts{{
    {"fill", Behaviour::kFill},
    {"partial", Behaviour::kPartial},
    {"ack", Behaviour::kRest},
    {"reject", Behaviour::kReject},
    {"delay", Behaviour::kDelay},
    {"partial-then-rest", Behaviour::kPartialThenRest},
    {"bust", Behaviour::kBust},
    {"silence", Behaviour::kSilence},
    {"too-late", Behaviour::kTooLate},
    {"replace-refused", Behaviour::kReplaceRefused},
}};

// Whole units only, so that pieces stay tradable; at least one unit's worth of the quantity's own grid.
Quantity share(Quantity quantity, int parts) {
  const std::int64_t units = quantity.raw() / Quantity::kOne / parts;
  return units > 0 ? Quantity::of(units) : quantity;
}

// The price of a market order, and the step of price improvement: rough, but on every instrument's grid.
Price market_price(const std::string& symbol) {
  if (symbol.find("JPY") != std::string::npos) return Price::from_raw(15'000'000'000);
  if (symbol.find("GBP") != std::string::npos) return Price::from_raw(125'000'000);
  return Price::from_raw(110'000'000);
}
Price tick(const std::string& symbol) {
  return Price::from_raw(symbol.find("JPY") != std::string::npos ? 100'000 : 1'000);
}

bool immediate_or_cancel(const Message& terms) {
  return terms.get(59) == "3" || terms.get(59) == "4";
}

}  // namespace

std::optional<Script> parse_script(std::string_view name) {
  if (name == "mixed") return Script{};
  for (const auto& [text, behaviour] : kScripts) {
    if (text == name) return Script{behaviour};
  }
  return std::nullopt;
}

Behaviour behaviour_of(Quantity order_qty) {
  return static_cast<Behaviour>(order_qty.raw() / Quantity::kOne % 10);
}

void BrokerModel::on_message(const Message& message, const Moment& now, std::vector<Message>& out) {
  if (message.msg_type == "D") return new_order(message, now, out);
  if (message.msg_type == "F") return cancel(message, now, out);
  if (message.msg_type == "G") return replace(message, now, out);
  if (message.msg_type == "H") return order_status(message, now, out);
  if (message.msg_type == "AF") return mass_status(message, now, out);
  // DontKnowTrade(Q), Reject(3), BusinessMessageReject(j) ask for no answer: the log holds them.
  if (message.msg_type == "Q" || message.msg_type == "3" || message.msg_type == "j") return;
  Message refusal("j");
  refusal.set(45, std::to_string(message.seq)).set(372, message.msg_type).set(380, "3");
  refusal.set(58, "this broker does not support MsgType " + message.msg_type);
  out.push_back(refusal);
}

void BrokerModel::new_order(const Message& message, const Moment& now, std::vector<Message>& out) {
  const std::string& cl_ord_id = message.get(11);
  if (const Order* known = find(cl_ord_id)) {
    // A retransmission, or PossResend(97): known, so it is answered with its status and never booked again.
    if (message.poss_dup || message.poss_resend) return out.push_back(status_report(*known, now));
    return reject_order(message, "6", "duplicate ClOrdID " + cl_ord_id, now, out);
  }
  const std::optional<Quantity> quantity = Quantity::parse(message.get(38));
  if (!quantity || !quantity->is_positive()) {
    return reject_order(message, fix42() ? "0" : "13", "OrderQty(38) must be a positive number", now, out);
  }
  if (message.get(40) != "1" && !Price::parse(message.get(44))) {
    return reject_order(message, fix42() ? "0" : "99", "Price(44) is missing or no number", now, out);
  }
  if (orders_.size() >= kMaxOrders) return reject_order(message, "0", "the book is full", now, out);
  Order& order = book(message, *quantity);
  if (order.behaviour == Behaviour::kReject) {
    order.over = '8';
    Message rejected = report(order, '8', now);
    out.push_back(rejected.set(103, "0").set(58, "rejected by the broker's script"));
    return;
  }
  if (order.behaviour != Behaviour::kSilence && order.behaviour != Behaviour::kDelay) acknowledge(order, now, out);
  const bool fills = order.behaviour == Behaviour::kFill || order.behaviour == Behaviour::kPartial;
  if (immediate_or_cancel(order.terms)) {  // decided at once: all of it, or nothing of it
    if (!order.acknowledged) acknowledge(order, now, out);
    if (fills) return fill(order, leaves_qty(order), now, out);
    order.over = '4';
    return out.push_back(report(order, '4', now));
  }
  schedule(order, now);
}

BrokerModel::Order& BrokerModel::book(const Message& message, Quantity quantity) {
  Order order;
  order.terms = message;
  order.order_id = settings_.id_prefix + "-O" + std::to_string(++last_order_);
  order.cl_ord_id = message.get(11);
  order.quantity = quantity;
  order.price = Price::parse(message.get(44));
  order.behaviour = settings_.script.all.value_or(behaviour_of(quantity));
  by_cl_ord_id_[order.cl_ord_id] = orders_.size();
  by_order_id_[order.order_id] = orders_.size();
  orders_.push_back(std::move(order));
  return orders_.back();
}

void BrokerModel::cancel(const Message& message, const Moment& now, std::vector<Message>& out) {
  if (find(message.get(11)) != nullptr && (message.poss_dup || message.poss_resend)) return;  // answered before
  Order* order = find(message.get(41));
  if (order == nullptr) return out.push_back(cancel_reject(message, nullptr, 1, "unknown order", now));
  if (order->pending) return out.push_back(cancel_reject(message, order, 3, "a request is already pending", now));
  if (order->over == 0 && order->behaviour == Behaviour::kTooLate && !leaves_qty(*order).is_zero()) {
    fill(*order, leaves_qty(*order), now, out);
  }
  if (order->over != 0 || leaves_qty(*order).is_zero()) {
    return out.push_back(cancel_reject(message, order, 0, "too late to cancel", now));
  }
  by_cl_ord_id_[message.get(11)] = by_order_id_.at(order->order_id);
  Request request{message.get(11), false, order->quantity, order->price};
  if (order->behaviour != Behaviour::kPartialThenRest) return complete(*order, request, now, out);
  order->pending = request;
  Message pending = report(*order, '6', now);
  out.push_back(pending.set(41, order->cl_ord_id).set(11, request.cl_ord_id));
  schedule(*order, now);
}

void BrokerModel::replace(const Message& message, const Moment& now, std::vector<Message>& out) {
  if (find(message.get(11)) != nullptr && (message.poss_dup || message.poss_resend)) return;  // answered before
  Order* order = find(message.get(41));
  if (order == nullptr) return out.push_back(cancel_reject(message, nullptr, 1, "unknown order", now));
  if (order->pending) return out.push_back(cancel_reject(message, order, 3, "a request is already pending", now));
  if (order->over != 0 || leaves_qty(*order).is_zero()) {
    return out.push_back(cancel_reject(message, order, 0, "too late to replace", now));
  }
  const std::optional<Quantity> quantity = Quantity::parse(message.get(38));
  if (order->behaviour == Behaviour::kReplaceRefused || !quantity || !quantity->is_positive()) {
    return out.push_back(cancel_reject(message, order, fix42() ? 0 : 99, "replace refused by the broker", now));
  }
  by_cl_ord_id_[message.get(11)] = by_order_id_.at(order->order_id);
  Request request{message.get(11), true, *quantity, Price::parse(message.get(44))};
  if (behaviour_of(*quantity) != Behaviour::kPartial) return complete(*order, request, now, out);
  order->pending = request;
  Message pending = report(*order, 'E', now);
  out.push_back(pending.set(41, order->cl_ord_id).set(11, request.cl_ord_id));
  schedule(*order, now);
}

// The broker's final word on a cancel or a replace that it accepts.
void BrokerModel::complete(Order& order, const Request& request, const Moment& now, std::vector<Message>& out) {
  const std::string original = order.cl_ord_id;
  order.pending.reset();
  order.cl_ord_id = request.cl_ord_id;
  if (request.replace) {
    // A replace below what is filled already stops the order there (order state matrices, C.3).
    order.quantity = std::max(request.quantity, cum_qty(order));
    order.price = request.price;
    order.replaced = true;
    order.acknowledged = true;
    if (!settings_.script.all) order.behaviour = behaviour_of(request.quantity);
    if (order.behaviour == Behaviour::kReject) order.behaviour = Behaviour::kRest;
  } else {
    order.over = '4';
  }
  Message done = report(order, request.replace ? '5' : '4', now);
  out.push_back(done.set(41, original));
  schedule(order, now);
}

void BrokerModel::order_status(const Message& message, const Moment& now, std::vector<Message>& out) {
  const Order* order = find(message.get(11));
  Message answer = order == nullptr ? unknown_order_status(message, now) : status_report(*order, now);
  if (message.has(790)) answer.set(790, message.get(790));
  out.push_back(answer);
}

// OrderMassStatusRequest with MassStatusReqType(585)=7: all orders, finished ones too, because a gateway may take an
// order's absence as proof that it never arrived.
void BrokerModel::mass_status(const Message& message, const Moment& now, std::vector<Message>& out) {
  if (orders_.empty()) {
    Message none = unknown_order_status(message, now);
    out.push_back(none.set(584, message.get(584)).set(911, "0").set(912, "Y").set(58, "no orders"));
    return;
  }
  const std::string total = std::to_string(orders_.size());
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    Message answer = status_report(orders_[i], now);
    answer.set(584, message.get(584)).set(911, total).set(912, i + 1 == orders_.size() ? "Y" : "N");
    out.push_back(answer);
  }
}

void BrokerModel::acknowledge(Order& order, const Moment& now, std::vector<Message>& out) {
  order.acknowledged = true;
  out.push_back(report(order, '0', now));
}

void BrokerModel::fill(Order& order, Quantity quantity, const Moment& now, std::vector<Message>& out) {
  Execution execution{"", quantity, fill_price(order)};
  order.executions.push_back(execution);
  const bool whole = leaves_qty(order).is_zero();
  Message fill_report = report(order, fix42() ? (whole ? '2' : '1') : 'F', now);
  order.executions.back().exec_id = fill_report.get(17);
  out.push_back(fill_report.set(32, quantity.to_string()).set(31, execution.price.to_string()));
  schedule(order, now);
}

// Cancels the first execution: ExecType H, in 4.2 ExecTransType(20)=1, by ExecRefID(19).
void BrokerModel::bust(Order& order, const Moment& now, std::vector<Message>& out) {
  Execution& first = order.executions.front();
  first.busted = true;
  order.busted = true;
  Message busted = report(order, fix42() ? '1' : 'H', now);
  if (fix42()) busted.set(20, "1");
  out.push_back(busted.set(19, first.exec_id).set(32, first.quantity.to_string()).set(31, first.price.to_string()));
  schedule(order, now);
}

void BrokerModel::schedule(Order& order, const Moment& now) {
  ++order.generation;
  const std::optional<Duration> delay = delay_of_next_step(order);
  if (delay) due_.emplace(now.steady + *delay, Due{by_order_id_.at(order.order_id), order.generation});
}

// Nothing when the order waits for its client. It depends on the order's state alone, so a restarted broker goes on
// where the book says it stopped.
std::optional<Duration> BrokerModel::delay_of_next_step(const Order& order) {
  if (order.pending) return Duration::milliseconds(30);
  if (order.over != 0) return std::nullopt;
  const bool untouched = order.executions.empty();
  const bool whole = leaves_qty(order).is_zero();
  switch (order.behaviour) {
    case Behaviour::kFill:
      if (!whole) return Duration::milliseconds(10);
      break;
    case Behaviour::kPartial:
      if (!whole) return Duration::milliseconds(30);
      break;
    case Behaviour::kDelay:
      if (!whole) return Duration::milliseconds(order.acknowledged ? 10 : 300);
      break;
    case Behaviour::kPartialThenRest:
      if (untouched) return Duration::milliseconds(10);
      break;
    case Behaviour::kBust:
      if (!whole) return Duration::milliseconds(20);
      if (!order.busted) return Duration::milliseconds(100);
      break;
    case Behaviour::kRest:
    case Behaviour::kReject:
    case Behaviour::kSilence:
    case Behaviour::kTooLate:
    case Behaviour::kReplaceRefused:
      break;
  }
  return std::nullopt;
}

void BrokerModel::step(Order& order, const Moment& now, std::vector<Message>& out) {
  if (order.pending) return complete(order, Request(*order.pending), now, out);
  if (!order.acknowledged) {
    acknowledge(order, now, out);
    return schedule(order, now);
  }
  const Quantity leaves = leaves_qty(order);
  switch (order.behaviour) {
    case Behaviour::kPartial: {
      const Quantity piece = share(order.quantity, 3);
      const bool last = order.executions.size() >= 2 || piece > leaves;
      return fill(order, last ? leaves : piece, now, out);
    }
    case Behaviour::kPartialThenRest:
      return fill(order, share(leaves, 2), now, out);
    case Behaviour::kBust:
      if (order.executions.empty()) return fill(order, share(leaves, 2), now, out);
      if (leaves.is_zero()) return bust(order, now, out);
      return fill(order, leaves, now, out);
    default:
      return fill(order, leaves, now, out);
  }
}

void BrokerModel::on_timer(const Moment& now, std::vector<Message>& out) {
  while (!due_.empty() && due_.begin()->first <= now.steady) {
    const Due due = due_.begin()->second;
    due_.erase(due_.begin());
    Order& order = orders_[due.order];
    if (order.generation == due.generation) step(order, now, out);
  }
}

std::optional<SteadyTime> BrokerModel::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

BrokerModel::Order* BrokerModel::find(const std::string& cl_ord_id) {
  const auto found = by_cl_ord_id_.find(cl_ord_id);
  return found == by_cl_ord_id_.end() ? nullptr : &orders_[found->second];
}

Quantity BrokerModel::cum_qty(const Order& order) {
  Quantity sum;
  for (const Execution& execution : order.executions) {
    if (!execution.busted) sum += execution.quantity;
  }
  return sum;
}

Quantity BrokerModel::leaves_qty(const Order& order) {
  return order.over != 0 ? Quantity() : order.quantity - cum_qty(order);
}

Price BrokerModel::avg_px(const Order& order) {
  Wide money = 0;
  Wide quantity = 0;
  for (const Execution& execution : order.executions) {
    if (execution.busted) continue;
    money += static_cast<Wide>(execution.price.raw()) * execution.quantity.raw();
    quantity += execution.quantity.raw();
  }
  if (quantity == 0) return Price();
  return Price::from_raw(static_cast<std::int64_t>(divide(money, quantity, Rounding::kHalfEven)));
}

// By the precedence of OrdStatus: pending, filled, cancelled, partially filled, replaced (4.2 only), new.
char BrokerModel::ord_status(const Order& order) const {
  if (order.pending) return order.pending->replace ? 'E' : '6';
  const Quantity cum = cum_qty(order);
  if (cum == order.quantity) return '2';
  if (order.over != 0) return order.over;
  if (cum.is_positive()) return '1';
  return fix42() && order.replaced ? '5' : '0';
}

// A limit order's first two fills are two ticks and one tick better than its limit, so that AvgPx is no round number.
Price BrokerModel::fill_price(const Order& order) {
  const std::string& symbol = order.terms.get(55);
  if (!order.price) return market_price(symbol);
  const auto fills = static_cast<std::int64_t>(order.executions.size());
  const std::int64_t better = tick(symbol).raw() * std::max<std::int64_t>(0, 2 - fills);
  return Price::from_raw(order.price->raw() + (order.terms.get(54) == "1" ? -better : better));
}

}  // namespace portcullis::sim
