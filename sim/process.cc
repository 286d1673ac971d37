#include "sim/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/check.h"
#include "sim/inbox.h"

extern char** environ;

namespace portcullis::sim {
namespace {

Error failed(const std::string& what) {
  return Error{what + ": " + std::strerror(errno)};
}

int open_output(const std::string& path) {
  return path.empty() ? -1 : open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// Between fork and exec only async-signal-safe calls: the parent may have threads.
[[noreturn]] void become(char* const* command, char* const* environment, int output, int errors, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died before the line above
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (output >= 0) dup2(output, STDOUT_FILENO);
  if (errors >= 0) dup2(errors, STDERR_FILENO);
  execve(command[0], command, environment);
  _exit(127);
}

}  // namespace

Result<Process> Process::start(const Spec& spec) {
  std::vector<std::string> command = spec.command;
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
  for (const auto& [name, value] : spec.environment) environment.push_back(name + "=" + value);
  const std::vector<char*> arguments = pointers(command);
  const std::vector<char*> variables = pointers(environment);

  const int output = open_output(spec.output);
  const int errors = open_output(spec.errors);
  const bool opened = (spec.output.empty() || output >= 0) && (spec.errors.empty() || errors >= 0);
  Process process;
  std::optional<Error> error;
  if (!opened) {
    error = failed("cannot write the output of " + command[0]);
  } else {
    const pid_t parent = getpid();
    process.pid_ = fork();
    if (process.pid_ == 0) become(arguments.data(), variables.data(), output, errors, parent);
    if (process.pid_ < 0) error = failed("cannot start " + command[0]);
  }
  if (output >= 0) close(output);
  if (errors >= 0) close(errors);
  if (error) return *error;
  return process;
}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    stop(Duration());
    pid_ = std::exchange(other.pid_, -1);
    exit_code_ = other.exit_code_;
  }
  return *this;
}

Process::~Process() {
  stop(Duration());
}

void Process::reap(bool block) {
  int status = 0;
  pid_t result = 0;
  do {
    result = waitpid(pid_, &status, block ? 0 : WNOHANG);
  } while (result < 0 && errno == EINTR);
  if (result == 0) return;
  pid_ = -1;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool Process::running() {
  if (pid_ > 0) reap(false);
  return pid_ > 0;
}

void Process::signal(int number) {
  if (running()) kill(pid_, number);
}

std::optional<int> Process::wait(Duration time) {
  if (!running()) return exit_code_;
  const int handle = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  PORTCULLIS_CHECK(handle >= 0, "pidfd_open failed");
  const SteadyTime deadline = steady_now() + time;
  pollfd waiting{handle, POLLIN, 0};
  for (;;) {
    const std::int64_t left = (deadline - steady_now()).ms();
    const int ready = poll(&waiting, 1, static_cast<int>(left > 0 ? left : 0));
    if (ready > 0 || (ready == 0 && left <= 0)) break;
  }
  close(handle);
  running();
  return exit_code_;
}

int Process::stop(Duration patience) {
  if (running() && patience > Duration()) {
    signal(SIGTERM);
    wait(patience);
  }
  if (running()) {
    kill(pid_, SIGKILL);
    reap(true);
  }
  return exit_code_.value_or(0);
}

std::string own_program() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

Result<std::vector<std::uint16_t>> free_ports(std::size_t count) {
  // All are held until the last is found, so that none comes twice.
  std::vector<int> held;
  std::vector<std::uint16_t> ports;
  std::optional<Error> error;
  while (ports.size() < count && !error) {
    const int socket_file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr* plain = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    if (socket_file < 0 || bind(socket_file, plain, length) != 0 || getsockname(socket_file, plain, &length) != 0) {
      error = failed("no free port on 127.0.0.1");
    }
    if (socket_file >= 0) held.push_back(socket_file);
    ports.push_back(ntohs(address.sin_port));
  }
  for (const int socket_file : held) close(socket_file);
  if (error) return *error;
  return ports;
}

TemporaryDirectory::TemporaryDirectory(const std::string& prefix) {
  std::string pattern = (std::filesystem::temp_directory_path() / (prefix + "-XXXXXX")).string();
  PORTCULLIS_CHECK(mkdtemp(pattern.data()) != nullptr, "no temporary directory can be made");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;  // what cannot be removed stays in the temporary directory, for the system to clean
  if (!keep_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace portcullis::sim
