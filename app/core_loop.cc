#include "app/core_loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <span>
#include <utility>

#include "app/build_id.h"
#include "app/log.h"
#include "base/check.h"
#include "fix/scanner.h"
#include "gateway/record.h"
#include "persistence/frame.h"
#include "session/clock.h"

namespace portcullis::app {
namespace {

constexpr auto kTimerPeriod = std::chrono::milliseconds(20);
constexpr Duration kStopPatience = Duration::seconds(5);
// No more messages than this are gathered.
constexpr std::size_t kMaxGathered = 4096;
// Operator's actions that wait for the core thread; beyond it they are refused at once.
constexpr std::size_t kMaxPosted = 1024;

session::Now now() {
  return {session::utc_now(), session::steady_now()};
}

// The outbound messages of a record that was built just now, so that nothing in it needs to be checked.
template <typename Visit>
void for_each_outbound(std::span<const std::byte> content, Visit&& visit) {
  gateway::RecordHeader header;
  std::memcpy(&header, content.data(), sizeof header);
  std::span<const std::byte> rest = content.last(header.outbound_size);
  while (!rest.empty()) {
    gateway::OutboundView message;
    std::memcpy(&message.header, rest.data(), sizeof message.header);
    rest = rest.subspan(sizeof message.header);
    message.bytes = {reinterpret_cast<const char*>(rest.data()), message.header.size};
    visit(message);
    rest = rest.subspan(gateway::padded(message.header.size));
  }
}

std::string hex_hash(std::string_view text) {
  const std::uint64_t hash = persistence::checksum_of(std::as_bytes(std::span(text.data(), text.size())));
  char digits[20];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return digits;
}

}  // namespace

void CoreLoop::begin(std::uint64_t epoch, std::string_view hold, const config::Config& configuration,
                     std::string_view recorded_text, const std::string& dictionary_directory) {
  gateway::Input start;
  start.kind = gateway::InputKind::kStart;
  start.now = session::utc_now();
  start.epoch = epoch;
  start.hold = hold;
  const std::string build = build_id();
  start.build_version = PORTCULLIS_VERSION;
  start.build_id = build;
  commit(start, gateway::kRecordCapacity, nullptr);

  this->configure(configuration, recorded_text);
  add_lines(configuration, dictionary_directory);

  // What the journal says of connections was true of the process that wrote it.
  for (std::uint16_t i = 0; i < core_.state().sessions.size(); ++i) {
    if (core_.state().sessions[i].state == order::SessionState::kDisconnected) continue;
    gateway::Input input;
    input.kind = gateway::InputKind::kSession;
    input.session = order::SessionId(i);
    input.now = session::utc_now();
    input.effects.state = order::SessionState::kDisconnected;
    input.effects.reason = "the gateway was restarted";
    submit(input);
  }
  journal_->flush();
  supervisor_.emplace(
      core_, [this](const order::ReportHealth& report) { submit_command(report, R"({"action":"health"})", nullptr); });
}

void CoreLoop::configure(const config::Config& configuration, std::string_view recorded_text) {
  gateway::Input input;
  input.kind = gateway::InputKind::kConfigure;
  input.now = session::utc_now();
  input.bytes = recorded_text;
  input.configuration = &configuration;
  commit(input, std::min<std::size_t>(gateway::kConfigureCapacity, journal_->largest_payload()), nullptr);
  configuration_index_ = journal_->last_index();
  configuration_hash_ = hex_hash(recorded_text);
}

void CoreLoop::start_resolver() {
  using Resolver = boost::asio::ip::tcp::resolver;
  resolver_.async_resolve("127.0.0.1", "0", Resolver::numeric_host | Resolver::numeric_service,
                          [](const boost::system::error_code&, const Resolver::results_type&) {});
}

void CoreLoop::run(config::IoMode io) {
  arm_timer();
  if (io == config::IoMode::kBlocking) {
    io_.run();
    return;
  }
  spins_.store(true, std::memory_order_relaxed);
  while (!io_.stopped()) {
    io_.poll();
    if (journal_->durable_index() != released_record_) release();
  }
}

void CoreLoop::stop() {
  boost::asio::post(io_, [this] {
    if (stopping_) return;
    stopping_ = true;
    stop_by_ = session::steady_now() + kStopPatience;
    for (const auto& line : lines_) line->fix().logout("the gateway is stopping", now());
    end_batch();
  });
}

bool CoreLoop::post(std::function<void()> work) {
  if (posted_.fetch_add(1, std::memory_order_relaxed) >= kMaxPosted) {
    posted_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  boost::asio::post(io_, [this, work = std::move(work)] {
    posted_.fetch_sub(1, std::memory_order_relaxed);
    work();
    changed_ = true;
    end_batch();
  });
  return true;
}

void CoreLoop::wake_durable() {
  if (spins_.load(std::memory_order_relaxed)) return;
  if (wake_posted_.exchange(true, std::memory_order_acq_rel)) return;
  boost::asio::post(io_, [this] {
    wake_posted_.store(false, std::memory_order_release);
    release();
  });
}

gateway::CommandOutcome CoreLoop::submit_command(const gateway::OperatorCommand& command,
                                                 std::string_view recorded_text, Done done) {
  gateway::Input input;
  input.kind = gateway::InputKind::kCommand;
  input.now = session::utc_now();
  input.bytes = recorded_text;
  input.command = command;
  gateway::CommandOutcome outcome;
  // A file of positions may be long, and all of it is one record.
  const bool long_one = std::holds_alternative<order::StartPositions>(command);
  commit(input,
         long_one ? std::min<std::size_t>(gateway::kConfigureCapacity, journal_->largest_payload())
                  : gateway::kRecordCapacity,
         &outcome);
  if (done) when_durable(journal_->last_index(), std::move(done));
  return outcome;
}

void CoreLoop::when_durable(std::uint64_t record_index, Done done) {
  waiting_.push_back(Waiting{record_index, std::move(done)});
}

std::uint64_t CoreLoop::submit(const gateway::Input& input) {
  commit(input, gateway::kRecordCapacity, nullptr);
  return journal_->last_index();
}

void CoreLoop::commit(const gateway::Input& input, std::size_t capacity, gateway::CommandOutcome* outcome) {
  const std::span<std::byte> memory = journal_->begin(capacity);
  PORTCULLIS_CHECK(!memory.empty(), "the journal has failed and goes on");
  core_.set_low_space(journal_->low_space());
  const std::uint64_t begun = StageTimes::ticks();
  if (input.deliver != nullptr) stage_times_.add(StageTimes::Stage::kReceive, begun - frame_began_);
  core_.decode(input);
  const std::uint64_t decoded = StageTimes::ticks();
  if (input.deliver != nullptr) stage_times_.add(StageTimes::Stage::kDecode, decoded - begun);
  gateway::RecordWriter record(memory);
  const gateway::CommandOutcome& result = core_.handle_decoded(input, record);
  if (outcome != nullptr) *outcome = result;
  if (input.effects.state) changed_ = true;
  const std::size_t size = record.finish();
  const std::uint64_t decided = StageTimes::ticks();
  stage_times_.add(StageTimes::Stage::kDecide, decided - decoded);
  const persistence::Position position = journal_->commit(size);
  const std::uint64_t committed = StageTimes::ticks();
  stage_times_.add(StageTimes::Stage::kJournal, committed - decided);
  // The memory stands until the next record is begun, so what goes out is copied now.
  unreleased_.resize(core_.state().sessions.size());
  for_each_outbound(record.content(), [&](const gateway::OutboundView& message) {
    release_.push(position.index, message, committed);
    outbound_.add(message.header, position.offset);
    ++unreleased_[message.header.session.value()];
  });
}

gateway::ResendDecision CoreLoop::resend_decision(order::SessionId session, std::uint64_t, std::string_view bytes,
                                                  UtcTime time) {
  fix::ScannedMessage message;
  if (fix::scan(bytes, message)) return gateway::ResendDecision::kGapFill;
  const std::optional<UtcTime> sent = parse_utc_timestamp(message.header().sending_time);
  return core_.resend_decision(session, message.header().msg_type, message.find(11), sent.value_or(UtcTime()), time);
}

Status CoreLoop::read_outbound(order::SessionId session, std::uint32_t sequence_epoch, std::uint64_t first,
                               std::uint64_t last, std::size_t limit, const Visitor& visit) {
  const gateway::SessionNumbers numbers = core_.numbers(session);
  if (sequence_epoch == numbers.sequence_epoch) {
    // What is not durable yet comes through release() when it is.
    const std::uint64_t waiting = session.value() < unreleased_.size() ? unreleased_[session.value()] : 0;
    last = std::min(last, numbers.next_sender - 1 - waiting);
  }
  std::size_t visited = 0;
  for (std::uint64_t number = first; number <= last && visited < limit; ++number) {
    const std::uint64_t offset = outbound_.find(session, sequence_epoch, number);
    if (offset == OutboundIndex::kNone) continue;
    Result<std::span<const std::byte>> payload = journal_->read(offset, read_scratch_);
    // A start does not check what stands before its snapshot, so this is where damage there is found.
    if (!payload) {
      log_error("journal_unreadable", {{"session", core_.state().session_names[session.value()].name.view()},
                                       {"msg_seq_num", number}, {"why", payload.error().what}});
      return Error{"MsgSeqNum(34) " + std::to_string(number) + " cannot be read from the journal"};
    }
    const std::optional<gateway::RecordView> record = gateway::RecordView::parse(*payload);
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

// One read of one session is a batch where there are few. Among many, what is ready on the others belongs to it: one
// message each would cost every broker a write, and the journal a group, for each of them.
void CoreLoop::on_batch_end() {
  if (connected_ <= kFewConnections || release_.size() >= kMaxGathered) return end_batch();
  if (end_posted_) return;
  end_posted_ = true;
  // Behind what the event loop has found ready by now.
  boost::asio::post(io_, [this] {
    end_posted_ = false;
    end_batch();
  });
}

void CoreLoop::end_batch() {
  if (!journal_->sync_few()) journal_->flush();
  release();
  push_back_if_slow();
  if (!changed_ && !timer_fired_) return;
  timer_fired_ = false;
  const bool changed = std::exchange(changed_, false);
  if (change_callback_) change_callback_(changed);
}

void CoreLoop::release() {
  // A release may make a session commit again (a Logout is written, the session ends): one at a time.
  if (releasing_) return;
  releasing_ = true;
  const std::uint64_t durable = journal_->durable_index();
  const session::Now time = now();
  const std::uint64_t released = StageTimes::ticks();
  const bool many = connected_ > kFewConnections;
  while (!release_.empty() && release_.front().record <= durable) {
    if (many) look_ahead();
    const ReleaseQueue::Message message = release_.front();
    const std::uint16_t index = message.header.session.value();
    --unreleased_[index];
    stage_times_.add(StageTimes::Stage::kRelease, released - message.committed);
    Line* const line = index < line_of_session_.size() ? line_of_session_[index] : nullptr;
    if (line != nullptr) {
      on_touched(*line);
      line->fix().release(message.header.sequence_epoch, message.header.msg_seq_num, release_.bytes(message), time);
    }
    release_.pop();
  }
  release_.compact();
  // By number: what they do may touch others.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    Line& line = *touched_[i];
    line.fix().on_durable(durable, time);
    line.flush();
    if (!line.fix().at_rest()) next_look_[line.session_id().value()] = SteadyTime();
    const bool keep = line.fix().awaits_durable() || line.waits();
    line.set_touched(keep);
    if (keep) touched_[kept++] = &line;
  }
  touched_.resize(kept);
  released_record_ = durable;
  while (!waiting_.empty() && waiting_.front().record <= durable) {
    const Waiting waiting = std::move(waiting_.front());
    waiting_.pop_front();
    waiting.done(waiting.record);
  }
  // What was committed meanwhile (a gap fill behind a replay) is not to wait for the next batch.
  journal_->flush();
  releasing_ = false;
}

// Among many sessions a message's line, its session and its connection are out of the caches. Those of the next messages
// are asked for while this one is handed over, each when what leads to it is near.
void CoreLoop::look_ahead() const {
  const auto line_of = [this](std::size_t by) -> const Line* {
    const ReleaseQueue::Message* const message = release_.behind_front(by);
    if (message == nullptr) return nullptr;
    const std::uint16_t index = message->header.session.value();
    return index < line_of_session_.size() ? line_of_session_[index] : nullptr;
  };
  if (const Line* const third = line_of(3)) __builtin_prefetch(third);
  if (const Line* const second = line_of(2)) second->look_ahead();
  if (const Line* const next = line_of(1)) next->look_ahead_at_connection();
}

void CoreLoop::push_back_if_slow() {
  const bool may_read = !journal_->would_block(kWaitsBelow);
  if (may_read == reading_) return;
  reading_ = may_read;
  for (const auto& line : lines_) line->set_reading(may_read);
}

void CoreLoop::on_line_closed(Line& line) {
  changed_ = true;
  if (line_closed_) line_closed_(line);
}

void CoreLoop::arm_timer() {
  timer_.expires_after(kTimerPeriod);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) on_timer();
  });
}

void CoreLoop::on_timer() {
  const session::Now time = now();
  look_at_lines(time);
  journal_->hurry_preparing();
  if (!journal_->would_block(kWaitsBelow)) {
    supervisor_->journal_waited(Duration::nanoseconds(journal_->take_longest_wait().count()));
    supervisor_->look(Vitals{time, journal_->last_index(), journal_->durable_index(), journal_->low_space()});
  }
  // Bounded: what is left is due again at the next timer.
  if (!journal_->would_block(kWaitsBelow) && core_.anything_due(time.utc)) {
    gateway::Input tick;
    tick.kind = gateway::InputKind::kTick;
    tick.now = time.utc;
    submit(tick);
  }
  timer_fired_ = true;
  end_batch();
  if (stopping_) {
    const bool ended =
        std::none_of(lines_.begin(), lines_.end(), [](const auto& line) { return line->has_connection(); });
    if ((ended && release_.empty()) || time.steady > stop_by_) {
      io_.stop();
      return;
    }
  }
  arm_timer();
}

}  // namespace portcullis::app
