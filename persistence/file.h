#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

// All that persistence asks of an operating system. The posix implementation stands in file_posix.cc;
// the tests have one that runs out of space, fails, writes short, tears and records what was written.
//
// Errors are values with the errno kept, because ENOSPC is handled and everything else stops the process.
// No function here retries, except after EINTR.

namespace portcullis::persistence {

struct IoError {
  int code = 0;      // errno
  std::string what;  // operation, path and the system's text
};

// A quota that is used up is a full disk to whom it holds for.
inline bool has_no_space(const IoError& error) {
  return error.code == ENOSPC || error.code == EDQUOT;
}

template <typename T = std::monostate>
using IoResult = Result<T, IoError>;
inline constexpr std::monostate kDone{};

// Called between the pieces of a long work: its caller lets others have the processor or the disk.
using BetweenPieces = std::function<void()>;

// A part of a file in memory, shared with it: stores reach the file without a write. Unmapped by the
// destructor. A mapping may outlive its File. Touching a page that the file cannot give (a disk error, a file that
// was cut) raises SIGBUS, and there is nothing to return an error to: stop_at_bus_error() below.
class Mapping {
 public:
  virtual ~Mapping() = default;
  virtual std::span<std::byte> bytes() = 0;
  // Makes these whole pages ready to be stored into, as they were when they were mapped: the system takes that away
  // from pages that it has written out, and the next store into each is a fault that costs microseconds. Another thread
  // may store into them meanwhile. Where the system refuses they are as they were. `offset` is a multiple of a page.
  virtual void make_ready(std::uint64_t offset, std::uint64_t size) = 0;
  // What the destructor does, in pieces of at most kHugePageBytes with a call between them: of many pages in one go the system
  // keeps the processor for milliseconds. bytes() is empty from now on.
  virtual void unmap(const BetweenPieces& between_pieces) = 0;
};
class ReadMapping {
 public:
  virtual ~ReadMapping() = default;
  virtual std::span<const std::byte> bytes() = 0;
  // Makes these bytes present and begins to read what follows them: so a file that the disk cannot give is an error
  // here, and who reads on finds it in memory. Where the system cannot say (Linux before 5.14) it is found out by
  // touching.
  virtual IoResult<> bring_near(std::uint64_t offset, std::uint64_t size) = 0;
  // These bytes have been read: their pages count no longer as memory of this process, until they are touched again.
  virtual void let_go(std::uint64_t offset, std::uint64_t size) = 0;
};

// An open file, closed by the destructor. Not for two threads at once, except read_some.
class File {
 public:
  virtual ~File() = default;

  // Reads up to `to.size()` bytes at `offset`; fewer where the file ends or at the system's whim, 0 at its end.
  virtual IoResult<std::size_t> read_some(std::uint64_t offset, std::span<std::byte> to) = 0;
  // Writes some prefix of the bytes of `parts`, in order (pwritev); returns how many. At most 8 parts.
  virtual IoResult<std::size_t> write_some(std::uint64_t offset, std::span<const std::span<const std::byte>> parts) = 0;
  // Data and size are on stable storage (fdatasync).
  virtual IoResult<> sync_data() = 0;
  // Hands [offset, offset + size) to the disk and waits until it has it (sync_file_range). Promises nothing, so a
  // sync_data() must follow; that then finds little to do, and one beside it of another file waits for a piece instead
  // of for everything. A system that knows no such call does nothing.
  virtual IoResult<> write_out(std::uint64_t offset, std::uint64_t size) = 0;
  // Reserves blocks for [0, bytes) and makes the file at least that long; new bytes read as zero. A full disk is said
  // here (ENOSPC), and never later by a write, or a store through a mapping, within them.
  virtual IoResult<> allocate(std::uint64_t bytes) = 0;
  virtual IoResult<> truncate(std::uint64_t bytes) = 0;
  virtual IoResult<std::uint64_t> size() = 0;
  // Maps [0, bytes) writable and makes its pages present, in pieces; ENOSPC where the file system has no room for one of them.
  virtual IoResult<std::unique_ptr<Mapping>> map(std::uint64_t bytes, const BetweenPieces& between_pieces) = 0;
  // Maps [0, bytes) to be read; what others write or store is seen there.
  virtual IoResult<std::unique_ptr<ReadMapping>> map_for_reading(std::uint64_t bytes) = 0;
};

// Held until destroyed, or until the process ends however it ends.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class OpenMode : std::uint8_t {
  kRead,       // must exist
  kReadWrite,  // must exist
  kCreate,     // made, or emptied when it exists
};

// Safe for several threads.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual IoResult<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual IoResult<> rename(const std::string& from, const std::string& to) = 0;
  virtual IoResult<> remove(const std::string& path) = 0;
  virtual IoResult<> make_directory(const std::string& path) = 0;  // fine when it exists; parents must exist
  // Entries of the directory (creations, renames, removals) are on stable storage.
  virtual IoResult<> sync_directory(const std::string& path) = 0;
  // Names, without the path and without "." and "..", sorted.
  virtual IoResult<std::vector<std::string>> list(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  // What is free for this process where the directory stands.
  virtual IoResult<std::uint64_t> free_bytes(const std::string& path) = 0;
  // An exclusive lock on the file, made when missing. IoError.code is EWOULDBLOCK when another holds it.
  virtual IoResult<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

FileSystem& posix_file_system();

// From here on, a page of a mapped file that cannot be had ends the process with code 70 and a sentence that says so, as
// a failed write or sync of the journal does. For a program's start; one call for all threads.
void stop_at_bus_error();

// Repeats write_some until all is written. A write that makes no progress is an error (EIO).
IoResult<> write_all(File& file, std::uint64_t offset, std::span<const std::byte> bytes);
// What goes to the disk at once where nobody waits for it: other files' syncs wait behind at most so much.
inline constexpr std::uint64_t kPieceBytes = std::uint64_t{256} << 10;
// What a processor maps as one page if it stands together in memory (x86-64; Arm with pages of 4 KiB).
inline constexpr std::uint64_t kHugePageBytes = std::uint64_t{2} << 20;
// Reads until `to` is full or the file ends; returns how many.
IoResult<std::size_t> read_up_to(File& file, std::uint64_t offset, std::span<std::byte> to);
// The whole file; an error when it is larger than `limit`.
IoResult<std::vector<std::byte>> read_file(FileSystem& files, const std::string& path, std::uint64_t limit);

inline std::span<const std::byte> as_byte_span(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace portcullis::persistence
