#include <cerrno>
#include <random>

#include "base/check.h"
#include "persistence/journal_internal.h"

// Opening, recovery and closing.

namespace portcullis::persistence {
namespace {

Status check_options(const JournalOptions& options) {
  if (options.segment_bytes < kMinSegmentBytes || options.segment_bytes > kMaxSegmentBytes ||
      options.segment_bytes % kSegmentHeaderBytes != 0) {
    return Error{"journal segment size " + std::to_string(options.segment_bytes) +
                 ": expected a multiple of 4096 from 65536 to 1073741824"};
  }
  if (options.durability == JournalDurability::kDisk &&
      (options.ring_bytes > options.segment_bytes / 2 || options.ring_bytes < kMinSegmentBytes / 2 ||
       options.ring_bytes % kFrameAlignment != 0)) {
    return Error{"journal ring size " + std::to_string(options.ring_bytes) +
                 ": expected a multiple of 8 from 32768 to half of the segment size"};
  }
  return {};
}

std::uint64_t random_id() {
  std::random_device device;
  std::uint64_t id = 0;
  while (id == 0) id = (std::uint64_t{device()} << 32) | device();
  return id;
}

}  // namespace

Journal::Journal(FileSystem& files, std::string directory, JournalOptions options)
    : files_(files),
      directory_(std::move(directory)),
      options_(std::move(options)),
      disk_(options_.durability == JournalDurability::kDisk),
      pages_ahead_(options_.pages_ready_for),
      ahead_(files_, directory_, disk_ ? ZerosSynced::kYes : ZerosSynced::kNo, options_.ahead_bytes) {
  const std::uint64_t room = disk_ ? options_.ring_bytes : options_.segment_bytes;
  largest_payload_ = std::min<std::uint64_t>(kMaxPayloadBytes, room / 4);
}

Result<std::unique_ptr<Journal>> Journal::open(FileSystem& files, const std::string& directory,
                                               JournalOptions options) {
  if (auto checked = check_options(options); !checked) return checked.error();
  if (auto made = files.make_directory(directory); !made) return Error{made.error().what};
  std::unique_ptr<Journal> journal(new Journal(files, directory, std::move(options)));
  auto lock = files.lock(directory + "/lock");
  if (!lock) {
    if (lock.error().code != EWOULDBLOCK) return Error{lock.error().what};
    return Error{directory + ": another process has this journal open; stop it, or use another data_dir"};
  }
  journal->lock_ = std::move(*lock);
  if (auto recovered = journal->recover(); !recovered) return recovered.error();
  journal->start_threads();
  return journal;
}

Journal::~Journal() {
  stop_threads();
  delete next_.exchange(nullptr);
  delete rolled_.exchange(nullptr);
  delete retired_.exchange(nullptr);
}

Status Journal::recover() {
  if (auto removed = remove_left_over_segments(files_, directory_); !removed) return Error{removed.error().what};
  auto segments = list_segments(files_, directory_);
  if (!segments) return segments.error();
  const bool from_the_first = options_.scan.visit && options_.scan.from.index == 0;
  if (from_the_first && !segments->empty() && segments->front().header.base != 0) {
    return Error{"no snapshot stands for the beginning: " + beginning_is_missing(directory_, segments->front().header.base)};
  }
  auto scanned = scan_journal(files_, *segments, options_.scan);
  if (!scanned) return scanned.error();
  recovered_ = *scanned;
  if (auto cut = segments->empty() ? Status() : cut_tail(*segments); !cut) return cut;
  if (auto opened = open_tail(*segments); !opened) return opened;
  last_index_ = recovered_.last_index;
  committed_offset_ = synced_offset_ = written_ = opened_at_ = head_;
  committed_index_ = durable_index_ = last_index_;
  if (disk_) ring_.resize(options_.ring_bytes + aligned_frame_bytes(largest_payload_));
  frames_ = std::make_unique<FrameFile>(files_, directory_, recovered_.journal_id);
  make_reserve();
  return {};
}

// Removes what stands behind the end, in an order that leaves, wherever it is interrupted, a journal
// with the same end.
Status Journal::cut_tail(const std::vector<SegmentFile>& segments) {
  for (std::size_t i = segments.size(); i-- > recovered_.tail_segment + 1;) {
    if (auto removed = files_.remove(segments[i].path); !removed) return Error{removed.error().what};
  }
  if (auto synced = files_.sync_directory(directory_); !synced) return Error{synced.error().what};
  const std::size_t tail = recovered_.tail_segment;
  for (std::size_t i = tail + 1 >= kUnsyncedSegments ? tail + 1 - kUnsyncedSegments : 0; i <= tail; ++i) {
    auto file = files_.open(segments[i].path, OpenMode::kReadWrite);
    if (!file) return Error{file.error().what};
    if (i == tail && recovered_.torn_bytes > 0) {
      const SegmentHeader& header = segments[i].header;
      const std::uint64_t end = recovered_.end_offset - header.base;
      // Zeros are written over it rather than the file cut and grown again, which a crash could leave short.
      const std::vector<std::byte> zeros(header.bytes - end);
      if (auto written = write_all(**file, end, zeros); !written) return Error{written.error().what};
    }
    if (auto synced = (*file)->sync_data(); !synced) return Error{synced.error().what};
  }
  return {};
}

// Opens the segment that holds the end, or makes one where there is none or where the tail's records are of another
// content version.
Status Journal::open_tail(const std::vector<SegmentFile>& segments) {
  std::unique_ptr<Segment> tail;
  if (!segments.empty()) {
    const SegmentHeader& header = segments[recovered_.tail_segment].header;
    prepared_base_ = header.base + header.bytes;
    prepared_number_ = header.number + 1;
    if (header.content_version == options_.content_version) {
      tail = std::make_unique<Segment>();
      auto file = files_.open(segments[recovered_.tail_segment].path, OpenMode::kReadWrite);
      if (!file) return Error{file.error().what};
      tail->file = std::move(*file);
      tail->base = header.base;
      tail->bytes = header.bytes;
      head_ = recovered_.end_offset;
      if (!disk_) {
        auto mapping = tail->file->map(tail->bytes, [] {});
        if (!mapping) return Error{mapping.error().what};
        tail->mapping = std::move(*mapping);
      }
    }
  } else {
    recovered_.journal_id = options_.journal_id != 0 ? options_.journal_id : random_id();
  }
  if (tail == nullptr) {
    auto made = new_segment([] {});  // Nobody trades yet.
    if (!made) return Error{made.error().what};
    tail = std::move(*made);
    head_ = tail->base + kSegmentHeaderBytes;
  }
  segment_base_ = tail->base;
  segment_end_ = tail->base + tail->bytes;
  (disk_ ? syncing_ : mapped_) = std::move(tail);
  if (mapped_ != nullptr) pages_ahead_.add(mapped_->base, *mapped_->mapping);
  return {};
}

Status Journal::close() {
  PORTCULLIS_CHECK(begun_payload_ == 0, "close between begin and commit");
  // The mark must not need a new segment, nor be the reason to wait: where it does not fit it is left out, and
  // the last record is then as well protected as after a kill.
  const bool mark_fits = head_ + kFrameHeaderBytes <= segment_end_;
  stop_threads();
  ahead_.discard();
  if (disk_) {
    while (sync_step()) {
    }
  }
  if (failed()) return Error{"the journal failed before it was closed"};
  if (mark_fits) seal(FrameKind::kMark, 0);
  if (disk_) {
    while (sync_step()) {
    }
  } else {
    if (std::unique_ptr<Segment> retired{retired_.exchange(nullptr)}) {
      if (!sync_or_fail(*retired)) return Error{"a segment could not be synced"};
    }
    if (!sync_or_fail(*mapped_)) return Error{"the last segment could not be synced"};
  }
  if (failed()) return Error{"the journal could not be synced when it was closed"};
  lock_.reset();
  return {};
}

}  // namespace portcullis::persistence
