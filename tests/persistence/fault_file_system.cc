#include "tests/persistence/fault_file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace portcullis::persistence::testing {
namespace {

constexpr std::size_t kSectorBytes = 512;

class MemoryMapping final : public Mapping {
 public:
  // `files`: who hears of what is done with it; null: nobody.
  MemoryMapping(std::shared_ptr<FaultFileSystem::Node> node, std::size_t size, const FaultFileSystem* files)
      : node_(std::move(node)), size_(size), files_(files) {}
  std::span<std::byte> bytes() override { return std::span(node_->bytes).first(size_); }
  void make_ready(std::uint64_t offset, std::uint64_t size) override {
    if (files_ != nullptr && files_->on_make_ready) files_->on_make_ready(offset, size);
  }
  void unmap(const BetweenPieces& between_pieces) override {
    size_ = 0;
    if (files_ != nullptr && files_->on_unmap) files_->on_unmap();
    between_pieces();
  }

 private:
  std::shared_ptr<FaultFileSystem::Node> node_;
  std::size_t size_;
  const FaultFileSystem* files_;
};

// `read_fault` is asked whenever bytes are to come from the disk.
class MemoryReadMapping final : public ReadMapping {
 public:
  MemoryReadMapping(std::shared_ptr<FaultFileSystem::Node> node, std::size_t size,
                    std::function<IoResult<>()> read_fault)
      : mapping_(std::move(node), size, nullptr), read_fault_(std::move(read_fault)) {}
  std::span<const std::byte> bytes() override { return mapping_.bytes(); }
  IoResult<> bring_near(std::uint64_t, std::uint64_t) override { return read_fault_(); }
  void let_go(std::uint64_t, std::uint64_t) override {}

 private:
  MemoryMapping mapping_;
  std::function<IoResult<>()> read_fault_;
};

void write_into(std::vector<std::byte>& bytes, std::uint64_t offset, std::span<const std::byte> from) {
  if (bytes.size() < offset + from.size()) bytes.resize(offset + from.size());
  std::memcpy(bytes.data() + offset, from.data(), from.size());
}

}  // namespace

class FaultFile final : public File {
 public:
  FaultFile(FaultFileSystem& files, std::shared_ptr<FaultFileSystem::Node> node)
      : files_(files), node_(std::move(node)) {}

  IoResult<std::size_t> read_some(std::uint64_t offset, std::span<std::byte> to) override {
    if (auto fault = files_.read_fault(); !fault) return fault.error();
    std::lock_guard guard(files_.mutex_);
    if (offset >= node_->bytes.size()) return std::size_t{0};
    const std::size_t size = std::min<std::uint64_t>(to.size(), node_->bytes.size() - offset);
    std::memcpy(to.data(), node_->bytes.data() + offset, size);
    return size;
  }

