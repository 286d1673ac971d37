#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "sim/message.h"

// The counterparty's own log: one JSON object a line, written with one write(2) each, so that what happened to any
// process afterwards cannot change it. The ledger (sim/ledger.h) judges a run by these files alone.
//
//   {"at":"2026-01-05T09:30:00.000000001Z","kind":"in","type":"8","seq":7,"dup":false,"resend":false,
//    "fields":{"11":"A1-7","39":"0"}}
//
//   kind     meaning
//   start    the process began: "role" ("broker" or "client"), "comp_id", "version"
//   logon, logout, event   the session; "text" says more
//   in, out  an application message (and a session-level Reject(3) received); fields are the body's, by tag
//   void     broker only, after a restart: the "out" line with this "seq" never reached the store, so never left
//   violation   client only: a report that contradicts itself or the ones before it; "text" says how
//   stop     the process ended in order

namespace portcullis::sim {

struct LogLine {
  std::string at;
  std::string kind;
  std::string text;
  std::string role;
  std::string comp_id;
  std::string version;
  Message message;  // kinds in, out, void
};

UtcTime utc_now();

class JsonLog {
 public:
  JsonLog() = default;  // writes nowhere
  ~JsonLog();
  JsonLog(const JsonLog&) = delete;
  JsonLog& operator=(const JsonLog&) = delete;

  // Appends to the file, and creates it. An error names the file and the system's reason.
  Status open(const std::string& path);

  // Any thread. A failed write stops the process: a log with a hole would accuse the gateway.
  void start(const std::string& role, const std::string& comp_id, const std::string& version);
  void note(const char* kind, const std::string& text);
  void message(const char* kind, const Message& message);

 private:
  void write_line(std::string line);

  std::mutex mutex_;
  int file_ = -1;
};

// Every line of the file. A last line without its newline (the process was killed while it wrote) is left out; any
// other unreadable line is an error with its number.
Result<std::vector<LogLine>> read_log(const std::string& path);

}  // namespace portcullis::sim
