#pragma once

#include <sys/types.h>

#include <string>

namespace portcullis::persistence::testing {

// A PostgreSQL of the test's own: its own directory, a Unix socket in it, no TCP. Runs as the user postgres when the
// test runs as root, which PostgreSQL refuses.
class PostgresServer {
 public:
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  bool running() const { return process_ > 0; }
  // Why it could not be started; empty when it could.
  const std::string& error() const { return error_; }
  // A database of its own for `name`.
  std::string make_database(const std::string& name);
  void kill_now();  // SIGQUIT: the server ends at once, as after a crash, and recovers at the next start
  void kill_hard();  // SIGKILL to the server and all its processes, in that order
  void start();

 private:
  std::string directory_;
  std::string error_;
  pid_t process_ = -1;
};

}  // namespace portcullis::persistence::testing
