#include "sim/inbox.h"

#include <chrono>

namespace portcullis::sim {

SteadyTime steady_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return SteadyTime::from_ns(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

std::optional<Inbox::Item> Inbox::wait_until(SteadyTime deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  const std::chrono::steady_clock::time_point until{std::chrono::nanoseconds(deadline.ns())};
  if (!changed_.wait_until(lock, until, [this] { return !items_.empty(); })) return std::nullopt;
  Item item = std::move(items_.front());
  items_.pop_front();
  changed_.notify_all();
  if (item.kind == Kind::kTimer) return std::nullopt;
  return item;
}

void Inbox::wake() {
  push(Item{Kind::kTimer, {}});
}

void Inbox::push(Item item) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return items_.size() < kMaxItems; });
  items_.push_back(std::move(item));
  changed_.notify_all();
}

void Inbox::on_logon() {
  log_.note("logon", "");
  push(Item{Kind::kLogon, {}});
}

void Inbox::on_logout() {
  log_.note("logout", "");
  push(Item{Kind::kLogout, {}});
}

void Inbox::on_received(const Message& message) {
  log_.message("in", message);
  push(Item{Kind::kReceived, message});
}

void Inbox::on_sending(const Message& message) {
  log_.message("out", message);
}

void Inbox::on_event(const std::string& text) {
  log_.note("event", text);
}

}  // namespace portcullis::sim