  IoResult<std::size_t> write_some(std::uint64_t offset, std::span<const std::span<const std::byte>> parts) override {
    std::lock_guard guard(files_.mutex_);
    if (files_.fail_write_in_ > 0 && --files_.fail_write_in_ == 0) return IoError{files_.fail_code_, "write failed"};
    const bool torn = files_.tear_in_ > 0 && --files_.tear_in_ == 0;
    std::vector<std::byte> bytes;
    for (const auto& part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
    bytes.resize(std::min({bytes.size(), files_.most_written_, torn ? files_.tear_bytes_ : bytes.size()}));
    if (offset + bytes.size() > node_->bytes.size() &&
        used() + offset + bytes.size() - node_->bytes.size() > files_.space_) {
      return IoError{files_.space_code_, "no space"};
    }
    write_into(node_->bytes, offset, bytes);
    files_.trace_.push_back({FaultFileSystem::Operation::kWrite, node_->id, offset, bytes, {}, {}});
    if (torn) return IoError{EIO, "torn write"};
    return bytes.size();
  }

  IoResult<> sync_data() override {
    if (files_.on_sync) files_.on_sync();
    std::lock_guard guard(files_.mutex_);
    if (files_.fail_sync_in_ > 0 && --files_.fail_sync_in_ == 0) return IoError{files_.fail_code_, "sync failed"};
    files_.trace_.push_back({FaultFileSystem::Operation::kSyncData, node_->id, 0, {}, {}, {}});
    return kDone;
  }

  IoResult<> write_out(std::uint64_t, std::uint64_t) override {
    if (files_.on_write_out) files_.on_write_out();
    return kDone;  // promises nothing
  }

  IoResult<> allocate(std::uint64_t bytes) override {
    std::lock_guard guard(files_.mutex_);
    if (bytes <= node_->bytes.size()) return kDone;
    PORTCULLIS_CHECK(bytes <= FaultFileSystem::kCapacity, "the file system of the tests holds files of at most 1 MiB");
    if (used() + bytes - node_->bytes.size() > files_.space_) return IoError{files_.space_code_, "no space"};
    resize(bytes);
    return kDone;
  }

  IoResult<> truncate(std::uint64_t bytes) override {
    std::lock_guard guard(files_.mutex_);
    resize(bytes);
    return kDone;
  }

  IoResult<std::uint64_t> size() override {
    std::lock_guard guard(files_.mutex_);
    return static_cast<std::uint64_t>(node_->bytes.size());
  }

  IoResult<std::unique_ptr<Mapping>> map(std::uint64_t bytes, const BetweenPieces& between_pieces) override {
    between_pieces();
    return std::unique_ptr<Mapping>(std::make_unique<MemoryMapping>(node_, bytes, &files_));
  }
  IoResult<std::unique_ptr<ReadMapping>> map_for_reading(std::uint64_t bytes) override {
    return std::unique_ptr<ReadMapping>(
        std::make_unique<MemoryReadMapping>(node_, bytes, [&files = files_] { return files.read_fault(); }));
  }

 private:
  void resize(std::uint64_t bytes) {
    node_->bytes.resize(bytes);
    files_.trace_.push_back({FaultFileSystem::Operation::kTruncate, node_->id, bytes, {}, {}, {}});
  }
  std::uint64_t used() const {
    std::uint64_t total = 0;
    for (const auto& [path, node] : files_.files_) total += node->bytes.size();
    return total;
  }

  FaultFileSystem& files_;
  std::shared_ptr<FaultFileSystem::Node> node_;
};

namespace {

class MemoryLock final : public FileLock {
 public:
  explicit MemoryLock(std::function<void()> release) : release_(std::move(release)) {}
  ~MemoryLock() override { release_(); }

