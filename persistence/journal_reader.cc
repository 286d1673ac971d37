#include "persistence/journal_reader.h"

#include <algorithm>
#include <array>

namespace portcullis::persistence {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;
// Own records are read in pieces that stay in the processor's own cache, and no larger than what is there to be read: so
// much for each record.
constexpr std::size_t kOwnBufferBytes = std::size_t{64} << 10;
constexpr std::size_t kLeastOwnBytes = std::size_t{4} << 10;
constexpr std::size_t kOwnRecordBytes = std::size_t{2} << 10;

}  // namespace

Status FrameFile::open_segment_of(std::uint64_t offset) {
  auto segments = list_segments(files_, directory_);
  if (!segments) return segments.error();
  for (const SegmentFile& segment : *segments) {
    if (offset < segment.header.base || offset >= segment.header.base + segment.header.bytes) continue;
    auto file = files_.open(segment.path, OpenMode::kRead);
    if (!file) return Error{file.error().what};
    file_ = std::move(*file);
    base_ = segment.header.base;
    end_ = base_ + segment.header.bytes;
    if (journal_id_ == 0) journal_id_ = segment.header.journal_id;
    return {};
  }
  return Error{directory_ + ": no segment holds global offset " + std::to_string(offset)};
}

Result<Frame> FrameFile::read(std::uint64_t offset, std::vector<std::byte>& scratch) {
  if (file_ == nullptr || offset < base_ || offset >= end_) {
    if (auto opened = open_segment_of(offset); !opened) return opened.error();
  }
  scratch.resize(std::min<std::uint64_t>(kFrameHeaderBytes, end_ - offset));
  auto read = read_up_to(*file_, offset - base_, scratch);
  if (!read) return Error{read.error().what};
  const std::uint64_t claimed = std::min(claimed_frame_bytes(std::span(scratch).first(*read)), end_ - offset);
  scratch.resize(std::max<std::uint64_t>(claimed, *read));
  read = read_up_to(*file_, offset - base_, scratch);
  if (!read) return Error{read.error().what};
  const auto frame = parse_frame(std::span(scratch).first(*read), journal_id_);
  if (!frame) {
    return Error{segment_path(directory_, base_) + " at offset " + std::to_string(offset - base_) +
                 ": no valid frame, where one was expected"};
  }
  return *frame;
}

Result<JournalReader> JournalReader::open(FileSystem& files, const std::string& directory) {
  auto segments = list_segments(files, directory);
  if (!segments) return segments.error();
  if (segments->empty()) return Error{directory + ": holds no segment of a journal (files named OFFSET.journal)"};
  JournalReader reader(files, directory);
  reader.journal_id_ = segments->front().header.journal_id;
  reader.first_base_ = segments->front().header.base;
  if (auto begun = reader.seek_behind(Position{}); !begun) return begun.error();
  return reader;
}

Result<JournalReader> JournalReader::open_whole(FileSystem& files, const std::string& directory) {
  auto reader = open(files, directory);
  if (!reader || reader->first_base_ == 0) return reader;
  return Error{beginning_is_missing(directory, reader->first_base_)};
}

Status JournalReader::seek_behind(const Position& position) {
  if (position.index == 0) {
    auto opened = open_segment(first_base_);
    if (!opened) return opened.error();
    if (!*opened) return Error{segment_path(directory_, first_base_) + ": is gone"};
    last_index_ = 0;
    last_ = Position{};
    index_known_ = first_base_ == 0;
    return {};
  }
  FrameFile frames(*files_, directory_, journal_id_);
  std::vector<std::byte> scratch;
  auto frame = frames.read(position.offset, scratch);
  if (!frame) return frame.error();
  if (!is_record_at(*frame, position)) {
    return Error{directory_ + ": global offset " + std::to_string(position.offset) + " holds record " +
                 std::to_string(frame->index) + "; record " + std::to_string(position.index) +
                 " was expected there, with another content"};
  }
  auto segments = list_segments(*files_, directory_);
  if (!segments) return segments.error();
  for (const SegmentFile& segment : *segments) {
    if (segment.header.base > position.offset) break;
    if (position.offset >= segment.header.base + segment.header.bytes) continue;
    auto opened = open_segment(segment.header.base);
    if (!opened) return opened.error();
  }
  offset_ = position.offset + aligned_frame_bytes(frame->payload.size());
  last_index_ = position.index;
  last_ = position;
  index_known_ = true;
  return {};
}

