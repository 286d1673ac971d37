#include "tests/simulation/process.h"

#include <algorithm>

#include "base/check.h"
#include "fix/scanner.h"
#include "gateway/record.h"
#include "persistence/journal_reader.h"
#include "risk/engine.h"

namespace portcullis::simulation {
namespace {

// The simulated files hold a megabyte each; a record here is a hundredth of that.
constexpr std::uint64_t kSegmentBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kRingBytes = kSegmentBytes / 2;
constexpr std::size_t kLargestRecord = 96 << 10;
constexpr const char* kDataDirectory = "/data";

}  // namespace

class Process::Rules final : public session::MessageRules {
 public:
  explicit Rules(const fix::Dialect& dialect) : dialect_(dialect) {}
  bool understands(const fix::ScannedMessage& message) const override {
    return dialect_.dictionary().understand(message, dialect_.user_defined_tags()).understood;
  }
  std::uint32_t broken_group(const fix::ScannedMessage& message) const override {
    return fix::broken_group(message, dialect_.dictionary());
  }

 private:
  const fix::Dialect& dialect_;
};

Process::Process(persistence::testing::FaultFileSystem& disk, const config::Config& configuration,
                 session::quickfix::ControlPlane& plane, const std::string& dictionaries, session::Now now)
    : disk_(disk) {
  persistence::StartArguments arguments;
  arguments.gateway_id = configuration.gateway.id;
  arguments.unix_seconds = static_cast<std::uint64_t>(now.utc.ns() / 1'000'000'000);
  arguments.boot_id = "simulated";
  auto start_file = persistence::StartFile::begin(disk_, kDataDirectory, arguments);
  if (!start_file) {
    fault_ = "no start: " + start_file.error().what;
    return;
  }
  start_file_ = std::move(start_file).value();
  recover(now);
  if (!fault_.empty()) return;

  gateway::Input start;
  start.kind = gateway::InputKind::kStart;
  start.now = now.utc;
  start.epoch = start_file_->epoch();
  const std::string hold = start_file_->hold() ? persistence::to_text(start_file_->hold_reason()) : "";
  start.hold = hold;
  commit(start);
  gateway::Input configure;
  configure.kind = gateway::InputKind::kConfigure;
  configure.now = now.utc;
  configure.configuration = &configuration;
  commit(configure);
  for (const config::Client& client : configuration.clients) {
    session::SessionConfig settings;
    settings.id = core_.client_session(client.id);
    settings.our_comp_id = client.gateway_comp_id;
    settings.peer_comp_id = client.comp_id;
    add_line(client.id, false, std::move(settings), plane, dictionaries);
  }
  for (const config::Broker& broker : configuration.brokers) {
    session::SessionConfig settings;
    settings.id = core_.broker_session(broker.id);
    settings.our_comp_id = broker.gateway_comp_id;
    settings.peer_comp_id = broker.comp_id;
    settings.initiator = settings.broker = true;
    settings.heart_bt_int_s = static_cast<int>(broker.heartbeat.ms() / 1'000);
    add_line(broker.id, true, std::move(settings), plane, dictionaries);
  }
  // What the journal says of connections was true of the process that wrote it.
  for (std::uint16_t i = 0; i < core_.state().sessions.size(); ++i) {
    if (core_.state().sessions[i].state == order::SessionState::kDisconnected) continue;
    gateway::Input input;
    input.kind = gateway::InputKind::kSession;
    input.session = order::SessionId(i);
    input.now = now.utc;
    input.effects.state = order::SessionState::kDisconnected;
    input.effects.reason = "the gateway was restarted";
    submit(input);
  }
}

Process::~Process() = default;

void Process::recover(session::Now) {
  persistence::JournalOptions options;
  options.segment_bytes = kSegmentBytes;
  options.ring_bytes = kRingBytes;
  options.reserve_bytes = 0;
  options.journal_id = 7;
  options.manual = true;
  options.scan.power_lost = start_file_->power_lost();
  options.scan.visit = [this](const persistence::JournalRecord& record, std::span<const std::byte> following) -> Status {
    core_.look_ahead(following);
    const auto view = gateway::RecordView::parse(record.payload);
    if (!view || !core_.replay(*view).ok()) return Error{"a record of the journal does not fold"};
    outbound_.add(*view, record.position.offset);
    return {};
  };
  options.fatal = [this](const std::string& what) {
    disk_failed_ = true;
    if (fault_.empty()) fault_ = what;
  };
  auto journal = persistence::Journal::open(disk_, persistence::journal_directory(kDataDirectory), options);
  if (!journal) {
    fault_ = "the journal does not open: " + journal.error().what;
    return;
  }
  journal_ = std::move(journal).value();
  if (const auto wrong = core_.state().risk.verify()) fault_ = "recovery: exposures do not add up: " + wrong->what;
}

void Process::add_line(std::string id, bool broker, session::SessionConfig settings,
                       session::quickfix::ControlPlane& plane, const std::string& dictionaries) {
  const fix::Dialect& dialect = *core_.state().setup.sessions[settings.id.value()].dialect;
  settings.begin_string = dialect.facts().begin_string;
  std::string error;
  auto control = plane.open(
      session::Session::control_settings(settings, dictionaries + "/" + std::string(dialect.facts().dictionary_file)),
      &error);
  PORTCULLIS_CHECK(control != nullptr, "the control plane does not open a session");
  Line line;
  line.id = std::move(id);
  line.broker = broker;
  line.rules = std::make_unique<Rules>(dialect);
  line.session = std::make_unique<session::Session>(std::move(settings), std::move(control), *this, *line.rules);
  lines_.push_back(std::move(line));
}

session::Session& Process::session_of(const std::string& id, bool broker) {
  for (Line& line : lines_) {
    if (line.id == id && line.broker == broker) return *line.session;
  }
  PORTCULLIS_CHECK(false, "the simulation names a line that there is not");
}

gateway::CommandOutcome Process::commit(const gateway::Input& input) {
  const std::span<std::byte> memory = journal_->begin(kLargestRecord);
  if (memory.empty()) {
    // The journal has failed in this very moment: a product's process is gone by now.
    if (fault_.empty()) fault_ = "the journal takes nothing";
    disk_failed_ = true;
    return {};
  }
  gateway::RecordWriter record(memory);
  const gateway::CommandOutcome outcome = core_.handle(input, record);
  const std::size_t size = record.finish();
  const auto view = gateway::RecordView::parse(memory.first(size));
  PORTCULLIS_CHECK(view.has_value(), "a record that does not read back");
  const std::uint64_t index = journal_->last_index() + 1;
  unreleased_.resize(core_.state().sessions.size());
  view->for_each_outbound([&](const gateway::OutboundView& message) {
    release_.push(index, message, 0);
    ++unreleased_[message.header.session.value()];
  });
  std::vector<gateway::OutboundHeader> headers;
  view->for_each_outbound([&](const gateway::OutboundView& message) { headers.push_back(message.header); });
  const persistence::Position position = journal_->commit(size);
  for (const gateway::OutboundHeader& header : headers) outbound_.add(header, position.offset);
  return outcome;
}

std::uint64_t Process::submit(const gateway::Input& input) {
  commit(input);
  return journal_->last_index();
}

gateway::CommandOutcome Process::command(const gateway::OperatorCommand& command, session::Now now) {
  gateway::Input input;
  input.kind = gateway::InputKind::kCommand;
  input.now = now.utc;
  input.command = command;
  return commit(input);
}

std::optional<gateway::OwedReports> Process::owed_reports(order::SessionId session) const {
  const auto& owed = core_.state().sessions[session.value()].owed;
  return owed.empty() ? std::nullopt : std::optional(owed.front());
}

bool Process::must_drain(order::SessionId session) const {
  const gateway::State& state = core_.state();
  return state.broker_states[state.sessions[session.value()].broker.value()].phase == gateway::BrokerPhase::kDraining;
}

gateway::ResendDecision Process::resend_decision(order::SessionId session, std::uint64_t, std::string_view bytes,
                                                 UtcTime now) {
  fix::ScannedMessage message;
  if (fix::scan(bytes, message)) return gateway::ResendDecision::kGapFill;
  const std::optional<UtcTime> sent = parse_utc_timestamp(message.header().sending_time);
  return core_.resend_decision(session, message.header().msg_type, message.find(11), sent.value_or(UtcTime()), now);
}

Status Process::read_outbound(order::SessionId session, std::uint32_t sequence_epoch, std::uint64_t first,
                              std::uint64_t last, std::size_t limit, const Visitor& visit) {
  const gateway::SessionNumbers numbers = core_.numbers(session);
  if (sequence_epoch == numbers.sequence_epoch) {
    const std::uint64_t waiting = session.value() < unreleased_.size() ? unreleased_[session.value()] : 0;
    last = std::min(last, numbers.next_sender - 1 - waiting);
  }
  std::size_t visited = 0;
  for (std::uint64_t number = first; number <= last && visited < limit; ++number) {
    const std::uint64_t offset = outbound_.find(session, sequence_epoch, number);
    if (offset == app::OutboundIndex::kNone) continue;
    auto payload = journal_->read(offset, scratch_);
    PORTCULLIS_CHECK(payload.ok(), "a record of the index cannot be read from the journal");
    const auto record = gateway::RecordView::parse(*payload);
    PORTCULLIS_CHECK(record.has_value(), "a record of the journal is malformed");
    record->for_each_outbound([&](const gateway::OutboundView& message) {
      const gateway::OutboundHeader& header = message.header;
      if (header.session != session || header.sequence_epoch != sequence_epoch || header.msg_seq_num != number) return;
      visit(number, header.admin != 0, message.bytes);
    });
    ++visited;
  }
  return {};
}

void Process::timers(session::Now now) {
  for (Line& line : lines_) line.session->poll(now);
  if (fault_.empty() && core_.anything_due(now.utc)) {
    gateway::Input tick;
    tick.kind = gateway::InputKind::kTick;
    tick.now = now.utc;
    submit(tick);
  }
}

void Process::sync() {
  while (fault_.empty() && journal_->sync_step()) {
  }
  if (fault_.empty()) journal_->prepare_step();
}

void Process::release(session::Now now) {
  const std::uint64_t durable = journal_->durable_index();
  while (fault_.empty() && !release_.empty() && release_.front().record <= durable) {
    const app::ReleaseQueue::Message message = release_.front();
    --unreleased_[message.header.session.value()];
    for (Line& line : lines_) {
      if (line.session->id() == message.header.session) {
        line.session->release(message.header.sequence_epoch, message.header.msg_seq_num, release_.bytes(message), now);
      }
    }
    release_.pop();
  }
  release_.compact();
  if (fault_.empty() && durable != released_record_) {
    released_record_ = durable;
    for (Line& line : lines_) line.session->on_durable(durable, now);
  }
}

}  // namespace portcullis::simulation
