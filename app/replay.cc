#include "app/replay.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "app/recorded_input.h"
#include "gateway/core.h"
#include "order/evidence.h"
#include "persistence/journal_reader.h"

namespace portcullis::app {
namespace {

std::uint64_t count_open(const gateway::State& state) {
  return state.open_orders.size();
}

// Where two states differ in what counts; nothing when they are equal.
std::optional<std::string> difference(const gateway::State& a, const gateway::State& b) {
  if (a.orders.size() != b.orders.size() || a.executions.size() != b.executions.size() ||
      a.orders.kept() != b.orders.kept() || a.executions.kept() != b.executions.kept() ||
      a.sessions.size() != b.sessions.size()) {
    return "the folded state and the one decided anew differ in the number of orders, executions or sessions";
  }
  for (std::size_t i = 0; i < a.sessions.size(); ++i) {
    const gateway::SessionNumbers& left = a.sessions[i].numbers;
    const gateway::SessionNumbers& right = b.sessions[i].numbers;
    if (left.next_sender != right.next_sender || left.next_target != right.next_target ||
        left.sequence_epoch != right.sequence_epoch) {
      return "the numbers of session " + std::to_string(i) + " differ";
    }
  }
  for (order::OrderNumber number = a.orders.next_kept(order::OrderNumber(0)); number.has_value();
       number = a.orders.next_kept(order::OrderNumber(number.value() + 1))) {
    if (!b.orders.contains(number)) return "order number " + std::to_string(number.value()) + " was given back in one";
    const gateway::Order& left = a.orders[number];
    const gateway::Order& right = b.orders[number];
    if (left.status != right.status || left.cum_qty != right.cum_qty || left.leaves_qty != right.leaves_qty ||
        left.unknown != right.unknown || !(left.reserved == right.reserved)) {
      return "order number " + std::to_string(number.value()) + " differs";
    }
  }
  return std::nullopt;
}

// Of the machine, as the record has them.
void set_facts(gateway::Core& core, const gateway::RecordView& record) {
  core.set_low_space((record.header().flags & gateway::kLowSpace) != 0);
  for (std::size_t i = 0; i < core.state().setup.brokers.size() && i < 64; ++i) {
    core.set_slow_line(order::BrokerId(static_cast<std::uint16_t>(i)), (record.slow_lines() >> i & 1) != 0);
  }
}

}  // namespace

Result<ReplayReport> replay_journal(const std::string& journal_directory) {
  auto opened = persistence::JournalReader::open_whole(persistence::posix_file_system(), journal_directory);
  if (!opened) return opened.error();
  persistence::JournalReader reader = std::move(opened).value();
  gateway::Core folded;
  gateway::Core decided;
  RecordedInput recorded;
  std::vector<std::byte> memory(gateway::kConfigureCapacity);
  ReplayReport report;
  const auto note = [&report](std::string what) {
    if (report.differences++ == 0) report.first_difference = std::move(what);
  };
  while (true) {
    auto next = reader.next();
    if (!next) return next.error();
    if (!*next) break;
    const std::string place = "record " + std::to_string((*next)->position.index);
    const auto record = gateway::read_record((*next)->content_version, (*next)->payload);
    if (!record) return Error{reader.place_of(**next) + ": " + record.error().what};
    if (auto applied = folded.replay(*record); !applied) {
      return Error{reader.place_of(**next) + ": " + applied.error().what};
    }
    ++report.records;
    // After a difference the second core has gone another way; what follows would only repeat it.
    if (report.differences > 0) continue;
    const bool whole = recorded.read(*record);
    if (!whole && record->header().kind == gateway::InputKind::kConfigure) {
      // Without the configuration nothing after it can be decided.
      note(place + ": its configuration cannot be read by this version");
      continue;
    }
    if (!whole) {
      ++report.folded_only;
      if (auto applied = decided.replay(*record); !applied) note(place + ": " + applied.error().what);
      continue;
    }
    set_facts(decided, *record);
    gateway::RecordWriter writer(memory);
    decided.handle(recorded.input(), writer);
    const std::size_t size = writer.finish();
    ++report.decided_anew;
    const auto content = (*next)->payload;
    if (size != content.size() || !std::equal(content.begin(), content.end(), memory.begin())) {
      note(place + ": decided anew, it is not the same");
    }
  }
  if (report.differences == 0) {
    if (auto different = difference(folded.state(), decided.state())) note(*different);
  }
  if (auto broken = folded.state().risk.verify()) note("the sums of exposures do not add up: " + broken->what);
  report.orders = folded.state().orders.size();
  report.executions = folded.state().executions.size();
  report.open_orders = count_open(folded.state());
  return report;
}

}  // namespace portcullis::app
