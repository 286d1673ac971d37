#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "app/commands/command.h"
#include "session/password.h"

namespace portcullis::app {

namespace {

// Turns the terminal's echo off for as long as it lives; without a terminal it does nothing.
class NoEcho {
 public:
  NoEcho() {
    active_ = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!active_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~NoEcho() {
    if (active_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

  bool active() const { return active_; }

 private:
  bool active_ = false;
  termios before_ = {};
};

// The password comes from standard input and not from the command line, where other users could read it.
int hash() {
  std::string password;
  {
    const NoEcho no_echo;
    if (no_echo.active()) std::fprintf(stderr, "Password: ");
    std::getline(std::cin, password);
    if (no_echo.active()) std::fprintf(stderr, "\n");
  }
  if (password.empty() || password.size() > session::kMaxPasswordBytes) {
    std::fprintf(stderr, "portcullis user hash: no password, or a longer one than %zu bytes\n",
                 session::kMaxPasswordBytes);
    return kExitNo;
  }
  const auto hashed = session::hash_password(password);
  if (!hashed.ok()) {
    std::fprintf(stderr, "portcullis user hash: %s\n", hashed.error().what.c_str());
    return kExitNo;
  }
  std::printf("%s\n", hashed->c_str());
  return kExitDone;
}

}  // namespace

void add_user(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("user", "Passwords of FIX users");
  command->require_subcommand(1);
  CLI::App* hash_command =
      command->add_subcommand("hash", "Read a password from standard input and print its password_hash");
  hash_command->callback([&run] { run = hash; });
}

}  // namespace portcullis::app
