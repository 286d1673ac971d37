#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"

// The local command line's way in (`portcullis kill`, `status`, `positions`): a unix socket in the data directory, of
// mode 0600, that works with REST, the network and the database down. Whoever connects is known by the kernel
// (SO_PEERCRED): the gateway's own user or root. One person may only tighten there; positions carry the signature of a
// second one. One connection at a time, on a thread of its own; one line of JSON in, one out, within bounds of size and
// time.
//
//   {"command": "kill", "scope": "client", "id": "alpha", "state": "killed", "reason": "…"}
//   {"command": "drill", "scope": "firm", "id": "firm", "reason": "…"}
//   {"command": "status"}
//   {"command": "positions", "text": "…", "signature": "…"}    start-of-day positions (app/start_positions.h)
//
// The answer has "done": true, or "error".

namespace portcullis::app {

class Gateway;

class LocalDoor {
 public:
  // The socket's path in a data directory.
  static std::string path_in(const std::string& data_dir);

  static Result<std::unique_ptr<LocalDoor>> open(Gateway& gateway, const std::string& data_dir);
  ~LocalDoor();

 private:
  LocalDoor(Gateway& gateway, int listening, int wake, std::string path);
  void run();
  void serve(int connection);
  std::string answer(const std::string& request, const std::string& user);

  Gateway& gateway_;
  const int listening_;
  const int wake_;  // an eventfd: the door is to close
  const std::string path_;
  std::thread thread_;
};

// The client's side: sends one request, gives the answer's text. The error says what could not be reached.
Result<std::string> ask_local_door(const std::string& data_dir, const std::string& request);

}  // namespace portcullis::app
