#include "persistence/recovery.h"

#include <pthread.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include "gateway/record.h"
#include "persistence/record_batches.h"

namespace portcullis::persistence {
namespace {

std::string place(const SegmentFile& segment, std::uint64_t offset_in_file) {
  return segment.path + " at offset " + std::to_string(offset_in_file);
}

constexpr std::size_t kPieceBytes = std::size_t{512} << 10;  // stays in the processor's cache

bool all_zero(std::span<const std::byte> bytes) {
  return bytes.empty() ||
         (bytes.front() == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

std::uint64_t non_zero_bytes(std::span<const std::byte> bytes) {
  const auto last = std::find_if(bytes.rbegin(), bytes.rend(), [](std::byte b) { return b != std::byte{0}; });
  return static_cast<std::uint64_t>(bytes.rend() - last);
}

// What a record says is brought near so many records ahead of its folding, and where that stands in it, twice as many: the
// reading thread's processor wrote it, and who folds a record has looked at the next one already. Message and answers are not
// looked at when a record is folded, so that the processor need not fetch them. Events up to that size: more are rare.
constexpr std::size_t kRecordsAhead = 4;
constexpr std::size_t kNearAtMost = 1024;
constexpr std::size_t kCacheLine = 64;

// Any bytes may stand there.
void bring_events_near(std::span<const std::byte> payload) {
  gateway::RecordHeader header;
  if (payload.size() < sizeof header) return;
  std::memcpy(&header, payload.data(), sizeof header);
  const std::size_t begin = std::min(gateway::events_at(header), payload.size());
  // The first answer's header is read, too.
  const std::size_t size =
      std::min({std::size_t{header.events_size} + sizeof(gateway::OutboundHeader), kNearAtMost, payload.size() - begin});
  for (std::size_t at = 0; at < size; at += kCacheLine) __builtin_prefetch(payload.data() + begin + at);
  if (size != 0) __builtin_prefetch(payload.data() + begin + size - 1);
}

// For one thread, its own where records are wanted: they go into `out` then.
class Scanner {
 public:
  Scanner(FileSystem& files, const std::vector<SegmentFile>& segments, const ScanOptions& options, RecordBatches* out)
      : files_(files), segments_(segments), options_(options), out_(out) {}

  Result<ScanReport> run() {
    if (segments_.empty()) return report_;
    report_.journal_id = segments_.front().header.journal_id;
    report_.segments = segments_.size();
    std::size_t at = 0;
    std::uint64_t offset = kSegmentHeaderBytes;
    if (auto begun = begin(at, offset); !begun) return begun.error();
    while (true) {
      auto followed = follow(at, offset);
      if (!followed) return followed.error();
      offset = *followed;
      auto continues = next_segment_continues(at);
      if (!continues) return continues.error();
      if (!*continues) break;
      ++at;
      offset = kSegmentHeaderBytes;
    }
    if (auto judged = judge_end(at, offset); !judged) return judged.error();
    report_.last_index = last_index_;
    report_.end_offset = segments_[at].header.base + offset;
    report_.tail_segment = at;
    return report_;
  }

 private:
  // Where to start, and which index comes before.
  Status begin(std::size_t& at, std::uint64_t& offset) {
    index_known_ = segments_.front().header.base == 0;
    const Position& from = options_.from;
    if (from.index == 0) return {};
    const auto holds = [&](const SegmentFile& s) {
      return from.offset >= s.header.base + kSegmentHeaderBytes && from.offset < s.header.base + s.header.bytes;
    };
    const auto found = std::find_if(segments_.begin(), segments_.end(), holds);
    if (found == segments_.end()) return missing_start();
    at = static_cast<std::size_t>(found - segments_.begin());
    offset = from.offset - found->header.base;
    last_index_ = from.index - 1;
    index_known_ = true;
    Piece piece(*this, segments_[at]);
    const auto frame = frame_at(piece, offset);
    if (!frame) return frame.error();
    if (!*frame || !is_record_at(**frame, from)) return missing_start();
    return {};
  }

  Status missing_start() const {
    return Error{"the journal has no valid record " + std::to_string(options_.from.index) + " at global offset " +
                 std::to_string(options_.from.offset) + ", from which it was to be read"};
  }

  // Whether a segment holds zeros only from `offset` on: nearly always, and then it does not take its size of memory.
  Result<bool> is_blank_from(std::size_t at, std::uint64_t offset) {
    auto file = files_.open(segments_[at].path, OpenMode::kRead);
    if (!file) return Error{file.error().what};
    bytes_.resize(kPieceBytes);
    const std::uint64_t end = segments_[at].header.bytes;
    while (offset < end) {
      auto read =
          read_up_to(**file, offset, std::span(bytes_).first(std::min<std::uint64_t>(kPieceBytes, end - offset)));
      if (!read) return Error{read.error().what};
      if (!all_zero(std::span(bytes_).first(*read))) return false;
      if (*read == 0) break;  // the file is shorter than it says
      offset += *read;
    }
    return true;
  }

  Status read_segment(std::size_t at) {
    // Into the same memory each time: fresh memory of this size costs more than the reading.
    auto file = files_.open(segments_[at].path, OpenMode::kRead);
    if (!file) return Error{file.error().what};
    bytes_.resize(segments_[at].header.bytes);
    auto read = read_up_to(**file, 0, bytes_);
    if (!read) return Error{read.error().what};
    bytes_.resize(*read);
    return {};
  }

  bool follows(const Frame& frame) const {
    if (!index_known_) return true;
    return frame.index == (frame.kind == FrameKind::kMark ? last_index_ : last_index_ + 1);
  }

  // A segment's bytes, read piece by piece into the batch. That goes on its way before its memory is used again.
  class Piece {
   public:
    Piece(Scanner& scanner, const SegmentFile& segment) : scanner_(scanner), segment_(segment) {}

    // Those from `offset` on, in the file: so many, or up to its end; more where they have been read.
    Result<std::span<const std::byte>> from(std::uint64_t offset, std::size_t wanted) {
      if (file_ == nullptr) {
        auto file = scanner_.files_.open(segment_.path, OpenMode::kRead);
        if (!file) return Error{file.error().what};
        file_ = std::move(*file);
      }
      std::vector<std::byte>& bytes = scanner_.batch_.bytes;
      const std::uint64_t end = std::max(segment_.header.bytes, offset);
      wanted = std::min<std::uint64_t>(wanted, end - offset);
      if (offset + wanted > begin_ + size_) {
        if (auto given = scanner_.hand_over(); !given) return given.error();
        bytes.resize(std::max(wanted, kPieceBytes));
        auto read =
            read_up_to(*file_, offset, std::span(bytes).first(std::min<std::uint64_t>(bytes.size(), end - offset)));
        if (!read) return Error{read.error().what};
        begin_ = offset;
        size_ = *read;
      }
      return std::span<const std::byte>(bytes).first(size_).subspan(offset - begin_);
    }

   private:
    Scanner& scanner_;
    const SegmentFile& segment_;
    std::unique_ptr<File> file_;
    std::uint64_t begin_ = 0;
    std::size_t size_ = 0;
  };

  Result<std::optional<Frame>> frame_at(Piece& piece, std::uint64_t offset) const {
    auto bytes = piece.from(offset, kFrameHeaderBytes);
    if (!bytes) return bytes.error();
    const std::uint64_t claimed = claimed_frame_bytes(*bytes);
    if (claimed > bytes->size()) {
      bytes = piece.from(offset, claimed);
      if (!bytes) return bytes.error();
    }
    return parse_frame(*bytes, report_.journal_id);
  }

  // Passes over the frames of a segment; returns where they end.
  Result<std::uint64_t> follow(std::size_t at, std::uint64_t offset) {
    const SegmentFile& segment = segments_[at];
    Piece piece(*this, segment);
    while (true) {
      const auto found = frame_at(piece, offset);
      if (!found) return found.error();
      if (!*found || !follows(**found)) break;
      const Frame& frame = **found;
      index_known_ = true;
      last_index_ = frame.index;
      report_.stopped_cleanly = frame.kind == FrameKind::kMark;
      const std::uint64_t begin = std::exchange(offset, offset + aligned_frame_bytes(frame.payload.size()));
      if (frame.kind != FrameKind::kRecord) continue;
      if (report_.first_index == 0) report_.first_index = frame.index;
      ++report_.records;
      report_.payload_bytes += frame.payload.size();
      if (out_ == nullptr || frame.index <= options_.from.index) continue;
      const Position position{frame.index, segment.header.base + begin, frame.checksum};
      batch_.records.push_back(JournalRecord{position, segment.header.content_version, frame.payload});
    }
    // Whoever uses the batch's memory next has no Piece that knows what stands in it.
    if (auto given = hand_over(); !given) return given.error();
    return offset;
  }

  Status hand_over() {
    if (out_ == nullptr || out_->hand_over(batch_)) return {};
    return Error{"the journal is not read further: what was read of it does not fold"};
  }

  // Whether the record after the last one is the first of the next segment. Then nothing is missing, whatever
  // stands in the unused rest of this one.
  Result<bool> next_segment_continues(std::size_t at) {
    if (at + 1 >= segments_.size()) return false;
    auto file = files_.open(segments_[at + 1].path, OpenMode::kRead);
    if (!file) return Error{file.error().what};
    std::vector<std::byte> head(kFrameHeaderBytes);
    auto read = read_up_to(**file, kSegmentHeaderBytes, head);
    if (!read) return Error{read.error().what};
    head.resize(*read);
    head.resize(std::max<std::uint64_t>(claimed_frame_bytes(head), kFrameHeaderBytes));
    read = read_up_to(**file, kSegmentHeaderBytes, head);
    if (!read) return Error{read.error().what};
    const auto frame = parse_frame(std::span(head).first(*read), report_.journal_id);
    return frame.has_value() && follows(*frame);
  }

  // The chain of frames breaks at `offset` of segment `at`: an end, or damage?
  Status judge_end(std::size_t at, std::uint64_t offset) {
    const SegmentFile& broken = segments_[at];
    const std::uint64_t missing = last_index_ + 1;
    std::size_t last_with_frames = at;
    std::size_t first_hole = at;  // the next segment where nothing stands behind the last record of this one
    std::optional<std::string> proof;
    for (std::size_t i = at; i < segments_.size(); ++i) {
      const std::uint64_t begin = i == at ? offset : kSegmentHeaderBytes;
      auto blank = is_blank_from(i, begin);
      if (!blank) return blank.error();
      if (*blank) {
        if (i == at && at + 1 < segments_.size()) first_hole = at + 1;
        continue;
      }
      if (auto loaded = read_segment(i); !loaded) return loaded;
      const std::uint64_t torn = begin < bytes_.size() ? non_zero_bytes(std::span(bytes_).subspan(begin)) : 0;
      report_.torn_bytes += torn;
      if (torn > 0 && report_.torn_at.empty()) report_.torn_at = place(broken, offset);
      const std::uint64_t end = begin + torn;
      for (std::uint64_t position = begin; position < end;) {
        const auto frame = plausible_frame(position, missing);
        if (!frame) {
          position += kFrameAlignment;
          continue;
        }
        last_with_frames = i;
        ++report_.torn_records;
        if (!proof && (frame->durable_before() >= missing || frame->index == missing)) {
          proof = "record " + std::to_string(frame->index) + " follows, valid, at " + place(segments_[i], position);
        }
        position += aligned_frame_bytes(frame->payload.size());
      }
    }
    if (!proof || (options_.power_lost && first_hole + kUnsyncedSegments > last_with_frames)) return {};
    return Error{"the journal is damaged: record " + std::to_string(missing) + " should stand in " +
                 place(broken, offset) + " and does not check, but " + *proof +
                 "; nothing was changed, restore this file from a copy"};
  }

  // A valid frame of a record that comes after those that were read. The index is looked at first: it spares
  // the checksum of nearly all bytes that are no frame.
  std::optional<Frame> plausible_frame(std::uint64_t position, std::uint64_t missing) const {
    const auto rest = std::span(bytes_).subspan(position);
    if (rest.size() < kFrameHeaderBytes) return std::nullopt;
    const auto index = load<std::uint64_t>(rest, 8);
    const std::uint64_t most = segments_.size() * (kMaxSegmentBytes / kFrameHeaderBytes);
    if (index_known_ && (index < missing || index - missing > most)) return std::nullopt;
    return parse_frame(rest, report_.journal_id);
  }

  FileSystem& files_;
  const std::vector<SegmentFile>& segments_;
  const ScanOptions& options_;
  RecordBatches* const out_;
  ScanReport report_;
  RecordBatch batch_;
  std::vector<std::byte> bytes_;
  bool index_known_ = false;
  std::uint64_t last_index_ = 0;
};

// The scan, on a thread of its own: reading and checking take a quarter of what folding does.
class ReadingThread {
 public:
  ReadingThread(FileSystem& files, const std::vector<SegmentFile>& segments, const ScanOptions& options)
      : thread_([this, &files, &segments, &options] {
          pthread_setname_np(pthread_self(), "recovery");
          try {
            report_ = Scanner(files, segments, options, &batches_).run();
          } catch (...) {
            thrown_ = std::current_exception();
          }
          batches_.end();
        }) {}
  ~ReadingThread() {
    batches_.stop();
    if (thread_.joinable()) thread_.join();
  }
  ReadingThread(const ReadingThread&) = delete;
  ReadingThread& operator=(const ReadingThread&) = delete;

  RecordBatches& batches() { return batches_; }
  // When there are no more batches.
  Result<ScanReport> report() {
    thread_.join();
    if (thrown_) std::rethrow_exception(thrown_);
    return *report_;
  }

 private:
  RecordBatches batches_;
  // The thread's until it is joined.
  std::optional<Result<ScanReport>> report_;
  std::exception_ptr thrown_;
  std::thread thread_;
};

std::string place_of(const Position& position, const std::vector<SegmentFile>& segments) {
  const auto behind = std::find_if(segments.rbegin(), segments.rend(), [&](const SegmentFile& segment) {
    return segment.header.base <= position.offset;
  });
  return place(*behind, position.offset - behind->header.base) + ": record " + std::to_string(position.index);
}

}  // namespace

bool is_record_at(const Frame& frame, const Position& position) {
  return frame.kind == FrameKind::kRecord && frame.index == position.index &&
         (position.checksum == 0 || position.checksum == frame.checksum);
}

Result<ScanReport> scan_journal(FileSystem& files, const std::vector<SegmentFile>& segments,
                                const ScanOptions& options) {
  if (!options.visit) return Scanner(files, segments, options, nullptr).run();
  ReadingThread reading(files, segments, options);
  RecordBatch batch;
  while (reading.batches().take(batch)) {
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
      if (i + 2 * kRecordsAhead < batch.records.size()) __builtin_prefetch(batch.records[i + 2 * kRecordsAhead].payload.data());
      if (i + kRecordsAhead < batch.records.size()) bring_events_near(batch.records[i + kRecordsAhead].payload);
      const bool has_next = i + 1 < batch.records.size();
      const Status visited =
          options.visit(batch.records[i], has_next ? batch.records[i + 1].payload : std::span<const std::byte>());
      if (!visited) return Error{place_of(batch.records[i].position, segments) + ": " + visited.error().what};
    }
  }
  return reading.report();
}

Result<ScanReport> verify_journal(FileSystem& files, const std::string& directory) {
  if (!files.exists(directory)) return Error{directory + ": no such directory; a journal was expected there"};
  auto segments = list_segments(files, directory);
  if (!segments) return segments.error();
  if (segments->empty()) return Error{directory + ": holds no segment of a journal (files named OFFSET.journal)"};
  ScanOptions options;
  options.visit = [](const JournalRecord& record, std::span<const std::byte>) {
    if (record.content_version != gateway::kContentVersion) return Status();  // another program's, who knows it
    const auto content = gateway::read_record(record.content_version, record.payload);
    return content ? Status() : Status(content.error());
  };
  return scan_journal(files, *segments, options);
}

}  // namespace portcullis::persistence
