#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <thread>
#include <vector>

namespace portcullis::acceptance {

// The system calls that one thread of a running process makes, noted by ptrace(2). The thread must make some from time
// to time by itself, as ours do on their timers: it is left at one of them.
class ThreadCalls {
 public:
  struct Call {
    std::uint64_t number = 0;  // SYS_…
    std::int64_t result = 0;   // 0 while it has not returned
  };

  // Begins at once. The thread is known by its name, as /proc shows it. Throws when there is none, or when it cannot be
  // traced.
  ThreadCalls(pid_t process, const std::string& name);
  ~ThreadCalls() { stop(); }
  ThreadCalls(const ThreadCalls&) = delete;
  ThreadCalls& operator=(const ThreadCalls&) = delete;

  // Lets the thread go. What it has called since the beginning, in order.
  const std::vector<Call>& stop();
  // How many of the calls are one of these.
  int count(std::initializer_list<std::uint64_t> numbers) const;
  // The same of those whose result is above zero: bytes that were moved.
  int count_moving(std::initializer_list<std::uint64_t> numbers) const;
  // "epoll_wait 3, recvfrom 1", by number, for messages.
  std::string summary() const;

 private:
  void trace(pid_t thread, std::atomic<int>& begun);

  std::vector<Call> calls_;
  std::atomic<bool> stopping_{false};
  std::thread tracer_;
};

}  // namespace portcullis::acceptance
