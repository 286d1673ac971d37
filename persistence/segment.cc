#include "persistence/segment.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace portcullis::persistence {
namespace {

constexpr std::string_view kSuffix = ".journal";

bool is_segment_name(std::string_view name) {
  if (name.size() != 16 + kSuffix.size() || !name.ends_with(kSuffix)) return false;
  const auto digits = name.substr(0, 16);
  return std::all_of(digits.begin(), digits.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<SegmentFile> read_segment_header(FileSystem& files, const std::string& path) {
  auto file = files.open(path, OpenMode::kRead);
  if (!file) return Error{file.error().what};
  std::array<std::byte, kSegmentHeaderBytes> bytes;
  auto read = read_up_to(**file, 0, bytes);
  if (!read) return Error{read.error().what};
  const auto header = decode_segment_header(std::span(bytes).first(*read));
  if (!header) return Error{path + ": the segment header is damaged; its checksum or its first bytes are wrong"};
  if (header->format_version != kJournalFormatVersion) {
    return Error{path + ": written in journal format " + std::to_string(header->format_version) +
                 "; this version reads format " + std::to_string(kJournalFormatVersion)};
  }
  auto size = (*file)->size();
  if (!size) return Error{size.error().what};
  if (*size != header->bytes || header->bytes < kMinSegmentBytes || header->bytes > kMaxSegmentBytes ||
      header->bytes % kSegmentHeaderBytes != 0) {
    return Error{path + ": the file has " + std::to_string(*size) + " bytes and its header says " +
                 std::to_string(header->bytes) + "; the two must be equal, from 64 KiB to 1 GiB"};
  }
  return SegmentFile{path, *header};
}

IoResult<> fill(File& file, const SegmentHeader& header, ZerosSynced sync,
                const std::function<void()>& between_pieces) {
  if (auto allocated = file.allocate(header.bytes); !allocated) return allocated.error();
  std::array<std::byte, kSegmentHeaderBytes> bytes;
  encode_segment_header(header, bytes);
  if (auto written = write_all(file, 0, bytes); !written) return written.error();
  // Whatever is lost behind it, a segment that is there can be read.
  if (sync == ZerosSynced::kNo) {
    if (auto synced = file.sync_data(); !synced) return synced.error();
  }
  // Zeros are written, not only reserved: a block that was never written costs its first fdatasync
  // a change of the file's block map as well, and pages that a write has made are mapped far quicker than pages
  // that are made one by one when they are touched.
  const std::vector<std::byte> zeros(kPieceBytes);
  // Pieces stand at multiples of their size: what one write makes the system keeps together, in folios that are aligned
  // to theirs, and maps together.
  for (std::uint64_t at = kSegmentHeaderBytes; at < header.bytes; at += kPieceBytes - at % kPieceBytes) {
    const auto size = std::min(kPieceBytes - at % kPieceBytes, header.bytes - at);
    if (auto written = write_all(file, at, std::span(zeros).first(size)); !written) return written.error();
    // Written out and not synced: a sync of blocks that are new commits the file system's own journal, and each such
    // commit stops those who sync records meanwhile.
    if (sync == ZerosSynced::kYes) {
      if (auto out = file.write_out(at, size); !out) return out.error();
    }
    between_pieces();
  }
  if (sync == ZerosSynced::kYes) return file.sync_data();
  return kDone;
}

}  // namespace

std::string segment_path(const std::string& directory, std::uint64_t base) {
  std::array<char, 17> digits;
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(base));
  return directory + "/" + digits.data() + std::string(kSuffix);
}

Result<std::vector<SegmentFile>> list_segments(FileSystem& files, const std::string& directory) {
  std::vector<SegmentFile> segments;
  if (!files.exists(directory)) return segments;
  auto names = files.list(directory);
  if (!names) return Error{names.error().what};
  for (const std::string& name : *names) {
    if (!is_segment_name(name)) continue;
    const std::string path = directory + "/" + name;
    auto segment = read_segment_header(files, path);
    if (!segment) return segment.error();
    const SegmentHeader& header = segment->header;
    if (path != segment_path(directory, header.base)) {
      return Error{path + ": its header says that it is " + segment_path(directory, header.base)};
    }
    if (!segments.empty()) {
      const SegmentHeader& before = segments.back().header;
      if (header.journal_id != before.journal_id) {
        return Error{path + ": belongs to another journal than " + segments.back().path};
      }
      if (header.base != before.base + before.bytes || header.number != before.number + 1) {
        return Error{"segment " + segment_path(directory, before.base + before.bytes) + " is missing between " +
                     segments.back().path + " and " + path};
      }
    }
    segments.push_back(std::move(*segment));
  }
  return segments;
}

IoResult<std::unique_ptr<File>> create_segment(FileSystem& files, const std::string& directory,
                                               const SegmentHeader& header, ZerosSynced synced_zeros,
                                               const std::function<void()>& between_pieces) {
  const std::string beside = directory + "/" + kPrepareName;
  auto file = files.open(beside, OpenMode::kCreate);
  if (!file) return file.error();
  if (auto filled = fill(**file, header, synced_zeros, between_pieces); !filled) {
    // The first error is what matters; if the removal fails too, the next start removes the file.
    static_cast<void>(files.remove(beside));
    return filled.error();
  }
  if (auto renamed = files.rename(beside, segment_path(directory, header.base)); !renamed) return renamed.error();
  if (auto synced = files.sync_directory(directory); !synced) return synced.error();
  return std::move(*file);
}

}  // namespace portcullis::persistence
