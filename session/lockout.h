#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"

namespace portcullis::session {

struct LockoutSettings {
  std::size_t failures = 5;  // that many within `window` lock
  Duration window = Duration::seconds(60);
  Duration locked_for = Duration::seconds(60);
  std::size_t max_keys = 4096;  // then the key whose last failure is oldest is forgotten
};

// Counts failed logons by key (an address, a session) and locks where there are too many. Memory is
// bounded whatever strangers try. Time is an argument; used by one thread.
class Lockout {
 public:
  explicit Lockout(LockoutSettings settings) : settings_(settings) {}

  bool is_locked(std::string_view key, SteadyTime now) const;
  // True when this failure is the one that locks.
  bool record_failure(std::string_view key, SteadyTime now);
  // After a success, or by an operator.
  void forget(std::string_view key);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::vector<SteadyTime> failures;  // within the window, at most `failures`
    SteadyTime last;
    SteadyTime locked_until;
  };

  void make_room();

  LockoutSettings settings_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace portcullis::session
