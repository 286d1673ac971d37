#include <algorithm>

#include "tests/scenarios/exact_model.h"

namespace portcullis::scenarios::exact {

// What is asked before a client trades and before a day begins: limits of its own, and positions that somebody signed.

// What goes back to nothing is stated for a time only.
bool Model::has_for_good(NodeId id, Limit which) const {
  if (!own(id, which)) return false;
  return std::none_of(temporary_.begin(), temporary_.end(),
                      [&](const Temporary& t) { return t.id == id && t.which == which && !t.before; });
}

// Its own, its session's and its group's count for all of it; accounts only when each of them has it.
std::vector<Limit> Model::missing(int client) const {
  std::vector<Limit> all;
  for (const Limit which : mandatory) {
    const int group = group_of[static_cast<std::size_t>(client)];
    bool has = has_for_good({Scope::kClient, client}, which) || has_for_good({Scope::kSession, client}, which) ||
               (group >= 0 && has_for_good({Scope::kGroup, group}, which));
    if (!has) {
      has = true;
      for (std::size_t a = 0; a < accounts.size(); ++a) {
        if (accounts[a].client == client) has = has && has_for_good({Scope::kAccount, static_cast<int>(a)}, which);
      }
    }
    if (!has) all.push_back(which);
  }
  return all;
}

void Model::disable_who_lacks() {
  for (std::size_t c = 0; c < clients.size(); ++c) {
    if (!missing(static_cast<int>(c)).empty()) enabled[c] = false;
  }
}

// Of this trade date, before its first execution, of every position that is held. A line that changes something has a
// price, and is an amount of the base currency (example 25 holds 4,997,728.31 EUR), or so many whole contracts.
Model::FileAnswer Model::predict_positions(int of_day, const std::vector<PositionLine>& lines) const {
  if (of_day != trade_date) return FileAnswer::kRefused;
  // Of an execution that was taken back nobody has to know.
  bool executed = false, undone = false;
  const auto look = [&](const Execution& e) {
    if (e.day != day) return;
    (e.undone ? undone : executed) = true;
  };
  for (const Order& order : orders) {
    for (const Execution& e : order.executions) look(e);
  }
  for (const Suspense& each : suspense) look(each.execution);
  if (executed) return FileAnswer::kRefused;
  for (const PositionLine& line : lines) {
    const auto at = static_cast<std::size_t>(line.instrument);
    const Int held = sums_of({Scope::kAccount, line.account}).instruments[at].position;
    const Int grid = instruments[at].is_fx() ? 10 : instruments[at].step;
    if (line.qty != held && (line.price <= 0 || line.qty % grid != 0)) return FileAnswer::kRefused;
  }
  for (std::size_t a = 0; a < accounts.size(); ++a) {
    for (std::size_t i = 0; i < instruments.size(); ++i) {
      if (sums_of({Scope::kAccount, static_cast<int>(a)}).instruments[i].position == 0) continue;
      const bool named = std::any_of(lines.begin(), lines.end(), [&](const PositionLine& line) {
        return line.account == static_cast<int>(a) && line.instrument == static_cast<int>(i);
      });
      if (!named) return FileAnswer::kRefused;
    }
  }
  return undone ? FileAnswer::kEither : FileAnswer::kTaken;
}

// What differs is as if it had been dealt at the line's price, but for the day's volume; it has no value date.
void Model::start_positions(const std::vector<PositionLine>& lines) {
  std::vector<Adjustment> all;
  for (const PositionLine& line : lines) {
    const auto at = static_cast<std::size_t>(line.instrument);
    const Int change = line.qty - sums_of({Scope::kAccount, line.account}).instruments[at].position;
    if (change == 0) continue;
    const Dealt dealt = instruments[at].is_fx() ? Dealt::kBase : Dealt::kUnits;
    Adjustment adjustment{line.account, line.instrument,
                          execution(line.instrument, change > 0, dealt, "", worse(change, -change), line.price)};
    adjustment.execution.traded = adjustment.execution.volume = 0;
    all.push_back(adjustment);
  }
  adjustments.insert(adjustments.end(), all.begin(), all.end());
  summed_ = false;
}

}  // namespace portcullis::scenarios::exact