Status JournalReader::seek_behind(std::uint64_t index) {
  if (index == 0) return seek_behind(Position{});
  auto segments = list_segments(*files_, directory_);
  if (!segments) return segments.error();
  // The last segment whose first record is not behind the one that is looked for.
  FrameFile frames(*files_, directory_, journal_id_);
  std::vector<std::byte> scratch;
  std::uint64_t base = first_base_;
  for (const SegmentFile& segment : *segments) {
    auto first = frames.read(segment.header.base + kSegmentHeaderBytes, scratch);
    if (!first || first->index > index) break;  // A segment made ready and not used has no frame.
    base = segment.header.base;
  }
  auto opened = open_segment(base);
  if (!opened) return opened.error();
  index_known_ = false;
  last_index_ = 0;
  last_ = Position{};
  while (last_index_ < index) {
    auto record = next();
    if (!record) return record.error();
    if (!*record) break;
  }
  if (last_index_ != index) {
    return Error{directory_ + ": has no record " + std::to_string(index) + "; the last one found is " +
                 std::to_string(last_index_)};
  }
  return {};
}

Result<std::optional<JournalRecord>> JournalReader::next(std::uint64_t limit) {
  while (true) {
    if (index_known_ && last_index_ >= limit) return std::optional<JournalRecord>();
    auto frame = is_own(limit) ? own_frame_here(limit) : frame_here();
    if (!frame) return frame.error();
    if (!*frame) {
      auto entered = enter_next_segment();
      if (!entered) return entered.error();
      if (*entered) continue;
      if (limit == kNoLimit) {
        if (auto ended = check_end(); !ended) return ended.error();
        return std::optional<JournalRecord>();
      }
      return Error{segment_path(directory_, segment_.base) + " at offset " + std::to_string(offset_ - segment_.base) +
                   ": record " + std::to_string(last_index_ + 1) + " was expected and does not check"};
    }
    const std::uint64_t at = offset_;
    offset_ += aligned_frame_bytes((*frame)->payload.size());
    if ((*frame)->kind == FrameKind::kMark) continue;
    last_index_ = (*frame)->index;
    last_ = Position{last_index_, at, (*frame)->checksum};
    index_known_ = true;
    return std::optional(JournalRecord{last_, segment_.content_version, (*frame)->payload});
  }
}

std::string JournalReader::place_of(const JournalRecord& record) const {
  return segment_path(directory_, segment_.base) + " at offset " + std::to_string(record.position.offset - segment_.base) +
         ": record " + std::to_string(record.position.index);
}

// Whether the next record was written by this process and is durable, so that all of it stands in the file's pages.
bool JournalReader::is_own(std::uint64_t limit) const {
  return limit != kNoLimit && index_known_ && last_index_ >= own_behind_;
}

// They are read and not mapped: a page that is looked at once costs more to be mapped than to be copied, above all where a
// virtual machine's own tables of pages follow the system's.
Result<std::optional<Frame>> JournalReader::own_frame_here(std::uint64_t limit) {
  if (last_index_ < buffer_limit_) {
    if (const auto frame = buffered_own_frame()) return frame;
  }
  const std::uint64_t records = std::min<std::uint64_t>(limit - last_index_, kOwnBufferBytes / kOwnRecordBytes);
  buffer_size_ = 0;
  auto filled = fill(kFrameHeaderBytes, std::max(kLeastOwnBytes, records * kOwnRecordBytes));
  if (!filled) return filled.error();
  const std::uint64_t claimed = *filled ? claimed_frame_bytes(buffered_from(offset_)) : 0;
  if (claimed == 0) return std::optional<Frame>();
  filled = fill(claimed, claimed);
  if (!filled) return filled.error();
  buffer_limit_ = limit;
  return buffered_own_frame();
}

std::optional<Frame> JournalReader::buffered_own_frame() const {
  const auto frame = own_frame(buffered_from(offset_));
  const bool follows = frame && frame->index == (frame->kind == FrameKind::kMark ? last_index_ : last_index_ + 1);
  return follows ? frame : std::nullopt;
}

std::span<const std::byte> JournalReader::buffered_from(std::uint64_t offset) const {
  if (offset < buffer_offset_ || offset > buffer_offset_ + buffer_size_) return {};
  return std::span(buffer_).first(buffer_size_).subspan(offset - buffer_offset_);
}

