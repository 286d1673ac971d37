#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include "persistence/file.h"

namespace portcullis::persistence {
namespace {

constexpr std::size_t kMaxParts = 8;
constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kZeroChunk = std::size_t{1} << 20;
constexpr int kBusErrorExitCode = 70;  // that of the journal's own errors

IoError failed(const char* operation, const std::string& path) {
  const int code = errno;
  return IoError{code, std::string(operation) + " " + path + ": " + std::strerror(code)};
}

// Repeats a system call that a signal interrupted.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);  // All that matters was synced before; there is nothing to do about an error.
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// Calls `work(piece, its size)`, which returns 0 or an errno, for pieces of some memory until one fails.
template <typename Work>
int in_pieces(std::span<std::byte> memory, const BetweenPieces& between_pieces, Work work) {
  for (std::size_t at = 0; at < memory.size(); at += kHugePageBytes) {
    const int code = work(memory.data() + at, std::min<std::size_t>(kHugePageBytes, memory.size() - at));
    if (code != 0) return code;
    between_pieces();
  }
  return 0;
}

// Stores into each page what is there.
void touch(std::byte* address, std::size_t size) {
  auto* bytes = reinterpret_cast<unsigned char*>(address);
  for (std::size_t i = 0; i < size; i += kPageBytes) __atomic_fetch_or(bytes + i, 0, __ATOMIC_RELAXED);
}

// MAP_POPULATE only reads the pages of a shared mapping, so that the first store into each would still
// fault. MADV_POPULATE_WRITE (Linux 5.14) faults them for writing; elsewhere a store of what is there does.
// Returns 0 or an errno.
int make_present(std::byte* address, std::size_t size) {
#ifdef MADV_POPULATE_WRITE
  if (::madvise(address, size, MADV_POPULATE_WRITE) == 0) return 0;
  // EFAULT stands for the SIGBUS that a store would have raised. Of the reasons for one, a file that was just allocated
  // leaves a file system that copies on write and has no room for the copy.
  if (errno != EINVAL) return errno == EFAULT ? ENOSPC : errno;
#endif
  touch(address, size);
  return 0;
}

// Pages that nobody uses yet are touched, too: a virtual machine's own tables of pages may follow the system's only then, at
// microseconds each that nobody in the machine sees.
int make_present_and_touch(std::byte* address, std::size_t size) {
  const int code = make_present(address, size);
  if (code == 0) touch(address, size);
  return code;
}

class PosixMapping final : public Mapping {
 public:
  PosixMapping(void* address, std::size_t size) : address_(address), size_(size) {}
  PosixMapping(const PosixMapping&) = delete;
  PosixMapping& operator=(const PosixMapping&) = delete;
  ~PosixMapping() override {
    if (size_ != 0) ::munmap(address_, size_);
  }
  std::span<std::byte> bytes() override { return {static_cast<std::byte*>(address_), size_}; }
  // What is mapped read-only comes back page by page, at microseconds each; what is not mapped at all comes back by
  // folios of up to 2 MiB. So it is let go of first; the file keeps what was stored.
  void make_ready(std::uint64_t offset, std::uint64_t size) override {
    std::byte* pages = static_cast<std::byte*>(address_) + offset;
    ::madvise(pages, size, MADV_DONTNEED);
    static_cast<void>(make_present(pages, size));  // where it fails the store finds out
  }
  void unmap(const BetweenPieces& between_pieces) override {
    in_pieces(bytes(), between_pieces, [](std::byte* piece, std::size_t size) {
      ::munmap(piece, size);
      return 0;
    });
    size_ = 0;
  }

 private:
  void* address_;
  std::size_t size_;
};

class PosixReadMapping final : public ReadMapping {
 public:
  PosixReadMapping(void* address, std::size_t size, std::string path)
      : mapping_(address, size), path_(std::move(path)) {}
  std::span<const std::byte> bytes() override { return mapping_.bytes(); }

