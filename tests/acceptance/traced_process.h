#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "sim/process.h"

namespace portcullis::acceptance {

// A child process under ptrace(2), so that it can be killed at a chosen system call: between two instructions of its
// own, at a point that no time-out could hit. Nothing in the child knows of it.
class TracedProcess {
 public:
  struct Stop {
    pid_t process = 0;
    pid_t thread = 0;
    bool exit = false;       // false: about to enter the call; true: it has returned
    std::uint64_t call = 0;  // SYS_…
    std::array<std::uint64_t, 6> arguments{};
    std::int64_t result = 0;  // at exit
  };
  // Asked at every stop of every thread, on the tracer's thread, while armed; true kills the process there and then.
  using KillWhen = std::function<bool(const Stop&)>;

  explicit TracedProcess(sim::Process::Spec spec);
  ~TracedProcess();  // SIGKILL
  TracedProcess(const TracedProcess&) = delete;
  TracedProcess& operator=(const TracedProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool running() const { return !ended_; }
  void arm(KillWhen when);
  // True once the process was killed by what arm() was given.
  bool hit() const { return hit_; }
  // Waits for the end; false when it still runs after the time.
  bool wait(Duration time);
  void signal(int number);
  // The exit code, or 128 + the signal's number. After the end.
  int exit_code() const { return exit_code_; }

 private:
  void trace(const sim::Process::Spec& spec, std::promise<pid_t>& started);
  void on_stop(pid_t thread, int status);

  std::thread thread_;
  std::atomic<pid_t> pid_{-1};
  std::atomic<bool> ended_{false}, hit_{false};
  std::atomic<int> exit_code_{0};
  std::atomic<KillWhen*> when_{nullptr};
  std::optional<KillWhen> armed_;
  std::promise<void> end_;
  std::future<void> end_future_;
  std::uint64_t last_call_ = 0;
};

// What a file descriptor of another process is: a path, or "client" (an accepted connection on `accept_port`), or
// "broker" (a connection to one of `broker_ports`), or "socket".
class Descriptors {
 public:
  Descriptors(std::uint16_t accept_port, std::vector<std::uint16_t> broker_ports)
      : accept_port_(accept_port), broker_ports_(std::move(broker_ports)) {}
  std::string kind(pid_t process, std::uint64_t descriptor) const;

 private:
  std::uint16_t accept_port_;
  std::vector<std::uint16_t> broker_ports_;
};

}  // namespace portcullis::acceptance