 private:
  std::function<void()> release_;
};

}  // namespace

IoResult<> FaultFileSystem::read_fault() {
  const std::lock_guard guard(mutex_);
  if (fail_read_in_ > 0 && --fail_read_in_ == 0) return IoError{fail_code_, "read failed"};
  return kDone;
}

std::uint64_t FaultFileSystem::used() const {
  std::lock_guard guard(mutex_);
  std::uint64_t total = 0;
  for (const auto& [path, node] : files_) total += node->bytes.size();
  return total;
}

IoResult<std::unique_ptr<File>> FaultFileSystem::open(const std::string& path, OpenMode mode) {
  std::lock_guard guard(mutex_);
  auto found = files_.find(path);
  if (mode != OpenMode::kCreate) {
    if (found == files_.end()) return IoError{ENOENT, path + ": no such file"};
    return std::unique_ptr<File>(std::make_unique<FaultFile>(*this, found->second));
  }
  auto node = std::make_shared<Node>();
  node->id = next_node_++;
  node->bytes.reserve(kCapacity);
  files_[path] = node;
  trace_.push_back({Operation::kCreate, node->id, 0, {}, path, {}});
  return std::unique_ptr<File>(std::make_unique<FaultFile>(*this, node));
}

IoResult<> FaultFileSystem::rename(const std::string& from, const std::string& to) {
  std::lock_guard guard(mutex_);
  auto found = files_.find(from);
  if (found == files_.end()) return IoError{ENOENT, from + ": no such file"};
  files_[to] = found->second;
  files_.erase(from);
  trace_.push_back({Operation::kRename, 0, 0, {}, from, to});
  return kDone;
}

IoResult<> FaultFileSystem::remove(const std::string& path) {
  std::lock_guard guard(mutex_);
  if (files_.erase(path) == 0) return IoError{ENOENT, path + ": no such file"};
  trace_.push_back({Operation::kRemove, 0, 0, {}, path, {}});
  return kDone;
}

IoResult<> FaultFileSystem::make_directory(const std::string& path) {
  std::lock_guard guard(mutex_);
  directories_.insert(path);
  return kDone;
}

IoResult<> FaultFileSystem::sync_directory(const std::string& path) {
  std::lock_guard guard(mutex_);
  trace_.push_back({Operation::kSyncDirectory, 0, 0, {}, path, {}});
  return kDone;
}

IoResult<std::vector<std::string>> FaultFileSystem::list(const std::string& path) {
  std::lock_guard guard(mutex_);
  std::vector<std::string> names;
  for (const auto& [file, node] : files_) {
    if (file.starts_with(path + "/") && file.find('/', path.size() + 1) == std::string::npos) {
      names.push_back(file.substr(path.size() + 1));
    }
  }
  return names;
}

IoResult<std::uint64_t> FaultFileSystem::free_bytes(const std::string& path) {
  static_cast<void>(path);
  const std::uint64_t taken = used();
  return space_ - std::min(space_, taken);
}

bool FaultFileSystem::exists(const std::string& path) {
  std::lock_guard guard(mutex_);
  return files_.contains(path) || directories_.contains(path);
}

IoResult<std::unique_ptr<FileLock>> FaultFileSystem::lock(const std::string& path) {
  std::lock_guard guard(mutex_);
  if (!locks_.insert(path).second) return IoError{EWOULDBLOCK, path + ": locked"};
  return std::unique_ptr<FileLock>(std::make_unique<MemoryLock>([this, path] {
    std::lock_guard inner(mutex_);
    locks_.erase(path);
  }));
}

std::unique_ptr<FaultFileSystem> FaultFileSystem::copy() const {
  std::lock_guard guard(mutex_);
  auto result = std::make_unique<FaultFileSystem>();
  result->directories_ = directories_;
  result->next_node_ = next_node_;
  for (const auto& [path, node] : files_) {
    auto twin = std::make_shared<Node>();
    twin->id = node->id;
    twin->bytes.reserve(kCapacity);
    twin->bytes = node->bytes;
    result->files_[path] = twin;
  }
  return result;
}

std::unique_ptr<FaultFileSystem> FaultFileSystem::after_power_loss(
    std::size_t operations, const std::function<bool(std::size_t, std::size_t)>& keeps,
    std::size_t directory_changes) const {
  std::lock_guard guard(mutex_);
  auto result = std::make_unique<FaultFileSystem>();
  result->directories_ = directories_;
  result->next_node_ = next_node_;
  // The last sync of each file, and of the directories (one for all: the journal syncs one directory).
  std::map<std::uint64_t, std::size_t> synced;
  std::size_t directories_synced = 0;
  for (std::size_t i = 0; i < operations; ++i) {
    if (trace_[i].kind == Operation::kSyncData) synced[trace_[i].node] = i;
    if (trace_[i].kind == Operation::kSyncDirectory) directories_synced = i;
  }
  std::map<std::uint64_t, std::shared_ptr<Node>> nodes;
  std::size_t unsynced_changes = 0;
  for (std::size_t i = 0; i < operations; ++i) {
    const Operation& operation = trace_[i];
    const bool data_synced = synced.contains(operation.node) && i < synced[operation.node];
    const bool is_change = operation.kind == Operation::kCreate || operation.kind == Operation::kRename ||
                           operation.kind == Operation::kRemove;
    if (operation.kind == Operation::kCreate) {
      auto node = std::make_shared<Node>();
      node->id = operation.node;
      node->bytes.reserve(kCapacity);
      nodes[operation.node] = node;
    }
    if (is_change && i >= directories_synced && unsynced_changes++ >= directory_changes) continue;
    switch (operation.kind) {
      case Operation::kWrite: {
        auto& bytes = nodes.at(operation.node)->bytes;
        for (std::size_t sector = 0; sector * kSectorBytes < operation.bytes.size(); ++sector) {
          if (!data_synced && !keeps(i, sector)) continue;
          const auto all = std::span<const std::byte>(operation.bytes).subspan(sector * kSectorBytes);
          write_into(bytes, operation.offset + sector * kSectorBytes, all.first(std::min(all.size(), kSectorBytes)));
        }
        break;
      }
      case Operation::kTruncate:
        nodes.at(operation.node)->bytes.resize(operation.offset);
        break;
      case Operation::kCreate:
        result->files_[operation.path] = nodes.at(operation.node);
        break;
      case Operation::kRename: {
        auto found = result->files_.find(operation.path);
        if (found == result->files_.end()) break;
        auto node = found->second;
        result->files_.erase(found);
        result->files_[operation.to] = node;
        break;
      }
      case Operation::kRemove:
        result->files_.erase(operation.path);
        break;
      case Operation::kSyncData:
      case Operation::kSyncDirectory:
        break;
    }
  }
  // What is left is on the disk: another power loss leaves at least that.
  for (const auto& [path, node] : result->files_) {
    result->trace_.push_back({Operation::kCreate, node->id, 0, {}, path, {}});
    result->trace_.push_back({Operation::kWrite, node->id, 0, node->bytes, path, {}});
    result->trace_.push_back({Operation::kSyncData, node->id, 0, {}, path, {}});
  }
  result->trace_.push_back({Operation::kSyncDirectory, 0, 0, {}, {}, {}});
  return result;
}

}  // namespace portcullis::persistence::testing