  IoResult<> bring_near(std::uint64_t offset, std::uint64_t size) override {
    const std::span<std::byte> ahead = pages(offset + size, kReadAhead);
    if (!ahead.empty()) ::madvise(ahead.data(), ahead.size(), MADV_WILLNEED);  // a hint
#ifdef MADV_POPULATE_READ
    const std::span<std::byte> wanted = pages(offset, size);
    const auto populate = [&] { return ::madvise(wanted.data(), wanted.size(), MADV_POPULATE_READ); };
    if (!wanted.empty() && uninterrupted(populate) != 0 && errno != EINVAL) {
      // EFAULT stands for the SIGBUS that touching it would have raised.
      const int code = errno == EFAULT ? EIO : errno;
      return IoError{code, "read " + path_ + ": " + std::strerror(code)};
    }
#endif
    return kDone;
  }

  void let_go(std::uint64_t offset, std::uint64_t size) override {
    const std::span<std::byte> had = pages(offset, size);
    if (!had.empty()) ::madvise(had.data(), had.size(), MADV_DONTNEED);  // of a shared mapping: the file keeps them
  }

 private:
  static constexpr std::uint64_t kReadAhead = std::uint64_t{8} << 20;

  // The mapped pages in which these bytes stand.
  std::span<std::byte> pages(std::uint64_t offset, std::uint64_t size) {
    const std::span<std::byte> all = mapping_.bytes();
    const std::uint64_t begin = std::min<std::uint64_t>(offset / kPageBytes * kPageBytes, all.size());
    const std::uint64_t end = std::min<std::uint64_t>(offset + size, all.size());
    return all.subspan(begin, std::max(begin, end) - begin);
  }

  PosixMapping mapping_;
  std::string path_;
};

void say_bus_error_and_stop(int, siginfo_t*, void*) {
  constexpr std::string_view kText =
      "portcullis: a page of a mapped file cannot be read or written (a disk error, or a journal that something else cut "
      "short); stopping at once\n";
  // Nothing can be done about a standard error that takes no text.
  static_cast<void>(!::write(STDERR_FILENO, kText.data(), kText.size()));
  ::_exit(kBusErrorExitCode);
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  IoResult<std::size_t> read_some(std::uint64_t offset, std::span<std::byte> to) override {
    const ssize_t n =
        uninterrupted([&] { return ::pread(fd_.get(), to.data(), to.size(), static_cast<off_t>(offset)); });
    if (n < 0) return failed("read", path_);
    return static_cast<std::size_t>(n);
  }

  IoResult<std::size_t> write_some(std::uint64_t offset, std::span<const std::span<const std::byte>> parts) override {
    std::array<iovec, kMaxParts> vectors;
    const std::size_t count = std::min(parts.size(), kMaxParts);
    for (std::size_t i = 0; i < count; ++i) {
      vectors[i] = {const_cast<std::byte*>(parts[i].data()), parts[i].size()};
    }
    const ssize_t n = uninterrupted(
        [&] { return ::pwritev(fd_.get(), vectors.data(), static_cast<int>(count), static_cast<off_t>(offset)); });
    if (n < 0) return failed("write", path_);
    return static_cast<std::size_t>(n);
  }

  IoResult<> sync_data() override {
    if (uninterrupted([&] { return ::fdatasync(fd_.get()); }) != 0) return failed("sync", path_);
    return kDone;
  }

  IoResult<> write_out(std::uint64_t offset, std::uint64_t size) override {
    constexpr unsigned kAll = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    const auto done = uninterrupted(
        [&] { return ::sync_file_range(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(size), kAll); });
    // A disk that is full or broken is said here or by the sync that follows; what the file system does not know is no
    // fault.
    if (done != 0 && (errno == EIO || errno == ENOSPC || errno == EDQUOT)) return failed("write out", path_);
    return kDone;
  }

  IoResult<> allocate(std::uint64_t bytes) override {
    if (uninterrupted([&] { return ::fallocate(fd_.get(), 0, 0, static_cast<off_t>(bytes)); }) == 0) return kDone;
    if (errno != EOPNOTSUPP) return failed("allocate", path_);
    // A file system that cannot reserve: what is written has its blocks.
    auto from = size();
    if (!from) return from.error();
    const std::vector<std::byte> zeros(kZeroChunk);
    for (std::uint64_t at = *from; at < bytes; at += kZeroChunk) {
      const auto part = std::span(zeros).first(std::min<std::uint64_t>(kZeroChunk, bytes - at));
      if (auto written = write_all(*this, at, part); !written) return written;
    }
    return kDone;
  }

  IoResult<> truncate(std::uint64_t bytes) override {
    if (uninterrupted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(bytes)); }) != 0) {
      return failed("truncate", path_);
    }
    return kDone;
  }

  IoResult<std::uint64_t> size() override {
    struct stat status = {};
    if (::fstat(fd_.get(), &status) != 0) return failed("stat", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

  IoResult<std::unique_ptr<Mapping>> map(std::uint64_t bytes, const BetweenPieces& between_pieces) override {
    void* address = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
    if (address == MAP_FAILED) return failed("map", path_);
    auto mapping = std::make_unique<PosixMapping>(address, bytes);
    if (const int code = in_pieces(mapping->bytes(), between_pieces, make_present_and_touch); code != 0) {
      return IoError{code, "make the pages present of " + path_ + ": " + std::strerror(code)};
    }
    return std::unique_ptr<Mapping>(std::move(mapping));
  }

  IoResult<std::unique_ptr<ReadMapping>> map_for_reading(std::uint64_t bytes) override {
    void* address = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd_.get(), 0);
    if (address == MAP_FAILED) return failed("map", path_);
    return std::unique_ptr<ReadMapping>(std::make_unique<PosixReadMapping>(address, bytes, path_));
  }

 private:
  Descriptor fd_;
  std::string path_;
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  Descriptor fd_;
};

