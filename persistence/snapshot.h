#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "persistence/file.h"
#include "persistence/recovery.h"

// Snapshots of a state that was folded from the journal, docs/journal.md. Opaque bytes here. One thread at a time.

namespace portcullis::persistence {

struct Snapshot {
  Position last;  // the last record that the state includes
  std::vector<std::byte> state;
};

class SnapshotStore {
 public:
  static constexpr std::size_t kKept = 2;
  static constexpr std::uint64_t kMaxStateBytes = std::uint64_t{16} << 30;

  // `content_version` is of the state's encoding; snapshots of another one are passed over.
  SnapshotStore(FileSystem& files, std::string directory, std::uint32_t content_version)
      : files_(files), directory_(std::move(directory)), content_version_(content_version) {}

  // Makes it durable under its name, then removes all but the newest kKept. `last` must be durable in the journal.
  Status write(std::uint64_t journal_id, const Position& last, std::span<const std::byte> state);

  // The newest valid one of this journal whose index is at most `at_most`; nothing when there is none. Those passed
  // over on the way are named in `passed_over`, with why, for the log.
  Result<std::optional<Snapshot>> newest(std::uint64_t journal_id, std::uint64_t at_most,
                                         std::vector<std::string>& passed_over);

 private:
  Result<Snapshot> read(const std::string& path, std::uint64_t journal_id);
  Result<std::vector<std::string>> names();

  FileSystem& files_;
  const std::string directory_;
  const std::uint32_t content_version_;
};

}  // namespace portcullis::persistence
