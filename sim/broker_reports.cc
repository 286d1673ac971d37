// The broker's messages, and its book rebuilt from them.
#include <algorithm>
#include <set>

#include "sim/broker_model.h"

namespace portcullis::sim {
namespace {

std::string timestamp(const Moment& now) {
  char buffer[27];
  return std::string(buffer, format_utc_timestamp(now.utc, TimePrecision::kMilliseconds, buffer));
}

}  // namespace

Message BrokerModel::report(const Order& order, char exec_type, const Moment& now) {
  Message message("8");
  message.set(37, order.order_id).set(11, order.cl_ord_id);
  message.set(17, settings_.id_prefix + "-E" + std::to_string(++last_exec_));
  if (fix42()) message.set(20, "0");
  message.set(150, std::string(1, exec_type)).set(39, std::string(1, ord_status(order)));
  for (const int tag : {1, 15, 40, 54, 55, 59, 63, 64, 167}) {
    if (order.terms.has(tag)) message.set(tag, order.terms.get(tag));
  }
  if (!fix42() && order.terms.has(526)) message.set(526, order.terms.get(526));
  message.set(38, order.quantity.to_string());
  if (order.price) message.set(44, order.price->to_string());
  message.set(14, cum_qty(order).to_string()).set(151, leaves_qty(order).to_string());
  message.set(6, avg_px(order).to_string());
  if (fix42()) message.set(32, "0").set(31, "0");
  message.set(60, timestamp(now));
  return message;
}

// A status report changes nothing: ExecType I with ExecID 0, in 4.2 ExecTransType(20)=3 and ExecType as OrdStatus.
Message BrokerModel::status_report(const Order& order, const Moment& now) {
  const char status = ord_status(order);
  Message message = report(order, fix42() ? status : 'I', now);
  --last_exec_;
  message.set(17, "0");
  if (fix42()) message.set(20, "3");
  return message;
}

Message BrokerModel::unknown_order_status(const Message& request, const Moment& now) {
  Message message("8");
  message.set(37, "NONE").set(17, "0");
  if (request.has(11)) message.set(11, request.get(11));
  if (fix42()) message.set(20, "3");
  message.set(150, fix42() ? "8" : "I").set(39, "8").set(103, "5");
  for (const int tag : {1, 54, 55}) {
    if (request.has(tag)) message.set(tag, request.get(tag));
  }
  if (!request.has(54)) message.set(54, "1");
  if (!request.has(55)) message.set(55, "NONE");
  message.set(38, "0").set(14, "0").set(151, "0").set(6, "0");
  return message.set(58, "unknown order").set(60, timestamp(now));
}

void BrokerModel::reject_order(const Message& message, const std::string& reason, const std::string& text,
                               const Moment& now, std::vector<Message>& out) {
  Message rejected("8");
  rejected.set(37, "NONE").set(11, message.get(11));
  rejected.set(17, settings_.id_prefix + "-E" + std::to_string(++last_exec_));
  if (fix42()) rejected.set(20, "0");
  rejected.set(150, "8").set(39, "8").set(103, reason).set(58, text);
  for (const int tag : {1, 38, 40, 44, 54, 55}) {
    if (message.has(tag)) rejected.set(tag, message.get(tag));
  }
  out.push_back(rejected.set(14, "0").set(151, "0").set(6, "0").set(60, timestamp(now)));
}

// OrderCancelReject with CxlRejReason(102): 0 too late, 1 unknown order, 3 already pending, 99 other.
Message BrokerModel::cancel_reject(const Message& request, const Order* order, int reason, const std::string& text,
                                   const Moment& now) {
  Message message("9");
  message.set(37, order == nullptr ? "NONE" : order->order_id).set(11, request.get(11));
  message.set(41, order == nullptr ? request.get(41) : order->cl_ord_id);
  message.set(39, order == nullptr ? "8" : std::string(1, ord_status(*order)));
  message.set(434, request.msg_type == "G" ? "2" : "1").set(102, std::to_string(reason));
  return message.set(58, text).set(60, timestamp(now));
}

void BrokerModel::restore(const std::vector<LogLine>& lines, const Moment& now, std::vector<Message>& out) {
  std::set<long> voided;
  for (const LogLine& line : lines) {
    if (line.kind == "void") voided.insert(line.message.seq);
  }
  std::set<std::string> answered;  // ClOrdIDs that an own message has answered
  std::vector<Message> requests;
  for (const LogLine& line : lines) {
    const Message& message = line.message;
    if (line.kind == "out" && !message.poss_dup && voided.count(message.seq) == 0) {
      const bool only_pending = message.get(150) == "6" || message.get(150) == "E";
      if (!only_pending) answered.insert(message.get(11));
      if (message.msg_type == "8") apply_own_report(message);
    }
    if (line.kind != "in") continue;
    if (message.msg_type == "D" && find(message.get(11)) == nullptr) {
      const std::optional<Quantity> quantity = Quantity::parse(message.get(38));
      if (quantity && quantity->is_positive()) book(message, *quantity);
    } else if (message.msg_type == "F" || message.msg_type == "G") {
      requests.push_back(message);
    }
  }
  for (Order& order : orders_) {
    const bool silent = order.behaviour == Behaviour::kSilence || order.behaviour == Behaviour::kDelay;
    if (order.over == 0 && !order.acknowledged && !silent) acknowledge(order, now, out);
    schedule(order, now);
  }
  for (const Message& request : requests) {
    if (answered.count(request.get(11)) == 0) on_message(request, now, out);
  }
}

// Folds one of our own ExecutionReports into the order it is about.
void BrokerModel::apply_own_report(const Message& message) {
  Order* order = find(message.get(11));
  if (order == nullptr) order = find(message.get(41));
  const std::string& exec_type = message.get(150);
  const std::string& trans = message.get(20);
  if (order == nullptr || message.get(37) == "NONE" || exec_type == "I" || trans == "3") return;
  ++last_exec_;
  if (order->order_id != message.get(37)) {  // the identifiers of the start that booked it
    by_order_id_.erase(order->order_id);
    order->order_id = message.get(37);
  }
  const std::size_t index =
      by_cl_ord_id_.count(message.get(11)) != 0 ? by_cl_ord_id_[message.get(11)] : by_cl_ord_id_[message.get(41)];
  by_order_id_[order->order_id] = index;
  by_cl_ord_id_[message.get(11)] = index;
  order->pending.reset();
  if (exec_type == "8") {
    order->over = '8';
  } else if (exec_type == "4") {
    order->over = '4';
    order->cl_ord_id = message.get(11);
  } else if (exec_type == "5") {
    order->cl_ord_id = message.get(11);
    order->quantity = Quantity::parse(message.get(38)).value_or(order->quantity);
    order->price = Price::parse(message.get(44));
    order->replaced = true;
    if (!settings_.script.all) order->behaviour = behaviour_of(order->quantity);
    if (order->behaviour == Behaviour::kReject) order->behaviour = Behaviour::kRest;
  } else if (exec_type == "H" || trans == "1") {
    order->busted = true;
    for (Execution& execution : order->executions) {
      if (execution.exec_id == message.get(19)) execution.busted = true;
    }
  } else if (exec_type == "F" || exec_type == "1" || exec_type == "2") {
    order->executions.push_back({message.get(17), Quantity::parse(message.get(32)).value_or(Quantity()),
                                 Price::parse(message.get(31)).value_or(Price())});
  }
  order->acknowledged = exec_type != "8";
}

}  // namespace portcullis::sim
