#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "config/config.h"
#include "session/schedule.h"

// What the calendar makes due: sessions that open and close, numbers that begin anew, and the trading day
// that rolls. In IANA zones; the core is told by commands and knows no zone itself.

namespace portcullis::app {

class Gateway;
class Line;

class Timetable {
 public:
  // Fails where the machine does not know a zone.
  static Result<std::unique_ptr<Timetable>> create(const config::Config& configuration);

  // On the core thread, at least each second.
  void keep(Gateway& gateway, UtcTime now);

  // Whether the session's schedule is open now; a session without one always is.
  bool is_open(const std::string& id, bool broker, UtcTime now) const;

 private:
  Timetable() = default;
  void keep_line(Gateway& gateway, Line& line, UtcTime now);

  struct Kept {
    session::Schedule schedule;
    bool was_open = true;
  };
  std::map<std::string, Kept> clients_;
  std::map<std::string, Kept> brokers_;
  session::Schedule roll_;
  bool roll_after_noon_ = false;  // then the new trade date is the next calendar day
};

}  // namespace portcullis::app
