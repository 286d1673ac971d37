#include "persistence/segment.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <new>

#include "base/check.h"
#include "base/pages.h"

namespace portcullis::persistence {
namespace {

constexpr std::string_view kSuffix = ".journal";
constexpr std::string_view kNewSuffix = ".new";

std::string file_name(const std::string& directory, std::uint64_t base, std::string_view suffix) {
  std::array<char, 17> digits;
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(base));
  return directory + "/" + digits.data() + std::string(suffix);
}

bool is_named(std::string_view name, std::string_view suffix) {
  if (name.size() != 16 + suffix.size() || !name.ends_with(suffix)) return false;
  const auto digits = name.substr(0, 16);
  return std::all_of(digits.begin(), digits.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// What a write needs is found first, and given back: where a virtual machine's host has to give each page, that takes
// milliseconds for a piece, in which this work is to lose the processor to whoever wants it. Within the write it would not.
void find_memory() {
  try {
    Pages(kHugePageBytes).touch();
  } catch (const std::bad_alloc&) {
    return;  // the write will say so
  }
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

}  // namespace

std::string segment_path(const std::string& directory, std::uint64_t base) {
  return file_name(directory, base, kSuffix);
}

Result<std::vector<SegmentFile>> list_segments(FileSystem& files, const std::string& directory) {
  std::vector<SegmentFile> segments;
  if (!files.exists(directory)) return segments;
  auto names = files.list(directory);
  if (!names) return Error{names.error().what};
  for (const std::string& name : *names) {
    if (!is_named(name, kSuffix)) continue;
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

bool holds_segments(FileSystem& files, const std::string& directory) {
  if (!files.exists(directory)) return false;
  const auto names = files.list(directory);
  return !names || std::any_of(names->begin(), names->end(), [](const std::string& name) { return is_named(name, kSuffix); });
}

std::string beginning_is_missing(const std::string& directory, std::uint64_t first_base) {
  return "the journal begins with " + segment_path(directory, first_base) + ", and what is needed of it begins with " +
         segment_path(directory, 0) + "; put the segments that were moved away back";
}

NewSegment::NewSegment(FileSystem& files, const std::string& directory, const SegmentHeader& header, ZerosSynced synced)
    : files_(&files),
      directory_(directory),
      header_(header),
      synced_(synced),
      path_(file_name(directory, header.base, kNewSuffix)) {}

IoResult<NewSegment> NewSegment::begin(FileSystem& files, const std::string& directory, const SegmentHeader& header,
                                       ZerosSynced synced) {
  NewSegment segment(files, directory, header, synced);
  if (auto begun = segment.begin_file(); !begun) {
    // The first error is what matters; if the removal fails too, the next start removes the file.
    static_cast<void>(segment.discard());
    return begun.error();
  }
  return segment;
}

IoResult<> NewSegment::begin_file() {
  auto file = files_->open(path_, OpenMode::kCreate);
  if (!file) return file.error();
  file_ = std::move(*file);
  return file_->allocate(header_.bytes);
}

// Zeros are written, not only reserved: a block that was never written costs its first fdatasync
// a change of the file's block map as well, and pages that a write has made are mapped far quicker than pages
// that are made one by one when they are touched.
IoResult<> NewSegment::fill_piece() {
  PORTCULLIS_CHECK(!is_filled(), "a segment is filled once");
  if (synced_ == ZerosSynced::kNo) find_memory();
  const bool first = filled_ == 0;
  const std::uint64_t size = std::min(piece_bytes(synced_), header_.bytes - filled_);
  if (auto written = write_piece(size); !written) return written.error();
  if (synced_ == ZerosSynced::kYes) {
    // Written out and not synced: a sync of blocks that are new commits the file system's own journal, and each such
    // commit stops those who sync records meanwhile.
    if (auto out = file_->write_out(filled_, size); !out) return out.error();
  }
  filled_ += size;
  // Where nothing else is synced the header is: whatever is lost behind it, a segment that is there can be read.
  return (synced_ == ZerosSynced::kYes ? is_filled() : first) ? file_->sync_data() : kDone;
}

// In one write, since what that makes the system keeps together: pieces stand at multiples of their size, as its folios do.
IoResult<> NewSegment::write_piece(std::uint64_t size) {
  // Never written to, so all of it is the system's one page of zeros.
  static std::array<std::byte, kHugePageBytes / 4> zeros;
  std::array<std::byte, kSegmentHeaderBytes> header;
  std::array<std::span<const std::byte>, 6> parts;
  const std::uint64_t until = filled_ + size;
  for (std::uint64_t written_to = filled_; written_to < until;) {
    std::size_t count = 0;
    std::uint64_t at = written_to;
    if (at < header.size()) {
      encode_segment_header(header_, header);
      parts[count++] = std::span(header).subspan(at);
      at = header.size();
    }
    for (; at < until; at += parts[count++].size()) {
      parts[count] = std::span(zeros).first(std::min<std::uint64_t>(zeros.size(), until - at));
    }
    auto written = file_->write_some(written_to, std::span(parts).first(count));
    if (!written) return written.error();
    if (*written == 0) return IoError{EIO, "a write to " + path_ + " wrote nothing"};
    written_to += *written;
  }
  return kDone;
}

IoResult<std::unique_ptr<File>> NewSegment::put_in_place() {
  PORTCULLIS_CHECK(is_filled(), "a segment is used when all of it is there");
  if (auto renamed = files_->rename(path_, segment_path(directory_, header_.base)); !renamed) return renamed.error();
  if (auto synced = files_->sync_directory(directory_); !synced) return synced.error();
  return std::move(file_);
}

IoResult<> NewSegment::discard() {
  file_.reset();
  return files_->remove(path_);
}

IoResult<> remove_left_over_segments(FileSystem& files, const std::string& directory) {
  const auto names = files.list(directory);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (!is_named(name, kNewSuffix)) continue;
    if (auto removed = files.remove(directory + "/" + name); !removed) return removed;
  }
  return kDone;
}

}  // namespace portcullis::persistence
