#include "tests/acceptance/traced_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <sstream>

#include "base/check.h"

extern char** environ;

namespace portcullis::acceptance {
namespace {

constexpr int kOptions = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

long ptrace_call(unsigned request, pid_t thread, std::uintptr_t address, void* data) {
  return ptrace(static_cast<__ptrace_request>(request), thread, reinterpret_cast<void*>(address), data);
}

}  // namespace

TracedProcess::TracedProcess(sim::Process::Spec spec) : end_future_(end_.get_future()) {
  std::promise<pid_t> started;
  std::future<pid_t> pid = started.get_future();
  // ptrace belongs to a thread: one forks, traces and waits.
  thread_ = std::thread([this, spec = std::move(spec), &started] { trace(spec, started); });
  pid_ = pid.get();
}

TracedProcess::~TracedProcess() {
  signal(SIGKILL);
  thread_.join();
}

void TracedProcess::signal(int number) {
  if (!ended_ && pid_ > 0) kill(pid_, number);
}

void TracedProcess::arm(KillWhen when) {
  PORTCULLIS_CHECK(!armed_, "a process is armed once");
  armed_ = std::move(when);
  when_ = &*armed_;
}

bool TracedProcess::wait(Duration time) {
  return end_future_.wait_for(std::chrono::nanoseconds(time.ns())) == std::future_status::ready;
}

void TracedProcess::trace(const sim::Process::Spec& spec, std::promise<pid_t>& started) {
  std::vector<std::string> command = spec.command;
  std::vector<std::string> environment;
#ifdef __SANITIZE_ADDRESS__
  // LeakSanitizer traces the process at its end, and a process has one tracer. The first of a name counts.
  environment.emplace_back("LSAN_OPTIONS=detect_leaks=0");
#endif
  for (char** variable = environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
  for (const auto& [name, value] : spec.environment) environment.push_back(name + "=" + value);
  const std::vector<char*> arguments = pointers(command);
  const std::vector<char*> variables = pointers(environment);
  const int errors = open(spec.errors.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  PORTCULLIS_CHECK(errors >= 0, "the output of a traced process cannot be written");

  const pid_t child = fork();
  PORTCULLIS_CHECK(child >= 0, "fork failed");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(errors, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    raise(SIGSTOP);
    execve(arguments[0], arguments.data(), variables.data());
    _exit(127);
  }
  close(errors);
  int status = 0;
  PORTCULLIS_CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status), "the child did not stop");
  PORTCULLIS_CHECK(ptrace_call(PTRACE_SEIZE, child, 0, reinterpret_cast<void*>(kOptions)) == 0, "PTRACE_SEIZE failed");
  kill(child, SIGCONT);
  started.set_value(child);

  for (;;) {
    const pid_t thread = waitpid(-1, &status, __WALL | __WNOTHREAD);
    if (thread < 0) break;  // no thread of the child is left
    if (WIFSTOPPED(status)) {
      on_stop(thread, status);
    } else if (thread == child) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      ended_ = true;
    }
  }
  end_.set_value();
}

void TracedProcess::on_stop(pid_t thread, int status) {
  const int number = WSTOPSIG(status);
  const int event = status >> 16;
  std::uintptr_t deliver = 0;
  if (number == (SIGTRAP | 0x80)) {
    KillWhen* when = when_;
    __ptrace_syscall_info info{};
    if (when != nullptr && !hit_ && ptrace_call(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) > 0) {
      static thread_local std::map<pid_t, Stop> entered;  // an exit stop does not repeat the call's arguments
      Stop& stop = entered[thread];
      if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        stop = Stop{pid_, thread, false, info.entry.nr, {}, 0};
        std::copy(std::begin(info.entry.args), std::end(info.entry.args), stop.arguments.begin());
      } else {
        stop.exit = true;
        stop.result = info.exit.rval;
      }
      if ((*when)(stop)) {
        hit_ = true;
        kill(pid_, SIGKILL);
        return;
      }
    }
  } else if (event == 0 && number != SIGTRAP) {
    deliver = static_cast<std::uintptr_t>(number);  // a signal of the child's own
  }
  if (event == PTRACE_EVENT_STOP &&
      (number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU)) {
    ptrace_call(PTRACE_LISTEN, thread, 0, nullptr);
    return;
  }
  ptrace_call(PTRACE_SYSCALL, thread, 0, reinterpret_cast<void*>(deliver));
}

std::string Descriptors::kind(pid_t process, std::uint64_t descriptor) const {
  const std::string base = "/proc/" + std::to_string(process);
  char target[4096];
  const ssize_t size = readlink((base + "/fd/" + std::to_string(descriptor)).c_str(), target, sizeof target);
  if (size <= 0) return {};
  const std::string path(target, static_cast<std::size_t>(size));
  if (path.compare(0, 8, "socket:[") != 0) return path;
  const std::string inode = path.substr(8, path.size() - 9);
  std::ifstream table(base + "/net/tcp");
  std::string line;
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    std::string number, local, remote, skip, found;
    fields >> number >> local >> remote;
    for (int i = 0; i < 6; ++i) fields >> skip;
    fields >> found;
    if (found != inode) continue;
    const auto port = [](const std::string& address) {
      return std::stoul(address.substr(address.find(':') + 1), nullptr, 16);
    };
    if (port(local) == accept_port_) return "client";
    const auto broker = [&](std::uint16_t candidate) { return candidate == port(remote); };
    return std::any_of(broker_ports_.begin(), broker_ports_.end(), broker) ? "broker" : "socket";
  }
  return "socket";
}

}  // namespace portcullis::acceptance
