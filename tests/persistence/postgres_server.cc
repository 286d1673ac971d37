#include "tests/persistence/postgres_server.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>
#include <vector>

namespace portcullis::persistence::testing {
namespace {

constexpr int kConnectAttempts = 600;

std::string find_binaries() {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const std::string path = entry.path().string() + "/bin";
    if (std::filesystem::exists(path + "/initdb")) found.push_back(path);
  }
  std::sort(found.begin(), found.end());
  return found.empty() ? "" : found.back();
}

// Starts a program as the user postgres where this is root; returns its process.
pid_t spawn(const std::vector<std::string>& arguments, const std::string& log) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam("postgres");
    if (user == nullptr || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0) ::_exit(126);
  }
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (file >= 0) {
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
  }
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  ::_exit(127);
}

}  // namespace

PostgresServer::PostgresServer() {
  const std::string binaries = find_binaries();
  if (binaries.empty()) {
    error_ = "no PostgreSQL server found under /usr/lib/postgresql; the package postgresql provides it";
    return;
  }
  std::string pattern = (std::filesystem::temp_directory_path() / "portcullis-pg-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  directory_ = pattern;
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam("postgres");
    if (user == nullptr || ::chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      error_ = "the directory of the test's PostgreSQL could not be given to the user postgres";
      return;
    }
  }
  const pid_t initdb = spawn({binaries + "/initdb", "-D", directory_ + "/data", "-A", "trust", "-U", "postgres", "-E",
                              "UTF8", "--locale=C", "--no-sync"},
                             directory_ + "/log");
  int status = 0;
  ::waitpid(initdb, &status, 0);
  if (status != 0) {
    error_ = "initdb failed; see " + directory_ + "/log";
    return;
  }
  start();
}

void PostgresServer::start() {
  process_ = spawn({find_binaries() + "/postgres", "-D", directory_ + "/data", "-k", directory_, "-c",
                    "listen_addresses=", "-c", "fsync=on"},
                   directory_ + "/log");
  for (int i = 0; i < kConnectAttempts; ++i) {
    try {
      pqxx::connection connection("postgresql://postgres@/postgres?host=" + directory_);
      return;
    } catch (const std::exception& error) {
      error_ = error.what();
    }
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) == process_) break;
    ::usleep(20'000);  // Between attempts to connect; the loop waits for the condition.
  }
  process_ = -1;
}

std::string PostgresServer::make_database(const std::string& name) {
  pqxx::connection connection("postgresql://postgres@/postgres?host=" + directory_);
  pqxx::nontransaction work(connection);
  work.exec("CREATE DATABASE " + work.quote_name(name));
  return "postgresql://postgres@/" + name + "?host=" + directory_;
}

void PostgresServer::kill_now() {
  if (process_ <= 0) return;
  ::kill(process_, SIGQUIT);
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
}

void PostgresServer::kill_hard() {
  if (process_ <= 0) return;
  // Its processes, by their parent, before that one is gone.
  std::vector<pid_t> children;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    const std::size_t behind_name = stat.rfind(')');
    if (behind_name == std::string::npos) continue;
    char state = 0;
    int parent = 0;
    if (std::sscanf(stat.c_str() + behind_name + 1, " %c %d", &state, &parent) == 2 && parent == process_) {
      children.push_back(std::atoi(stat.c_str()));
    }
  }
  ::kill(process_, SIGKILL);
  for (const pid_t child : children) ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
}

PostgresServer::~PostgresServer() {
  kill_now();
  if (directory_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace portcullis::persistence::testing
