#include "sim/client_model.h"

#include <algorithm>

namespace portcullis::sim {
namespace {

std::string timestamp(const Moment& now) {
  char buffer[27];
  return std::string(buffer, format_utc_timestamp(now.utc, TimePrecision::kMilliseconds, buffer));
}

// The middle of the market and the price step, as the reference configuration has them.
struct Market {
  Price middle;
  std::int64_t tick;
};
Market market(const std::string& symbol) {
  if (symbol == "USD/JPY") return {Price::from_raw(15'000'000'000), 100'000};
  if (symbol == "GBP/USD") return {Price::from_raw(125'000'000), 1'000};
  return {Price::from_raw(110'000'000), 1'000};
}

constexpr std::int64_t kOversize = 20'000'000;  // above max_order_quantity of the reference configuration

}  // namespace

ClientModel::ClientModel(ClientModelSettings settings)
    : settings_(std::move(settings)), random_state_(settings_.seed) {}

// splitmix64: the whole run follows from the seed.
std::uint64_t ClientModel::random() {
  std::uint64_t z = (random_state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// The mix, in percent. The quantity's last digit tells the broker what to do: see Behaviour.
void ClientModel::place(const Moment& now, std::vector<Message>& out) {
  const std::size_t dice = pick(100);
  const auto tens = static_cast<std::int64_t>(100 + pick(4'900)) * 10;
  const auto with = [&](Behaviour behaviour) { return Quantity::of(tens + static_cast<std::int64_t>(behaviour)); };
  if (dice < 3) {  // refused by risk
    send_new(add(Quantity::of(kOversize)), now, out);
  } else if (dice < 12) {
    Order& order = add(with(Behaviour::kRest));
    order.plan = Plan::kCancel;
    send_new(order, now, out);
  } else if (dice < 20) {
    Order& order = add(with(Behaviour::kRest));
    order.plan = Plan::kReplace;
    send_new(order, now, out);
  } else if (dice < 25) {
    send_new(add(with(Behaviour::kReject)), now, out);
  } else if (dice < 29) {
    send_new(add(with(Behaviour::kDelay)), now, out);
  } else if (dice < 33) {
    Order& order = add(with(Behaviour::kPartialThenRest));
    order.plan = Plan::kCancelWhenFilled;
    send_new(order, now, out);
  } else if (dice < 35) {
    send_new(add(with(Behaviour::kBust)), now, out);
  } else if (dice < 36) {
    Order& order = add(with(Behaviour::kTooLate));
    order.plan = Plan::kCancel;
    send_new(order, now, out);
  } else if (dice < 37) {
    Order& order = add(with(Behaviour::kReplaceRefused));
    order.plan = Plan::kReplace;
    send_new(order, now, out);
  } else if (dice < 38) {
    Order& order = add(with(Behaviour::kFill));
    order.ord_type = '1';
    send_new(order, now, out);
  } else if (dice < 40) {  // immediate or cancel: one that fills, one that cannot
    Order& order = add(with(dice == 38 ? Behaviour::kFill : Behaviour::kRest));
    order.time_in_force = '3';
    send_new(order, now, out);
  } else if (dice < 41 && settings_.with_silence) {
    Order& order = add(with(Behaviour::kSilence));
    order.plan = Plan::kCancelUnanswered;
    send_new(order, now, out);
  } else {
    send_new(add(with(dice < 60 ? Behaviour::kPartial : Behaviour::kFill)), now, out);
  }
}

void ClientModel::place(Quantity quantity, const Moment& now, std::vector<Message>& out) {
  send_new(add(quantity), now, out);
}

ClientModel::Order& ClientModel::add(Quantity quantity) {
  Order order;
  const std::size_t number = orders_.size();
  order.root = settings_.id_prefix + "-" + std::to_string(number + 1);
  order.cl_ord_id = order.root;
  if (!settings_.accounts.empty()) order.account = settings_.accounts[number % settings_.accounts.size()];
  order.symbol = settings_.symbols[pick(settings_.symbols.size())];
  order.side = pick(2) == 0 ? '1' : '2';
  order.quantity = quantity;
  const Market at = market(order.symbol);
  order.price = Price::from_raw(at.middle.raw() + (static_cast<std::int64_t>(pick(101)) - 50) * at.tick);
  by_cl_ord_id_[order.root] = number;
  ++not_ended_;
  orders_.push_back(std::move(order));
  return orders_.back();
}

void ClientModel::send_new(Order& order, const Moment& now, std::vector<Message>& out) {
  Message message("D");
  message.set(11, order.root);
  if (!order.account.empty()) message.set(1, order.account);
  message.set(21, "1").set(55, order.symbol).set(54, std::string(1, order.side));
  message.set(38, order.quantity.to_string()).set(40, std::string(1, order.ord_type));
  if (order.ord_type == '2') message.set(44, order.price.to_string());
  message.set(59, std::string(1, order.time_in_force)).set(60, timestamp(now));
  // A trace that a gateway passes on unread, so that the ledger can join the client's order with the broker's.
  if (!fix42()) message.set(526, order.root);
  out.push_back(message.set(58, order.root));
  if (order.plan == Plan::kCancelUnanswered) at(order, now.steady + Duration::seconds(2));
}

Message ClientModel::request(Order& order, const char* type, const Moment& now) {
  Message message(type);
  order.request = order.root + "." + std::to_string(++order.requests);
  by_cl_ord_id_[order.request] = by_cl_ord_id_.at(order.root);
  message.set(11, order.request).set(41, order.cl_ord_id);
  if (!order.account.empty()) message.set(1, order.account);
  message.set(55, order.symbol).set(54, std::string(1, order.side)).set(60, timestamp(now));
  return message;
}

void ClientModel::send_cancel(Order& order, const Moment& now, std::vector<Message>& out) {
  Message message = request(order, "F", now);
  out.push_back(message.set(38, order.quantity.to_string()));
}

// To a quantity that the broker fills, at once or in parts, larger or smaller, one tick away.
void ClientModel::send_replace(Order& order, const Moment& now, std::vector<Message>& out) {
  Message message = request(order, "G", now);
  const Behaviour then = pick(2) == 0 ? Behaviour::kFill : Behaviour::kPartial;
  Order::Terms& terms = order.replaces[order.request];
  terms.quantity = Quantity::of(static_cast<std::int64_t>(100 + pick(4'900)) * 10 + static_cast<std::int64_t>(then));
  terms.price = Price::from_raw(order.price.raw() + market(order.symbol).tick);
  message.set(21, "1").set(38, terms.quantity.to_string()).set(40, "2").set(44, terms.price.to_string());
  out.push_back(message.set(59, std::string(1, order.time_in_force)));
}

void ClientModel::on_sent(const Message& message, long seq) {
  if (seq != 0) sent_[seq] = message.get(11);
}

void ClientModel::at(const Order& order, SteadyTime when) {
  due_.emplace(when, by_cl_ord_id_.at(order.root));
}

// What a report makes the trader do next, a little later, as a person would.
void ClientModel::follow_up(Order& order, const Moment& now, const Message& message) {
  const Duration later = Duration::milliseconds(20 + static_cast<std::int64_t>(pick(100)));
  const bool acknowledged_now = message.get(150) == "0" && order.status != '2';
  const bool filled_now = order.status == '1';
  if (order.plan == Plan::kCancelWhenFilled ? filled_now : acknowledged_now && order.plan != Plan::kNone) {
    at(order, now.steady + later);
  }
}

void ClientModel::on_timer(const Moment& now, std::vector<Message>& out) {
  while (!due_.empty() && due_.begin()->first <= now.steady) {
    Order& order = orders_[due_.begin()->second];
    due_.erase(due_.begin());
    if (ended(order)) continue;
    if (draining_) {
      if (order.status == 0 && order.plan != Plan::kCancelUnanswered) {  // no answer: nothing to cancel yet
        at(order, now.steady + settings_.patience);
        continue;
      }
      if (order.drain_cancels++ >= kMaxDrainCancels) continue;
      send_cancel(order, now, out);
      at(order, now.steady + settings_.patience);
      continue;
    }
    if (!order.request.empty()) continue;
    if (order.plan == Plan::kReplace) {
      order.plan = Plan::kNone;
      send_replace(order, now, out);
    } else if (order.plan != Plan::kNone) {
      order.plan = Plan::kNone;
      send_cancel(order, now, out);
    }
  }
}

std::optional<SteadyTime> ClientModel::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

// Orders on their way to a fill get the time to arrive there.
void ClientModel::drain(const Moment& now) {
  if (draining_) return;
  draining_ = true;
  due_.clear();
  for (const Order& order : orders_) {
    if (!ended(order)) at(order, now.steady + settings_.patience);
  }
}

void ClientModel::resume() {
  draining_ = false;
  due_.clear();
  for (Order& order : orders_) order.drain_cancels = 0;
}

bool ClientModel::ended(const Order& order) {
  return order.status == '2' || order.status == '4' || order.status == '8' || order.status == 'C';
}

void ClientModel::set_status(Order& order, char status) {
  not_ended_ -= ended(order) ? 0 : 1;
  order.status = status;
  not_ended_ += ended(order) ? 0 : 1;
}

ClientCounts ClientModel::counts() const {
  ClientCounts counts;
  counts.orders = static_cast<std::int64_t>(orders_.size());
  for (const Order& order : orders_) {
    counts.acknowledged += order.acknowledged ? 1 : 0;
    counts.rejected += order.status == '8' ? 1 : 0;
    counts.filled += order.status == '2' ? 1 : 0;
    counts.cancelled += order.status == '4' || order.status == 'C' ? 1 : 0;
    counts.unanswered += order.status == 0 ? 1 : 0;
    counts.open += order.status != 0 && !ended(order) ? 1 : 0;
    counts.executions += static_cast<std::int64_t>(order.executions.size());
  }
  counts.replaced = replaced_;
  counts.violations = violations_;
  return counts;
}

}  // namespace portcullis::sim
