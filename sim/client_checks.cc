// What the trader makes of the messages it gets, and what it holds against them.
#include "sim/client_model.h"

namespace portcullis::sim {
namespace {

std::optional<Quantity> quantity_of(const Message& message, int tag) {
  return Quantity::parse(message.get(tag));
}

bool is_status_report(const Message& message) {
  return message.get(150) == "I" || message.get(20) == "3";
}
bool is_bust(const Message& message) {
  return message.get(150) == "H" || message.get(20) == "1";
}
bool is_correction(const Message& message) {
  return message.get(150) == "G" || message.get(20) == "2";
}
bool is_trade(const Message& message) {
  const std::string& type = message.get(150);
  return type == "F" || ((type == "1" || type == "2") && message.get(20) == "0");
}

}  // namespace

void ClientModel::on_message(const Message& message, const Moment& now, std::vector<Message>& out,
                             std::vector<std::string>& violations) {
  const std::size_t before = violations.size();
  if (message.msg_type == "8") {
    on_report(message, now, violations);
  } else if (message.msg_type == "9") {
    on_cancel_reject(message, now, violations);
  } else if (message.msg_type == "j" || message.msg_type == "3") {
    on_refused_message(message);
  }
  violations_ += static_cast<std::int64_t>(violations.size() - before);
  on_timer(now, out);
}

ClientModel::Order* ClientModel::find(const Message& message) {
  for (const int tag : {11, 41}) {
    const auto found = by_cl_ord_id_.find(message.get(tag));
    if (found != by_cl_ord_id_.end()) return &orders_[found->second];
  }
  return nullptr;
}

void ClientModel::on_report(const Message& message, const Moment& now, std::vector<std::string>& violations) {
  Order* order = find(message);
  if (order == nullptr) {
    if (message.get(11).compare(0, settings_.id_prefix.size(), settings_.id_prefix) != 0) return;  // an earlier run's
    violations.push_back("a report for an order that was never sent: ClOrdID " + message.get(11));
    return;
  }
  if (is_status_report(message)) return;  // changes nothing
  const std::string& exec_id = message.get(17);
  if (!exec_ids_.insert(exec_id).second) {
    const bool again = message.poss_dup || message.poss_resend;
    if (!again) violations.push_back("ExecID " + exec_id + " was reported twice as new");
    return;
  }
  book(*order, message, violations);
  check(*order, message, violations);
  follow_up(*order, now, message);
}

void ClientModel::book(Order& order, const Message& message, std::vector<std::string>& violations) {
  const std::string& exec_type = message.get(150);
  if (message.get(39).size() == 1) set_status(order, message.get(39)[0]);
  if (exec_type != "8") order.acknowledged = true;
  if (is_trade(message)) {
    const std::optional<Price> price = Price::parse(message.get(31));
    const std::optional<Quantity> quantity = quantity_of(message, 32);
    if (!price || !quantity) {
      violations.push_back("a fill without a readable LastQty(32) and LastPx(31): ExecID " + message.get(17));
      return;
    }
    order.executions[message.get(17)] = Execution{*quantity, *price};
  } else if (is_bust(message) || is_correction(message)) {
    const auto busted = order.executions.find(message.get(19));
    if (busted == order.executions.end()) {
      violations.push_back("ExecRefID " + message.get(19) + " names no execution of order " + order.root);
      return;
    }
    busted->second.busted = true;
    if (is_correction(message)) {
      order.executions[message.get(17)] =
          Execution{quantity_of(message, 32).value_or(Quantity()), Price::parse(message.get(31)).value_or(Price())};
    }
  } else if (exec_type == "5") {
    order.cl_ord_id = message.get(11);
    const auto terms = order.replaces.find(message.get(11));
    if (terms == order.replaces.end()) {
      violations.push_back("order " + order.root + " was replaced by " + message.get(11) +
                           ", which asks for no replace");
      return;
    }
    order.quantity = terms->second.quantity;
    order.price = terms->second.price;
    if (order.request == message.get(11)) order.request.clear();
    ++replaced_;
  } else if (exec_type == "4") {
    order.request.clear();
  }
}

void ClientModel::check(const Order& order, const Message& message, std::vector<std::string>& violations) {
  const auto blame = [&](const std::string& what) {
    violations.push_back("order " + order.root + ", ExecID " + message.get(17) + ": " + what);
  };
  const std::optional<Quantity> cum = quantity_of(message, 14);
  const std::optional<Quantity> leaves = quantity_of(message, 151);
  if (!cum || !leaves) return blame("CumQty(14) or LeavesQty(151) is missing or no number");

  Quantity expected_cum;
  Wide money = 0;
  for (const auto& [exec_id, execution] : order.executions) {
    if (execution.busted) continue;
    expected_cum += execution.quantity;
    money += static_cast<Wide>(execution.price.raw()) * execution.quantity.raw();
  }
  if (*cum != expected_cum) {
    blame("CumQty " + message.get(14) + ", but the executions add up to " + expected_cum.to_string());
  }
  if (ended(order) && order.status != '2') {
    if (!leaves->is_zero()) blame("LeavesQty " + message.get(151) + " on an order that is over");
  } else if (*cum + *leaves != order.quantity) {
    blame("CumQty " + message.get(14) + " and LeavesQty " + message.get(151) + " do not make OrderQty " +
          order.quantity.to_string());
  }
  if (expected_cum.is_positive()) {
    const Wide average = divide(money, expected_cum.raw(), Rounding::kHalfEven);
    const std::optional<Price> stated = Price::parse(message.get(6));
    const Wide off = stated ? stated->raw() - average : 2;
    if (off > 1 || off < -1) {  // one unit of the eighth decimal for another way of rounding
      blame("AvgPx " + message.get(6) + ", expected " +
            Price::from_raw(static_cast<std::int64_t>(average)).to_string());
    }
  }
  if (message.get(37).empty()) blame("OrderID(37) is missing");
}

void ClientModel::on_cancel_reject(const Message& message, const Moment& now, std::vector<std::string>& violations) {
  Order* order = find(message);
  if (order == nullptr) {
    violations.push_back("an OrderCancelReject for a request that was never sent: ClOrdID " + message.get(11));
    return;
  }
  if (order->request != message.get(11)) return;  // an older request's
  const bool was_replace = order->replaces.count(message.get(11)) != 0;
  order->request.clear();
  // A status that the refusal states is the other side's word, unless the order is already over.
  if (message.get(39).size() == 1 && order->status != 0 && !ended(*order)) {
    set_status(*order, message.get(39)[0]);
  }
  if (was_replace && !ended(*order)) {  // the trader gives up on it
    order->plan = Plan::kCancel;
    at(*order, now.steady + Duration::milliseconds(20));
  }
}

// Reject(3) and BusinessMessageReject(j) name our message by RefSeqNum(45): a refused order is over, a refused request
// is not under way any more.
void ClientModel::on_refused_message(const Message& message) {
  const auto sent = sent_.find(std::atol(message.get(45).c_str()));
  if (sent == sent_.end()) return;
  Order& order = orders_[by_cl_ord_id_.at(sent->second)];
  if (sent->second == order.root) {
    if (order.status == 0) set_status(order, '8');
  } else if (order.request == sent->second) {
    order.request.clear();
  }
}

}  // namespace portcullis::sim
