#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "persistence/file.h"

// A file system in memory that can fail on command, and that keeps a trace of all that was asked of it, from which
// the states that a power loss may leave behind are made.

namespace portcullis::persistence::testing {

class FaultFileSystem final : public FileSystem {
 public:
  struct Node {
    std::uint64_t id = 0;
    std::vector<std::byte> bytes;  // never reallocated once mapped: capacity is reserved at creation
  };
  struct Operation {
    enum Kind { kWrite, kTruncate, kSyncData, kCreate, kRename, kRemove, kSyncDirectory } kind = kWrite;
    std::uint64_t node = 0;
    std::uint64_t offset = 0;  // kWrite; the new size for kTruncate
    std::vector<std::byte> bytes;
    std::string path;
    std::string to;
  };

  FaultFileSystem() = default;

  // --- faults ---
  // The n-th call from now (1 is the next) of this kind fails with the errno; it has no effect.
  void fail_write(int n, int code) { fail_write_in_ = n, fail_code_ = code; }
  void fail_sync(int n, int code) { fail_sync_in_ = n, fail_code_ = code; }
  void fail_read(int n, int code) { fail_read_in_ = n, fail_code_ = code; }
  // Each write takes at most this many bytes.
  void short_writes(std::size_t most) { most_written_ = most; }
  // The n-th write from now takes the first `bytes` bytes and then fails with EIO.
  void tear_write(int n, std::size_t bytes) { tear_in_ = n, tear_bytes_ = bytes; }
  // All files together take at most this much.
  void space(std::uint64_t bytes, int code = ENOSPC) { space_ = bytes, space_code_ = code; }
  // Called before each sync of data, without any lock held.
  std::function<void()> on_sync;
  // Before each part of a file that is only to be on its way to the disk, likewise.
  std::function<void()> on_write_out;
  // Before pages of a mapping are made ready once more.
  std::function<void(std::uint64_t offset, std::uint64_t size)> on_make_ready;
  std::function<void()> on_unmap;  // before what is between the pieces of an unmapping

  // --- what happened ---
  const std::vector<Operation>& trace() const { return trace_; }
  // The files after a power loss that followed the first `operations` of the trace. What was synced is there. Of
  // each unsynced write, sectors of 512 bytes are kept where `keeps(operation, sector)` says so; of the unsynced
  // changes to directories, the first `directory_changes` in order.
  std::unique_ptr<FaultFileSystem> after_power_loss(std::size_t operations,
                                                    const std::function<bool(std::size_t, std::size_t)>& keeps,
                                                    std::size_t directory_changes) const;
  // A copy of the files as a new process would see them.
  std::unique_ptr<FaultFileSystem> copy() const;
  std::vector<std::byte>& content(const std::string& path) { return files_.at(path)->bytes; }
  std::uint64_t used() const;

  // --- FileSystem ---
  IoResult<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  IoResult<> rename(const std::string& from, const std::string& to) override;
  IoResult<> remove(const std::string& path) override;
  IoResult<> make_directory(const std::string& path) override;
  IoResult<> sync_directory(const std::string& path) override;
  IoResult<std::vector<std::string>> list(const std::string& path) override;
  bool exists(const std::string& path) override;
  IoResult<std::uint64_t> free_bytes(const std::string& path) override;
  IoResult<std::unique_ptr<FileLock>> lock(const std::string& path) override;

 private:
  friend class FaultFile;
  static constexpr std::size_t kCapacity = std::size_t{1} << 20;

  IoResult<> read_fault();

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Node>> files_;
  std::set<std::string> directories_;
  std::set<std::string> locks_;
  std::vector<Operation> trace_;
  std::uint64_t next_node_ = 1;
  int fail_write_in_ = 0;
  int fail_sync_in_ = 0;
  int fail_read_in_ = 0;
  int fail_code_ = 0;
  int tear_in_ = 0;
  std::size_t tear_bytes_ = 0;
  std::size_t most_written_ = SIZE_MAX;
  std::uint64_t space_ = UINT64_MAX;
  int space_code_ = ENOSPC;
};

}  // namespace portcullis::persistence::testing
