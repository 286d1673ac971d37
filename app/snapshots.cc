#include "app/snapshots.h"

#include <time.h>

#include <algorithm>
#include <utility>

#include "app/log.h"
#include "base/pages.h"
#include "gateway/snapshot.h"
#include "persistence/background.h"
#include "persistence/journal_length.h"
#include "persistence/start_file.h"

namespace portcullis::app {
namespace {

constexpr auto kLookPeriod = std::chrono::milliseconds(50);
constexpr int kBatch = 1'000;
// Between two tries to read what could not be read.
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLastPause{10'000};

// What this thread has had of a processor.
std::chrono::nanoseconds processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Status check_sums(const gateway::State& state) {
  const std::optional<Error> fault = state.risk.verify();
  return fault ? Status(Error{"exposures do not add up: " + fault->what}) : Status();
}

// For all records of a journal: their indexes need not grow on the way, which would be a quarter of the folding. An order of
// whom most is said, its acknowledgement and a fill, are three records: one ClOrdID and two ExecIDs. Where there are more of
// either, their index grows as it does for who trades. No room is made for more than this, however long the journal:
// orders that are over are given back.
constexpr std::uint64_t kMostRoom = std::uint64_t{1} << 24;
constexpr std::uint64_t kLeastRoom = gateway::HashIndex::kLeastRoom;

void make_room(std::uint64_t records, gateway::Core& core) {
  gateway::State state;
  state.cl_ord_ids.reserve(std::clamp(records / 3, kLeastRoom, kMostRoom));
  state.exec_ids.reserve(std::clamp(records * 2 / 3, 2 * kLeastRoom, kMostRoom));
  core.start_from(std::move(state));
}

}  // namespace

void save_snapshot(const gateway::Core& core, const OutboundIndex& outbound, ByteSink& out) {
  gateway::save(core.state(), out);
  outbound.save(out);
}

Status load_snapshot(ByteSource& bytes, gateway::Core& core, OutboundIndex& outbound) {
  gateway::State state;
  OutboundIndex index;
  Status status = gateway::load(bytes, state);
  if (status) status = index.load(bytes);
  if (status && bytes.left() != 0)
    status = Error{"the snapshot has " + std::to_string(bytes.left()) + " bytes too many"};
  if (status) status = check_sums(state);
  if (!status) return status;
  core.start_from(std::move(state));
  outbound = std::move(index);
  return {};
}

Result<persistence::Position> load_newest_snapshot(persistence::FileSystem& files, const std::string& data_dir,
                                                   gateway::Core& core, OutboundIndex& outbound,
                                                   std::vector<std::string>& passed_over) {
  const std::string journal = persistence::journal_directory(data_dir);
  persistence::SnapshotStore store(files, persistence::snapshot_directory(data_dir), kSnapshotContentVersion);
  if (!persistence::holds_segments(files, journal)) {
    const auto any = store.has_any();
    if (!any) return any.error();
    if (*any) {
      return Error{journal + ": holds no segment of a journal (files named OFFSET.journal), and " +
                   persistence::snapshot_directory(data_dir) +
                   " has snapshots of one; restore the journal from a copy, or use another data_dir"};
    }
    make_room(0, core);
    return persistence::Position{};
  }
  if (!files.exists(persistence::snapshot_directory(data_dir))) {
    make_room(persistence::expected_records(files, journal), core);
    return persistence::Position{};
  }
  auto opened = persistence::JournalReader::open(files, journal);
  if (!opened) {
    passed_over.push_back("all snapshots: " + opened.error().what);
    return persistence::Position{};
  }
  persistence::JournalReader reader = std::move(opened).value();
  const auto take = [&](const persistence::Position& last, ByteSource& state) {
    const Status stands = reader.seek_behind(last);
    if (!stands) return Status(Error{"its last record does not stand in the journal: " + stands.error().what});
    return load_snapshot(state, core, outbound);
  };
  const auto taken = store.take_newest(reader.journal_id(), take, passed_over);
  if (!taken) return taken.error();
  if (!taken->has_value()) make_room(persistence::expected_records(files, journal), core);
  return taken->value_or(persistence::Position{});
}

Status fold(const persistence::JournalRecord& record, gateway::Core& core, OutboundIndex& outbound) {
  const auto view = gateway::read_record(record.content_version, record.payload);
  if (!view) return view.error();
  const Status folded = core.replay(*view);
  if (!folded) return folded;
  outbound.add(*view, record.position.offset);
  return {};
}

Snapshots::Snapshots(persistence::FileSystem& files, std::string data_dir, std::function<std::uint64_t()> durable_index,
                     Pace pace, std::uint64_t own_records_behind)
    : files_(files),
      data_dir_(std::move(data_dir)),
      durable_index_(std::move(durable_index)),
      pace_(pace),
      own_records_behind_(own_records_behind),
      store_(files, persistence::snapshot_directory(data_dir_), kSnapshotContentVersion),
      thread_([this] { run(); }) {}

Snapshots::~Snapshots() {
  {
    const std::lock_guard guard(mutex_);
    if (order_ == Order::kRun) order_ = Order::kStop;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Snapshots::finish() {
  {
    const std::lock_guard guard(mutex_);
    order_ = Order::kFinish;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

// Trading goes on without snapshots, and the next start folds more.
void Snapshots::run() {
  persistence::work_in_background("snapshots");
  ReadyPages::leave_to_others();
  remove_unfinished();
  caught_up_at_ = durable_index_();
  std::string told;
  std::chrono::milliseconds pause = kFirstPause;
  while (true) {
    const std::uint64_t before = last_.index;
    const Status ended = follow();
    if (ended) return;
    folded_index_.store(last_.index, std::memory_order_relaxed);
    const std::string& why = ended.error().what;
    if (!folds_) return log_error("snapshots_stopped", {{"why", why}});
    if (why != told) log_error("snapshots_wait", {{"why", why}});
    told = why;
    if (last_.index != before) pause = kFirstPause;
    if (wait(pause) != Order::kRun) return;
    pause = std::min(pause * 2, kLastPause);
  }
}

// Files of records that the journal has lost: nobody can use them, and as the newest they would be kept for ones that are
// written now. The start has put the gateway in hold for them.
void Snapshots::remove_beyond_the_end(std::uint64_t journal_id) {
  const auto beyond = store_.beyond(journal_id, std::min(own_records_behind_, caught_up_at_));
  if (!beyond) return log_warning("snapshots_not_cleaned", {{"why", beyond.error().what}});
  for (const std::string& path : *beyond) {
    const auto removed = files_.remove(path);
    if (!removed) {
      log_warning("snapshots_not_cleaned", {{"why", removed.error().what}});
      continue;
    }
    log_warning("snapshot_removed", {{"file", path}, {"why", "it includes records that the journal has no longer"}});
  }
}

// Files that a killed writer has left half written; nobody reads them.
void Snapshots::remove_unfinished() {
  const std::string directory = persistence::snapshot_directory(data_dir_);
  if (!files_.exists(directory)) return;
  const auto names = files_.list(directory);
  if (!names) return log_warning("snapshots_not_cleaned", {{"why", names.error().what}});
  for (const std::string& name : *names) {
    if (!name.ends_with(".snapshot.tmp")) continue;
    const auto removed = files_.remove(directory + "/" + name);
    if (!removed) log_warning("snapshots_not_cleaned", {{"why", removed.error().what}});
  }
}

// From the newest snapshot, or from where an error has ended it.
Status Snapshots::follow() {
  if (!loaded_) {
    std::vector<std::string> passed_over;  // the start has logged them
    const auto found = load_newest_snapshot(files_, data_dir_, core_, outbound_, passed_over);
    if (!found) return found.error();
    loaded_ = true;
    last_ = *found;
    written_index_.store(last_.index, std::memory_order_release);
    written_at_ = Clock::now();
    not_before_ = written_at_;
  }
  auto opened = persistence::JournalReader::open(files_, persistence::journal_directory(data_dir_));
  if (!opened) return opened.error();
  persistence::JournalReader reader = std::move(opened).value();
  if (!first_written_) remove_beyond_the_end(reader.journal_id());
  if (const Status sought = reader.seek_behind(last_); !sought) return sought;
  reader.trust_own_records_behind(own_records_behind_);
  bool more = true;
  while (true) {
    const Order order = wait(more ? std::chrono::milliseconds(0) : kLookPeriod);
    if (order == Order::kStop) return {};
    const auto folded = fold_batch(reader);
    if (!folded) return folded.error();
    more = *folded;
    // Said now, and not at the next look, which finds new records where trading never pauses. Who waits for the end waits
    // for the last snapshot, too.
    if (!more && order != Order::kFinish) persistence::set_behind(0);
    folded_index_.store(last_.index, std::memory_order_relaxed);
    const Clock::time_point now = Clock::now();
    if (order == Order::kFinish && !more) {
      if (last_.index > written_index_) write(reader.journal_id(), now);
      return {};
    }
    if (is_due(now)) write(reader.journal_id(), now);
  }
}

Result<bool> Snapshots::fold_batch(persistence::JournalReader& reader) {
  const std::uint64_t limit = durable_index_();
  persistence::set_behind(limit - std::min(limit, last_.index));
  for (int i = 0; i < kBatch; ++i) {
    const auto next = reader.next(limit);
    if (!next) return next.error();
    if (!next->has_value()) return false;
    ahead_.look(core_.state(), reader.following(gateway::RecordsAhead::kRecords));
    const Status folded = fold(**next, core_, outbound_);
    if (!folded) {
      folds_ = false;
      return Error{reader.place_of(**next) + ": " + folded.error().what};
    }
    last_ = (*next)->position;
    persistence::give_way();
  }
  return true;
}

bool Snapshots::is_due(Clock::time_point now) const {
  const std::uint64_t new_records = last_.index - written_index_;
  if (new_records == 0 || now < not_before_) return false;
  if (!first_written_) return last_.index >= caught_up_at_;
  return new_records >= pace_.records || now - written_at_ >= pace_.period;
}

void Snapshots::write(std::uint64_t journal_id, Clock::time_point now) {
  first_written_ = true;
  written_at_ = now;
  // This is something to do, too, for which it may wait too long for a processor.
  persistence::set_behind(std::max(std::uint64_t{1}, durable_index_() - last_.index));
  const std::chrono::nanoseconds processor_before = processor_time();
  Status written = check_sums(core_.state());
  std::uint64_t bytes = 0;
  if (written) {
    const auto stored =
        store_.write(journal_id, last_, [this](ByteSink& out) { save_snapshot(core_, outbound_, out); });
    if (stored) {
      bytes = *stored;
    } else {
      written = stored.error();
    }
  }
  const Clock::time_point end = Clock::now();
  const auto worked = std::chrono::duration_cast<Clock::duration>(processor_time() - processor_before);
  not_before_ = end + std::max((end - now) * (kClockShare - 1), worked * (kProcessorShare - 1));
  if (!written) {
    not_before_ = std::max(not_before_, end + std::chrono::duration_cast<Clock::duration>(pace_.period));
    log_error("snapshot_failed", {{"record", last_.index}, {"why", written.error().what}});
    return;
  }
  written_index_.store(last_.index, std::memory_order_release);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(end - now);
  log_info("snapshot_written", {{"record", last_.index}, {"bytes", bytes}, {"took_ms", took.count()}});
}

Snapshots::Order Snapshots::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [this] { return order_ != Order::kRun; });
  return order_;
}

}  // namespace portcullis::app
