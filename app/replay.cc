#include "app/replay.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "config/loader/loader.h"
#include "fix/scanner.h"
#include "gateway/core.h"
#include "order/evidence.h"
#include "persistence/journal_reader.h"

namespace portcullis::app {
namespace {

using order::EventType;

// A record's input, where all of it stands in the record.
class Recorded {
 public:
  // False: it cannot be decided anew.
  bool read(const gateway::RecordView& record) {
    const gateway::RecordHeader& header = record.header();
    input_ = gateway::Input();
    input_.kind = header.kind;
    input_.session = header.session;
    input_.now = record.time();
    input_.bytes = record.input();
    input_.inbound_seq = header.inbound_seq;
    hold_.clear();
    build_version_.clear();
    build_id_.clear();
    switch (header.kind) {
      case gateway::InputKind::kStart:
        record.for_each_event([&](const order::EventView& event) {
          if (event.type() == EventType::kEpochStarted) input_.epoch = event.as<order::EpochStarted>().epoch;
          if (event.type() == EventType::kBuildStarted) {
            const auto build = event.as<order::BuildStarted>();
            build_version_ = build.version.view();
            build_id_ = build.build_id.view();
          }
          if (event.type() == EventType::kHoldChanged) hold_ = event.as<order::HoldChanged>().reason.view();
        });
        input_.hold = hold_;
        input_.build_version = build_version_;
        input_.build_id = build_id_;
        return true;
      case gateway::InputKind::kConfigure: {
        auto loaded = config::load_core_text(std::string(record.input()));
        if (!loaded.ok()) return false;
        configuration_ = std::move(loaded).value().config;
        input_.configuration = &configuration_;
        return true;
      }
      case gateway::InputKind::kTick:
        return true;
      case gateway::InputKind::kMessage:
        return (header.flags & gateway::kDelivered) != 0 && read_message(record);
      case gateway::InputKind::kSession:
      case gateway::InputKind::kCommand:
        return false;
    }
    return false;
  }

  const gateway::Input& input() const { return input_; }

 private:
  bool read_message(const gateway::RecordView& record) {
    // What the session did beside advancing its number is known only by its effects.
    bool plain = true;
    record.for_each_event([&](const order::EventView& event) {
      switch (event.type()) {
        case EventType::kTargetAdvanced:
          input_.effects.next_target = event.as<order::TargetAdvanced>().next_target;
          return;
        case EventType::kSessionChanged:
        case EventType::kSequenceReset:
        case EventType::kBrokerPhaseChanged:
          plain = false;
          return;
        case EventType::kAlertRaised: {
          const auto code = event.as<order::AlertRaised>().code;
          plain = plain && code != order::AlertCode::kSessionProtocol && code != order::AlertCode::kSequence &&
                  code != order::AlertCode::kResendStorm;
          return;
        }
        case EventType::kOrderRejected:
          // A full disk is a fact of its machine, which no record holds.
          plain = plain && event.as<order::OrderRejected>().reject.code != order::RejectCode::kStorage;
          return;
        default:
          return;
      }
    });
    record.for_each_outbound([&](const gateway::OutboundView& message) { plain = plain && message.header.admin == 0; });
    if (!plain || fix::scan(record.input(), message_)) return false;
    input_.deliver = &message_;
    return true;
  }

  gateway::Input input_;
  std::string hold_;
  std::string build_version_;
  std::string build_id_;
  config::Config configuration_;
  fix::ScannedMessage message_;
};

std::uint64_t count_open(const gateway::State& state) {
  std::uint64_t open = 0;
  for (std::uint64_t i = 0; i < state.orders.size(); ++i) open += state.orders[order::OrderNumber(i)].is_open() ? 1 : 0;
  return open;
}

// Where two states differ in what counts; nothing when they are equal.
std::optional<std::string> difference(const gateway::State& a, const gateway::State& b) {
  if (a.orders.size() != b.orders.size() || a.executions.size() != b.executions.size() ||
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
  for (std::uint64_t i = 0; i < a.orders.size(); ++i) {
    const gateway::Order& left = a.orders[order::OrderNumber(i)];
    const gateway::Order& right = b.orders[order::OrderNumber(i)];
    if (left.status != right.status || left.cum_qty != right.cum_qty || left.leaves_qty != right.leaves_qty ||
        left.unknown != right.unknown || !(left.reserved == right.reserved)) {
      return "order number " + std::to_string(i) + " differs";
    }
  }
  return std::nullopt;
}

}  // namespace

Result<ReplayReport> replay_journal(const std::string& journal_directory) {
  auto opened = persistence::JournalReader::open(persistence::posix_file_system(), journal_directory);
  if (!opened) return opened.error();
  persistence::JournalReader reader = std::move(opened).value();
  gateway::Core folded;
  gateway::Core decided;
  Recorded recorded;
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
    if (!gateway::is_readable((*next)->content_version)) {
      return Error{place + ": " + gateway::unreadable((*next)->content_version)};
    }
    const auto record = gateway::RecordView::parse((*next)->payload);
    if (!record) return Error{place + " is whole, but its content is not one that this version can read"};
    if (auto applied = folded.replay(*record); !applied) return Error{place + ": " + applied.error().what};
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