std::span<const std::byte> JournalReader::following(std::uint64_t behind) const {
  if (last_index_ + behind > buffer_limit_) return {};
  std::span<const std::byte> rest = buffered_from(offset_);
  for (std::uint64_t index = last_index_ + 1;; ++index) {
    const auto frame = own_frame(rest);
    if (!frame || frame->kind == FrameKind::kMark || frame->index != index) return {};
    if (index == last_index_ + behind) return frame->payload;
    rest = rest.subspan(aligned_frame_bytes(frame->payload.size()));
  }
}

// The frame at offset_ if it is valid and follows the last one.
Result<std::optional<Frame>> JournalReader::frame_here() {
  // The first look may be at bytes that were read before the writer came here; the second is not.
  for (const bool fresh : {false, true}) {
    if (fresh) buffer_size_ = 0;
    auto filled = fill(kFrameHeaderBytes, kBufferBytes);
    if (!filled) return filled.error();
    if (!*filled) continue;
    const std::uint64_t claimed = claimed_frame_bytes(buffered_from(offset_));
    if (claimed == 0) continue;
    filled = fill(claimed, kBufferBytes);
    if (!filled) return filled.error();
    const auto frame = parse_frame(buffered_from(offset_), journal_id_);
    if (!frame) continue;
    const std::uint64_t expected = frame->kind == FrameKind::kMark ? last_index_ : last_index_ + 1;
    if (!index_known_ || frame->index == expected) return std::optional(*frame);
  }
  return std::optional<Frame>();
}

// Whether `wanted` bytes from offset_ on stand in the buffer, after reading more of the segment if need be: `at_most` bytes
// where that is more.
Result<bool> JournalReader::fill(std::size_t wanted, std::size_t at_most) {
  const std::uint64_t end = segment_.base + segment_.bytes;
  if (offset_ + wanted > end) return false;
  if (buffer_size_ > 0 && offset_ >= buffer_offset_ && offset_ + wanted <= buffer_offset_ + buffer_size_) return true;
  const std::size_t size = std::min<std::uint64_t>(std::max(wanted, at_most), end - offset_);
  if (buffer_.size() < size) buffer_.resize(size);
  buffer_offset_ = offset_;
  buffer_size_ = 0;
  buffer_limit_ = 0;
  auto read = read_up_to(*file_, offset_ - segment_.base, std::span(buffer_).first(size));
  if (!read) return Error{read.error().what};
  buffer_size_ = *read;
  return buffer_size_ >= wanted;
}

bool JournalReader::is_there_now() {
  const auto frame = frame_here();
  return frame && *frame;
}

// Whether the records end where the next one was not found. Beside a running writer it may have come since: then they go on.
Status JournalReader::check_end() {
  auto segments = list_segments(*files_, directory_);
  if (!segments) return segments.error();
  ScanOptions options;
  options.from = last_;
  const auto scanned = scan_journal(*files_, *segments, options);
  if (scanned || is_there_now()) return {};
  return scanned.error();
}

// False when there is no such segment.
Result<bool> JournalReader::open_segment(std::uint64_t base) {
  const std::string path = segment_path(directory_, base);
  if (!files_->exists(path)) return false;
  auto file = files_->open(path, OpenMode::kRead);
  if (!file) return Error{file.error().what};
  std::array<std::byte, kSegmentHeaderBytes> bytes;
  auto read = read_up_to(**file, 0, bytes);
  if (!read) return Error{read.error().what};
  const auto header = decode_segment_header(std::span(bytes).first(*read));
  if (!header || header->base != base || header->journal_id != journal_id_) {
    return Error{path + ": the segment header is damaged, or another journal's"};
  }
  file_ = std::move(*file);
  segment_ = *header;
  offset_ = base + kSegmentHeaderBytes;
  buffer_size_ = 0;
  buffer_limit_ = 0;
  return true;
}

// Whether the next segment begins with the next record; then the reader stands there.
Result<bool> JournalReader::enter_next_segment() {
  const SegmentHeader left = segment_;
  const std::uint64_t left_offset = offset_;
  auto opened = open_segment(left.base + left.bytes);
  if (!opened) return opened.error();
  if (!*opened) return false;
  auto frame = frame_here();
  if (!frame) return frame.error();
  if (*frame) return true;
  auto back = open_segment(left.base);
  if (!back) return back.error();
  offset_ = left_offset;
  return false;
}

}  // namespace portcullis::persistence
