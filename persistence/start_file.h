#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "persistence/file.h"
#include "persistence/journal.h"

// The start record of a data directory, docs/journal.md: who runs here, in which epoch, and whether the run
// before may have lost records.

namespace portcullis::persistence {

struct StartArguments {
  std::string gateway_id;
  std::uint64_t unix_seconds = 0;
  std::string boot_id;  // kernel_boot_id(), or a test's
  JournalDurability durability = JournalDurability::kDisk;
};

enum class HoldReason : std::uint8_t {
  kNone,
  kPowerLost,     // the last run was at level `process`, and the machine was restarted without a clean stop
  kStartMissing,  // a journal stands here, and no start record
  kStillHeld,     // the run before was held and was not released
  kEndMissing,    // a snapshot includes records that the journal has no longer
};
const char* to_text(HoldReason reason);

// Holds the lock on the data directory as long as it lives. One thread.
class StartFile {
 public:
  // Makes the directory if it is missing, locks it, and makes the new epoch durable. On return nothing can have
  // been sent under this epoch before. Refuses a directory that another process holds, another gateway's, and a
  // record that does not check.
  static Result<std::unique_ptr<StartFile>> begin(FileSystem& files, const std::string& data_dir,
                                                  const StartArguments& arguments);

  std::uint64_t epoch() const { return epoch_; }
  HoldReason hold_reason() const { return hold_reason_; }
  bool hold() const { return hold_reason_ != HoldReason::kNone; }
  // For ScanOptions::power_lost: a hole at the end of the journal is expected, not damage.
  bool power_lost() const { return hold(); }

  // For what only the journal shows. A hold that there is already keeps its reason.
  Status hold_for(HoldReason reason);
  // The gateway was reconciled: a restart from here on does not hold.
  Status release_hold();
  // After Journal::close(): nothing of this run is missing.
  Status stopped_cleanly();

 private:
  StartFile(FileSystem& files, std::string data_dir) : files_(files), data_dir_(std::move(data_dir)) {}
  Status write(bool clean);

  FileSystem& files_;
  const std::string data_dir_;
  std::unique_ptr<FileLock> lock_;
  StartArguments arguments_;
  std::uint64_t epoch_ = 0;
  HoldReason hold_reason_ = HoldReason::kNone;
};

// Of the running kernel; changes with each boot of the machine.
Result<std::string> kernel_boot_id();

inline std::string journal_directory(const std::string& data_dir) {
  return data_dir + "/journal";
}
inline std::string snapshot_directory(const std::string& data_dir) {
  return data_dir + "/snapshots";
}

}  // namespace portcullis::persistence
