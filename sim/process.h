#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace portcullis::sim {

// A child process that cannot outlive its owner: the destructor kills it, and the kernel does when the parent dies.
// Start it from a thread that lives as long as the child should (the kernel watches that thread). One thread.
class Process {
 public:
  struct Spec {
    std::vector<std::string> command;                              // the program's path first
    std::vector<std::pair<std::string, std::string>> environment;  // besides the parent's
    std::string output;  // a file for standard output, appended to; empty: the parent's
    std::string errors;  // the same for standard error
  };

  // Its own process group, so that a Ctrl-C at the terminal reaches the parent alone. An error says what failed; a
  // program that cannot be executed is a child that exits with 127.
  static Result<Process> start(const Spec& spec);

  Process() = default;  // none
  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)), exit_code_(other.exit_code_) {}
  Process& operator=(Process&& other) noexcept;
  ~Process();  // SIGKILL, when it still runs

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number);
  // The exit code (128 + the signal's number when one ended it), or nothing when it still runs after `time`.
  std::optional<int> wait(Duration time);
  // SIGTERM, then SIGKILL after `patience`. The exit code.
  int stop(Duration patience);

 private:
  void reap(bool block);

  pid_t pid_ = -1;  // -1: none, or it has ended
  std::optional<int> exit_code_;
};

// The path of this program, to run another of its commands.
std::string own_program();

// `count` ports of 127.0.0.1 that nobody listens on now.
Result<std::vector<std::uint16_t>> free_ports(std::size_t count);

// A new directory of its own, removed with all that is in it by the destructor, unless keep() was called.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& prefix);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void keep() { keep_ = true; }

 private:
  std::string path_;
  bool keep_ = false;
};

}  // namespace portcullis::sim
