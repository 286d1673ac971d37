#include "persistence/blotter/projector.h"

#include <algorithm>
#include <optional>

#include "persistence/background.h"
#include "persistence/recovery.h"

namespace portcullis::persistence {
namespace {

constexpr std::chrono::milliseconds kLooksAfter{50};

StoreError from(const Error& error) {
  return StoreError{error.what, false};
}

// A reader behind what the blotter holds; nothing when the journal does not hold that any more, but all that a new blotter
// needs.
StoreResult<std::optional<JournalReader>> reader_behind(FileSystem& files, const std::string& directory,
                                                        const Progress& progress) {
  auto reader = progress.last.index == 0 ? JournalReader::open_whole(files, directory) : JournalReader::open(files, directory);
  if (!reader) return from(reader.error());
  if (!progress.journal_id.empty() && progress.journal_id != hexadecimal(reader->journal_id())) {
    return StoreError{"the blotter was made from journal " + progress.journal_id + ", and " + directory +
                      " is journal " + hexadecimal(reader->journal_id()) +
                      "; use another blotter, or rebuild this one"};
  }
  if (reader->seek_behind(progress.last)) return std::optional(std::move(*reader));
  if (auto whole = JournalReader::open_whole(files, directory); !whole) return from(whole.error());
  return std::optional<JournalReader>();
}

// Folds up to `most` records; returns how many.
StoreResult<std::size_t> fold(JournalReader& reader, Projection& projection, std::uint64_t limit, std::size_t most) {
  std::size_t count = 0;
  set_behind(limit - std::min(limit, reader.last_index()));
  while (count < most) {
    auto record = reader.next(limit);
    if (!record) return from(record.error());
    if (!*record) break;
    const auto view = gateway::read_record((*record)->content_version, (*record)->payload);
    if (!view) return StoreError{reader.place_of(**record) + ": " + view.error().what};
    if (auto added = projection.add((*record)->position, *view); !added) return added.error();
    ++count;
    give_way();
  }
  return count;
}

}  // namespace

BlotterProjector::BlotterProjector(FileSystem& files, ProjectorOptions options)
    : files_(files), options_(std::move(options)), thread_([this] { run(); }) {}

BlotterProjector::~BlotterProjector() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BlotterProjector::wake() {
  {
    std::lock_guard guard(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

ProjectorStatus BlotterProjector::status() const {
  std::lock_guard guard(mutex_);
  return status_;
}

bool BlotterProjector::wait_for(std::uint64_t index, std::chrono::milliseconds at_most) {
  std::unique_lock guard(mutex_);
  return changed_.wait_for(guard, at_most, [&] { return status_.last_index >= index; });
}

void BlotterProjector::pause(std::chrono::milliseconds at_most) {
  std::unique_lock guard(mutex_);
  changed_.wait_for(guard, at_most, [&] { return stopping_ || woken_; });
  woken_ = false;
}

void BlotterProjector::run() {
  work_in_background("projector");
  std::chrono::milliseconds wait = options_.first_pause;
  while (true) {
    const std::uint64_t before = status().last_index;
    const auto result = follow();
    {
      std::unique_lock guard(mutex_);
      if (stopping_) return;
      status_.connected = false;
      ++status_.failures;
      if (!result) status_.error = result.error().what;
      // A connection that brought something was a good one: the pauses begin anew.
      if (status_.last_index != before) wait = options_.first_pause;
      changed_.notify_all();
      changed_.wait_for(guard, wait, [&] { return stopping_; });
      if (stopping_) return;
    }
    wait = std::min(wait * 2, options_.last_pause);
  }
}

// All up to this record is in the database.
void BlotterProjector::wrote(std::uint64_t index) {
  {
    std::lock_guard guard(mutex_);
    if (index <= status_.last_index) return;
    status_.last_index = index;
  }
  changed_.notify_all();
}

// One connection's life: returns when it fails, or when the projector stops.
StoreResult<> BlotterProjector::follow() {
  auto store = open_store(options_.url, options_.gateway_id);
  if (!store) return store.error();
  if (auto migrated = migrate(**store); !migrated) return migrated.error();
  WriteBatch batch;  // written while the projection folds what the next one will hold
  BackgroundWriter writer(**store);
  Projection projection(**store, options_.gateway_id, options_.kept_over, [&] { return writer.wait(); });
  auto progress = projection.load();
  if (!progress) return progress.error();
  auto found = reader_behind(files_, options_.journal_directory, *progress);
  if (!found) return found.error();
  if (!*found) {
    // An older copy of the journal was restored, or power loss at level `process` took its end: the blotter holds rows
    // of records that are no more. The journal is the truth; all is projected anew, on a new connection.
    if (auto dropped = drop_all(**store); !dropped) return dropped.error();
    return StoreError{"the blotter held record " + std::to_string(progress->last.index) +
                      ", which the journal has no longer; it is rebuilt"};
  }
  JournalReader& reader = **found;
  reader.trust_own_records_behind(options_.own_records_behind);
  {
    std::lock_guard guard(mutex_);
    status_.connected = true;
    status_.error.clear();
    status_.last_index = progress->last.index;
  }
  changed_.notify_all();
  while (true) {
    {
      std::lock_guard guard(mutex_);
      if (stopping_) return std::monostate{};
    }
    auto count = fold(reader, projection, options_.durable_index(), options_.batch_records);
    if (!count) return count.error();
    if (auto written = writer.wait(); !written) return written.error();
    wrote(batch.to.last.index);
    if (*count == 0) {
      pause(kLooksAfter);
      continue;
    }
    projection.take(reader.journal_id(), batch);
    // A full batch says that there is more: it is folded while this one is written.
    if (*count == options_.batch_records) {
      writer.start(batch);
      continue;
    }
    if (auto written = write(**store, batch); !written) return written.error();
    wrote(batch.to.last.index);
  }
}

Result<RebuildReport> rebuild_blotter(FileSystem& files, const ProjectorOptions& options) {
  const auto failed = [](const StoreError& error) { return Error{error.what}; };
  auto store = open_store(options.url, options.gateway_id);
  if (!store) return failed(store.error());
  auto reader = JournalReader::open_whole(files, options.journal_directory);
  if (!reader) return reader.error();
  // Nothing is dropped for a journal of which not all can be read.
  if (auto checked = verify_journal(files, options.journal_directory); !checked) return checked.error();
  if (auto dropped = drop_all(**store); !dropped) return failed(dropped.error());
  if (auto migrated = migrate(**store); !migrated) return failed(migrated.error());
  WriteBatch batch;  // written while the projection folds what the next one will hold
  BackgroundWriter writer(**store);
  Projection projection(**store, options.gateway_id, options.kept_over, [&] { return writer.wait(); });
  if (auto progress = projection.load(); !progress) return failed(progress.error());
  const std::uint64_t limit = options.durable_index ? options.durable_index() : JournalReader::kNoLimit;
  RebuildReport report;
  while (true) {
    auto count = fold(*reader, projection, limit, options.batch_records);
    if (!count) return failed(count.error());
    if (auto written = writer.wait(); !written) return failed(written.error());
    if (*count == 0) break;
    projection.take(reader->journal_id(), batch);
    writer.start(batch);
    report.records += *count;
  }
  report.last_index = reader->last_index();
  return report;
}

}  // namespace portcullis::persistence