class PosixFileSystem final : public FileSystem {
 public:
  IoResult<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC;
    if (mode == OpenMode::kRead) flags |= O_RDONLY;
    if (mode == OpenMode::kReadWrite) flags |= O_RDWR;
    if (mode == OpenMode::kCreate) flags |= O_RDWR | O_CREAT | O_TRUNC;
    // 0600: the journal holds clients' orders.
    Descriptor fd(uninterrupted([&] { return ::open(path.c_str(), flags, 0600); }));
    if (fd.get() < 0) return failed("open", path);
    return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(fd), path));
  }

  IoResult<> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename", from + " to " + to);
    return kDone;
  }

  IoResult<> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return failed("remove", path);
    return kDone;
  }

  IoResult<> make_directory(const std::string& path) override {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("make directory", path);
    return kDone;
  }

  IoResult<> sync_directory(const std::string& path) override {
    Descriptor fd(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (fd.get() < 0) return failed("open directory", path);
    if (uninterrupted([&] { return ::fsync(fd.get()); }) != 0) return failed("sync directory", path);
    return kDone;
  }

  IoResult<std::vector<std::string>> list(const std::string& path) override {
    DIR* directory = ::opendir(path.c_str());
    if (directory == nullptr) return failed("list", path);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(directory)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    const int code = errno;
    ::closedir(directory);
    errno = code;
    if (code != 0) return failed("list", path);
    std::sort(names.begin(), names.end());
    return names;
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  IoResult<std::uint64_t> free_bytes(const std::string& path) override {
    struct statvfs of = {};
    if (::statvfs(path.c_str(), &of) != 0) return failed("ask for the free space of", path);
    return std::uint64_t{of.f_bavail} * of.f_frsize;
  }

  IoResult<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    Descriptor fd(uninterrupted([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); }));
    if (fd.get() < 0) return failed("open", path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return failed("lock", path);
    return std::unique_ptr<FileLock>(std::make_unique<PosixLock>(std::move(fd)));
  }
};

}  // namespace

void stop_at_bus_error() {
  struct sigaction action = {};
  action.sa_sigaction = say_bus_error_and_stop;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  // It fails only for a signal that does not exist.
  static_cast<void>(::sigaction(SIGBUS, &action, nullptr));
}

FileSystem& posix_file_system() {
  static PosixFileSystem file_system;
  return file_system;
}

}  // namespace portcullis::persistence
