#include "persistence/file.h"

#include <cerrno>

namespace portcullis::persistence {

IoResult<> write_all(File& file, std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    auto written = file.write_some(offset, std::span(&bytes, 1));
    if (!written) return written.error();
    if (*written == 0) return IoError{EIO, "a write of " + std::to_string(bytes.size()) + " bytes wrote none"};
    offset += *written;
    bytes = bytes.subspan(*written);
  }
  return kDone;
}

IoResult<std::size_t> read_up_to(File& file, std::uint64_t offset, std::span<std::byte> to) {
  std::size_t total = 0;
  while (total < to.size()) {
    auto read = file.read_some(offset + total, to.subspan(total));
    if (!read) return read.error();
    if (*read == 0) break;
    total += *read;
  }
  return total;
}

IoResult<std::vector<std::byte>> read_file(FileSystem& files, const std::string& path, std::uint64_t limit) {
  auto file = files.open(path, OpenMode::kRead);
  if (!file) return file.error();
  auto size = (*file)->size();
  if (!size) return size.error();
  if (*size > limit) {
    return IoError{
        EFBIG, path + " has " + std::to_string(*size) + " bytes; at most " + std::to_string(limit) + " were expected"};
  }
  std::vector<std::byte> bytes(*size);
  auto read = read_up_to(**file, 0, bytes);
  if (!read) return read.error();
  bytes.resize(*read);
  return bytes;
}

}  // namespace portcullis::persistence
