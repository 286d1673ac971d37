#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "admin/port.h"
#include "base/time.h"

namespace portcullis::admin {

// What waits for a second person. The core decides whether a command needs one (it alone knows
// whether a limit is raised or lowered); the server keeps the command until someone else approves it,
// and then submits it again with both names, which go into the journal together. A proposal lives in
// memory: it lapses after a day and with the process, and nothing changes by its lapse.
struct Proposal {
  enum class State : std::uint8_t { kWaiting, kApproved, kRejected, kLapsed };
  std::string id;
  State state = State::kWaiting;
  bool deciding = false;  // an approval is on its way through the core
  std::string action;     // "PUT /api/v1/limits/account/ALPHA-1"
  std::string body;       // the request's JSON
  std::string explain;    // why it needs a second person; the core's sentence
  std::string reason;     // the maker's
  Command command;
  Authority maker;
  Role approver_role = Role::kRisk;  // at least
  UtcTime created;
  UtcTime lapses;
  std::string decided_by;
  std::string decision_text;
  std::optional<UtcTime> decided;
};

const char* to_text(Proposal::State state);

// Admin thread only.
class Proposals {
 public:
  static constexpr std::size_t kMaxWaiting = 256;
  static constexpr std::size_t kMaxKept = 1024;
  static constexpr Duration kLife = Duration::seconds(24 * 60 * 60);

  // Gives the proposal its id and times. Nothing when kMaxWaiting wait already.
  std::optional<std::string> add(Proposal proposal, UtcTime now);
  // Lapses what is due; then the proposal, or null.
  Proposal* find(const std::string& id, UtcTime now);
  // Oldest first.
  const std::deque<Proposal>& all(UtcTime now);

 private:
  void lapse(UtcTime now);

  std::deque<Proposal> proposals_;
  std::uint64_t next_id_ = 1;
};

}  // namespace portcullis::admin
