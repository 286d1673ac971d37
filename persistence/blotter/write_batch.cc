#include "persistence/blotter/write_batch.h"

#include "base/check.h"
#include "persistence/background.h"

namespace portcullis::persistence {
namespace {

StoreResult<> move_progress(BlotterStore& store, const WriteBatch& batch) {
  constexpr ColumnType kTypes[] = {ColumnType::kInteger};
  const Position& to = batch.to.last;
  const bool first = batch.from.journal_id.empty();
  std::vector<Value> parameters{static_cast<std::int64_t>(to.index), static_cast<std::int64_t>(to.offset),
                                hexadecimal(to.checksum), static_cast<std::int64_t>(batch.to.epoch),
                                batch.to.journal_id};
  if (!first) parameters.emplace_back(static_cast<std::int64_t>(batch.from.last.index));
  auto moved =
      store.query(first ? "INSERT INTO progress (id, last_index, last_offset, last_checksum, epoch, journal_id) "
                          "VALUES (1, $1, $2, $3, $4, $5) RETURNING id"
                        : "UPDATE progress SET last_index = $1, last_offset = $2, last_checksum = $3, epoch = $4 "
                          "WHERE id = 1 AND journal_id = $5 AND last_index = $6 RETURNING id",
                  parameters, kTypes);
  if (!moved) return moved.error();
  if (moved->size() != 1) {
    return StoreError{"another process writes this blotter: it is no longer at record " +
                      std::to_string(batch.from.last.index)};
  }
  return std::monostate{};
}

StoreResult<> write_content(BlotterStore& store, const WriteBatch& batch) {
  if (auto moved = move_progress(store, batch); !moved) return moved;
  for (const WriteBatch::Rows& rows : batch.rows) {
    auto written = rows.stored ? store.upsert(*rows.table, rows.rows) : store.insert(*rows.table, rows.rows);
    if (!written) return written;
  }
  return store.commit();
}

}  // namespace

StoreResult<> write(BlotterStore& store, const WriteBatch& batch) {
  if (auto begun = store.begin(); !begun) return begun;
  auto written = write_content(store, batch);
  if (!written) store.rollback();
  return written;
}

BackgroundWriter::BackgroundWriter(BlotterStore& store)
    : store_(store), thread_([this, in_background = works_in_background()] {
        if (in_background) work_in_background("blotter");
        run();
      }) {}

BackgroundWriter::~BackgroundWriter() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BackgroundWriter::start(const WriteBatch& batch) {
  {
    std::lock_guard guard(mutex_);
    PORTCULLIS_CHECK(batch_ == nullptr, "a batch is given to the blotter's writer while it has another");
    batch_ = &batch;
  }
  changed_.notify_all();
}

StoreResult<> BackgroundWriter::wait() {
  std::unique_lock guard(mutex_);
  changed_.wait(guard, [&] { return batch_ == nullptr; });
  if (error_) return *error_;
  return std::monostate{};
}

void BackgroundWriter::run() {
  std::unique_lock guard(mutex_);
  while (true) {
    changed_.wait(guard, [&] { return batch_ != nullptr || stopping_; });
    if (batch_ == nullptr) return;
    const WriteBatch& batch = *batch_;
    guard.unlock();
    set_behind(kFarBehind);  // it is given full batches
    auto written = write(store_, batch);
    set_behind(0);
    guard.lock();
    if (!written) error_ = written.error();
    batch_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace portcullis::persistence
