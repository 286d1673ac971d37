#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "base/byte_source.h"
#include "persistence/file.h"

// The state in a snapshot's file, which a thread of its own reads from the disk and checks ahead of whoever takes it:
// "Snapshot" of docs/journal.md.

namespace portcullis::persistence {

// A snapshot's file is checked in blocks of so many bytes, counted from its beginning.
inline constexpr std::size_t kSnapshotBlockBytes = std::size_t{64} << 10;

// Bytes are ready once their block checks; none behind one that does not. What was taken counts no longer as memory of
// this process, and no more than kAhead are brought near before they are wanted, so that a start has no need of the
// state twice.
class CheckedState final : public ByteSource {
 public:
  static constexpr std::size_t kAhead = std::size_t{16} << 20;

  // The state stands in [begin, end) of the file; `checksums` are those of the file's blocks, the first of them from
  // `begin` on. All of them outlive this. `path` is for messages.
  CheckedState(std::string path, ReadMapping& file, std::size_t begin, std::size_t end,
               std::span<const std::byte> checksums);
  ~CheckedState() override;

  // Why not all of it will be ready; nothing as long as none of its blocks was found wrong.
  std::optional<std::string> fault();

 private:
  static constexpr std::size_t kStep = std::size_t{1} << 20;  // what is checked between two looks at the other thread
  static constexpr std::size_t kLetGoStep = std::size_t{4} << 20;  // less at a time would cost more than it saves

  std::size_t wait(std::size_t taken, std::size_t wanted) override;
  void check_ahead();
  std::optional<std::string> check(std::size_t from, std::size_t to);

  const std::string path_;
  ReadMapping& file_;
  const std::size_t begin_;
  const std::size_t end_;
  const std::span<const std::byte> checksums_;
  std::size_t let_go_;  // the reader's: in the file

  // What the one thread wrote before it changed these happens before the other reads them: they are under one mutex.
  // The file's bytes are written by neither.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t checked_;  // in the file, as all of these
  std::size_t taken_;
  std::size_t wanted_;
  std::optional<std::string> fault_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace portcullis::persistence
