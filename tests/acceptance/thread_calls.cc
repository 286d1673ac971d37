#include "tests/acceptance/thread_calls.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

namespace portcullis::acceptance {
namespace {

long ptrace_call(unsigned request, pid_t thread, std::uintptr_t address, std::uintptr_t data) {
  return ptrace(static_cast<__ptrace_request>(request), thread, reinterpret_cast<void*>(address),
                reinterpret_cast<void*>(data));
}

pid_t thread_named(pid_t process, const std::string& name) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::string found;
    std::ifstream comm(entry.path() / "comm");
    std::getline(comm, found);
    if (found == name) return std::stoi(entry.path().filename());
  }
  throw std::runtime_error("process " + std::to_string(process) + " has no thread " + name);
}

bool is_one_of(std::uint64_t number, std::initializer_list<std::uint64_t> numbers) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

}  // namespace

ThreadCalls::ThreadCalls(pid_t process, const std::string& name) {
  const pid_t thread = thread_named(process, name);
  std::atomic<int> begun{-1};
  // ptrace belongs to a thread.
  tracer_ = std::thread([this, thread, &begun] { trace(thread, begun); });
  begun.wait(-1);
  if (begun == 0) return;
  tracer_.join();
  throw std::runtime_error("cannot trace thread " + name + ": " + std::strerror(begun));
}

void ThreadCalls::trace(pid_t thread, std::atomic<int>& begun) {
  int status = 0;
  const bool seized = ptrace_call(PTRACE_SEIZE, thread, 0, PTRACE_O_TRACESYSGOOD) == 0 &&
                      ptrace_call(PTRACE_INTERRUPT, thread, 0, 0) == 0 && waitpid(thread, &status, __WALL) == thread;
  const int error = seized ? 0 : errno;
  if (seized) ptrace_call(PTRACE_SYSCALL, thread, 0, 0);
  begun = error;
  begun.notify_one();
  while (seized && waitpid(thread, &status, __WALL) == thread && WIFSTOPPED(status)) {
    const int number = WSTOPSIG(status);
    std::uintptr_t deliver = 0;
    if (number == (SIGTRAP | 0x80)) {
      __ptrace_syscall_info info{};
      ptrace_call(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, reinterpret_cast<std::uintptr_t>(&info));
      if (info.op == PTRACE_SYSCALL_INFO_ENTRY) calls_.push_back({info.entry.nr, 0});
      if (info.op == PTRACE_SYSCALL_INFO_EXIT && !calls_.empty()) calls_.back().result = info.exit.rval;
    } else if (status >> 16 == 0 && number != SIGTRAP) {
      deliver = static_cast<std::uintptr_t>(number);
    }
    if (stopping_) {
      ptrace_call(PTRACE_DETACH, thread, 0, deliver);
      return;
    }
    ptrace_call(PTRACE_SYSCALL, thread, 0, deliver);
  }
}

const std::vector<ThreadCalls::Call>& ThreadCalls::stop() {
  stopping_ = true;
  if (tracer_.joinable()) tracer_.join();
  return calls_;
}

int ThreadCalls::count(std::initializer_list<std::uint64_t> numbers) const {
  return static_cast<int>(
      std::count_if(calls_.begin(), calls_.end(), [&](const Call& call) { return is_one_of(call.number, numbers); }));
}

int ThreadCalls::count_moving(std::initializer_list<std::uint64_t> numbers) const {
  return static_cast<int>(std::count_if(calls_.begin(), calls_.end(), [&](const Call& call) {
    return is_one_of(call.number, numbers) && call.result > 0;
  }));
}

std::string ThreadCalls::summary() const {
  std::map<std::uint64_t, int> by_number;
  for (const Call& call : calls_) ++by_number[call.number];
  std::string text;
  for (const auto& [number, times] : by_number) {
    text += (text.empty() ? "" : ", ") + ("call " + std::to_string(number)) + ": " + std::to_string(times);
  }
  return text;
}

}  // namespace portcullis::acceptance
