#include "admin/proposals.h"

#include <algorithm>
#include <utility>

namespace portcullis::admin {

const char* to_text(Proposal::State state) {
  switch (state) {
    case Proposal::State::kWaiting:
      return "waiting";
    case Proposal::State::kApproved:
      return "approved";
    case Proposal::State::kRejected:
      return "rejected";
    case Proposal::State::kLapsed:
      return "lapsed";
  }
  return "waiting";
}

std::optional<std::string> Proposals::add(Proposal proposal, UtcTime now) {
  lapse(now);
  const auto waiting = std::count_if(proposals_.begin(), proposals_.end(),
                                     [](const Proposal& p) { return p.state == Proposal::State::kWaiting; });
  if (static_cast<std::size_t>(waiting) >= kMaxWaiting) return std::nullopt;
  if (proposals_.size() >= kMaxKept) {
    proposals_.erase(std::find_if(proposals_.begin(), proposals_.end(),
                                  [](const Proposal& p) { return p.state != Proposal::State::kWaiting; }));
  }
  // The start of the id differs between two lives of the process, so an id never names two proposals.
  proposal.id = "P" + std::to_string(now.ns() / 1'000'000'000) + "-" + std::to_string(next_id_++);
  proposal.created = now;
  proposal.lapses = now + kLife;
  proposals_.push_back(std::move(proposal));
  return proposals_.back().id;
}

Proposal* Proposals::find(const std::string& id, UtcTime now) {
  lapse(now);
  const auto found = std::find_if(proposals_.begin(), proposals_.end(), [&](const Proposal& p) { return p.id == id; });
  return found == proposals_.end() ? nullptr : &*found;
}

const std::deque<Proposal>& Proposals::all(UtcTime now) {
  lapse(now);
  return proposals_;
}

void Proposals::lapse(UtcTime now) {
  for (Proposal& proposal : proposals_) {
    if (proposal.state == Proposal::State::kWaiting && proposal.lapses <= now) {
      proposal.state = Proposal::State::kLapsed;
    }
  }
}

}  // namespace portcullis::admin
