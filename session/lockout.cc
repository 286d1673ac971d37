#include "session/lockout.h"

#include <algorithm>

namespace portcullis::session {

bool Lockout::is_locked(std::string_view key, SteadyTime now) const {
  const auto found = entries_.find(std::string(key));
  return found != entries_.end() && now < found->second.locked_until;
}

bool Lockout::record_failure(std::string_view key, SteadyTime now) {
  std::string name(key);
  if (!entries_.contains(name) && entries_.size() >= settings_.max_keys) make_room();
  Entry& entry = entries_[std::move(name)];
  entry.last = now;
  if (now < entry.locked_until) return false;
  std::erase_if(entry.failures, [&](SteadyTime at) { return now - at >= settings_.window; });
  entry.failures.push_back(now);
  if (entry.failures.size() < settings_.failures) return false;
  entry.failures.clear();
  entry.locked_until = now + settings_.locked_for;
  return true;
}

void Lockout::forget(std::string_view key) {
  entries_.erase(std::string(key));
}

void Lockout::make_room() {
  const auto oldest = std::min_element(entries_.begin(), entries_.end(),
                                       [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
  if (oldest != entries_.end()) entries_.erase(oldest);
}

}  // namespace portcullis::session
