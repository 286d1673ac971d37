#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_sink.h"
#include "base/byte_source.h"
#include "base/result.h"
#include "persistence/file.h"
#include "persistence/recovery.h"

// Snapshots of a state that was folded from the journal, docs/journal.md. Opaque bytes here, which pass through as a
// stream: neither writing nor reading one takes memory of its size. One thread at a time.

namespace portcullis::persistence {

class SnapshotStore {
 public:
  static constexpr std::size_t kKept = 2;
  static constexpr std::uint64_t kMaxStateBytes = std::uint64_t{16} << 30;

  // `content_version` is of the state's encoding; snapshots of another one are passed over. A larger state than
  // `max_state_bytes` is neither written nor read.
  SnapshotStore(FileSystem& files, std::string directory, std::uint32_t content_version,
                std::uint64_t max_state_bytes = kMaxStateBytes)
      : files_(files),
        directory_(std::move(directory)),
        content_version_(content_version),
        max_state_bytes_(max_state_bytes) {}

  // Appends the whole state; may stop once the sink takes no more.
  using Encode = std::function<void(ByteSink&)>;
  // Makes what `encode` appends durable under its name, then removes all but the newest kKept. `last` must be durable
  // in the journal. The size of the state. An error leaves what there was.
  Result<std::uint64_t> write(std::uint64_t journal_id, const Position& last, const Encode& encode);

  // Gets the state of a snapshot whose last record is `last`, while it is read and checked (CheckedState). An error
  // passes that snapshot over; without one, all of `state` was taken, and so all of it checks.
  using Take = std::function<Status(const Position& last, ByteSource& state)>;
  // Offers the snapshots of this journal, the newest first, until one of them is taken: its last record; nothing when
  // there is none. Those passed over on the way are named in `passed_over`, with why, for the log.
  Result<std::optional<Position>> take_newest(std::uint64_t journal_id, const Take& take,
                                              std::vector<std::string>& passed_over);

  // Whether there is any, usable or not.
  Result<bool> has_any();
  // The files of this journal's snapshots that include records behind `index`, where that is the journal's last one: what
  // they include once stood in it. Without those that cannot be read.
  Result<std::vector<std::string>> beyond(std::uint64_t journal_id, std::uint64_t index);

 private:
  Result<Position> offer(const std::string& path, std::uint64_t journal_id, const Take& take);
  Result<std::vector<std::string>> names();

  FileSystem& files_;
  const std::string directory_;
  const std::uint32_t content_version_;
  const std::uint64_t max_state_bytes_;
};

}  // namespace portcullis::persistence
