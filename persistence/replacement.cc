#include "persistence/replacement.h"

#include <algorithm>
#include <utility>

namespace portcullis::persistence {

IoResult<Replacement> Replacement::begin(FileSystem& files, const std::string& directory, const std::string& name) {
  Replacement replacement(files, directory, name);
  auto file = files.open(replacement.beside_, OpenMode::kCreate);
  if (!file) {
    replacement.beside_.clear();
    return file.error();
  }
  replacement.file_ = std::move(*file);
  return replacement;
}

Replacement::Replacement(Replacement&& other) noexcept
    : files_(other.files_),
      directory_(std::move(other.directory_)),
      path_(std::move(other.path_)),
      beside_(std::exchange(other.beside_, std::string())),
      file_(std::move(other.file_)),
      size_(other.size_),
      given_(other.given_) {}

Replacement::~Replacement() {
  if (beside_.empty()) return;
  file_.reset();
  // Whoever failed has the error that matters. A file that cannot be removed is never read, and the next of its name
  // empties it.
  static_cast<void>(files_.remove(beside_));
}

IoResult<> Replacement::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min<std::uint64_t>(bytes.size(), given_ + kPieceBytes - size_));
    if (auto written = write_all(*file_, size_, part); !written) return written;
    size_ += part.size();
    bytes = bytes.subspan(part.size());
    if (size_ - given_ < kPieceBytes) continue;
    if (auto out = file_->write_out(given_, kPieceBytes); !out) return out;
    given_ = size_;
  }
  return kDone;
}

IoResult<> Replacement::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  return write_all(*file_, offset, bytes);
}

IoResult<> Replacement::commit() {
  if (auto synced = file_->sync_data(); !synced) return synced;
  file_.reset();
  if (auto renamed = files_.rename(beside_, path_); !renamed) return renamed;
  beside_.clear();
  return files_.sync_directory(directory_);
}

IoResult<> replace_file(FileSystem& files, const std::string& directory, const std::string& name,
                        std::span<const std::span<const std::byte>> parts) {
  auto replacement = Replacement::begin(files, directory, name);
  if (!replacement) return replacement.error();
  for (const std::span<const std::byte> part : parts) {
    if (auto appended = replacement->append(part); !appended) return appended;
  }
  return replacement->commit();
}

}  // namespace portcullis::persistence
