#include "persistence/checked_state.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "persistence/frame.h"

namespace portcullis::persistence {

CheckedState::CheckedState(std::string path, ReadMapping& file, std::size_t begin, std::size_t end,
                           std::span<const std::byte> checksums)
    : ByteSource(file.bytes().subspan(begin, end - begin), 0),
      path_(std::move(path)),
      file_(file),
      begin_(begin),
      end_(end),
      checksums_(checksums),
      let_go_(begin),
      checked_(begin),
      taken_(begin),
      wanted_(begin),
      thread_([this] {
        pthread_setname_np(pthread_self(), "snapshot_check");
        check_ahead();
      }) {}

CheckedState::~CheckedState() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

std::optional<std::string> CheckedState::fault() {
  const std::lock_guard lock(mutex_);
  return fault_;
}

std::size_t CheckedState::wait(std::size_t taken, std::size_t wanted) {
  taken += begin_;
  if (taken >= let_go_ + kLetGoStep) {
    const std::size_t to = taken / kSnapshotBlockBytes * kSnapshotBlockBytes;
    file_.let_go(let_go_, to - let_go_);
    let_go_ = to;
  }
  std::unique_lock lock(mutex_);
  taken_ = taken;
  wanted_ = begin_ + wanted;
  changed_.notify_one();
  changed_.wait(lock, [this] { return checked_ >= wanted_ || fault_.has_value(); });
  return checked_ - begin_;
}

void CheckedState::check_ahead() {
  for (std::size_t from = begin_; from < end_;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopped_ || from < std::max(taken_ + kAhead, wanted_); });
      if (stopped_) return;
    }
    const std::size_t to = std::min(from / kStep * kStep + kStep, end_);
    std::optional<std::string> fault = check(from, to);
    {
      const std::lock_guard lock(mutex_);
      if (!fault) checked_ = to;
      fault_ = std::move(fault);
      if (fault_.has_value()) from = end_;
    }
    changed_.notify_one();
    from = std::max(from, to);
  }
}

std::optional<std::string> CheckedState::check(std::size_t from, std::size_t to) {
  if (const auto near = file_.bring_near(from, to - from); !near) return near.error().what;
  for (std::size_t block = from / kSnapshotBlockBytes; from < to; ++block) {
    const std::size_t next = std::min((block + 1) * kSnapshotBlockBytes, to);
    const auto expected = load<std::uint64_t>(checksums_, block * sizeof(std::uint64_t));
    if (checksum_of(file_.bytes().subspan(from, next - from)) != expected) return path_ + ": the state does not check";
    from = next;
  }
  return std::nullopt;
}

}  // namespace portcullis::persistence
